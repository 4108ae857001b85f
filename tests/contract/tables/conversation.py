"""The API's table of conversation attributes."""

from __future__ import annotations

from collections.abc import Mapping

from kustomer_orm import Conversation
from kustomer_orm.attributes import (
    Boolean,
    Choice,
    DateTime,
    Integer,
    List,
    Number,
    Object,
    String,
    ToMany,
    ToOne,
)
from tests.contract.table import ID, NOW, OBJECT_BAD, Row, Table

_WRITABLE: Mapping[str, Row] = {
    "customer": Row(ToOne, True, True, good=(ID,), bad=("", "a b", 5)),
    "external_id": Row(String, True, True, True, good=("", "x" * 256), bad=("x" * 257, 5)),
    "name": Row(String, True, True, True, good=("", "x" * 256), bad=("x" * 257, b"x")),
    "status": Row(Choice, True, True, good=("open", "snoozed", "done"), bad=("closed", "")),
    "sub_status": Row(ToOne, False, True, good=(ID,), bad=("", 5)),
    "snooze": Row(
        Object, False, True, good=({"status": "canceled"},), bad=({"status": "x"}, *OBJECT_BAD)
    ),
    "priority": Row(Integer, True, True, good=(1, 5), bad=(0, 6, 2.5, "3", True)),
    "direction": Row(Choice, True, True, good=("in", "out"), bad=("both",)),
    "reply_channel": Row(
        String, True, True, True, good=("email", "x" * 256), bad=("x" * 257,), null_on_create=True
    ),
    "tags": Row(
        List,
        True,
        True,
        good=([], ["a"], ["Über /_<>-."], ["x" * 64], [str(n) for n in range(20)]),
        bad=([""], ["x" * 65], [" a"], ["a!"], ["a\n"], ["a", "a"], [str(n) for n in range(21)]),
    ),
    "suggested_tags": Row(
        List,
        False,
        True,
        good=([{"tag": "a", "confidence": 0.5}],),
        bad=([{"tag": "a"}], [{"confidence": 1}], ["a"], [{"tag": "a", "confidence": "1"}]),
    ),
    "suggested_shortcuts": Row(
        List,
        False,
        True,
        good=([{"shortcutId": ID, "confidence": -1}],),
        bad=([{"shortcutId": ID, "confidence": 1.5}], [{"shortcutId": ID}]),
    ),
    "assigned_users": Row(
        ToMany, True, True, good=([], [ID]), bad=([ID, ID], [f"{n:024x}" for n in range(11)])
    ),
    "assigned_teams": Row(
        ToMany, True, True, good=([], [ID]), bad=([ID, ID], [f"{n:024x}" for n in range(11)])
    ),
    "satisfaction": Row(Number, False, True, True, good=(-1, 0.5, 1), bad=(-1.1, 2, "1", True)),
    "satisfaction_level": Row(
        Object,
        False,
        True,
        bad=({"status": "offered"}, {"createdAt": NOW}, *OBJECT_BAD),
    ),
    "sentiment": Row(
        Object,
        False,
        True,
        good=({"polarity": -1, "confidence": 0.5},),
        bad=({"polarity": 2, "confidence": 0}, {"polarity": 0, "confidence": 2}, *OBJECT_BAD),
    ),
    "default_lang": Row(
        String, True, True, True, good=("en_us",), bad=("x" * 101,), null_on_create=True
    ),
    "queue": Row(ToOne, True, True, True, good=(ID,), bad=("", 5)),
    "external_queue": Row(Choice, True, True, True, good=("amazon-connect",), bad=("other",)),
    "deleted": Row(Boolean, False, True, True, good=(True, False), bad=(1, "true")),
    "ended": Row(Boolean, False, True, good=(True, False), bad=(0,)),
    "ended_at": Row(DateTime, False, True, bad=(NOW, 5)),
    "ended_reason": Row(String, False, True, good=("x" * 128,), bad=("x" * 129,)),
    "ended_by": Row(ToOne, False, True, good=(ID,), bad=("",)),
    "ended_by_type": Row(Choice, False, True, good=("user", "customer"), bad=("bot",)),
    "locked": Row(Boolean, False, True, good=(True, False), bad=("no",)),
    "created_at": Row(DateTime, True, False, bad=(NOW,)),
    "imported_at": Row(DateTime, True, False, bad=(NOW,)),
}

_READ_ONLY = frozenset(
    (
        "channels",
        "preview",
        "messageCount",
        "noteCount",
        "inboundMessageCount",
        "outboundMessageCount",
        "doneCount",
        "reopenCount",
        "reopenFromDoneCount",
        "snoozeCount",
        "updatedAt",
        "modifiedAt",
        "lastActivityAt",
        "lastReceivedAt",
        "lastMessageAt",
        "lastMessageDirection",
        "open",
        "firstMessageIn",
        "firstMessageOut",
        "lastMessageIn",
        "lastMessageOut",
        "lastMessageUnrespondedTo",
        "lastMessageUnrespondedToSinceLastDone",
        "firstResponse",
        "firstResponseSinceLastDone",
        "lastResponse",
        "firstDone",
        "lastDone",
        "totalOpen",
        "totalDone",
        "totalSnooze",
        "sla",
        "spam",
        "mergedTarget",
        "linkedConversations",
        "pinned",
        "skills",
        "predictions",
        "matchedTimeBasedRules",
        "phase",
        "locale",
        "billingStatus",
        "attribution",
        "firstCompany",
        "lastDeflection",
        "accessOverride",
        "roleGroupVersions",
        "assistant",
        "aiAgent",
        "modificationHistory",
    )
)
_RELATIONS = frozenset(
    (
        "org",
        "customer",
        "createdBy",
        "modifiedBy",
        "brand",
        "queue",
        "sla",
        "slaVersion",
        "subStatus",
        "endedBy",
        "pinnedBy",
    )
)

TABLES = (
    Table(
        cls=Conversation,
        type="conversation",
        path="/v1/conversations",
        create="POST /conversations",
        update="PATCH /conversations/{id}",
        delete="DELETE /conversations/{id}",
        writable=_WRITABLE,
        read_only=_READ_ONLY,
        relations=_RELATIONS,
        new={"customer": ID},
    ),
)
