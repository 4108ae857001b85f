"""A new record is sent once; when its answer is lost it is looked up before it is sent again."""

from __future__ import annotations

from typing import Any

import pytest

from kustomer_orm import Client, Conversation, custom, errors
from kustomer_orm.emulator import Emulator, Fault

OWN_ID = "5f00000000000000000000aa"


class Request(Conversation):
    note = custom.Txt()


@pytest.fixture
def customer(server: Emulator) -> str:
    return server.world.add("customer", name="Jane")


def sent(server: Emulator) -> list[tuple[str, str]]:
    return [
        (each.method, each.target.removeprefix("/v1/conversations")) for each in server.requests
    ]


def test_creating_sends_what_was_given_and_nothing_else(
    server: Emulator, client: Client, customer: str
) -> None:
    request = Request.create(customer=customer, name="Hi", note="x", tags=["vip"])
    assert sent(server) == [("POST", "")]
    assert server.requests[0].body == {
        "customer": customer,
        "name": "Hi",
        "custom": {"noteTxt": "x"},
        "tags": ["vip"],
    }
    assert server.world.ids("conversation") == [request.id]
    assert (request.rev, request.is_dirty, request.status) == (1, False, "open")
    assert [server.world.tag_name(tag) for tag in request.tags] == ["vip"]


def test_a_saved_record_is_updated_from_then_on(
    server: Emulator, client: Client, customer: str
) -> None:
    request = Request(customer=customer)
    first = request.save()
    request.name = "Hi"
    second = request.save()
    assert (first.created, second.created) == (True, False)
    assert sent(server) == [("POST", ""), ("PATCH", f"/{request.id}")]
    assert not request.save()


def test_the_id_may_be_chosen(server: Emulator, client: Client, customer: str) -> None:
    request = Request.create(id=OWN_ID, customer=customer)
    assert request.id == OWN_ID
    assert server.requests[0].body == {"customer": customer, "id": OWN_ID}


def test_what_the_api_requires_is_asked_for_before_anything_is_sent(
    server: Emulator, client: Client, customer: str
) -> None:
    request = Request(name="Hi")
    with pytest.raises(errors.InvalidValueError, match="customer"):
        request.save()
    assert server.requests == []
    request.customer = customer
    request.save()
    assert sent(server) == [("POST", "")]


@pytest.mark.parametrize(
    ("values", "place"),
    [({"external_id": "A 1/2"}, "/externalId=A%201%2F2"), ({"id": OWN_ID}, f"/{OWN_ID}")],
    ids=["external id", "own id"],
)
@pytest.mark.parametrize(
    "fault", [Fault.cut_after, Fault.truncated_json, Fault.empty, Fault.cut_inside]
)
def test_a_creation_whose_answer_was_lost_is_found_and_not_sent_again(
    server: Emulator, client: Client, customer: str, values: Any, place: str, fault: Any
) -> None:
    server.faults.add(fault(method="POST"))
    request = Request.create(customer=customer, name="Hi", **values)
    assert sent(server) == [("POST", ""), ("GET", place)]
    assert server.world.ids("conversation") == [request.id]
    assert (request.rev, request.name) == (1, "Hi")
    assert not request.is_dirty
    assert not request.in_doubt


@pytest.mark.parametrize(
    "fault", [Fault.cut_before(), Fault.status(503), Fault.html(502)], ids=["cut", "503", "502"]
)
def test_a_creation_that_did_not_arrive_is_sent_again_after_the_look_up(
    server: Emulator, client: Client, customer: str, fault: Fault
) -> None:
    server.faults.add(Fault(fault.kind, "POST", options=fault.options))
    request = Request.create(customer=customer, external_id="A-1")
    assert sent(server) == [("POST", ""), ("GET", "/externalId=A-1"), ("POST", "")]
    assert server.requests[0].raw == server.requests[2].raw
    assert server.world.ids("conversation") == [request.id]


