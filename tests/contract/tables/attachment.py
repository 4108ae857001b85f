"""The API's tables of the records of files."""

from __future__ import annotations

from kustomer_orm import Attachment, Media
from kustomer_orm.attributes import Boolean, Number, String
from tests.contract.table import Row, Table

_REDACTED = Row(Boolean, False, True, good=(True, False), bad=(1, "true"))

TABLES = (
    Table(
        cls=Attachment,
        type="attachment",
        path="/v1/attachments",
        create="POST /attachments",
        update="PUT /attachments/{id}",
        writable={
            "name": Row(String, True, True, good=("mug.jpg",), bad=("", 5)),
            "content_type": Row(String, True, True, good=("image/jpeg",), bad=("", 5)),
            "content_length": Row(Number, True, True, good=(981,), bad=("1", True)),
            "redacted": _REDACTED,
        },
        read_only=frozenset(("uploaded",)),
        otherwise=frozenset(("",)),  # a key without a name, printed by mistake
        limited=False,  # POST refuses what is empty, PUT takes it
        relations=frozenset(("message", "draft", "org")),
        new={"name": "mug.jpg", "content_type": "image/jpeg", "content_length": 981},
    ),
    Table(
        cls=Media,
        type="media",
        path="/v1/media",
        create="POST /media",
        update="PUT /media/{id}",
        writable={
            "name": Row(String, True, True, good=("logo.png",), bad=(5,)),
            "content_type": Row(String, True, False, good=("image/png",), bad=(5,)),
            "content_length": Row(Number, True, False, good=(1,), bad=("1", 10_048_577)),
            "redacted": _REDACTED,
        },
        read_only=frozenset(("uploaded", "context", "createdAt", "updatedAt")),
        relations=frozenset(("org",)),
        new={"name": "logo.png", "content_type": "image/png", "content_length": 1024},
    ),
)
