"""A local edit carried over to what the server says now, by the words of the design page.

"Unordered lists as sets (theirs, plus what I added, minus what I removed), dicts key by key,
everything else keeps mine whole and is reported as an overlap."
"""

from __future__ import annotations

from typing import Any

from oracle.fields import Field
from oracle.values import ABSENT, copied, masked, milliseconds, nothing, plain_json, same


def merged(field: Field, old: Any, mine: Any, theirs: Any) -> tuple[Any, bool]:
    """The value after the merge, and whether both sides had changed the same thing.

    `old` is what both began with.
    """
    if masked(theirs):
        return mine, False  # what cannot be seen cannot be said to have moved
    if field.kind == "set" and isinstance(mine, list) and isinstance(theirs, list):
        return _as_sets(old if isinstance(old, list) else [], mine, theirs), False
    if field.kind == "object" and isinstance(mine, dict) and isinstance(theirs, dict):
        seen = old if isinstance(old, dict) and not masked(old) else {}
        return _by_key(dict(field.members), seen, mine, theirs)
    if field.kind == "object" and isinstance(mine, dict):
        # What the server showed beside the members went with the value that it showed it with.
        mine = {key: item for key, item in mine.items() if key in dict(field.members)}
    overlap = not same(field, theirs, old) and not same(field, theirs, mine)
    return mine, overlap


def _as_sets(old: list[Any], mine: list[Any], theirs: list[Any]) -> list[Any]:
    kept = [item for item in theirs if item in mine or item not in old]
    return kept + [item for item in mine if item not in old and item not in kept]


def _by_key(
    kinds: dict[str, Any], old: dict[str, Any], mine: dict[str, Any], theirs: dict[str, Any]
) -> tuple[dict[str, Any], bool]:
    result = {key: item for key, item in theirs.items() if key not in kinds}
    overlap = False
    for key, kind in kinds.items():
        before, my, their = (side.get(key, ABSENT) for side in (old, mine, theirs))
        moved_here = not _same_member(kind, before, my)
        moved_there = not _same_member(kind, before, their)
        chosen = my if moved_here else their
        if chosen is not ABSENT:
            result[key] = copied(chosen)
        overlap |= moved_here and moved_there and not _same_member(kind, my, their)
    return result, overlap


def _same_member(kind: str, first: Any, second: Any) -> bool:
    if first is ABSENT or second is ABSENT:
        return first is second
    if kind == "moment" and not nothing(first) and not nothing(second):
        return milliseconds(first) == milliseconds(second)
    return plain_json(first) == plain_json(second)
