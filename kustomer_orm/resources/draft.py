"""Draft: a message that is being written, or that waits to be sent.

The contract takes eleven kinds of bodies, one for each channel and app. They share their names:
what `to` and `template` hold, and how long `body` may be, depends on the channel (a tweet has 280
characters, an email 10,240), and the API tells when it is too much.
"""

from __future__ import annotations

from kustomer_orm.attributes import Anything, Boolean, Choice, DateTime, List, Object, String, ToOne
from kustomer_orm.records import Collection, Record


class Draft(Record):
    """A message that is being written, or that waits to be sent: `customer.drafts.create(…)`.

    `send_at` has it sent at that time, as text: an instant, or one that counts from now. A draft
    without it waits for an agent.

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

    files = Collection("attachment", "attachments", creates=True)

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
    app = String()
    conversation = ToOne("conversation")
    customer = ToOne("customer")
    to = Anything()
    sender = Anything(key="from")
    cc = Anything()
    bcc = Anything()
    subject = String(min_length=1)
    body = String(max_length=10_240)
    html_body = String(writable="update")
    reply_to = String()
    headers = List(Object())
    template = Anything(nullable=True, null_on_create=True)
    template_type = String(writable="update")
    payload = Object()
    meta = Anything()
    send_at = String(nullable=True, null_on_create=True)
    scheduled = Boolean(writable="update")
    auto = Boolean()
    source = Choice("bulk", "satisfaction", "biz-rules")
    lang = String(max_length=100, nullable=True, null_on_create=True)
    shortcuts = List(String())
    kb_articles = List(String())

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
        """
        self.send_at = None
        self.touch("send_at")
        self.save(only=["send_at"])
