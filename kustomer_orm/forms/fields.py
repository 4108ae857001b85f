"""What a form shows of an attribute: label, kind of input, choices, limits and help."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from kustomer_orm.attributes import (
    Attribute,
    Boolean,
    DateTime,
    Integer,
    List,
    Number,
    String,
    Url,
)
from kustomer_orm.attributes.fields import StrictString
from kustomer_orm.custom import Txt
from kustomer_orm.custom.undeclared import MAY_BE_LISTS, Undeclared
from kustomer_orm.errors import DeclarationError
from kustomer_orm.metadata import Property, snake
from kustomer_orm.records import Record

Kind: TypeAlias = Literal[
    "line", "text", "url", "choice", "choices", "lines", "integer", "number", "truth", "instant"
]

# A text of this length wants more than a line.
_LONG = 257


@dataclass(frozen=True, slots=True)
class FormField:
    """One attribute as a form shows it.

    Attributes:
        name: its Python name, by which errors and values go.
        attribute: the attribute.
        kind: "line", "text" (several lines), "url", "choice", "choices", "lines" (several values,
            a line each), "integer", "number", "truth" (yes, no, not set) or "instant".
        label: its display name.
        help_text: what else there is to know.
        choices: the values and how they are shown; empty where anything goes.
        max_length: the longest text that the API takes, None if no limit is published.
        minimum: the smallest number, likewise.
        maximum: the largest number, likewise.
        related: the type of the records that it names, "" if it names none.
        is_secret: whether its value is shown to nobody: it can be set, or be left as it is.
    """

    name: str
    attribute: Attribute[Any, Any]
    kind: Kind
    label: str
    help_text: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    max_length: int | None = None
    minimum: float | None = None
    maximum: float | None = None
    related: str = ""
    is_secret: bool = False

    @property
    def is_many(self) -> bool:
        """Whether it holds several values."""
        return self.kind in {"choices", "lines"}

    @property
    def may_be_empty(self) -> bool:
        """Whether it can be cleared."""
        return self.attribute.nullable or self.is_many


def fields_of(
    cls: type[Record],
    names: Iterable[str],
    *,
    properties: Iterable[Property] = (),
    new: bool = False,
) -> list[FormField]:
    """Give the form fields of some attributes, in this order. No request.

    Args:
        cls: the record class.
        names: Python names; a custom attribute that no class declares is `custom.orderNumberStr`.
        properties: what the organisation's metadata says: display names and choices.
        new: whether the form makes records, rather than changing them.

    Raises:
        UnknownAttributeError: the class has no such attribute.
        DeclarationError: one cannot be edited in a form: the API does not write it, or it holds
            JSON of any shape.
    """
    facts = {f"custom.{one.key}": one for one in properties}
    found = []
    for name in dict.fromkeys(names):
        attribute = cls._named(name)
        if not (attribute.creatable if new else attribute.updatable):
            when = "in a new record" if new else "of a record that is there"
            raise DeclarationError(f"{attribute.label} is not written {when}: leave it out")
        found.append(_field(attribute, facts.get(attribute.address)))
    return found


def _field(attribute: Attribute[Any, Any], facts: Property | None) -> FormField:
    kind = attribute.kind if isinstance(attribute, Undeclared) else attribute
    item = kind.kind if isinstance(kind, List) else kind
    many = kind is not item or _may_hold_many(attribute, facts)
    choices, related = _choices(kind, item, facts), _related(attribute, item)
    is_secret = attribute.sensitive or (facts is not None and facts.sensitive)
    limits = getattr(item.field, "limits", (None, None)) if item is not None else (None, None)
    return FormField(
        name=attribute.name,
        attribute=attribute,
        kind=_kind(attribute, item, is_chosen=bool(choices or related), many=many),
        label=(facts.title if facts is not None else "") or _words(attribute),
        help_text=_help(attribute, item, many=many, is_secret=is_secret),
        choices=choices,
        max_length=getattr(item.field, "max_length", None) if item is not None else None,
        minimum=limits[0],
        maximum=limits[1],
        related=related,
        is_secret=is_secret,
    )


def _may_hold_many(attribute: Attribute[Any, Any], facts: Property | None) -> bool:
    """Tell whether the organisation makes it a list; what the code declares holds as declared."""
    if facts is None or not facts.many or not isinstance(attribute, Undeclared):
        return False
    return attribute.suffix_found in MAY_BE_LISTS


def _kind(
    attribute: Attribute[Any, Any],
    item: Attribute[Any, Any] | None,
    *,
    is_chosen: bool,
    many: bool,
) -> Kind:
    for cls, kind in _KINDS.items():
        if isinstance(item, cls) and not many:
            return kind
    if item is not None and isinstance(item.field, StrictString):
        if many:
            return "choices" if is_chosen else "lines"
        if is_chosen:
            return "choice"
        is_long = isinstance(item, String) and (item.field.max_length or 0) >= _LONG
        is_text = isinstance(item, Txt) or is_long
        return "text" if is_text else "line"
    message = (
        f"{attribute.label} holds {getattr(attribute.field, 'expected', 'lists or objects')}: no "
        "form field shows that; edit it in code"
    )
    raise DeclarationError(message)


def _related(attribute: Attribute[Any, Any], item: Attribute[Any, Any] | None) -> str:
    """Give the type of the records that a field names; tags read as ids, and are written so too."""
    if isinstance(attribute, List) and attribute.append_path == "tags":
        return "tag"
    target: Any = getattr(item, "type_name", "")
    return target if isinstance(target, str) else str(target.type)


def _choices(
    kind: Attribute[Any, Any] | None, item: Attribute[Any, Any] | None, facts: Property | None
) -> tuple[tuple[str, str], ...]:
    """Give the words and how they are shown; the organisation's before those in the code."""
    if facts is not None and facts.choices:
        labels = facts.labels or facts.choices
        return tuple(zip(facts.choices, labels, strict=False))
    words: Iterable[str] = getattr(item, "choices", None) or getattr(kind, "choices", None) or ()
    return tuple((word, word) for word in words)


def _words(attribute: Attribute[Any, Any]) -> str:
    """Make a label of a name: that of `order_number` is "Order number"."""
    key = attribute.name.removeprefix("custom.")
    name = (
        attribute.name if key == attribute.name else snake(key.removesuffix(Property(key).suffix))
    )
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def _help(
    attribute: Attribute[Any, Any],
    item: Attribute[Any, Any] | None,
    *,
    many: bool,
    is_secret: bool,
) -> str:
    """Say what is not to be seen: how many there may be, and that a secret one stays as it is."""
    said = []
    most = getattr(attribute, "max_items", None)
    if many and most is not None:
        said.append(f"At most {most}.")
    if is_secret:
        said.append("Not shown. Leave it empty to keep it as it is.")
    if isinstance(item, Url):
        said.append("A whole address, such as https://example.com/a.")
    return " ".join(said)


_KINDS: dict[type[Attribute[Any, Any]], Kind] = {
    Boolean: "truth",
    DateTime: "instant",
    Integer: "integer",
    Number: "number",
    Url: "url",
}
