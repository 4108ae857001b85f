"""When a field was last changed, by the server's own account: `modificationHistory`.

It names a time for some groups of fields (recorded; each null or the time of the last change). So
it tells that others touched one that they put back, and that nobody has touched one since.
"""

from __future__ import annotations

from kustomer_orm._types import ReadOnlyJSONObject
from kustomer_orm.records.core import Core


def touched_between(
    record: Core, old: ReadOnlyJSONObject, new: ReadOnlyJSONObject
) -> frozenset[str] | None:
    """List the groups whose time of change moved between two baselines.

    Returns:
        The addresses of `record.history`; None where one of the two has no account of times.
    """
    times = [side.get("modificationHistory") for side in (old, new)]
    before, after = times
    if not (record.history and isinstance(before, dict) and isinstance(after, dict)):
        return None
    return frozenset(
        address
        for key, address in record.history.items()
        if key in before and key in after and before[key] != after[key]
    )


def group_of(record: Core, address: str) -> str | None:
    """Give the group that an attribute is timed with, or None: custom keys are timed together."""
    group = "custom" if address.startswith("custom.") else address
    return group if group in record.history.values() else None
