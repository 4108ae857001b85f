"""Customer: a person who writes to the organisation. Read, for now; the rest is to come."""

from __future__ import annotations

from kustomer_orm.attributes import DateTime, List, Object, String, Url
from kustomer_orm.records import Record


class Customer(Record):
    """A person who writes to the organisation.

    >>> from kustomer_orm import Client, Conversation
    >>> from kustomer_orm.emulator import Emulator
    >>> with Emulator() as server, Client(server.api_key, base_url=server.url):
    ...     jane = server.world.add("customer", name="Jane Doe")
    ...     id_ = server.world.add("conversation", customer=jane)
    ...     Conversation.get(id_).customer.name
    'Jane Doe'
    """

    type = "customer"
    read_only = True
    path = "/v1/customers"
    look_ups = {"external_id": "externalId", "email": "email", "phone": "phone"}  # noqa: RUF012

    name = String(writable=False)
    display_name = String(writable=False)
    first_name = String(writable=False)
    last_name = String(writable=False)
    external_id = String(writable=False)
    username = String(writable=False)
    emails = List(Object(), writable=False)
    phones = List(Object(), writable=False)
    tags = List(String(), writable=False, unordered=True)
    locale = String(writable=False)
    time_zone = String(writable=False)
    avatar_url = Url(writable=False)
    created_at = DateTime(writable=False)
    updated_at = DateTime(writable=False)
    modified_at = DateTime(writable=False)
    last_activity_at = DateTime(writable=False)
