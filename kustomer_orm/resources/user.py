"""User: an agent, or the machine user behind an API key. Read, for now; the rest is to come."""

from __future__ import annotations

from kustomer_orm.attributes import DateTime, String, Url
from kustomer_orm.records import Record


class User(Record):
    """An agent, or the machine user behind an API key.

    >>> from kustomer_orm import Client, User
    >>> from kustomer_orm.emulator import Emulator
    >>> with Emulator() as server, Client(server.api_key, base_url=server.url):
    ...     id_ = server.world.add("user", name="Sam Agent", email="sam@example.com")
    ...     User.get(id_).name
    'Sam Agent'
    """

    type = "user"
    read_only = True
    path = "/v1/users"

    name = String(writable=False)
    display_name = String(writable=False)
    email = String(writable=False)
    user_type = String(writable=False)
    avatar_url = Url(writable=False)
    created_at = DateTime(writable=False)
    updated_at = DateTime(writable=False)
    modified_at = DateTime(writable=False)
