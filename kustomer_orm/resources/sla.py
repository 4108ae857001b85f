"""Sla: how fast customers are to be answered."""

from __future__ import annotations

from typing import Any

from kustomer_orm.attributes import DateTime, Integer, ToOne
from kustomer_orm.records import Record, included


class Sla(Record):
    """How fast customers are to be answered. Read, by id: the API lists none.

    >>> from kustomer_orm import Client, Sla
    >>> from kustomer_orm.emulator import Emulator
    >>> with Emulator() as server, Client(server.api_key, base_url=server.url):
    ...     id_ = server.world.add("sla", currentVersion=1)
    ...     _ = server.world.add("sla_version", sla=id_, version=1, name="Gold")
    ...     [version["attributes"]["name"] for version in Sla.get(id_).versions()]
    ['Gold']
    """

    type = "sla"
    path = "/v1/slas"
    read_only = True

    current_version = Integer(writable=False)
    created_by = ToOne("user", writable=False)
    org = ToOne("org", writable=False)
    created_at = DateTime(writable=False)

    def versions(self) -> list[dict[str, Any]]:
        """Give all the versions, as the API sends them. One request."""
        return included(self, "versions=all")
