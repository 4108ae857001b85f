"""Edits: each is done to the record and, by itself, to the model.

`on_record` and `on_model` say whether there was something to edit, and must agree. An edit may run
while a request is in flight, so it looks at what is there when it runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Literal, Protocol

from kustomer_orm import Conversation
from kustomer_orm._sentinels import Masked
from kustomer_orm.errors import (
    InvalidValueError,
    NotLoadedError,
    ReadOnlyAttributeError,
)
from oracle.fields import FIELDS, Field
from oracle.model import Model
from oracle.values import masked, moment_text, nothing

Aliases = dict[str, Any]


class Edit(Protocol):
    """Something that is done to a record."""

    def on_record(self, record: Conversation, aliases: Aliases) -> bool:
        """Do it; tell whether there was something to do."""
        ...

    def on_model(self, model: Model) -> bool:
        """Do the same to the model."""
        ...


def read(record: Conversation, one: Field) -> Any:
    """The value as a reader gets it; None for a custom key that is not there."""
    if one.declared:
        return getattr(record, one.name)
    return record.custom.get(one.key)


def write(record: Conversation, one: Field, value: Any, *, through_mapping: bool = False) -> None:
    """Assign."""
    if one.declared and not through_mapping:
        setattr(record, one.name, value)
    else:
        record.custom[one.key] = value


def wire_of(one: Field, value: Any) -> Any:
    """The wire value of a Python value."""
    if isinstance(value, datetime):
        return moment_text(value)
    if isinstance(value, list):
        return [wire_of(one, item) for item in value]
    if isinstance(value, dict):
        return {key: wire_of(one, item) for key, item in value.items()}
    return value.id if one.kind in {"set", "link"} and hasattr(value, "raw") else value


def writable(model: Model, one: Field) -> bool:
    """Whether the API takes it now."""
    return one.on_create if model.extent == "new" else one.on_update


@dataclass(frozen=True)
class Assign:
    """Assign a value of its kind."""

    name: str
    value: Any
    through_mapping: bool = False

    def on_record(self, record: Conversation, aliases: Aliases) -> bool:
        one = FIELDS[self.name]
        value = list(self.value) if isinstance(self.value, list) else self.value
        value = dict(value) if isinstance(value, dict) else value
        try:
            write(record, one, value, through_mapping=self.through_mapping)
        except (ReadOnlyAttributeError, InvalidValueError):
            return False
        aliases.pop(self.name, None)
        if isinstance(value, (list, dict)):
            aliases[self.name] = value
        return True

    def on_model(self, model: Model) -> bool:
        one = FIELDS[self.name]
        if not writable(model, one) or (model.extent == "new" and self.value in one.not_on_create):
            return False
        model.assign(one, wire_of(one, self.value))
        return True


@dataclass(frozen=True)
class AssignEqual:
    """Assign what is there already, spelled in another way."""

    name: str

    def on_record(self, record: Conversation, aliases: Aliases) -> bool:
        one = FIELDS[self.name]
        try:
            value = read(record, one)
        except NotLoadedError:
            return False
        if (value is None and not one.nullable) or isinstance(value, Masked):
            return False
        try:
            return Assign(self.name, respelled(one, value)).on_record(record, aliases)
        except InvalidValueError:
            return False

    def on_model(self, model: Model) -> bool:
        one = FIELDS[self.name]
        value = model.current(one)
        if model.readable(one):
            model.hand_out(one)
        refused = not model.sendable(one) or not writable(model, one)
        if refused or not model.readable(one) or masked(value):
            return False
        model.assign(one, value)
        return True


def respelled(one: Field, value: Any) -> Any:
    """An equal value that is not identical, where the kind has one."""
    if isinstance(value, bool) or one.kind == "whole":
        return value
    if isinstance(value, (int, float)):
        return float(value) if isinstance(value, int) else value
    if isinstance(value, datetime):
        finer = timedelta(microseconds=999 - value.microsecond % 1000)
        return (value + finer).astimezone(timezone(timedelta(hours=5, minutes=30)))
    if isinstance(value, dict):
        return {key: value[key] for key in reversed(value)}
    return list(value) if isinstance(value, list) else value


@dataclass(frozen=True)
class Refused:
    """Assign a value that is not of the kind: an error, and nothing else."""

    name: str
    value: Any

    def on_record(self, record: Conversation, aliases: Aliases) -> bool:
        try:
            write(record, FIELDS[self.name], self.value)
        except (InvalidValueError, ReadOnlyAttributeError):
            return False
        return True

    def on_model(self, model: Model) -> bool:
        return False


@dataclass(frozen=True)
class Delete:
    """Take out a custom key."""

    name: str

    def on_record(self, record: Conversation, aliases: Aliases) -> bool:
        try:
            del record.custom[FIELDS[self.name].key]
        except (KeyError, NotLoadedError):
            return False
        aliases.pop(self.name, None)
        return True

    def on_model(self, model: Model) -> bool:
        one = FIELDS[self.name]
        if not model.readable(one) or not model.held(one):
            return False
        model.delete(one)
        return True


@dataclass(frozen=True)
class Touch:
    """Have it sent though it is equal."""

    name: str

    def on_record(self, record: Conversation, aliases: Aliases) -> bool:
        try:
            record.touch(self.name)
        except (ReadOnlyAttributeError, InvalidValueError, NotLoadedError):
            return False
        return True

    def on_model(self, model: Model) -> bool:
        one = FIELDS[self.name]
        new = model.extent == "new"
        refused = not writable(model, one) or (new and one.name == "customer")
        hidden = masked(model.current(one))
        null = new and nothing(model.current(one)) and not one.null_on_create
        if refused or hidden or null or not model.readable(one) or not model.sendable(one):
            return False
        model.touch(one)
        return True


@dataclass(frozen=True)
class Restore:
    """Take back what was done to one field, or to all."""

    name: str | None

    def on_record(self, record: Conversation, aliases: Aliases) -> bool:
        record.restore(*([] if self.name is None else [self.name]))
        return True

    def on_model(self, model: Model) -> bool:
        model.restore([] if self.name is None else [self.name])
        return True


@dataclass(frozen=True)
class EditList:
    """Edit a list in place. `items` come with their other spelling, where they have one."""

    name: str
    verb: Literal["append", "remove", "extend", "clear", "sort", "reverse", "replace", "add"]
    items: tuple[tuple[str, str], ...] = ()

    def on_record(self, record: Conversation, aliases: Aliases) -> bool:
        one = FIELDS[self.name]
        if self.name not in aliases:
            try:
                value = read(record, one)
            except NotLoadedError:
                return False
            if not isinstance(value, list):
                return False
            aliases[self.name] = value
        held = aliases[self.name]
        if self.verb == "add" and one.declared:
            wanted = [item for item, other in self.items if not _has(held, item, other)]
            setattr(record, self.name, _grown(held, wanted))
        else:
            self._edit(held)
        return True

    def on_model(self, model: Model) -> bool:
        one = FIELDS[self.name]
        if not model.readable(one) or not isinstance(model.current(one), list):
            return False
        if self.verb == "add" and one.declared and not writable(model, one):
            return False
        self._edit(model.hand_out(one))
        return True

    def _edit(self, held: list[Any]) -> None:
        match self.verb:
            case "clear":
                held.clear()
            case "reverse":
                held.reverse()
            case "sort":
                held.sort(key=_id)
            case "remove":
                gone = {item for pair in self.items for item in pair}
                held[:] = [item for item in held if _id(item) not in gone]
            case "replace":
                held[:] = [item for item, _ in self.items]
            case "append":
                for item, other in self.items:
                    if not _has(held, item, other):
                        held.append(item)
            case "extend" | "add":
                held.extend([item for item, other in self.items if not _has(held, item, other)])


def _grown(held: list[Any], items: list[str]) -> list[Any]:
    held += items
    return held


def _id(item: Any) -> str:
    return item if isinstance(item, str) else str(item.id)


def _has(held: list[Any], item: str, other: str) -> bool:
    known = set(map(_id, held))
    return item in known or other in known


@dataclass(frozen=True)
class EditObject:
    """Edit a dict in place: set a member, take one out, or append to a list inside."""

    name: str
    verb: Literal["set", "pop", "append"]
    key: str
    value: Any = None

    def on_record(self, record: Conversation, aliases: Aliases) -> bool:
        if self.name not in aliases:
            try:
                value = read(record, FIELDS[self.name])
            except NotLoadedError:
                return False
            if not isinstance(value, dict):
                return False
            aliases[self.name] = value
        self._edit(aliases[self.name], self.value)
        return True

    def on_model(self, model: Model) -> bool:
        one = FIELDS[self.name]
        value = model.current(one)
        if not model.readable(one) or not isinstance(value, dict) or masked(value):
            return False
        self._edit(model.hand_out(one), wire_of(one, self.value))
        return True

    def _edit(self, held: dict[str, Any], value: Any) -> None:
        match self.verb:
            case "set":
                held[self.key] = value
            case "pop":
                held.pop(self.key, None)
            case "append":
                inner = held.setdefault(self.key, [])
                if isinstance(inner, list):
                    inner.append(value)
