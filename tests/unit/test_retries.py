"""When a request is sent again, after how long a wait, and when it must not be."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from kustomer_orm import Client, Conversation, errors
from kustomer_orm.emulator import Emulator, Fault


def methods(server: Emulator) -> list[str]:
    return [exchange.method for exchange in server.requests]


def made(server: Emulator, fake_time: Any, **settings: Any) -> Client:
    return Client(server.api_key, base_url=server.url, clock=fake_time.clock(), **settings)


# -- what is repeated -------------------------------------------------------------------------


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_read_is_repeated_on_5xx_with_full_jitter(
    server: Emulator, client: Client, fake_time: Any, status: int
) -> None:
    id_ = server.world.add("conversation", name="Hi")
    server.faults.add(Fault.status(status, times=3))

    assert Conversation.get(id_).name == "Hi"

    assert methods(server) == ["GET"] * 4
    assert fake_time.slept == [0.25, 0.5, 1.0]


@pytest.mark.parametrize(("chance", "slept"), [(0.0, [0.0, 0.0]), (1.0, [0.5, 1.0])])
def test_chance_spreads_the_waits_from_zero_to_the_whole_step(
    server: Emulator, client: Client, fake_time: Any, chance: float, slept: list[float]
) -> None:
    fake_time.chance = chance
    id_ = server.world.add("conversation")
    server.faults.add(Fault.status(503, times=2))

    Conversation.get(id_)

    assert fake_time.slept == slept


def test_a_wait_grows_to_half_a_minute_and_no_further(server: Emulator, fake_time: Any) -> None:
    fake_time.chance = 1.0
    client = made(server, fake_time, retry=9, deadline=1000)
    id_ = server.world.add("conversation")
    server.faults.add(Fault.status(503, times=9))

    Conversation.using(client).get(id_)

    assert fake_time.slept == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0]


def test_a_repeated_write_sends_the_same_bytes(server: Emulator, client: Client) -> None:
    id_ = server.world.add("conversation", name="Hi")
    conversation = Conversation.get(id_)
    server.requests.clear()
    conversation.name = "Ho"
    server.faults.add(Fault.cut_before(), Fault.html(502))

    conversation.save()

    assert methods(server) == ["PATCH"] * 3
    assert {exchange.raw for exchange in server.requests} == {b'{"name":"Ho"}'}
    assert not conversation.is_dirty
    assert not conversation.in_doubt


@pytest.mark.parametrize("fault", [Fault.cut_after, Fault.cut_before])
def test_adding_tags_is_repeated_after_a_cut_since_twice_is_once(
    server: Emulator, client: Client, fault: Any
) -> None:
    """Pitfall 71."""
    id_ = server.world.add("conversation", tags=["vip"])
    conversation = Conversation.get(id_)
    server.requests.clear()
    server.faults.add(fault(method="POST"))
    conversation.tags.append("refund")

    conversation.save()

    assert [exchange.target for exchange in server.requests] == [
        f"/v1/conversations/{id_}/tags"
    ] * 2
    stored = server.world.get("conversation", id_)["attributes"]["tags"]
    assert [server.world.tag_name(tag) for tag in stored] == ["vip", "refund"]


def test_a_read_whose_body_was_cut_is_repeated(server: Emulator, client: Client) -> None:
    id_ = server.world.add("conversation", name="Hi")
    server.faults.add(Fault.cut_inside())

    assert Conversation.get(id_).name == "Hi"
    assert methods(server) == ["GET", "GET"]


def test_a_write_whose_answer_was_cut_inside_is_a_success_and_is_not_repeated(
    server: Emulator, client: Client
) -> None:
    id_ = server.world.add("conversation", name="Hi")
    conversation = Conversation.get(id_)
    server.requests.clear()
    server.faults.add(Fault.cut_inside())
    conversation.name = "Ho"

    result = conversation.save()

    assert methods(server) == ["PATCH"]
    assert not result.confirmed
    assert not conversation.is_dirty
    assert conversation.rev is None


@pytest.mark.parametrize("status", [404, 410])
def test_deleting_again_after_a_lost_answer_takes_not_found_as_done(
    server: Emulator, client: Client, status: int
) -> None:
    id_ = server.world.add("conversation")
    conversation = Conversation(id=id_)
    server.faults.add(Fault.cut_after(method="DELETE"), Fault.status(status))

    conversation.delete()

    assert [(each.method, each.status) for each in server.requests] == [
        ("DELETE", None),
        ("DELETE", status),
    ]
    assert server.world.ids("conversation") == []


def test_deleting_what_is_not_there_is_an_error_at_the_first_attempt(
    server: Emulator, client: Client
) -> None:
    with pytest.raises(errors.NotFoundError):
        Conversation(id="5f0000000000000000000001").delete()
    assert methods(server) == ["DELETE"]


def test_a_connection_that_was_never_made_lets_even_a_creation_be_repeated(
    fake_time: Any,
) -> None:
    with Emulator() as gone:
        port, key = gone.port, gone.api_key
    server = Emulator(port=port, api_key=key)
    customer = server.world.add("customer")
    clock = fake_time.clock()
    client = Client(key, base_url=f"http://127.0.0.1:{port}", clock=clock)

    with pytest.raises(errors.ConnectionFailedError) as raised:
        Conversation.using(client).create(customer=customer)
    assert raised.value.attempts == 5
    assert fake_time.slept == [0.25, 0.5, 1.0, 2.0]

    fake_time.sleep = lambda seconds: server.start()
    client = Client(key, base_url=f"http://127.0.0.1:{port}", clock=fake_time.clock())
    try:
        conversation = Conversation.using(client).create(customer=customer)
        assert methods(server) == ["POST"]
        assert server.world.ids("conversation") == [conversation.id]
    finally:
        server.stop()


# -- what is not ------------------------------------------------------------------------------


def test_a_creation_that_was_cut_after_it_arrived_is_sent_once(
    server: Emulator, client: Client
) -> None:
    """Pitfall 71."""
    customer = server.world.add("customer")
    server.faults.add(Fault.cut_after())
    conversation = Conversation(customer=customer, name="Hi")

    with pytest.raises(errors.OutcomeUnknownError):
        conversation.save()

    assert methods(server) == ["POST"]
    assert len(server.world.ids("conversation")) == 1
    assert conversation.in_doubt
    assert conversation.is_dirty


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_a_success_that_carries_retry_after_is_not_sent_again(
    server: Emulator, client: Client, fake_time: Any, method: str
) -> None:
    """Pitfall 72."""
    customer = server.world.add("customer")
    server.faults.add(Fault.headers({"Retry-After": "3"}, times=None))
    if method == "POST":
        Conversation.create(customer=customer)
    else:
        Conversation(id=server.world.add("conversation"), name="Hi").save()

    assert methods(server) == [method]
    assert fake_time.slept == []


def test_a_limit_that_never_ends_is_given_up_within_the_deadline(
    server: Emulator, fake_time: Any
) -> None:
    """Pitfall 73."""
    fake_time.chance = 1.0
    client = made(server, fake_time, retry=1000, deadline=100)
    server.faults.add(Fault.status(429, times=None))
    began = fake_time.now

    with pytest.raises(errors.RateLimitError) as raised:
        Conversation.using(client).get("5f0000000000000000000001")

    assert fake_time.slept == [5.0, 10.0, 20.0, 40.0]
    assert fake_time.now - began <= 100
    assert raised.value.attempts == len(server.requests) == 5


def test_a_limit_that_ends_after_the_deadline_is_not_waited_for(
    server: Emulator, client: Client, fake_time: Any
) -> None:
    """Pitfall 73."""
    server.faults.add(Fault.status(429, headers={"Retry-After": "500"}))

    with pytest.raises(errors.RateLimitError) as raised:
        Conversation.get("5f0000000000000000000001")

    assert raised.value.retry_after == 500
    assert fake_time.slept == []
    assert len(server.requests) == 1


@pytest.mark.parametrize("verb", ["get", "save", "create", "delete", "tags"])
def test_a_conflict_is_never_repeated(
    server: Emulator, client: Client, fake_time: Any, verb: str
) -> None:
    """Pitfall 74."""
    id_ = server.world.add("conversation")
    conversation = Conversation.get(id_)
    server.requests.clear()
    server.faults.add(Fault.status(409, times=None))
    conversation.tags.append("vip")
    calls: dict[str, Callable[[], object]] = {
        "get": lambda: Conversation.get(id_),
        "save": lambda: Conversation(id=id_, name="Hi").save(),
        "create": lambda: Conversation.create(customer=id_, external_id="E-1"),
        "delete": lambda: Conversation(id=id_).delete(),
        "tags": conversation.save,
    }

    with pytest.raises(errors.ConflictError) as raised:
        calls[verb]()

    assert len(server.requests) == raised.value.attempts == 1
    assert fake_time.slept == []


@pytest.mark.parametrize("status", [400, 403, 404, 413, 418, 501])
def test_an_answer_that_will_not_change_is_not_asked_for_again(
    server: Emulator, client: Client, status: int
) -> None:
    server.faults.add(Fault.status(status, times=None))
    with pytest.raises(errors.APIError):
        Conversation(id="5f0000000000000000000001", name="Hi").save()
    assert methods(server) == ["PATCH"]


def test_no_retries_means_one_attempt(server: Emulator, fake_time: Any) -> None:
    client = made(server, fake_time, retry=0)
    server.faults.add(Fault.status(503))
    with pytest.raises(errors.ServerError) as raised:
        Conversation.using(client).get("5f0000000000000000000001")
    assert (len(server.requests), raised.value.attempts) == (1, 1)
    assert fake_time.slept == []


# -- when retries are spent -------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        Fault.cut_after(times=None),
        Fault.cut_before(times=None),
        Fault.status(500, times=None),
        Fault.html(502, times=None),
    ],
    ids=["cut after", "cut before", "500", "502 page"],
)
def test_a_write_without_an_outcome_leaves_the_record_in_doubt_and_dirty(
    server: Emulator, client: Client, fault: Fault
) -> None:
    id_ = server.world.add("conversation", name="Hi")
    conversation = Conversation.get(id_)
    server.requests.clear()
    server.faults.add(fault)
    conversation.name = "Ho"

    with pytest.raises(errors.OutcomeUnknownError) as raised:
        conversation.save()

    assert methods(server) == ["PATCH"] * 5
    assert raised.value.attempts == 5
    doubt = conversation.in_doubt
    assert doubt
    assert conversation.changes == {"name": ("Hi", "Ho")}

    server.faults.clear()
    conversation.save()
    assert not conversation.in_doubt
    assert server.world.get("conversation", id_)["attributes"]["name"] == "Ho"


def test_a_limit_after_a_lost_answer_is_still_an_unknown_outcome(
    server: Emulator, client: Client
) -> None:
    conversation = Conversation(id=server.world.add("conversation"), name="Ho")
    server.faults.add(Fault.cut_after(), Fault.status(429, times=None))
    with pytest.raises(errors.OutcomeUnknownError):
        conversation.save()
    assert conversation.in_doubt


@pytest.mark.parametrize("settings", [{"timeout": 0.1}, {"deadline": 0.1}])
def test_every_request_has_a_timeout_within_the_deadline(
    server: Emulator, fake_time: Any, settings: dict[str, float]
) -> None:
    """Pitfall 73."""
    client = made(server, fake_time, retry=0, **settings)
    id_ = server.world.add("conversation")
    never = threading.Event()
    server.faults.add(Fault.stall_before(never, times=2))

    with pytest.raises(errors.ConnectionFailedError, match="Timeout"):
        Conversation.using(client).get(id_)
    conversation = Conversation.using(client).new(customer=id_)
    with pytest.raises(errors.OutcomeUnknownError, match="Timeout"):
        conversation.save()
    assert methods(server) == ["GET", "POST"]


@pytest.mark.parametrize(("retry", "said"), [(0, "after 1 attempt: "), (1, "after 2 attempts: ")])
def test_how_often_it_was_tried_is_said_in_words(
    server: Emulator, fake_time: Any, retry: int, said: str
) -> None:
    client = made(server, fake_time, retry=retry)
    server.faults.add(Fault.cut_before(times=None))
    with pytest.raises(errors.ConnectionFailedError, match=said):
        Conversation.using(client).get("5f00000000000000000000aa")
