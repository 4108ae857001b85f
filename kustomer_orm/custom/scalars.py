"""Custom numbers, truth and instants."""

from __future__ import annotations

from kustomer_orm.attributes.scalars import Boolean, DateTime, Number
from kustomer_orm.custom.place import InCustom, options_of
from kustomer_orm.errors import Resolver


class Num(InCustom, Number):
    """A number: `int`, `float`, or a `Decimal` that survives the trip. No NaN, no bool.

    >>> from decimal import Decimal
    >>> from kustomer_orm import Conversation, custom
    >>> class ShopConversation(Conversation):
    ...     refund = custom.Num("refundAmountNum")
    >>> ShopConversation(refund=Decimal("12.50")).changes["refund"].new
    Decimal('12.50')
    """

    suffix = "Num"

    def __init__(
        self,
        key: str | None = None,
        *,
        sensitive: bool = False,
        resolve: Resolver | None = None,
    ) -> None:
        super().__init__(**options_of(type(self), key, resolve, sensitive=sensitive))


class At(InCustom, DateTime):
    """An instant: an aware `datetime`; a naive one is refused.

    >>> from kustomer_orm import Conversation, custom
    >>> class ShopConversation(Conversation):
    ...     due = custom.At()
    >>> ShopConversation.due.key
    'dueAt'
    """

    suffix = "At"

    def __init__(
        self,
        key: str | None = None,
        *,
        sensitive: bool = False,
        resolve: Resolver | None = None,
    ) -> None:
        super().__init__(**options_of(type(self), key, resolve, sensitive=sensitive))


class Bool(InCustom, Boolean):
    """True or False.

    >>> from kustomer_orm import Conversation, custom
    >>> class ShopConversation(Conversation):
    ...     is_vip = custom.Bool("vipBool")
    >>> ShopConversation(is_vip=True).is_vip
    True
    """

    suffix = "Bool"

    def __init__(
        self,
        key: str | None = None,
        *,
        sensitive: bool = False,
        resolve: Resolver | None = None,
    ) -> None:
        super().__init__(**options_of(type(self), key, resolve, sensitive=sensitive))
