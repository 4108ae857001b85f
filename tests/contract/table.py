"""What a table of the API's attributes is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from kustomer_orm import Record
from kustomer_orm.attributes import Attribute
from kustomer_orm.emulator.world import World

ID = "58228e05d4e96711004eccb7"
NOW = "2026-01-02T03:04:05.000Z"
OBJECT_BAD: tuple[Any, ...] = ({}, "x", ["x"])


class Row(NamedTuple):
    """One line of the API's table: what it takes and when.

    Attributes:
        kind: the kind of the attribute.
        create: whether POST takes it.
        update: whether PATCH or PUT takes it.
        null: whether null clears it.
        good: Python values that the API takes.
        bad: Python values that it refuses, as far as its rules are published.
        null_on_create: whether POST takes null for it.
    """

    kind: type[Attribute[Any, Any]]
    create: bool
    update: bool
    null: bool = False
    good: tuple[Any, ...] = ()
    bad: tuple[Any, ...] = ()
    null_on_create: bool = False


def named(world: World) -> dict[str, Any]:
    """Give the wire values of a record that has a name and needs nothing else."""
    return {"name": "Hi"}


@dataclass(frozen=True)
class Table:
    """The API's table of one resource.

    Attributes:
        cls: the class that is held against it.
        type: the API's type string.
        path: where its records are.
        create: the operation that makes one, as the contract writes it; empty where there is none.
        update: the operation that changes one.
        delete: the operation that deletes one.
        writable: by Python name, what may be written.
        read_only: the wire names of what is only read, relations left out.
        relations: the wire names of what is read as a relationship.
        otherwise: keys of a body that are no attribute: id, revision, custom attributes, and what
            a verb of its own or another endpoint takes.
        values: the wire values of a stored record; whatever it points at is put into the world.
        shown: the attribute with a text that `values` sets to "Hi"; empty where there is none.
        new: the Python values that make a new one.
        found: whether GET gives one by its id.
        listed: whether several can be asked for by their ids.
        limited: whether limits are published; the emulator's are invented where they are not.
    """

    cls: type[Record]
    type: str
    path: str
    create: str = ""
    update: str = ""
    delete: str = ""
    writable: Mapping[str, Row] = field(default_factory=dict)
    read_only: frozenset[str] = frozenset()
    relations: frozenset[str] = frozenset()
    otherwise: frozenset[str] = frozenset(("id", "rev", "custom"))
    values: Callable[[World], dict[str, Any]] = named
    shown: str = "name"
    new: Mapping[str, Any] = field(default_factory=dict)
    found: bool = True
    listed: bool = True
    limited: bool = True

    @property
    def name(self) -> str:
        """What it is called in test ids."""
        return self.cls.__name__

    def store(self, world: World, **values: Any) -> str:
        """Put a record of it into the world; its id."""
        return world.add(self.type, **{**self.values(world), **values})
