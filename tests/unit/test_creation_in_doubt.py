"""A lost creation takes over no record that was there before, and no answer about another one."""

from __future__ import annotations

from typing import Any

import pytest

from kustomer_orm import Client, Conversation, custom, errors
from kustomer_orm.emulator import Emulator, Fault

OWN_ID = "5f00000000000000000000aa"


class Request(Conversation):
    note = custom.Txt()
    refund = custom.Num("refundAmountNum")


@pytest.fixture
def customer(server: Emulator) -> str:
    return server.world.add("customer", name="Jane")


def sent(server: Emulator) -> list[tuple[str, str]]:
    return [
        (each.method, each.target.removeprefix("/v1/conversations")) for each in server.requests
    ]


LOOKED_UP = [("POST", ""), ("GET", "/externalId=A-1")]


# -- somebody else's -------------------------------------------------------------------------------

OTHERS: dict[str, dict[str, Any]] = {
    "another value": {"name": "theirs"},
    "no value": {},
    "another custom value": {"name": "Hi", "custom": {"noteTxt": "theirs"}},
    "a custom key less": {"name": "Hi", "custom": {"refundAmountNum": 1}},
    "another number": {"name": "Hi", "custom": {"noteTxt": "n", "refundAmountNum": 2}},
}


@pytest.mark.parametrize("theirs", OTHERS.values(), ids=OTHERS)
def test_a_lost_creation_does_not_take_over_a_record_that_holds_other_values(
    server: Emulator, client: Client, customer: str, theirs: dict[str, Any]
) -> None:
    id_ = server.world.add("conversation", customer=customer, externalId="A-1", **theirs)
    before = server.world.get("conversation", id_)
    server.faults.add(Fault.cut_before(method="POST"))
    request = Request(customer=customer, external_id="A-1", name="Hi", note="n", refund=1)
    changes = request.changes

    with pytest.raises(errors.ConflictError, match="nothing was written to it"):
        request.save()

    assert sent(server) == LOOKED_UP
    assert server.world.get("conversation", id_) == before
    assert (request.id, request.in_doubt, request.changes) == (None, False, changes)


def test_a_record_of_another_customer_is_not_taken_over(
    server: Emulator, client: Client, customer: str
) -> None:
    server.world.add("conversation", externalId="A-1", name="Hi")
    server.faults.add(Fault.cut_before(method="POST"))
    request = Request(customer=customer, external_id="A-1", name="Hi")
    with pytest.raises(errors.ConflictError, match="another 'customer'") as raised:
        request.save()
    assert "A-1" not in str(raised.value)
    assert sent(server) == LOOKED_UP


def test_an_own_id_that_is_taken_already_is_not_taken_over(
    server: Emulator, client: Client, customer: str
) -> None:
    server.world.add("conversation", id=OWN_ID, customer=customer, name="theirs")
    server.faults.add(Fault.cut_before(method="POST"))
    request = Request.using(client).new(OWN_ID, customer=customer, name="Hi")
    with pytest.raises(errors.ConflictError, match="another 'name'"):
        request.save()
    assert sent(server) == [("POST", ""), ("GET", f"/{OWN_ID}")]


def test_the_name_in_a_conflict_is_the_one_in_python(
    server: Emulator, client: Client, customer: str
) -> None:
    server.world.add(
        "conversation", customer=customer, externalId="A-1", custom={"refundAmountNum": 2}
    )
    server.faults.add(Fault.cut_before(method="POST"))
    with pytest.raises(errors.ConflictError, match="another 'refund'"):
        Request.create(customer=customer, external_id="A-1", refund=1)


def test_after_a_conflict_the_record_can_be_created_under_another_key(
    server: Emulator, client: Client, customer: str
) -> None:
    server.world.add("conversation", customer=customer, externalId="A-1", name="theirs")
    server.faults.add(Fault.cut_before(method="POST"))
    request = Request(customer=customer, external_id="A-1", name="Hi")
    with pytest.raises(errors.ConflictError):
        request.save()
    server.requests.clear()
    request.external_id = "A-2"
    assert request.save().created
    assert sent(server) == [("POST", "")]


# -- our own ---------------------------------------------------------------------------------------


def test_tags_are_stored_as_ids_and_are_no_sign_of_somebody_elses(
    server: Emulator, client: Client, customer: str
) -> None:
    server.faults.add(Fault.cut_after(method="POST"))
    request = Request.create(customer=customer, external_id="A-1", tags=["vip", "refund"])
    assert sent(server)[:2] == LOOKED_UP
    assert server.world.ids("conversation") == [request.id]
    assert [server.world.tag_name(tag) for tag in request.tags] == ["vip", "refund"]


