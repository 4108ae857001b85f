"""The attributes that the machine plays with, as facts: names, places and kinds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "word", "number", "whole", "bool", "moment", "list", "set", "object", "link"]
Place = Literal["attribute", "custom", "link"]


@dataclass(frozen=True)
class Field:
    """One attribute.

    Attributes:
        name: Its name in `changes`.
        key: Its name on the wire.
        kind: What equality and merging go by.
        place: Where the document holds it.
        nullable: Whether None may be assigned.
        on_create: Whether a new record may hold it.
        on_update: Whether an existing record may change it.
        null_on_create: Whether null is sent for a new record.
        members: Of an object, the kinds of the members that may be written.
        required: Of an object, the members that must be there.
        not_on_create: Words that a new record may not hold.
        declared: Whether the class declares it; else `record.custom` holds it.
    """

    name: str
    key: str
    kind: Kind
    place: Place = "attribute"
    nullable: bool = True
    on_create: bool = True
    on_update: bool = True
    null_on_create: bool = False
    members: tuple[tuple[str, Kind], ...] = ()
    required: tuple[str, ...] = ()
    not_on_create: tuple[str, ...] = ()
    declared: bool = True

    @property
    def container(self) -> bool:
        """Whether readers get something that they can edit in place."""
        return self.kind in {"list", "set", "object"}


def _custom(name: str, key: str, kind: Kind) -> Field:
    return Field(name, key, kind, "custom", null_on_create=True)


def _undeclared(key: str, kind: Kind) -> Field:
    return Field(f"custom.{key}", key, kind, "custom", null_on_create=True, declared=False)


_SNOOZE: tuple[tuple[str, Kind], ...] = (("status", "word"), ("time", "moment"))
_LEVEL: tuple[tuple[str, Kind], ...] = (
    ("createdAt", "moment"),
    ("status", "word"),
    ("rating", "number"),
    ("firstAnswer", "text"),
    ("sentByTeams", "list"),
)

_ALL = (
    Field("name", "name", "text"),
    Field("external_id", "externalId", "text"),
    Field("reply_channel", "replyChannel", "text", null_on_create=True),
    Field("status", "status", "word", nullable=False, not_on_create=("snoozed",)),
    Field("priority", "priority", "whole", nullable=False),
    Field("satisfaction", "satisfaction", "number", on_create=False),
    Field("locked", "locked", "bool", nullable=False, on_create=False),
    Field("ended_at", "endedAt", "moment", nullable=False, on_create=False),
    Field("tags", "tags", "set", nullable=False),
    Field("assigned_users", "assignedUsers", "set", nullable=False),
    Field(
        "snooze",
        "snooze",
        "object",
        nullable=False,
        on_create=False,
        members=_SNOOZE,
        required=("status",),
    ),
    Field(
        "satisfaction_level",
        "satisfactionLevel",
        "object",
        nullable=False,
        on_create=False,
        members=_LEVEL,
        required=("createdAt", "status"),
    ),
    Field("customer", "customer", "link", "link", nullable=False),
    Field("queue", "queue", "link", "link"),
    Field("sub_status", "subStatus", "link", "link", nullable=False, on_create=False),
    _custom("order_number", "orderNumberStr", "text"),
    _custom("refund", "refundAmountNum", "number"),
    _custom("due", "dueAt", "moment"),
    _custom("is_vip", "vipBool", "bool"),
    _custom("note", "noteTxt", "text"),
    _undeclared("plainStr", "text"),
    _undeclared("countNum", "number"),
    _undeclared("seenAt", "moment"),
    _undeclared("flagBool", "bool"),
    _undeclared("choicesStr", "list"),
)

FIELDS = {field.name: field for field in _ALL}
