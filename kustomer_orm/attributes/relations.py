"""Kinds that point at other records: `ToOne` and `ToMany`.

A relation names a type string (or a record class of yours); the record that it gives is not
loaded, costs no request, and loads itself once when an attribute of it is read.
"""

from __future__ import annotations

from typing import Any, Generic, Protocol, TypeVar, overload

from kustomer_orm._sentinels import MISSING
from kustomer_orm._types import JSON, JSONObject, ReadOnlyJSONObject
from kustomer_orm.attributes.base import Attribute, R, W, describe
from kustomer_orm.attributes.containers import List
from kustomer_orm.attributes.fields import StrictString
from kustomer_orm.changes import Entry, is_masked
from kustomer_orm.errors import InvalidValueError

T = TypeVar("T")

# The contract writes `format: object-id`; ids of some resources are names (klass, metadata).
# A dot or two alone would climb the path.
_ID = r"^(?!\.{1,2}$)[^\s/,?#%=\\]+$"


def id_field() -> StrictString:
    """Make the field of one id."""
    field = StrictString(min_length=1, max_length=256, pattern=_ID)
    field.expected = "a saved record or its id"
    return field


def id_of(value: Any) -> Any:
    """Give the id of a record; anything else is itself. An unsaved record has none."""
    return value.id if hasattr(type(value), "raw") and hasattr(type(value), "id") else value


class Linkable(Protocol):
    """What a relation takes beside an id: a record."""

    @property
    def id(self) -> str | None:
        """The id; None while it is not saved, and then it is refused."""
        ...

    @property
    def raw(self) -> JSONObject:
        """The resource, which tells a record from other things with an id."""
        ...


class ToOne(Attribute[R, W], Generic[R, W]):
    """A related record: written as an id, read from the relationships.

    Args:
        type_name: the API's type string, or a record class.
        alone: the API takes it only in a request of its own.

    >>> from kustomer_orm import Conversation
    >>> conversation = Conversation(customer="58210c3db0f09110006b7953")
    >>> conversation.customer.id
    '58210c3db0f09110006b7953'
    """

    held = True

    @overload
    def __init__(
        self: ToOne[Any | None, Linkable | str | None],
        type_name: str,
        *,
        alone: bool = False,
        **options: Any,
    ) -> None: ...

    @overload
    def __init__(
        self: ToOne[T | None, T | str | None],
        type_name: type[T],
        *,
        alone: bool = False,
        **options: Any,
    ) -> None: ...

    def __init__(self, type_name: Any, *, alone: bool = False, **options: Any) -> None:
        super().__init__(id_field(), **options)
        self.type_name = type_name
        self.alone = alone

    def make_address(self) -> str:
        """Give the place in the working set; `sla` is an attribute and a relationship."""
        return f"relationships.{self.key}"

    def read(self, attributes: ReadOnlyJSONObject, relationships: ReadOnlyJSONObject) -> JSON:
        """Give the id, or MISSING."""
        return _linked_id(relationships.get(self.key, MISSING))

    def put(self, attributes: JSONObject, relationships: JSONObject, wire: JSON) -> None:
        """Set the id; MISSING takes the relationship away."""
        if wire is MISSING:
            relationships.pop(self.key, None)
            return
        data = None if wire is None else {"type": _type_string(self.type_name), "id": wire}
        relationships[self.key] = {"data": data}

    def accept(self, owner: Any, value: Any) -> Entry:
        """Check a record or an id; an id is kept as the record that it names."""
        entry = super().accept(owner, value)
        refuse_anothers(self, owner, value)
        if isinstance(value, str):
            entry.value = owner._related(self.type_name, value, None)
        return entry

    def present(self, owner: Any, wire: JSON) -> Any:
        """Give the related record, and keep it: it is loaded at most once."""
        value = super().present(owner, wire)
        if value is not None:
            owner._state.keep(Entry(self, value))
        return value

    def encode(self, value: Any, base: JSON = MISSING) -> JSON:
        """Give the id."""
        return _encode_id(super().encode, self, value)

    def decode(self, wire: JSON, owner: Any) -> Any:
        """Give the related record, not loaded; without an owner, the id."""
        id_ = super().decode(wire, owner)
        if owner is None or not isinstance(id_, str):  # an id that this key may not see
            return id_
        relation = owner._state.relationships.get(self.key)
        link = _link(relation) if _linked_id(relation) == id_ else None
        return owner._related(self.type_name, id_, link)


