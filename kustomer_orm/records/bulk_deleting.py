"""Deletions in bulk: a job of ids, which carry no references, so that the records are looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from kustomer_orm.bulk import BulkFailure, BulkResult, Job, Outcome
from kustomer_orm.client import Client
from kustomer_orm.errors import APIError, KustomerError, NotFoundError, OutcomeUnknownError
from kustomer_orm.identity import leave_scope
from kustomer_orm.records.caching import forget
from kustomer_orm.records.core import Core
from kustomer_orm.records.finding import Finder


@dataclass(slots=True, eq=False, repr=False)
class Doomed:
    """One record of a job that deletes.

    Attributes:
        type: the API's type string.
        id: its id.
        record: the record, or the id where that is what was given.
        settled: whether it was told what became of it.
    """

    type: str
    id: str
    record: Any
    settled: bool = field(init=False, default=False)

    @property
    def label(self) -> str:
        """How its errors name the record."""
        return f"{self.type} {self.id}"


class Deletions:
    """Tells what became of deletions, to the records and to a result."""

    def __init__(self, cls: type[Core], client: Client, result: BulkResult) -> None:
        self.result = result
        self._cls, self._client = cls, client

    def of_job(self, items: Sequence[Doomed], job: Job, error: KustomerError | None = None) -> None:
        """Settle every deletion of a job. One request.

        What is gone is deleted, unless the job tells that it was not there. What is there was not,
        if the job is done.
        """
        items = [item for item in items if not item.settled]
        there = self._there([item.id for item in items])
        if there is None:
            there = {item.id for item in items if item.id not in job.objects}
            error = error or OutcomeUnknownError("the records cannot be read")
        elif job.complete and error is None:
            self._by_a_job_that_is_done(items, job, there)
            return
        for item in items:
            if item.id in there:
                self.unknown(item, error)
            else:
                self._done(item)

    def as_told(self, items: Sequence[Doomed], job: Job) -> list[Doomed]:
        """Settle what the job tells of, at no cost; give the others."""
        gone = set(job.objects) if len(job.objects) == job.done else set()
        if all(outcome is Outcome.DONE for outcome in job.outcomes):
            gone = {item.id for item in items}
        for item in items:
            if item.id in gone and not item.settled:
                self._done(item)
        return [item for item in items if not item.settled]

    def unknown(self, item: Doomed, error: KustomerError | None = None) -> None:
        """Say that nobody knows."""
        why = "" if error is None else f": {error}"
        message = (
            f"{item.label}: its deletion was asked for in bulk, and nothing tells "
            f"what became of it; deleting it again is harmless{why}"
        )
        self._client.cache.drop(item.type, item.id)
        self.result.unknown.append(BulkFailure(item.record, OutcomeUnknownError(message)))
        item.settled = True

    def refused(self, item: Doomed, error: KustomerError) -> None:
        """Say that it was not carried out."""
        self.result.failed.append(BulkFailure(item.record, error))
        item.settled = True

    def _by_a_job_that_is_done(self, items: Sequence[Doomed], job: Job, there: set[str]) -> None:
        nothing = all(outcome is Outcome.FAILED for outcome in job.outcomes)
        named = set(job.objects) if len(job.objects) == job.done and (job.done or nothing) else None
        for item in items:
            if item.id in there:
                message = f"{item.label}: the job is done, and it is still there"
                self.refused(item, APIError(message, method="DELETE"))
            elif named is not None and item.id not in named:
                self.refused(
                    item, NotFoundError(f"{item.label}: it was not there", method="DELETE")
                )
            else:
                self._done(item)

    def _done(self, item: Doomed) -> None:
        self.result.deleted.append(item.id)
        self._client.cache.drop(self._cls.type, item.id)
        leave_scope(self._client, self._cls.type, item.id)
        if isinstance(item.record, Core):
            forget(item.record)
        item.settled = True

    def _there(self, ids: list[str]) -> set[str] | None:
        """Tell which are there; None where that cannot be read."""
        try:
            return {each["id"] for each in Finder(self._cls, self._client).fetch_many(ids)}
        except APIError:
            return None
