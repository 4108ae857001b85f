"""Kinds whose values are plain lists and dicts, edited in place: `List` and `Object`."""

from __future__ import annotations

import json
from typing import Any, Generic, NoReturn, TypeVar

from marshmallow import ValidationError, fields, validate

from kustomer_orm._sentinels import MISSING
from kustomer_orm._types import JSON
from kustomer_orm.attributes.base import Attribute, describe
from kustomer_orm.attributes.fields import FreeJSON
from kustomer_orm.changes import Entry, copy_json, holds_masked, is_masked, same_json
from kustomer_orm.errors import InvalidValueError, UnreadableValueError

E = TypeVar("E")


class List(Attribute[list[E], list[E] | tuple[E, ...]], Generic[E]):
    """A list of one kind. Reading gives a plain list; editing it in place is an edit.

    An absent list reads as an empty one, and is sent only if it became non-empty or was assigned.
    An assigned list belongs to the record from then on: assign a copy of one that you share.

    Args:
        kind: what its items are, such as `String(max_length=64)`.
        max_items: the published limit.
        unordered: compared and merged as a set, duplicates refused.
        unique: duplicates refused, though the order counts.
        append_to: the sub-path that takes items to be added, where the API has one.
        append_key: the key under which it takes them; a bare list if not given.

    >>> from kustomer_orm import Record
    >>> from kustomer_orm.attributes import List, String
    >>> class Ticket(Record):
    ...     type, path = "ticket", "/v1/tickets"
    ...     tags = List(String(max_length=64), max_items=2, unordered=True)
    >>> ticket = Ticket(tags=["vip"])
    >>> ticket.tags.append("refund")
    >>> ticket.changes["tags"].new
    ['vip', 'refund']
    """

    held = True

    def __init__(
        self,
        kind: Attribute[E | None, Any],
        *,
        max_items: int | None = None,
        unordered: bool = False,
        unique: bool = False,
        append_to: str | None = None,
        append_key: str | None = None,
        **options: Any,
    ) -> None:
        validators: list[Any] = [] if max_items is None else [validate.Length(max=max_items)]
        unique = unique or unordered
        if unique:
            validators.append(_no_duplicates)
        super().__init__(fields.List(kind.field, validate=validators), **options)
        self.kind = kind
        self.max_items = max_items
        self.unordered = unordered
        self.unique = unique
        self.append_path = append_to
        self.append_key = append_key

    def bind(self, owner: str, name: str) -> None:
        """Take a name, and name the items after it."""
        super().bind(owner, name)
        self.kind.bind(owner, f"{name}[…]")

    def present(self, owner: Any, wire: JSON) -> Any:
        """Give the list, and keep it: what the reader does to it is seen."""
        absent = wire is MISSING or wire is None
        value = [] if absent else self.decode(wire, owner)
        if isinstance(value, list):
            owner._state.keep(Entry(self, value))
        return value

    def accept(self, owner: Any, value: Any) -> Entry:
        """Check a list that is being assigned; a tuple is kept as a list."""
        if isinstance(value, tuple):
            value = list(value)
        entry = super().accept(owner, value)
        if self.kind.held and isinstance(value, list):
            self.check_outgoing(owner, value)
        return entry

    def encode_item(self, value: Any) -> JSON:
        """Give the wire value of one item."""
        return self.kind.encode(value)

    def encode(self, value: Any, base: JSON = MISSING) -> JSON:
        """Give the wire list; a text that the server holds already is not checked again."""
        if value is None and self.nullable:
            return None
        if not isinstance(value, list):
            self._refuse("a list", value)
        held = base if type(base) is list else ()
        wire = []
        for item in value:
            if type(item) is str and item in held:
                wire.append(item)
            elif type(item) is dict and is_masked(item):
                self._refuse("a list without masked items (the API replaces lists whole)", value)
            else:
                wire.append(self._encode_item(item, held))
        if self.max_items is not None and len(wire) > self.max_items:
            self._refuse(f"at most {self.max_items} items", value)
        if self.unique and not _all_different(wire):
            self._refuse("no item twice", value)
        return wire

    def _encode_item(self, item: Any, held: Any) -> JSON:
        try:
            return self.kind.encode(item)
        except InvalidValueError:
            # What the server holds is sent back as it is, though it might not take it today.
            for wire in held if self.kind.held else ():
                if self.kind.as_read(item, wire):
                    return copy_json(wire)
            raise

    def outgoing(self, wire: JSON, base: JSON) -> JSON:
        """Give the list without what the API only shows of its items; check what each needs."""
        if not self.kind.held or wire is None:
            return wire
        held = [item for item in base if isinstance(item, dict)] if isinstance(base, list) else []
        return [self.kind.outgoing(item, _shown_of(self.kind, item, held)) for item in wire]

    def _refuse(self, expected: str, value: Any) -> NoReturn:
        raise InvalidValueError.of(self.label, expected=expected, got=describe(value))

    def decode(self, wire: JSON, owner: Any) -> Any:
        """Give the list; a masked item stays as the API wrote it."""
        if not isinstance(wire, list):
            return super().decode(wire, owner)
        return [
            copy_json(item) if item is None or is_masked(item) else self.kind.decode(item, owner)
            for item in wire
        ]

    def same(self, first: JSON, second: JSON) -> bool:
        """Compare item by item; as sets where the list is unordered."""
        if not (isinstance(first, list) and isinstance(second, list)):
            return same_json(first, second)
        if len(first) != len(second):
            return False
        if same_json(first, second):
            return True
        if self.unordered:
            return all(any(same_json(item, other) for other in second) for item in first)
        return all(
            one is not None and other is not None and self.kind.same(one, other)
            for one, other in zip(first, second, strict=True)
        )


