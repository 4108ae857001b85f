"""What comes back from a form: only what its person changed is a change."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from kustomer_orm import Client, Conversation, Customer, Message, custom
from kustomer_orm.emulator import Emulator, Fault
from kustomer_orm.errors import APIError, DeclarationError, InvalidValueError, UnknownAttributeError
from kustomer_orm.forms import (
    FormField,
    assign_posted,
    fields_of,
    options_of,
    record_of,
    related_choices,
    save_form,
    shown_texts,
    token_of,
    value_of,
)
from kustomer_orm.metadata import Property

BERLIN = ZoneInfo("Europe/Berlin")


class Ticket(Conversation):
    order_number = custom.Str()
    size = custom.Str(choices=("S", "M"))
    card = custom.Str("cardStr", sensitive=True)
    due = custom.At()
    is_vip = custom.Bool("vipBool")
    refund = custom.Num()
    note = custom.Txt()
    colors = custom.Strs()
    site = custom.Url()


NAMES = (
    "name",
    "status",
    "priority",
    "tags",
    "assigned_users",
    "order_number",
    "size",
    "card",
    "due",
    "is_vip",
    "refund",
    "note",
    "colors",
    "site",
    "custom.undeclaredNum",
)
FIELDS = fields_of(Ticket, NAMES)
VALUES = {
    "orderNumberStr": " 7 ",
    "sizeStr": "XXL",
    "cardStr": "4111",
    "dueAt": "2026-07-01T10:00:30.123Z",
    "vipBool": True,
    "refundNum": 12.5,
    "noteTxt": "one\ntwo\n",
    "colorsStr": ["red", "blue"],
    "siteUrl": "https://example.com/a",
    "undeclaredNum": 3,
}


class Plain:
    def sign(self, held: dict[str, Any]) -> str:
        return json.dumps(held)

    def unsign(self, token: str, max_age: float) -> Any:
        return json.loads(token)


@pytest.fixture
def id_(server: Emulator) -> str:
    return server.world.add("conversation", name="Hi", tags=["a", "b"], custom=VALUES)


def reopened(record: Ticket, client: Client) -> Ticket:
    token = token_of(record, FIELDS, Plain())
    return record_of(Ticket, token, Plain(), client=client, id=record.id)


def as_browser(record: Ticket, zone: Any = UTC) -> dict[str, Sequence[str]]:
    """What a browser posts of a form that nobody touched."""
    posted: dict[str, Sequence[str]] = {}
    for field in FIELDS:
        shown = shown_texts(record, field, zone) or [""]
        if field.kind == "lines":
            shown = ["\n".join(shown)]
        posted[field.name] = [text.replace("\n", "\r\n") for text in shown]
    return posted


def post(record: Ticket, changed: Mapping[str, Sequence[str]], zone: Any = UTC) -> list[Any]:
    posted = {**as_browser(record, zone), **changed}
    return assign_posted(record, FIELDS, posted.get, zone=zone)


# -- untouched ------------------------------------------------------------------------------------


@pytest.mark.parametrize("zone", [UTC, BERLIN, ZoneInfo("Asia/Kathmandu")])
def test_a_form_that_nobody_touched_changes_nothing_and_saves_without_a_request(
    server: Emulator, client: Client, id_: str, zone: Any
) -> None:
    """Milliseconds, line breaks, blanks and words that are new to us are all still there."""
    record = reopened(Ticket.get(id_), client)
    before = len(server.requests)

    assert post(record, {}, zone) == []

    assert record.changes == {}
    assert save_form(record).result is not None
    assert len(server.requests) == before


def test_a_browser_leaves_out_seconds_that_are_zero(server: Emulator, client: Client) -> None:
    """As HTML's valid normalised local date and time string wants it."""
    id_ = server.world.add("conversation", custom={"dueAt": "2026-07-01T10:00:00.123Z"})
    record = reopened(Ticket.get(id_), client)

    assert post(record, {"due": ["2026-07-01T10:00"]}) == []
    assert record.changes == {}
    assert post(record, {"due": ["2026-07-01T10:01"]}) == []
    assert record.changes["due"].new == datetime(2026, 7, 1, 10, 1, tzinfo=UTC)


def test_choices_that_cannot_be_read_anew_are_those_read_before(
    server: Emulator, client: Client, fake_time: Any
) -> None:
    server.world.add("team", name="Returns")
    [teams] = related_choices(fields_of(Ticket, ["assigned_teams"]), client)
    fake_time.now += 301
    server.faults.add(Fault.status(500, times=20))

    assert related_choices(fields_of(Ticket, ["assigned_teams"]), client) == [teams]
    with pytest.raises(APIError):
        related_choices(fields_of(Ticket, ["tags"]), client)


