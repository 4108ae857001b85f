"""A linked record is edited in the admin's page of the object that links to it."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin as admins
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client

from kustomer_orm import Customer
from kustomer_orm.contrib.django import record_form
from kustomer_orm.contrib.django.model_admin import RecordAdminMixin
from kustomer_orm.emulator import Emulator, Fault
from tests.contrib.django.desk.models import Refund
from tests.contrib.django.form_pages import Person, stored, writes

PAGE = "/admin/desk/refund/"


@pytest.fixture
def id_(server: Emulator) -> str:
    return server.world.add("conversation", name="Hi", priority=3, custom={"cardStr": "4111"})


@pytest.fixture
def person(browser: Client, id_: str) -> Person:
    browser.force_login(User.objects.create_superuser("root", password="root"))
    refund = Refund.objects.create(conversation=id_, reason="late")
    return Person(browser, f"{PAGE}{refund.pk}/change/")


def post(person: Person, **changed: Any) -> Any:
    """Press "Save" with some inputs of the record changed."""
    return person.post(
        **{f"conversation-{name}" if name != "reason" else name: to for name, to in changed.items()}
    )


def reason() -> str:
    return str(Refund.objects.get().reason)


def test_the_object_and_its_record_are_saved_together(
    person: Person, server: Emulator, id_: str
) -> None:
    assert person.page.posted["conversation-name"] == ["Hi"]
    assert "4111" not in person.text
    server.world.edit("conversation", id_, priority=5)

    assert post(person, reason="lost", name="Ho", refund="30").status_code == 302

    assert reason() == "lost"
    assert writes(server) == [{"name": "Ho", "custom": {"refundNum": 30}}]
    page = person.browser.get(PAGE).content.decode()
    assert "Saved in Kustomer: Name, Refund." in page
    entry = LogEntry.objects.get()
    assert "Name and Refund" in entry.get_change_message()


def test_a_form_that_nobody_touched_costs_no_request(person: Person, server: Emulator) -> None:
    before = len(server.requests)
    assert post(person).status_code == 302
    assert len(server.requests) == before


def test_a_conflict_is_shown_and_nothing_is_saved_before_it_is_decided(
    person: Person, server: Emulator, id_: str
) -> None:
    server.world.edit("conversation", id_, name="theirs", priority=5)

    assert post(person, reason="lost", name="mine").status_code == 200

    assert reason() == "late"
    assert 'data-field="name"' in person.text
    assert 'id="conversation-conflict"' in person.text
    assert "Please correct the error" in person.text
    assert person.page.posted["reason"] == ["lost"], "typed, and not lost"
    assert person.page.posted["conversation-priority"] == ["5"], "merged"
    assert post(person, **{"resolve-name": "mine"}).status_code == 302
    assert (reason(), stored(server, id_)["name"]) == ("lost", "mine")


def test_what_is_wrong_on_either_side_saves_neither(
    person: Person, server: Emulator, id_: str
) -> None:
    post(person, reason="lost", name="Ho", refund="a lot")
    assert "Enter a number" in person.text
    assert person.page.posted["conversation-name"] == ["Ho"]
    assert reason() == "late"

    post(person, reason="x" * 50, refund="30")
    assert "at most 40 characters" in person.text
    assert writes(server) == []

    assert post(person, reason="lost", refund="30").status_code == 302
    assert stored(server, id_)["name"] == "Ho"


def test_trouble_with_kustomer_rolls_the_database_back(
    person: Person, server: Emulator, id_: str
) -> None:
    server.faults.add(Fault.status(503, method="PATCH", times=None))

    post(person, reason="lost", name="Ho")

    assert reason() == "late"
    assert "Kustomer could not be reached" in person.text or "may not be saved" in person.text
    assert person.page.posted["conversation-name"] == ["Ho"]


def test_a_page_that_was_shown_without_kustomer_saves_without_it(
    browser: Client, server: Emulator, id_: str
) -> None:
    browser.force_login(User.objects.create_superuser("root", password="root"))
    refund = Refund.objects.create(conversation=id_, reason="late")
    server.faults.add(Fault.status(503, times=None))
    person = Person(browser, f"{PAGE}{refund.pk}/change/")

    assert "Kustomer did not answer" in person.text
    assert person.post(reason="lost").status_code == 302
    assert reason() == "lost"


def test_a_record_that_is_gone_is_told_and_the_object_can_be_saved(
    browser: Client, server: Emulator
) -> None:
    browser.force_login(User.objects.create_superuser("root", password="root"))
    refund = Refund.objects.create(conversation="5a1f0000000000000000abcd", reason="late")
    person = Person(browser, f"{PAGE}{refund.pk}/change/")

    assert "missing in Kustomer" in person.text
    assert person.post(reason="lost").status_code == 302


def test_a_token_that_is_refused_saves_nothing(person: Person, server: Emulator, id_: str) -> None:
    post(person, reason="lost", name="Ho", kustomer_token="forged")
    assert "cannot be saved" in person.text
    assert (reason(), writes(server)) == ("late", [])
    assert person.page.posted["conversation-name"] == ["Hi"], "a fresh one"

    server.faults.add(Fault.status(503, times=None))
    post(person, reason="lost", name="Ho", kustomer_token="forged")
    assert "Kustomer did not answer" in person.text
    assert reason() == "late"


def test_another_link_leaves_the_record_s_changes_with_the_one_that_was_shown(
    person: Person, server: Emulator, id_: str
) -> None:
    other = server.world.add("conversation", name="Other")

    assert person.post(conversation=other, **{"conversation-name": "Ho"}).status_code == 302

    assert Refund.objects.get().conversation_id == other
    assert stored(server, id_)["name"] == "Ho"
    assert stored(server, other)["name"] == "Other"


def test_who_may_only_look_gets_no_form(browser: Client, server: Emulator, id_: str) -> None:
    user = User.objects.create_user("reader", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_refund"))
    browser.force_login(user)
    refund = Refund.objects.create(conversation=id_, reason="late")

    person = Person(browser, f"{PAGE}{refund.pk}/change/")

    assert "late" in person.text
    assert "conversation-name" not in person.text
    assert person.post(reason="lost", **{"conversation-name": "Ho"}).status_code == 403
    assert server.requests == []


def test_a_new_object_has_no_record_yet(person: Person) -> None:
    assert "conversation-name" not in person.browser.get(f"{PAGE}add/").content.decode()


@pytest.mark.parametrize(
    ("forms", "said"),
    [
        ({"reason": record_form(Customer, ["name"])}, "no record field 'reason'"),
        ({"conversation": record_form(Customer, ["name"])}, "is a form for a customer"),
        ({"conversation": object}, "is no RecordForm"),
    ],
)
def test_the_check_tells_forms_that_do_not_fit(forms: Any, said: str) -> None:
    class Wrong(RecordAdminMixin, admins.ModelAdmin):
        record_forms = forms

    [error] = Wrong(Refund, admins.site).check()
    assert error.id == "kustomer.E103"
    assert said in error.msg