def _shown_of(kind: Any, item: JSON, held: list[Any]) -> JSON:
    """Give what the server shows of an item: the stored one that is the same, or the nearest.

    Of an item that is like none of them, what the API only shows may come from another record.
    """
    alike = [stored for stored in held if kind.same(kind.own(item, stored), stored)]
    others = [
        {key: value for key, value in stored.items() if key not in kind.shown} for stored in held
    ]
    return min(alike or others, key=lambda stored: len(kind.own(item, stored)), default={})


def _no_duplicates(value: list[Any]) -> None:
    if not _all_different(value):
        raise ValidationError("no item twice")


def _all_different(items: list[Any]) -> bool:
    try:
        return len(set(items)) == len(items)
    except TypeError:  # objects: compared by what they show
        return len({json.dumps(item, sort_keys=True, default=repr) for item in items}) == len(items)


class _Members(FreeJSON):
    """The field of an object with published members: a schema loads each by its kind."""

    def __init__(self, members: dict[str, Attribute[Any, Any]], required: tuple[str, ...]) -> None:
        super().__init__(dict, expected="a dict")
        self._members = members
        self._required = required

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        errors: dict[str, Any] = {}
        loaded: dict[str, Any] = {}
        for key, item in super()._deserialize(value, attr, data, **kwargs).items():
            member = self._members.get(key)
            try:
                loaded[key] = None if member is None else member.field.deserialize(item, key)
            except ValidationError as error:
                errors[key] = error.messages
            if member is None:
                errors[key] = ["Unknown field."]
        errors |= {key: [_MISSING_MEMBER] for key in self._required if key not in value}
        if errors:
            raise ValidationError(errors)
        return loaded


# marshmallow's own words for a required field.
_MISSING_MEMBER = "Missing data for required field."


