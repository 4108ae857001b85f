"""The verbs of single nouns: merges, redactions, unmasking, members, uploads, audit logs."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from kustomer_orm.emulator.answers import (
    Answer,
    Problem,
    RefusedError,
    bad_request,
    not_found,
    wire_time,
)
from kustomer_orm.emulator.behaviour import Behaviour
from kustomer_orm.emulator.below import Below
from kustomer_orm.emulator.edits import body_of
from kustomer_orm.emulator.exchange import Exchange
from kustomer_orm.emulator.formats import parsed_time
from kustomer_orm.emulator.kinds import KINDS, KOBJECT
from kustomer_orm.emulator.merging import merge
from kustomer_orm.emulator.reads import positive
from kustomer_orm.emulator.store import Stored
from kustomer_orm.emulator.world import World

Verb = Callable[..., Answer]

# The contract's example shows eight hours, the newer documentation says 24 by default.
UNMASKED = timedelta(hours=24)


class Nouns:
    """Answers what only one noun knows; the caller holds the world's lock."""

    def __init__(self, *, world: World, behaviour: Behaviour, below: Below) -> None:
        self._world = world
        self._store = world.store
        self._behaviour = behaviour
        self._reads, self._edits = below.reads, below.edits
        self._verbs: Mapping[tuple[str, ...], Verb] = {
            ("GET", "brands", "default"): lambda _: self._reads.default(KINDS["brand"]),
            ("GET", "schedules", "default"): self._default_schedule,
            ("GET", "schedules", "*"): self._schedule,
            ("GET", "slas", "*"): self._sla,
            ("GET", "audit-logs"): self._audit_logs,
            ("POST", "customers", "merges"): self._merge,
            ("GET", "customers", "*", "merges"): self._merges_of,
            ("GET", "customers", "*", "events"): self._dead,
            ("GET", "customers", "*", "events", "*"): self._event,
            ("GET", "customers", "*", "sessions", "*", "events"): self._session,
            ("POST", "customers", "*", "unmasking-windows"): self._unmask,
            ("DELETE", "customers", "*", "unmasking-windows"): self._mask,
            ("POST", "messages", "*", "redactions"): self._redact,
            ("POST", "teams", "*", "members"): self._members,
            ("DELETE", "teams", "*", "members"): self._members,
            ("POST", "attachments"): self._upload,
            ("POST", "media"): self._upload,
            ("PUT", "spam", "senders"): self._spam,
            ("POST", "tracking", "event"): self._track,
            ("POST", "tracking", "identity"): self._track,
            ("POST", "tracking", "identityEvent"): self._track,
            ("DELETE", "klasses", "*"): self._delete_klass,
        }

    def answer(self, exchange: Exchange, segments: list[str]) -> Answer | None:
        """The answer, None where the path leads somewhere else."""
        for (method, *pattern), verb in self._verbs.items():
            fits = len(pattern) == len(segments) and method == exchange.method
            if fits and all(
                one in {"*", other} for one, other in zip(pattern, segments, strict=True)
            ):
                stars = [s for p, s in zip(pattern, segments, strict=True) if p == "*"]
                return verb(exchange, *stars)
        return None

    # -- customers ------------------------------------------------------------------------------

    def _merge(self, exchange: Exchange) -> Answer:
        """POST /v1/customers/merges: the source goes into the target."""
        kind = KINDS["customer_merge"]
        body = self._edits.checked(exchange, kind, "create")
        customer = KINDS["customer"]
        source = self._edits.existing(customer, body["source"])
        target = self._edits.existing(customer, body["target"])
        if source is target:
            raise bad_request("A customer cannot be merged into itself", "source")
        merge(self._world, source, target)
        if self._behaviour.merged_away == "not_found":
            self._store.remove("customer", source.id)
        else:
            source.attributes["deleted"] = True
        return self._edits.shown(201, self._world.create(kind.type, body))

    def _merges_of(self, exchange: Exchange, ident: str) -> Answer:
        kind = KINDS["customer_merge"]
        either = {
            merge.id: merge
            for name in ("source", "target")
            for merge in self._store.pointing_at(kind.type, name, ident)
        }
        if not either and self._store.find("customer", ident) is None:
            raise not_found("id")
        return self._reads.page(exchange, kind, [either[each] for each in sorted(either)])

    def _unmask(self, exchange: Exchange, ident: str) -> Answer:  # noqa: ARG002 - a verb's shape
        """A window in which nothing of a customer is masked; again restarts it."""
        record = self._edits.existing(KINDS["customer"], ident)
        now = self._world.now()
        start = parsed_time(now)
        record.attributes["unmaskingWindow"] = {
            "requestedBy": self._world.machine_user,
            "startDate": now,
            "endDate": wire_time(start + UNMASKED) if start else now,
            "createdAt": now,
            "updatedAt": now,
        }
        self._store.unmasked.add(ident)
        return self._edits.shown(201, record)

    def _mask(self, exchange: Exchange, ident: str) -> Answer:  # noqa: ARG002
        record = self._edits.existing(KINDS["customer"], ident)
        record.attributes.pop("unmaskingWindow", None)
        self._store.unmasked.discard(ident)
        return Answer(204)

    def _dead(self, exchange: Exchange, ident: str) -> Answer:  # noqa: ARG002
        """Documented to answer 404."""
        raise not_found("id")

    def _event(self, exchange: Exchange, customer: str, ident: str) -> Answer:  # noqa: ARG002
        event = self._edits.existing(KINDS["customer_event"], ident)
        if event.related("customer") != customer:
            raise not_found("id")
        return self._edits.shown(200, event)

    def _session(self, exchange: Exchange, customer: str, session: str) -> Answer:
        events = self._store.pointing_at("customer_event", "customer", customer)
        found = [each for each in events if each.attributes.get("sessionId") == session]
        return self._reads.page(exchange, KINDS["customer_event"], found)

    # -- the others -----------------------------------------------------------------------------

    def _redact(self, exchange: Exchange, ident: str) -> Answer:
        """Black out what is named; that the message is marked `redacted` is seen on reads."""
        message = self._edits.existing(KINDS["message"], ident)
        kind = KINDS["redaction"]
        body = self._edits.checked(exchange, kind, "create")
        for name in ("preview", "meta"):
            if name in body:
                message.attributes[name] = body[name]
        message.attributes["redacted"] = True
        for attachment in body.get("attachments", ()):
            self._edits.existing(KINDS["attachment"], attachment).attributes["redacted"] = True
        shown = {name: message.attributes.get(name) for name in ("preview", "meta")}
        about = {name: message.related(name) for name in ("customer", "conversation")}
        record = self._world.create(kind.type, {**shown, **about, "message": ident})
        return self._edits.shown(201, record)

    def _members(self, exchange: Exchange, ident: str) -> Answer:
        """Users join or leave a team."""
        team = self._edits.existing(KINDS["team"], ident)
        named = self._edits.checked(exchange, KINDS["team"], "members")["members"]
        held = team.attributes.get("members") or []
        if exchange.method == "POST":
            members = [*held, *(each for each in named if each not in held)]
        else:
            members = [each for each in held if each not in named]
        self._edits.apply("PUT", team, {"members": members})
        return self._edits.shown(200, team)

    def _upload(self, exchange: Exchange) -> Answer:
        """A record of a file, and where the file itself would be put; nothing takes it here."""
        kind = KINDS[{"attachments": "attachment"}.get(exchange.path.rpartition("/")[2], "media")]
        answer = self._edits.create(exchange, kind)
        ident = answer.document["data"]["id"]
        # The names are those of the published example, the values mean nothing.
        invented = ("bucket", "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "Policy")
        fields = dict.fromkeys((*invented, "X-Amz-Signature"), "emulated")
        fields |= {"key": f"{kind.path}/{ident}", "acl": "private", "Content-Type": "text/plain"}
        fields["X-Amz-Meta-Attachment-Id"] = ident
        answer.document["meta"] = {
            "provider": "emulator",
            "upload": {"url": "https://uploads.invalid/", "fields": fields},
        }
        return answer

    def _spam(self, exchange: Exchange) -> Answer:
        body = body_of(exchange, {"application/json"})
        self._edits.check("spam_sender", "update", body)
        same = (
            each
            for each in self._store.where("spam_sender", "sender", body["sender"])
            if each.attributes["channel"] == body["channel"]
        )
        record = next(same, None)
        if record is None:
            record = self._world.create("spam_sender", body)
        else:
            self._edits.apply("PUT", record, body)
        return self._edits.shown(200, record)

    def _track(self, exchange: Exchange) -> Answer:
        """Tracking: an event is taken and forgotten, an identity is kept."""
        operation = exchange.path.rpartition("/")[2]
        body = body_of(exchange, {"application/json"})
        self._edits.check("tracking", operation, body)
        if operation == "event":
            return Answer(204)
        identity = body if operation == "identity" else body["identity"]
        kept = {key: identity[key] for key in ("trackingId", "email") if key in identity}
        record = self._world.create("tracking_identity", {**kept, "status": "identified"})
        return self._edits.shown(201, record)

    def _delete_klass(self, exchange: Exchange, ident: str) -> Answer:  # noqa: ARG002
        klass = self._edits.existing(KINDS["klass"], ident)
        name = klass.attributes["name"]
        if self._store.ids(f"{KOBJECT}{name}"):
            # Documented to be refused; with what status is unknown.
            raise RefusedError(409, Problem("Conflict", "name", "/name"))
        self._store.remove("klass", klass.id)
        return Answer(204)

    def _default_schedule(self, exchange: Exchange) -> Answer:
        return self._with_holidays(exchange, self._reads.default(KINDS["schedule"]))

    def _schedule(self, exchange: Exchange, ident: str) -> Answer:
        record = self._edits.existing(KINDS["schedule"], ident)
        return self._with_holidays(exchange, self._edits.shown(200, record))

    def _with_holidays(self, exchange: Exchange, answer: Answer) -> Answer:
        if "holidays" in exchange.query.get("include", ""):
            found = self._store.pointing_at("holiday", "schedule", answer.document["data"]["id"])
            answer.document["included"] = self._all_shown(found)
        return answer

    def _sla(self, exchange: Exchange, ident: str) -> Answer:
        """The versions come along: all of them with `versions=all`, else the current one.

        The example shows an object where every other `included` is an array.
        """
        sla = self._edits.existing(KINDS["sla"], ident)
        answer = self._edits.shown(200, sla)
        versions = self._all_shown(self._store.pointing_at("sla_version", "sla", ident))
        every = exchange.query.get("versions") == "all"
        current = [
            each
            for each in versions
            if every or each["attributes"].get("version") == sla.attributes.get("currentVersion")
        ]
        one = self._behaviour.sla_included == "object" and current
        answer.document["included"] = current[-1] if one else current
        return answer

    def _all_shown(self, records: list[Stored]) -> list[dict[str, Any]]:
        return [self._store.shown(record, self._behaviour) for record in records]

    def _audit_logs(self, exchange: Exchange) -> Answer:
        """A list with a cursor, newest first: `before` an id goes on, `after` one goes back."""
        query = exchange.query
        count = min(positive(query.get("count", "100"), "count"), 1000)
        every = self._store.all("audit_log", descending=True)
        found = [
            each
            for each in every
            if not ("before" in query and each.id >= query["before"])
            and not ("after" in query and each.id <= query["after"])
        ]
        page = found[-count:] if "after" in query else found[:count]
        base = f"{exchange.path}?count={count}"
        older = bool(page) and page[-1] is not every[-1]
        links = {
            "self": base,
            "first": base,
            "prev": f"{base}&after={page[0].id}" if page and page[0] is not every[0] else None,
            "next": f"{base}&before={page[-1].id}" if older else None,
        }
        meta = {"count": len(page), "total": len(every), "cursorCount": len(found)}
        return Answer(200, {"meta": meta, "data": self._all_shown(page), "links": links})
