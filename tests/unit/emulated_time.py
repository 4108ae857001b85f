"""One clock for the emulator and its clients: a minute passes when somebody sleeps it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from kustomer_orm import Client, Clock, Conversation
from kustomer_orm.emulator import Behaviour, Emulator


class EmulatedTime:
    """Time that passes only when somebody sleeps; two who sleep at once sleep side by side."""

    def __init__(self) -> None:
        self.now = 1_767_225_600.0  # 2026-01-01T00:00:00Z
        self.slept: list[float] = []
        self.chance = 0.5
        self._lock = threading.Lock()

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.slept.append(seconds)
            self.now += seconds

    def moment(self) -> datetime:
        return datetime.fromtimestamp(self.now, UTC)

    def clock(self) -> Clock:
        return Clock(
            monotonic=lambda: self.now,
            now=lambda: self.now,
            sleep=self.sleep,
            random=lambda: self.chance,
        )

    @contextmanager
    def server(self, **switches: Any) -> Iterator[Emulator]:
        with Emulator(clock=self.moment, behaviour=Behaviour(**switches)) as server:
            server.world.add("conversation", name="Hi")
            yield server

    def client(self, server: Emulator, **settings: Any) -> Client:
        return Client(server.api_key, base_url=server.url, clock=self.clock(), **settings)


def read(client: Client, server: Emulator, times: int = 1) -> None:
    ident = server.world.ids("conversation")[0]
    for _ in range(times):
        Conversation.using(client).get(ident)


def statuses(server: Emulator) -> list[int | None]:
    return [exchange.status for exchange in server.requests]


def most_in_a_minute(server: Emulator) -> int:
    times = sorted(exchange.at for exchange in server.requests)
    return max(sum(start <= at < start + 60 for at in times) for start in times)
