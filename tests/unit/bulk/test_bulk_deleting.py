"""Deletions in bulk: what is called deleted was there and is gone, and nothing is called failed
that may be at it."""

from __future__ import annotations

from typing import Any

import pytest

from kustomer_orm import Client, Conversation, Customer
from kustomer_orm.emulator import Emulator, Fault
from kustomer_orm.errors import (
    ConfigurationError,
    InvalidValueError,
    NotFoundError,
    NotLoadedError,
    OutcomeUnknownError,
    PermissionDeniedError,
)

UNKNOWN = "5f00000000000000e0ffffff"


def customers(server: Emulator, count: int) -> list[str]:
    return [server.world.add("customer", name="x") for _ in range(count)]


def test_what_was_not_there_is_not_called_deleted(server: Emulator, client: Client) -> None:
    (there,) = customers(server, 1)

    result = Customer.delete_all([there, UNKNOWN])

    assert result.deleted == [there]
    assert [(each.record, type(each.error)) for each in result.failed] == [(UNKNOWN, NotFoundError)]
    (alone,) = Customer.delete_all([UNKNOWN]).failed
    assert isinstance(alone.error, NotFoundError)


def test_a_record_of_another_kind_is_refused(server: Emulator, client: Client) -> None:
    (there,) = customers(server, 1)
    conversation: Any = Conversation.get(server.world.add("conversation", customer=there))
    server.requests.clear()

    with pytest.raises(ConfigurationError, match="takes records of its type, 'customer'"):
        Customer.delete_all([conversation])
    assert server.requests == []


def test_a_job_that_is_not_done_leaves_it_unknown(server: Emulator, client: Client) -> None:
    (there,) = customers(server, 1)
    server.bulk.stuck = True

    result = Customer.delete_all([there, there], timeout=5)

    assert result.failed == []
    assert [each.record for each in result.unknown] == [there]
    assert isinstance(result.unknown[0].error, OutcomeUnknownError)


@pytest.mark.parametrize("acts", [True, False])
def test_a_lost_answer_is_looked_up(server: Emulator, client: Client, *, acts: bool) -> None:
    ids = customers(server, 150)
    server.faults.add((Fault.cut_after if acts else Fault.cut_before)(method="DELETE"))

    result = Customer.delete_all(ids)

    assert len(result.deleted) == (150 if acts else 50)
    assert len(result.unknown) == (0 if acts else 100)
    assert len([each for each in server.requests if each.method == "DELETE"]) <= 2


def test_what_cannot_be_looked_at_is_unknown(server: Emulator, client: Client) -> None:
    ids = customers(server, 2)
    server.behaviour.bulk_polling = "none"
    server.faults.add(Fault.status(403, method="GET", path="/v1/customers/*", times=None))

    assert len(Customer.delete_all(ids).unknown) == 2


def test_a_refusal_is_each_ones_failure(server: Emulator, client: Client) -> None:
    ids = customers(server, 2)
    server.faults.add(Fault.status(403, method="DELETE"))

    result = Customer.delete_all(ids)

    assert [type(each.error) for each in result.failed] == [PermissionDeniedError] * 2
    assert len(server.world.ids("customer")) == 2


def test_what_has_no_id_fails_alone(server: Emulator, client: Client) -> None:
    (there,) = customers(server, 1)
    wrong: list[Any] = [Customer(name="new"), "", there]

    result = Customer.delete_all(wrong)

    assert result.deleted == [there]
    assert [type(each.error) for each in result.failed] == [NotLoadedError, InvalidValueError]


def test_what_the_server_does_not_tell_is_told_by_what_is_there(
    server: Emulator, client: Client
) -> None:
    server.behaviour.bulk_polling = "none"
    ids = customers(server, 2)

    assert Customer.delete_all(ids).deleted == ids


def test_a_deleted_record_leaves_the_scope_and_the_cache(server: Emulator, fake_time: Any) -> None:
    with Client(server.api_key, base_url=server.url, cache=60, clock=fake_time.clock()) as client:
        ids = customers(server, 1)
        with client.identity_scope():
            Customer.get(ids[0])
            Customer.delete_all(ids)

            with pytest.raises(NotFoundError):
                Customer.get(ids[0])
