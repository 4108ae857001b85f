"""Wire values: copied, compared by type and age, and moved into containers that somebody holds."""

from __future__ import annotations

from typing import Any

from kustomer_orm._sentinels import MISSING
from kustomer_orm._types import JSON, ReadOnlyJSONObject


def is_masked(wire: JSON) -> bool:
    """Tell whether the API hides this value: `{"isMasked": true, …}` stands in its place."""
    return type(wire) is dict and wire.get("isMasked") is True


def holds_masked(wire: JSON) -> bool:
    """Tell whether something at any depth is masked."""
    if isinstance(wire, list):
        return any(holds_masked(item) for item in wire if isinstance(item, _CONTAINERS))
    if isinstance(wire, dict):
        return is_masked(wire) or any(map(holds_masked, wire.values()))
    return False


def copy_json(wire: JSON) -> JSON:
    """Copy lists and dicts at every depth, those of subclasses too; anything else is itself."""
    if isinstance(wire, list):
        return [copy_json(item) if isinstance(item, _CONTAINERS) else item for item in wire]
    if isinstance(wire, dict):
        return {
            key: copy_json(item) if isinstance(item, _CONTAINERS) else item
            for key, item in wire.items()
        }
    return wire


_CONTAINERS = (list, dict)
_PLAIN = frozenset((str, int, float, bool))
_MOST_REVISIONS = 2**53  # beyond it JSON's numbers are not exact, and some cannot be sent


def same_json(first: JSON, second: JSON) -> bool:
    """Compare as JSON does: a bool equals only a bool, 1 equals 1.0, dicts ignore order."""
    if first is second:
        return True
    if type(first) is type(second) and type(first) in _PLAIN:
        return bool(first == second)
    if isinstance(first, dict):
        return (
            isinstance(second, dict)
            and len(first) == len(second)
            and all(key in second and same_json(value, second[key]) for key, value in first.items())
        )
    if isinstance(first, list):
        return (
            isinstance(second, list)
            and len(first) == len(second)
            and all(map(same_json, first, second))
        )
    if isinstance(first, bool) or isinstance(second, bool):
        return False  # True and False are singletons: the same one was answered above
    return bool(first == second)


def sync(target: Any, source: Any) -> bool:
    """Make `target` equal to `source` in place, so that references held into it stay live.

    Returns:
        Whether both are lists or both are dicts; else nothing was done.
    """
    if isinstance(target, dict) and isinstance(source, dict):
        for key in [key for key in target if key not in source]:
            del target[key]
        for key, value in source.items():
            target[key] = _moved(target.get(key, MISSING), value)
        return True
    if isinstance(target, list) and isinstance(source, list):
        target[:] = _paired(target, source)
        return True
    return False


def _paired(target: list[Any], source: list[Any]) -> list[Any]:
    """Keep the old object for each item that is still there, wherever it now stands."""
    free = list(range(len(target)))
    kept: list[Any] = [MISSING] * len(source)
    for place, item in enumerate(source):
        for index in free:
            if same_json(target[index], item):
                kept[place] = target[index]
                free.remove(index)
                break
    for place, item in enumerate(source):
        if kept[place] is MISSING:
            # An item that the server rewrote where it stood is still the one that is held.
            in_place = len(target) == len(source) and place in free
            kept[place] = _moved(target[place], item) if in_place else item
    return kept


def _moved(old: Any, new: Any) -> Any:
    if sync(old, new):
        return old
    return old if old is not MISSING and same_json(old, new) else new


def revision(attributes: ReadOnlyJSONObject) -> int | None:
    """Give the revision that a document carries, or None where that is no count.

    >>> revision({"rev": 7.0}), revision({"rev": 1e300})
    (7, None)
    """
    rev = attributes.get("rev")
    if isinstance(rev, bool) or not isinstance(rev, (int, float)):
        return None
    return int(rev) if 0 <= rev <= _MOST_REVISIONS else None  # not a number is neither
