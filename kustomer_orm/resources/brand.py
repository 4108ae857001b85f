"""Brand: a name and icon under which the organisation writes.

Attributes and limits are those of the published contract (POST /brands, PATCH /brands/{id}).
"""

from __future__ import annotations

from typing import Self

from kustomer_orm.attributes import Boolean, DateTime, String, ToOne
from kustomer_orm.client import current_client
from kustomer_orm.records import Record


class Brand(Record):
    """A name and icon under which the organisation writes. The API deletes none.

    An update takes `name` and `icon_url` only together: the other one goes along as it was loaded.

    >>> from kustomer_orm import Brand, Client
    >>> from kustomer_orm.emulator import Emulator
    >>> with Emulator() as server, Client(server.api_key, base_url=server.url):
    ...     brand = Brand.create(name="Socks", icon_url="https://example.com/socks.png")
    ...     brand.name = "Kustom Socks"
    ...     brand.save().requests[0].body
    {'name': 'Kustom Socks', 'iconUrl': 'https://example.com/socks.png'}
    """

    type = "brand"
    path = "/v1/brands"
    required = ("name", "icon_url")
    together = ("name", "icon_url")
    deletes = False
    takes_rev = False

    name = String(min_length=1)
    icon_url = String(min_length=1)

    created_by = ToOne("user", writable=False)
    modified_by = ToOne("user", writable=False)
    org = ToOne("org", writable=False)
    is_default = Boolean(key="default", writable=False)
    created_at = DateTime(writable=False)
    updated_at = DateTime(writable=False)
    modified_at = DateTime(writable=False)

    @classmethod
    def default(cls) -> Self:
        """Load the brand that the organisation began with. One request."""
        return cls.using(current_client()).get_at("default")
