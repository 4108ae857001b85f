"""Tells by revisions whether others wrote between the read and a save, and what they moved."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from kustomer_orm._sentinels import MISSING
from kustomer_orm._types import JSON
from kustomer_orm.changes import Edit, Extent, State, copy_json, is_masked, revision, same_json
from kustomer_orm.records.core import Core, name_at, value_at
from kustomer_orm.records.history import group_of, touched_between
from kustomer_orm.records.results import Change, SaveResult

_log = logging.getLogger("kustomer_orm")


class Before(NamedTuple):
    """What a record knew when a request went out.

    Attributes:
        state: the baseline.
        lost: how many earlier writes may have raised the revision without anybody knowing.
        doubtful: the addresses of what they carried.
    """

    state: State
    lost: int
    doubtful: frozenset[str]


def before(record: Core) -> Before:
    """Keep what a record knows now, to compare with afterwards."""
    state, extra = record._state, record._extra
    doubts = [entry.attribute.address for entry in state.entries() if entry.doubt is not MISSING]
    return Before(
        State(state.attributes, state.relationships, state.extent),
        0 if extra is None else extra.lost,
        frozenset(doubts),
    )


def verify(
    record: Core, known: Before, attempts: int, sent: Mapping[str, Edit], result: SaveResult
) -> bool | None:
    """Tell whether others wrote before a write of ours: one adds one to the revision.

    Args:
        record: the record, after the answer.
        known: what it knew before.
        attempts: how often the request was sent.
        sent: by address, what it carried.
        result: the result to add to.
    """
    others = others_wrote(record, known, attempts, sent)
    if not others:
        return others
    moved = moved_between(record, known.state, known.doubtful.union(sent))
    replaced = {} if result.requests[-1].method == "POST" else sent  # adding writes over nothing
    overwritten = tuple(
        name_at(type(record), address)
        for address, edit in replaced.items()
        if not _is_untouched(record, known.state, edit)
    )
    result.overwritten = (*result.overwritten, *overwritten)
    _log.warning(
        "%s: others wrote between the read and this save (rev %s, loaded %s); moved: %s; a newer "
        "value may have been overwritten: %s",
        record._label(),
        record._rev(),
        revision(known.state.attributes),
        ", ".join(moved) or "nothing else",
        ", ".join(overwritten) or "none",
    )
    return True


def wrote_since(record: Core, known: Before) -> bool | None:
    """Tell whether others wrote between two reads."""
    old, new = revision(known.state.attributes), record._rev()
    if old is not None and new is not None:
        if new == old:
            return False
        if new > old + known.lost:
            return True
    touched = touched_between(record, known.state.attributes, record._state.attributes) or ()
    doubtful = {group_of(record, address) for address in known.doubtful}
    return True if any(group not in doubtful for group in touched) else None


def others_wrote(record: Core, known: Before, attempts: int, sent: Collection[str]) -> bool | None:
    """Tell by the revision, and where that is silent by the times of change."""
    old, new = revision(known.state.attributes), record._rev()
    if old is not None and new is not None and new > old:
        if new == old + 1:
            return False
        # A write whose answer was lost may have added one of its own.
        if new > old + attempts + known.lost:
            return True
    touched = touched_between(record, known.state.attributes, record._state.attributes) or ()
    ours = {group_of(record, address) for address in known.doubtful.union(sent)}
    return True if any(group not in ours for group in touched) else None


def _is_untouched(record: Core, before: State, edit: Edit) -> bool:
    """Tell whether nobody has changed a field since, not even we: it was sent though equal.

    Had we changed it, its time would have moved; where it did not, times are too coarse to tell.
    """
    touched = touched_between(record, before.attributes, record._state.attributes)
    group = group_of(record, edit.attribute.address)
    equal = _same(edit.attribute, before.base(edit.attribute), edit.wire)
    return equal and touched is not None and group is not None and group not in touched


def gravest(*verdicts: bool | None) -> bool | None:
    """Of several requests: one sure sign of others is enough, one doubt leaves doubt."""
    if any(verdicts):
        return True
    return None if None in verdicts else False


def moved_between(record: Core, before: State, ours: Collection[str] = ()) -> dict[str, Change]:
    """Name what moved between two baselines; what is ours, and what always moves, left out."""
    after = record._state
    moved: dict[str, Change] = {}
    places = _places(before)
    if before.extent is not Extent.PARTIAL:  # of what was never loaded nobody knows that it moved
        places |= _places(after)
    for address in places:
        if address in ours or address in record.bookkeeping:
            continue
        attribute: Any = record._by_address.get(address)
        if attribute is None and address.startswith("custom."):
            attribute = record._at(address)
        if attribute is None:
            old, new = (state.attributes.get(address, MISSING) for state in (before, after))
            changed, values = not same_json(old, new), (copy_json(old), copy_json(new))
        else:
            old, new = before.base(attribute), after.base(attribute)
            changed = not _same(attribute, old, new)
            values = (value_at(record, attribute, old), value_at(record, attribute, new))
        if changed:
            moved[name_at(type(record), address)] = Change(
                *(None if value is MISSING else value for value in values)
            )
    return dict(sorted(moved.items()))


def _same(attribute: Any, old: JSON, new: JSON) -> bool:
    old, new = (None if wire is MISSING else wire for wire in (old, new))
    if old is None or new is None:
        return old is new
    hidden = is_masked(old) or is_masked(new)  # what cannot be seen cannot be said to have moved
    return hidden or bool(attribute.same(old, new))


def _places(state: State) -> set[str]:
    held = state.attributes.get("custom")
    shown = isinstance(held, dict) and not is_masked(held)
    custom = {f"custom.{key}" for key in held or ()} if shown else set()
    linked = {
        f"relationships.{name}"
        for name, relation in state.relationships.items()
        if isinstance(relation, dict) and "data" in relation
    }
    return {key for key in state.attributes if key != "custom"} | custom | linked
