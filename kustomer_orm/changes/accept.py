"""What is true after an answer: the new baseline, and every local edit carried over to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from kustomer_orm._sentinels import MISSING
from kustomer_orm._types import JSON, JSONObject, ReadOnlyJSONObject
from kustomer_orm.changes.rebase import rebase, translate
from kustomer_orm.changes.state import Edit, Entry, Extent, State, Tracked, is_as_read, unchanged
from kustomer_orm.changes.wire import copy_json, is_masked, same_json, sync
from kustomer_orm.errors import InvalidValueError, UnreadableValueError

# Attributes and relationships, as a document has them.
Answered: TypeAlias = tuple[ReadOnlyJSONObject, ReadOnlyJSONObject]


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
    sent: Mapping[str, Edit],
    answer: Answered,
) -> tuple[JSONObject, JSONObject]:
    """Give base with what was sent and the answer: the answer wins, unless it is masked.

    What is edited here keeps its last known value where the answer hides it.
    """
    attributes: JSONObject = dict(state.attributes)
    relationships: JSONObject = dict(state.relationships)
    _put_sent(state, sent, attributes, relationships)
    told, told_relationships = answer
    attributes.update((key, value) for key, value in told.items() if key != "custom")
    if isinstance(told.get("custom"), dict):
        known = attributes.get("custom")
        both = isinstance(known, dict) and not is_masked(known) and not is_masked(told["custom"])
        attributes["custom"] = {**(known or {}), **told["custom"]} if both else told["custom"]
    relationships.update(told_relationships)
    hidden = {
        address: item
        for address, item in sent.items()
        if is_masked(item.attribute.read(attributes, relationships))
    }
    _put_sent(state, hidden, attributes, relationships)
    for entry in state.entries():
        if is_masked(entry.attribute.read(attributes, relationships)):
            entry.attribute.put(attributes, relationships, state.base(entry.attribute))
    return attributes, relationships


def _put_sent(
    state: State, sent: Mapping[str, Edit], attributes: JSONObject, relationships: JSONObject
) -> None:
    for item in sent.values():
        # A deleted key is absent, but in a record loaded in part that would say "not known".
        gone = item.entry.value is MISSING and state.extent is not Extent.PARTIAL
        wire = MISSING if gone else copy_json(item.wire)  # the result shows what was sent
        item.attribute.put(attributes, relationships, wire)


def kept(state: State, document: Answered, attributes: Iterable[Tracked]) -> Answered:
    """Give a document in which these attributes have the value of the present baseline."""
    changed: tuple[JSONObject, JSONObject] | None = None
    for attribute in attributes:
        if changed is None:
            changed = (dict(document[0]), dict(document[1]))
        attribute.put(*changed, state.base(attribute))
    return document if changed is None else changed


def _hidden(state: State, document: Answered) -> list[Tracked]:
    """List the lists and dicts that are in somebody's hands and masked in a document."""
    held = [each.attribute for each in state.entries() if isinstance(each.value, (list, dict))]
    return [attribute for attribute in held if is_masked(attribute.read(*document))]


