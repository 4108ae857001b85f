"""CustomerEvent: something that happened to a customer or a conversation."""

from __future__ import annotations

from kustomer_orm.attributes import Anything, DateTime, Object, String, ToOne
from kustomer_orm.records import Record


class CustomerEvent(Record):
    """Something that happened to a conversation or a customer: `conversation.events`. Read.

    >>> from kustomer_orm import Client, Conversation
    >>> from kustomer_orm.emulator import Emulator
    >>> with Emulator() as server, Client(server.api_key, base_url=server.url):
    ...     id_ = server.world.add("conversation")
    ...     _ = server.world.add("customer_event", conversation=id_, name="kustomer.note.create")
    ...     [event.name for event in Conversation.get(id_).events]
    ['kustomer.note.create']
    """

    type = "customer_event"
    path = ""
    read_only = True

    name = String(writable=False)
    event_type = String(key="type", writable=False)
    changes_made = Object(key="changes", writable=False)
    location = Anything(writable=False)
    meta = Anything(writable=False)
    customer = ToOne("customer", writable=False)
    conversation = ToOne("conversation", writable=False)
    created_by = ToOne("user", writable=False)
    modified_by = ToOne("user", writable=False)
    published_at = DateTime(writable=False)
    created_at = DateTime(writable=False)
    updated_at = DateTime(writable=False)
    modified_at = DateTime(writable=False)
