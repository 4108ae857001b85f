"""A local edit carried over to a new baseline: three ways, by the kind of value."""

from __future__ import annotations

from dataclasses import dataclass

from kustomer_orm._sentinels import MISSING
from kustomer_orm._types import JSON
from kustomer_orm.changes.wire import copy_json, same_json


@dataclass(frozen=True, slots=True)
class Rebased:
    """The merged wire value, and whether both sides had changed the same thing."""

    wire: JSON
    overlap: bool


def rebase(reference: JSON, mine: JSON, theirs: JSON, *, unordered: bool) -> Rebased:
    """Merge `mine`, edited from `reference`, onto `theirs`.

    Unordered lists merge as sets, dicts key by key; of anything else mine stays whole, and it
    is an overlap when theirs moved as well, to another value.
    """
    if unordered and isinstance(mine, list) and isinstance(theirs, list):
        return Rebased(_sets(_as_list(reference), mine, theirs), overlap=False)
    if isinstance(mine, dict) and isinstance(theirs, dict):
        return _dicts(reference if isinstance(reference, dict) else {}, mine, theirs)
    moved = not _equal(theirs, reference) and not _equal(theirs, mine)
    return Rebased(copy_json(mine), overlap=moved)


def translate(sent: list[JSON], stored: list[JSON]) -> dict[JSON, JSON]:
    """Map the names that were sent to the ids that the server stored for them, where it is plain.

    Tags go out as names and come back as ids (documented). When as many unknown ids came back as
    unknown names went out, they are paired in order; otherwise nobody can tell which is which.
    """
    names = [item for item in sent if item not in stored]
    ids = [item for item in stored if item not in sent]
    return dict(zip(names, ids, strict=True)) if len(names) == len(ids) else {}


def _sets(reference: list[JSON], mine: list[JSON], theirs: list[JSON]) -> list[JSON]:
    removed = [item for item in reference if item not in mine]
    added = [item for item in mine if item not in reference and item not in theirs]
    return [item for item in theirs if item not in removed] + added


def _dicts(reference: dict[str, JSON], mine: dict[str, JSON], theirs: dict[str, JSON]) -> Rebased:
    merged: dict[str, JSON] = {}
    overlap = False
    for key in [*theirs, *(key for key in mine if key not in theirs)]:
        before, my, their = (side.get(key, MISSING) for side in (reference, mine, theirs))
        if same_json(my, before):
            value = their
        elif isinstance(my, dict) and isinstance(their, dict):
            inner = _dicts(before if isinstance(before, dict) else {}, my, their)
            value, overlap = inner.wire, overlap or inner.overlap
        else:
            value = my
            overlap = overlap or not (same_json(their, before) or same_json(their, my))
        if value is not MISSING:
            merged[key] = copy_json(value)
    return Rebased(merged, overlap)


def _equal(first: JSON, second: JSON) -> bool:
    """As JSON; an absent value and a null are the same at the top of an attribute."""
    return same_json(None if first is MISSING else first, None if second is MISSING else second)


def _as_list(wire: JSON) -> list[JSON]:
    return wire if isinstance(wire, list) else []
