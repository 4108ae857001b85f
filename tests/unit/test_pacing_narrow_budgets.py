"""Search and the updates of one object have budgets of their own, which stop nobody else."""

from __future__ import annotations

from typing import Any

import pytest

from kustomer_orm import Client, Conversation, errors
from kustomer_orm.emulator import Emulator, Fault
from kustomer_orm.transport import Request
from tests.unit.emulated_time import EmulatedTime, read, statuses


@pytest.fixture
def time() -> EmulatedTime:
    return EmulatedTime()


def rename(client: Client, ident: str, times: int = 1) -> None:
    conversation = Conversation.using(client).get(ident)
    for number in range(times):
        conversation.name = f"{conversation.name} {number}"
        conversation.save()


def search(client: Client, times: int = 1) -> None:
    for _ in range(times):
        client.write(Request("POST", "/v1/customers/search?page=1", b'{"and":[]}'))


def two(server: Emulator) -> tuple[str, str]:
    return server.world.add("conversation", name="A"), server.world.add("conversation", name="B")


# -- one object's updates ------------------------------------------------------------------------


def test_an_objects_updates_wait_for_its_own_budget_and_no_other_does(time: EmulatedTime) -> None:
    with time.server(object_limit=5) as server:
        client = time.client(server)
        one, other = two(server)
        rename(client, one, 5)
        rename(client, other, 5)
        read(client, server, 3)
        assert time.slept == []
        rename(client, one)
        assert set(statuses(server)) == {200}
    assert time.slept == [pytest.approx(60)]


def test_tags_count_with_the_updates_of_their_object(time: EmulatedTime) -> None:
    with time.server(object_limit=3) as server:
        client = time.client(server)
        one, _ = two(server)
        rename(client, one, 2)
        conversation = Conversation.using(client).get(one)
        conversation.tags.append("vip")
        conversation.save()
        assert time.slept == []
        rename(client, one)
        assert 429 not in statuses(server)
    assert time.slept == [pytest.approx(60)]


@pytest.mark.parametrize("told", ["organisation", "object"])
@pytest.mark.parametrize("reset", ["when_exceeded", "never"])
def test_a_429_of_one_object_stops_that_object_only(
    time: EmulatedTime, told: str, reset: str
) -> None:
    with time.server(object_limit=5, object_refusal=told, ratelimit_reset=reset) as server:
        one, other = two(server)
        rename(time.client(server), one, 5)  # another program
        seen: list[Any] = []
        client = time.client(server, retry=0, max_wait=0, on_wait=seen.append)

        with pytest.raises(errors.RateLimitError):
            rename(client, one)
        with pytest.raises(errors.RateLimitError, match="not sent"):
            rename(client, one)
        rename(client, other)
        read(client, server)

        assert statuses(server).count(429) == 1
        assert (time.slept, seen) == ([], [])


def test_a_429_of_an_object_that_looks_like_the_organisations_holds_all_and_loses_nothing(
    time: EmulatedTime,
) -> None:
    with time.server(object_limit=5, object_refusal="nothing_left") as server:
        one, other = two(server)
        rename(time.client(server), one, 5)
        client = time.client(server)

        rename(client, one)
        rename(client, other)

        assert statuses(server).count(429) == 1
        assert server.world.get("conversation", other)["attributes"]["name"] == "B 0"
    assert time.slept == [pytest.approx(60.25)]


def test_a_429_that_tells_nothing_holds_the_object_where_the_organisation_has_requests_left(
    time: EmulatedTime,
) -> None:
    with time.server() as server:
        client = time.client(server, retry=0, max_wait=0)
        one, _ = two(server)
        read(client, server)
        server.faults.add(Fault.status(429, method="PATCH"))
        conversation = Conversation.using(client).get(one)
        conversation.name = "Ho"
        with pytest.raises(errors.RateLimitError):
            conversation.save()
        read(client, server)
        with pytest.raises(errors.RateLimitError, match=r"budget \(object\)"):
            conversation.save()


def test_a_429_that_tells_nothing_and_of_which_nothing_is_known_holds_all(
    time: EmulatedTime,
) -> None:
    with time.server(rate_limit=None, object_limit=None) as server:
        client = time.client(server, retry=0, max_wait=0)
        one, _ = two(server)
        server.faults.add(Fault.status(429, method="PATCH"))
        with pytest.raises(errors.RateLimitError):
            client.write(Request("PATCH", f"/v1/conversations/{one}", b'{"name":"Ho"}'))
        with pytest.raises(errors.RateLimitError, match=r"budget \(organisation\)"):
            read(client, server)


def test_creations_of_one_customer_that_are_too_many_stop_nothing_else(time: EmulatedTime) -> None:
    with time.server(creation_limit=2) as server:
        seen: list[Any] = []
        client = time.client(server, on_wait=seen.append)
        conversations = Conversation.using(client)
        customer = server.world.add("customer")
        for _ in range(2):
            conversations.create(customer=customer)
        hasty = time.client(server, retry=0, max_wait=0)
        with pytest.raises(errors.RateLimitError):
            Conversation.using(hasty).create(customer=customer)
        Conversation.using(hasty).create(customer=server.world.add("customer"))

        conversations.create(customer=customer)

        assert [wait.reason for wait in seen] == ["creation"]
    assert time.slept == [pytest.approx(60.25)]


def test_the_objects_that_are_remembered_do_not_grow_for_ever(time: EmulatedTime) -> None:
    with time.server() as server:
        client = time.client(server)
        one, _ = two(server)
        pacer: Any = client._transport._pacer
        for number in range(600):
            time.now += 1
            pacer._narrow(Request("PATCH", f"/v1/conversations/{number}"))
            assert len(pacer._objects) <= 420
        rename(client, one)


# -- search --------------------------------------------------------------------------------------


@pytest.mark.parametrize("whose", ["organisation", "search"])
def test_searches_wait_for_their_own_budget_and_reads_do_not(
    time: EmulatedTime, whose: str
) -> None:
    with time.server(search_headers=whose) as server:
        client = time.client(server)
        read(client, server)
        search(client, 98)
        read(client, server, 100)
        assert time.slept == []
        search(client)
        read(client, server)
        assert 429 not in statuses(server)
    assert time.slept == [pytest.approx(60)]


@pytest.mark.parametrize("first", ["search", "read"])
def test_the_limit_of_search_is_not_taken_for_the_organisations(
    time: EmulatedTime, first: str
) -> None:
    with time.server(search_headers="search") as server:
        client = time.client(server)
        if first == "read":
            read(client, server)
        search(client, 5)
        read(client, server, 200)
    assert time.slept == []


def test_a_429_of_search_stops_searches_only(time: EmulatedTime) -> None:
    with time.server(search_limit=3) as server:
        client = time.client(server, retry=0, max_wait=0)
        read(client, server)
        search(client, 3)
        for match in ("429", "not sent"):
            with pytest.raises(errors.RateLimitError, match=match):
                client.write(Request("POST", "/v1/customers/search", b"{}"))
        read(client, server, 5)
        assert statuses(server).count(429) == 1
