"""A local edit carried over to a new baseline: three ways, by the kind of value."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kustomer_orm._sentinels import MISSING
from kustomer_orm._types import JSON
from kustomer_orm.changes.wire import copy_json, is_masked, same_json

_OBJECT_ID = re.compile("[0-9a-fA-F]{24}")


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
    if is_masked(theirs):
        return Rebased(copy_json(mine), overlap=False)  # nobody can see whether it moved
    if unordered and isinstance(mine, list) and isinstance(theirs, list):
        return Rebased(_sets(_as_list(reference), mine, theirs), overlap=False)
    if isinstance(mine, dict) and isinstance(theirs, dict):
        known = isinstance(reference, dict) and not is_masked(reference)
        return _dicts(reference if known else {}, mine, theirs)
    moved = not _equal(theirs, reference) and not _equal(theirs, mine)
    return Rebased(copy_json(mine), overlap=moved)


def translate(
    known: list[JSON], stored: list[JSON], mine: list[JSON]
) -> tuple[dict[JSON, JSON], list[JSON]]:
    """Map what the server was told to its own spelling of it; list what cannot be told apart.

    Tags go out as names and come back as ids (documented), in an order that nobody promises. As
    many new ids as names went out are those names' ids. Which is whose does not matter where all
    of the names are still here, or none is; else only a single one can be told. An id is never
    taken for another one.
    """
    told = [item for item in known if item not in stored]
    new = [item for item in stored if item not in known]
    pairs: dict[JSON, JSON] = {}
    unclear: list[JSON] = []
    for ids in (False, True):
        ours = [item for item in told if _is_id(item) is ids]
        theirs = [item for item in new if _is_id(item) is not ids]
        kept = sum(item in mine for item in ours)
        if len(ours) == len(theirs) and kept in {0, len(ours)}:
            pairs.update(zip(ours, theirs, strict=True))
        elif theirs:
            unclear += ours
    return pairs, unclear


def _is_id(item: JSON) -> bool:
    return isinstance(item, str) and _OBJECT_ID.fullmatch(item) is not None


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
