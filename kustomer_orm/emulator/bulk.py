"""Bulk requests: many items taken at once, carried out as a job that is polled."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from kustomer_orm.emulator import rules
from kustomer_orm.emulator.answers import (
    Answer,
    Page,
    Problem,
    RefusedError,
    bad_request,
    error_document,
    list_document,
    not_found,
)
from kustomer_orm.emulator.behaviour import Behaviour
from kustomer_orm.emulator.bulk_items import MAX_ITEMS, Table, problems, problems_of_one, table_of
from kustomer_orm.emulator.bulk_jobs import VERB_OF, Batch, Item, Job, batches_of
from kustomer_orm.emulator.edits import JSON, body_of
from kustomer_orm.emulator.exchange import Exchange
from kustomer_orm.emulator.faults import Fault, Faults
from kustomer_orm.emulator.store import copied
from kustomer_orm.emulator.world import World

Perform = Callable[[Exchange], Answer]


class Bulk:
    """Takes bulk requests and tells of their jobs; the caller holds the world's lock.

    An item is checked with the request, which is refused as a whole when one is malformed. It is
    carried out later, as the single request it stands for: what that one answers (a record that is
    not there, a stale `rev`, a limit) is the failure of this item only (documented).
    """

    def __init__(
        self,
        *,
        world: World,
        behaviour: Behaviour,
        faults: Faults,
        clock: Callable[[], datetime],
        perform: Perform,
    ) -> None:
        self._world = world
        self._behaviour = behaviour
        self._faults = faults
        self._clock = clock
        self._perform = perform
        self._jobs: dict[str, Job] = {}
        self._open: dict[str, Job] = {}

    def answer(self, exchange: Exchange, segments: list[str]) -> Answer | None:
        """Answer one request, None when it is none of ours; time-driven jobs move on first."""
        self.advance()
        table = table_of(segments)
        if table is not None and rules.exist(table.kind) and table.takes(exchange.method):
            return self._take(exchange, table)
        match exchange.method, segments:
            case "GET", ["bulk", ident]:
                return self._poll(ident)
            case "GET", ["bulk", ident, "batches"]:
                return self._batches(exchange, ident)
        return None

    def advance(self, *, to_the_end: bool = False) -> None:
        """Carry out what is due by now, or all that is left of each job that can end."""
        for job in list(self._open.values()):
            if to_the_end:
                job.share = 1.0
            self._carry_on(job)

    def _take(self, exchange: Exchange, table: Table) -> Answer:
        if table.kind == "kobject":
            self._check_klass(table)
        sent, ids, items = self._items(exchange, table)
        job = self._new_job(exchange, table, items)
        job.sent, job.ids = sent, ids
        struck = self._faults.take(exchange, of_a_job=True)
        if "unfinished_job" in struck:
            job.stops_after = struck["unfinished_job"].options["after"]
        if "refused_items" in struck:
            job.refused = _refusals(struck["refused_items"], items)
        self._jobs[job.id] = self._open[job.id] = job
        if self._behaviour.bulk_done_at_once:
            job.share = 1.0
            self._carry_on(job)
        status = self._behaviour.bulk_status or table.status(exchange.method)
        return Answer(status, {"data": self._shown(job)})

    def _items(self, exchange: Exchange, table: Table) -> tuple[Any, list[str], list[Item]]:
        ids = _ids_of(exchange)
        if exchange.method == "DELETE":
            if not ids:
                raise bad_request("Missing required property", "ids")
            return {}, ids, [Item(n, {"id": ident}, ident) for n, ident in enumerate(ids)]
        if ids and exchange.method == "PUT":
            values = self._values_for_many(exchange, table)
            each = [Item(n, {**values, "id": ident}, ident) for n, ident in enumerate(ids)]
            return values, ids, each
        body = body_of(exchange, JSON, container=list)
        found = problems(
            table,
            exchange.method,
            body,
            text_lists=self._takes_lists(table, body),
            client_refs=self._behaviour.bulk_client_ref == "accepted",
        )
        if found:
            raise RefusedError(400, *found)
        return body, [], [Item(n, item, item.get("id")) for n, item in enumerate(body)]

    def _values_for_many(self, exchange: Exchange, table: Table) -> dict[str, Any]:
        if self._behaviour.bulk_ids_body == "list":
            body = body_of(exchange, JSON, container=list)
            if len(body) != 1 or not isinstance(body[0], dict):
                raise bad_request("With ids, the body is a list of one object", "ids")
            values = body[0]
        else:
            values = body_of(exchange, JSON)
        lists = self._takes_lists(table, [values])
        found = problems_of_one(table, exchange.method, values, text_lists=lists)
        if found:
            raise RefusedError(400, *found)
        return dict(values)

    def _takes_lists(self, table: Table, items: list[Any]) -> bool:
        return self._behaviour.text_lists or any(
            self._world.declared.takes_lists(table.resource, item.get("custom"))
            for item in items
            if isinstance(item, dict)
        )

    def _check_klass(self, table: Table) -> None:
        """A klass that is not there has no list, let alone a bulk of its objects."""
        self._perform(Exchange("GET", f"/v1/{table.path}", query={"pageSize": "1"}))

    def _new_job(self, exchange: Exchange, table: Table, items: list[Item]) -> Job:
        ident, now = self._world.new_id(), self._world.now()
        groups = batches_of(items, self._behaviour, job=ident)
        return Job(
            id=ident,
            table=table,
            method=exchange.method,
            began=self._clock().timestamp(),
            created_at=now,
            updated_at=now,
            sent=None,
            ids=[],
            batches=[Batch(self._world.new_id(), group) for group in groups],
        )

    def _carry_on(self, job: Job) -> None:
        job.move(self._behaviour, self._clock().timestamp())
        for _, item in job.due():
            self._apply(job, item)
        job.close_batches(self._world.now())
        if job.complete:
            self._open.pop(job.id, None)

    def _apply(self, job: Job, item: Item) -> None:
        """Carry out one item as the single request it stands for."""
        if item.place in job.refused:
            item.error = job.refused[item.place]
            item.problem = self._entry(400, Problem(item.error))
            return
        try:
            answer = self._perform(job.table.request_of(job.method, item.values))
        except RefusedError as refused:
            first = refused.problems[0]
            item.problem = self._entry(refused.status, first)
            item.error = _sentence(refused.status, first)
        else:
            if answer.document is not None:
                item.object_id = answer.document["data"]["id"]

    def _entry(self, status: int, problem: Problem) -> dict[str, Any]:
        entry: dict[str, Any] = error_document(status, [problem], self._behaviour)["errors"][0]
        return entry

    def _poll(self, ident: str) -> Answer:
        job = self._found(ident)
        job.polls += 1
        self._carry_on(job)
        shown = self._shown(job)
        done = sum(batch.completed_at is not None for batch in job.batches)
        shown["attributes"]["batches"] = {"complete": done, "total": len(job.batches)}
        return Answer(200, {"data": shown})

    def _batches(self, exchange: Exchange, ident: str) -> Answer:
        job = self._found(ident)
        if self._behaviour.bulk_lookup == "job":
            raise not_found()
        shown = [self._shown_batch(job, batch) for batch in job.batches]
        page = Page(exchange.path.rstrip("/"), 1, max(MAX_ITEMS, len(shown)), len(shown))
        return Answer(200, list_document(page, shown))

    def _found(self, ident: str) -> Job:
        if self._behaviour.bulk_lookup == "none":
            raise not_found()
        job = self._jobs.get(ident)
        if job is None:
            raise not_found("id")
        return job

    def _shown(self, job: Job) -> dict[str, Any]:
        return {
            "type": "bulk",
            "id": job.id,
            "attributes": {
                "ids": list(job.ids),
                "context": f"api.sobjects.{job.table.noun}.bulk-{VERB_OF[job.method]}",
                "status": job.status,
                "v2": True,
                "payload": {"api": self._payload(job)},
                "createdAt": job.created_at,
                "updatedAt": job.updated_at,
                "completed": job.complete,
            },
            "relationships": {
                "org": self._world.store.pointer("org", self._world.org_id),
                "createdBy": self._world.store.pointer("user", self._world.machine_user),
            },
            "links": {"self": f"/v1/bulk/{job.id}"},
        }

    def _payload(self, job: Job) -> dict[str, Any]:
        user = self._world.machine_user
        roles = ["org"] if self._behaviour.roles is None else sorted(self._behaviour.roles)
        return {
            "data": copied(job.sent),
            "path": f"/v1/{job.table.path}",
            "user": {
                "id": user,
                "userType": "machine",
                "roles": roles,
                "orgName": self._world.org,
                "subject": user,
                "org": self._world.org_id,
            },
            "requestId": job.id,
            "service": "sobjects",
            "method": job.method,
        }

    def _shown_batch(self, job: Job, batch: Batch) -> dict[str, Any]:
        told = self._behaviour.bulk_object_ids
        return {
            "type": "bulk_batch",
            "id": batch.id,
            "attributes": batch.attributes(job.method, job.batch_status(batch), told),
            "relationships": {"org": self._world.store.pointer("org", self._world.org_id)},
            "links": {"self": f"/v1/bulk/{job.id}/batches/{batch.id}"},
        }


def _ids_of(exchange: Exchange) -> list[str]:
    """The ids of the query: each once (documented), and as many as items at most (inferred)."""
    ids = [ident for ident in exchange.query.get("ids", "").split(",") if ident]
    if len(set(ids)) < len(ids):
        raise bad_request("Array items are not unique", "ids")
    if len(ids) > MAX_ITEMS:
        raise bad_request(f"Array is too long ({len(ids)}), maximum {MAX_ITEMS}", "ids")
    return ids


def _refusals(fault: Fault, items: list[Item]) -> dict[int, str]:
    which, error = fault.options["which"], fault.options["error"]
    if callable(which):
        return {item.place: error for item in items if which(item.values, item.place)}
    return {
        item.place: error
        for item in items
        if item.place in which or item.values.get("_clientRef") in which
    }


def _sentence(status: int, problem: Problem) -> str:
    """What is told of a failed item in a few words."""
    if status == 409 and problem.parameter != "rev":
        return "duplicate detected"
    return f"{problem.title}: {problem.parameter}" if problem.parameter else problem.title
