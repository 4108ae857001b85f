"""Drafts and forwards: written, scheduled, taken back, with files."""

from __future__ import annotations

from typing import Any

import pytest

from kustomer_orm import Client, Conversation, Customer, Draft, Forward, errors
from kustomer_orm.emulator import Emulator

SOON = "2026-12-01T08:00:00.000Z"


@pytest.fixture(autouse=True)
def _current(client: Client) -> None:
    """Have a client in every test."""


@pytest.fixture
def jane(server: Emulator) -> Customer:
    customer = Customer.get(server.world.add("customer", name="Jane"))
    server.requests.clear()
    return customer


def asked(server: Emulator) -> list[str]:
    return [f"{each.method} {each.path}" for each in server.requests]


def test_a_draft_is_made_below_its_customer_changed_and_deleted(
    server: Emulator, jane: Customer
) -> None:
    draft = jane.drafts.create(
        channel="email",
        to=[{"email": "jane@example.com"}],
        sender={"email": "us@example.com"},
        subject="Your mug",
        body="It is here.",
    )
    assert asked(server) == [f"POST /v1/customers/{jane.id}/drafts"]
    assert server.requests[0].body == {
        "channel": "email",
        "to": [{"email": "jane@example.com"}],
        "from": {"email": "us@example.com"},
        "subject": "Your mug",
        "body": "It is here.",
    }

    draft.body = "It is on its way."
    draft.save()
    assert server.requests[-1].method == "PUT"
    assert server.requests[-1].body == {"body": "It is on its way.", "channel": "email"}

    draft.delete()
    assert asked(server)[-1] == f"DELETE /v1/drafts/{draft.id}"
    assert list(jane.drafts) == []


def test_a_draft_is_scheduled_and_taken_back(server: Emulator, jane: Customer) -> None:
    draft = jane.drafts.create(channel="chat", body="Still there?", send_at=SOON)
    assert server.requests[-1].body["sendAt"] == SOON
    draft.body = "Hello?"

    draft.unschedule()

    assert server.requests[-1].body == {"sendAt": None, "channel": "chat"}
    assert list(draft.changes) == ["body"]
    assert Draft.get(str(draft.id)).send_at is None


def test_a_draft_that_is_not_scheduled_is_taken_back_all_the_same(
    server: Emulator, jane: Customer
) -> None:
    """Another client may have scheduled it since."""
    draft = jane.drafts.create(channel="chat", body="Still there?")
    server.world.edit("draft", draft.id, sendAt=SOON)
    draft.unschedule()
    assert server.requests[-1].body == {"sendAt": None, "channel": "chat"}
    assert Draft.get(str(draft.id)).send_at is None


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"channel": "sms", "subject": "Your mug"}, "subject"),
        ({"channel": "sms", "app": "postmark"}, "app"),
        ({"channel": "sms", "app": "messagebird"}, "app"),
        ({"channel": "sms", "sender": "1" * 33}, "sender"),
        ({"channel": "note", "auto": True}, "auto"),
        ({"channel": "note", "source": "satisfaction"}, "source"),
        ({"channel": "email", "sender": "us@example.com"}, "sender"),
        ({"channel": "email", "cc": [{"email": "x"}]}, "cc"),
        ({"channel": "email", "user_mentions": [{"user": "5f0"}]}, "user_mentions"),
        ({"channel": "facebook", "attachments": ["5f0"]}, "attachments"),
        ({"channel": "twitter-tweet", "send_at": None}, "send_at"),
        ({"channel": "whatsapp", "body": "Hi"}, "app"),
    ],
    ids=lambda value: "-".join(map(str, value.values()))[:40] if isinstance(value, dict) else value,
)
def test_what_a_channel_does_not_take_is_refused_unsent(
    server: Emulator, jane: Customer, values: dict[str, Any], named: str
) -> None:
    with pytest.raises(errors.InvalidValueError, match=named):
        jane.drafts.create(**values)
    assert server.requests == []


def test_all_that_a_channel_does_not_take_is_named_at_once(
    server: Emulator, jane: Customer
) -> None:
    with pytest.raises(errors.InvalidValuesError) as caught:
        jane.drafts.create(channel="twitter-tweet", subject="Mugs", body="x" * 281)
    assert len(caught.value.errors) == 2
    assert "Draft.subject" in str(caught.value)
    assert "at most 280 characters (with the channel 'twitter-tweet')" in str(caught.value)
    assert server.requests == []


def test_a_draft_goes_with_what_its_channel_needs(server: Emulator, jane: Customer) -> None:
    draft = jane.drafts.create(channel="whatsapp", app="whatsapp", body="Hi")
    again = Draft.get(str(draft.id))
    again.body = "Hello"
    again.save()
    assert server.requests[-1].body == {"body": "Hello", "channel": "whatsapp", "app": "whatsapp"}


def test_a_channel_that_is_newer_than_this_version_is_the_servers_to_judge(
    server: Emulator, jane: Customer
) -> None:
    id_ = server.world.add("draft", channel="email", customer=jane.id)
    server.world.put_raw("draft", id_, channel="telepathy", body="…")
    draft = Draft.get(id_)
    draft.body = "x" * 10_000
    draft.subject = "Mugs"

    assert draft.channel == "telepathy"
    assert draft.plan().requests[0].body == {
        "body": "x" * 10_000,
        "subject": "Mugs",
        "channel": "telepathy",
    }


def test_the_drafts_of_a_customer_are_listed(server: Emulator, jane: Customer) -> None:
    for body in ("one", "two", "three"):
        jane.drafts.create(channel="chat", body=body)
    assert [draft.body for draft in jane.drafts] == ["one", "two", "three"]
    assert [draft.body for draft in jane.drafts.limit(2)] == ["one", "two"]


@pytest.mark.parametrize("kind", [Draft, Forward], ids=lambda cls: cls.__name__)
def test_files_are_noted_listed_and_removed(
    server: Emulator, jane: Customer, kind: type[Any]
) -> None:
    about = {"customer": jane.id, "conversation": server.world.add("conversation")}
    record = kind(id=server.world.add(kind.type, channel="email", **about))
    path = f"{kind.path}/{record.id}/attachments"

    file = record.files.create(name="mug.jpg", content_type="image/jpeg", content_length=981)
    assert asked(server) == [f"POST {path}"]
    assert server.requests[0].body == {
        "name": "mug.jpg",
        "contentType": "image/jpeg",
        "contentLength": 981,
    }
    assert [each.id for each in record.files] == [file.id]
    assert record.files.get(file.id).name == "mug.jpg"

    record.files.remove(file.id)
    assert asked(server)[-1] == f"DELETE {path}/{file.id}"
    assert list(record.files) == []
    with pytest.raises(errors.NotFoundError):
        record.files.get(file.id)


def test_a_conversation_is_forwarded(server: Emulator) -> None:
    conversation = Conversation.get(server.world.add("conversation"))
    forward = conversation.forwards.create(
        channel="email", to=[{"email": "depot@example.com"}], body="Is it in stock?"
    )
    assert asked(server)[-1] == f"POST /v1/conversations/{conversation.id}/forwards"
    forward.subject = "Mugs"
    forward.save()
    assert server.requests[-1].method == "PUT"
    assert server.requests[-1].body == {"subject": "Mugs"}
    assert [each.subject for each in conversation.forwards] == ["Mugs"]
    with pytest.raises(errors.ReadOnlyAttributeError):
        forward.delete()
