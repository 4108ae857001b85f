"""Messages and notes: where they are made, what carries which change, what cannot be undone."""

from __future__ import annotations

from typing import Any

import pytest

from kustomer_orm import Client, Conversation, Customer, Message, Note, errors
from kustomer_orm.emulator import Emulator, Fault

JANE = "jane@example.com"


@pytest.fixture(autouse=True)
def _current(client: Client) -> None:
    """Have a client in every test."""


def asked(server: Emulator) -> list[str]:
    return [f"{each.method} {each.path}" for each in server.requests]


def stored(server: Emulator, **values: Any) -> Message:
    message = Message.get(server.world.add("message", **{"channel": "email", **values}))
    server.requests.clear()
    return message


# -- made in three places -----------------------------------------------------------------------


def test_a_message_is_made_below_what_it_belongs_to_or_by_itself(server: Emulator) -> None:
    customer = Customer.get(server.world.add("customer"))
    conversation = Conversation.get(server.world.add("conversation", customer=customer.id))
    server.requests.clear()

    by_itself = Message.create(channel="sms", app="twilio", direction="in", customer=customer)
    in_talk = conversation.messages.create(channel="sms", app="twilio", preview="Where is it?")
    of_jane = customer.messages.create(channel="sms", app="twilio")

    assert asked(server) == [
        "POST /v1/messages",
        f"POST /v1/conversations/{conversation.id}/messages",
        f"POST /v1/customers/{customer.id}/messages",
    ]
    assert server.requests[0].body["customer"] == customer.id
    assert server.requests[1].body == {
        "channel": "sms",
        "app": "twilio",
        "preview": "Where is it?",
    }
    assert in_talk.conversation == conversation
    for message in (by_itself, in_talk, of_jane):
        assert not message.is_dirty
        assert Message.get(str(message.id)).channel == "sms"


def test_what_a_message_needs_is_asked_for_before_anything_is_sent(server: Emulator) -> None:
    conversation = Conversation(id=server.world.add("conversation"))
    with pytest.raises(errors.InvalidValuesError) as caught:
        Message.create(preview="Hi")
    assert len(caught.value.errors) == 3
    for name in ("channel", "app", "direction"):
        assert f"new Message: {name}: expected a value" in str(caught.value)
    with pytest.raises(errors.InvalidValueError, match="app"):
        conversation.messages.create(channel="sms")
    assert server.requests == []


# -- the one that carries a change --------------------------------------------------------------


def test_a_change_goes_by_patch_and_one_of_spam_or_reactions_by_put(server: Emulator) -> None:
    message = stored(server, preview="Hi")
    message.subject = "Mugs"
    message.save()
    assert server.requests[-1].method == "PATCH"
    assert server.requests[-1].body == {"subject": "Mugs"}

    message.spam = True
    message.subject = "Cups"
    message.save()
    assert server.requests[-1].method == "PUT"
    assert server.requests[-1].body == {"subject": "Cups", "spam": True}
    assert server.requests[-1].query == {}

    user = server.world.machine_user
    message.reactions = [{"subjectId": user, "subjectType": "user", "name": "love"}]
    message.save()
    assert [each.method for each in server.requests] == ["PATCH", "PUT", "PUT"]
    assert not message.is_dirty
    again = Message.get(str(message.id))
    assert again.spam is True
    assert again.reactions[0]["subjectId"] == user


def test_in_bulk_what_only_put_takes_is_saved_singly(server: Emulator) -> None:
    one, other = stored(server), stored(server)
    one.spam = True
    other.subject = "Mugs"

    result = Message.save_all([one, other])

    assert len(result.saved) == 2
    assert f"PUT /v1/messages/{one.id}" in asked(server)
    items = [each.body for each in server.requests if each.path == "/v1/messages/bulk"]
    assert [[item["id"] for item in body] for body in items] == [[other.id]]


@pytest.mark.parametrize("mode", ["strict", "careful", "verify", "none"])
def test_no_revision_goes_with_what_takes_none(server: Emulator, mode: Any) -> None:
    conversation = server.world.add("conversation")
    message = stored(server, conversation=conversation)
    note = Note.get(server.world.add("note", conversation=conversation, body="Called"))
    message.subject, note.body = "Mugs", "Called back"
    server.requests.clear()

    message.save(conflict=mode)
    note.save(conflict=mode)

    writes = [each for each in server.requests if each.method != "GET"]
    assert [each.method for each in writes] == ["PATCH", "PATCH"]
    assert [each.body for each in writes] == [{"subject": "Mugs"}, {"body": "Called back"}]


# -- found ----------------------------------------------------------------------------------------


def test_a_message_is_looked_up_under_the_printed_path(server: Emulator) -> None:
    id_ = server.world.add("message", channel="email", externalId="<a/b@example.com>")

    assert Message.get_by(external_id="<a/b@example.com>").id == id_
    assert asked(server) == ["GET /v1/messages/externalid=%3Ca%2Fb%40example.com%3E"]


