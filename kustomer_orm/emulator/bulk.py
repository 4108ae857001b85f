"""Bulk jobs: what is asked for now and carried out later, in batches, each item by itself.

Documented: at most 100 items, the answer is a job, "complete" does not mean that every item
succeeded, and `_clientRef` (all items or none) has the batches tell what became of each. The
published contract knows neither the polling paths nor `_clientRef`; how long a job takes, how it
is cut into batches and in what words an item fails is invented.
"""

import random
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
    found: dict[int, dict[str, Any]] = field(default_factory=dict)

    @property
    def applied(self) -> bool:
        """Whether every item was carried out."""
        return len(self.found) == len(self.items)


class Bulk:
    """Takes bulk requests and carries them out; the caller holds the world's lock.

    Attributes:
        refuse: For tests: gives the words by which an item fails, or None to let it through; it is
            given the item as it came, `_clientRef` included.
        stuck: For tests: jobs are taken and not carried out for as long as it is set.
        stuck_after: How many items of a job are carried out nevertheless.
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
        self.stuck_after = 0

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
        return Answer(self._behaviour.bulk_status or status, {"data": self._resource(job)})

    def _given(self, exchange: Exchange) -> list[dict[str, Any]]:
        """The items of a body; with `?ids=` one object for all of them."""
        json = {"application/json"}
        if exchange.method == "PUT" and "ids" in exchange.query:
            same = body_of(exchange, json)
            for name in ("id", REF):
                if name in same:
                    raise bad_request("Additional properties not allowed", name)
            items = [{"id": ident, **same} for ident in _ids(exchange)]
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
        return [{"id": ident} for ident in _ids(exchange)]

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
            if not job.applied and waited >= self._behaviour.bulk_seconds:
                self._carry_out(job)

    def _carry_out(self, job: Job) -> None:
        due = len(job.items)
        polled = self._behaviour.bulk_polling != "none" and not self._behaviour.bulk_done_at_once
        if polled and self._behaviour.bulk_carried_out == "by_batch":
            due = min(due, job.polls * self._behaviour.bulk_batch)
        if self.stuck:
            due = min(due, self.stuck_after)
        for place in self._order(job)[:due]:
            if place not in job.found:
                job.found[place] = self._result(job, place)

    def _order(self, job: Job) -> list[int]:
        places = list(range(len(job.items)))
        if self._behaviour.bulk_order == "reversed":
            places.reverse()
        if self._behaviour.bulk_order == "shuffled":
            random.Random(job.id).shuffle(places)  # noqa: S311 - the same in every run
        return places

    def _result(self, job: Job, place: int) -> dict[str, Any]:
        """Carry out one item; what would be an error of a single request is its own failure."""
        item = job.items[place]
        came = {**item, REF: job.refs[place]} if job.refs else item
        words = self.refuse(came) if self.refuse is not None else None
        if words is not None:
            return {"status": "error", "error": words}
        try:
            return self._act(job, item)
        except RefusedError as refused:
            problem = refused.problems[0]
            if refused.status == 409 and problem.parameter != "rev":
                return {"status": "error", "error": "duplicate detected"}  # documented
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
        self._carry_out_due()
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
        done = sum(self._is_complete(job, start) for start in range(0, len(job.items), size))
        attributes["batches"] = {"complete": done, "total": total}
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
        size = self._behaviour.bulk_batch
        data = [
            self._batch(job, number, start, complete=self._is_complete(job, start))
            for number, start in enumerate(range(0, len(job.items), size))
        ]
        return Answer(
            200, {"meta": {}, "data": data, "links": {"self": f"/v1/bulk/{ident}/batches"}}
        )

    def _is_complete(self, job: Job, start: int) -> bool:
        """Whether a batch is told as done: with its job, or before it where that is asked for."""
        if self._state(job) == "complete":
            return True
        places = range(start, min(start + self._behaviour.bulk_batch, len(job.items)))
        by_itself = self._behaviour.bulk_carried_out == "by_batch"
        return by_itself and all(place in job.found for place in places)

    def _batch(self, job: Job, number: int, start: int, *, complete: bool) -> dict[str, Any]:
        places = range(start, min(start + self._behaviour.bulk_batch, len(job.items)))
        results = [job.found[place] for place in places] if complete else []
        good = [each for each in results if each["status"] != "error"]
        attributes: dict[str, Any] = {
            "status": "complete" if complete else "queued",
            "objectIds": self._object_ids(job, places, complete=complete),
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

    def _object_ids(self, job: Job, places: range, *, complete: bool) -> list[str]:
        """The ids of the records that were written, or of all that the batch is about."""
        found = [job.found[place] if complete else {} for place in places]
        written = [each.get("objectId") for each in found]
        if self._behaviour.bulk_object_ids == "all" and job.method != "POST":
            written = [job.items[place]["id"] for place in places]
        return [ident for ident in written if ident is not None]


def _ids(exchange: Exchange) -> list[str]:
    """The ids of the query: each once (documented), and no more than items (inferred)."""
    ids = [ident for ident in exchange.query.get("ids", "").split(",") if ident]
    if not ids:
        raise bad_request("Missing required property", "ids")
    if len(ids) > MOST_ITEMS:
        raise bad_request(f"Array is too long ({len(ids)}), maximum {MOST_ITEMS}", "ids")
    if len(set(ids)) < len(ids):
        raise bad_request("Array items are not unique", "ids")
    return ids
