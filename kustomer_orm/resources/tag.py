"""Tag: a word on conversations, customers and others. What is written of one is not published.

Attributes are those of a schema that an integrator derived from live data.
"""

from __future__ import annotations

from kustomer_orm.attributes import Boolean, DateTime, String, ToOne
from kustomer_orm.records import Record


class Tag(Record):
    """A word on conversations, customers and others: read only. New names in a list make new tags.

    >>> from kustomer_orm import Client, Tag
    >>> from kustomer_orm.emulator import Emulator
    >>> with Emulator() as server, Client(server.api_key, base_url=server.url):
    ...     id_ = server.world.tag_id("refund")
    ...     [tag.name for tag in Tag.all(deleted=False)]
    ['refund']
    """

    type = "tag"
    path = "/v1/tags"
    read_only = True
    filters = {"deleted": "deleted"}  # noqa: RUF012 - a constant of the class

    created_by = ToOne("user", writable=False)
    modified_by = ToOne("user", writable=False)
    org = ToOne("org", writable=False)
    name = String(writable=False)
    color = String(writable=False)
    created_at = DateTime(writable=False)
    updated_at = DateTime(writable=False)
    modified_at = DateTime(writable=False)
    deleted = Boolean(writable=False)
    deleted_at = DateTime(writable=False)
    deleted_by = String(writable=False)
