"""Holds requests back so that the budgets last: for all threads of a client, by the headers.

A request passes the narrow budget first, if it has one (an object's updates, or search), and then
the organisation's. Each of them keeps a line: who comes first goes first. Waits are slept by each
thread for itself, so nothing wakes anybody; the one exception is the first request after a
silence, whose answer the others wait for.
"""

from __future__ import annotations

import importlib
import os
import threading
from collections import deque
from dataclasses import dataclass
from typing import Protocol, cast

from kustomer_orm.config import Clock, Config, RedisURL
from kustomer_orm.errors import ConfigurationError
from kustomer_orm.transport.budget import WINDOW, Budget, Send
from kustomer_orm.transport.limit_headers import NOTHING, Counts, counts, object_counts, reset_in
from kustomer_orm.transport.message import Answer, Request
from kustomer_orm.transport.patience import Patience, Reason

# By machine users, per minute (documented); whether a header tells is unknown.
_SEARCH_LIMIT = 100
# So that the processes of a shared window do not ask it in the same instant.
_SPREAD = 0.2
# How long an answer that somebody else waits for is awaited before it is asked about again.
_LOOK = 1.0
_FEW_OBJECTS = 200


class SharedWindow(Protocol):
    """A window that all processes of an organisation take their places in."""

    def take(self, limit: int | None, reserve: float, used: int | None) -> float | None:
        """Take a place: 0 is taken, more are seconds to wait, None is that it is out of reach."""

    def forget(self) -> None:
        """Drop what a forked child must not use."""


@dataclass(slots=True)
class Passage:
    """A request on its way: the budgets that it counts in."""

    request: Request
    places: list[tuple[Budget, Send]]


class Pacer:
    """The budgets of one client. Shared by threads; a forked child starts anew."""

    def __init__(self, config: Config, clock: Clock, shared: SharedWindow | None = None) -> None:
        self._reserve = config.reserve
        self._clock = clock
        self._shared = shared
        self._forget()

    def _forget(self) -> None:
        """Start knowing nothing; the lock is new, since a fork may have copied a held one."""
        self._changed = threading.Condition(threading.Lock())
        self._organisation = Budget("organisation", reserve=self._reserve, looks=True)
        self._search = Budget("search", reserve=self._reserve, limit=_SEARCH_LIMIT)
        self._objects: dict[str, Budget] = {}
        self._many = _FEW_OBJECTS
        self._line: deque[object] = deque()  # threads at the shared window
        self._opens = 0.0
        self._process = os.getpid()  # last: other threads of the child may look already

    # -- before -------------------------------------------------------------------------------

    def enter(self, request: Request, patience: Patience) -> Passage:
        """Wait until the request may go, and count it as gone.

        Raises:
            RateLimitError: that takes longer than the call may wait; nothing was sent.
        """
        if self._process != os.getpid():
            if self._shared is not None:
                self._shared.forget()
            self._forget()
        passage = Passage(request, [])
        try:
            narrow = self._narrow(request)
            if narrow is not None:
                self._pass(narrow, passage, patience)
            self._pass(self._organisation, passage, patience)
        except BaseException:
            with self._changed:
                for budget, send in passage.places:
                    budget.cancel(send)
                self._changed.notify_all()
            raise
        return passage

    def _narrow(self, request: Request) -> Budget | None:
        path = request.path.partition("?")[0]
        if path.endswith("/search") and request.method == "POST":
            return self._search
        name = _updated(request.method, path)
        if name is None:
            return None
        with self._changed:
            if name not in self._objects and len(self._objects) >= self._many:
                now = self._clock.monotonic()
                busy = {key: each for key, each in self._objects.items() if not each.is_idle(now)}
                self._objects, self._many = busy, 2 * len(busy) + _FEW_OBJECTS
            # No reserve: the limit is one user's for one object (documented), so it is ours alone.
            found = self._objects.get(name)
            if found is None:
                found = self._objects[name] = Budget("object")
            return found

    def _pass(self, budget: Budget, passage: Passage, patience: Patience) -> None:
        with self._changed:
            now = self._clock.monotonic()
            send = budget.plan(now)
            passage.places.append((budget, send))
            shares = self._shared is not None and budget is self._organisation
            if not shares and send.go <= now and not budget.must_look_first(now):
                budget.leave(send, now)
                return
        self._wait_for(budget, send, patience)
        if shares:
            self._take_shared_place(budget, patience)
        self._leave(budget, send, patience)

    def _wait_for(self, budget: Budget, send: Send, patience: Patience) -> None:
        """Sleep until the books say that it may go."""
        while not patience.timeless and (pause := send.go - self._clock.monotonic()) > 0:
            patience.wait(pause, cast("Reason", budget.name))
            with self._changed:
                budget.look_again(send, self._clock.monotonic())

    def _leave(self, budget: Budget, send: Send, patience: Patience) -> None:
        """Go, as soon as no answer has to be waited for first."""
        looked = 0.0
        while True:
            with self._changed:
                now = self._clock.monotonic()
                budget.look_again(send, now)
                looks = budget.must_look_first(now)
                if not looks and (patience.timeless or send.go <= now):
                    budget.leave(send, now)
                    return
                if looks:  # another thread's answer, in real time: usually milliseconds
                    self._changed.wait(_LOOK)
                    looked += self._clock.monotonic() - now
            if looked > _LOOK:
                patience.ask(looked, "organisation")
            if not looks:
                self._wait_for(budget, send, patience)

    def _take_shared_place(self, budget: Budget, patience: Patience) -> None:
        """Take a place in the window of all processes; one thread of ours asks at a time."""
        shared, ticket = cast("SharedWindow", self._shared), object()
        with self._changed:
            self._line.append(ticket)
            behind = self._opens - self._clock.monotonic() if self._line[0] is not ticket else 0.0
        try:
            if behind > 0:
                patience.ask(behind, "organisation")
                patience.tell(behind, "organisation")
            while not patience.timeless:
                if not self._is_first(ticket, patience):
                    continue
                used = budget.used(self._clock.monotonic())
                pause = shared.take(budget.limit, self._reserve, used)
                # Out of reach, our own sends are limited here, as without a shared window.
                budget.moving = pause is None
                if not pause:
                    return
                pause += self._clock.random() * _SPREAD
                self._opens = self._clock.monotonic() + pause
                patience.wait(pause, "organisation")
        finally:
            with self._changed:
                self._line.remove(ticket)
                self._changed.notify_all()

    def _is_first(self, ticket: object, patience: Patience) -> bool:
        with self._changed:
            if self._line[0] is ticket:
                return True
            before = self._clock.monotonic()
            patience.ask(max(0.0, self._opens - before), "organisation")
            self._changed.wait(_LOOK)
            patience.waited(self._clock.monotonic() - before)
            return False

    # -- after --------------------------------------------------------------------------------

    def leave(self, passage: Passage, answer: Answer | None) -> None:
        """Learn from an answer, or note that there is none."""
        with self._changed:
            now = self._clock.monotonic()
            for budget, send in passage.places:
                budget.answered(send, now)
                if answer is None:
                    budget.miss()
                else:
                    told = self._told(budget, passage, answer)
                    left = self._reset(answer) if told.remaining is not None else None
                    budget.observe(told, send, now, left)
            self._changed.notify_all()

    def refused(self, passage: Passage, answer: Answer, pause: float) -> Reason:
        """Hold everybody back whom a 429 concerns, and tell what it was about.

        Args:
            passage: the request.
            answer: the 429.
            pause: what the request itself will wait.
        """
        hold = pause if answer.retry_after is None else answer.retry_after
        if "retry-after" not in answer.headers:
            hold = min(hold, WINDOW)  # a reset further off says that the clocks differ
        with self._changed:
            now = self._clock.monotonic()
            spent = self._spent(passage, answer, now)
            for budget in spent:
                budget.hold(now + hold)
        return cast("Reason", spent[-1].name) if spent else "creation"

    def _spent(self, passage: Passage, answer: Answer, now: float) -> list[Budget]:
        """Find the budgets that a 429 is about.

        A read has the organisation's only (documented). A write may have met a narrower one: that
        is sure where the organisation is known to have requests left, or the object none.
        """
        narrow = [budget for budget, _ in passage.places if budget is not self._organisation]
        if not narrow and passage.request.method != "POST":
            return [self._organisation]
        told = self._told(self._organisation, passage, answer).remaining
        left = told if told is not None else self._organisation.left_over(now)
        if left is not None and left > 0:
            return narrow
        if told is None and object_counts(answer.headers).remaining == 0:
            return narrow
        return [*narrow, self._organisation] if told is None else [self._organisation]

    def _told(self, budget: Budget, passage: Passage, answer: Answer) -> Counts:
        """Give the numbers of an answer that are about this budget."""
        if budget.name == "object":
            return object_counts(answer.headers)
        found = counts(answer.headers)
        # The answer to a search may tell of the search budget or of the organisation's (unknown).
        searched = any(each is self._search for each, _ in passage.places)
        known = self._organisation.limit
        of_search = searched and found.limit is not None and found.limit != known
        of_search = of_search and (known is not None or found.limit == _SEARCH_LIMIT)
        return found if of_search == (budget is self._search) else NOTHING

    def _reset(self, answer: Answer) -> float | None:
        if answer.status == 429 and answer.retry_after is not None:
            return answer.retry_after
        return reset_in(answer.headers, self._clock.now(), WINDOW + 1)


