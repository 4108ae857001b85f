"""Brings a live record up to what somebody else was told of it: an event, which may be old."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import Enum

from kustomer_orm._sentinels import MISSING
from kustomer_orm._types import JSON, JSONObject
from kustomer_orm.changes import Answered, Tracked, revision
from kustomer_orm.records.core import Core
from kustomer_orm.records.overlapping import overlaps_of
from kustomer_orm.records.results import Change


class Place(Enum):
    """Where one state of a record stands beside another."""

    NEWER = "newer"
    SAME = "repeated"
    OLDER = "stale"
    UNKNOWN = "unknown"


def moment(text: JSON) -> datetime | None:
    """Read a time of the server's, None where it is none."""
    if not isinstance(text, str):
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


def compared(old: tuple[int | None, JSON], new: tuple[int | None, JSON]) -> Place:
    """Place a new state beside an old one; each is a revision and the time of its update."""
    if old[0] is not None and new[0] is not None:
        return _order(old[0], new[0])
    if old[0] is not None or new[0] is not None:
        return Place.UNKNOWN
    before, after = moment(old[1]), moment(new[1])
    if before is None or after is None:
        return Place.UNKNOWN
    return _order((before - _EPOCH).total_seconds(), (after - _EPOCH).total_seconds())


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _order(old: float, new: float) -> Place:
    if new == old:
        return Place.SAME
    return Place.NEWER if new > old else Place.OLDER


def place_of(record: Core, resource: JSONObject) -> Place:
    """Place a state beside what a record holds; anything is newer than what was never loaded."""
    held = record._state.attributes
    if not held:
        return Place.NEWER
    told = resource["attributes"]
    return compared((record._rev(), held.get("updatedAt")), (revision(told), told.get("updatedAt")))


def follow(record: Core, resource: JSONObject) -> dict[str, Change]:
    """Take a newer state, with the local edits carried over to it.

    Where edits meet other values nothing moves: the next save would take a moved base for one
    that was read, and write over them without a word, in every mode. What is in doubt is settled
    only where the state shows that it has arrived, since it may arrive after that.

    Returns:
        By name, the edits that were met: the value here, and the server's.
    """
    document = (resource["attributes"], resource.get("relationships") or {})
    doubtful = _still_doubtful(record, document)
    places = {attribute.address for attribute in doubtful}
    met = [each for each in overlaps_of(record, document) if each.attribute.address not in places]
    if met:
        sides = (each.conflict for each in met)
        return {side.name: Change(side.mine, side.theirs) for side in sides}
    with _losses_kept(record):
        record._keep_beside(resource)
        record._accept(document, {}, held=doubtful)
    return {}


def _still_doubtful(record: Core, document: Answered) -> list[Tracked]:
    """List what is in doubt and not shown."""
    found: list[Tracked] = []
    for entry in record._state.entries():
        if entry.doubt is MISSING:
            continue
        shown = entry.attribute.read(*document)
        known = shown is not MISSING and shown is not None and entry.doubt is not None
        if not (known and entry.attribute.same(shown, entry.doubt)):
            found.append(entry.attribute)
    return found


@contextlib.contextmanager
def _losses_kept(record: Core) -> Iterator[None]:
    """Remember, over a move, how many writes nobody knows the fate of, if any is left."""
    extra = record._extra
    lost = 0 if extra is None else extra.lost
    yield
    if extra is not None and extra.in_doubt:
        extra.lost = lost
