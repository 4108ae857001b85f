"""Where a record's edits and other people's writes meet: found in a copy, before anything moves."""

from __future__ import annotations

from typing import Any, NamedTuple

from kustomer_orm._sentinels import MISSING
from kustomer_orm._types import JSON, JSONObject
from kustomer_orm.attributes import Attribute
from kustomer_orm.changes import Answered, Extent, accept, copy_json, rebase
from kustomer_orm.errors import FieldConflict, UnsavedChangesError
from kustomer_orm.records.core import Core, name_at, value_at


class Overlap(NamedTuple):
    """One attribute that both sides changed.

    Attributes:
        attribute: which one.
        conflict: the three values.
        theirs_first: the wire value of a merge in which theirs goes first.
    """

    attribute: Attribute[Any, Any]
    conflict: FieldConflict
    theirs_first: JSON


def overlaps_of(record: Core, document: Answered) -> list[Overlap]:
    """Merge in a copy, to see where both sides changed the same. Sets never do."""
    base, trial = record._state, record._state.copy()
    overlaps = accept(trial, document, Extent.WHOLE, {}, owner=record).overlaps
    found = []
    for address, (mine, theirs) in overlaps.items():
        attribute: Any = record._at(address)
        before = base.base(attribute)
        blind = before is MISSING and base.extent is Extent.PARTIAL
        if blind or attribute.unordered:
            continue  # written without having been read: there was nothing to compare with
        sides = [copy_json(value_at(record, attribute, wire)) for wire in (before, mine, theirs)]
        conflict = FieldConflict(sides[0], sides[1], sides[2], name_at(type(record), address))
        # Of a dict both may keep what only they changed; the roles are exchanged.
        swapped = rebase(before, theirs, mine, unordered=False).wire
        found.append(Overlap(attribute, conflict, swapped))
    return found


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
    if not record._state.is_dirty():
        return
    document = (resource["attributes"], resource.get("relationships") or {})
    names = [each.conflict.name for each in overlaps_of(record, document)]
    if names:
        raise UnsavedChangesError(
            f"{record._label()} has unsaved changes that others changed as well: "
            f"{', '.join(names)}; nothing was taken over. Call refresh(), which carries them over "
            "and returns the values of both sides, save(conflict='careful'), which merges, or "
            "refresh('discard')"
        )
