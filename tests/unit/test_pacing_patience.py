"""The caller sees a wait for a budget, bounds it, or refuses it; nothing is lost by that."""

from __future__ import annotations

import logging
import pickle
from typing import Any

import pytest

from kustomer_orm import Client, Clock, Conversation, Wait, errors
from kustomer_orm.emulator import Emulator, Fault
from tests.unit.emulated_time import EmulatedTime, read, statuses


@pytest.fixture
def time() -> EmulatedTime:
    return EmulatedTime()


def spent(server: Emulator, left: int = 20) -> None:
    server.limits.spend(1000 - left)


def test_a_wait_is_told_before_it_begins_and_logged(
    time: EmulatedTime, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "kustomer_orm")
    told: list[tuple[Wait, int]] = []
    with time.server() as server:
        client = time.client(server, on_wait=lambda wait: told.append((wait, len(time.slept))))
        spent(server, left=21)
        read(client, server, 2)
        assert told == [(Wait(60.0, "organisation"), 0)]
        key = server.api_key
    assert time.slept == [60.0]
    (line,) = [each.getMessage() for each in caplog.records if "waits" in each.getMessage()]
    assert line.startswith("GET /v1/conversations/")
    assert line.endswith(" waits 60.0 s for budget: organisation")
    assert key not in caplog.text


def test_a_wait_is_a_small_fact_that_survives_pickle() -> None:
    wait = Wait(1.5, "object")
    assert pickle.loads(pickle.dumps(wait)) == wait
    with pytest.raises(AttributeError):
        wait.seconds = 2.0  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]


def test_with_max_wait_0_nothing_waits_and_nothing_is_sent(time: EmulatedTime) -> None:
    seen: list[Wait] = []
    with time.server() as server:
        client = time.client(server, max_wait=0, on_wait=seen.append)
        spent(server)
        read(client, server)
        time.now += 30
        with pytest.raises(errors.RateLimitError, match="not sent") as raised:
            read(client, server)
        assert len(server.requests) == 1
    error = raised.value
    assert error.retry_after == pytest.approx(30)
    assert (error.attempts, error.status) == (0, None)
    assert (error.method, error.path) == ("GET", server.requests[0].path)
    assert (time.slept, seen) == ([], [])
    assert pickle.loads(pickle.dumps(error)).retry_after == error.retry_after


@pytest.mark.parametrize(("passed", "slept"), [(54.0, []), (56.0, [4.0])])
def test_max_wait_bounds_the_wait(time: EmulatedTime, passed: float, slept: list[float]) -> None:
    with time.server() as server:
        client = time.client(server, max_wait=5)
        spent(server)
        read(client, server)
        time.now += passed
        if slept:
            read(client, server)
        else:
            with pytest.raises(errors.RateLimitError):
                read(client, server)
    assert time.slept == pytest.approx(slept)


@pytest.mark.parametrize(("max_wait", "slept"), [(10, [4.25]), (11, [4.25, 6.0])])
def test_the_waits_of_one_call_add_up(
    time: EmulatedTime, max_wait: float, slept: list[float]
) -> None:
    """Four seconds for one 429, and six for another."""
    with time.server() as server:
        client = time.client(
            server, max_wait=max_wait, on_wait=lambda wait: server.limits.spend(1000)
        )
        read(client, server)
        time.now += 50
        server.faults.add(Fault.status(429, headers={"Retry-After": "4"}))
        if len(slept) == 2:
            read(client, server)
        else:
            with pytest.raises(errors.RateLimitError) as raised:
                read(client, server)
            assert raised.value.attempts == 2
    assert time.slept == pytest.approx(slept)


def test_a_429_is_not_waited_for_longer_than_max_wait(time: EmulatedTime) -> None:
    with time.server() as server:
        client = time.client(server, max_wait=6)
        for after, slept in (("7", []), ("5", [5.25])):
            server.faults.add(Fault.status(429, headers={"Retry-After": after}))
            time.now += 10
            if slept:
                read(client, server)
            else:
                with pytest.raises(errors.RateLimitError) as raised:
                    read(client, server)
                assert (raised.value.retry_after, raised.value.status) == (7, 429)
            assert time.slept == slept


def test_a_429_that_says_nothing_still_tells_when_to_come_back(time: EmulatedTime) -> None:
    with time.server() as server:
        server.faults.add(Fault.status(429))
        with pytest.raises(errors.RateLimitError) as raised:
            read(time.client(server, retry=0), server)
    assert raised.value.retry_after == 5.0


