"""A handful of believable records, for the demo and for whoever starts the emulator by hand."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from kustomer_orm.emulator.rules import data
from kustomer_orm.emulator.world import World


def seed(world: World) -> list[str]:
    """Fill a world with the records of `data/demo.json`; the ids of its conversations."""
    plan = deepcopy(data("demo"))
    known: dict[str, dict[str, str]] = {}
    # The plan speaks of other records by short names, under these attributes.
    for kind, attribute in (
        ("user", "members"),
        ("team", "assignedTeams"),
        ("queue", "queue"),
        ("sub_status", "subStatus"),
        ("company", "company"),
    ):
        known[attribute] = {
            name: world.add(kind, **_pointed(values, known)) for name, values in plan[kind].items()
        }
    known["assignedUsers"] = known["members"]
    conversations = []
    for entry in plan["customer"]:
        customer = world.add("customer", **_pointed(entry["values"], known))
        conversations += [
            world.add("conversation", customer=customer, **_pointed(values, known))
            for values in entry["conversations"]
        ]
    for klass in plan["klass"]:
        world.add("klass", **klass)
    for resource, properties in plan["metadata"].items():
        world.describe(resource, **properties)
    return conversations


def _pointed(values: dict[str, Any], known: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """The values with the plan's short names of other records replaced by their ids."""
    return {
        name: _ids(value, known[name]) if name in known else value for name, value in values.items()
    }


def _ids(value: str | list[str], ids: Mapping[str, str]) -> str | list[str]:
    return ids[value] if isinstance(value, str) else [ids[each] for each in value]
