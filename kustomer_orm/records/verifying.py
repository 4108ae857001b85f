"""Tells by revisions whether others wrote between the read and a save, and what they moved."""

from __future__ import annotations

import logging
from collections.abc import Collection
from typing import Any, NamedTuple

from kustomer_orm._sentinels import MISSING
from kustomer_orm._types import JSON
from kustomer_orm.changes import Extent, State, copy_json, is_masked, revision, same_json
from kustomer_orm.records.core import Core, name_at, value_at
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
    record: Core, known: Before, attempts: int, sent: Collection[str], result: SaveResult
) -> None:
    """Compare revisions: one save adds one. Report what others moved.

    Args:
        record: the record, after the answer.
        known: what it knew before.
        attempts: how often the request was sent.
        sent: the addresses of what it carried.
        result: the result to add to.
    """
    old, new = revision(known.state.attributes), record._rev()
    others: bool | None = None
    if old is not None and new is not None and new > old:
        # A write whose answer was lost may have added one of its own.
        others = False if new == old + 1 else None if new <= old + attempts + known.lost else True
    earlier = result.others_wrote if len(result.requests) > 1 else False
    result.others_wrote = _gravest(earlier, others)
    if others is False:
        return
    moved = moved_between(record, known.state, known.doubtful.union(sent))
    result.foreign = {**result.foreign, **moved}
    if others:
        _log.warning(
            "%s: others wrote between the read and this save (rev %s, expected %s); moved: %s; "
            "a newer value may have been overwritten: %s",
            record._label(),
            new,
            (old or 0) + 1,
            ", ".join(moved) or "nothing else",
            ", ".join(name_at(type(record), address) for address in sent),
        )


def _gravest(*verdicts: bool | None) -> bool | None:
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
