"""What the headers of an answer say about budgets, as numbers; garbage says nothing."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

_MOST = 1e9  # beyond this a header is no count


@dataclass(frozen=True, slots=True)
class Counts:
    """The two numbers of one budget.

    Attributes:
        limit: requests per window; at least 1.
        remaining: how many of them are left; 0 where the header is below it.
    """

    limit: int | None
    remaining: int | None


NOTHING = Counts(None, None)


def counts(headers: Mapping[str, str]) -> Counts:
    """Read the organisation's budget: on every answer (recorded).

    >>> counts({"x-ratelimit-limit": "1000", "x-ratelimit-remaining": "soon"})
    Counts(limit=1000, remaining=None)
    """
    return _pair(headers.get("x-ratelimit-limit"), headers.get("x-ratelimit-remaining"))


def object_counts(headers: Mapping[str, str]) -> Counts:
    """Read one object's budget: on answers to its updates (recorded on a PUT)."""
    limit = headers.get("x-ratelimit-object-limit")
    return _pair(limit, headers.get("x-ratelimit-object-remaining"))


def reset_in(headers: Mapping[str, str], now: float, longest: float) -> float | None:
    """Give the seconds until the window is over; `now` is in seconds since the epoch.

    A reset that is past, or further off than a window, says that the clocks differ: it says
    nothing.
    """
    reset = _number(headers.get("x-ratelimit-reset"))
    if reset is None:
        return None
    left = reset - now
    return left if 0 < left <= longest else None


def _pair(limit_text: str | None, remaining_text: str | None) -> Counts:
    if limit_text is None and remaining_text is None:
        return NOTHING
    limit, remaining = _number(limit_text), _number(remaining_text)
    most = _MOST if limit is None or not 1 <= limit <= _MOST else limit
    return Counts(
        None if most == _MOST else int(most),
        int(max(remaining, 0)) if remaining is not None and remaining <= most else None,
    )


def _number(text: str | None) -> float | None:
    try:
        number = float(text) if text is not None else None
    except ValueError:
        return None
    return number if number is not None and math.isfinite(number) else None