@pytest.mark.parametrize(
    "to",
    [JANE, {"email": JANE}, [{"email": JANE}], [JANE, {"email": JANE, "name": None}], [], {}, None],
    ids=["text", "object", "list", "mixed", "no one", "empty", "null"],
)
def test_recipients_read_whatever_shape_they_have(server: Emulator, to: Any) -> None:
    """Text, object and list were all seen in data of integrators."""
    meta = {"to": to, "cc": to, "bcc": to, "from": JANE}
    message = stored(server, meta=meta)

    assert message.meta == meta
    assert message.to_dict()["meta"] == meta
    assert not message.is_dirty
    message.subject = "Mugs"
    message.save()
    assert server.requests[-1].body == {"subject": "Mugs"}


def test_a_message_is_not_deleted_since_the_api_deletes_none(server: Emulator) -> None:
    message = stored(server)
    with pytest.raises(errors.ReadOnlyAttributeError, match="deletes no message"):
        message.delete()
    assert server.requests == []


# -- blacked out ----------------------------------------------------------------------------------


def test_redacting_sends_what_takes_the_place_and_shows_it(server: Emulator) -> None:
    message = stored(server, preview="My card is 4111 1111", meta={"to": JANE})
    file = server.world.add("attachment", name="card.jpg", message=message.id)

    message.redact(preview="My card is -", meta={"to": "-"}, attachments=[file])

    assert asked(server) == [
        f"POST /v1/messages/{message.id}/redactions",
        f"GET /v1/messages/{message.id}",
    ]
    assert server.requests[0].body == {
        "preview": "My card is -",
        "meta": {"to": "-"},
        "attachments": [file],
    }
    assert message.redacted is True
    assert message.preview == "My card is -"
    assert message.files.get(file).redacted is True


def test_redacting_keeps_what_was_not_saved_yet(server: Emulator) -> None:
    message = stored(server, preview="My card is 4111 1111")
    message.subject = "Mugs"
    message.redact(preview="-")

    assert message.is_dirty
    assert message.changes["subject"].new == "Mugs"
    assert server.requests[0].body == {"preview": "-"}


def test_redacting_is_refused_as_it_is_where_the_server_refuses(server: Emulator) -> None:
    message = stored(server, preview="Hi")
    server.faults.add(Fault.status(403))
    with pytest.raises(errors.PermissionDeniedError):
        message.redact(preview="-")
    assert len(server.requests) == 1
    assert Message.get(str(message.id)).preview == "Hi"


# -- notes ----------------------------------------------------------------------------------------


def test_a_note_is_written_in_part_and_deleted(server: Emulator) -> None:
    conversation = Conversation.get(server.world.add("conversation"))
    note = conversation.notes.create(body="Called", external_id="N 1")
    assert server.requests[-1].body == {"body": "Called", "externalId": "N 1"}

    note.external_id = None
    note.save()
    assert server.requests[-1].method == "PATCH"
    assert server.requests[-1].body == {"externalId": None}

    note.delete()
    assert asked(server)[-1] == f"DELETE /v1/notes/{note.id}"
    with pytest.raises(errors.NotFoundError):
        Note.get(str(note.id))


def test_mentions_are_written_and_read_alike(server: Emulator) -> None:
    """They go as an attribute and come as a relationship (documented)."""
    user, team = server.world.add("user"), server.world.add("team")
    conversation = Conversation.get(server.world.add("conversation"))
    note = conversation.notes.create(body="Hey", user_mentions=[{"user": user}])
    assert server.requests[-1].body == {"body": "Hey", "userMentions": [{"user": user}]}
    assert note.raw["relationships"]["userMentions"]["data"] == [{"type": "user", "id": user}]

    again = Note.get(str(note.id))
    assert again.user_mentions == [{"user": user}]
    assert not again.is_dirty
    again.user_mentions.append({"team": team})
    assert again.changes["user_mentions"].new == [{"user": user}, {"team": team}]
    again.save()
    assert server.requests[-1].body == {"userMentions": [{"user": user}, {"team": team}]}
    assert not again.is_dirty
    note.refresh()
    assert note.user_mentions == [{"user": user}, {"team": team}]
    assert Note.from_snapshot(note.snapshot()).user_mentions == note.user_mentions


def test_a_note_that_mentions_nobody_is_not_dirty_for_being_read(server: Emulator) -> None:
    conversation = server.world.add("conversation")
    note = Note.get(server.world.add("note", conversation=conversation, body="Hey"))
    ids: Any = ["58190b991f2932100010d683"]  # as the API writes no mentions
    assert note.user_mentions == []
    assert not note.is_dirty
    with pytest.raises(errors.InvalidValueError, match="user_mentions"):
        note.user_mentions = ids
