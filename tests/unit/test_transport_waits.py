"""How long a request waits before it is sent again: what the server asks for, and chance."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import pytest

from kustomer_orm import Client, Conversation
from kustomer_orm.emulator import Emulator, Fault


def http_date(moment: float) -> str:
    return format_datetime(datetime.fromtimestamp(moment, UTC), usegmt=True)


@pytest.mark.parametrize(
    ("status", "headers", "slept"),
    [
        (429, {}, 2.5),
        (429, {"Retry-After": "7"}, 7.25),
        (429, {"Retry-After": "0"}, 0.25),
        (429, {"Retry-After": "-4"}, 0.25),
        (503, {"Retry-After": "7"}, 7.25),
        (429, {"Retry-After": http_date(1_767_225_600 + 30)}, 30.25),
        (429, {"Retry-After": http_date(1_767_225_600 - 30)}, 0.25),
        (429, {"Retry-After": "soon"}, 2.5),
        (429, {"Retry-After": "nan"}, 2.5),
        (429, {"X-Ratelimit-Reset": "1767225620"}, 20.25),
        (429, {"X-Ratelimit-Reset": "1767225600"}, 2.5),
        (429, {"X-Ratelimit-Reset": "1767220000"}, 2.5),
        (429, {"X-Ratelimit-Reset": "later"}, 2.5),
        (503, {"X-Ratelimit-Reset": "1767225620"}, 0.25),
        (429, {"Retry-After": "3", "X-Ratelimit-Reset": "1767225620"}, 3.25),
        (429, {"Retry-After": "soon", "X-Ratelimit-Reset": "1767225620"}, 20.25),
    ],
)
def test_the_wait_is_what_the_server_asks_for_and_a_little_chance(
    server: Emulator,
    client: Client,
    fake_time: Any,
    status: int,
    headers: dict[str, str],
    slept: float,
) -> None:
    id_ = server.world.add("conversation", name="Hi")
    server.faults.add(Fault.status(status, headers=headers))

    assert Conversation.get(id_).name == "Hi"

    assert fake_time.slept == [pytest.approx(slept)]


def test_a_window_that_is_used_up_is_waited_for_and_even_a_creation_goes_on(
    fake_time: Any,
) -> None:
    def now() -> datetime:
        return datetime.fromtimestamp(fake_time.now, UTC)

    with Emulator(clock=now) as server:
        client = Client(server.api_key, base_url=server.url, clock=fake_time.clock())
        customer = server.world.add("customer")
        server.limits.spend(1000)

        conversation = Conversation.using(client).create(customer=customer)

        assert fake_time.slept == [60.25]
        assert [exchange.status for exchange in server.requests] == [429, 201]
        assert server.world.ids("conversation") == [conversation.id]
