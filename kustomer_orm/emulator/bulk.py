"""Bulk jobs: what is asked for now and carried out later, in batches, each item by itself.

Documented: at most 100 items, the answer is a job, "complete" does not mean that every item
succeeded, and `_clientRef` (all items or none) has the batches tell what became of each. The
published contract knows neither the polling paths nor `_clientRef`; how long a job takes, how it
is cut into batches and in what words an item fails is invented.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from kustomer_orm.emulator.answers import Answer, Problem, RefusedError, bad_request, not_found
from kustomer_orm.emulator.behaviour import Behaviour
from kustomer_orm.emulator.edits import Edits, body_of
from kustomer_orm.emulator.exchange import Exchange
from kustomer_orm.emulator.kinds import BY_PATH, Kind, kind_of
from kustomer_orm.emulator.limits import Limits
from kustomer_orm.emulator.reads import Reads
from kustomer_orm.emulator.world import World

MOST_ITEMS = 100
REF = "_clientRef"

# By kind, which of the three the contract has, and the status of its answer.
JOBS: Mapping[tuple[str, str], int] = {
    **{
        (kind, method): 201
        for kind in ("conversation", "company", "note")
        for method in ("POST", "PUT")
    },
    **{("message", method): 200 for method in ("POST", "PUT")},
    **{("customer", method): 201 for method in ("POST", "PUT", "DELETE")},
    ("kobject", "POST"): 201,
    ("kobject", "PUT"): 200,
    ("kobject", "DELETE"): 201,
}


@dataclass
class Job:
    """One job: its items, when it is due, and what became of it."""

    id: str
    kind: Kind
    method: str
    items: list[dict[str, Any]]
    refs: list[str]
    asked: datetime
    now: str
    polls: int = 0
    results: list[dict[str, Any]] = field(default_factory=list)
    applied: bool = False


class Bulk:
    """Takes bulk requests and carries them out; the caller holds the world's lock.

    Attributes:
        refuse: For tests: gives the words by which an item fails, or None to let it through.
        stuck: For tests: jobs are taken and never carried out.
    """

    def __init__(
        self,
        *,
        world: World,
        behaviour: Behaviour,
        edits: Edits,
        reads: Reads,
        limits: Limits,
        clock: Callable[[], datetime],
    ) -> None:
        self._world, self._behaviour, self._limits = world, behaviour, limits
        self._edits, self._reads = edits, reads
        self._clock = clock
        self._jobs: dict[str, Job] = {}
        self.refuse: Callable[[dict[str, Any]], str | None] | None = None
        self.stuck = False

    def answer(self, exchange: Exchange, segments: list[str]) -> Answer | None:
        """The answer, None where the path leads somewhere else."""
        self._carry_out_due()
        match exchange.method, segments:
            case "GET", ["bulk", ident]:
                return self._status(ident)
            case "GET", ["bulk", ident, "batches"]:
                return self._batches(ident)
            case method, [path, "bulk"] if path in BY_PATH:
                return self._take(exchange, BY_PATH[path], method)
            case method, ["klasses", name, "bulk"]:
                klass = self._reads.klass(name)
                if klass is None:
                    raise not_found("name")
                return self._take(exchange, kind_of(f"kobject.{klass.attributes['name']}"), method)
        return None

    # -- taking ---------------------------------------------------------------------------------

    def _take(self, exchange: Exchange, kind: Kind, method: str) -> Answer:
        status = JOBS.get((kind.ruled_by, method))
        if status is None:
            raise not_found()
        items = self._named(exchange) if method == "DELETE" else self._given(exchange)
        refs = self._refs(items)
        if refs and self._behaviour.bulk_client_ref == "refused":
            title = "Additional properties not allowed"
            raise RefusedError(400, Problem(title, REF, f"/0/{REF}", "/items/additionalProperties"))
        bare = [{key: each for key, each in item.items() if key != REF} for item in items]
        if method != "DELETE":
            operation = "create" if method == "POST" else "update"
            self._edits.check(f"{kind.ruled_by}_bulk", operation, bare)
        ident = self._world.new_id()
        job = Job(ident, kind, method, bare, refs, self._clock(), self._world.now())
        self._jobs[ident] = job
        self._carry_out_due()
        return Answer(status, {"data": self._resource(job)})

    def _given(self, exchange: Exchange) -> list[dict[str, Any]]:
        """The items of a body; with `?ids=` one object for all of them."""
        json = {"application/json"}
        if exchange.method == "PUT" and "ids" in exchange.query:
            same = body_of(exchange, json)
            items = [{"id": ident, **same} for ident in exchange.query["ids"].split(",")]
        else:
            items = body_of(exchange, json, container=list)
        if not items or len(items) > MOST_ITEMS:
            title = f"Array is too long ({len(items)}), maximum {MOST_ITEMS}"
            raise RefusedError(400, Problem(title, detail="/maxItems"))
        if not all(isinstance(item, dict) for item in items):
            raise bad_request("Invalid type: the items are objects")
        if exchange.method == "PUT" and not all("id" in item for item in items):
            raise bad_request("Missing required property", "id")
        return list(items)

    def _named(self, exchange: Exchange) -> list[dict[str, Any]]:
        ids = [ident for ident in exchange.query.get("ids", "").split(",") if ident]
        if not ids:
            raise bad_request("Missing required property", "ids")
        return [{"id": ident} for ident in dict.fromkeys(ids)]

    def _refs(self, items: list[dict[str, Any]]) -> list[str]:
        """The references of the items: all of them have one, or none has."""
        refs = [item[REF] for item in items if REF in item]
        if not refs:
            return []
        good = all(isinstance(ref, str) and 0 < len(ref) <= 255 for ref in refs)
        if not good or len(refs) != len(items) or len(set(refs)) != len(refs):
            raise bad_request("Invalid _clientRef: unique, on every item or on none", REF)
        return refs

    # -- carrying out ---------------------------------------------------------------------------

    def _carry_out_due(self) -> None:
        """Carry out what is due, in the order of arrival; a job that is stuck stays so."""
        now = self._clock()
        for job in self._jobs.values():
            waited = (now - job.asked).total_seconds()
            if not job.applied and not self.stuck and waited >= self._behaviour.bulk_seconds:
                job.applied = True
                self._carry_out(job)

    def _carry_out(self, job: Job) -> None:
        places = list(range(len(job.items)))
        if self._behaviour.bulk_order == "reversed":
            places.reverse()
        found = {place: self._result(job, job.items[place]) for place in places}
        job.results = [found[place] for place in range(len(job.items))]

    def _result(self, job: Job, item: dict[str, Any]) -> dict[str, Any]:
        """Carry out one item; what would be an error of a single request is its own failure."""
        words = self.refuse(item) if self.refuse is not None else None
        if words is not None:
            return {"status": "error", "error": words}
        try:
            return self._act(job, item)
        except RefusedError as refused:
            problem = refused.problems[0]
            named = f": {problem.parameter}" if problem.parameter else ""
            return {"status": "error", "error": f"{problem.title}{named}"}

    def _act(self, job: Job, item: dict[str, Any]) -> dict[str, Any]:
        if job.method == "POST":
            return {"objectId": self._edits.make(job.kind, item).id, "status": "created"}
        ident = item["id"]
        record = self._edits.existing(job.kind, ident)
        if job.method == "DELETE":
            self._world.store.remove(job.kind.type, ident)
            return {"objectId": ident, "status": "deleted"}
        self._limits.take_object(job.kind.type, ident)
        values = {name: value for name, value in item.items() if name != "id"}
        self._edits.apply("PUT", record, values)
        return {"objectId": ident, "status": "updated"}

    # -- telling --------------------------------------------------------------------------------

    def _found(self, ident: str) -> Job:
        job = self._jobs.get(ident)
        if job is None or self._behaviour.bulk_polling == "none":
            raise not_found("id")
        return job

    def _status(self, ident: str) -> Answer:
        job = self._found(ident)
        job.polls += 1
        return Answer(200, {"data": self._resource(job)})

    def _resource(self, job: Job) -> dict[str, Any]:
        method = {"POST": "create", "PUT": "update", "DELETE": "delete"}[job.method]
        state = self._state(job)
        context = f"api.sobjects.{job.kind.path.split('/')[0]}.bulk-{method}"
        attributes: dict[str, Any] = {"ids": [], "context": context, "status": state, "v2": True}
        if job.method == "DELETE":
            attributes["ids"] = [item["id"] for item in job.items]
        attributes["payload"] = self._payload(job)
        attributes |= {"createdAt": job.now, "updatedAt": job.now}
        attributes["completed"] = state == "complete"
        size = self._behaviour.bulk_batch
        total = -(-len(job.items) // size)
        attributes["batches"] = {"complete": total if state == "complete" else 0, "total": total}
        links = {"self": f"/v1/bulk/{job.id}"}
        owners = {"org": self._world.org_id, "createdBy": self._world.machine_user}
        relationships = {
            name: {
                "links": {"self": f"/v1/{'orgs' if name == 'org' else 'users'}/{ident}"},
                "data": {"type": "org" if name == "org" else "user", "id": ident},
            }
            for name, ident in owners.items()
        }
        shown = {"attributes": attributes, "relationships": relationships, "links": links}
        return {"type": "bulk", "id": job.id, **shown}

    def _payload(self, job: Job) -> dict[str, Any]:
        user = self._world.machine_user
        who = {
            "id": user,
            "userType": "machine",
            "roles": ["org"],
            "orgName": self._world.org,
            "subject": user,
            "org": self._world.org_id,
        }
        given = {"path": f"/v1/{job.kind.path}", "requestId": job.id, "service": "sobjects"}
        data: Any = {} if job.method == "DELETE" else job.items
        return {"api": {"data": data, "user": who, **given, "method": job.method}}

    def _state(self, job: Job) -> str:
        if job.applied and (
            self._behaviour.bulk_done_at_once or job.polls >= self._behaviour.bulk_polls
        ):
            return "complete"
        return "running" if job.polls else "queued"

    def _batches(self, ident: str) -> Answer:
        job = self._found(ident)
        if self._behaviour.bulk_polling == "status":
            raise not_found("id")
        complete = self._state(job) == "complete"
        size = self._behaviour.bulk_batch
        data = [
            self._batch(job, number, start, complete=complete)
            for number, start in enumerate(range(0, len(job.items), size))
        ]
        return Answer(
            200, {"meta": {}, "data": data, "links": {"self": f"/v1/bulk/{ident}/batches"}}
        )

    def _batch(self, job: Job, number: int, start: int, *, complete: bool) -> dict[str, Any]:
        results = job.results[start : start + self._behaviour.bulk_batch] if complete else []
        good = [each for each in results if each["status"] != "error"]
        attributes: dict[str, Any] = {
            "status": "complete" if complete else "queued",
            "objectIds": [each["objectId"] for each in good],
            "successCount": len(good),
            "failureCount": len(results) - len(good),
            "errors": [each["error"] for each in results if each["status"] == "error"],
        }
        if complete:
            attributes["completedAt"] = self._world.now()
        if job.refs and complete:
            refs = job.refs[start : start + len(results)]
            attributes["results"] = [
                {REF: ref, **each} for ref, each in zip(refs, results, strict=True)
            ]
        return {"type": "bulk_batch", "id": f"{job.id}-{number}", "attributes": attributes}
