"""What became of the records of a job: by what the job tells, else by what the server holds.

This is the one place that says so. Each item is told once: saved or created, refused, or unknown,
and then its record is in doubt. A baseline moves only where the item succeeded.
"""

from __future__ import annotations

from collections.abc import Sequence

from kustomer_orm._types import JSONObject
from kustomer_orm.bulk import BulkFailure, BulkResult, Job, Outcome
from kustomer_orm.changes import Extent
from kustomer_orm.client import Client
from kustomer_orm.errors import (
    APIError,
    ConflictError,
    KustomerError,
    NotFoundError,
    OutcomeUnknownError,
)
from kustomer_orm.records.bulk_items import Item, anothers, refusal, sent_of, shows, wrote
from kustomer_orm.records.bulk_matching import match_new
from kustomer_orm.records.caching import drop
from kustomer_orm.records.core import Core
from kustomer_orm.records.finding import Finder
from kustomer_orm.records.results import SaveResult
from kustomer_orm.records.settling import doubt, settle

# How often records are looked at where no job tells.
MOST_LOOKS = 4

# Records by their ids; None where they could not be read.
Found = dict[str, JSONObject] | None


class Outcomes:
    """Tells what became of items, to their records and to a result."""

    def __init__(self, cls: type[Core], client: Client, result: BulkResult) -> None:
        self.result = result
        self.cls, self.client = cls, client
        self._made: set[str] = set()  # an id is one record's, whatever a server tells

    # -- the three that there are ---------------------------------------------------------------

    def done(self, item: Item, id_: str | None = None, resource: JSONObject | None = None) -> None:
        """Move the baseline of a record whose item succeeded; a new one gets its id.

        Where no answer shows the record, of a new one only what was sent is known.
        """
        record: Core = item.record
        if record.id is None and id_ is not None:
            record._adopt_id(id_)
            self._made.add(id_)
        known = Extent.PARTIAL if resource is None and item.is_new else Extent.WHOLE
        settle(record, sent_of(item), resource, SaveResult(), known=known)
        if record._client is not self.client:
            self.client.cache.drop(record.type, str(record.id))
        (self.result.created if item.is_new else self.result.saved).append(str(record.id))
        item.settled = True  # last: what is cut off before is settled again

    def refused(self, item: Item, error: KustomerError) -> None:
        """Say that it was not carried out: the record keeps its changes, and is in no new doubt."""
        self.result.failed.append(BulkFailure(item.record, error))
        item.settled = True

    def unknown(self, item: Item, error: KustomerError | None = None) -> None:
        """Say that nobody knows: the record is in doubt."""
        doubt(item.record, item.edits, 1)
        if item.record.id is not None:
            drop(item.record)
            self.client.cache.drop(item.record.type, item.record.id)
        why = "" if error is None else f": {error}"
        found = OutcomeUnknownError(
            f"{item.label}: sent in bulk, and nothing tells what became of it; it is in doubt, and "
            f"saving it again is harmless{why}"
        )
        self.result.unknown.append(BulkFailure(item.record, found))
        item.settled = item.is_unknown = True

    # -- by a job -------------------------------------------------------------------------------

    def of_job(self, items: Sequence[Item], job: Job, error: KustomerError | None = None) -> None:
        """Settle every item of a job.

        Args:
            items: what the job carried, in order.
            job: what it told.
            error: why nobody knows of the job, where no answer came.
        """
        for item in self.left_by(items, job, error):
            self.unknown(item, error or _unfinished(job))

    def left_by(
        self, items: Sequence[Item], job: Job, error: KustomerError | None = None
    ) -> list[Item]:
        """Settle what the job and the records tell of; give the others."""
        # What creations have made that were settled in an earlier run is not for the others.
        before = [item for item in items if item.settled and item.is_new and item.record.id is None]
        left = self.as_told(items, job)
        updates = [item for item in left if not item.is_new]
        updates = self.look(updates, patient=not job.complete, whole=job.complete and error is None)
        new = [item for item in left if item.is_new]
        return [*updates, *self._find_new([*new, *before] if new else [], job)]

    def as_told(self, items: Sequence[Item], job: Job) -> list[Item]:
        """Settle what the job tells of, at no cost; give the others."""
        left: list[Item] = []
        done: list[tuple[Item, str]] = []
        taken = set(self._made)
        for place, item in enumerate(items):
            if item.settled:
                continue
            outcome, id_ = job.outcomes[place], job.ids.get(place, item.record.id)
            if outcome is Outcome.FAILED:
                words = job.errors.get(place, "")
                self.refused(item, self._is_taken(item, words) or refusal(item, words, self.client))
            elif outcome is Outcome.DONE and id_ is not None and not (item.is_new and id_ in taken):
                done.append((item, id_))
                taken.add(id_)
            else:
                left.append(item)
        # What was loaded or saved otherwise meanwhile is not known by what this job has carried.
        moved = self.read([item.record.id or id_ for item, id_ in done if item.has_moved]) or {}
        for item, id_ in done:
            self.done(item, id_, moved.get(item.record.id or id_))
        return left

    # -- by what the server holds ---------------------------------------------------------------

    def read(self, ids: list[str]) -> Found:
        """Read records, one request for 100; None where that went wrong."""
        try:
            return {each["id"]: each for each in Finder(self.cls, self.client).fetch_many(ids)}
        except APIError:
            return None

    def look(self, items: list[Item], *, patient: bool, whole: bool) -> list[Item]:
        """Settle updates by the records themselves; give those of which these do not tell.

        Args:
            items: what was to be changed.
            patient: look a few times, further apart: it may be carried out just now.
            whole: what was not carried out by now is not going to be.
        """
        for attempt in range(1, 1 + (MOST_LOOKS if patient else 1)):
            if not items:
                break
            if attempt > 1:
                self.client.pause(attempt - 1)
            items = self._look_once(items, whole=whole)
        return items

    def _look_once(self, items: list[Item], *, whole: bool) -> list[Item]:
        found = self.read([str(item.record.id) for item in items])
        if found is None:
            return items
        left: list[Item] = []
        for item in items:
            resource = found.get(str(item.record.id))
            if resource is None:
                message = f"{item.record._label()}: it is not on the server any more"
                self.refused(item, NotFoundError(message, method="PUT"))
                continue
            written = wrote(item, resource)
            if written:
                self.done(item, None, resource)
            elif written is False and whole:
                words = "the job is done, and the record is as it was"
                self.refused(item, refusal(item, words, self.client))
            else:
                left.append(item)
        return left

    def _find_new(self, items: list[Item], job: Job) -> list[Item]:
        """Find what creations made: among the records that the job names, else by their keys.

        Returns:
            Those that cannot be found.
        """
        made = self.read(job.objects) if items and job.objects else None
        all_known = made is not None and len(made) == len(job.objects) == job.done
        others = [each for id_, each in (made or {}).items() if id_ not in self._made]
        matches = match_new(self.cls, items, others)
        left: list[Item] = []
        for place, item in enumerate(items):
            if item.settled:
                continue
            if place in matches.made:
                resource = matches.made[place]
                self.done(item, resource["id"], resource)
            elif all_known and place in matches.not_made:
                words = "the job is done, and made no such record"
                self.refused(item, self._is_taken(item, "") or refusal(item, words, self.client))
            else:
                self._find_by_key(item)
                if not item.settled:
                    left.append(item)
        return left

    def _find_by_key(self, item: Item) -> None:
        """Look a creation up by the id or key that it sent; its record may be somebody else's.

        One request, as before a single creation is sent again.
        """
        name, resource = self._looked_up(item)
        if resource is None or resource["id"] in self._made:
            return
        shown = shows(item, resource)
        if shown:
            self.done(item, resource["id"], resource)
        elif shown is False:
            self.refused(item, anothers(item, name))

    def _is_taken(self, item: Item, words: str) -> ConflictError | None:
        """Tell whether a creation that was refused without a word found its key taken.

        One request, where it has a key.
        """
        if words or not item.is_new:
            return None
        name, resource = self._looked_up(item)
        return None if resource is None else anothers(item, name)

    def _looked_up(self, item: Item) -> tuple[str, JSONObject | None]:
        try:
            return _looked_up(Finder(self.cls, self.client), item)
        except APIError:
            return "", None


def _looked_up(finder: Finder[Core], item: Item) -> tuple[str, JSONObject | None]:
    """Find a record by what an item sent, and tell by which key."""
    if item.record.id is not None:
        found = finder.fetch_many([item.record.id])
        return "id", found[0] if found else None
    cls = type(item.record)
    for name in cls.look_ups:
        value = item.body.get(cls._named(name).key) if name in cls._attributes else None
        if isinstance(value, str) and value:
            return name, finder.fetch_by(name, value)
    return "", None


def _unfinished(job: Job) -> KustomerError | None:
    """Say that a job may still be at it, unless it is done."""
    if job.complete:
        return None
    return OutcomeUnknownError(f"bulk job {job.id or 'without an id'} does not say that it is done")
