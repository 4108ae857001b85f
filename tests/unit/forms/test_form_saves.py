"""Saving a form while others write: merged, or told field by field, and never written over."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from kustomer_orm import Client, Conversation, custom
from kustomer_orm.emulator import Emulator, Fault
from kustomer_orm.errors import ConflictError
from kustomer_orm.forms import assign_posted, fields_of, record_of, save_form, shown_texts, token_of


class Ticket(Conversation):
    refund = custom.Num()
    note = custom.Txt()


FIELDS = fields_of(Ticket, ["name", "status", "tags", "refund", "note"])


class Plain:
    def sign(self, held: dict[str, Any]) -> str:
        return json.dumps(held)

    def unsign(self, token: str, max_age: float) -> Any:
        return json.loads(token)


class Page:
    """A person at a form: what was shown, and the token of it."""

    def __init__(self, record: Ticket, client: Client) -> None:
        self.client = client
        self.id = record.id
        self.token = token_of(record, FIELDS, Plain())
        self.shown = {field.name: shown_texts(record, field) or [""] for field in FIELDS}

    def post(self, **changed: Sequence[str]) -> Ticket:
        record = record_of(Ticket, self.token, Plain(), client=self.client, id=self.id)
        posted: dict[str, Sequence[str]] = {
            **self.shown,
            **{name.replace("__", "-"): texts for name, texts in changed.items()},
        }
        assert assign_posted(record, FIELDS, posted.get) == []
        return record


@pytest.fixture
def page(server: Emulator, client: Client) -> Page:
    id_ = server.world.add("conversation", name="Hi", custom={"refundNum": 1})
    return Page(Ticket.get(id_), client)


def writes(server: Emulator) -> list[Any]:
    return [each.body for each in server.requests if each.method != "GET"]


def stored(server: Emulator, page: Page) -> dict[str, Any]:
    attributes: dict[str, Any] = server.world.get("conversation", str(page.id))["attributes"]
    return attributes


@pytest.mark.parametrize("mode", [None, "strict"])
def test_what_a_colleague_changed_elsewhere_stays(
    server: Emulator, page: Page, mode: str | None
) -> None:
    server.world.edit("conversation", str(page.id), status="done", custom={"noteTxt": "theirs"})

    saving = save_form(page.post(name=["mine"]), conflict=mode)

    assert saving
    assert saving.errors == ()
    assert stored(server, page)["name"] == "mine"
    assert stored(server, page)["status"] == "done"
    assert stored(server, page)["custom"] == {"refundNum": 1, "noteTxt": "theirs"}
    assert [body.keys() - {"rev"} for body in writes(server)][-1] == {"name"}


def test_the_same_field_is_told_and_nothing_is_sent(server: Emulator, page: Page) -> None:
    server.world.edit("conversation", str(page.id), name="theirs")

    record = page.post(name=["mine"], refund=["2"])
    saving = save_form(record)

    assert not saving
    assert writes(server) == []
    conflict = saving.conflicts["name"]
    assert (conflict.base, conflict.mine, conflict.theirs) == ("Hi", "mine", "theirs")
    assert [(error.field, error.code) for error in saving.errors] == [("name", "conflict")]
    assert (record.original("name"), record.name) == ("theirs", "mine")
    assert isinstance(saving.error, ConflictError)


@pytest.mark.parametrize(
    ("choice", "name", "sent"),
    [
        ({"resolve__name": ["mine"]}, "mine", {"name", "custom"}),
        ({"resolve__name": ["theirs"]}, "theirs", {"custom"}),
        ({"name": ["ours"]}, "ours", {"name", "custom"}),
        ({"name": ["theirs"]}, "theirs", {"custom"}),
    ],
)
def test_what_is_decided_on_the_conflict_page_is_saved(
    server: Emulator, client: Client, page: Page, choice: Any, name: str, sent: set[str]
) -> None:
    server.world.edit("conversation", str(page.id), name="theirs")
    record = page.post(name=["mine"], refund=["2"])
    assert not save_form(record)

    again = Page(record, client)
    assert again.shown["name"] == ["mine"]
    assert save_form(again.post(**choice))

    assert stored(server, page)["name"] == name
    assert stored(server, page)["custom"]["refundNum"] == 2
    assert [set(body) for body in writes(server)] == [sent]


def test_what_nobody_decided_is_not_saved(server: Emulator, client: Client, page: Page) -> None:
    """A page that shows radio buttons in place of the input, and a browser that ignored them."""
    server.world.edit("conversation", str(page.id), name="theirs")
    record = page.post(name=["mine"])
    assert not save_form(record)

    again = Page(record, client)
    del again.shown["name"]
    reopened = record_of(Ticket, again.token, Plain(), client=client, id=again.id)
    errors = assign_posted(reopened, FIELDS, again.shown.get)

    assert [(error.field, error.code) for error in errors] == [("name", "conflict")]
    assert writes(server) == []


def test_a_third_writer_before_the_decision_is_told_as_well(
    server: Emulator, client: Client, page: Page
) -> None:
    server.world.edit("conversation", str(page.id), name="theirs")
    record = page.post(name=["mine"])
    assert not save_form(record)
    again = Page(record, client)
    server.world.edit("conversation", str(page.id), name="a third one's")

    saving = save_form(again.post(resolve__name=["mine"]))

    assert saving.conflicts["name"].theirs == "a third one's"
    assert writes(server) == []


def after_reads(server: Emulator, page: Page, *names: str) -> None:
    """Have somebody write after each read of the save, so that what it saw is old at once."""
    waiting = iter(names)

    def write(_: object) -> None:
        for name in waiting:
            server.world.edit("conversation", str(page.id), name=name)
            return

    server.faults.add(Fault.after(write, method="GET", times=None))


def test_the_conflict_that_is_shown_is_with_what_would_be_written_over(
    server: Emulator, client: Client, page: Page
) -> None:
    """Found by fifty people under load: somebody wrote between the two reads of a conflict."""
    server.world.edit("conversation", str(page.id), name="theirs")
    after_reads(server, page, "a third one's")
    record = page.post(name=["mine"])

    saving = save_form(record)

    assert saving.conflicts["name"].theirs == "a third one's" == record.original("name")
    assert saving.conflicts["name"].base == "Hi"


def test_a_conflict_that_is_gone_when_it_is_looked_at_asks_nobody(
    server: Emulator, page: Page
) -> None:
    server.world.edit("conversation", str(page.id), name="theirs")
    after_reads(server, page, "Hi")

    saving = save_form(page.post(name=["mine"]))

    assert saving
    assert stored(server, page)["name"] == "mine"


def test_a_conflict_that_comes_and_goes_is_given_up(server: Emulator, page: Page) -> None:
    server.world.edit("conversation", str(page.id), name="theirs")
    after_reads(server, page, *("Hi", "theirs") * 5)

    saving = save_form(page.post(name=["mine"]))

    assert [(error.field, error.code) for error in saving.errors] == [("", "busy")]
    assert writes(server) == []


def test_posting_twice_writes_once(server: Emulator, page: Page) -> None:
    """A double click, or the browser's back button: the token is the same."""
    assert save_form(page.post(name=["mine"]))
    assert save_form(page.post(name=["mine"]))
    assert len(writes(server)) == 1


