"""What an event says was changed, by Python names and as Python values."""

from __future__ import annotations

from collections.abc import Iterator

from kustomer_orm._sentinels import MISSING
from kustomer_orm._types import JSON, JSONObject
from kustomer_orm.changes import is_masked, same_json
from kustomer_orm.records import Change, Record
from kustomer_orm.records.telling import told_change


def changes_of(record: Record, document: JSONObject) -> dict[str, Change]:
    """Give the changes of an event by name, sorted; what cannot be read is left out."""
    told = document.get("changes")
    told = told if isinstance(told, dict) else {}
    found: dict[str, Change] = {}
    for key, before, after in _entries(told.get("attributes")):
        if key == "custom":
            found |= _custom(record, before, after)
        else:
            found |= told_change(record, key, before, after)
    for key, before, after in _entries(told.get("relationships")):
        sides = [_relationship(side) for side in (before, after)]
        found |= told_change(record, f"relationships.{key}", sides[0], sides[1])
    return dict(sorted(found.items()))


def before_and_after(document: JSONObject, key: str) -> tuple[JSON, JSON] | None:
    """Give the wire values of one attribute before and after; None where it was not changed."""
    told = document.get("changes")
    attributes = told.get("attributes") if isinstance(told, dict) else None
    for name, before, after in _entries(attributes):
        if name == key:
            return before, after
    return None


def _entries(told: JSON) -> Iterator[tuple[str, JSON, JSON]]:
    for key, entry in told.items() if isinstance(told, dict) else ():
        if isinstance(entry, dict) and ("before" in entry or "after" in entry):
            yield key, entry.get("before", MISSING), entry.get("after", MISSING)


def _custom(record: Record, before: JSON, after: JSON) -> dict[str, Change]:
    """Compare the custom attributes key by key: an event may show all of them."""
    sides = [side if isinstance(side, dict) else {} for side in (before, after)]
    if any(is_masked(side) for side in sides):
        return {}
    found: dict[str, Change] = {}
    for key in {**sides[0], **sides[1]}:
        old, new = (side.get(key, MISSING) for side in sides)
        if not same_json(old, new):
            found |= told_change(record, f"custom.{key}", old, new)
    return found


def _relationship(side: JSON) -> JSON:
    """Give a relationship as a resource has it, of the identifier alone too."""
    bare = isinstance(side, dict) and "data" not in side and "id" in side
    if bare:
        return {"data": side}
    return side if isinstance(side, dict) else {}
