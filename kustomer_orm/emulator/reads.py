"""The verbs that read: one record, several, lists, and who the key is."""

from collections.abc import Iterable
from typing import Any

from kustomer_orm.emulator.answers import Answer, Page, bad_request, list_document, not_found
from kustomer_orm.emulator.behaviour import Behaviour
from kustomer_orm.emulator.exchange import Exchange
from kustomer_orm.emulator.formats import parsed_time
from kustomer_orm.emulator.kinds import Kind, link
from kustomer_orm.emulator.store import Stored
from kustomer_orm.emulator.world import World

DEFAULT_PAGE_SIZE = 100


class Reads:
    """Answers GET; the caller holds the world's lock."""

    def __init__(self, *, world: World, behaviour: Behaviour) -> None:
        self._world = world
        self._store = world.store
        self._behaviour = behaviour

    def get(self, kind: Kind, wanted: str) -> Answer:
        """One record by id or by `name=value`, or several by ids with commas."""
        name, sign, value = wanted.partition("=")
        if sign and name in kind.text_lookups:
            return self._one(next(self._store.where(kind.type, name, value), None), name)
        if "," in wanted:
            return self._several(kind, wanted.split(","))
        return self._one(self._store.find(kind.type, wanted), "id")

    def page_of(self, exchange: Exchange, kind: Kind) -> Answer:
        """One page of all records of a type."""
        records = self._ordered(exchange, kind)
        for name in kind.filters:
            if name in exchange.query:
                wanted = exchange.query[name]
                records = [each for each in records if _flat(each.attributes.get(name)) == wanted]
        return self._page(exchange, kind, records)

    def below(self, exchange: Exchange, parent: Kind, ident: str, children: Kind) -> Answer:
        """One page of the records that point at another one."""
        if self._store.find(parent.type, ident) is None:
            raise not_found("id")
        records = [
            record
            for record in self._ordered(exchange, children)
            if record.related(parent.type) == ident
        ]
        since = parsed_time(exchange.query.get("fromDate", ""))
        if since is not None:
            # Which time the parameter filters by is not published; ours is the creation.
            made = ((record, parsed_time(record.attributes["createdAt"])) for record in records)
            records = [record for record, moment in made if moment and moment >= since]
        return self._page(exchange, children, records)

    def machine_user(self) -> Answer:
        """GET /v1/users/current: the user the key belongs to."""
        return self._one(self._store.find("user", self._world.machine_user), "id")

    def domain(self, org: str) -> Answer:
        """GET /v1/domains/{org}: where an organisation lives; needs no key."""
        if org != self._world.org:
            raise not_found("orgname")
        attributes = {"name": org, "orgId": self._world.org_id, "pod": self._behaviour.pod}
        return Answer(200, {"data": {"type": "domain", "id": org, "attributes": attributes}})

    def org(self) -> Answer:
        """GET /v1/orgs/current: the organisation of the key."""
        ident = self._world.org_id
        attributes = {"name": self._world.org}
        resource = {"type": "org", "id": ident, "attributes": attributes}
        return Answer(200, {"data": {**resource, "links": {"self": link("org", ident)}}})

    def token(self) -> Answer:
        """GET /v1/auth/tokens/current: what the key may do; the times are invented."""
        roles = ["org"] if self._behaviour.roles is None else sorted(self._behaviour.roles)
        now = self._world.now()
        attributes = {"name": "emulator", "roles": roles, "createdAt": now, "updatedAt": now}
        owners = {"org": self._world.org_id, "user": self._world.machine_user}
        relationships = {
            kind: {"links": {"self": link(kind, ident)}, "data": {"type": kind, "id": ident}}
            for kind, ident in owners.items()
        }
        identity = {"type": "auth_token", "id": self._world.machine_user}
        shown = {"attributes": attributes, "relationships": relationships}
        return Answer(200, {"data": identity | shown})

    def _one(self, record: Stored | None, parameter: str) -> Answer:
        if record is None:
            raise not_found(parameter)
        return Answer(200, {"data": self._shown(record)})

    def _several(self, kind: Kind, idents: Iterable[str]) -> Answer:
        wanted = [ident for ident in dict.fromkeys(idents) if ident]
        limit = self._behaviour.max_ids
        if limit is not None and len(wanted) > limit:
            raise bad_request(f"Array is too long ({len(wanted)}), maximum {limit}", "id")
        found = [self._store.find(kind.type, ident) for ident in wanted]
        if None in found and self._behaviour.missing_ids == "not_found":
            raise not_found("id")
        shown = [self._shown(record) for record in found if record is not None]
        # All that were asked for come on one page, however many (inferred).
        size = max(DEFAULT_PAGE_SIZE, len(shown))
        page = Page(f"/v1/{kind.path}/{','.join(wanted)}", 1, size, len(shown))
        return Answer(200, list_document(page, shown))

    def _ordered(self, exchange: Exchange, kind: Kind) -> list[Stored]:
        descending = exchange.query.get("sort") == "desc"
        return self._store.all(kind.type, descending=descending)

    def _page(self, exchange: Exchange, kind: Kind, records: list[Stored]) -> Answer:
        query = dict(exchange.query)
        largest = self._behaviour.max_page_size or kind.max_page_size
        number = _positive(query.pop("page", "1"), "page")
        size = min(_positive(query.pop("pageSize", str(DEFAULT_PAGE_SIZE)), "pageSize"), largest)
        page = Page(exchange.path.rstrip("/"), number, size, len(records), query)
        shown = [self._shown(record) for record in records[(number - 1) * size : number * size]]
        return Answer(200, list_document(page, shown, with_total=kind.with_total))

    def _shown(self, record: Stored) -> dict[str, Any]:
        return self._store.shown(record, self._behaviour)


def _positive(text: str, name: str) -> int:
    """A page number or size; what the API says to nonsense is unknown, ours is 400."""
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise bad_request(f"Invalid {name}", name)
    return int(text)


def _flat(value: Any) -> str:
    """A value as a query parameter spells it; what is absent counts as false."""
    if value is None or isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
