"""The API's table of customer attributes, and that of merges."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kustomer_orm import Customer, CustomerMerge
from kustomer_orm.attributes import Choice, DateTime, Object, String, ToOne, Url
from kustomer_orm.emulator.world import World
from tests.contract import contacts
from tests.contract.contacts import elements
from tests.contract.table import ID, NOW, OBJECT_BAD, Row, Table


def text(longest: int, *, shortest: int = 0) -> Row:
    """Give the row of a text that null clears."""
    bad: tuple[Any, ...] = ("x" * (longest + 1), 5)
    bad += ("x" * (shortest - 1),) if shortest else ()
    good = ("x" * longest, "x" * shortest)
    return Row(String, True, True, True, good=good, bad=bad, null_on_create=True)


_INSTANT = Row(DateTime, True, True, True, bad=(NOW, 5), null_on_create=True)
_EXTERNAL_IDS = elements(
    {"externalId": "x" * 250, "verified": False},
    {},
    {"externalId": ""},
    {"externalId": "x" * 256},
    {"externalId": 7},
)

_WRITABLE: Mapping[str, Row] = {
    "name": text(256),
    "company": Row(ToOne, True, True, True, good=(ID,), bad=("", 5), null_on_create=True),
    "external_id": text(256, shortest=1),
    "username": text(256),
    "signed_up_at": _INSTANT,
    "last_activity_at": _INSTANT,
    "last_customer_activity_at": _INSTANT,
    "last_seen_at": _INSTANT,
    "birthday_at": _INSTANT,
    "created_at": Row(DateTime, True, True, bad=(NOW,)),
    "imported_at": Row(DateTime, True, True, bad=(NOW,)),
    "avatar_url": Row(
        Url,
        True,
        True,
        True,
        good=("https://example.com/a.png",),
        bad=("a.png", 5),
        null_on_create=True,
    ),
    "locale": text(16),
    "time_zone": text(64),
    "gender": Row(Choice, True, True, True, good=("m", "f"), bad=("x", ""), null_on_create=True),
    "default_lang": text(100),
    "tags": contacts.TAGS,
    "sentiment": Row(
        Object,
        True,
        True,
        good=({"polarity": -1, "confidence": 0.5},),
        bad=({"polarity": 2, "confidence": 0}, {"polarity": 0, "confidence": 2}, *OBJECT_BAD),
    ),
    "external_ids": _EXTERNAL_IDS,
    "shared_external_ids": _EXTERNAL_IDS,
    "emails": contacts.EMAILS,
    "shared_emails": contacts.EMAILS,
    "phones": contacts.PHONES,
    "shared_phones": contacts.PHONES,
    "whatsapps": contacts.WHATSAPPS,
    "facebook_ids": elements(
        {"pageId": "1", "userId": "2", "name": "x" * 255},
        {"pageId": "1"},
        {"userId": "1"},
        {"pageId": "1", "userId": "x" * 256},
    ),
    "instagram_ids": elements(
        {"pageId": "1", "threadId": "2", "username": "jane", "instagramId": "3"},
        {"pageId": "1", "threadId": "2"},
        {"pageId": "1", "threadId": "2", "username": "x" * 256},
    ),
    "socials": contacts.SOCIALS,
    "shared_socials": contacts.SOCIALS,
    "urls": contacts.URLS,
    "locations": contacts.LOCATIONS,
}

_READ_ONLY = frozenset(
    (
        "displayName",
        "firstName",
        "lastName",
        "companyName",
        "displayColor",
        "displayIcon",
        "presence",
        "activeUsers",
        "watchers",
        "recentLocation",
        "recentItems",
        "conversationCounts",
        "preview",
        "lastMessageIn",
        "lastMessageOut",
        "lastMessageAt",
        "lastConversation",
        "progressiveStatus",
        "verified",
        "satisfactionLevel",
        "deleted",
        "unmaskingWindow",
        "accessOverride",
        "roleGroupVersions",
        "updatedAt",
        "modifiedAt",
    )
)


def _merge(world: World) -> dict[str, Any]:
    return {"source": world.add("customer"), "target": world.add("customer"), "status": "Hi"}


TABLES = (
    Table(
        cls=Customer,
        type="customer",
        path="/v1/customers",
        create="POST /customers",
        update="PATCH /customers/{id}",
        delete="DELETE /customers/{id}",
        writable=_WRITABLE,
        read_only=_READ_ONLY,
        relations=frozenset(("company", "createdBy", "modifiedBy", "org")),
        new={"name": "Jane", "emails": [{"email": "jane@example.com"}], "avatar_url": None},
    ),
    Table(
        cls=CustomerMerge,
        type="customer_merge",
        path="/v1/customers/merges",
        create="POST /customers/merges",
        writable={
            "source": Row(ToOne, True, False, good=(ID,), bad=("", 5)),
            "target": Row(ToOne, True, False, good=(ID,), bad=("", 5)),
        },
        read_only=frozenset(("status", "createdAt", "updatedAt")),
        relations=frozenset(("source", "target", "createdBy", "org")),
        values=_merge,
        shown="status",
    ),
)
