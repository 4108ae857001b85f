"""The record classes of the desk."""

from kustomer_orm import Conversation, custom


class DeskConversation(Conversation):
    refund = custom.Num("refundAmountNum")
