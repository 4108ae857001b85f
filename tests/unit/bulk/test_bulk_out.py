"""A new record that is on its way in bulk is made by nobody else."""

from __future__ import annotations

from typing import Any

import pytest

from kustomer_orm import Client, Customer
from kustomer_orm.emulator import Emulator
from kustomer_orm.errors import OutcomeUnknownError


def new(count: int) -> list[Customer]:
    return [Customer(name=f"N {number}") for number in range(count)]


@pytest.mark.parametrize("refs", ["accepted", "refused"])
def test_saving_it_by_itself_is_refused_until_it_is_settled(
    server: Emulator, client: Client, refs: Any
) -> None:
    server.behaviour.bulk_client_ref = refs
    records = new(100)

    with client.bulk() as bulk:
        bulk.save_all(records)
        with pytest.raises(OutcomeUnknownError, match="is being saved in bulk"):
            records[5].save()
        bulk.flush()
        records[5].name = "Later"
        records[5].save()

    assert len(bulk.result.created) == len(server.world.ids("customer")) == 100
    assert not records[5].is_dirty


def test_a_second_collector_does_not_make_it_again(server: Emulator, client: Client) -> None:
    records = new(100)

    with client.bulk() as bulk:
        bulk.save_all(records)
        with client.bulk() as second:
            second.save(records[5])

    (failure,) = second.result.failed
    assert failure.record is records[5]
    assert "is being saved in bulk" in str(failure.error)
    assert second.result.requests == 0
    assert len(bulk.result.created) == len(server.world.ids("customer")) == 100


def test_what_waits_in_two_collectors_is_made_once(server: Emulator, client: Client) -> None:
    (record,) = new(1)

    with client.bulk() as bulk:
        bulk.save(record)
        with client.bulk() as second:
            second.save(record)

    assert (second.result.created, bulk.result.created) == ([record.id], [])
    assert len(server.world.ids("customer")) == 1


def test_it_can_be_saved_again_once_it_is_in_doubt(server: Emulator, client: Client) -> None:
    server.bulk.stuck = True
    record = Customer(name="N", external_id="X 1")

    assert len(Customer.save_all([record], timeout=1).unknown) == 1

    server.bulk.stuck = False
    record.save()
    assert len(server.world.ids("customer")) == 1


def test_it_can_be_saved_again_after_the_server_refused_it(
    server: Emulator, client: Client
) -> None:
    server.bulk.refuse = lambda _: "no"
    (record,) = new(1)

    assert len(Customer.save_all([record]).failed) == 1
    record.save()

    assert server.world.ids("customer") == [record.id]


def test_a_record_that_waits_is_made_before_it_is_deleted(server: Emulator, client: Client) -> None:
    (record,) = new(1)

    with client.bulk() as bulk:
        bulk.save(record)
        bulk.delete(record)

    assert (bulk.result.created, bulk.result.deleted) == ([record.id], [record.id])
    assert server.world.ids("customer") == []
