"""The verbs that read: one record, several, lists, and who the key is."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from kustomer_orm.emulator.answers import Answer, Page, bad_request, list_document, not_found
from kustomer_orm.emulator.behaviour import Behaviour
from kustomer_orm.emulator.exchange import Exchange
from kustomer_orm.emulator.formats import parsed_time
from kustomer_orm.emulator.kinds import Kind, link
from kustomer_orm.emulator.store import Stored
from kustomer_orm.emulator.world import World

DEFAULT_PAGE_SIZE = 100

# Of these it is documented that one request may name several ids.
_SEVERAL = frozenset({"conversation", "user", "conversation_time"})


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
            attribute = kind.text_lookups[name]
            return self.one(next(self._store.where(kind.type, attribute, value), None), name)
        if "," in wanted:
            return self._several(kind, wanted.split(","))
        return self.one(self.find(kind, wanted), "id")

    def find(self, kind: Kind, wanted: str) -> Stored | None:
        """One record by id; a klass by its name as well."""
        found = self._store.find(kind.type, wanted)
        if found is None and kind.type == "klass":
            found = self.klass(wanted)
        return found

    def klass(self, name: str) -> Stored | None:
        """A klass by its name, in the singular or the plural, as both resolve (seen)."""
        names = (name, name.removesuffix("s"))
        found = (next(self._store.where("klass", "name", each), None) for each in names)
        return next((klass for klass in found if klass is not None), None)

    def default(self, kind: Kind) -> Answer:
        """The brand or schedule that is the default one."""
        records = self._store.all(kind.type)
        default = (record for record in records if record.attributes.get("default") is True)
        return self.one(next(default, None), "default")

    def page_of(self, exchange: Exchange, kind: Kind) -> Answer:
        """One page of all records of a type."""
        given = [name for name in kind.filters if name in exchange.query and name != "fromDate"]
        if kind.type == "company" and len(given) > 1:
            given = []  # documented: giving both makes the server ignore both
        since = parsed_time(exchange.query.get("fromDate", ""))
        if not given and since is None:
            return self._page_of_all(exchange, kind)
        descending = exchange.query.get("sort") == "desc"
        records = self._store.all(kind.type, descending=descending)
        for name in given:
            records = [each for each in records if _matches(each, name, exchange.query[name])]
        return self.page(exchange, kind, _made_since(records, since))

    def _page_of_all(self, exchange: Exchange, kind: Kind) -> Answer:
        """One page without looking at the others: there may be a hundred thousand records."""
        number, size = self._place(exchange, kind)
        ids = self._store.ids(kind.type)
        start, end = (number - 1) * size, number * size
        if exchange.query.get("sort") == "desc":
            chosen = ids[max(0, len(ids) - end) : max(0, len(ids) - start)][::-1]
        else:
            chosen = ids[start:end]
        found = [self._store.find(kind.type, ident) for ident in chosen]
        shown = [self._shown(record) for record in found if record is not None]
        return self._listed(exchange, kind, shown, len(ids))

    def below(self, exchange: Exchange, parent: Kind, ident: str, children: Kind) -> Answer:
        """One page of the records that point at another one."""
        if self.find(parent, ident) is None:
            raise not_found("id")
        descending = exchange.query.get("sort") == "desc"
        records = self._store.pointing_at(children.type, parent.type, ident, descending=descending)
        since = parsed_time(exchange.query.get("fromDate", ""))
        return self.page(exchange, children, _made_since(records, since))

    def machine_user(self) -> Answer:
        """GET /v1/users/current: the user the key belongs to."""
        return self.one(self._store.find("user", self._world.machine_user), "id")

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

    def one(self, record: Stored | None, parameter: str = "id") -> Answer:
        """One record, 404 when there is none."""
        if record is None:
            raise not_found(parameter)
        return Answer(200, {"data": self._shown(record)})

    def _several(self, kind: Kind, idents: Iterable[str]) -> Answer:
        if self._behaviour.several_ids == "documented" and kind.type not in _SEVERAL:
            raise not_found("id")
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

    def page(self, exchange: Exchange, kind: Kind, records: Sequence[Stored]) -> Answer:
        """One page of these records."""
        number, size = self._place(exchange, kind)
        shown = [self._shown(record) for record in records[(number - 1) * size : number * size]]
        return self._listed(exchange, kind, shown, len(records))

    def _place(self, exchange: Exchange, kind: Kind) -> tuple[int, int]:
        largest = self._behaviour.max_page_size or kind.max_page_size
        number = positive(exchange.query.get("page", "1"), "page")
        size = positive(exchange.query.get("pageSize", str(DEFAULT_PAGE_SIZE)), "pageSize")
        return number, min(size, largest)

    def _listed(
        self, exchange: Exchange, kind: Kind, shown: list[dict[str, Any]], total: int
    ) -> Answer:
        number, size = self._place(exchange, kind)
        query = {key: value for key, value in exchange.query.items() if key not in _PLACE}
        page = Page(exchange.path.rstrip("/"), number, size, total, query)
        if kind.nameless == exchange.path.split("/")[2] and self._behaviour.nameless_lists:
            hidden = {"id", "links"} if kind.nameless == kind.path else {"id"}
            shown = [{key: each[key] for key in each if key not in hidden} for each in shown]
        document = list_document(page, shown, with_total=kind.with_total)
        if kind.bare:
            document["meta"] = {}
        return Answer(200, document)

    def _shown(self, record: Stored) -> dict[str, Any]:
        return self._store.shown(record, self._behaviour)


_PLACE = frozenset({"page", "pageSize"})


def _made_since(records: list[Stored], since: datetime | None) -> list[Stored]:
    """Which time `fromDate` filters by is not published; ours is the creation."""
    if since is None:
        return records
    made = ((record, parsed_time(record.attributes["createdAt"])) for record in records)
    return [record for record, moment in made if moment and moment >= since]


def _matches(record: Stored, name: str, wanted: str) -> bool:
    if name == "filter":  # what it looks at is not published; ours is the name
        return wanted.lower() in str(record.attributes.get("name", "")).lower()
    attribute = "name" if name == "key" else name
    return _flat(record.attributes.get(attribute)) == wanted


def positive(text: str, name: str) -> int:
    """A page number or size; what the API says to nonsense is unknown, ours is 400."""
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise bad_request(f"Invalid {name}", name)
    return int(text)


def _flat(value: Any) -> str:
    """A value as a query parameter spells it; what is absent counts as false."""
    if value is None or isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
