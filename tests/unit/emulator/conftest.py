"""A running emulator, a clock that stands still, and a way to send requests."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from kustomer_orm.emulator import Emulator


class StandingClock:
    """A clock that moves when told to."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def tick(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def server(clock: StandingClock) -> Iterator[Emulator]:
    with Emulator(clock=clock) as running:
        yield running


@pytest.fixture
def send(server: Emulator) -> Iterator[Callable[..., requests.Response]]:
    """Send a request below /v1/ with the right key."""
    with requests.Session() as session:
        session.trust_env = False
        session.headers["Authorization"] = f"Bearer {server.api_key}"

        def call(method: str, path: str, **options: Any) -> requests.Response:
            options.setdefault("timeout", 10)
            options.setdefault("allow_redirects", False)
            return session.request(method, f"{server.url}/v1/{path}", **options)

        yield call
