"""The API's tables of brands, and of tags and queues, which are only read."""

from __future__ import annotations

from kustomer_orm import Brand, Queue, Tag
from kustomer_orm.attributes import String
from tests.contract.table import Row, Table

TABLES = (
    Table(
        cls=Brand,
        type="brand",
        path="/v1/brands",
        create="POST /brands",
        update="PATCH /brands/{id}",
        writable={
            "name": Row(String, True, True, good=("Socks",), bad=("", 5)),
            "icon_url": Row(String, True, True, good=("https://example.com/i",), bad=("", 5)),
        },
        read_only=frozenset(("default", "createdAt", "updatedAt", "modifiedAt")),
        relations=frozenset(("createdBy", "modifiedBy", "org")),
        values=lambda _: {"name": "Hi", "iconUrl": "https://example.com/hi.png"},
        new={"name": "Socks", "icon_url": "https://example.com/socks.png"},
    ),
    Table(
        cls=Tag,
        type="tag",
        path="/v1/tags",
        read_only=frozenset(
            (
                "name",
                "color",
                "createdAt",
                "updatedAt",
                "modifiedAt",
                "deleted",
                "deletedAt",
                "deletedBy",
            )
        ),
        relations=frozenset(("createdBy", "modifiedBy", "org")),
    ),
    Table(
        cls=Queue,
        type="queue",
        path="/v1/routing/queues",
        read_only=frozenset(
            (
                "name",
                "displayName",
                "description",
                "priority",
                "itemSize",
                "restrictTransfersByUsers",
                "system",
                "createdAt",
                "updatedAt",
            )
        ),
        relations=frozenset(("createdBy", "updatedBy", "org")),
    ),
)
