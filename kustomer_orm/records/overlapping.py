"""Brings a held record up to date, unless somebody else changed what is changed here as well."""

from __future__ import annotations

from kustomer_orm._sentinels import MISSING
from kustomer_orm._types import JSON, JSONObject
from kustomer_orm.changes import Extent, Tracked, accept, is_masked, same_json
from kustomer_orm.errors import UnsavedChangesError
from kustomer_orm.records.core import Core, name_at


def take_in(record: Core, resource: JSONObject) -> None:
    """Take what was read, with the local edits carried over to it.

    Raises:
        UnsavedChangesError: see `refuse_overlaps`.
    """
    refuse_overlaps(record, resource)
    record._take(resource)


def refuse_overlaps(record: Core, resource: JSONObject) -> None:
    """Refuse to move the base under edits whose value moved on the server as well.

    Whoever calls has nobody to tell of them: once the base has moved, the next save would write
    over the other value without a word, in every mode.

    Raises:
        UnsavedChangesError: there are such edits. The record is as it was.
    """
    names = _overlaps(record, resource) if record._state.is_dirty() else []
    if names:
        raise UnsavedChangesError(
            f"{record._label()} has unsaved changes that others changed as well: "
            f"{', '.join(names)}; nothing was taken over. Call refresh(), which carries them over "
            "and returns the values of both sides, save(conflict='careful'), which merges, or "
            "refresh('discard')"
        )


def _overlaps(record: Core, resource: JSONObject) -> list[str]:
    """Merge in a copy, and name the attributes that both sides have changed."""
    base, trial = record._state, record._state.copy()
    document = (resource["attributes"], resource.get("relationships") or {})
    overlaps = accept(trial, document, Extent.WHOLE, {}, owner=record).overlaps
    found = []
    for address, (_, theirs) in overlaps.items():
        attribute = record._at(address)
        before = base.base(attribute)
        if before is MISSING and base.extent is Extent.PARTIAL:
            continue  # written without having been read: there was nothing to compare with
        if _differ(attribute, before, theirs):
            found.append(name_at(type(record), address))
    return found


def _differ(attribute: Tracked, before: JSON, theirs: JSON) -> bool:
    """Tell whether the server's value has moved.

    Where a write is in doubt the merge starts from what was sent, and finds an overlap where the
    server does not have that.
    """
    sides = [None if wire is MISSING else wire for wire in (before, theirs)]
    if any(wire is None or is_masked(wire) for wire in sides):
        return not same_json(*sides)
    return not attribute.same(*sides)
