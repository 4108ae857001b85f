"""Queue: where conversations wait for users. Only read: routing rules fill it.

Attributes are those that an integrator's data model lists; the look-up by key is documented.
"""

from __future__ import annotations

from kustomer_orm.attributes import Boolean, DateTime, Integer, String, ToOne
from kustomer_orm.records import Record


class Queue(Record):
    """Where conversations wait for users. Read only; `conversation.queue = queue` puts one in.

    >>> from kustomer_orm import Client, Queue
    >>> from kustomer_orm.emulator import Emulator
    >>> with Emulator() as server, Client(server.api_key, base_url=server.url):
    ...     id_ = server.world.add("queue", name="returns", key="returns")
    ...     Queue.get_by(key="returns").id == id_
    True
    """

    type = "queue"
    path = "/v1/routing/queues"
    read_only = True
    look_ups = {"key": "?key"}  # noqa: RUF012 - a constant of the class
    filters = {"key": "key"}  # noqa: RUF012 - likewise

    created_by = ToOne("user", writable=False)
    updated_by = ToOne("user", writable=False)
    org = ToOne("org", writable=False)
    name = String(writable=False)
    display_name = String(writable=False)
    description = String(writable=False)
    priority = Integer(writable=False)
    item_size = Integer(writable=False)
    restrict_transfers_by_users = Boolean(writable=False)
    system = Boolean(writable=False)
    created_at = DateTime(writable=False)
    updated_at = DateTime(writable=False)
