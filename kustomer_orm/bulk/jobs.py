"""Bulk jobs: at most 100 items in a request, carried out later, asked about until they are done.

Documented: the answer is a job, `GET /v1/bulk/{id}` tells its state, "complete" does not mean that
every item succeeded, and `GET /v1/bulk/{id}/batches` tells what became of each that carried a
`_clientRef`. The published contract knows neither the paths nor the reference, so all of them may
be missing: then the items are open, and whoever asked has to look at the records themselves.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from kustomer_orm import jsonapi
from kustomer_orm._types import JSONObject
from kustomer_orm.errors import APIError, BadRequestError, NotFoundError, OutcomeUnknownError
from kustomer_orm.transport import Answer, Request

# Documented: 100 items, and 100 kB of body.
MOST_ITEMS = 100
MOST_BYTES = 100_000

REF = "_clientRef"

# What the references of a request are, whatever a server sends back.
_PLACES = {str(place): place for place in range(MOST_ITEMS)}


class Sender(Protocol):
    """What a job asks of a client."""

    def read(self, path: str) -> JSONObject:
        """GET a document."""
        ...

    def write(self, request: Request) -> Answer:
        """Send a write."""
        ...

    def pause(self, attempt: int) -> None:
        """Wait a while before an attempt of this number."""
        ...

    def now(self) -> float:
        """Give the seconds of a clock that only goes forward."""
        ...


class Outcome(enum.Enum):
    """What became of one item."""

    DONE = "done"
    FAILED = "failed"
    OPEN = "open"  # the job does not tell


@dataclass
class Job:
    """One bulk request that the server has taken.

    Attributes:
        id: the job's; "" where the answer did not tell.
        size: how many items it has.
        refs: whether the items carry references.
        since: when it was asked for.
        outcomes: what became of each item, once that is known.
        ids: by place, the ids of the objects that were written.
        errors: by place, the server's words.
        objects: the ids that the job tells, in whatever order.
        done: how many items it tells to have succeeded.
        gone: whether the server does not know it: it has no such path, or has forgotten it.
    """

    id: str
    size: int
    refs: bool
    since: float
    complete: bool = False
    polls: int = 0
    outcomes: list[Outcome] = field(default_factory=list)
    ids: dict[int, str] = field(default_factory=dict)
    errors: dict[int, str] = field(default_factory=dict)
    objects: list[str] = field(default_factory=list)
    done: int = 0
    gone: bool = False


class Jobs:
    """Asks for bulk jobs, and waits for them, for one client.

    Args:
        sender: the client.
        timeout: seconds to wait for one job.

    Attributes:
        requests: how many requests with items have reached the server, or may have.
    """

    def __init__(self, sender: Sender, *, timeout: float) -> None:
        self.requests = 0
        self._sender = sender
        self._timeout = timeout
        self._takes_refs = True

    def post(self, method: str, path: str, items: Sequence[JSONObject]) -> Job:
        """Ask for a job. One request; one more where the server does not take references.

        Raises:
            OutcomeUnknownError: no answer came. The job may have been taken; it is not sent twice.
            APIError: the server refused all of it.
        """
        if self._takes_refs:
            marked = [{**item, REF: str(place)} for place, item in enumerate(items)]
            try:
                return self._post(method, path, marked, refs=True)
            except BadRequestError as error:
                if not any(
                    detail.parameter == REF or REF in str(detail) for detail in error.details
                ):
                    raise
                self._takes_refs = False
        return self._post(method, path, list(items), refs=False)

    def delete(self, path: str, ids: Sequence[str]) -> Job:
        """Ask for records to be deleted. One request."""
        request = Request("DELETE", f"{path}?ids={','.join(ids)}", repeatable=False)
        return self._taken(self._write(request), len(ids), refs=False)

    def _post(self, method: str, path: str, items: list[JSONObject], *, refs: bool) -> Job:
        request = Request(method, path, jsonapi.dumps([*items]), repeatable=False)
        return self._taken(self._write(request), len(items), refs=refs)

    def _write(self, request: Request) -> Answer:
        try:
            answer = self._sender.write(request)
        except APIError as error:
            self.requests += arrived(error)
            raise
        self.requests += 1
        return answer

    def _taken(self, answer: Answer, size: int, *, refs: bool) -> Job:
        document = None if answer.content is None else jsonapi.parse(answer.content)
        data = None if document is None else document.get("data")
        job = Job("", size, refs, self._sender.now())
        if isinstance(data, dict) and isinstance(data.get("id"), str):
            job.id, job.complete = data["id"], _is_complete(data)
        return job

    # -- waiting --------------------------------------------------------------------------------

    def wait(self, job: Job, *, on_poll: Callable[[], object] = lambda: None) -> None:
        """Wait until a job is done, and learn what became of its items.

        A request for each look, further and further apart, and one for the outcomes. Where the
        server does not tell, or not in time, the items stay open.
        """
        job.outcomes = [Outcome.OPEN] * job.size
        while job.id and not job.complete:
            if job.polls:
                self._sender.pause(min(job.polls, 6))
            if self._sender.now() - job.since > self._timeout:
                return
            on_poll()
            try:
                self._ask(job)
            except NotFoundError:
                job.gone = True
                return
            except APIError:
                continue  # the job goes on without us
        if job.complete:
            self._learn(job)

    def look(self, job: Job) -> None:
        """Ask once how far a job is, and learn what became of its items if it is done.

        Raises:
            APIError: the server does not tell.
        """
        job.outcomes = [Outcome.OPEN] * job.size
        if job.id and not job.complete:
            self._ask(job)
        if job.complete:
            self._learn(job)

    def _ask(self, job: Job) -> None:
        job.polls += 1
        data = self._sender.read(f"/v1/bulk/{job.id}").get("data")
        job.complete = isinstance(data, dict) and _is_complete(data)

    def _learn(self, job: Job) -> None:
        try:
            batches = self._sender.read(f"/v1/bulk/{job.id}/batches").get("data")
        except APIError:
            return
        told = [each.get("attributes") for each in batches] if isinstance(batches, list) else []
        good = [each for each in told if isinstance(each, dict)]
        results = [
            one for each in good for one in _list(each.get("results")) if isinstance(one, dict)
        ]
        for one in results:
            self._note(job, one)
        if job.refs and results:
            return
        done, lost = (sum(_count(each.get(name)) for each in good) for name in _COUNTS)
        named = [str(id_) for each in good for id_ in _list(each.get("objectIds"))]
        job.objects, job.done = list(dict.fromkeys(named)), done
        if done == job.size and not lost:
            job.outcomes = [Outcome.DONE] * job.size
        elif lost == job.size and not done:
            job.outcomes = [Outcome.FAILED] * job.size
            words = [str(word) for each in good for word in _list(each.get("errors"))]
            job.errors = dict(enumerate(words)) if len(words) == job.size else {}

    def _note(self, job: Job, one: dict[str, Any]) -> None:
        ref = one.get(REF)
        place = _PLACES.get(ref, -1) if isinstance(ref, str) else -1
        if not 0 <= place < job.size:
            return
        if one.get("status") == "error":
            job.outcomes[place] = Outcome.FAILED
            job.errors[place] = str(one.get("error") or "")
        elif one.get("status") in ("created", "updated", "deleted"):
            job.outcomes[place] = Outcome.DONE
            if one.get("objectId") and isinstance(one["objectId"], str):
                job.ids[place] = one["objectId"]


_COUNTS = ("successCount", "failureCount")


def _list(told: Any) -> list[Any]:
    return told if isinstance(told, list) else []


def _count(told: Any) -> int:
    return told if isinstance(told, int) else 0


def arrived(error: APIError) -> bool:
    """Tell whether the request that went wrong has reached the server, or may have."""
    return error.status is not None or isinstance(error, OutcomeUnknownError)


def _is_complete(data: dict[str, Any]) -> bool:
    attributes = data.get("attributes")
    return isinstance(attributes, dict) and attributes.get("status") == "complete"