def accept(
    state: State,
    baseline: Answered,
    extent: Extent,
    sent: Mapping[str, Edit],
    *,
    told: Answered | None = None,
    held: Sequence[Tracked] = (),
    owner: Any = None,
) -> Accepted:
    """Move the baseline, and carry every entry of the working set over to it.

    This is the only place that moves a baseline. A list or dict that is hidden from now on keeps
    its last known value where somebody holds it: it stays the record's own, and can be edited.

    Args:
        state: what is moved.
        baseline: the new attributes and relationships.
        extent: how much of the record they hold.
        sent: by address, what the server was told in the request that it answered.
        told: what the answer itself said, where the baseline holds more than that.
        held: what stays as it is, whatever the new baseline says of it.
        owner: handed on to `decode`.
    """
    attributes, relationships = kept(state, baseline, [*held, *_hidden(state, baseline)])
    before = State(state.attributes, state.relationships, state.extent)
    state.attributes, state.relationships, state.extent = attributes, relationships, extent
    accepted = Accepted()
    for address, item in sent.items():
        stored = state.base(item.attribute)
        if not _stored_as_sent(item, stored):
            accepted.adjusted[address] = (copy_json(item.wire), copy_json(stored))
    move = _Move(before, state, accepted, owner)
    staying = {attribute.address for attribute in held}
    for entry in state.entries():
        if entry.attribute.address in staying:
            continue
        edit = sent.get(entry.attribute.address)
        if entry.doubt is not MISSING and edit is None and not _is_told(entry, baseline, told):
            continue  # nobody knows yet what the server holds: it stays to be sent
        move.carry(entry, edit)
    state.reset(state.working)
    return accepted


def _is_told(entry: Entry, baseline: Answered, told: Answered | None) -> bool:
    """Tell whether an answer says what the server holds; all of it where it was read whole."""
    stored = entry.attribute.read(*(baseline if told is None else told))
    return not is_masked(stored) and (stored is not MISSING or told is None)


def _stored_as_sent(item: Edit, stored: JSON) -> bool:
    if stored is MISSING or stored is None or item.wire is None:
        return item.wire is None and (stored is MISSING or stored is None)
    return is_masked(stored) or item.attribute.same(item.wire, stored)


@dataclass(slots=True)
class _Move:
    """One move of a baseline, and what becomes of each entry in it."""

    before: State
    after: State
    accepted: Accepted
    owner: Any

    def carry(self, entry: Entry, sent: Edit | None) -> None:
        """Adopt the server's value, keep the local edit, or rebase it."""
        attribute = entry.attribute
        doubt, entry.doubt = entry.doubt, MISSING
        stored = self.after.base(attribute)
        reference = self.before.base(attribute) if sent is None else sent.wire
        if sent is not None and sent.entry is entry:
            entry.touched = False
            entry.assigned = False  # what is edited from here on is edited in place
        try:
            mine = entry.wire(reference)
        except InvalidValueError:
            # Half-edited, so it stays and the next save names it; or the server's own, just read.
            if not entry.assigned and is_as_read(entry, reference):
                adopt(self.after, entry, self.owner)
            return
        was_sent = sent is not None
        if doubt is not MISSING and not was_sent and not _equal(attribute, mine, doubt):
            # It went out, nobody knows whether it arrived, and it was changed again since.
            reference = _held_there(attribute, reference, doubt, stored)
            was_sent = attribute.unordered
        if was_sent:
            clean = _equal(attribute, mine, reference)
        else:
            clean = unchanged(entry, mine, reference, self.before.extent)
        if clean:
            adopt(self.after, entry, self.owner)
        elif not (_equal(attribute, stored, reference) and _equal(attribute, reference, stored)):
            self.keep(entry, (reference, mine, stored), was_sent=was_sent)

    def keep(self, entry: Entry, sides: tuple[JSON, JSON, JSON], *, was_sent: bool) -> None:
        """Keep a local edit under which the server's value moved."""
        attribute, (reference, mine, stored) = entry.attribute, sides
        if reference is MISSING and self.before.extent is Extent.PARTIAL and entry.assigned:
            # Written without having been read: there is nothing to merge, so it stays whole.
            overlap = not _equal(attribute, mine, stored)
        else:
            overlap = self.rebase(entry, sides, was_sent=was_sent)
        if overlap:
            self.accepted.overlaps[attribute.address] = (mine, stored)
        if not self.after.is_edited(entry):
            adopt(self.after, entry, self.owner)

    def rebase(self, entry: Entry, sides: tuple[JSON, JSON, JSON], *, was_sent: bool) -> bool:
        """Carry a local edit over to the server's new value; tell whether the two overlap."""
        attribute = entry.attribute
        mine = sides[1]
        reference, stored = (self.respelled(attribute, wire) for wire in (sides[0], sides[2]))
        unmatched = False
        if attribute.unordered and all(isinstance(side, list) for side in sides):
            names, unclear = translate(reference, stored, mine)
            # A name that was removed here, and whose id nobody can tell, so it stays.
            unmatched = any(item not in mine for item in unclear)
            reference = [names.get(item, item) for item in reference]
            mine = [names.get(item, item) for item in mine]
        # What the server shows beside the members nobody writes: the old is gone, the new no edit.
        mine, shown = attribute.own(mine, reference), _shown(attribute, stored)
        if shown and isinstance(mine, dict):
            mine = {**mine, **shown}
            own = attribute.own(reference, reference)
            reference = {**(own if isinstance(own, dict) else {}), **shown}
        merged = rebase(reference, mine, stored, unordered=attribute.unordered)
        if isinstance(entry.value, (list, dict)) and not same_json(
            merged.wire, entry.wire(sides[0])
        ):
            sync(entry.value, attribute.decode(merged.wire, self.owner))
        return unmatched or (merged.overlap and not was_sent)

    def respelled(self, attribute: Tracked, wire: JSON) -> JSON:
        """Spell a value of the server's as we do, so that spelling is no difference."""
        if wire is MISSING or wire is None or is_masked(wire):
            return wire
        try:
            return attribute.encode(attribute.decode(wire, self.owner), wire)
        except (InvalidValueError, UnreadableValueError):
            return wire


