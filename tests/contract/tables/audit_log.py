"""The API's tables of what it notes by itself: audit logs, events, times, senders of spam."""

from __future__ import annotations

from kustomer_orm import AuditLog, ConversationTime, CustomerEvent, SpamSender
from tests.contract.table import Table

_TIMES = ("createdAt", "updatedAt", "modifiedAt")

TABLES = (
    Table(
        cls=AuditLog,
        type="audit_log",
        path="/v1/audit-logs",
        read_only=frozenset(
            (
                "eventName",
                "eventVerb",
                "userType",
                "objectId",
                "objectType",
                "client",
                "ip",
                "changes",
                "publishedAt",
                "expiresAt",
                "createdAt",
            )
        ),
        relations=frozenset(("customer", "user")),
        found=False,
        listed=False,
    ),
    Table(
        cls=CustomerEvent,
        type="customer_event",
        path="",
        read_only=frozenset(
            ("name", "type", "changes", "location", "meta", "publishedAt", *_TIMES)
        ),
        relations=frozenset(("customer", "conversation", "createdBy", "modifiedBy", "org")),
        found=False,
        listed=False,
    ),
    Table(
        cls=ConversationTime,
        type="conversation_time",
        path="/v1/conversations/times",
        read_only=frozenset(
            (
                "handleAt",
                "handleTime",
                "messageAt",
                "messageTime",
                "noteAt",
                "noteTime",
                "channels",
                "createdByTeams",
                "assignedUsers",
                "assignedTeams",
                "createdAt",
            )
        ),
        relations=frozenset(("conversation", "customer", "createdBy", "org")),
        values=lambda _: {"handleTime": 19},
        shown="",
    ),
    Table(
        cls=SpamSender,
        type="sender",
        kind="spam_sender",
        path="/v1/spam/senders",
        delete="",  # with the senders of a list, see the operations
        read_only=frozenset(("channel", "sender", "list", *_TIMES)),
        relations=frozenset(("createdBy", "modifiedBy", "org")),
        found=False,
        listed=False,
    ),
)
