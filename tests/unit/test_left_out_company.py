"""A server that unlinks a customer from its company when a save leaves it out (decision 0012)."""

from __future__ import annotations

import pytest

from kustomer_orm import Client, Customer
from kustomer_orm.emulator import Emulator, Fault


@pytest.fixture
def jane(server: Emulator, client: Client) -> Customer:
    lark = server.world.add("company", name="Lark")
    found = Customer.get(server.world.add("customer", name="Jane", company=lark))
    server.requests.clear()
    return found


def company(server: Emulator, customer: Customer) -> str | None:
    shown = server.world.get("customer", str(customer.id))["relationships"].get("company")
    return None if shown is None else shown["data"]["id"]


def test_a_server_that_keeps_it_gets_the_difference_alone(server: Emulator, jane: Customer) -> None:
    jane.name = "Jane Doe"

    result = jane.save()

    assert [each.body for each in server.requests] == [{"name": "Jane Doe"}]
    assert result.relinked == ()


def test_a_server_that_clears_it_is_noticed_and_mended(server: Emulator, jane: Customer) -> None:
    server.behaviour.omitted_company = "unlinked"
    lark = company(server, jane)
    jane.name = "Jane Doe"

    result = jane.save()

    assert [each.body for each in server.requests] == [{"name": "Jane Doe"}, {"company": lark}]
    assert result.relinked == ("company",)
    assert company(server, jane) == lark
    assert not jane.is_dirty
    server.requests.clear()
    jane.name = "Jane D."
    jane.save()
    assert [each.body for each in server.requests] == [{"name": "Jane D.", "company": lark}]


def test_where_a_colleague_wrote_nothing_is_linked_again(server: Emulator, jane: Customer) -> None:
    jane.name = "Jane Doe"
    unlink = Fault.before(lambda _: server.world.edit("customer", str(jane.id), company=None))
    server.faults.add(unlink)

    result = jane.save()

    assert result.relinked == ()
    assert company(server, jane) is None
    assert len(server.requests) == 1


def test_a_company_that_was_taken_away_here_stays_away(server: Emulator, jane: Customer) -> None:
    server.behaviour.omitted_company = "unlinked"
    jane.company = None

    assert jane.save().relinked == ()
    assert company(server, jane) is None


def test_in_bulk_it_goes_along_once_that_is_known(server: Emulator, jane: Customer) -> None:
    server.behaviour.omitted_company = "unlinked"
    lark = company(server, jane)
    jane.name = "Jane Doe"
    jane.save()
    server.requests.clear()
    jane.name = "Jane D."

    Customer.save_all([jane])

    assert server.requests[0].body[0]["company"] == lark
    assert company(server, jane) == lark