def test_a_wait_that_would_pass_the_deadline_is_refused_at_once(time: EmulatedTime) -> None:
    with time.server() as server:
        client = time.client(server, deadline=50)
        spent(server)
        read(client, server)
        with pytest.raises(errors.RateLimitError) as raised:
            read(client, server)
        assert raised.value.retry_after == pytest.approx(60)
        assert len(server.requests) == 1
    assert time.slept == []


# -- the record ----------------------------------------------------------------------------------


def test_a_save_that_is_refused_leaves_the_record_as_it_was(time: EmulatedTime) -> None:
    with time.server() as server:
        client = time.client(server, max_wait=0)
        conversation = Conversation.using(client).get(server.world.ids("conversation")[0])
        conversation.name = "Ho"
        spent(server)
        read(client, server)
        before = conversation.snapshot()
        with pytest.raises(errors.RateLimitError):
            conversation.save()
        assert conversation.snapshot() == before
        assert not conversation.in_doubt
        assert conversation.changes == {"name": ("Hi", "Ho")}
        assert [each.method for each in server.requests] == ["GET", "GET"]

        time.now += 60
        conversation.save()
        assert not conversation.is_dirty


def test_what_was_saved_before_the_refusal_is_told(time: EmulatedTime) -> None:
    with time.server() as server:
        client = time.client(server, max_wait=0)
        conversation = Conversation.using(client).get(server.world.ids("conversation")[0])
        spent(server, left=23)
        conversation.name = "Ho"
        conversation.tags.append("vip")
        read(client, server)
        with pytest.raises(errors.RateLimitError) as raised:
            conversation.save()
        assert [each.method for each in raised.value.result.requests] == ["PATCH"]
        assert list(conversation.changes) == ["tags"]


def test_a_repetition_that_is_refused_leaves_the_outcome_unknown(time: EmulatedTime) -> None:
    with time.server() as server:
        client = time.client(server, max_wait=0)
        conversation = Conversation.using(client).get(server.world.ids("conversation")[0])
        spent(server, left=23)
        read(client, server)
        conversation.name = "Ho"
        server.faults.add(Fault.cut_after())
        with pytest.raises(errors.OutcomeUnknownError) as raised:
            conversation.save()
        assert raised.value.attempts == 1
        assert conversation.in_doubt


def test_a_function_that_refuses_by_raising_gives_its_place_back(time: EmulatedTime) -> None:
    class TooLongError(Exception):
        pass

    def refuse(wait: Wait) -> None:
        raise TooLongError

    with time.server() as server:
        client = time.client(server, on_wait=refuse)
        ident = server.world.ids("conversation")[0]
        spent(server)
        read(client, server)
        conversation = Conversation.using(client).get
        for _ in range(3):
            with pytest.raises(TooLongError):
                conversation(ident)
        pacer: Any = client._transport._pacer
        assert pacer._organisation._waiting == []
        assert pacer._organisation._under_way == 0


def test_a_clock_whose_sleep_takes_no_time_is_taken_at_its_word() -> None:
    """As tests of other projects have it."""
    waits: list[float] = []
    with Emulator() as server:
        server.world.add("conversation")
        clock = Clock(sleep=waits.append, random=lambda: 0.5)
        client = Client(server.api_key, base_url=server.url, clock=clock, retry=2)
        server.limits.spend(980)
        read(client, server, 3)
        assert len(waits) == 2
        assert min(waits) > 55
        server.limits.spend(20)
        with pytest.raises(errors.RateLimitError):
            read(client, server)
        assert statuses(server) == [200] * 3 + [429] * 3


def test_whoever_is_told_of_a_wait_in_a_save_sees_the_record_as_it_is_before_it(
    time: EmulatedTime,
) -> None:
    """Pitfall 94: every change is there and dirty, nothing is in doubt, and nothing was sent."""
    seen: list[Any] = []

    def look(wait: Wait) -> None:
        changed = list(conversation.changes)
        seen.append((conversation.name, changed, conversation.in_doubt, wait.reason))

    with time.server() as server:
        client = time.client(server, on_wait=look)
        conversation = Conversation.using(client).get(server.world.ids("conversation")[0])
        spent(server)
        read(client, server)
        conversation.name = "b"
        conversation.tags.append("t")

        conversation.save()

    assert seen[0] == ("b", ["name", "tags"], False, "organisation")
    assert not conversation.is_dirty
