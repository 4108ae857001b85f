"""The verbs that write: create, update, tag, delete."""

from collections.abc import Collection, Mapping
from typing import Any

from werkzeug.http import parse_options_header

from kustomer_orm.emulator import rules, writes
from kustomer_orm.emulator.answers import Answer, Problem, RefusedError, bad_request, not_found
from kustomer_orm.emulator.behaviour import Behaviour
from kustomer_orm.emulator.describing import refuse_unknown
from kustomer_orm.emulator.exchange import Exchange
from kustomer_orm.emulator.kinds import KINDS, Kind, Place, kind_of
from kustomer_orm.emulator.limits import Limits
from kustomer_orm.emulator.store import Stored
from kustomer_orm.emulator.world import World

JSON = frozenset({"application/json"})
# The contract declares the second for PATCH of conversations, with a plain object in it.
PATCH_TYPES = JSON | {"application/json-patch+json"}
MAX_TAGS = 20


class Edits:
    """Answers POST, PUT, PATCH and DELETE; the caller holds the world's lock."""

    def __init__(self, *, world: World, behaviour: Behaviour, limits: Limits) -> None:
        self._world = world
        self._store = world.store
        self._behaviour = behaviour
        self._limits = limits

    def create(self, exchange: Exchange, kind: Kind) -> Answer:
        """POST of a collection."""
        body = self.checked(exchange, kind, "create")
        return self.created(kind, body)

    def create_below(self, exchange: Exchange, parent: Kind, ident: str, place: Place) -> Answer:
        """POST below another record, such as /v1/customers/{id}/conversations."""
        kind = kind_of(place.kind)
        owner = self.existing(parent, ident)
        body = self.checked(exchange, kind, place.operation)
        implied: dict[str, str | None] = {parent.type: owner.id}
        if parent.type == "conversation":
            implied["customer"] = owner.related("customer")
        known = {name: value for name, value in implied.items() if name in kind.relations}
        return self.created(kind, {**body, **known}, place.status)

    def update(self, exchange: Exchange, kind: Kind, ident: str) -> Answer:
        """PATCH and PUT of one record, which are the same partial update."""
        record = self.existing(kind, ident)
        self._limits.take_object(kind.type, record.id)
        if exchange.query.get("replace") == "true":
            # Our choice: the real one replaces the document, in a way that is not described.
            raise bad_request("The emulator does not replace documents", "replace")
        types = PATCH_TYPES if exchange.method == "PATCH" else JSON
        body = self.checked(exchange, kind, kind.verbs[exchange.method], types)
        self.apply(exchange.method, record, body)
        answer = self.shown(200, record)
        answer.headers.update(self._limits.object_headers(kind.type, record.id))
        if exchange.method == "PATCH" and kind.type == "conversation":
            answer.content_type = self._behaviour.patch_content_type
        return answer

    def apply(self, method: str, record: Stored, body: Mapping[str, Any]) -> None:
        """Write a checked body into a record; 409 where what is stored speaks against it."""
        self.check_values(record.kind, body, record.id)
        rev = self._checked_rev(method, record, body)
        values = {name: value for name, value in body.items() if name != "rev"}
        unlinks = self._behaviour.omitted_company == "unlinked" and record.kind.type == "customer"
        if unlinks and "company" not in values:
            record.relations.pop("company", None)
        writes.update(record, values, self._world.hand(self._world.machine_user))
        if rev is not None:
            record.attributes["rev"] = rev
        self._store.index(record)

    def change_tags(self, exchange: Exchange, ident: str) -> Answer:
        """POST and DELETE /v1/conversations/{id}/tags: add to or take from the set of tags."""
        kind = KINDS["conversation"]
        record = self.existing(kind, ident)
        self._limits.take_object(kind.type, ident)
        names = body_of(exchange, JSON, container=list)
        self.check(kind.type, "tags", names)
        if exchange.method == "DELETE":
            self._world.remove_tags(kind.type, ident, names)
        else:
            self._check_room(record, names)
            self._world.add_tags(kind.type, ident, names)
        return self.shown(200, record)

    def delete(self, kind: Kind, ident: str) -> Answer:
        """DELETE of one record, which is gone afterwards."""
        record = self.existing(kind, ident)
        self._store.remove(kind.type, record.id)
        # Documented for schedules only.
        return self.shown(200, record) if kind.type == "schedule" else Answer(204)

    def checked(
        self,
        exchange: Exchange,
        kind: Kind,
        operation: rules.Operation,
        types: Collection[str] = JSON,
    ) -> dict[str, Any]:
        """The body of a request, if it is what the contract takes."""
        body: dict[str, Any] = body_of(exchange, types)
        self.check(kind.ruled_by, operation, body)
        return body

    def created(self, kind: Kind, body: Mapping[str, Any], status: int | None = None) -> Answer:
        """Store what a checked body makes; count it where that is limited."""
        return self.shown(status or kind.creates, self.make(kind, body))

    def make(self, kind: Kind, body: Mapping[str, Any]) -> Stored:
        """Store what a checked body makes."""
        self.check_values(kind, body, None)
        customer = body.get("customer")
        if kind.limited and customer is not None and "importedAt" not in body:
            self._limits.take_creation(customer, kind.type)
        record = self._world.create(kind.type, body)
        writes.note_child(record, self._store, self._world.hand(None))
        return record

    def existing(self, kind: Kind, ident: str) -> Stored:
        """One record, 404 when there is none."""
        record = self._store.find(kind.type, ident)
        if record is None and kind.type == "klass":
            record = next(self._store.where("klass", "name", ident), None)
        if record is None:
            raise not_found("id")
        return record

    def shown(self, status: int, record: Stored) -> Answer:
        """An answer that shows a record."""
        return Answer(status, {"data": self._store.shown(record, self._behaviour)})

    def check(self, kind: str, operation: rules.Operation, body: Any) -> None:
        """Refuse a body that the contract does not take."""
        lists = self._behaviour.text_lists
        found = rules.problems(kind, operation, body, text_lists=lists)
        if found:
            raise RefusedError(400, *found)

    def check_values(self, kind: Kind, body: Mapping[str, Any], ident: str | None) -> None:
        """Refuse what the stored records speak against; `ident` is the record updated.

        That `externalId` is unique is inferred. That an unknown customer or conversation is a 404
        and other unknown ids are taken is our choice.
        """
        if ident is None and self._store.find(kind.type, body.get("id", "")) is not None:
            raise _conflict("id")
        for name in ("customer", "conversation"):
            target = body.get(name) if name in kind.relations else None
            if target is not None and self._store.find(name, target) is None:
                raise not_found(name)
        if self._behaviour.enforce_metadata and isinstance(body.get("custom"), Mapping):
            held = self._world.metadata.get(kind.type, {})
            refuse_unknown(held, body["custom"], self._exists)
        value = body.get("externalId")
        if value is not None:
            others = self._store.where(kind.type, "externalId", value)
            if any(other.id != ident for other in others):
                raise _conflict("externalId")
        if kind.type == "klass" and ident is None:
            self._refuse_twin(body["name"])

    def _exists(self, kind: str, ident: str) -> bool:
        return self._store.find(kind, ident) is not None

    def _refuse_twin(self, klass: str) -> None:
        if next(self._store.where("klass", "name", klass), None) is not None:
            raise _conflict("name")

    def _check_room(self, record: Stored, names: Collection[str]) -> None:
        known = (self._world.known_tag(name) or name for name in names)
        total = len({*(record.attributes.get("tags") or []), *known})
        if total > MAX_TAGS:
            title = f"Array is too long ({total}), maximum {MAX_TAGS}"
            raise RefusedError(400, Problem(title, "tags", "/tags", "/maxItems"))

    def _checked_rev(self, method: str, record: Stored, body: Mapping[str, Any]) -> int | None:
        """Refuse a stale `rev`; the rev to store instead of the next one, if any."""
        mode = self._behaviour.stale_rev
        rev = body.get("rev")
        if rev is None or mode == "ignore":
            return None
        if mode == "store":
            return int(rev)
        if rev != record.rev and (mode == "conflict" or method == "PUT"):
            raise _conflict("rev")
        return None


def _conflict(parameter: str) -> RefusedError:
    """A 409; its body is invented."""
    return RefusedError(409, Problem("Conflict", parameter, f"/{parameter}"))


def body_of(
    exchange: Exchange,
    types: Collection[str],
    *,
    container: type[dict[str, Any] | list[Any]] = dict,
) -> Any:
    """The parsed body of a request; 400 when its type is unknown, it is no JSON or no `container`.

    That another content type is a 400 is our choice.
    """
    content_type, _ = parse_options_header(exchange.headers.get("Content-Type"))
    if content_type not in types:
        raise bad_request(f"Unsupported content type {content_type or 'none'}")
    body = exchange.body
    if not isinstance(body, container):
        expected = "array" if container is list else "object"
        raise RefusedError(400, Problem(f"The body is not a JSON {expected}", detail="/type"))
    return body
