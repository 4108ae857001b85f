"""Forward: a conversation that is passed on to somebody outside by email."""

from __future__ import annotations

from kustomer_orm.attributes import Choice, DateTime, List, Number, Object, String, ToOne
from kustomer_orm.records import Collection, Record


class Forward(Record):
    """A conversation that is passed on by email: `conversation.forwards.create(…)`.

    >>> from kustomer_orm import Client, Conversation
    >>> from kustomer_orm.emulator import Emulator
    >>> with Emulator() as server, Client(server.api_key, base_url=server.url):
    ...     conversation = Conversation.get(server.world.add("conversation"))
    ...     forward = conversation.forwards.create(
    ...         channel="email", to=[{"email": "depot@example.com"}], body="Is it in stock?"
    ...     )
    ...     forward.status
    'draft'
    """

    type = "forward"
    path = "/v1/forwards"
    update_method = "PUT"
    takes_rev = False
    deletes = False
    required = ("channel",)

    files = Collection("attachment", "attachments", creates=True)

    to = List(
        Object(
            {"email": String(min_length=3, max_length=256), "name": String()}, required=("email",)
        )
    )
    sender = Object(
        {"email": String(min_length=3, max_length=256), "name": String()},
        required=("email",),
        key="from",
    )
    reply_to = String(min_length=3, max_length=256)
    subject = String(min_length=1)
    body = String(max_length=10_240)
    template = String(nullable=True, null_on_create=True)
    payload = Object()
    status = Choice("draft", "sent", "failed")
    send_at = String()
    attachments = List(
        Object(
            {
                "id": String(),
                "name": String(),
                "contentType": String(),
                "contentLength": Number(),
            },
            required=("id", "name", "contentType", "contentLength"),
        )
    )
    lang = String(max_length=100, writable="update", nullable=True)

    # -- written when the forward is created ----------------------------------------------------
    channel = Choice("email", writable="create")
    app = Choice("gmail", "postmark", writable="create")
    customer = ToOne("customer", writable="create")

    # -- read -----------------------------------------------------------------------------------
    conversation = ToOne("conversation", writable=False)
    created_by = ToOne("user", writable=False)
    modified_by = ToOne("user", writable=False)
    org = ToOne("org", writable=False)
    created_at = DateTime(writable=False)
    updated_at = DateTime(writable=False)
    modified_at = DateTime(writable=False)
