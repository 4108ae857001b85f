"""Counts the requests of a client: for tests that say how many there may be."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import NamedTuple


class Counted(NamedTuple):
    """One request: its method, its path without the values of look-ups, its status or None."""

    method: str
    path: str
    status: int | None
    attempts: int


class RequestCount:
    """What a client has sent since the counter was made, by whatever thread.

    >>> from kustomer_orm import Client, Conversation
    >>> from kustomer_orm.emulator import Emulator
    >>> with Emulator() as server, Client(server.api_key, base_url=server.url) as client:
    ...     id_ = server.world.add("conversation")
    ...     with client.count_requests() as count:
    ...         _ = Conversation.get(id_).customer.name
    ...     count.total, count.requests[0].method
    (2, 'GET')
    """

    def __init__(self) -> None:
        self.requests: list[Counted] = []

    @property
    def total(self) -> int:
        """How many times something was sent, repetitions included."""
        return sum(request.attempts for request in self.requests)

    def __repr__(self) -> str:
        return f"<RequestCount total={self.total}>"


class Counters:
    """The counters that are open for a client."""

    def __init__(self) -> None:
        self._open: list[RequestCount] = []
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def open(self) -> Iterator[RequestCount]:
        """Count in here; counters within each other count the same."""
        count = RequestCount()
        with self._lock:
            self._open = [*self._open, count]
        try:
            yield count
        finally:
            with self._lock:
                self._open = [each for each in self._open if each is not count]

    def note(self, method: str, path: str, status: int | None, attempts: int) -> None:
        """Count one request."""
        for count in self._open:
            count.requests.append(Counted(method, path, status, attempts))