def test_an_empty_record_stays_empty(server: Emulator, client: Client) -> None:
    record = reopened(Ticket.get(server.world.add("conversation")), client)
    assert post(record, {}) == []
    assert record.changes == {}


def test_a_field_that_did_not_come_back_is_left_as_it_is(client: Client, id_: str) -> None:
    """A page may show fewer fields: an absent one is not an empty one."""
    record = reopened(Ticket.get(id_), client)
    assert assign_posted(record, FIELDS, {"name": ["new"]}.get) == []
    assert list(record.changes) == ["name"]


def test_one_changed_field_is_one_field_sent(server: Emulator, client: Client, id_: str) -> None:
    record = reopened(Ticket.get(id_), client)
    assert post(record, {"refund": ["13"]}) == []

    assert save_form(record)

    writes = [each for each in server.requests if each.method != "GET"]
    assert [each.body for each in writes] == [{"custom": {"refundNum": 13}}]


def test_every_kind_is_read_and_cleared(client: Client, id_: str) -> None:
    changed = {
        "name": ["New"],
        "status": ["done"],
        "priority": ["5"],
        "order_number": ["8"],
        "size": ["S"],
        "card": ["4242"],
        "due": ["2026-07-02T12:00"],
        "is_vip": ["false"],
        "refund": ["12.75"],
        "note": ["one\r\nthree"],
        "colors": ["red\r\n\r\n green "],
        "site": ["https://example.com/b"],
        "custom.undeclaredNum": ["-4"],
    }
    record = reopened(Ticket.get(id_), client)
    assert post(record, changed, BERLIN) == []
    assert {name: change.new for name, change in record.changes.items()} == {
        "name": "New",
        "status": "done",
        "priority": 5,
        "order_number": "8",
        "size": "S",
        "card": "4242",
        "due": datetime(2026, 7, 2, 10, tzinfo=UTC),
        "is_vip": False,
        "refund": 12.75,
        "note": "one\nthree",
        "colors": ["red", "green"],
        "site": "https://example.com/b",
        "custom.undeclaredNum": -4,
    }

    record = reopened(Ticket.get(id_), client)
    cleared = {name: [""] for name in changed.keys() - {"status", "priority", "card"}}
    assert post(record, {**cleared, "tags": [""], "card": [""]}) == []
    assert {change.new for change in record.changes.values() if change.new != []} == {None}
    assert record.changes.keys() == {*cleared, "tags"}


def test_tags_are_edited_in_place_so_that_adding_goes_through_the_endpoint_that_adds(
    server: Emulator, client: Client, id_: str
) -> None:
    record = reopened(Ticket.get(id_), client)
    shown = shown_texts(record, FIELDS[NAMES.index("tags")]) or []
    assert post(record, {"tags": [*reversed(shown)]}) == []
    assert record.changes == {}
    assert post(record, {"tags": [*reversed(shown), "c"]}) == []
    server.world.edit("conversation", id_, tags=["a", "b", "theirs"])

    assert save_form(record)

    stored = server.world.get("conversation", id_)["attributes"]["tags"]
    assert len(stored) == 4
    assert server.requests[-1].path.endswith("/tags")


# -- what is not to be seen -----------------------------------------------------------------------


def test_a_sensitive_value_is_not_shown_and_stays_when_left_empty(client: Client, id_: str) -> None:
    card = FIELDS[NAMES.index("card")]
    record = Ticket.get(id_)
    assert (card.is_secret, shown_texts(record, card)) == (True, None)
    assert "Leave it empty" in card.help_text


def test_what_does_not_read_as_its_kind_is_shown_empty_and_stays(
    server: Emulator, client: Client
) -> None:
    id_ = server.world.add("conversation")
    masked = {"isMasked": True, "maskedPresentation": "****"}
    server.world.put_raw(
        "conversation", id_, custom={"refundNum": "many", "noteTxt": masked, "sizeStr": ["S"]}
    )
    record = reopened(Ticket.get(id_), client)
    for name in ("refund", "note", "size"):
        assert shown_texts(record, FIELDS[NAMES.index(name)]) is None
    assert post(record, {}) == []
    assert record.changes == {}


# -- what is wrong --------------------------------------------------------------------------------


def test_everything_that_is_wrong_is_told_by_field_and_nothing_is_assigned(
    client: Client, id_: str
) -> None:
    wrong = {
        "name": ["x" * 257],
        "status": ["don"],
        "priority": ["9"],
        "refund": ["twelve"],
        "due": ["tomorrow"],
        "is_vip": ["perhaps"],
        "site": ["example"],
        "order_number": ["9"],
    }
    record = reopened(Ticket.get(id_), client)
    errors = post(record, wrong)

    assert {error.field for error in errors} == wrong.keys() - {"order_number"}
    assert {error.code for error in errors} == {"invalid"}
    messages = {error.field: error.message for error in errors}
    assert messages["priority"] == "Enter a whole number from 1 to 5."
    assert messages["refund"] == "Enter a number, such as 12.5."
    assert record.changes == {}


