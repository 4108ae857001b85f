"""Note: what agents write to each other in a conversation.

Attributes and limits are those of the published contract (POST /notes, PATCH /notes/{id}; PUT asks
for the body again, so it is not used).
"""

from __future__ import annotations

from kustomer_orm.attributes import Boolean, DateTime, List, Object, String, ToOne
from kustomer_orm.attributes.elements import attachments
from kustomer_orm.records import Record


class Note(Record):
    """What agents write to each other in a conversation. No customer sees it.

    `user_mentions` names users or teams when a note is written; they are read from the
    relationships, `note.raw["relationships"]["userMentions"]`.

    >>> from kustomer_orm import Client, Conversation
    >>> from kustomer_orm.emulator import Emulator
    >>> with Emulator() as server, Client(server.api_key, base_url=server.url):
    ...     conversation = Conversation.get(server.world.add("conversation"))
    ...     note = conversation.notes.create(body="Called back")
    ...     note.body = "Called back, no answer"
    ...     note.save().requests[0].body
    {'body': 'Called back, no answer'}
    """

    type = "note"
    path = "/v1/notes"
    takes_rev = False
    required = ("body",)
    bulk = ("create", "update")

    body = String(min_length=1, max_length=10_240)
    external_id = String(max_length=256, nullable=True)
    user_mentions = List(Object({"user": String(), "team": String()}))
    lang = String(max_length=100, nullable=True, null_on_create=True)
    created_at = DateTime()
    modified_at = DateTime()
    created_by = ToOne("user")
    modified_by = ToOne("user", nullable=True)

    # The contract takes it in bulk and in an update; one by one, notes are made below it.
    conversation = ToOne("conversation")

    # -- written once the note exists -------------------------------------------------------------
    deleted = Boolean(writable="update", nullable=True)
    attachments = attachments(writable="update")
    updated_at = DateTime(writable="update")

    # -- read -----------------------------------------------------------------------------------
    customer = ToOne("customer", writable=False)
    org = ToOne("org", writable=False)
