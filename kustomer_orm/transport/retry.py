"""When a request may be sent again, and how long to wait before."""

from __future__ import annotations

import email.utils
from collections.abc import Mapping

from kustomer_orm.config import Clock
from kustomer_orm.transport.message import Request

_FIRST_WAIT = 0.5
_LONGEST_WAIT = 30.0
# A 429 without a reset time does not say when; the window is a minute (documented).
_FIRST_WAIT_ON_LIMIT = 5.0
_LONGEST_WAIT_ON_LIMIT = 60.0
# On top of what the server asks for, so that forty workers do not come back together.
_SPREAD = 0.5


def may_repeat(request: Request, status: int | None, *, reached: bool) -> bool:
    """Tell whether an attempt that ended so may be followed by another.

    Args:
        request: what was sent.
        status: the answer's status, or None when there was no answer.
        reached: whether the server may have acted.
    """
    if status == 429:
        return True  # refused before anything was done
    if status is not None and (status < 500 or status == 501):
        return False  # a 409 above all: repeating it blindly would overwrite somebody
    return request.repeatable or not reached


def told(status: int, headers: Mapping[str, str], clock: Clock) -> float | None:
    """Give the seconds that the server asks to wait, or None."""
    after = headers.get("retry-after")
    if after is not None:
        seconds = _number(after)
        if seconds is not None:
            return max(0.0, seconds)
        moment = _http_date(after)
        if moment is not None:
            return max(0.0, moment - clock.now())
    reset = _number(headers.get("x-ratelimit-reset")) if status == 429 else None
    # A reset that is past says that the clocks differ, so it says nothing.
    return reset - clock.now() if reset is not None and reset > clock.now() else None


def wait(attempt: int, status: int | None, asked: float | None, clock: Clock) -> float:
    """Give the seconds to wait after the attempt of this number: full jitter.

    What the server asked for is a lower bound.
    """
    if asked is not None:
        return asked + clock.random() * _SPREAD
    return clock.random() * longest(attempt, status)


def longest(attempt: int, status: int | None) -> float:
    """Give the bound of the wait after the attempt of this number, where the server is silent."""
    first, most = _FIRST_WAIT, _LONGEST_WAIT
    if status == 429:
        first, most = _FIRST_WAIT_ON_LIMIT, _LONGEST_WAIT_ON_LIMIT
    return min(most, first * 2.0 ** (attempt - 1))


def _number(text: str | None) -> float | None:
    try:
        seconds = float(text) if text is not None else None
    except ValueError:
        return None
    finite = seconds is not None and abs(seconds) < 1e12
    return seconds if finite else None


def _http_date(text: str) -> float | None:
    try:
        return email.utils.parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError):
        return None
