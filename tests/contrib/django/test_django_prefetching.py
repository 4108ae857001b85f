"""`prefetch_records`: the records of a list in one request per 100."""

from __future__ import annotations

import pytest
from django.test import Client as Browser

from kustomer_orm import Conversation
from kustomer_orm.contrib.django import clients, prefetch_records
from kustomer_orm.emulator import Emulator
from kustomer_orm.errors import NotFoundError, QueryError
from tests.contrib.django.desk.models import Ticket

MISSING = "5a1f0000000000000000abcd"

pytestmark = pytest.mark.usefixtures("kustomer")


def add(server: Emulator, count: int) -> list[str]:
    """Store conversations of two customers, and tickets that link to them."""
    customers = [server.world.add("customer", name=name) for name in ("Nora", "Sam")]
    ids = [
        server.world.add("conversation", name=f"No {i}", customer=customers[i % 2])
        for i in range(count)
    ]
    Ticket.objects.bulk_create([Ticket(conversation=id_) for id_ in ids])
    server.requests.clear()
    return ids


def test_a_list_costs_one_request_per_hundred(server: Emulator) -> None:
    add(server, 120)
    tickets = Ticket.objects.order_by("pk")

    assert prefetch_records(tickets, "conversation") == list(tickets)

    assert len(server.requests) == 2
    assert [ticket.conversation.name for ticket in tickets] == [f"No {i}" for i in range(120)]
    assert len(server.requests) == 2


def test_relations_of_the_records_are_loaded_too(server: Emulator) -> None:
    add(server, 10)
    tickets = prefetch_records(Ticket.objects.order_by("pk"), "conversation__customer")

    assert [ticket.conversation.customer.name for ticket in tickets] == ["Nora", "Sam"] * 5
    assert len(server.requests) == 2


def test_one_record_of_many_tickets_is_asked_for_once(server: Emulator) -> None:
    (id_,) = add(server, 1)
    tickets = prefetch_records([Ticket(conversation=id_) for _ in range(5)], "conversation")

    assert {ticket.conversation.name for ticket in tickets} == {"No 0"}
    assert [request.path for request in server.requests] == [f"/v1/conversations/{id_}"]


def test_what_is_loaded_and_what_is_edited_stays(server: Emulator) -> None:
    ids = add(server, 2)
    loaded, edited = Conversation.get(ids[0]), Conversation(id=ids[1], name="mine")
    server.requests.clear()
    tickets = prefetch_records(
        [Ticket(conversation=loaded), Ticket(conversation=edited), Ticket()], "conversation"
    )

    assert tickets[0].conversation is loaded
    assert edited.name == "mine"
    assert edited.changes["name"].old == "No 1"
    assert len(server.requests) == 1


def test_two_organisations_are_asked_by_their_own_clients(
    server: Emulator, other_server: Emulator
) -> None:
    (id_,) = add(server, 1)
    customer = other_server.world.add("customer", name="Elsewhere")
    (ticket,) = prefetch_records(
        [Ticket(conversation=id_, customer=customer)], "conversation", "customer"
    )

    assert (ticket.conversation.name, ticket.customer.name) == ("No 0", "Elsewhere")
    assert (len(server.requests), len(other_server.requests)) == (1, 1)


@pytest.mark.parametrize("scoped", [False, True])
def test_a_missing_record_says_so_and_is_not_asked_for_again(
    server: Emulator, *, scoped: bool
) -> None:
    (id_,) = add(server, 1)
    tickets = [Ticket(conversation=id_), Ticket(conversation=MISSING)]
    with clients["default"].identity_scope() if scoped else clients["default"].as_current():
        prefetch_records(tickets, "conversation", "conversation__customer")
        asked = len(server.requests)
        if scoped:  # what else asks for it in the scope
            tickets.append(Ticket(conversation=MISSING))
        for ticket in tickets[1:]:
            with pytest.raises(NotFoundError):
                _ = ticket.conversation.name
        assert [ticket.conversation.is_missing for ticket in tickets[:2]] == [False, True]
        assert len(server.requests) == asked


def test_a_missing_record_that_came_back_is_refreshed(server: Emulator) -> None:
    (ticket,) = prefetch_records([Ticket(conversation=MISSING)], "conversation")
    assert ticket.conversation.is_missing
    with pytest.raises(NotFoundError):
        ticket.conversation.refresh()
    id_ = server.world.add("conversation", name="Back")
    object.__setattr__(ticket.conversation, "_id", id_)

    ticket.conversation.refresh()

    assert not ticket.conversation.is_missing
    assert ticket.conversation.name == "Back"


def test_a_page_with_a_list_costs_two_requests_and_shows_what_is_gone(
    browser: Browser, server: Emulator
) -> None:
    ids = add(server, 20)
    Ticket.objects.create(conversation=MISSING)

    page = browser.get("/list/?prefetch=1").content.decode()

    assert f"{ids[0]} {ids[0]} No 0 of Nora" in page
    assert f"{MISSING} {MISSING} gone" in page
    paths = [request.path.rpartition("/")[0] for request in server.requests]
    assert paths.count("/v1/customers") == 1
    assert len(server.requests) < 12  # a missing id is searched for in halves


def test_without_a_prefetch_each_ticket_costs_a_request(browser: Browser, server: Emulator) -> None:
    add(server, 20)

    browser.get("/list/")

    assert len(server.requests) == 22


@pytest.mark.parametrize("name", ["subject", "nothing", "conversation__nothing"])
def test_what_is_no_link_is_refused(server: Emulator, name: str) -> None:
    add(server, 1)
    with pytest.raises(QueryError, match=r"(it has conversation, customer|no relation 'nothing')"):
        prefetch_records(Ticket.objects.all(), name)


def test_nothing_costs_nothing(server: Emulator) -> None:
    assert prefetch_records(Ticket.objects.none(), "conversation") == []
    assert prefetch_records([Ticket()], "conversation__customer")[0].conversation is None
    assert server.requests == []
