"""The ways to one attribute: declared, through the mapping, and through it undeclared."""

from __future__ import annotations

import copy
import json
from typing import Any

from kustomer_orm import Conversation, Record
from kustomer_orm.emulator import Emulator, Fault
from tests.contract.kinds import Case, Everything


class Bare(Conversation):
    """Declares nothing of its own: custom attributes are reached by their keys."""


class Face:
    """One way to an attribute: declared, or through the mapping of either class."""

    def __init__(self, server: Emulator, case: Case, way: str) -> None:
        self.server = server
        self.case = case
        self.way = way
        self.cls: Any = Bare if way == "undeclared" else Everything
        self.name = f"custom.{case.key}" if way == "undeclared" else case.name
        self.id = server.world.add("conversation", name="before")
        self.record: Any = None
        server.behaviour.text_lists = case.name == "custom_strs"

    def load(self, *wire: Any) -> Any:
        """Load the record, with a wire value if one is given."""
        if wire:
            self.server.world.put_raw("conversation", self.id, **self.case.stored(wire[0]))
        self.record = self.cls.get(self.id)
        self.server.requests.clear()
        return self.record

    def read(self) -> Any:
        """Give the value; related records by their ids."""
        if self.way == "declared":
            return shown(getattr(self.record, self.name))
        return shown(self.record.custom.get(self.case.key))

    def held(self) -> Any:
        return getattr(self.record, self.name) if self.way == "declared" else self.mapped()

    def mapped(self) -> Any:
        return self.record.custom[self.case.key]

    def assign(self, value: Any) -> None:
        value = copy.deepcopy(value)  # what is assigned belongs to the record from then on
        if self.way == "declared":
            setattr(self.record, self.name, value)
        else:
            self.record.custom[self.case.key] = value

    def save(self) -> None:
        """Save; the emulator would refuse the made-up attributes, so its answer is given."""
        data = {"type": "conversation", "id": self.id, "attributes": {}}
        if not self.case.is_custom:
            self.server.faults.add(Fault.status(200, body={"data": data}, method="PATCH"))
        self.record.save()

    @property
    def bodies(self) -> list[Any]:
        return [each.body for each in self.server.requests]

    def saves_nothing(self) -> None:
        assert self.record.changes == {}
        assert not self.record.is_dirty
        assert not self.record.save()
        assert self.server.requests == []


def typed(wire: Any) -> str:
    """Spell a wire value so that 1, 1.0 and true differ, and the order of keys does not."""
    return json.dumps(wire, sort_keys=True)


def shown(value: Any) -> Any:
    if isinstance(value, list):
        return [shown(item) for item in value]
    return value.id if isinstance(value, Record) else value


def ways_of(case: Case) -> list[str]:
    return ["declared", "mapping", "undeclared"] if case.is_custom else ["declared"]
