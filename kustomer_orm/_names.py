"""Python's spelling of the API's names, and the closest name to a mistyped one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def camel(name: str) -> str:
    """Give the wire name of a Python name.

    >>> camel("last_message_at")
    'lastMessageAt'
    """
    first, *rest = name.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in rest)


def closest(name: str, names: Iterable[str]) -> str | None:
    """Give the name that was probably meant, or None.

    >>> closest("nmae", ["name", "status"])
    'name'
    >>> closest("assignedUsers", ["assigned_users"])
    'assigned_users'
    """
    known = list(names)
    for candidate in known:
        if camel(candidate) == name:
            return candidate
    found = difflib.get_close_matches(name, known, n=1)
    return found[0] if found else None