def test_an_old_form_that_is_posted_again_overwrites_nobody(server: Emulator, page: Page) -> None:
    assert save_form(page.post(name=["mine"]))
    server.world.edit("conversation", str(page.id), name="theirs")

    assert not save_form(page.post(name=["mine"]))

    assert stored(server, page)["name"] == "theirs"


@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        (lambda: Fault.status(401, times=None), "forbidden", "no access"),
        (lambda: Fault.status(403, times=None), "forbidden", "may not change"),
        (lambda: Fault.status(404, times=None), "gone", "deleted"),
        (lambda: Fault.status(413, method="PATCH"), "refused", "shorten"),
        (lambda: Fault.status(400, method="PATCH"), "refused", "did not accept"),
        (lambda: Fault.status(500, times=None), "unavailable", "Nothing was saved"),
        (lambda: Fault.cut_after(method="PATCH", times=None), "in_doubt", "to be sure"),
        (lambda: Fault.status(429, times=None), "rate_limited", "try again in"),
    ],
)
def test_an_error_of_the_api_is_told_in_words_and_the_form_can_be_sent_again(
    server: Emulator,
    client: Client,
    page: Page,
    caplog: pytest.LogCaptureFixture,
    fault: Callable[[], Fault],
    code: str,
    words: str,
) -> None:
    server.faults.add(fault())
    record = page.post(name=["mine"])

    saving = save_form(record)

    assert not saving
    assert [(error.field, error.code) for error in saving.errors] == [("", code)]
    assert words in saving.errors[0].message
    assert ("a form was not saved" in caplog.text) is (code != "gone"), "for the operator"
    server.faults.clear()
    again = Page(record, client)
    assert save_form(again.post())
    assert stored(server, page)["name"] == "mine"
    assert sum(1 for body in writes(server) if body == {"name": "mine"}) >= 1