def refuse_anothers(attribute: Attribute[Any, Any], owner: Any, value: Any) -> None:
    """Refuse a record of another organisation: its id means nothing here, or another record."""
    mine, theirs = owner.key[0], getattr(value, "key", (None,))[0]
    if mine is not None and theirs is not None and mine != theirs:
        raise InvalidValueError.of(
            attribute.label, expected=f"a record of {mine}", got=f"one of {theirs}"
        ).about(owner._label())


class ToMany(List[Any]):
    """A list of related records, written and read as ids in an attribute.

    Reading gives a plain list of records that are not loaded; it takes records and ids.

    >>> from kustomer_orm import Conversation
    >>> conversation = Conversation(customer="58210c3db0f09110006b7953")
    >>> conversation.assigned_users.append("58190b991f2932100010d683")
    >>> conversation.plan().requests[0].body["assignedUsers"]
    ['58190b991f2932100010d683']
    """

    def __init__(self, type_name: str | type, **options: Any) -> None:
        super().__init__(_Id(type_name), **options)

    def accept(self, owner: Any, value: Any) -> Entry:
        """Check a list of records and ids."""
        entry = super().accept(owner, value)
        self.check_items(owner, entry.value)
        return entry

    def check_items(self, owner: Any, value: Any) -> None:
        """Refuse a list that holds a record of another organisation."""
        for item in value if isinstance(value, list) else ():
            refuse_anothers(self, owner, item)

    def as_read(self, value: Any, wire: JSON) -> bool:
        """Tell whether the list still names the records that it was read with."""
        return isinstance(value, list) and super().as_read(list(map(id_of, value)), wire)


class _Id(Attribute[Any, Any]):
    """One id of a list: the place is the list's."""

    def __init__(self, type_name: str | type) -> None:
        super().__init__(id_field())
        self.type_name = type_name

    def encode(self, value: Any, base: JSON = MISSING) -> JSON:
        return _encode_id(super().encode, self, value)

    def decode(self, wire: JSON, owner: Any) -> Any:
        id_ = super().decode(wire, owner)
        return id_ if owner is None else owner._related(self.type_name, id_, None)


def _encode_id(encode: Any, attribute: Any, value: Any) -> JSON:
    id_: Any = id_of(value)
    if id_ is None and value is not None:
        expected = "a record that is saved already"
        raise InvalidValueError.of(attribute.label, expected=expected, got="one without an id")
    if value is not None and id_ is not value:
        wanted, given = _type_string(attribute.type_name), value.type
        if wanted and given != wanted:
            raise InvalidValueError.of(
                attribute.label, expected=f"a {wanted} or its id", got=f"a {given}"
            )
    elif not isinstance(value, str) and value is not None:
        raise InvalidValueError.of(
            attribute.label, expected="a record or its id", got=describe(value)
        )
    return encode(id_)


def _type_string(type_name: Any) -> str:
    return type_name if isinstance(type_name, str) else str(getattr(type_name, "type", ""))


def _linked_id(relation: JSON) -> JSON:
    """Give the id of a relationship object; relations known by a link alone have none."""
    if not isinstance(relation, dict):
        return MISSING if relation is MISSING else None
    data = relation.get("data", MISSING)
    if isinstance(data, dict):
        return data if is_masked(data) else data.get("id")
    return MISSING if data is MISSING else None


def _link(relation: JSON) -> str | None:
    links = relation.get("links") if isinstance(relation, dict) else None
    link = links.get("self") if isinstance(links, dict) else None
    return link if isinstance(link, str) else None
