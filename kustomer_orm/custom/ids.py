"""Custom ids of other records: one, or a list."""

from __future__ import annotations

from typing import Any, Literal, Self, TypeVar, cast, overload

from kustomer_orm.attributes.base import R, W
from kustomer_orm.attributes.relations import Linkable, ToMany, ToOne
from kustomer_orm.custom.place import InCustom, options_of
from kustomer_orm.errors import Resolver

T = TypeVar("T")


class Id(InCustom, ToOne[R, W]):
    """Another record, or with `many=True` a list of them, written as ids.

    Args:
        type_name: the API's type string, such as "kobject.order", or a record class.
        key: the key on the wire, where it does not follow from the Python name.
        many: whether the attribute's metadata says `multi`, so that its value is a list.

    >>> from kustomer_orm import Conversation, custom
    >>> class ShopConversation(Conversation):
    ...     buyer = custom.Id("customer")
    >>> ShopConversation(buyer="58210c3db0f09110006b7953").buyer.id
    '58210c3db0f09110006b7953'
    """

    suffix = "Id"

    def __new__(
        cls,
        type_name: Any,
        key: str | None = None,
        *,
        many: bool = False,
        sensitive: bool = False,
        resolve: Resolver | None = None,
    ) -> Self:
        """Make the attribute of one id, or with `many` of a list."""
        # A list is another kind; checkers know it by the overloads of `__init__`.
        return (
            cast("Self", Ids(type_name, key, resolve, sensitive=sensitive))
            if many
            else super().__new__(cls)
        )

    @overload
    def __init__(
        self: Id[Any | None, Linkable | str | None],
        type_name: str,
        key: str | None = None,
        *,
        many: Literal[False] = False,
        sensitive: bool = False,
        resolve: Resolver | None = None,
    ) -> None: ...

    @overload
    def __init__(
        self: Id[T | None, T | str | None],
        type_name: type[T],
        key: str | None = None,
        *,
        many: Literal[False] = False,
        sensitive: bool = False,
        resolve: Resolver | None = None,
    ) -> None: ...

    @overload
    def __init__(
        self: Id[list[Any], list[Any] | tuple[Any, ...]],
        type_name: str,
        key: str | None = None,
        *,
        many: Literal[True],
        sensitive: bool = False,
        resolve: Resolver | None = None,
    ) -> None: ...

    @overload
    def __init__(
        self: Id[list[T], list[T] | list[str] | list[T | str] | tuple[T | str, ...]],
        type_name: type[T],
        key: str | None = None,
        *,
        many: Literal[True],
        sensitive: bool = False,
        resolve: Resolver | None = None,
    ) -> None: ...

    def __init__(
        self,
        type_name: str | type,
        key: str | None = None,
        *,
        many: bool = False,
        sensitive: bool = False,
        resolve: Resolver | None = None,
    ) -> None:
        one: Any = super()  # of many, `__new__` has made another kind
        one.__init__(type_name, **options_of(type(self), key, resolve, sensitive=sensitive))


class Ids(InCustom, ToMany):
    """A custom list of ids: what `Id(type, many=True)` gives."""

    suffix = "Id"

    def __init__(
        self,
        type_name: str | type,
        key: str | None = None,
        resolve: Resolver | None = None,
        *,
        sensitive: bool = False,
    ) -> None:
        super().__init__(type_name, **options_of(type(self), key, resolve, sensitive=sensitive))
