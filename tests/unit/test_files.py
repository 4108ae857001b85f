"""The records of files: where a file goes and comes from, and lists printed without ids."""

from __future__ import annotations

import json
import logging
import pickle
from typing import Any

import pytest

from kustomer_orm import (
    Attachment,
    Client,
    Conversation,
    Customer,
    Media,
    Message,
    OutboundAccount,
)
from kustomer_orm.emulator import Emulator
from kustomer_orm.errors import QueryError

FILE: dict[str, Any] = {"name": "mug.jpg", "content_type": "image/jpeg", "content_length": 981}


@pytest.fixture(autouse=True)
def _current(client: Client) -> None:
    """Have a client in every test."""


@pytest.mark.parametrize("cls", [Attachment, Media], ids=lambda cls: str(cls.__name__))
def test_a_new_record_tells_where_its_file_goes(
    server: Emulator, cls: type[Attachment | Media]
) -> None:
    file = cls.create(**FILE)
    answer = json.loads(server.requests[0].answer_raw)

    assert file.upload is not None
    assert file.upload.url == answer["meta"]["upload"]["url"]
    assert file.upload.fields == answer["meta"]["upload"]["fields"]
    assert file.upload.fields["X-Amz-Meta-Attachment-Id"] == file.id
    assert len(server.requests) == 1


def test_media_are_told_by_the_type_that_the_contract_prints(server: Emulator) -> None:
    """Its examples call them attachments; what is related to one is an attachment proper."""
    media = Media.create(**FILE)
    assert json.loads(server.requests[0].answer_raw)["data"]["type"] == "attachment"
    media.name = "cup.jpg"
    media.save()
    assert [f"{each.method} {each.path}" for each in server.requests] == [
        "POST /v1/media",
        f"PUT /v1/media/{media.id}",
    ]
    assert type(Media.get(str(media.id))) is Media
    conversation = Conversation(id=server.world.add("conversation"))
    server.world.add("attachment", name="a", conversation=conversation.id)
    assert [type(each) for each in conversation.attachments] == [Attachment]


def test_where_a_file_lies_is_told_by_the_last_answer(server: Emulator) -> None:
    message = Message(id=server.world.add("message", channel="email"))
    id_ = server.world.add("attachment", name="mug.jpg", message=message.id)
    file = message.files.get(id_)
    link = json.loads(server.requests[-1].answer_raw)["data"]["links"]["related"]
    assert file.file_url == link
    assert file.upload is None

    never_loaded = Attachment(id=id_)
    assert never_loaded.file_url is None
    never_loaded.refresh()
    assert never_loaded.file_url == link
    with pytest.raises(QueryError, match=r"lists none there; get\(id\) loads one"):
        list(message.files)


def test_signed_addresses_do_not_travel(server: Emulator, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    file = Attachment.create(**FILE)
    assert file.upload is not None
    assert file.file_url is not None
    secret = "X-Amz-Signature=emulated"
    assert secret in file.file_url

    twin = pickle.loads(pickle.dumps(file))
    assert twin == file
    assert twin.upload is None
    assert twin.file_url is None
    told = (
        repr(file),
        repr(file.upload),
        str(file.upload),
        json.dumps(file.snapshot()),
        json.dumps(file.raw),
        pickle.dumps(file).decode("latin-1"),
        caplog.text,
    )
    for text in told:
        assert secret not in text
        assert file.upload.url not in text


def test_a_cached_record_has_no_address_and_a_fresh_one_has(server: Emulator) -> None:
    """The address is good for minutes; a cache may be older."""
    with Client(server.api_key, base_url=server.url, cache=60):
        id_ = server.world.add("attachment", name="a")
        assert Attachment.get(id_).file_url is not None
        assert Attachment.get(id_).file_url is None
        assert Attachment.get(id_, fresh=True).file_url is not None
    assert len(server.requests) == 2


@pytest.mark.parametrize("nameless", [True, False], ids=["in links only", "shown"])
def test_the_files_of_a_conversation_have_ids_however_they_are_printed(
    server: Emulator, *, nameless: bool
) -> None:
    server.behaviour.nameless_lists = nameless
    conversation = Conversation(id=server.world.add("conversation"))
    about = {"conversation": conversation.id, "message": server.world.add("message", channel="sms")}
    ids = [server.world.add("attachment", name=name, **about) for name in "abc"]

    files = list(conversation.attachments)

    shown = json.loads(server.requests[0].answer_raw)["data"]
    assert ["id" in each for each in shown] == [not nameless] * 3
    assert [file.id for file in files] == ids
    files[0].refresh()
    assert files[0].name == "a"


@pytest.mark.parametrize("nameless", [True, False], ids=["without ids", "with ids"])
def test_outbound_accounts_are_read_with_ids_or_without(
    server: Emulator, *, nameless: bool
) -> None:
    server.behaviour.nameless_lists = nameless
    ids = [server.world.add("outbound_account", channel="sms", name=name) for name in "ab"]

    with (
        Client(server.api_key, base_url=server.url, cache=60) as one,
        one.identity_scope(),
    ):
        accounts = list(OutboundAccount.all())
        again = list(OutboundAccount.all())

    assert [each.name for each in accounts] == [each.name for each in again] == ["a", "b"]
    assert [each.id for each in accounts] == ([None, None] if nameless else ids)
    assert not any(each.is_dirty for each in accounts)
    assert pickle.loads(pickle.dumps(accounts[0])).name == "a"


def test_what_is_listed_without_an_id_cannot_be_written(server: Emulator) -> None:
    server.world.add("outbound_account", channel="sms", name="a")
    (account,) = OutboundAccount.all()
    server.requests.clear()
    with pytest.raises(Exception, match="does not write it"):
        account.delete()
    with pytest.raises(Exception, match="read-only"):
        account.name = "b"
    assert server.requests == []


def test_an_event_of_a_customer_is_loaded_by_its_id(server: Emulator) -> None:
    customer = Customer(id=server.world.add("customer"))
    id_ = server.world.add("customer_event", customer=customer.id, name="kustomer.note.create")
    assert customer.events.get(id_).name == "kustomer.note.create"
    assert [each.path for each in server.requests] == [f"/v1/customers/{customer.id}/events/{id_}"]
    with pytest.raises(Exception, match=r"lists none there; get\(id\)"):
        list(customer.events)
    assert len(server.requests) == 1
