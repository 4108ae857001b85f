"""One moving window of requests for all processes of an organisation, in a Redis.

The window is that of the `limits` library. It counts a request when it takes its place, and the
server a little later: so it is a second longer than the server's minute. As long as a request
arrives within a second of its place, no 60 seconds of the server hold more than were allowed.

`limits` stamps each place by `time.time()` of the process: the machines' clocks have to agree,
as those of one network do.
"""

from __future__ import annotations

import contextlib
import logging
import math
import os
import threading

import redis
from limits import RateLimitItemPerSecond
from limits.errors import StorageError
from limits.storage import RedisStorage
from limits.strategies import MovingWindowRateLimiter
from redis.backoff import NoBackoff
from redis.retry import Retry

from kustomer_orm.config import Clock, RedisURL
from kustomer_orm.errors import ConfigurationError
from kustomer_orm.transport.budget import WINDOW, Others

_log = logging.getLogger("kustomer_orm")

_SECONDS = int(WINDOW) + 1
# The smallest plan there is (documented): what is assumed until somebody has seen an answer.
_SMALLEST_LIMIT = 300
_KNOWN_FOR = 3600  # seconds that the limit is remembered in Redis
_TIMEOUT = 1.0  # a request must not hang on what is there to speed it up
_TRY_AGAIN = 5.0
_SAMPLE_EVERY = 1.0
_ASK_AGAIN = 2.0


class _Window(RateLimitItemPerSecond):
    """A window whose name does not hold its size: what others use changes that all the time."""

    def key_for(self, *identifiers: bytes | str | float) -> str:
        return "/".join(("kustomer_orm", *map(str, identifiers)))


class SharedBudget:
    """The places in an organisation's window. Thread-safe; a forked child calls `forget`.

    Where Redis is out of reach, it says so, once, and is tried again after some seconds.
    """

    def __init__(self, url: RedisURL, org: str, clock: Clock) -> None:
        self._url = url
        self._org = org
        self._clock = clock
        self.forget()

    def forget(self) -> None:
        """Start with connections and locks of this process's own."""
        self._lock = threading.Lock()
        self._others, self._theirs = Others(), 0
        self._sampled = self._retry_at = -math.inf
        self._away = False
        self._limit: int | None = None  # as last written to or read from Redis
        pool = _pool(self._url)
        self._redis = redis.Redis(connection_pool=pool)
        # The address stays out of there: `limits` knows the pool, and no password.
        storage = RedisStorage("redis://", connection_pool=pool, wrap_exceptions=True)
        self._windows = MovingWindowRateLimiter(storage)
        self._process = os.getpid()

    def take(self, limit: int | None, reserve: float, used: int | None) -> float | None:
        """Take a place.

        Args:
            limit: the organisation's, where it is known here.
            reserve: the share of it that is left to others.
            used: what everybody has used of the server's window, where it is known.

        Returns:
            0 when it is taken, the seconds until there may be one, or None when Redis is away.
        """
        now = self._clock.monotonic()
        with self._lock:
            if now < self._retry_at:
                return None
            if self._away:  # one thread tries, the others go on without
                self._retry_at = now + _TRY_AGAIN
        try:
            pause = self._take(limit, reserve, used)
        except (StorageError, redis.RedisError) as error:
            self._lose(type(error.args[0] if isinstance(error, StorageError) else error).__name__)
            return None
        self._find()
        return pause

    def _take(self, limit: int | None, reserve: float, used: int | None) -> float:
        known = self._agree(limit)
        kept = min(math.ceil(known * reserve), known - 1)
        now = self._clock.monotonic()
        if now >= self._sampled + _SAMPLE_EVERY:
            self._sampled = now
            self._theirs = 0 if used is None else used - (known - self._stats(known)[1])
            self._others.saw(self._theirs, now)
        expected = self._others.expected(now, known)
        places = known - kept - max(self._theirs, expected)
        if places >= 1 and self._windows.hit(_Window(places, _SECONDS), self._org):
            return 0.0
        # What others use now, they no longer use when the server's window is over: ask soon.
        longest = _ASK_AGAIN if self._theirs > expected else _SECONDS
        left = self._stats(max(places, 1))[0] - self._clock.now()
        return min(max(left, 0.0), longest) + 0.001  # a place is free only after its second

    def _stats(self, places: int) -> tuple[float, int]:
        reset, remaining = self._windows.get_window_stats(_Window(places, _SECONDS), self._org)
        return reset, remaining

    def _agree(self, limit: int | None) -> int:
        """Give the limit: our own answers', else what another process has seen."""
        key = f"kustomer_orm/limit/{self._org}"
        if limit is not None:
            if limit != self._limit:
                self._redis.set(key, limit, ex=_KNOWN_FOR)
                self._limit = limit
            return limit
        found = self._redis.get(key)
        text = found.decode("ascii", "replace") if isinstance(found, bytes) else ""
        return int(text) if text.isdecimal() and int(text) > 0 else _SMALLEST_LIMIT

    def _lose(self, why: str) -> None:
        with self._lock:
            self._retry_at = self._clock.monotonic() + _TRY_AGAIN
            first, self._away = not self._away, True
            self._limit = None  # it is written again: a new Redis knows nothing
        if first:
            _log.warning(
                "the Redis at %s is out of reach (%s): requests are paced by the headers until it "
                "is back",
                self._url,
                why,
            )

    def _find(self) -> None:
        with self._lock:
            back, self._away = self._away, False
            if back:
                self._retry_at = -math.inf
        if back:
            _log.info("the Redis at %s is back: the window is shared again", self._url)


def _pool(url: RedisURL) -> redis.ConnectionPool:
    pool = None
    with contextlib.suppress(ValueError, redis.RedisError):  # their text may repeat the password
        pool = redis.ConnectionPool.from_url(
            url.reveal().replace("redis+unix://", "unix://", 1),
            socket_timeout=_TIMEOUT,
            socket_connect_timeout=_TIMEOUT,
            # Once more at once: a connection that Redis has closed meanwhile is not an outage.
            retry=Retry(NoBackoff(), 1),
        )
    if pool is None:
        raise ConfigurationError("rate_limit is not a readable Redis address")
    return pool
