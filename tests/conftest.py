"""Fixtures of the whole suite: an emulator, a client whose clock and chance are the test's."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from kustomer_orm import Client, Clock
from kustomer_orm.emulator import Emulator
from tests.unit.canary.key_guard import KeyGuard

# The published contract, where this machine has a copy: every exchange is checked against it.
CONTRACT = os.environ.get("KUSTOMER_OPENAPI", "")
if CONTRACT:
    from tests.contract.openapi_plugin import ContractPlugin


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(KeyGuard(), "kustomer-key-guard")
    if CONTRACT:
        contract = ContractPlugin(Path(CONTRACT))  # pyright: ignore[reportPossiblyUnboundVariable]
        config.pluginmanager.register(contract, "kustomer-contract")


@dataclass
class FakeTime:
    """Time that passes only when somebody sleeps, and chance that is said beforehand."""

    now: float = 1_767_225_600.0  # 2026-01-01T00:00:00Z
    chance: float = 0.5
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def clock(self) -> Clock:
        return Clock(
            monotonic=lambda: self.now,
            now=lambda: self.now,
            sleep=self.sleep,
            random=lambda: self.chance,
        )


@pytest.fixture
def fake_time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def server(kustomer_emulator: Emulator) -> Emulator:
    return kustomer_emulator


@pytest.fixture
def client(server: Emulator, fake_time: FakeTime) -> Iterator[Client]:
    """A client of `server`, current for the test; its waits take no time."""
    with Client(server.api_key, base_url=server.url, clock=fake_time.clock()) as made:
        yield made
        made.close()