@pytest.mark.parametrize("place", ["name", "custom.noteTxt", "custom"])
def test_what_is_masked_is_no_sign_of_somebody_elses(
    server: Emulator, client: Client, customer: str, place: str
) -> None:
    server.world.mask("conversation", place)
    server.faults.add(Fault.cut_after(method="POST"))
    request = Request.create(customer=customer, external_id="A-1", name="Hi", note="n")
    assert sent(server)[:2] == LOOKED_UP
    assert server.world.ids("conversation") == [request.id]
    assert not request.is_dirty


def test_a_null_that_is_stored_as_absent_is_no_sign_of_somebody_elses(
    server: Emulator, client: Client, customer: str
) -> None:
    server.faults.add(Fault.cut_after(method="POST"))
    request = Request.create(customer=customer, external_id="A-1", note=None)
    assert server.requests[0].body["custom"] == {"noteTxt": None}
    assert sent(server) == LOOKED_UP
    assert server.world.ids("conversation") == [request.id]


def test_what_was_changed_since_does_not_make_our_own_record_somebody_elses(
    server: Emulator, client: Client, customer: str
) -> None:
    server.faults.add(Fault.cut_after(method="POST"), Fault.status(403, method="GET"))
    request = Request(customer=customer, external_id="A-1", name="Hi", note="n")
    with pytest.raises(errors.APIError):
        request.save()
    request.name = None
    del request.custom["noteTxt"]
    server.requests.clear()

    request.save()

    assert sent(server) == [("GET", "/externalId=A-1"), ("PATCH", f"/{request.id}")]
    assert server.requests[1].body == {"name": None, "custom": {"noteTxt": None}}
    assert not request.is_dirty


def test_what_was_taken_back_since_is_not_sent_when_the_creation_is_sent_again(
    server: Emulator, client: Client, customer: str
) -> None:
    server.faults.add(Fault.cut_before(method="POST"), Fault.status(403, method="GET"))
    request = Request(customer=customer, external_id="A-1", name="Hi")
    with pytest.raises(errors.APIError):
        request.save()
    request.name = None
    server.requests.clear()

    request.save()

    assert [each.body for each in server.requests] == [
        None,
        {"customer": customer, "externalId": "A-1"},
    ]


def test_only_may_be_an_iterator_where_the_creation_is_found(
    server: Emulator, client: Client, customer: str
) -> None:
    server.faults.add(Fault.cut_after(method="POST"), Fault.status(403, method="GET"))
    request = Request(customer=customer, external_id="A-1", name="Hi")
    with pytest.raises(errors.APIError):
        request.save()
    request.name, request.note = "Ho", "n"
    server.requests.clear()

    request.save(only=iter(["customer", "external_id", "name"]))

    assert [each.body for each in server.requests] == [None, {"name": "Ho"}]
    assert list(request.changes) == ["note"]


# -- an answer about something else ----------------------------------------------------------------


def of_another_type(document: Any) -> Any:
    document["data"]["type"] = "message"
    document["data"]["id"] = OWN_ID
    return document


def test_a_creation_that_is_answered_with_another_type_is_looked_up(
    server: Emulator, client: Client, customer: str
) -> None:
    server.faults.add(Fault.answer(of_another_type, method="POST"))
    request = Request.create(customer=customer, external_id="A-1")
    assert sent(server) == LOOKED_UP
    assert server.world.ids("conversation") == [request.id]


def test_a_creation_that_is_answered_with_another_type_and_has_no_key_is_in_doubt(
    server: Emulator, client: Client, customer: str
) -> None:
    server.faults.add(Fault.answer(of_another_type, method="POST"))
    request = Request(customer=customer)
    with pytest.raises(errors.OutcomeUnknownError, match="does not tell its id") as raised:
        request.save()
    assert (raised.value.status, raised.value.method) == (201, "POST")
    assert (request.id, request.in_doubt, request.is_dirty) == (None, True, True)


def test_a_look_up_that_gives_another_type_keeps_the_doubt(
    server: Emulator, client: Client, customer: str
) -> None:
    server.faults.add(
        Fault.cut_after(method="POST"), Fault.answer(of_another_type, method="GET", times=2)
    )
    request = Request(customer=customer, external_id="A-1", name="Hi")
    for said in ("no answer", "gave no such record"):  # of the creation, then of the look-up
        with pytest.raises(errors.OutcomeUnknownError, match=said):
            request.save()
        assert (request.id, request.in_doubt) == (None, True)
    assert sent(server) == [*LOOKED_UP, LOOKED_UP[1]]

    request.save()
    assert server.world.ids("conversation") == [request.id]