def _held_there(attribute: Tracked, base: JSON, doubt: JSON, stored: JSON) -> JSON:
    """Tell what the server held before others wrote: the base, or what was sent if it arrived."""
    if attribute.unordered:
        return doubt
    if isinstance(doubt, dict) and isinstance(stored, dict) and not is_masked(doubt):
        known = base if isinstance(base, dict) and not is_masked(base) else {}
        arrived = {key for key in doubt if same_json(doubt[key], stored.get(key, MISSING))}
        kept_keys = {key: value for key, value in known.items() if key not in arrived}
        return {**kept_keys, **{key: doubt[key] for key in arrived}}
    return doubt if _equal(attribute, stored, doubt) else base


def _shown(attribute: Tracked, stored: JSON) -> JSONObject:
    """Give what a stored object shows beside the members that may be written."""
    if not isinstance(stored, dict) or is_masked(stored):
        return {}
    written = attribute.own(stored, stored)
    return {key: value for key, value in stored.items() if key not in written}


def adopt(state: State, entry: Entry, owner: Any) -> None:
    """Take the baseline's value: in place for a container, so that references stay live."""
    attribute = entry.attribute
    stored = state.base(attribute)
    try:
        absent = stored is MISSING or stored is None
        value: Any = None if absent else attribute.decode(stored, owner)
    except UnreadableValueError:
        state.drop(attribute.address)
        return
    if value is None and isinstance(entry.value, (list, dict)):
        value = [] if isinstance(entry.value, list) else {}
    entry.assigned = False
    entry.touched = entry.touched and _can_be_sent(attribute, value, stored)
    # The container that somebody holds, of a class of its own or not, is the one that moves.
    if sync(entry.value, value):
        return
    if entry.touched:
        entry.value = value
    elif value is None or not attribute.held or entry.value != value:
        state.drop(attribute.address)


def _can_be_sent(attribute: Tracked, value: Any, stored: JSON) -> bool:
    try:
        attribute.outgoing(attribute.encode(value, stored), stored)
    except InvalidValueError:
        return False
    return True


def _equal(attribute: Tracked, first: JSON, second: JSON) -> bool:
    """Compare two wire values where an absent one and a null are the same."""
    first, second = (None if wire is MISSING else wire for wire in (first, second))
    if first is None or second is None or is_masked(first) or is_masked(second):
        return same_json(first, second)
    return attribute.same(first, second)
