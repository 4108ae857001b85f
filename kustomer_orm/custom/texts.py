"""Custom text: one line, several lines, one or several of a list of words, a node, a URL."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Generic

from kustomer_orm._types import JSON
from kustomer_orm.attributes.base import Attribute
from kustomer_orm.attributes.containers import List
from kustomer_orm.attributes.fields import StrictChoice, StrictString
from kustomer_orm.attributes.scalars import String
from kustomer_orm.attributes.scalars import Url as StandardUrl
from kustomer_orm.custom.place import MAX_LENGTH, InCustom, options_of
from kustomer_orm.errors import Resolver

if TYPE_CHECKING:
    from typing_extensions import TypeVar  # which checkers know without its being installed

    L = TypeVar("L", bound=str, default=str)
else:
    from typing import TypeVar

    L = TypeVar("L", bound=str)  # a `Literal` of the choices, or any text


class _Words(InCustom, Attribute[L | None, L | None], Generic[L]):
    """Text that may be one of a list of words."""

    def __init__(
        self,
        key: str | None = None,
        *,
        max_length: int = MAX_LENGTH,
        choices: Iterable[L] | None = None,
        sensitive: bool = False,
        resolve: Resolver | None = None,
    ) -> None:
        options = options_of(type(self), key, resolve, sensitive=sensitive)
        super().__init__(_field(choices, max_length), **options)
        self.choices = getattr(self.field, "choices", None)

    def decode(self, wire: JSON, owner: Any) -> Any:
        """Give the text; a word that the organisation added later reads as it is."""
        return wire if type(wire) is str else super().decode(wire, owner)


def _field(choices: Iterable[str] | None, max_length: int) -> StrictString:
    if choices is None:
        return StrictString(max_length=max_length)
    return StrictChoice(choices, max_length=max_length)


class Str(_Words[L]):
    """One line of text, or one of `choices`.

    With a `Literal` the choices are known to the type checker as well. What is read may be a word
    that the organisation has added since.

    >>> from typing import Literal, TypeAlias, get_args
    >>> from kustomer_orm import Conversation, custom
    >>> Size: TypeAlias = Literal["S", "M", "L"]
    >>> class ShopConversation(Conversation):
    ...     order_number = custom.Str()
    ...     size = custom.Str[Size](choices=get_args(Size))
    >>> ShopConversation.order_number.key
    'orderNumberStr'
    """

    suffix = "Str"


class Tree(_Words[L]):
    """The path of a node in a tree of choices: lower-case ids joined by dots.

    >>> from kustomer_orm import Conversation, custom
    >>> class ShopConversation(Conversation):
    ...     reason = custom.Tree(choices=("returns.damaged", "returns.late"))
    >>> ShopConversation(reason="returns.damaged").reason
    'returns.damaged'
    """

    suffix = "Tree"


class Strs(InCustom, List[L]):
    """Several words, for a key whose metadata says `multi`: a list, edited in place.

    That such a value is an array is documented for ids and inferred for text.

    >>> from kustomer_orm import Conversation, custom
    >>> class ShopConversation(Conversation):
    ...     colors = custom.Strs(choices=("red", "blue"))
    >>> conversation = ShopConversation(customer="58210c3db0f09110006b7953")
    >>> conversation.colors.append("red")
    >>> conversation.plan().requests[0].body["custom"]
    {'colorsStr': ['red']}
    """

    suffix = "Str"

    def __init__(
        self,
        key: str | None = None,
        *,
        max_length: int = MAX_LENGTH,
        choices: Iterable[L] | None = None,
        sensitive: bool = False,
        resolve: Resolver | None = None,
    ) -> None:
        one: Any = Attribute(_field(choices, max_length))
        super().__init__(one, **options_of(type(self), key, resolve, sensitive=sensitive))
        self.choices = getattr(one.field, "choices", None)


class Txt(InCustom, String):
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
        sensitive: bool = False,
        resolve: Resolver | None = None,
    ) -> None:
        options = options_of(type(self), key, resolve, sensitive=sensitive)
        super().__init__(max_length=max_length, **options)


class Url(InCustom, StandardUrl):
    """An absolute URL, as text.

    >>> from kustomer_orm import Conversation, custom
    >>> class ShopConversation(Conversation):
    ...     site = custom.Url()
    >>> ShopConversation.site.key
    'siteUrl'
    """

    suffix = "Url"

    def __init__(
        self,
        key: str | None = None,
        *,
        sensitive: bool = False,
        resolve: Resolver | None = None,
    ) -> None:
        super().__init__(**options_of(type(self), key, resolve, sensitive=sensitive))
