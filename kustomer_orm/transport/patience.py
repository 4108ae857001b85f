"""How long a call may wait, and how its caller is told."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from kustomer_orm.config import Clock, Config
from kustomer_orm.errors import RateLimitError
from kustomer_orm.transport.message import Request, shown

_log = logging.getLogger("kustomer_orm")

Reason = Literal["organisation", "search", "object", "creation"]


@dataclass(frozen=True, slots=True)
class Wait:
    """A wait for a budget of requests that is about to begin; `on_wait` is given it.

    Attributes:
        seconds: how long it is expected to take.
        reason: whose budget is used up: that of the "organisation", of "search", of one "object",
            or of the "creation" of records for one customer.

    >>> from kustomer_orm import Client, Clock, Conversation, Wait
    >>> from kustomer_orm.emulator import Emulator, Fault
    >>> told: list[Wait] = []
    >>> with Emulator() as server, Client(
    ...     server.api_key,
    ...     base_url=server.url,
    ...     on_wait=told.append,
    ...     clock=Clock(sleep=lambda seconds: None, random=lambda: 0.0),
    ... ) as client:
    ...     id_ = server.world.add("conversation", name="Hi")
    ...     server.faults.add(Fault.status(429, headers={"Retry-After": "7"}))
    ...     Conversation.get(id_).name
    'Hi'
    >>> told
    [Wait(seconds=7.0, reason='organisation')]
    """

    seconds: float
    reason: Reason


class Patience:
    """What one call, its repetitions included, may still wait.

    Attributes:
        end: when its deadline is, on the monotonic clock.
        timeless: whether a sleep took no time. It is a test's, and taken at its word: this call
            waits no more, else it spun for ever.
    """

    def __init__(
        self,
        request: Request,
        config: Config,
        clock: Clock,
        on_wait: Callable[[Wait], object] | None,
    ) -> None:
        self._request = request
        self._clock = clock
        self._on_wait = on_wait
        self.timeless = False
        self._budget = math.inf if config.max_wait is None else config.max_wait
        self.end = clock.monotonic() + config.deadline

    def allows(self, seconds: float) -> bool:
        """Tell whether a wait for a budget is within the deadline and within `max_wait`."""
        return seconds <= self._budget and self._clock.monotonic() + seconds < self.end

    def ask(self, seconds: float, reason: Reason) -> None:
        """Allow a wait for a budget, or refuse it; nothing was sent then.

        Raises:
            RateLimitError: it would be too long.
        """
        if self.allows(seconds):
            return
        path = shown(self._request.path)
        raise RateLimitError(
            f"{self._request.method} {path}: not sent: the budget ({reason}) has room in "
            f"{seconds:.1f} s, which is longer than this call may wait (max_wait, deadline)",
            method=self._request.method,
            path=path,
            retry_after=seconds,
            attempts=0,
        )

    def tell(self, seconds: float, reason: Reason) -> None:
        """Say that a wait begins: a line in the log, and the caller's function."""
        path = shown(self._request.path)
        _log.info("%s %s waits %.1f s for budget: %s", self._request.method, path, seconds, reason)
        if self._on_wait is not None:
            self._on_wait(Wait(seconds, reason))

    def waited(self, seconds: float) -> None:
        """Charge a wait for a budget to this call."""
        self._budget -= seconds

    def wait(self, seconds: float, reason: Reason) -> None:
        """Wait for a budget.

        Raises:
            RateLimitError: it would be too long, and has not begun.
        """
        self.ask(seconds, reason)
        self.tell(seconds, reason)
        before = self._clock.monotonic()
        self._clock.sleep(seconds)
        moved = self._clock.monotonic() - before
        self.waited(max(moved, seconds))
        self.timeless = moved < seconds / 2
