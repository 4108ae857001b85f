"""The kinds of resources the emulator keeps: their paths, relations and lists."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Kind:
    """One kind of resource.

    Attributes:
        type: The JSON:API type.
        path: The collection's path below `/v1/`.
        relations: Wire names that are written as an id and read as a relationship, with the
            type they point at.
        links: Relationships that are a link only, with the last segment of the link.
        text_lookups: Attributes by which one is found under `<path>/<name>=<value>`.
        filters: Query parameters its list is filtered by; they cannot be combined.
        max_page_size: What larger page sizes are clamped to.
        with_total: Whether its list tells how many there are.
        versioned: Whether it has a `rev` and records who changed it.
        served: Whether GET of the list and of one are answered.
    """

    type: str
    path: str
    relations: Mapping[str, str] = field(default_factory=dict)
    links: tuple[str, ...] = ()
    text_lookups: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()
    max_page_size: int = 100
    with_total: bool = False
    versioned: bool = False
    served: bool = True


_AUTHORS = {"createdBy": "user", "modifiedBy": "user"}

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
            text_lookups=("externalId",),
            versioned=True,
        ),
        Kind(
            "customer",
            "customers",
            {**_AUTHORS, "company": "company"},
            links=("messages",),
            text_lookups=("externalId", "email", "phone"),
            with_total=True,
            versioned=True,
        ),
        Kind(
            "user",
            "users",
            _AUTHORS,
            filters=("pending", "deleted", "userType", "email"),
            max_page_size=500,
        ),
        Kind("team", "teams", _AUTHORS, max_page_size=500),
        Kind("queue", "routing/queues", _AUTHORS),
        Kind("sub_status", "sub-statuses", _AUTHORS),
        Kind("brand", "brands", _AUTHORS),
        Kind("company", "companies", _AUTHORS, versioned=True),
        Kind(
            "message",
            "messages",
            {**_AUTHORS, "customer": "customer", "conversation": "conversation"},
        ),
        Kind("sla", "slas", _AUTHORS),
        Kind("tag", "tags", _AUTHORS, filters=("deleted",)),
        Kind("org", "orgs", served=False),
        Kind("klass", "klasses", served=False),
    )
}

KOBJECT = "kobject."


def kind_of(name: str) -> Kind:
    """The kind of a type; each klass of custom objects is one, `kobject.order`."""
    if not name.startswith(KOBJECT):
        return KINDS[name]
    relations = {**_AUTHORS, "customer": "customer", "company": "company", "klass": "klass"}
    path = f"klasses/{name.removeprefix(KOBJECT)}"
    return Kind(name, path, relations, versioned=True, served=False)


BY_PATH = {kind.path: kind for kind in KINDS.values()}


def link(kind: str, ident: str) -> str:
    """The root-relative address of one record."""
    return f"/v1/{kind_of(kind).path}/{ident}"
