"""Three-way merges, one attribute at a time, against the oracle's own words of merging.

Every merge goes the way of a refresh: a baseline, an edit here, and a document that others wrote.
The values come from a seeded generator, not from hypothesis, which would take ten times as long.
KUSTOMER_MERGES says how many (20,000 if it does not; CI asks for 100,000), KUSTOMER_PROPERTY_SEED
which.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

from oracle.edits import wire_of
from oracle.fields import FIELDS, Field
from oracle.lab import Support
from oracle.merging import merged
from oracle.values import ABSENT, canonical, copied, nothing, same

from kustomer_orm.changes import Extent, State
from kustomer_orm.records.core import name_at

MERGES = int(os.environ.get("KUSTOMER_MERGES", "20000"))
SEED = int(os.environ.get("KUSTOMER_PROPERTY_SEED", "3"))
ID = "5f0000000000000000000001"
MOMENTS = (
    "2026-05-01T12:00:00.000Z",
    "2026-05-01T14:00:00.000+02:00",  # the same instant
    "2026-05-01T12:00:00.001Z",
    "2026-05-02T12:00:00Z",
)
IDS = tuple(f"5f00000000000000000000{number:02x}" for number in range(16, 20))


def word(chance: Random, one: Field) -> str:
    words = {"status": ("open", "done", "snoozed"), "snooze": ("scheduled", "canceled", "elapsed")}
    return chance.choice(words.get(one.name, ("scheduled", "offered", "rated")))


def some(chance: Random, pool: tuple[Any, ...]) -> list[Any]:
    return chance.sample(pool, chance.randrange(len(pool) + 1))


def member(chance: Random, one: Field, kind: str) -> Any:
    makers: dict[str, Callable[[], Any]] = {
        "word": lambda: word(chance, one),
        "moment": lambda: chance.choice(MOMENTS),
        "number": lambda: chance.choice((0, 5, 10)),
        "text": lambda: chance.choice(("", "a", "b")),
        "list": lambda: some(chance, IDS),
    }
    return makers[kind]()


def thing(chance: Random, one: Field) -> dict[str, Any]:
    made = {
        key: member(chance, one, kind)
        for key, kind in one.members
        if key in one.required or chance.random() < 0.5
    }
    if chance.random() < 0.3:
        made["shown"] = chance.choice((1, 2))  # what the server shows beside the members
    return made


def a_value(chance: Random, one: Field) -> Any:
    """A wire value that the server may hold: absent and null now and then."""
    luck = chance.random()
    if luck < 0.08:
        return ABSENT
    if luck < 0.12 and one.nullable:
        return None
    makers: dict[str, Callable[[], Any]] = {
        "text": lambda: chance.choice(("", "a", "b", "ü\u2028")),
        "word": lambda: word(chance, one),
        "number": lambda: chance.choice((-1, 0, 0.5, 1, 1.0)),
        "whole": lambda: chance.choice((1, 2, 5)),
        "bool": lambda: chance.random() < 0.5,
        "moment": lambda: chance.choice(MOMENTS),
        "list": lambda: some(chance, ("x", "y", "z")),
        "set": lambda: some(chance, IDS),
        "object": lambda: thing(chance, one),
        "link": lambda: chance.choice(IDS),
    }
    return makers[one.kind]()


def document(one: Field, wire: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    if wire is ABSENT:
        return {}, {}
    if one.place == "link":
        data = None if wire is None else {"type": "thing", "id": wire}
        return {}, {one.key: {"data": data}}
    return ({"custom": {one.key: wire}} if one.place == "custom" else {one.key: wire}), {}


def decoded(one: Field, wire: Any) -> Any:
    """The Python value of a wire value, as a user would write it."""
    reader = Support._make(ID, State(*document(one, wire), Extent.WHOLE), None)
    return reader.custom.get(one.key) if not one.declared else getattr(reader, one.name)


def edit(record: Support, one: Field, wire: Any, *, in_place: bool) -> Any:
    """Make the record's value `wire`; what a list or dict in hand is afterwards."""
    value = decoded(one, wire)
    held = record.custom.get(one.key) if not one.declared else getattr(record, one.name)
    if in_place and isinstance(held, list) and isinstance(value, list):
        held[:] = value
        return held
    if in_place and isinstance(held, dict) and isinstance(value, dict):
        held.clear()
        held.update(value)
        return held
    if one.declared:
        setattr(record, one.name, value)
    else:
        record.custom[one.key] = value
    return None


def one_merge(chance: Random, one: Field) -> str:
    base, theirs = a_value(chance, one), a_value(chance, one)
    mine = a_value(chance, one)
    while nothing(mine) or (isinstance(mine, dict) and "shown" in mine):
        mine = a_value(chance, one)  # what can be written: not absent, and no more than members
    if one.kind == "object" and isinstance(base, dict) and "shown" in base:
        mine["shown"] = base["shown"]  # reading shows it, so it is there
    record = Support._make(ID, State(*document(one, base), Extent.WHOLE), None)
    held = edit(record, one, mine, in_place=chance.random() < 0.6)
    attributes, relationships = document(one, theirs)
    overlaps = record._take({"attributes": attributes, "relationships": relationships}).overlaps

    value, overlap = merged(one, ABSENT if base is ABSENT else base, copied(mine), theirs)
    clean_before = same(one, mine, base)
    if clean_before:
        value, overlap = theirs, False
    if same(one, base, theirs) and not clean_before:
        value, overlap = mine, False
    what = f"{one.name}: base {base}, mine {mine}, theirs {theirs}, must be {value}"
    now = record.custom.get(one.key) if not one.declared else getattr(record, one.name)
    if one.kind == "set" and nothing(value):
        value = []
    if nothing(value) or (value in ([], {}) and nothing(theirs)):
        assert nothing(now) or now in ([], {}), f"{what}, is {now}"
    else:
        assert canonical(one, wire_of(one, now)) == canonical(one, value), f"{what}, is {now}"
    names = {name_at(Support, address) for address in overlaps}
    assert names == ({one.name} if overlap else set()), f"{what}: overlap {names}"
    if value not in ([], {}) or not nothing(theirs):  # whether an empty one is sent is another rule
        assert record.is_dirty is not same(one, value, theirs), what
    if held is not None and isinstance(now, type(held)):
        assert now is held, f"{what}: the held object is not live"
    return "clean" if clean_before else "overlap" if overlap else "merged"


def test_three_way_merges_agree_with_the_oracle() -> None:
    chance = Random(SEED)
    fields = list(FIELDS.values())
    counts = Counter(one_merge(chance, chance.choice(fields)) for _ in range(MERGES))
    assert sum(counts.values()) == MERGES
    assert min(counts.values()) > MERGES / 50, counts
    print(f"\n{MERGES} merges: {dict(counts)}")  # noqa: T201 - the figures of the closing note
