"""Organisations to write modules of: one with everything that is odd."""

from __future__ import annotations

from kustomer_orm.metadata import Property
from kustomer_orm.reflection import Model

LONG = "a very long word that nobody would ever choose from a list in a form, or would they"

ODD = (
    Property("sizeStr", "Size", choices=("S", "M", "L")),
    Property(
        "quotesStr", 'The "quotes"', choices=('5" pipe', "it's", "both \" and '", "back\\slash")
    ),
    Property("longStr", LONG * 2, choices=(LONG, f"{LONG}?")),
    Property("oneLongStr", "One", choices=(LONG * 2,)),
    Property("colorsStr", '"Starts with quotes', many=True, choices=("red", "blue")),
    Property("namesStr", "Ends with a backslash\\", many=True),
    Property(
        "reasonTree",
        "Reason for\ncontact",
        choices=("returns", "returns.damaged", "billing"),
        labels=("Returns", "Damaged \N{BALLOON}", "billing"),
    ),
    Property("manyTree", "Several nodes", many=True, choices=("a",), labels=("A",)),
    Property("orderNum", "Number"),
    Property("orderStr", "Text"),
    Property("nameStr", "A name that is taken"),
    Property("classStr", "A keyword"),
    Property("customTxt", "A name that hides another"),
    Property("getArgsStr", "Another one"),
    Property("printStr", "A built-in"),
    Property("@timerDurationMinutesNum", 'Triple """quotes"""'),
    Property("2ndAt", "Begins with a digit\t"),
    Property("über-maßBool", "Not ASCII, \x1b[31m and a bell"),
    Property("vipBool", "VIP?"),
    Property("siteUrl"),
    Property("ssnStr", "Social security", sensitive=True),
    Property("buyerId", "Buyer", target="customer"),
    Property("ordersId", "Orders", target="kobject.order", many=True, sensitive=True),
    Property("lostId", "No target"),
    Property("mystery", "No suffix"),
    Property("aKeyThatIsSoLongThatTheLineItStandsOnWouldBeFarTooLongForAnybodyToReadNum", "Long"),
)

MODELS = (
    Model("company", "", ()),
    Model("conversation", "", ODD),
    Model("customer", "", (Property("vipBool", "VIP"),)),
    Model(
        "kobject.call_back_request", 'Call back "request"', (Property("sizeStr", choices=("1",)),)
    ),
    Model("kobject.callBackRequest", "Another of that name", ()),
    Model("kobject.conversation", "A klass like a standard type", (Property("aStr", "A"),)),
    Model("kobject.2nd", "", ()),
)