def test_the_server_s_complaint_is_told_at_its_field(
    server: Emulator, client: Client, page: Page
) -> None:
    record = page.post(tags=["a" * 64])
    record.tags[:] = ["!" * 3]

    saving = save_form(record)

    assert [(error.field, error.code) for error in saving.errors] == [("tags", "invalid")]


def test_others_who_keep_writing_are_told_without_a_field(server: Emulator, page: Page) -> None:
    server.behaviour.stale_rev = "conflict"

    def meanwhile(_: object) -> None:
        server.world.edit("conversation", str(page.id), status="done")
        server.world.edit("conversation", str(page.id), status="open")

    server.faults.add(Fault.before(meanwhile, method="PUT", times=None))

    saving = save_form(page.post(name=["mine"]), conflict="strict")

    assert [(error.field, error.code) for error in saving.errors] == [("", "busy")]


def test_a_conflict_that_cannot_be_brought_up_to_date_is_told(server: Emulator, page: Page) -> None:
    server.world.edit("conversation", str(page.id), name="theirs")
    record = page.post(name=["mine"])
    reads = iter([None])

    def second_read_fails(exchange: Any) -> None:
        if next(reads, "no more") == "no more":
            return
        server.faults.add(Fault.status(500, method="GET", times=None))

    server.faults.add(Fault.after(second_read_fails, method="GET"))

    saving = save_form(record)

    assert saving.errors[0].code == "unavailable"
    assert (record.original("name"), record.name) == ("Hi", "mine")


def test_what_a_new_record_lacks_is_told_by_its_name(client: Client) -> None:
    record = Conversation.using(client).new()
    record.name = "Hi"

    saving = save_form(record)

    assert [(error.field, error.code) for error in saving.errors] == [("customer", "invalid")]


def test_a_new_record_for_what_is_gone_is_told_as_such(server: Emulator, client: Client) -> None:
    server.faults.add(Fault.status(404, method="POST"))
    record = Conversation.using(client).new()
    record.customer = "5f00000000000000000000cc"

    saving = save_form(record)

    assert [(error.field, error.code) for error in saving.errors] == [("", "gone")]
    assert "that this is for" in saving.errors[0].message


# -- what is not to be seen -----------------------------------------------------------------------


@pytest.mark.parametrize("facts", [{"sensitive": True}, {}])
def test_a_value_typed_over_one_that_is_not_seen_is_in_no_conflict(
    server: Emulator, client: Client, facts: dict[str, Any]
) -> None:
    """Nobody knows what was there, so nobody can decide; and no token holds what was typed."""

    class Safe(Conversation):
        pin = custom.Str("pinStr", sensitive=not facts)

    server.world.describe("conversation", pinStr=facts)
    fields = fields_of(Safe, ["name", "pin"])
    id_ = server.world.add("conversation", name="Hi", custom={"pinStr": "old"})
    token = token_of(Safe.get(id_), fields, Plain())
    server.world.edit("conversation", id_, name="theirs")

    record = record_of(Safe, token, Plain(), client=client, id=id_)
    assert assign_posted(record, fields, {"name": ["mine"], "pin": ["new"]}.get) == []
    saving = save_form(record)

    assert list(saving.conflicts) == ["name"]
    assert [error.field for error in saving.errors] == ["name"]
    assert "new" not in token_of(record, fields, Plain())


def test_what_was_saved_before_it_went_wrong_is_told_without_contradiction(
    server: Emulator, page: Page
) -> None:
    tag = server.world.add("tag", name="late")
    server.faults.add(Fault.status(401, method="POST", path="*/tags*", times=None))

    [error] = save_form(page.post(name=["mine"], tags=[tag])).errors

    assert "Of it was saved only: name." in error.message
    assert "Nothing was saved" not in error.message
