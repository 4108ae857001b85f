"""New records where the server does not say whose is whose: none is taken for another's."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from kustomer_orm import Client, Conversation, Customer
from kustomer_orm.emulator import Emulator, Fault
from kustomer_orm.errors import BadRequestError, ConflictError, OutcomeUnknownError
from kustomer_orm.records.bulk_items import item_of
from kustomer_orm.records.bulk_matching import match_new
from kustomer_orm.records.planning import edits_of

# Servers that do not tell which item made which record.
SILENT: list[dict[str, Any]] = [
    {"bulk_polling": "none"},
    {"bulk_polling": "status"},
    {"bulk_client_ref": "refused"},
]


def behave(server: Emulator, switches: dict[str, Any]) -> None:
    for name, value in switches.items():
        setattr(server.behaviour, name, value)


def reorder(server: Emulator, order: tuple[int, ...]) -> None:
    """Have a server without references name the records of a job in another order."""
    server.behaviour.bulk_client_ref = "refused"

    def change(document: Any) -> Any:
        for batch in document["data"]:
            ids = batch["attributes"]["objectIds"]
            batch["attributes"]["objectIds"] = [ids[place] for place in order]
        return document

    server.faults.add(Fault.answer(change, method="GET", path="*/batches"))


def stored(server: Emulator, id_: str | None, kind: str = "customer") -> Any:
    return server.world.get(kind, str(id_))["attributes"]


@pytest.mark.parametrize("switches", SILENT)
def test_somebody_elses_record_is_not_taken_over(
    server: Emulator, client: Client, switches: dict[str, Any]
) -> None:
    behave(server, switches)
    theirs = server.world.add("customer", name="Somebody else", externalId="crm-1")
    mine = Customer(name="Jane", external_id="crm-1")
    other = Customer(name="Jim", external_id="crm-2")

    result = Customer.save_all([mine, other])

    assert result.created == [other.id]
    (failure,) = result.failed
    assert failure.record is mine
    assert isinstance(failure.error, (ConflictError, BadRequestError))
    assert mine.id is None
    assert mine.is_dirty
    assert stored(server, theirs)["name"] == "Somebody else"


def test_a_key_that_is_taken_is_a_conflict(server: Emulator, client: Client) -> None:
    server.behaviour.bulk_polling = "none"
    server.world.add("customer", name="Somebody else", externalId="crm-1")

    (failure,) = Customer.create_all([{"name": "Jane", "external_id": "crm-1"}]).failed

    assert isinstance(failure.error, ConflictError)
    assert "of this external_id already" in str(failure.error)


@pytest.mark.parametrize("order", [*itertools.permutations(range(3))])
@pytest.mark.parametrize("turned", [False, True])
def test_each_record_is_matched_with_the_item_that_sent_more(
    server: Emulator, client: Client, order: tuple[int, ...], *, turned: bool
) -> None:
    reorder(server, order)
    made = [
        Customer(name="Jane"),
        Customer(name="Jane", external_id="X 1"),
        Customer(name="Jane", external_id="X 2"),
    ]
    if turned:
        made.reverse()

    result = Customer.save_all(made)

    assert len(set(result.created)) == 3
    for record in made:
        assert stored(server, record.id).get("externalId") == record.external_id


def test_items_that_send_the_same_are_as_good_as_one_another(
    server: Emulator, client: Client
) -> None:
    reorder(server, (2, 0, 1))
    made = [Customer(name="Jane") for _ in range(3)]

    assert len(set(Customer.save_all(made).created)) == 3


def test_what_may_be_the_one_or_the_other_is_left_open(server: Emulator, client: Client) -> None:
    """Tags are stored by their ids, so nothing tells these two apart."""
    server.behaviour.bulk_client_ref = "refused"
    jane = server.world.add("customer", name="Jane")
    made = [Conversation(customer=jane, name="A", tags=[tag]) for tag in ("x", "y")]

    result = Conversation.save_all(made)

    assert [failure.record for failure in result.unknown] == made
    assert all(record.id is None and record.in_doubt for record in made)
    assert Conversation.save_all(made).created == []  # and none is made a second time
    assert len(server.world.ids("conversation")) == 2


def test_a_record_that_was_made_and_is_not_recognised_is_never_said_to_have_failed(
    server: Emulator, client: Client
) -> None:
    server.behaviour.bulk_client_ref = "refused"
    made = [Customer(name="Jane"), Customer(name="Jim")]

    def rename(_: object) -> None:
        server.world.edit("customer", server.world.ids("customer")[0], name="Janet")

    server.faults.add(Fault.before(rename, method="GET", path="/v1/customers/*"))
    server.bulk.refuse = None

    result = Customer.save_all(made)

    assert result.failed == []
    assert [failure.record for failure in result.unknown] == [made[0]]
    assert isinstance(result.unknown[0].error, OutcomeUnknownError)
    assert result.created == [made[1].id]


def test_one_id_is_never_two_records(server: Emulator, client: Client) -> None:
    server.behaviour.bulk_polling = "none"
    made = [Customer(name="Jane", external_id="X 1") for _ in range(2)]

    result = Customer.save_all(made)

    assert len(result.created) == 1
    assert len(result.unknown) == 1
    assert len(server.world.ids("customer")) == 1


def test_a_reference_that_is_told_twice_gives_one_record_its_id(
    server: Emulator, client: Client
) -> None:
    made = [Customer(name="Jane"), Customer(name="Jim")]

    def same(document: Any) -> Any:
        results = document["data"][0]["attributes"]["results"]
        results[1]["objectId"] = results[0]["objectId"]
        return document

    server.faults.add(Fault.answer(same, method="GET", path="*/batches"))

    result = Customer.save_all(made)

    assert result.created == [made[0].id]
    assert [failure.record for failure in result.unknown] == [made[1]]


def test_what_was_refused_is_known_by_the_records_that_were_made(
    server: Emulator, client: Client
) -> None:
    server.behaviour.bulk_client_ref = "refused"
    server.bulk.refuse = lambda item: "no" if item.get("externalId") == "X 2" else None
    made = [Customer(name="Jane", external_id=f"X {number}") for number in range(4)]

    result = Customer.save_all(made)

    assert result.created == [made[0].id, made[1].id, made[3].id]
    assert [failure.record for failure in result.failed] == [made[2]]
    assert made[2].in_doubt is False


def test_a_record_that_was_renamed_since_leaves_the_others_open() -> None:
    """Found by the property test: of three that were made, one fits nobody any longer."""
    sent: list[dict[str, Any]] = [
        {"name": "Jim", "tags": ["late"]},
        {"name": "Jim", "tags": ["vip"]},
        {"name": "Jim", "tags": ["late"]},
    ]
    items, found = [], []
    for number, values in enumerate(sent):
        record = Customer()
        record.assign(**values)
        items.append(item_of(record, edits_of(record), None, 100_000))
        name = "Janet" if number == 0 else "Jim"
        attributes = {"name": name, "tags": [f"{number:024x}"]}
        found.append({"type": "customer", "id": f"{number:024x}", "attributes": attributes})

    assert match_new(Customer, items, found) == ({}, [])
