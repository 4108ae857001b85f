"""The API's tables of drafts and forwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kustomer_orm import Draft, Forward
from kustomer_orm.attributes import (
    Anything,
    Boolean,
    Choice,
    List,
    Object,
    String,
    ToOne,
)
from kustomer_orm.attributes.elements import mentions
from kustomer_orm.emulator.world import World
from tests.contract.table import ID, NOW, Row, Table

_JANE = {"email": "jane@example.com", "name": "Jane"}
_BAD_ADDRESSES: tuple[object, ...] = (
    [{}],
    [{"email": "x"}],
    [{"email": "a@b.example", "age": 5}],
    "x",
)
_FILE = {"id": ID, "name": "mug.jpg", "contentType": "image/jpeg", "contentLength": 981}

# What the channels take of these, and how much, is held against each body of the contract in
# test_every_channel.py.
_DRAFT: Mapping[str, Row] = {
    "channel": Row(Choice, True, True, good=("email",), bad=("post", "")),
    "app": Row(String, True, True, good=("gmail", "postmark"), bad=(5,)),
    "conversation": Row(ToOne, True, True, good=(ID,), bad=("", 5)),
    "customer": Row(ToOne, True, True, good=(ID,), bad=("", 5)),
    "to": Row(Anything, True, True, good=(_JANE, [_JANE])),
    "sender": Row(Anything, True, True, good=(_JANE,)),
    "cc": Row(List, True, True, good=([], [_JANE]), bad=_BAD_ADDRESSES),
    "bcc": Row(List, True, True, good=([_JANE],), bad=_BAD_ADDRESSES),
    "subject": Row(String, True, True, good=("Mugs",), bad=("", 5)),
    "body": Row(String, True, True, good=("x" * 10_240, ""), bad=("x" * 10_241, 5)),
    "html_body": Row(String, False, True, good=("x" * 10_240,), bad=("x" * 10_241, 5)),
    "reply_to": Row(String, True, True, good=("jane@example.com",), bad=("x", 5)),
    "headers": Row(List, True, True, good=([{"name": "X-Mug", "value": "1"}],), bad=(["x"], "x")),
    "template": Row(String, True, True, True, good=(ID,), bad=(5,), null_on_create=True),
    "template_type": Row(String, False, True, True, good=("email-reply",), bad=(5,)),
    "payload": Row(Object, True, True, good=({"a": [1]},), bad=("x", [1])),
    "meta": Row(Anything, True, False),
    "send_at": Row(String, True, True, True, good=(NOW,), bad=(5,), null_on_create=True),
    "scheduled": Row(Boolean, False, True, good=(True, False), bad=(1,)),
    "auto": Row(Boolean, True, True, good=(True,), bad=("true",)),
    "source": Row(Choice, True, True, good=("bulk", "satisfaction"), bad=("x",)),
    "lang": Row(String, True, True, True, good=("en_us",), bad=("x" * 101,), null_on_create=True),
    "shortcuts": Row(List, True, True, good=([ID],), bad=([5], "x")),
    "kb_articles": Row(List, True, True, good=([ID],), bad=([5], "x")),
    "attachments": Row(List, True, True, bad=([5], "x")),
    "user_mentions": Row(type(mentions()), True, True, bad=(["x"], [{"team": ID}] * 21)),
    "response_buttons": Row(List, False, True, bad=(["x"], "x")),
    "message_template": Row(Anything, False, True),
}

_FORWARD: Mapping[str, Row] = {
    "to": Row(List, True, True, good=([], [_JANE]), bad=([{}], [{"email": "x"}], "x")),
    "sender": Row(Object, True, True, good=(_JANE,), bad=({}, {"email": "x"}, "x")),
    "reply_to": Row(String, True, True, good=("jane@example.com",), bad=("x", 5)),
    "subject": Row(String, True, True, good=("Mugs",), bad=("", 5)),
    "body": Row(String, True, True, good=("x" * 10_240,), bad=("x" * 10_241, 5)),
    "template": Row(String, True, True, True, good=(ID,), bad=(5,), null_on_create=True),
    "payload": Row(Object, True, True, good=({"a": [1]},), bad=("x",)),
    "status": Row(Choice, True, True, good=("draft", "sent", "failed"), bad=("lost",)),
    "send_at": Row(String, True, True, good=(NOW,), bad=(5,)),
    "attachments": Row(List, True, True, good=([], [_FILE]), bad=([{"id": ID}], "x")),
    "lang": Row(String, False, True, True, good=("en_us",), bad=("x" * 101,)),
    "channel": Row(Choice, True, False, good=("email",), bad=("sms",)),
    "app": Row(Choice, True, False, good=("gmail", "postmark"), bad=("smtp",)),
    "customer": Row(ToOne, True, False, good=(ID,), bad=("", 5)),
}


def _email(world: World) -> dict[str, Any]:
    return {"channel": "email", "body": "Hi"}


_AUTHORS = ("createdBy", "modifiedBy", "org", "customer", "conversation")
_TIMES = ("createdAt", "updatedAt", "modifiedAt")

TABLES = (
    Table(
        cls=Draft,
        type="draft",
        path="/v1/drafts",
        update="PUT /drafts/{id}",
        delete="DELETE /drafts/{id}",
        writable=_DRAFT,
        read_only=frozenset(("status", *_TIMES)),
        relations=frozenset(_AUTHORS),
        values=_email,
        shown="body",
        new={"channel": "email"},
        several_bodies=True,
        listed=False,
    ),
    Table(
        cls=Forward,
        type="forward",
        path="/v1/forwards",
        update="PUT /forwards/{id}",
        writable=_FORWARD,
        read_only=frozenset(_TIMES),
        relations=frozenset(_AUTHORS),
        values=_email,
        shown="body",
        listed=False,
    ),
)