def test_a_creation_that_is_lost_twice_stays_in_doubt_and_is_looked_up_first_next_time(
    server: Emulator, client: Client, customer: str
) -> None:
    server.faults.add(Fault.cut_before(method="POST"), Fault.cut_after(method="POST"))
    request = Request(customer=customer, external_id="A-1", name="Hi")
    with pytest.raises(errors.OutcomeUnknownError):
        request.save()
    assert [method for method, _ in sent(server)] == ["POST", "GET", "POST"]
    assert request.in_doubt
    assert request.id is None

    server.requests.clear()
    result = request.save()

    assert sent(server) == [("GET", "/externalId=A-1")]
    assert (result.created, result.confirmed) == (True, False)
    assert server.world.ids("conversation") == [request.id]
    assert not request.in_doubt


def test_a_look_up_that_fails_keeps_the_doubt_and_nothing_is_sent_twice(
    server: Emulator, client: Client, customer: str
) -> None:
    server.faults.add(Fault.cut_after(method="POST"), Fault.status(403, method="GET"))
    request = Request(customer=customer, external_id="A-1")
    with pytest.raises(errors.OutcomeUnknownError):
        request.save()
    assert request.in_doubt
    server.requests.clear()
    request.save()
    assert sent(server) == [("GET", "/externalId=A-1")]
    assert server.world.ids("conversation") == [request.id]


def test_what_was_changed_after_a_lost_creation_follows_once_it_is_found(
    server: Emulator, client: Client, customer: str
) -> None:
    server.faults.add(Fault.cut_after(method="POST"), Fault.status(403, method="GET"))
    request = Request(customer=customer, external_id="A-1", name="Hi")
    with pytest.raises(errors.OutcomeUnknownError):
        request.save()
    request.name = "Ho"
    request.tags.append("vip")
    server.requests.clear()
    request.save()
    assert sent(server) == [
        ("GET", "/externalId=A-1"),
        ("PATCH", f"/{request.id}"),
        ("POST", f"/{request.id}/tags"),
    ]
    assert server.requests[1].body == {"name": "Ho"}
    assert not request.is_dirty


def test_a_lost_creation_without_a_key_to_look_up_is_never_sent_again(
    server: Emulator, client: Client, customer: str
) -> None:
    server.faults.add(Fault.cut_after(method="POST"))
    request = Request(customer=customer, name="Hi")
    for _ in range(2):
        with pytest.raises(errors.OutcomeUnknownError, match="look"):
            request.save()
        assert request.in_doubt
    assert sent(server) == [("POST", "")]
    assert len(server.world.ids("conversation")) == 1


@pytest.mark.parametrize("fault", [Fault.truncated_json, Fault.empty, Fault.cut_inside])
def test_a_creation_whose_id_was_lost_with_the_answer_says_that_it_was_made(
    server: Emulator, client: Client, customer: str, fault: Any
) -> None:
    server.faults.add(fault(method="POST"))
    request = Request(customer=customer)
    with pytest.raises(errors.OutcomeUnknownError, match="created") as raised:
        request.save()
    assert raised.value.status == 201
    assert (request.id, request.in_doubt) == (None, True)
    assert sent(server) == [("POST", "")]


def test_a_refused_creation_is_in_no_doubt_and_can_be_mended(
    server: Emulator, client: Client
) -> None:
    request = Request(customer="5f0000000000000000000001", name="Hi")
    with pytest.raises(errors.NotFoundError):
        request.save()
    assert (request.id, request.in_doubt, request.is_dirty) == (None, False, True)
    request.customer = server.world.add("customer")
    assert request.save().created
    assert [method for method, _ in sent(server)] == ["POST", "POST"]


def test_a_touch_of_what_a_new_record_may_not_null_is_refused(
    server: Emulator, client: Client, customer: str
) -> None:
    request = Request(customer=customer, name=None)

    with pytest.raises(errors.InvalidValueError, match="no null for it in a new record"):
        request.touch("name")
    request.save()

    assert server.requests[0].body == {"customer": customer}
