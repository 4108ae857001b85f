"""AuditLog: who changed what, and when."""

from __future__ import annotations

from kustomer_orm.attributes import DateTime, Object, String, ToOne
from kustomer_orm.records import Record


class AuditLog(Record):
    """Who changed what, and when; newest first, up to 1,000 a page. Read.

    >>> from kustomer_orm import Client, AuditLog
    >>> from kustomer_orm.emulator import Emulator
    >>> with Emulator() as server, Client(server.api_key, base_url=server.url):
    ...     id_ = server.world.add("audit_log", eventVerb="update")
    ...     [log.event_verb for log in AuditLog.all()]
    ['update']
    """

    type = "audit_log"
    path = "/v1/audit-logs"
    read_only = True
    size_key = "count"

    event_name = String(writable=False)
    event_verb = String(writable=False)
    user_type = String(writable=False)
    object_id = String(writable=False)
    object_type = String(writable=False)
    client = String(writable=False)
    ip = String(writable=False)
    changes_made = Object(key="changes", writable=False)
    customer = ToOne("customer", writable=False)
    user = ToOne("user", writable=False)
    published_at = DateTime(writable=False)
    expires_at = DateTime(writable=False)
    created_at = DateTime(writable=False)