@pytest.mark.parametrize(
    "text", ["nan", "inf", "-Infinity", "1_000", "1e400", "0x10", "1,5", "", " "]
)
def test_no_odd_text_is_a_number(text: str) -> None:
    refund = FIELDS[NAMES.index("refund")]
    if not text.strip():
        assert value_of(refund, [text]) is None
        return
    with pytest.raises(InvalidValueError, match=r"Ticket\.refund"):
        value_of(refund, [text])


def test_a_time_that_the_clocks_skip_is_asked_for_again() -> None:
    text = "2026-03-29T02:30"
    due = FIELDS[NAMES.index("due")]
    with pytest.raises(InvalidValueError, match="clocks go forward"):
        value_of(due, [text], BERLIN)
    assert value_of(due, [f"{text}+01:00"], BERLIN) is not None


# -- fields ---------------------------------------------------------------------------------------


def test_fields_tell_labels_limits_and_choices() -> None:
    by_name = {field.name: field for field in FIELDS}
    assert (by_name["order_number"].label, by_name["order_number"].kind) == ("Order number", "line")
    assert (by_name["note"].kind, by_name["name"].max_length) == ("text", 256)
    assert (by_name["priority"].minimum, by_name["priority"].maximum) == (1, 5)
    assert by_name["size"].choices == (("S", "S"), ("M", "M"))
    assert by_name["custom.undeclaredNum"].label == "Undeclared"
    assert fields_of(Message, ["status"])[0].kind == "choice"
    assert not by_name["status"].may_be_empty


def test_metadata_gives_display_names_and_the_organisation_s_choices() -> None:
    facts = [
        Property("sizeStr", "Size of the box", choices=("S", "XL"), labels=("Small", "Huge")),
        Property("refundNum", "Refund", sensitive=True),
    ]
    size, refund = fields_of(Ticket, ["size", "refund"], properties=facts)
    assert (size.label, size.choices) == ("Size of the box", (("S", "Small"), ("XL", "Huge")))
    assert refund.is_secret


@pytest.mark.parametrize(
    ("name", "error", "words"),
    [
        ("created_at", DeclarationError, "not written"),
        ("snooze", DeclarationError, "no form field"),
        ("nmae", UnknownAttributeError, "'name'"),
        ("custom", UnknownAttributeError, "mapping"),
    ],
)
def test_what_no_form_can_edit_is_refused_when_the_form_is_made(
    name: str, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        fields_of(Ticket, [name])


def test_the_records_that_a_field_can_name_are_read_once(server: Emulator, client: Client) -> None:
    server.seed_demo()
    server.world.add("user", name="Zoe", email="zoe@example.com")
    wanted = fields_of(Ticket, ["assigned_users", "assigned_teams", "tags", "customer", "size"])

    users, teams, tags, customer, size = related_choices(wanted, client)
    before = len(server.requests)
    related_choices(wanted, client)

    assert ("Zoe" in dict(users.choices).values(), bool(teams.choices)) == (True, True)
    assert tags.kind == "choices"
    assert (customer.kind, customer.choices, size.choices) == (
        "line",
        (),
        (("S", "S"), ("M", "M")),
    )
    assert len(server.requests) == before
    assert options_of(tags, ["deleted-tag"])[-1] == ("deleted-tag", "deleted-tag")


def test_a_list_that_nobody_would_look_through_takes_ids(server: Emulator, client: Client) -> None:
    for number in range(501):
        server.world.add("user", name=f"U{number}", email=f"u{number}@example.com")
    (users,) = related_choices(fields_of(Ticket, ["assigned_users"]), client)
    assert (users.kind, users.choices) == ("lines", ())


def test_a_customer_s_form_works_like_any(server: Emulator, client: Client) -> None:
    jane = Customer.get(server.world.add("customer", name="Jane"))
    fields = fields_of(Customer, ["name", "birthday_at", "gender"])
    posted: dict[str, Sequence[str]] = {"name": ["Jane Doe"], "gender": ["f"]}
    assert assign_posted(jane, fields, posted.get) == []
    assert save_form(jane)
    assert server.requests[-1].body == {"name": "Jane Doe", "gender": "f"}


def test_fault_free_fields_do_not_depend_on_the_server(server: Emulator) -> None:
    server.faults.add(Fault.status(500, times=None))
    assert all(isinstance(field, FormField) for field in fields_of(Ticket, NAMES))
