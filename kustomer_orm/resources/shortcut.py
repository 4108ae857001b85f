"""Shortcut: a prepared answer."""

from __future__ import annotations

from kustomer_orm.attributes import Boolean, DateTime, Object, String, ToOne
from kustomer_orm.records import Record


class Shortcut(Record):
    """A prepared answer. Read.

    >>> from kustomer_orm import Client, Shortcut
    >>> from kustomer_orm.emulator import Emulator
    >>> with Emulator() as server, Client(server.api_key, base_url=server.url):
    ...     id_ = server.world.add("shortcut", name="Thanks")
    ...     Shortcut.get(id_).name
    'Thanks'
    """

    type = "shortcut"
    path = "/v1/shortcuts"
    read_only = True

    name = String(writable=False)
    draft = Object(writable=False)
    is_private = Boolean(writable=False)
    deleted = Boolean(writable=False)
    app_disabled = Boolean(writable=False)
    parent = ToOne("shortcut", writable=False)
    created_by = ToOne("user", writable=False)
    modified_by = ToOne("user", writable=False)
    org = ToOne("org", writable=False)
    created_at = DateTime(writable=False)
    updated_at = DateTime(writable=False)
    modified_at = DateTime(writable=False)
