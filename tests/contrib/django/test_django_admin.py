"""Linked records in Django's admin."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from kustomer_orm.contrib.django.model_admin import record_value
from kustomer_orm.emulator import Emulator, Fault
from tests.contrib.django.desk.models import Ticket

LIST = "/admin/desk/ticket/"
MISSING = "5a1f0000000000000000abcd"


@pytest.fixture
def admin(browser: Client) -> Client:
    browser.force_login(User.objects.create_superuser("root", password="root"))
    return browser


@pytest.fixture
def ids(server: Emulator) -> list[str]:
    customer = server.world.add("customer", name="Nora <b>")
    tags = [server.world.add("tag", name=name) for name in ("refund", "vip")]
    found = [
        server.world.add("conversation", name=f"No {i}", customer=customer, tags=tags)
        for i in range(30)
    ]
    for i, id_ in enumerate(found):
        Ticket.objects.create(subject=f"ticket {i}", conversation=id_)
    server.requests.clear()
    return found


def page_of(admin: Client, path: str = LIST, status: int = 200) -> str:
    answer = admin.get(path)
    assert answer.status_code == status
    return str(answer.content.decode())


def test_a_list_shows_the_records_of_a_page_by_two_requests(
    admin: Client, server: Emulator, ids: list[str]
) -> None:
    page = page_of(admin)

    assert len(server.requests) == 2
    assert f'<a href="https://desk/{ids[0]}">No 0</a>' in page
    assert page.count("Nora &lt;b&gt;") == 30
    assert f"&lt;Conversation {ids[0]}&gt;" in page
    assert "What" in page
    assert "Conversation customer name" in page or "conversation customer name" in page


def test_a_record_that_is_gone_is_said_to_be_missing(
    admin: Client, server: Emulator, ids: list[str]
) -> None:
    Ticket.objects.create(subject="of nobody", conversation=MISSING)
    Ticket.objects.create(subject="without")

    page = page_of(admin)

    assert page.count("missing in Kustomer") == 4
    assert [each.path for each in server.requests].count(f"/v1/conversations/{MISSING}") <= 1


def test_a_list_is_shown_when_kustomer_does_not_answer(
    admin: Client, server: Emulator, ids: list[str]
) -> None:
    server.faults.add(Fault.status(503, times=None))

    page = page_of(admin)

    assert len(server.requests) == 1
    assert "Kustomer did not answer" in page
    assert "ticket 0" in page
    assert page.count("not available") >= 30


def test_a_form_shows_the_record_and_takes_another_id(
    admin: Client, server: Emulator, ids: list[str]
) -> None:
    ticket = Ticket.objects.order_by("pk")[0]
    path = f"{LIST}{ticket.pk}/change/"
    page = page_of(admin, path)
    assert "Nora &lt;b&gt;" in page
    assert f'value="{ids[0]}"' in page
    assert len(server.requests) == 2

    answer = admin.post(path, {"subject": "other", "conversation": ids[1]})
    assert answer.status_code == 302
    assert Ticket.objects.get(pk=ticket.pk).conversation_id == ids[1]

    answer = admin.post(path, {"subject": "other", "conversation": "a/b"})
    assert "not an id of Kustomer" in answer.content.decode()


@pytest.mark.parametrize("fault", [Fault.status(503, times=None), Fault.status(403, times=None)])
def test_a_form_is_shown_when_kustomer_does_not_answer(
    admin: Client, server: Emulator, ids: list[str], fault: Fault
) -> None:
    server.faults.add(fault)

    assert "not available: " in page_of(
        admin, f"{LIST}{Ticket.objects.order_by('pk')[0].pk}/change/"
    )


def test_a_new_ticket_has_nothing_to_show(admin: Client, server: Emulator) -> None:
    assert "Conversation" in page_of(admin, f"{LIST}add/")
    assert server.requests == []


def test_tickets_are_searched_for_by_id(admin: Client, ids: list[str]) -> None:
    page = page_of(admin, f"{LIST}?q={ids[3]}")

    assert ">ticket 3<" in page
    assert ">ticket 4<" not in page


def test_a_value_says_what_is_to_be_prefetched() -> None:
    assert record_value("conversation", "name").prefetches == "conversation"
    assert (
        record_value("conversation", "customer.company.name").prefetches
        == "conversation__customer__company"
    )
