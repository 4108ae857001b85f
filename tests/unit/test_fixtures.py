"""The pytest fixtures: the client goes by the clock that a test gives it."""

from __future__ import annotations

import time

import pytest

from kustomer_orm import Client, Clock, Conversation
from kustomer_orm.emulator import Emulator, Fault

waits: list[float] = []


def test_without_another_it_is_the_real_clock(kustomer_clock: Clock) -> None:
    assert (kustomer_clock.sleep, kustomer_clock.monotonic) == (time.sleep, time.monotonic)


class TestAClockOfItsOwn:
    @pytest.fixture
    def kustomer_clock(self) -> Clock:
        """Waits that take no time."""
        waits.clear()
        return Clock(sleep=waits.append, random=lambda: 0.0)

    def test_the_client_waits_by_it(
        self, kustomer_emulator: Emulator, kustomer_client: Client
    ) -> None:
        id_ = kustomer_emulator.world.add("conversation", name="Hi")
        kustomer_emulator.faults.add(Fault.status(429, headers={"Retry-After": "40"}))

        assert Conversation.get(id_).name == "Hi"

        assert waits == [40.0]
