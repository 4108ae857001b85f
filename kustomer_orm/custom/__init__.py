"""Custom attributes: one class for each suffix that Kustomer types them by.

>>> from kustomer_orm import Conversation, custom
>>> class SupportConversation(Conversation):
...     order_number = custom.Str()                   # custom.orderNumberStr
...     refund       = custom.Num("refundAmountNum")  # the key as it is on the wire
...     due          = custom.At()                    # custom.dueAt
...     is_vip       = custom.Bool("vipBool")

The key follows from the Python name, or is given; one whose ending contradicts the class is
refused when the class is made. All are nullable, and `None` clears. `resolve` decides when others
changed the same key: "mine", "theirs" or a function of the three values. Suffixes, types and limits
are those of the published contract and of developer.kustomer.com/docs/concepts/custom-attributes.
"""

from kustomer_orm.custom.ids import Id
from kustomer_orm.custom.place import SUFFIXES
from kustomer_orm.custom.scalars import At, Bool, Num
from kustomer_orm.custom.texts import Str, Strs, Tree, Txt, Url
from kustomer_orm.custom.undeclared import undeclared

__all__ = [
    "SUFFIXES",
    "At",
    "Bool",
    "Id",
    "Num",
    "Str",
    "Strs",
    "Tree",
    "Txt",
    "Url",
    "undeclared",
]
