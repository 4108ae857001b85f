"""Pacing by the headers of every answer: on a real socket, with a clock that is the test's."""

from __future__ import annotations

from typing import Any

import pytest

from kustomer_orm import Conversation, errors
from kustomer_orm.emulator import Fault
from tests.unit.emulated_time import EmulatedTime, most_in_a_minute, read, statuses


@pytest.fixture
def time() -> EmulatedTime:
    return EmulatedTime()


def test_far_from_the_limit_nothing_waits(time: EmulatedTime) -> None:
    with time.server() as server:
        read(time.client(server), server, 200)
    assert time.slept == []


@pytest.mark.parametrize("reset", ["always", "when_exceeded", "never"])
def test_the_limit_is_kept_and_used_and_the_reserve_is_left(time: EmulatedTime, reset: str) -> None:
    with time.server(rate_limit=100, ratelimit_reset=reset) as server:
        client = time.client(server, reserve=0.1)
        began = time.now
        read(client, server, 300)
        took = time.now - began
        assert statuses(server) == [200] * 300
        assert most_in_a_minute(server) == 90
        assert server.limits.headers()["X-Ratelimit-Remaining"] == "70"
    assert took == pytest.approx(180, abs=2)  # three whole windows, and thirty in the fourth


@pytest.mark.parametrize("reset", ["always", "when_exceeded", "never"])
def test_what_others_use_is_counted_and_the_reserve_is_left_to_them(
    time: EmulatedTime, reset: str
) -> None:
    with time.server(ratelimit_reset=reset) as server:
        client = time.client(server, reserve=0.05, max_wait=0)
        server.limits.spend(900)
        read(client, server, 50)

        with pytest.raises(errors.RateLimitError) as raised:
            read(client, server)

        assert len(server.requests) == 50
        assert server.limits.headers()["X-Ratelimit-Remaining"] == "50"
        assert raised.value.retry_after == pytest.approx(60)
        time.now += 60
        read(client, server, 50)
        assert set(statuses(server)) == {200}


def test_a_window_that_others_began_ends_when_the_reset_says(time: EmulatedTime) -> None:
    with time.server(ratelimit_reset="always") as server:
        client = time.client(server)
        server.limits.spend(985)
        time.now += 48
        read(client, server, 10)
        assert time.slept == [pytest.approx(12)]
        assert set(statuses(server)) == {200}


def test_others_keep_their_share_of_a_window_that_begins(time: EmulatedTime) -> None:
    """People who used thirty a minute are expected to go on so."""
    with time.server(rate_limit=100) as server:
        client = time.client(server, reserve=0)
        read(client, server)
        server.limits.spend(30)
        time.now += 40
        read(client, server)
        time.now += 20
        read(client, server, 69)
        assert time.slept == []
        read(client, server)
        assert len(time.slept) == 1


def test_the_fields_of_an_old_window_age_out(time: EmulatedTime) -> None:
    with time.server() as server:
        client = time.client(server, max_wait=0)
        server.limits.spend(980)
        with pytest.raises(errors.RateLimitError):
            read(client, server, 2)
        time.now += 61
        read(client, server, 2)
        assert time.slept == []


# -- 429 -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("switches", "slept"),
    [
        ({"ratelimit_reset": "when_exceeded"}, [20.25]),
        ({"ratelimit_reset": "always"}, [20.25]),
        ({"ratelimit_reset": "never", "retry_after": True}, [20.25]),
        # Nothing is told: half of five seconds, then until the latest end of the window.
        ({"ratelimit_reset": "never"}, [2.5, 57.5]),
    ],
)
def test_a_429_is_waited_for_as_the_server_says(
    time: EmulatedTime, switches: dict[str, Any], slept: list[float]
) -> None:
    with time.server(**switches) as server:
        server.limits.spend(1000)
        time.now += 40
        client = time.client(server)
        read(client, server, 3)
        assert statuses(server) == [429, 200, 200, 200]
    assert time.slept == pytest.approx(slept)


def test_repetitions_are_counted_too(time: EmulatedTime) -> None:
    with time.server(rate_limit=10) as server:
        client = time.client(server, reserve=0)
        server.faults.add(Fault.status(503, times=2))
        read(client, server, 8)
        assert len(server.requests) == 10
        assert max(time.slept) < 1
        read(client, server)
        assert time.slept[-1] > 50


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Ratelimit-Limit": "", "X-Ratelimit-Remaining": ""},
        {"X-Ratelimit-Limit": "lots", "X-Ratelimit-Remaining": "some"},
        {"X-Ratelimit-Limit": "nan", "X-Ratelimit-Remaining": "-inf"},
        {"X-Ratelimit-Limit": "-5", "X-Ratelimit-Remaining": "1e999"},
        {"X-Ratelimit-Remaining": "999", "X-Ratelimit-Limit": "0"},
        {"X-Ratelimit-Reset": "tomorrow"},
        {"X-Ratelimit-Object-Limit": "x", "X-Ratelimit-Object-Remaining": "y"},
    ],
    ids=lambda headers: " ".join(headers.values()),
)
def test_garbage_in_the_headers_stops_nothing(time: EmulatedTime, headers: dict[str, str]) -> None:
    with time.server() as server:
        server.faults.add(Fault.headers(headers, times=None))
        client = time.client(server)
        ident = server.world.ids("conversation")[0]
        for number in range(20):
            conversation = Conversation.using(client).get(ident)
            conversation.name = f"No. {number}"
            conversation.save()
    assert time.slept == []


def test_a_server_without_headers_is_not_paced(time: EmulatedTime) -> None:
    with time.server(rate_limit=None, object_limit=None) as server:
        read(time.client(server), server, 200)
    assert time.slept == []


def test_pacing_can_be_switched_off(time: EmulatedTime) -> None:
    with time.server(rate_limit=10) as server:
        client = time.client(server, rate_limit="off", retry=0)
        with pytest.raises(errors.RateLimitError):
            read(client, server, 11)
        assert statuses(server) == [200] * 10 + [429]
    assert time.slept == []


# -- what counts ---------------------------------------------------------------------------------


def test_the_question_who_we_are_counts(time: EmulatedTime) -> None:
    with time.server(rate_limit=4, roles=["org.permission.nothing"]) as server:
        client = time.client(server, reserve=0)
        for _ in range(2):
            with pytest.raises(errors.PermissionDeniedError):
                read(client, server)
        assert [each.path.rpartition("/")[2] for each in server.requests][1::2] == ["current"] * 2
        assert time.slept == []
        with pytest.raises(errors.PermissionDeniedError):
            read(client, server)
        assert 429 not in statuses(server)
    assert len(time.slept) == 1


def test_every_kind_of_request_counts(time: EmulatedTime) -> None:
    with time.server(rate_limit=5) as server:
        conversations = Conversation.using(time.client(server, reserve=0))
        conversation = conversations.create(customer=server.world.add("customer"))
        conversation.name = "Ho"
        conversation.save()
        conversation.tags.append("vip")
        conversation.save()
        conversation.refresh()
        conversation.delete()
        assert len(server.requests) == 5
        assert time.slept == []
        conversations.create(customer=server.world.add("customer"))
        assert time.slept == [pytest.approx(60)]


def test_two_organisations_have_budgets_of_their_own(time: EmulatedTime) -> None:
    with time.server(rate_limit=10) as one, time.server(rate_limit=10) as two:
        first, second = time.client(one), time.client(two)
        read(first, one, 9)
        read(second, two, 9)
    assert time.slept == []