class Object(Attribute[dict[str, Any] | None, dict[str, Any] | None]):
    """A JSON object. Reading gives a plain dict; editing it in place, at any depth, is an edit.

    With `members`, those are decoded, checked and encoded by their kinds. A key that is not among
    them stays as the server wrote it, is left out of requests, and cannot be changed.

    Args:
        members: by wire key, the kinds of the published members; None for free JSON.
        required: the members without which the API refuses the object.
        shown: keys that are known to be shown and not taken: they are never sent.

    >>> from kustomer_orm import Record
    >>> from kustomer_orm.attributes import Choice, Object
    >>> class Ticket(Record):
    ...     type, path = "ticket", "/v1/tickets"
    ...     snooze = Object({"status": Choice("scheduled", "canceled")}, required=("status",))
    >>> Ticket(snooze={})
    Traceback (most recent call last):
    ...
    kustomer_orm.errors.InvalidValueError: new Ticket: Ticket.snooze:
        expected the key 'status', got a dict of 0
    """

    held = True

    def __init__(
        self,
        members: dict[str, Attribute[Any, Any]] | None = None,
        *,
        required: tuple[str, ...] = (),
        shown: tuple[str, ...] = (),
        **options: Any,
    ) -> None:
        self.members = members or {}
        self.required = required
        self.shown = shown
        field = _Members(self.members, required) if members else FreeJSON(dict, expected="a dict")
        super().__init__(field, **options)

    def bind(self, owner: str, name: str) -> None:
        """Take a name, and name the members after it."""
        super().bind(owner, name)
        for key, member in self.members.items():
            member.bind(owner, f"{name}[{key!r}]")

    def present(self, owner: Any, wire: JSON) -> Any:
        """Give the dict, and keep it: what the reader does to it is seen."""
        value = super().present(owner, wire)
        if isinstance(value, dict):
            owner._state.keep(Entry(self, value))
        return value

    def accept(self, owner: Any, value: Any) -> Entry:
        """Check a dict that is being assigned, unknown keys included."""
        entry = super().accept(owner, value)
        if isinstance(value, dict):
            self.check_outgoing(owner, value)
        return entry

    def encode(self, value: Any, base: JSON = MISSING) -> JSON:
        """Give the wire object."""
        if not isinstance(value, dict) or not self.members:
            return super().encode(value)
        free = {key: item for key, item in value.items() if key not in self.members}
        known = {
            key: member.encode(value[key])
            for key, member in self.members.items()
            if key in value and not self._is_unset(key, value[key])
        }
        return {**super().encode(free), **known}

    def _is_unset(self, key: str, value: Any) -> bool:
        """Tell whether a null is how an unset member shows: left out, since objects go whole."""
        return value is None and not self.members[key].nullable and key not in self.required

    def decode(self, wire: JSON, owner: Any) -> Any:
        """Give the dict; a member that does not read stays as the API wrote it."""
        if not isinstance(wire, dict) or is_masked(wire):
            return super().decode(wire, owner)
        return {key: self._decode_member(key, item, owner) for key, item in wire.items()}

    def _decode_member(self, key: str, wire: JSON, owner: Any) -> Any:
        member = self.members.get(key)
        if member is None or wire is None or is_masked(wire):
            return copy_json(wire)
        try:
            return member.decode(wire, owner)
        except UnreadableValueError:
            return copy_json(wire)

    def same(self, first: JSON, second: JSON) -> bool:
        """Compare key by key, members by their kinds; the order of keys does not count."""
        if not (isinstance(first, dict) and isinstance(second, dict)):
            return same_json(first, second)
        if not self.members:
            return same_json(first, second)
        # What the second one, the server's, shows beyond the members need not be repeated.
        keys = first.keys() | (second.keys() & self.members.keys())
        return all(self._same_member(key, first.get(key), second.get(key)) for key in keys)

    def _same_member(self, key: str, first: JSON, second: JSON) -> bool:
        member = self.members.get(key)
        if member is None or first is None or second is None:
            return same_json(first, second)
        return member.same(first, second)

    def own(self, wire: JSON, base: JSON) -> JSON:
        """Leave out the keys beyond the members that are as the baseline's value shows them.

        Those that are known to be only shown go in any case, unless they were changed here.
        """
        if not self.members or not isinstance(wire, dict):
            return wire
        shown = base if isinstance(base, dict) else {}
        return {
            key: item
            for key, item in wire.items()
            if key in self.members
            or (
                not (key in self.shown and key not in shown)
                and not same_json(item, shown.get(key, MISSING))
            )
        }

    def outgoing(self, wire: JSON, base: JSON) -> JSON:
        """Leave out what the API only shows; refuse a change of it, and what lacks a member."""
        if not self.members or not isinstance(wire, dict):
            return self._unmasked(wire)
        for key in self.required:
            if key not in wire:
                raise InvalidValueError.of(
                    self.label, expected=f"the key {key!r}", got=describe(wire)
                )
        known = self.own(wire, base)
        for key in known:
            if key not in self.members:
                names = ", ".join(map(repr, self.members))
                expected = f"only the keys {names} to be changed"
                raise InvalidValueError.of(self.label, expected=expected, got=describe(key))
        return self._unmasked(known)

    def _unmasked(self, wire: JSON) -> JSON:
        if holds_masked(wire):
            expected = "a dict without masked values (the API replaces it whole)"
            raise InvalidValueError.of(self.label, expected=expected, got="one with some")
        return wire
