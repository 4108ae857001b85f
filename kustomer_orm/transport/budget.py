"""One budget of requests: what was sent, what the headers say, and when one more may go.

Two things are watched, since the server's window is fixed and its beginning unknown:

- Our own sends. A send counts from the moment it is planned until a window after its *answer*:
  wherever between the two the server counted it, no 60 seconds of the server's clock hold more
  of them than were allowed here.
- What is left by the headers, less what is under way: that counts other programs and people.

Nothing here knows threads, clocks or HTTP: times come in as arguments.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import deque
from itertools import takewhile

from kustomer_orm.transport.limit_headers import Counts

WINDOW = 60.0  # seconds (documented for the organisation, assumed for the rest)
_NEVER = -math.inf
# How long the first request after a silence is waited for before another one asks as well.
_ONE_LOOK = 1.0
_SOON = 0.1


class Send:
    """One request in the books of a budget: planned, under way or answered."""

    __slots__ = ("answered", "go", "left", "until")

    def __init__(self, go: float) -> None:
        self.go = go
        self.until = go + WINDOW
        self.left = False
        self.answered = False

    def counts_at(self, moment: float) -> bool:
        """Tell whether it takes a place then; one without an answer does."""
        return self.until > moment or not self.answered


class Others:
    """How much of a window everybody else is expected to use: the most of the last minute.

    So a burst of ours at the beginning of a window leaves people what they will need. It is no
    more than half of the limit: what was seen may have been a single spike.
    """

    __slots__ = ("_fades", "_peak")

    def __init__(self) -> None:
        self._peak, self._fades = 0, _NEVER

    def saw(self, used: int, now: float) -> None:
        """Take a sample; it ages out after a window."""
        if used >= self._peak or now >= self._fades:
            self._peak, self._fades = max(0, used), now + WINDOW

    def expected(self, moment: float, limit: int) -> int:
        """Give what to leave to them then."""
        return min(self._peak, limit // 2) if moment < self._fades else 0


class Budget:
    """The books of one budget. Its owner holds a lock around every call.

    Attributes:
        name: what it is the budget of, for messages.
        moving: whether our own sends are limited here; not where all processes share a window.
    """

    def __init__(
        self, name: str, *, reserve: float = 0.0, limit: int | None = None, looks: bool = False
    ) -> None:
        self.name = name
        self.moving = True
        self.limit = limit
        self._share = reserve
        self._looks = looks
        self._sends: deque[Send] = deque()
        self._waiting: list[Send] = []  # planned and not gone, in order
        self._times: list[float] = []  # of those that went
        self._under_way = 0
        self._delay = 0.0  # of the answers, lately
        self._held = _NEVER
        self._others = Others()
        self._silent = False
        self._remaining: int | None = None
        self._seen = self._seen_sent = _NEVER
        self._opened = self._closes = _NEVER

    # -- a request comes ------------------------------------------------------------------------

    def plan(self, now: float) -> Send:
        """Take the next place in the line; `go` of what is returned is when it may go."""
        sends = self._sends
        while sends and sends[0].answered and sends[0].until <= now:
            sends.popleft()
        send = Send(now)
        self._put(send, self._earliest(now, None))
        sends.append(send)
        self._waiting.append(send)
        return send

    def look_again(self, send: Send, now: float) -> None:
        """Find out anew when a planned request may go; it keeps its place in the line."""
        self._put(send, self._earliest(now, send))

    def must_look_first(self, now: float) -> bool:
        """Tell whether an answer must come first: nothing is known, and somebody has asked.

        Forty threads that begin at once would break a limit that none of them has seen.
        """
        unknown = self._looks and not self._silent and not self._fresh(now)
        return unknown and self._under_way > 0 and now - self._times[-1] < _ONE_LOOK

    def leave(self, send: Send, now: float) -> None:
        """Note that a planned request goes now."""
        self._waiting.remove(send)
        self._put(send, now)
        send.left = True
        self._under_way += 1
        if len(self._times) > 100 and self._times[0] < now - 2 * WINDOW:
            del self._times[: bisect_left(self._times, now - WINDOW)]
        self._times.append(now)

    def cancel(self, send: Send) -> None:
        """Forget a request that was not sent after all."""
        self._sends.remove(send)
        if send.left:
            self._under_way -= 1
            self._times.remove(send.go)
        else:
            self._waiting.remove(send)

    # -- an answer comes ------------------------------------------------------------------------

    def answered(self, send: Send, now: float) -> None:
        """Note that a request is over, well or badly: its window begins to run."""
        self._under_way -= 1
        self._delay = max(now - send.go, 0.9 * self._delay)
        send.answered = True
        send.until = now + WINDOW

    def observe(self, told: Counts, send: Send, now: float, reset: float | None = None) -> None:
        """Learn from the headers of the answer to `send`.

        Args:
            told: the numbers.
            send: the request that was answered.
            now: when the answer came.
            reset: seconds until the window is over, where the server told.
        """
        self.limit = told.limit or self.limit
        remaining = told.remaining
        if remaining is None:
            self._silent = self._silent or not self._fresh(now)
            self.miss()
            return
        self._silent = False
        known = self._remaining if self._fresh(now) else None
        later = send.go > self._seen  # than what is known; else they may have overtaken each other
        if known is None or (later and remaining > known):
            # Nothing was known, or it is a new window: it began after the request seen last.
            self._opened, self._closes = self._seen_sent, now + WINDOW
        elif not later and remaining >= known:
            return
        self._remaining, self._seen, self._seen_sent = remaining, now, send.go
        if reset is not None:
            self._closes = min(self._closes, now + reset)
        if self.limit is not None:
            self._others.saw(self.limit - remaining - self._ours(now), now)

    def miss(self) -> None:
        """Note that a request that may have been counted is missing from what is known."""
        self._remaining = max(0, self._remaining - 1) if self._remaining is not None else None

    def hold(self, until: float) -> None:
        """Let nothing go before: the server has refused."""
        self._held = max(self._held, until)

    # -- what is known --------------------------------------------------------------------------

    def left_over(self, now: float) -> int | None:
        """Give what the server has left at least, None where that is not known."""
        if self._remaining is None or not self._fresh(now):
            return None
        return self._remaining - self._under_way

    def used(self, now: float) -> int | None:
        """Give what everybody has used of the server's window, None where it is not known."""
        if self._remaining is None or self.limit is None or not self._fresh(now):
            return None
        return max(0, self.limit - self._remaining)

    def kept(self, limit: int) -> int:
        """Give how many of so many requests are held back; one can always go."""
        return min(math.ceil(limit * self._share), limit - 1)

    def is_idle(self, now: float) -> bool:
        """Tell whether all that is known of it has aged out."""
        busy = any(send.counts_at(now) for send in self._sends)
        return not busy and not self._fresh(now) and self._held <= now

    # -- when -----------------------------------------------------------------------------------

    def _put(self, send: Send, go: float) -> None:
        send.go = go
        send.until = go + self._delay + WINDOW

    def _earliest(self, now: float, send: Send | None) -> float:
        """Give when a request may go, after all that stand before it in the line."""
        moment = self._by_own_sends(max(now, self._held), send)
        return self._by_what_is_left(moment, send)

    def _by_own_sends(self, moment: float, send: Send | None) -> float:
        if self.limit is None or not self.moving:
            return moment
        theirs = self._others.expected(moment, self.limit)
        places = max(1, self.limit - self.kept(self.limit) - theirs)
        if len(self._sends) < places:
            return moment
        before = takewhile(lambda each: each is not send, self._sends)
        ends = sorted(each.until for each in before if each.counts_at(moment))
        if len(ends) < places:
            return moment
        return max(ends[len(ends) - places], moment + _SOON)

    def _by_what_is_left(self, moment: float, send: Send | None) -> float:
        if self._remaining is None or moment >= self._closes:
            return moment
        before = takewhile(lambda each: each is not send, self._waiting)
        ahead = self._under_way + sum(each.go < self._closes for each in before)
        free = self._remaining - self.kept(self.limit or 1) - ahead
        return moment if free >= 1 else self._closes

    def _fresh(self, now: float) -> bool:
        return self._remaining is not None and now < self._closes

    def _ours(self, now: float) -> int:
        """Count our sends in the server's window: at least as many as it has counted of them."""
        since = max(self._opened, now - WINDOW)
        return len(self._times) - bisect_left(self._times, since)
