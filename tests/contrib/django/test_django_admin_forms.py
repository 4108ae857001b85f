"""A linked record is edited in the admin's page of the object that links to it."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin as admins
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client

from kustomer_orm import Conversation, Customer
from kustomer_orm.contrib.django import record_form
from kustomer_orm.contrib.django.model_admin import RecordAdminMixin
from kustomer_orm.emulator import Emulator, Fault
from tests.contrib.django.desk.models import Refund, Ticket
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


# -- two records on one page ---------------------------------------------------------------------


class Pair:
    """Somebody at the page of a ticket that edits two records, of two organisations."""

    def __init__(self, browser: Client, server: Emulator, other_server: Emulator) -> None:
        self.servers = (server, other_server)
        self.conversation = server.world.add("conversation", name="Hi")
        self.customer = other_server.world.add("customer", name="Nora")
        browser.force_login(User.objects.create_superuser("root", password="root"))
        self.ticket = Ticket.objects.create(
            subject="late", conversation=self.conversation, customer=self.customer
        )
        self.person = Person(browser, f"/admin/desk/ticket/{self.ticket.pk}/change/")

    def rename(self, **to: str) -> int:
        """Change the ticket and the names; the status of the answer."""
        names = {f"{record}-name": name for record, name in to.items()}
        return int(self.person.post(subject="lost", **names).status_code)

    @property
    def stored(self) -> tuple[str, str, str]:
        self.ticket.refresh_from_db()
        server, other = self.servers
        customer = other.world.get("customer", self.customer)
        return (
            str(self.ticket.subject),
            stored(server, self.conversation)["name"],
            customer["attributes"]["name"],
        )


class LateForm(record_form(Customer, ["name"])):  # type: ignore[misc]  # made at run time
    """Before this one is saved a colleague writes, where there is one."""

    colleague: Any = None

    def save(self, **options: Any) -> Any:
        if self.colleague:
            type(self).colleague()
        return super().save(**options)


@pytest.fixture
def pair(
    browser: Client, server: Emulator, other_server: Emulator, monkeypatch: pytest.MonkeyPatch
) -> Pair:
    forms = {"conversation": record_form(Conversation, ["name"]), "customer": LateForm}
    monkeypatch.setattr(admins.site.get_model_admin(Ticket), "record_forms", forms)
    return Pair(browser, server, other_server)


def test_two_records_are_saved_with_the_object(pair: Pair) -> None:
    assert pair.rename(conversation="Ho", customer="Norah") == 302
    assert pair.stored == ("lost", "Ho", "Norah")


def test_a_conflict_of_one_record_saves_neither(pair: Pair) -> None:
    pair.servers[1].world.edit("customer", pair.customer, name="theirs")

    assert pair.rename(conversation="Ho", customer="mine") == 200

    assert pair.stored == ("late", "Hi", "theirs")
    assert "Nothing was saved yet" in pair.person.text
    assert "part was saved" not in pair.person.text
    assert pair.person.page.posted["conversation-name"] == ["Ho"], "typed, and not lost"
    assert pair.person.post(**{"customer-resolve-name": "mine"}).status_code == 302
    assert pair.stored == ("lost", "Ho", "mine")


def test_a_record_that_is_gone_saves_neither(pair: Pair) -> None:
    pair.servers[1].world.delete("customer", pair.customer)

    assert pair.rename(conversation="Ho", customer="mine") == 200

    assert writes(pair.servers[0]) == []
    assert "somebody deleted it" in pair.person.text


def test_where_one_record_was_saved_and_another_not_the_page_says_which(pair: Pair) -> None:
    fault = Fault.status(400, method="PATCH", times=None)
    pair.servers[1].faults.add(fault)

    assert pair.rename(conversation="Ho", customer="mine") == 200

    assert pair.stored == ("late", "Ho", "Nora")
    assert "Only a part was saved, in Kustomer: conversation (Name)." in pair.person.text
    pair.servers[1].faults.clear()
    assert pair.person.post().status_code == 302
    assert pair.stored == ("lost", "Ho", "mine")
    assert len(writes(pair.servers[0])) == 1, "saved already"


def test_a_conflict_that_comes_up_late_does_not_say_that_nothing_was_saved(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    def colleague() -> None:
        pair.servers[1].world.edit("customer", pair.customer, name="theirs")

    monkeypatch.setattr(LateForm, "colleague", staticmethod(colleague))

    assert pair.rename(conversation="Ho", customer="mine") == 200

    assert pair.stored == ("late", "Ho", "theirs")
    assert "Only a part was saved, in Kustomer: conversation (Name)." in pair.person.text
    assert 'id="customer-conflict"' in pair.person.text
    assert "Nothing was saved yet" not in pair.person.text


def test_one_changed_record_of_two_is_not_read_twice(pair: Pair) -> None:
    before = [len(each.requests) for each in pair.servers]
    assert pair.rename(conversation="Ho") == 302
    assert [len(each.requests) for each in pair.servers] == [before[0] + 2, before[1]]


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
