"""What a form carries, and from whom it is taken back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kustomer_orm import Client, Conversation, custom
from kustomer_orm.emulator import Emulator, Fault
from kustomer_orm.errors import FormTokenError
from kustomer_orm.forms import (
    FormField,
    assign_posted,
    described_fields,
    fields_of,
    record_of,
    token_of,
)
from kustomer_orm.forms.tokens import opened as form_opened


class Ticket(Conversation):
    order_number = custom.Str()
    card = custom.Str("cardStr", sensitive=True)
    due = custom.At()


class Plain:
    """A signer that signs nothing, so that a test can read and change what it signed."""

    def sign(self, held: dict[str, Any]) -> str:
        return json.dumps(held)

    def unsign(self, token: str, max_age: float) -> Any:
        return json.loads(token)


SIGNER = Plain()
NAMES = ("name", "status", "tags", "customer", "order_number", "card", "due")


@pytest.fixture
def fields() -> list[FormField]:
    return fields_of(Ticket, [name for name in NAMES if name != "customer"])


@pytest.fixture
def id_(server: Emulator) -> str:
    values = {"orderNumberStr": "7", "cardStr": "4111", "otherStr": "secret of others"}
    return server.world.add("conversation", name="Hi", custom=values)


def opened(token: str, client: Client, id_: str | None, **options: Any) -> Ticket:
    return record_of(Ticket, token, SIGNER, client=client, id=id_, **options)


def test_a_token_holds_the_attributes_of_the_form_and_nothing_else(
    id_: str, client: Client, fields: list[FormField]
) -> None:
    token = token_of(Ticket.get(id_), fields, SIGNER)

    held = json.loads(token)["record"]
    assert held["attributes"] == {
        "name": "Hi",
        "status": "open",
        "tags": [],
        "custom": {"orderNumberStr": "7", "dueAt": None},
        "rev": 1,
    }
    assert held["relationships"] == {}
    assert "secret" not in token
    assert "4111" not in token
    assert client.config.api_key.reveal() not in token


def test_what_is_masked_for_this_key_does_not_travel(server: Emulator, client: Client) -> None:
    masked = {"isMasked": True, "maskedPresentation": "****1234"}
    id_ = server.world.add("conversation")
    server.world.put_raw("conversation", id_, custom={"orderNumberStr": masked})
    fields = fields_of(Ticket, ["order_number", "name"])

    token = token_of(Ticket.get(id_), fields, SIGNER)

    assert "1234" not in token
    assert not opened(token, client, id_).is_dirty


def test_the_record_comes_back_on_the_baseline_of_the_page_without_a_request(
    server: Emulator, id_: str, client: Client, fields: list[FormField]
) -> None:
    record = Ticket.get(id_)
    record.tags.append("vip")
    token = token_of(record, fields, SIGNER, user=7)
    server.world.edit("conversation", id_, name="theirs")
    before = len(server.requests)

    back = opened(token, client, id_, user="7")

    assert (back.name, back.original("name"), back.rev) == ("Hi", "Hi", 1)
    assert back.changes == record.changes
    assert back.key == record.key
    assert len(server.requests) == before


@pytest.mark.parametrize("token", ["", None])
def test_a_form_without_its_token_is_told_to_bring_it(client: Client, token: str | None) -> None:
    with pytest.raises(FormTokenError, match="hidden field") as told:
        record_of(Ticket, token, SIGNER, client=client, id="5f0000000000000000000001")
    assert told.value.reason == "missing"


def test_a_token_of_another_user_is_refused(
    id_: str, client: Client, fields: list[FormField]
) -> None:
    token = token_of(Ticket.get(id_), fields, SIGNER, user=7)
    for other in (8, None, "77"):
        with pytest.raises(FormTokenError) as told:
            opened(token, client, id_, user=other)
        assert told.value.reason == "another user"


def test_a_token_of_another_record_is_refused(
    server: Emulator, id_: str, client: Client, fields: list[FormField]
) -> None:
    token = token_of(Ticket.get(id_), fields, SIGNER)
    for other in (server.world.add("conversation"), None):
        with pytest.raises(FormTokenError, match="another record than") as told:
            opened(token, client, other)
        assert told.value.reason == "another record"


def test_a_token_of_another_organisation_is_refused(
    id_: str, client: Client, fields: list[FormField]
) -> None:
    token = token_of(Ticket.get(id_), fields, SIGNER)
    with Emulator() as elsewhere:
        other = Client(elsewhere.api_key, base_url=elsewhere.url)
        with pytest.raises(FormTokenError, match=other.org) as told:
            opened(token, other, id_)
    assert told.value.reason == "another organisation"


@pytest.mark.parametrize(
    "held",
    [
        None,
        7,
        [],
        {},
        {"version": 2},
        {"version": 1, "user": None, "record": None},
        {"version": 1, "user": None, "record": {"type": "conversation", "id": "x"}},
    ],
)
def test_what_is_signed_and_no_form_of_ours_is_refused(client: Client, held: Any) -> None:
    with pytest.raises(FormTokenError) as told:
        opened(SIGNER.sign(held), client, "x")
    assert told.value.reason == "altered"


def test_a_token_of_an_attribute_that_was_taken_away_since_is_refused(
    id_: str, client: Client, fields: list[FormField]
) -> None:
    record = Ticket.get(id_)
    record.name = "mine"
    held = json.loads(token_of(record, fields, SIGNER))
    held["record"]["edits"][0]["at"] = "gone"

    with pytest.raises(FormTokenError, match="gone"):
        opened(json.dumps(held), client, id_)


def test_a_form_for_a_new_record_travels_as_well(client: Client) -> None:
    fields = fields_of(Conversation, ["name", "customer"], new=True)
    token = token_of(Conversation(name="Hi"), fields, SIGNER)

    back = record_of(Conversation, token, SIGNER, client=client, id=None)

    assert (back.id, back.changes["name"].new) == (None, "Hi")


def test_a_token_of_a_form_with_other_fields_is_refused(
    id_: str, client: Client, fields: list[FormField]
) -> None:
    """What its person was not shown would be written over."""
    token = token_of(Ticket.get(id_), fields, SIGNER)
    names = [field.name for field in fields]
    assert opened(token, client, id_, names=names[::-1]).name == "Hi"

    for other in ([*names, "priority"], names[1:], [*names[1:], "priority"]):
        with pytest.raises(FormTokenError, match="other fields") as caught:
            opened(token, client, id_, names=other)
        assert caught.value.reason == "another form"


@pytest.mark.parametrize("status", [503, 200])
def test_a_page_is_read_as_it_was_shown_whatever_the_metadata_says_meanwhile(
    server: Emulator, client: Client, status: int
) -> None:
    """Another process that cannot read it yet, or an administrator who has just changed it."""
    facts = {"multi": True, "enumeration": ["red", "blue"], "sensitive": False}
    server.behaviour.text_lists = True
    server.world.describe("conversation", tintStr=facts, pinStr={"sensitive": True})
    id_ = server.world.add("conversation", custom={"pinStr": "4711"})
    server.world.put_raw("conversation", id_, custom={"tintStr": ["blue", "red"], "pinStr": "4711"})
    names = ["custom.tintStr", "custom.pinStr"]
    fields = described_fields(Ticket, names, client, metadata=True)
    token = token_of(Ticket.get(id_), fields, SIGNER)
    server.world.describe("conversation", tintStr={}, pinStr={})
    if status != 200:
        server.faults.add(Fault.status(status, path="*metadata*", times=None))

    with Client(server.api_key, base_url=server.url, retry=0) as other:
        record, shown = form_opened(Ticket, token, SIGNER, client=other, id=id_)
        again = described_fields(Ticket, names, other, metadata=True, shown=shown)
        posted = {"custom.tintStr": ["", "red", "blue"], "custom.pinStr": [""]}

        assert [field.is_secret for field in again] == [False, True]
        assert assign_posted(record, again, posted.get) == []
        assert record.changes == {}
        assert assign_posted(record, again, {**posted, "custom.tintStr": ["", "red"]}.get) == []
        assert record.changes["custom.tintStr"].new == ["red"]
        assert "4711" not in token + token_of(record, again, SIGNER)
