"""Message: what was written to or by a customer.

The API only records messages; what is to be sent is a draft. Attributes and limits are those of the
published contract (POST /messages, PATCH /messages/{id}; PUT does the same and takes two more).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kustomer_orm.attributes import (
    Anything,
    Boolean,
    Choice,
    DateTime,
    Integer,
    List,
    Number,
    Object,
    String,
    ToOne,
)
from kustomer_orm.attributes.elements import attachments, location, sentiment
from kustomer_orm.attributes.relations import id_of
from kustomer_orm.records import Collection, Record, call


class Message(Record):
    """What was written to or by a customer.

    A save that changes `spam` or `reactions` goes by PUT, which alone takes them, every other one
    by PATCH. `meta` holds sender and recipients as the channel gave them: a text, an object or a
    list (seen in data of integrators); it is plain JSON, so all of them read.

    >>> from kustomer_orm import Client, Conversation
    >>> from kustomer_orm.emulator import Emulator
    >>> with Emulator() as server, Client(server.api_key, base_url=server.url):
    ...     conversation = Conversation.get(server.world.add("conversation"))
    ...     message = conversation.messages.create(
    ...         channel="email", app="postmark", direction="in", preview="Where is my order?"
    ...     )
    ...     [found.preview for found in conversation.messages]
    ['Where is my order?']
    """

    type = "message"
    path = "/v1/messages"
    takes_rev = False
    by_put = ("spam", "reactions")
    deletes = False
    required = ("channel", "app", "direction")
    bulk = ("create", "update")
    bulk_lacks = by_put
    look_ups = {"external_id": "externalid"}  # noqa: RUF012 - printed with a small i
    filters = {"sort": "sort"}  # noqa: RUF012

    files = Collection("attachment", "attachments", lists=False)

    # -- written and read ---------------------------------------------------------------------
    external_id = String(max_length=256, nullable=True)
    conversation = ToOne("conversation")
    preview = String(max_length=10_240, nullable=True)
    subject = String(max_length=256, nullable=True)
    status = Choice("sent", "received", "error")
    error = Object(
        {
            "status": Number(),
            "code": String(),
            "title": String(),
            "detail": String(),
            "source": Object(),
            "meta": Object(),
            "links": Object(),
        }
    )
    error_at = DateTime()
    sent_at = DateTime(nullable=True)
    size = Number()
    attachments = attachments()
    meta = Object()
    related = String()
    sentiment = sentiment()
    lang = String(max_length=100, nullable=True, null_on_create=True)
    created_at = DateTime()
    modified_at = DateTime()
    created_by = ToOne("user")
    modified_by = ToOne("user", nullable=True)
    updated_at = DateTime(writable="update")
    spam = Boolean(writable="update")
    reactions = List(
        Object(
            {
                "subjectId": String(),
                "subjectType": Choice("customer", "user"),
                "name": Choice("love"),
                "createdAt": DateTime(),
            },
            required=("subjectId", "subjectType", "name"),
        ),
        max_items=100,
        unique=True,
        writable="update",
    )

    # -- written when the message is created ----------------------------------------------------
    customer = ToOne("customer", writable="create")
    channel = Choice(
        "email",
        "sms",
        "chat",
        "facebook",
        "twitter-dm",
        "twitter-tweet",
        "voice",
        "instagram",
        "whatsapp",
        writable="create",
    )
    app = String(writable="create")
    direction = Choice("in", "out", writable="create")
    auto = Boolean(writable="create")
    source = Choice("bulk", "satisfaction", writable="create")
    shortcuts = List(String(), writable="create")
    kb_articles = List(String(), writable="create")
    location = location(writable="create")
    queue = Object({"id": String(), "external": Choice("amazon-connect")}, writable="create")
    reference = Object(
        {"message": String(), "type": Choice("reply", "replyAll", "forward")},
        required=("message", "type"),
        writable="create",
    )
    imported_at = DateTime(writable="create")

    # -- read -----------------------------------------------------------------------------------
    org = ToOne("org", writable=False)
    direction_type = String(writable=False)
    response_time = Integer(writable=False)
    response_business_time = Integer(writable=False)
    redacted = Boolean(writable=False)
    created_by_teams = List(String(), writable=False)
    first_delivered = Object(writable=False)
    first_read = Object(writable=False)
    intent_detections = Anything(writable=False)

    def redact(
        self,
        *,
        preview: str | None = None,
        meta: dict[str, Any] | None = None,
        attachments: Iterable[Any] = (),
    ) -> None:
        """Black out parts of the message for good. Two requests: it is loaded again.

        Args:
            preview: the text that takes the place of the present one.
            meta: what takes the place of the present one.
            attachments: files, or their ids, that are to be removed.
        """
        files = [id_of(file) for file in attachments]
        given = {"preview": preview, "meta": meta, "attachments": files or None}
        body = {name: value for name, value in given.items() if value is not None}
        call(self, "POST", "redactions", body, repeatable=True)
        self.refresh()
