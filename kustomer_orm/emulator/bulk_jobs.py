"""Jobs of bulk requests: what is done of them, and how that is shown.

States, counts and results are documented. What `errors` of a batch holds, the type of a batch and
the words of an item's error (but for "duplicate detected") are not: ours are made up.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from kustomer_orm.emulator.behaviour import Behaviour
from kustomer_orm.emulator.bulk_items import CLIENT_REF, Table

STATUS_OF = {"POST": "created", "PUT": "updated", "DELETE": "deleted"}
VERB_OF = {"POST": "create", "PUT": "update", "DELETE": "delete"}


@dataclass
class Item:
    """One item and what became of it."""

    place: int
    values: dict[str, Any]
    object_id: str | None = None
    problem: dict[str, Any] | None = None
    error: str | None = None

    def result(self, method: str) -> dict[str, Any]:
        """The item's entry among the results of its batch."""
        shown: dict[str, Any] = {CLIENT_REF: self.values[CLIENT_REF]}
        if self.error is not None:
            return shown | {"status": "error", "error": self.error}
        return shown | {"objectId": self.object_id, "status": STATUS_OF[method]}


@dataclass
class Batch:
    """Some items that are applied at a time."""

    id: str
    items: list[Item]
    applied: int = 0
    completed_at: str | None = None

    def attributes(self, method: str, status: str, object_ids: str) -> dict[str, Any]:
        """What is told of it."""
        done = self.items[: self.applied]
        failed = [item for item in done if item.error is not None]
        told = done if object_ids == "written" and self.completed_at else self.items
        if object_ids == "written":
            told = [item for item in told if item.error is None]
        shown: dict[str, Any] = {
            "status": status,
            "objectIds": [item.object_id for item in told if item.object_id is not None],
            "successCount": len(done) - len(failed),
            "failureCount": len(failed),
            "errors": [item.problem for item in failed],
        }
        if self.completed_at is not None:
            shown["completedAt"] = self.completed_at
            if any(CLIENT_REF in item.values for item in self.items):
                shown["results"] = [item.result(method) for item in self.items]
        return shown


@dataclass
class Job:
    """A bulk request that was taken, and how far it is.

    Attributes:
        began: When it was taken, in seconds since the epoch.
        sent: The body as it came.
        ids: The ids that the query named.
        stops_after: How many items are applied, when it never ends.
    """

    id: str
    table: Table
    method: str
    began: float
    created_at: str
    updated_at: str
    sent: Any
    ids: list[str]
    batches: list[Batch]
    stops_after: int | None = None
    polls: int = 0
    share: float = 0.0
    refused: dict[int, str] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether it came to its end."""
        return self.share >= 1 and all(batch.completed_at is not None for batch in self.batches)

    @property
    def status(self) -> str:
        """Queued, running or complete."""
        if self.complete:
            return "complete"
        return "queued" if self.share <= 1 / 3 else "running"

    def move(self, behaviour: Behaviour, now: float) -> None:
        """See how far it is by the polls and the time that passed."""
        polls = 1.0
        if behaviour.bulk_polls > 0 and behaviour.bulk_lookup != "none":
            polls = self.polls / behaviour.bulk_polls
        seconds = 1.0
        if behaviour.bulk_seconds > 0:
            seconds = (now - self.began) / behaviour.bulk_seconds
        self.share = max(self.share, min(1.0, polls, seconds))

    def due(self) -> Iterator[tuple[Batch, Item]]:
        """The items that are to be applied now, in order."""
        due = int(len(self.batches) * self.share)
        applied = sum(batch.applied for batch in self.batches)
        for batch in self.batches[:due]:
            for item in batch.items[batch.applied :]:
                if self.stops_after is not None and applied >= self.stops_after:
                    return
                yield batch, item
                batch.applied += 1
                applied += 1

    def close_batches(self, now: str) -> None:
        """Mark what is done as done."""
        for batch in self.batches[: int(len(self.batches) * self.share)]:
            never = self.stops_after is not None
            whole = batch.applied == len(batch.items)
            if batch.completed_at is None and whole and not (never and batch is self.batches[-1]):
                batch.completed_at = self.updated_at = now

    def batch_status(self, batch: Batch) -> str:
        """Complete, scheduled (the next one of a running job) or queued."""
        if batch.completed_at is not None:
            return "complete"
        first = next(each for each in self.batches if each.completed_at is None)
        return "scheduled" if batch is first and self.status == "running" else "queued"


def batches_of(items: list[Item], behaviour: Behaviour, *, job: str) -> list[list[Item]]:
    """The items as they are applied: in which order, and how many at a time."""
    ordered = list(items)
    if behaviour.bulk_order == "reversed":
        ordered.reverse()
    elif behaviour.bulk_order == "shuffled":
        random.Random(job).shuffle(ordered)  # noqa: S311 - the same order in every run
    size = max(1, behaviour.bulk_batch_size)
    return [ordered[start : start + size] for start in range(0, len(ordered), size)] or [[]]
