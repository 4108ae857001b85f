"""What the desk knows of Kustomer."""

from kustomer_orm import Conversation, custom


class Case(Conversation):
    """A conversation with the custom attributes of this organisation."""

    order_number = custom.Str()
    refund = custom.Num("refundAmountNum")
    due = custom.At()
    is_vip = custom.Bool("vipBool")
    carrier = custom.Str(choices=("DHL", "UPS", "Hermes"))
    note = custom.Txt()
