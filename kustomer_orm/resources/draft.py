"""Draft: a message that is being written, or that waits to be sent.

Attributes and limits are those of the published contract (POST /customers/{id}/drafts, PUT
/drafts/{id}), which prints one body for each channel. Of the formats of addresses the rules are not
published, nor what the contents of templates and interactive messages mean: only the API knows.
"""

from __future__ import annotations

from typing import Any

from kustomer_orm.attributes import (
    Anything,
    Attribute,
    Boolean,
    Choice,
    DateTime,
    List,
    Object,
    String,
    ToOne,
)
from kustomer_orm.attributes.elements import address, mentions
from kustomer_orm.records import Collection, Record, Variants

Kinds = dict[str, Attribute[Any, Any]]


def _every(**own: Attribute[Any, Any]) -> Kinds:
    """What every channel but that of notes takes."""
    source = Choice("bulk", "satisfaction", "biz-rules", on_create=("bulk", "satisfaction"))
    return {"auto": Boolean(), "source": source, "send_at": String(nullable=True), **own}


def _text(longest: int, **own: Attribute[Any, Any]) -> Kinds:
    """What a channel of plain texts to one recipient takes."""
    plain = {"to": String(), "sender": String(), "body": String(max_length=longest)}
    return _every(**{**plain, **own})


def _email() -> Kinds:
    header: Kinds = {"name": String(min_length=1), "value": String(min_length=1)}
    templates = ("email-reply", "email-autoresponse", "email-satisfaction")
    return _every(
        app=Choice("gmail", "postmark"),
        to=Anything(),  # one address, or a list of them
        sender=address(),
        cc=List(address()),
        bcc=List(address()),
        subject=String(min_length=1),
        body=String(max_length=10_240),
        html_body=String(max_length=10_240, writable="update"),
        reply_to=String(min_length=3, max_length=256),
        headers=List(Object(header, required=("name",))),
        template=String(nullable=True, null_on_create=True),
        template_type=Choice(*templates, nullable=True, writable="update"),
    )


def _whatsapp() -> Kinds:
    return _text(
        1600,
        app=Choice("twilio_whatsapp", "messagebird", "whatsapp"),
        source=Choice("bulk", "satisfaction", "biz-rules"),
        meta=Anything(writable="create"),
    )


def _chat() -> Kinds:
    button: Kinds = {"label": String(min_length=1, max_length=256), "value": String(min_length=1)}
    return _text(
        1024,
        app=Choice("chat", "smooch", writable="update"),
        attachments=List(String()),
        response_buttons=List(Object(button, required=("label", "value")), writable="update"),
        message_template=Anything(writable="update"),
    )


def _note() -> Kinds:
    return {
        "body": String(max_length=10_240),
        "send_at": String(nullable=True),
        "source": Choice("bulk", "biz-rules", on_create=("bulk",)),
        "user_mentions": mentions(max_items=20),
    }


class Draft(Record):
    """A message that is being written, or that waits to be sent: `customer.drafts.create(…)`.

    What it takes, and how much, depends on its `channel`: a tweet has 280 characters, an email
    10,240, and only an email has a `subject`. It is checked when the draft is saved; nothing is
    sent of what the channel does not take. A draft with the channel "note" is one of a note, at
    most one for each conversation (documented).

    `send_at` has it sent at that time, as text: an instant, or one that counts from now ("date-time
    math"; its rules are not published). A draft without it waits for an agent.

    >>> from kustomer_orm import Client, Customer
    >>> from kustomer_orm.emulator import Emulator
    >>> with Emulator() as server, Client(server.api_key, base_url=server.url):
    ...     jane = Customer.create(name="Jane Doe")
    ...     draft = jane.drafts.create(channel="email", subject="Your order", body="It is here.")
    ...     draft.status
    'draft'
    """

    type = "draft"
    path = "/v1/drafts"
    update_method = "PUT"
    takes_rev = False
    required = ("channel",)
    always = ("channel",)
    variants = Variants(
        "channel",
        {
            "email": _email(),
            "sms": _text(
                1600,
                app=Choice("twilio", "zipwhip", "messagebird", on_create=("twilio", "zipwhip")),
                sender=String(max_length=32),
            ),
            "whatsapp": _whatsapp(),
            "chat": _chat(),
            "facebook": _text(2000),
            "twitter-tweet": _text(280, send_at=String()),
            "twitter-dm": _text(10_000, send_at=String()),
            "note": _note(),
            "instagram": _text(1000),
        },
        needs={"whatsapp": ("app",)},
    )

    files = Collection("attachment", "attachments", creates=True)

    # -- of every channel -----------------------------------------------------------------------
    channel = Choice(
        "email",
        "sms",
        "whatsapp",
        "chat",
        "facebook",
        "twitter-tweet",
        "twitter-dm",
        "note",
        "instagram",
    )
    conversation = ToOne("conversation")
    customer = ToOne("customer")
    body = String(max_length=10_240)
    payload = Object()
    lang = String(max_length=100, nullable=True, null_on_create=True)
    shortcuts = List(String())
    kb_articles = List(String())
    scheduled = Boolean(writable="update")

    # -- of some channels -----------------------------------------------------------------------
    send_at = String(nullable=True, null_on_create=True)
    source = Choice("bulk", "satisfaction", "biz-rules")
    auto = Boolean()
    app = String()
    to = Anything()
    sender = Anything(key="from")
    cc = List(address())
    bcc = List(address())
    subject = String(min_length=1)
    html_body = String(max_length=10_240, writable="update")
    reply_to = String(min_length=3, max_length=256)
    headers = List(Object())
    template = String(nullable=True, null_on_create=True)
    template_type = String(writable="update", nullable=True)
    meta = Anything(writable="create")
    attachments = List(String())
    user_mentions = mentions(max_items=20)
    response_buttons = List(Object(), writable="update")
    message_template = Anything(writable="update")

    # -- read -----------------------------------------------------------------------------------
    status = String(writable=False)
    created_by = ToOne("user", writable=False)
    modified_by = ToOne("user", writable=False)
    org = ToOne("org", writable=False)
    created_at = DateTime(writable=False)
    updated_at = DateTime(writable=False)
    modified_at = DateTime(writable=False)

    def unschedule(self) -> None:
        """Have the draft wait for an agent again, whatever time it was to be sent at. One request.

        Sends an empty `sendAt` (documented); other changes stay unsaved.

        Raises:
            InvalidValueError: it is for Twitter, where the contract takes no empty `sendAt`.
        """
        self.send_at = None
        self.touch("send_at")
        self.save(only=["send_at"])
