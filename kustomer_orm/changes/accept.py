"""What is true after an answer: the new baseline, and every local edit carried over to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kustomer_orm._sentinels import MISSING
from kustomer_orm._types import JSON, JSONObject, ReadOnlyJSONObject
from kustomer_orm.changes.rebase import rebase, translate
from kustomer_orm.changes.state import Entry, Extent, State, Tracked, unchanged
from kustomer_orm.changes.wire import is_masked, same_json, sync
from kustomer_orm.errors import InvalidValueError, UnreadableValueError


@dataclass(frozen=True, slots=True)
class Sent:
    """What a request carried for one attribute, and the entry that it was taken from."""

    attribute: Tracked
    wire: JSON
    entry: Entry | None = None


@dataclass(slots=True)
class Accepted:
    """What an answer changed beside what was sent.

    Attributes:
        adjusted: by address, what was sent and what the server stored instead.
        overlaps: by address, the local edit and the server's new value under it.
    """

    adjusted: dict[str, tuple[JSON, JSON]] = field(default_factory=dict)
    overlaps: dict[str, tuple[JSON, JSON]] = field(default_factory=dict)


def merge(
    state: State,
    sent: Mapping[str, Sent],
    answer: ReadOnlyJSONObject,
    answer_relationships: ReadOnlyJSONObject,
) -> tuple[JSONObject, JSONObject]:
    """Give base ∪ sent ∪ answer: the answer wins, a masked value keeps what was sent."""
    attributes: JSONObject = dict(state.attributes)
    relationships: JSONObject = dict(state.relationships)
    for item in sent.values():
        item.attribute.put(attributes, relationships, item.wire)
    attributes.update((key, value) for key, value in answer.items() if key != "custom")
    if isinstance(answer.get("custom"), dict):
        known = attributes.get("custom")
        attributes["custom"] = {**known, **answer["custom"]} if known else answer["custom"]
    relationships.update(answer_relationships)
    for item in sent.values():
        if is_masked(item.attribute.read(attributes, relationships)):
            item.attribute.put(attributes, relationships, item.wire)
    return attributes, relationships


def accept(
    state: State,
    attributes: ReadOnlyJSONObject,
    relationships: ReadOnlyJSONObject,
    extent: Extent,
    sent: Mapping[str, Sent],
    *,
    owner: Any = None,
) -> Accepted:
    """Move the baseline, and carry every entry of the working set over to it.

    This is the only place that moves a baseline. `owner` is handed on to `decode`.
    """
    before = State(state.attributes, state.relationships, state.extent)
    state.attributes, state.relationships, state.extent = attributes, relationships, extent
    accepted = Accepted()
    for address, item in sent.items():
        stored = state.base(item.attribute)
        if not _stored_as_sent(item, stored):
            accepted.adjusted[address] = (item.wire, stored)
    for entry in state.entries():
        _carry(state, before, entry, sent.get(entry.attribute.address), accepted, owner)
    return accepted


def _stored_as_sent(item: Sent, stored: JSON) -> bool:
    if stored is MISSING or stored is None or item.wire is None:
        return item.wire is None and (stored is MISSING or stored is None)
    return is_masked(stored) or item.attribute.same(item.wire, stored)


def _carry(
    state: State,
    before: State,
    entry: Entry,
    sent: Sent | None,
    accepted: Accepted,
    owner: Any,
) -> None:
    """Adopt, keep or rebase one entry."""
    attribute = entry.attribute
    stored = state.base(attribute)
    try:
        mine = entry.wire()
    except InvalidValueError:
        return  # half-edited: it stays as it is, and the next save names it
    if sent is not None:
        reference = sent.wire
        if sent.entry is entry:
            entry.touched = False
            entry.assigned = False  # what is edited from here on is edited in place
        clean = _equal(attribute, mine, reference)
    else:
        reference = before.base(attribute)
        clean = not entry.touched and unchanged(entry, mine, reference, before.extent)
    if clean:
        _adopt(state, entry, stored, owner)
    elif not _equal(attribute, stored, reference):
        overlap = _rebase(entry, (reference, mine, stored), owner, was_sent=sent is not None)
        if overlap:
            accepted.overlaps[attribute.address] = (mine, stored)
        if not entry.touched and state.edit(entry) is None:
            _adopt(state, entry, stored, owner)


def _equal(attribute: Tracked, first: JSON, second: JSON) -> bool:
    """Compare two wire values where an absent one and a null are the same."""
    first, second = (None if wire is MISSING else wire for wire in (first, second))
    if first is None or second is None or is_masked(first) or is_masked(second):
        return same_json(first, second)
    return attribute.same(first, second)


def _adopt(state: State, entry: Entry, stored: JSON, owner: Any) -> None:
    """Take the server's value: in place for a container, so that held references stay live."""
    attribute = entry.attribute
    try:
        absent = stored is MISSING or stored is None
        value: Any = None if absent else attribute.decode(stored, owner)
    except UnreadableValueError:
        state.drop(attribute.address)
        return
    if value is None and isinstance(entry.value, (list, dict)):
        value = type(entry.value)()
    entry.assigned = False
    if isinstance(value, (list, dict)) and type(value) is type(entry.value):
        sync(entry.value, value)
    elif not attribute.held or entry.value != value:
        state.drop(attribute.address)


def _rebase(entry: Entry, sides: tuple[JSON, JSON, JSON], owner: Any, *, was_sent: bool) -> bool:
    """Carry a local edit over to the server's new value; tell whether the two overlap."""
    attribute = entry.attribute
    reference, mine, stored = sides
    unmatched = False
    if was_sent and attribute.unordered and isinstance(stored, list) and isinstance(mine, list):
        names = translate(reference or [], stored)
        reference, mine = ([names.get(item, item) for item in side] for side in (reference, mine))
        # A name that was removed while it was being sent, and whose id nobody can tell.
        unmatched = any(item not in mine and item not in stored for item in reference)
    merged = rebase(reference, mine, stored, unordered=attribute.unordered)
    if isinstance(entry.value, (list, dict)) and not same_json(merged.wire, entry.wire()):
        sync(entry.value, attribute.decode(merged.wire, owner))
    return unmatched or (merged.overlap and not was_sent)
