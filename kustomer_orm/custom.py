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

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any, ClassVar, Literal, Self, TypeVar, cast, overload

from kustomer_orm._names import camel
from kustomer_orm._sentinels import MISSING
from kustomer_orm._types import JSON, JSONObject, ReadOnlyJSONObject
from kustomer_orm.attributes.base import Attribute, R, W, describe
from kustomer_orm.attributes.fields import FreeJSON, StrictChoice
from kustomer_orm.attributes.relations import Linkable, ToMany, ToOne
from kustomer_orm.attributes.scalars import Boolean, DateTime, Number, String
from kustomer_orm.attributes.scalars import Url as StandardUrl
from kustomer_orm.changes import Entry, copy_json, is_masked, same_json
from kustomer_orm.errors import DeclarationError, InvalidValueError, Resolver

__all__ = ["SUFFIXES", "At", "Bool", "Id", "Num", "Str", "Tree", "Txt", "Url", "undeclared"]

T = TypeVar("T")

SUFFIXES = ("Str", "Txt", "Num", "At", "Bool", "Url", "Id", "Tree")

# The published limit of Str and Txt; of Txt it is doubtful, so `Txt(max_length=…)` overrides it.
MAX_LENGTH = 1024


def suffix_of(key: str) -> str | None:
    """Give the suffix that types a custom key, or None.

    >>> suffix_of("refundAmountNum")
    'Num'
    """
    return next((suffix for suffix in SUFFIXES if key.endswith(suffix) and key != suffix), None)


class _InCustom:
    """The place of a custom attribute: one key of the `custom` object, by itself."""

    suffix: ClassVar[str]
    key: str

    def infer_key(self, name: str) -> str:
        """Give the key of a Python name: camelCase with the suffix, which is not doubled."""
        key = camel(name)
        return key if suffix_of(key) == self.suffix else key + self.suffix

    def make_address(self) -> str:
        """Give the place in the working set."""
        return f"custom.{self.key}"

    def make_path(self) -> tuple[str, ...]:
        """Give the place in a request body."""
        return ("custom", self.key)

    def read(self, attributes: ReadOnlyJSONObject, relationships: ReadOnlyJSONObject) -> JSON:
        """Give the wire value, or MISSING; `custom` may be an object, null or absent."""
        held = attributes.get("custom")
        if type(held) is not dict:
            return MISSING
        hidden = "isMasked" in held and is_masked(held)  # a call less on every read
        return held if hidden else held.get(self.key, MISSING)

    def put(self, attributes: JSONObject, relationships: JSONObject, wire: JSON) -> None:
        """Set the wire value in a document of our own; MISSING takes the key away."""
        held = attributes.get("custom")
        shown = isinstance(held, dict) and not is_masked(held)
        custom: JSONObject = {**(held or {}), self.key: wire} if shown else {self.key: wire}
        if wire is MISSING:
            del custom[self.key]
        attributes["custom"] = custom


def _options(
    cls: type[_InCustom], key: str | None, resolve: Resolver | None = None
) -> dict[str, Any]:
    if key is not None and suffix_of(key) != cls.suffix:
        message = (
            f"custom.{cls.__name__}({key!r}): the key of this class ends in {cls.suffix!r}, "
            f"such as {_without_suffix(key) + cls.suffix!r}"
        )
        raise DeclarationError(message)
    return {"key": key, "nullable": True, "null_on_create": True, "resolve": resolve}


def _without_suffix(key: str) -> str:
    suffix = suffix_of(key)
    return key.removesuffix(suffix) if suffix else key


class Str(_InCustom, String):
    """One line of text, or one of `choices`.

    >>> from kustomer_orm import Conversation, custom
    >>> class ShopConversation(Conversation):
    ...     order_number = custom.Str()
    ...     size = custom.Str(choices=("S", "M", "L"))
    >>> ShopConversation.order_number.key
    'orderNumberStr'
    """

    suffix = "Str"

    def __init__(
        self,
        key: str | None = None,
        *,
        max_length: int = MAX_LENGTH,
        choices: Iterable[str] | None = None,
        resolve: Resolver | None = None,
    ) -> None:
        super().__init__(max_length=max_length, **_options(type(self), key, resolve))
        if choices is not None:
            self.field = StrictChoice(choices, max_length=max_length, allow_none=True)


