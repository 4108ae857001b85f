"""The API's tables of message and note attributes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kustomer_orm import Message, Note
from kustomer_orm.attributes import (
    Boolean,
    Choice,
    DateTime,
    List,
    Number,
    Object,
    String,
    ToOne,
)
from kustomer_orm.emulator.world import World
from tests.contract.table import ID, NOW, OBJECT_BAD, Row, Table

_FILE = {"_id": ID, "name": "mug.jpg", "contentType": "image/jpeg", "contentLength": 981}
_FILES = Row(List, True, True, good=([], [_FILE]), bad=([{"name": "x"}], ["x"]))
_LANG = Row(String, True, True, True, good=("en_us",), bad=("x" * 101,), null_on_create=True)
_AUTHOR = Row(ToOne, True, True, good=(ID,), bad=("", 5))

_MESSAGE: Mapping[str, Row] = {
    "external_id": Row(String, True, True, True, good=("x" * 256,), bad=("x" * 257, 5)),
    "conversation": Row(ToOne, True, True, good=(ID,), bad=("", 5)),
    "preview": Row(String, True, True, True, good=("x" * 10_240,), bad=("x" * 10_241, 5)),
    "subject": Row(String, True, True, True, good=("x" * 256,), bad=("x" * 257,)),
    "status": Row(Choice, True, True, good=("sent", "received", "error"), bad=("lost",)),
    "error": Row(Object, True, True, good=({"code": "x", "status": 5},), bad=("x", ["x"])),
    "error_at": Row(DateTime, True, True, bad=(NOW,)),
    "sent_at": Row(DateTime, True, True, True, bad=(NOW,)),
    "size": Row(Number, True, True, good=(1,), bad=("1", True)),
    "attachments": _FILES,
    "meta": Row(Object, True, True, good=({"to": ["a"]},), bad=("x", [1])),
    "related": Row(String, True, True, good=("x",), bad=(5,)),
    "sentiment": Row(
        Object,
        True,
        True,
        good=({"polarity": 1, "confidence": 0.5},),
        bad=({"polarity": 2}, *OBJECT_BAD),
    ),
    "lang": _LANG,
    "created_at": Row(DateTime, True, True, bad=(NOW,)),
    "modified_at": Row(DateTime, True, True, bad=(NOW,)),
    "created_by": _AUTHOR,
    "modified_by": _AUTHOR._replace(null=True),
    "updated_at": Row(DateTime, False, True, bad=(NOW,)),
    "customer": Row(ToOne, True, False, good=(ID,), bad=("", 5)),
    "channel": Row(Choice, True, False, good=("email", "sms", "whatsapp"), bad=("post", "")),
    "app": Row(String, True, False, good=("postmark",), bad=(5,)),
    "direction": Row(Choice, True, False, good=("in", "out"), bad=("both",)),
    "auto": Row(Boolean, True, False, good=(True,), bad=(1,)),
    "source": Row(Choice, True, False, good=("bulk", "satisfaction"), bad=("x",)),
    "shortcuts": Row(List, True, False, good=([ID],), bad=([5],)),
    "kb_articles": Row(List, True, False, good=([ID],), bad=([5],)),
    "location": Row(Object, True, False, good=({"cityName": "Berlin"},), bad=({"cityName": 5},)),
    "queue": Row(Object, True, False, good=({"id": ID},), bad=({"external": "x"},)),
    "reference": Row(
        Object, True, False, good=({"message": ID, "type": "reply"},), bad=({"message": ID},)
    ),
    "imported_at": Row(DateTime, True, False, bad=(NOW,)),
}

_NOTE: Mapping[str, Row] = {
    "body": Row(String, True, True, good=("x" * 10_240,), bad=("", "x" * 10_241, 5)),
    "external_id": Row(String, True, True, True, good=("x" * 256,), bad=("x" * 257,)),
    "user_mentions": Row(List, True, True, good=([{"user": ID}, {"team": ID}],), bad=(["x"],)),
    "lang": _LANG,
    "created_at": Row(DateTime, True, True, bad=(NOW,)),
    "modified_at": Row(DateTime, True, True, bad=(NOW,)),
    "created_by": _AUTHOR,
    "modified_by": _AUTHOR._replace(null=True),
    "conversation": Row(ToOne, True, True, good=(ID,), bad=("", 5)),
    "deleted": Row(Boolean, False, True, True, good=(True, False), bad=(1,)),
    "attachments": _FILES._replace(create=False),
    "updated_at": Row(DateTime, False, True, bad=(NOW,)),
}


def _message(world: World) -> dict[str, Any]:
    return {"preview": "Hi", "channel": "email"}


def _note(world: World) -> dict[str, Any]:
    return {"body": "Hi"}


TABLES = (
    Table(
        cls=Message,
        type="message",
        path="/v1/messages",
        create="POST /messages",
        update="PATCH /messages/{id}",
        writable=_MESSAGE,
        read_only=frozenset(
            (
                "directionType",
                "responseTime",
                "responseBusinessTime",
                "redacted",
                "spam",
                "reactions",
                "createdByTeams",
                "firstDelivered",
                "firstRead",
                "intentDetections",
            )
        ),
        relations=frozenset(("customer", "conversation", "createdBy", "modifiedBy", "org")),
        values=_message,
        shown="preview",
        new={"channel": "email", "app": "postmark", "direction": "in", "preview": "Where is it?"},
    ),
    Table(
        cls=Note,
        type="note",
        path="/v1/notes",
        update="PATCH /notes/{id}",  # POST /notes takes no conversation, the other routes do
        delete="DELETE /notes/{id}",
        writable=_NOTE,
        relations=frozenset(("customer", "conversation", "createdBy", "modifiedBy", "org")),
        values=_note,
        shown="body",
    ),
)
