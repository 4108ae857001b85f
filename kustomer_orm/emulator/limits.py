"""Rate limits: fixed windows of 60 seconds on the injected clock."""

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from kustomer_orm.emulator.answers import TITLES, Problem, RefusedError
from kustomer_orm.emulator.behaviour import Behaviour

WINDOW_SECONDS = 60.0


@dataclass
class _Window:
    ends: float
    used: int = 0


class Limits:
    """The budgets of the organisation, of search, of each record and each customer's creations."""

    def __init__(self, *, clock: Callable[[], datetime], behaviour: Behaviour) -> None:
        self._lock = threading.Lock()
        self._clock = clock
        self._behaviour = behaviour
        self._windows: dict[tuple[str, ...], _Window] = {}

    def spend(self, requests: int) -> None:
        """Use up the organisation's budget, as other programs and people do."""
        with self._lock:
            self._window("org").used += requests

    def take(self) -> None:
        """Count a request; refused with 429 when the organisation's budget is spent."""
        self._take(self._behaviour.rate_limit, "org")

    def take_search(self) -> None:
        """Count a search, beside the organisation's budget."""
        self._take(self._behaviour.search_limit, "search")

    def take_object(self, kind: str, ident: str) -> None:
        """Count an update of a record."""
        try:
            self._take(self._behaviour.object_limit, "object", kind, ident)
        except RefusedError as refused:
            if self._behaviour.object_refusal == "object":
                refused.headers.update(self.object_headers(kind, ident))
            if self._behaviour.object_refusal == "nothing_left":
                refused.headers["X-Ratelimit-Remaining"] = "0"
            raise

    def take_creation(self, customer: str, kind: str = "conversation") -> None:
        """Count a conversation, message, note, draft or custom object created for a customer."""
        self._take(self._behaviour.creation_limit, "creation", kind, customer)

    def headers(self, *, search: bool = False) -> dict[str, str]:
        """The headers of every answer; those of a search may be its own."""
        if search and self._behaviour.search_headers == "search":
            return self._search_headers()
        limit = self._behaviour.rate_limit
        if limit is None:
            return {}
        with self._lock:
            window = self._window("org")
            left = max(0, limit - window.used)
            headers = {"X-Ratelimit-Limit": str(limit), "X-Ratelimit-Remaining": str(left)}
            if self._behaviour.ratelimit_reset == "always":
                headers["X-Ratelimit-Reset"] = _epoch(window)
            return headers

    def object_headers(self, kind: str, ident: str) -> dict[str, str]:
        """The headers of an answer to PUT and PATCH."""
        limit = self._behaviour.object_limit
        if limit is None:
            return {}
        with self._lock:
            left = max(0, limit - self._window("object", kind, ident).used)
        return {"X-Ratelimit-Object-Limit": str(limit), "X-Ratelimit-Object-Remaining": str(left)}

    def _search_headers(self) -> dict[str, str]:
        limit = self._behaviour.search_limit
        if limit is None:
            return {}
        with self._lock:
            left = max(0, limit - self._window("search").used)
        return {"X-Ratelimit-Limit": str(limit), "X-Ratelimit-Remaining": str(left)}

    def _take(self, limit: int | None, *name: str) -> None:
        with self._lock:
            window = self._window(*name)
            if limit is not None and window.used >= limit:
                raise self._refusal(window)
            window.used += 1

    def _refusal(self, window: _Window) -> RefusedError:
        headers = {}
        if self._behaviour.ratelimit_reset != "never":
            headers["X-Ratelimit-Reset"] = _epoch(window)
        if self._behaviour.retry_after:
            left = window.ends - self._clock().timestamp()
            headers["Retry-After"] = str(max(1, math.ceil(left)))
        return RefusedError(429, Problem(TITLES[429]), headers=headers)

    def _window(self, *name: str) -> _Window:
        now = self._clock().timestamp()
        window = self._windows.get(name)
        if window is None or now >= window.ends:
            window = self._windows[name] = _Window(now + WINDOW_SECONDS)
        return window


def _epoch(window: _Window) -> str:
    return str(math.ceil(window.ends))