class Txt(_InCustom, String):
    """Text of several lines. The published limit of 1024 is doubtful: `max_length` overrides it.

    >>> from kustomer_orm import Conversation, custom
    >>> class ShopConversation(Conversation):
    ...     note = custom.Txt(max_length=20_000)
    >>> ShopConversation.note.key
    'noteTxt'
    """

    suffix = "Txt"

    def __init__(
        self,
        key: str | None = None,
        *,
        max_length: int = MAX_LENGTH,
        resolve: Resolver | None = None,
    ) -> None:
        super().__init__(max_length=max_length, **_options(type(self), key, resolve))


class Num(_InCustom, Number):
    """A number: `int`, `float`, or a `Decimal` that survives the trip. No NaN, no bool.

    >>> from decimal import Decimal
    >>> from kustomer_orm import Conversation, custom
    >>> class ShopConversation(Conversation):
    ...     refund = custom.Num("refundAmountNum")
    >>> ShopConversation(refund=Decimal("12.50")).changes["refund"].new
    Decimal('12.50')
    """

    suffix = "Num"

    def __init__(self, key: str | None = None, *, resolve: Resolver | None = None) -> None:
        super().__init__(**_options(type(self), key, resolve))


class At(_InCustom, DateTime):
    """An instant: an aware `datetime`; a naive one is refused.

    >>> from kustomer_orm import Conversation, custom
    >>> class ShopConversation(Conversation):
    ...     due = custom.At()
    >>> ShopConversation.due.key
    'dueAt'
    """

    suffix = "At"

    def __init__(self, key: str | None = None, *, resolve: Resolver | None = None) -> None:
        super().__init__(**_options(type(self), key, resolve))


class Bool(_InCustom, Boolean):
    """True or False.

    >>> from kustomer_orm import Conversation, custom
    >>> class ShopConversation(Conversation):
    ...     is_vip = custom.Bool("vipBool")
    >>> ShopConversation(is_vip=True).is_vip
    True
    """

    suffix = "Bool"

    def __init__(self, key: str | None = None, *, resolve: Resolver | None = None) -> None:
        super().__init__(**_options(type(self), key, resolve))


class Url(_InCustom, StandardUrl):
    """An absolute URL, as text.

    >>> from kustomer_orm import Conversation, custom
    >>> class ShopConversation(Conversation):
    ...     site = custom.Url()
    >>> ShopConversation.site.key
    'siteUrl'
    """

    suffix = "Url"

    def __init__(self, key: str | None = None, *, resolve: Resolver | None = None) -> None:
        super().__init__(**_options(type(self), key, resolve))


class Tree(_InCustom, String):
    """The path of a node in a tree of choices: lower-case ids joined by dots.

    >>> from kustomer_orm import Conversation, custom
    >>> class ShopConversation(Conversation):
    ...     reason = custom.Tree()
    >>> ShopConversation(reason="returns.damaged").reason
    'returns.damaged'
    """

    suffix = "Tree"

    def __init__(self, key: str | None = None, *, resolve: Resolver | None = None) -> None:
        super().__init__(max_length=MAX_LENGTH, **_options(type(self), key, resolve))


