"""The verbs that write: create, update, tag, delete."""

from collections.abc import Collection, Mapping
from typing import Any

from werkzeug.http import parse_options_header

from kustomer_orm.emulator import rules, writes
from kustomer_orm.emulator.answers import Answer, Problem, RefusedError, bad_request, not_found
from kustomer_orm.emulator.behaviour import Behaviour
from kustomer_orm.emulator.exchange import Exchange
from kustomer_orm.emulator.kinds import KINDS, Kind
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
        body = body_of(exchange, JSON)
        self._check(kind, "create", body)
        return self._created(kind, body)

    def create_below(self, exchange: Exchange, customer: str) -> Answer:
        """POST /v1/customers/{id}/conversations."""
        self._existing(KINDS["customer"], customer)
        body = body_of(exchange, JSON)
        kind = KINDS["conversation"]
        self._check(kind, "create_below_customer", body)
        return self._created(kind, {**body, "customer": customer})

    def update(self, exchange: Exchange, kind: Kind, ident: str) -> Answer:
        """PATCH and PUT of one record, which are the same partial update."""
        record = self._existing(kind, ident)
        self._limits.take_object(kind.type, ident)
        body = body_of(exchange, PATCH_TYPES if exchange.method == "PATCH" else JSON)
        if exchange.query.get("replace") == "true":
            # Our choice: the real one replaces the document, in a way that is not described.
            raise bad_request("The emulator does not replace documents", "replace")
        self._check(kind, "update", body)
        self._check_values(kind, body, ident)
        rev = self._checked_rev(exchange.method, record, body)
        values = {name: value for name, value in body.items() if name != "rev"}
        writes.update(record, values, self._world.hand(self._world.machine_user))
        if rev is not None:
            record.attributes["rev"] = rev
        answer = self._shown(200, record)
        answer.headers.update(self._limits.object_headers(kind.type, ident))
        if exchange.method == "PATCH" and kind.type == "conversation":
            answer.content_type = self._behaviour.patch_content_type
        return answer

    def change_tags(self, exchange: Exchange, ident: str) -> Answer:
        """POST and DELETE /v1/conversations/{id}/tags: add to or take from the set of tags."""
        kind = KINDS["conversation"]
        record = self._existing(kind, ident)
        self._limits.take_object(kind.type, ident)
        names = body_of(exchange, JSON, container=list)
        self._check(kind, "tags", names)
        if exchange.method == "DELETE":
            self._world.remove_tags(kind.type, ident, names)
        else:
            self._check_room(record, names)
            self._world.add_tags(kind.type, ident, names)
        return self._shown(200, record)

    def delete(self, kind: Kind, ident: str) -> Answer:
        """DELETE of one record, which is gone afterwards."""
        self._existing(kind, ident)
        self._store.remove(kind.type, ident)
        return Answer(204)

    def _created(self, kind: Kind, body: Mapping[str, Any]) -> Answer:
        self._check_values(kind, body, None)
        if kind.type == "conversation" and "importedAt" not in body:
            self._limits.take_creation(body["customer"])
        return self._shown(201, self._world.create(kind.type, body))

    def _existing(self, kind: Kind, ident: str) -> Stored:
        record = self._store.find(kind.type, ident)
        if record is None:
            raise not_found("id")
        return record

    def _shown(self, status: int, record: Stored) -> Answer:
        return Answer(status, {"data": self._store.shown(record, self._behaviour)})

    def _check(self, kind: Kind, operation: rules.Operation, body: Any) -> None:
        declared, custom = self._world.declared, _custom_of(body)
        lists = self._behaviour.text_lists or declared.takes_lists(kind.type, custom)
        found = rules.problems(kind.type, operation, body, text_lists=lists)
        found += self._world.custom_problems(kind.type, custom)
        if found:
            raise RefusedError(400, *found)

    def _check_values(self, kind: Kind, body: Mapping[str, Any], ident: str | None) -> None:
        """Refuse what the stored records speak against; `ident` is the record updated.

        That `externalId` is unique is inferred. That an unknown customer is a 404 and other
        unknown ids are taken is our choice.
        """
        if ident is None and self._store.find(kind.type, body.get("id", "")) is not None:
            raise _conflict("id")
        customer = body.get("customer") if kind.type == "conversation" else None
        if customer is not None and self._store.find("customer", customer) is None:
            raise not_found("customer")
        for name, rule in rules.attributes(kind.type).items():
            value = body.get(name)
            if rule.get("unique") and value is not None:
                others = self._store.where(kind.type, name, value)
                if any(other.id != ident for other in others):
                    raise _conflict(name)

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


def _custom_of(body: Any) -> Any:
    return body.get("custom") if isinstance(body, dict) else None


def _conflict(parameter: str) -> RefusedError:
    """A 409; its body is invented."""
    return RefusedError(409, Problem("Conflict", parameter, f"/{parameter}"))


def body_of(
    exchange: Exchange,
    types: Collection[str],
    *,
    container: type[dict[str, Any] | list[Any]] = dict,
) -> Any:
    """The parsed body; 400 when its type is unknown, it is no JSON or no `container`.

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