class Unpaced:
    """What stands in the pacer's place where pacing is off."""

    def enter(self, request: Request, patience: Patience) -> Passage:  # noqa: ARG002
        """Let a request go."""
        return Passage(request, [])

    def leave(self, passage: Passage, answer: Answer | None) -> None:
        """Learn nothing."""

    def refused(self, passage: Passage, answer: Answer, pause: float) -> Reason:  # noqa: ARG002
        """Hold nobody back; a 429 without any tell-tale is the organisation's."""
        return "organisation"


def pacer_for(config: Config, clock: Clock) -> Pacer | Unpaced:
    """Make what the setting `rate_limit` asks for.

    Raises:
        ConfigurationError: the packages of the extra `redis` are missing, or the address is wrong.
    """
    if config.rate_limit == "off":
        return Unpaced()
    if not isinstance(config.rate_limit, RedisURL):
        return Pacer(config, clock)
    try:
        # Only here: whoever shares no window need not have its packages, nor wait for them.
        module = importlib.import_module("kustomer_orm.transport.shared_budget")
    except ImportError:
        module = None
    if module is None:
        raise ConfigurationError(
            "rate_limit with a Redis address needs two more packages: "
            "pip install 'kustomer_orm[redis]'"
        )
    return Pacer(config, clock, module.SharedBudget(config.rate_limit, config.org, clock))


def _updated(method: str, path: str) -> str | None:
    """Name the object whose updates are counted (documented: PUT, PATCH and tags), if any.

    >>> _updated("POST", "/v1/conversations/1/tags"), _updated("GET", "/v1/conversations/1")
    ('/v1/conversations/1', None)
    """
    if path.endswith("/bulk"):
        return None
    if path.endswith("/tags") and method in {"POST", "DELETE", "PUT", "PATCH"}:
        return path.removesuffix("/tags")
    return path if method in {"PUT", "PATCH"} else None