class Id(_InCustom, ToOne[R, W]):
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
        resolve: Resolver | None = None,
    ) -> Self:
        """Make the attribute of one id, or with `many` of a list."""
        # A list is another kind; checkers know it by the overloads of `__init__`.
        return cast("Self", Ids(type_name, key, resolve)) if many else super().__new__(cls)

    @overload
    def __init__(
        self: Id[Any | None, Linkable | str | None],
        type_name: str,
        key: str | None = None,
        *,
        many: Literal[False] = False,
        resolve: Resolver | None = None,
    ) -> None: ...

    @overload
    def __init__(
        self: Id[T | None, T | str | None],
        type_name: type[T],
        key: str | None = None,
        *,
        many: Literal[False] = False,
        resolve: Resolver | None = None,
    ) -> None: ...

    @overload
    def __init__(
        self: Id[list[Any], list[Any] | tuple[Any, ...]],
        type_name: str,
        key: str | None = None,
        *,
        many: Literal[True],
        resolve: Resolver | None = None,
    ) -> None: ...

    @overload
    def __init__(
        self: Id[list[T], list[T] | list[str] | list[T | str] | tuple[T | str, ...]],
        type_name: type[T],
        key: str | None = None,
        *,
        many: Literal[True],
        resolve: Resolver | None = None,
    ) -> None: ...

    def __init__(
        self,
        type_name: str | type,
        key: str | None = None,
        *,
        many: bool = False,
        resolve: Resolver | None = None,
    ) -> None:
        one: Any = super()  # of many, `__new__` has made another kind
        one.__init__(type_name, **_options(type(self), key, resolve))


class Ids(_InCustom, ToMany):
    """A custom list of ids: what `Id(type, many=True)` gives."""

    suffix = "Id"

    def __init__(
        self, type_name: str | type, key: str | None = None, resolve: Resolver | None = None
    ) -> None:
        super().__init__(type_name, **_options(type(self), key, resolve))


_BY_SUFFIX: dict[str, Callable[[], Attribute[Any, Any]]] = {
    "Str": Str,
    "Txt": Txt,
    "Num": Num,
    "At": At,
    "Bool": Bool,
    "Url": Url,
    "Tree": Tree,
    "Id": Str,  # the type of an undeclared id is not known, so it stays an id
}

_MAY_BE_LISTS = frozenset(("Str", "Txt", "Id", "Tree"))


class Undeclared(_InCustom, Attribute[Any, Any]):
    """A custom key that no class declares: typed by its suffix, raw JSON without one."""

    held = True

    def __init__(self, key: str) -> None:
        super().__init__(FreeJSON(), key=key, nullable=True, null_on_create=True)
        self.suffix_found = suffix_of(key)
        self.bind("custom", key)
        self.name = self.label = f"custom.{key}"
        self.kind: Attribute[Any, Any] | None = None
        if self.suffix_found is not None:
            self.kind = _BY_SUFFIX[self.suffix_found]()
            self.kind.bind("custom", key)
            self.kind.label = self.label

    def infer_key(self, name: str) -> str:
        """Give the key as it was asked for: it may be empty."""
        return name

    def present(self, owner: Any, wire: JSON) -> Any:
        """Give the value; a list or dict is kept, since the reader may edit it."""
        value = super().present(owner, wire)
        if isinstance(value, (list, dict)):
            owner._state.keep(Entry(self, value))
        return value

    def encode(self, value: Any, base: JSON = MISSING) -> JSON:
        """Give the wire value; a key without a known suffix cannot be written."""
        if value is None:
            return None
        if self.kind is None:
            expected = f"a key that ends in one of {', '.join(SUFFIXES)}"
            raise InvalidValueError.of(self.label, expected=expected, got=describe(value))
        if isinstance(value, list) and self.suffix_found in _MAY_BE_LISTS:
            return [self.kind.encode(item) for item in value]
        return self.kind.encode(value)

    def decode(self, wire: JSON, owner: Any) -> Any:
        """Give the value by its suffix; a list, or a key without a suffix, as raw JSON."""
        if self.kind is None and not is_masked(wire):
            return copy_json(wire)
        if isinstance(wire, list):  # a multi-choice attribute: one list whatever the suffix
            return copy_json(wire)
        if self.kind is None:
            return super().decode(wire, owner)
        return self.kind.decode(wire, owner)

    def same(self, first: JSON, second: JSON) -> bool:
        """Compare by the suffix's kind."""
        if self.kind is None or isinstance(first, list) or isinstance(second, list):
            return same_json(first, second)
        return self.kind.same(first, second)


@functools.lru_cache(maxsize=4096)
def undeclared(key: str) -> Undeclared:
    """Give the attribute of a custom key that no class declares; the same one for the same key."""
    return Undeclared(key)
