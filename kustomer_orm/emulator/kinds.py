"""The kinds of resources the emulator keeps: their paths, relations, lists and verbs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

KOBJECT = "kobject."


@dataclass(frozen=True)
class Kind:
    """One kind of resource.

    Attributes:
        type: The JSON:API type.
        path: The collection's path below `/v1/`.
        relations: Wire names that are written as an id and read as a relationship, with the
            type they point at.
        links: Relationships that are a link only, with the last segment of the link.
        text_lookups: Attributes by which one is found under `<path>/<name>=<value>`; the path's
            spelling, then the attribute's.
        filters: Query parameters its list is filtered by; they cannot be combined.
        max_page_size: What larger page sizes are clamped to.
        with_total: Whether its list tells how many there are.
        shown_as: The type in answers, where that is another word.
        nameless: The first segment of the path of those lists that are printed without ids.
        bare: Whether its list has an empty `meta`, as some are printed.
        versioned: Whether it has a `rev` and records who changed it.
        served: Whether GET of the list and of one are answered.
        rules: Whose bodies it takes; its type's if empty.
        creates: The status of POST of the collection; 0 where that is not taken.
        verbs: By method, the operation whose body PUT and PATCH of one take.
        deletes: Whether DELETE of one is taken.
        limited: Whether there is a limit to how many are created for one customer.
    """

    type: str
    path: str
    relations: Mapping[str, str] = field(default_factory=dict)
    links: tuple[str, ...] = ()
    text_lookups: Mapping[str, str] = field(default_factory=dict)
    filters: tuple[str, ...] = ()
    max_page_size: int = 100
    with_total: bool = False
    shown_as: str = ""
    nameless: str = ""
    bare: bool = False
    versioned: bool = False
    served: bool = True
    rules: str = ""
    creates: int = 0
    verbs: Mapping[str, str] = field(default_factory=dict)
    deletes: bool = False
    limited: bool = False

    @property
    def ruled_by(self) -> str:
        """Whose bodies it takes."""
        return self.rules or self.type


class Place(NamedTuple):
    """One kind of record below another one; what POST takes there, and its status."""

    kind: str
    operation: str = ""
    status: int = 201
    deletes: bool = False
    lists: bool = True


_AUTHORS = {"createdBy": "user", "modifiedBy": "user"}
_ABOUT = {**_AUTHORS, "customer": "customer", "conversation": "conversation"}
_PUT = {"PUT": "update"}
_BOTH = {"PUT": "update", "PATCH": "update"}
_EXTERNAL = {"externalId": "externalId"}

# Paths are as documented or recorded (the queue's link as in events). That GET works for every
# one of them by id is documented except for tag, which is inferred.
KINDS = {
    kind.type: kind
    for kind in (
        Kind(
            "conversation",
            "conversations",
            {
                "customer": "customer",
                **_AUTHORS,
                "brand": "brand",
                "queue": "queue",
                "sla": "sla",
                "subStatus": "sub_status",
                "endedBy": "user",
                "pinnedBy": "user",
            },
            links=("messages",),
            text_lookups=_EXTERNAL,
            versioned=True,
            creates=201,
            verbs=_BOTH,
            deletes=True,
            limited=True,
        ),
        Kind(
            "customer",
            "customers",
            {**_AUTHORS, "company": "company"},
            links=("messages",),
            text_lookups={**_EXTERNAL, "email": "email", "phone": "phone"},
            with_total=True,
            versioned=True,
            creates=201,
            verbs=_BOTH,
            deletes=True,
        ),
        Kind(
            "user",
            "users",
            _AUTHORS,
            filters=("pending", "deleted", "userType", "email"),
            max_page_size=500,
            creates=201,
            verbs=_PUT,
        ),
        Kind("team", "teams", _AUTHORS, max_page_size=500, creates=201, verbs=_BOTH),
        Kind("queue", "routing/queues", _AUTHORS, filters=("key",)),
        Kind("sub_status", "sub-statuses", _AUTHORS),
        Kind("brand", "brands", _AUTHORS, creates=201, verbs={"PATCH": "update"}),
        Kind(
            "company",
            "companies",
            _AUTHORS,
            filters=("externalId", "filter"),
            versioned=True,
            creates=201,
            verbs=_PUT,
        ),
        Kind(
            "message",
            "messages",
            _ABOUT,
            # Printed with a small i; whether the other spelling works as well is unknown.
            text_lookups={"externalid": "externalId", **_EXTERNAL},
            creates=201,
            verbs={"PUT": "put", "PATCH": "update"},
            limited=True,
        ),
        Kind(
            "note",
            "notes",
            _ABOUT,
            creates=201,
            verbs={"PUT": "put", "PATCH": "update"},
            deletes=True,
            limited=True,
        ),
        Kind("klass", "klasses", _AUTHORS, filters=("status",), creates=200, verbs=_PUT),
        Kind("draft", "drafts", _ABOUT, verbs=_PUT, deletes=True, limited=True),
        Kind("forward", "forwards", _ABOUT, verbs=_PUT),
        Kind(
            "attachment",
            "attachments",
            {
                "message": "message",
                "conversation": "conversation",
                "draft": "draft",
                "forward": "forward",
            },
            nameless="conversations",
            bare=True,
            creates=201,
            verbs=_PUT,
        ),
        Kind("media", "media", shown_as="attachment", creates=201, verbs=_PUT),
        Kind("shortcut", "shortcuts", _AUTHORS),
        Kind("schedule", "schedules", _AUTHORS, creates=200, verbs=_PUT, deletes=True),
        Kind("holiday", "holidays", {**_AUTHORS, "schedule": "schedule"}, served=False),
        Kind("sla", "slas", _AUTHORS),
        Kind("sla_version", "sla-versions", {**_AUTHORS, "sla": "sla"}, served=False),
        Kind("satisfaction", "satisfaction", _AUTHORS),
        Kind(
            "audit_log", "audit-logs", {"customer": "customer", "user": "user"}, max_page_size=1000
        ),
        Kind("customer_event", "events", _ABOUT, bare=True, served=False),
        Kind("customer_session", "sessions", {"customer": "customer"}, bare=True, served=False),
        Kind("conversation_time", "conversations/times", _ABOUT, max_page_size=1000),
        Kind(
            "customer_merge",
            "customers/merges",
            {"createdBy": "user", "source": "customer", "target": "customer"},
            creates=201,
        ),
        Kind("redaction", "redactions", {**_ABOUT, "message": "message"}, served=False),
        Kind("outbound_account", "outboundAccounts", nameless="outboundAccounts", bare=True),
        Kind("spam_sender", "spam/senders", _AUTHORS, shown_as="sender", deletes=True),
        Kind("tag", "tags", _AUTHORS, filters=("deleted",)),
        Kind("tracking_identity", "tracking/identity", {"customer": "customer"}, served=False),
        Kind("org", "orgs", served=False),
    )
}

BY_PATH = {kind.path: kind for kind in KINDS.values()}


@cache
def kind_of(name: str) -> Kind:
    """The kind of a type; those of custom objects are made as they are asked for."""
    if not name.startswith(KOBJECT):
        return KINDS[name]
    klass = name.removeprefix(KOBJECT)
    return Kind(
        name,
        f"klasses/{plural(klass)}",
        {**_AUTHORS, "customer": "customer", "company": "company", "klass": "klass"},
        text_lookups=_EXTERNAL,
        filters=("fromDate",),
        versioned=True,
        rules="kobject",
        creates=201,
        verbs=_PUT,
        deletes=True,
        limited=True,
    )


def plural(klass: str) -> str:
    """A klass's name as links and relationships spell it; irregular plurals are unknown to us."""
    return klass if klass.endswith("s") else f"{klass}s"


def link(kind: str, ident: str) -> str:
    """The root-relative address of one record."""
    return f"/v1/{kind_of(kind).path}/{ident}"
