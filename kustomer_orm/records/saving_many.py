"""Saves many records in bulk: one request for a hundred, and each record by its own outcome.

What goes and what is true afterwards is decided by the same functions as in a single save. An
answer shows no records, so a record's baseline is what it was and what was sent, its revision is
unknown until it is loaded again, and whether others wrote in between cannot be told.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from kustomer_orm.attributes.base import describe
from kustomer_orm.bulk import (
    MOST_BYTES,
    MOST_ITEMS,
    BulkFailure,
    BulkResult,
    Job,
    Jobs,
    Progress,
    arrived,
    check_options,
    reporter_of,
    several,
)
from kustomer_orm.changes import Edit, Extent
from kustomer_orm.client import Client
from kustomer_orm.config import conflict_mode
from kustomer_orm.errors import (
    APIError,
    ConfigurationError,
    InvalidValueError,
    KustomerError,
    NotLoadedError,
    OutcomeUnknownError,
    QueryError,
)
from kustomer_orm.records.accompanying import companions
from kustomer_orm.records.bulk_items import Item, item_of, put_in_doubt, refused_whole
from kustomer_orm.records.bulk_outcomes import settle_job
from kustomer_orm.records.caching import forget
from kustomer_orm.records.core import Core
from kustomer_orm.records.finding import checked_id
from kustomer_orm.records.journal import Journal
from kustomer_orm.records.planning import edits_of, refuse_incomplete

# Jobs that run at the same time: enough for the server to be busy while records are looked at.
MOST_JOBS = 4
TIMEOUT = 300.0

# A comma or bracket an item, a reference, and the brackets of the array.
_OVERHEAD = 32


class Flight(NamedTuple):
    """One job that was asked for: what it carries, and where the journal notes it."""

    method: str
    items: list[Item]
    job: Job
    entry: int


class Saver:
    """Saves records of one kind in bulk.

    Args:
        cls: their class; subclasses of it go along.
        client: the client.
        result: where it is noted what became of them.
        options: `progress`, `conflict`, `journal`, `timeout`, and `total` for the progress.
    """

    def __init__(
        self, cls: type[Core], client: Client, result: BulkResult, options: dict[str, Any]
    ) -> None:
        self.cls, self.client, self.result = cls, client, result
        self.mode = _mode(options.get("conflict"), client)
        timeout = options.get("timeout")
        self.jobs = Jobs(client, timeout=TIMEOUT if timeout is None else float(timeout))
        # The savers of one collector share its options, and so the journal.
        self.journal = options["journal"] = Journal.of(options.get("journal"), client)
        report = options.get("reporter")
        self.report = report or reporter_of(options.get("progress"), client.budget_left)
        self._total: int | None = options.get("total")
        self._seen = 0
        self._waiting: dict[str, list[Item]] = {"POST": [], "PUT": []}
        self._doomed: list[Any] = []
        self._flights: deque[Flight] = deque()
        self._busy: set[object] = set()  # the records that wait, or are on their way
        self._settled = 0

    # -- taking ---------------------------------------------------------------------------------

    def save(self, record: Core) -> None:
        """Take a record: nothing for a clean one, a bulk item, or a save of its own."""
        self._seen += 1
        try:
            edits = edits_of(record)
            new = record._state.extent is Extent.NEW
            if not edits and not new:
                self.result.unchanged += 1
                return
            self._refuse_twice(record)
            if not self._is_for_bulk(record, edits, new=new):
                self._save_singly(record)
                return
            if new:
                refuse_incomplete(record, edits)
            else:
                edits = [*edits, *companions(record, edits)]
            rev = record._rev() if self.mode == "strict" and record.takes_rev and not new else None
            item = item_of(record, edits, rev, MOST_BYTES - _OVERHEAD)
        except KustomerError as error:
            self.result.failed.append(BulkFailure(record, error))
            return
        self._add("POST" if new else "PUT", item)

    def create(self, values: Any, make: Callable[..., Core]) -> None:
        """Take a new record, or the values of one, which fail by themselves where one is wrong."""
        if not isinstance(values, (Mapping, Core)):
            expected = "a mapping of values for each, or a new record"
            raise InvalidValueError.of(
                f"{self.cls.__name__}.create_all", expected=expected, got=describe(values)
            )
        try:
            record = make(**values) if isinstance(values, Mapping) else values
        except KustomerError as error:
            self._seen += 1
            self.result.failed.append(BulkFailure(values, error))
        else:
            self.save(_of(self.cls, record))

    def delete(self, record: Any) -> None:
        """Take a record, or an id, to delete."""
        if "delete" not in self.cls.bulk:
            message = f"the API deletes no {self.cls.type} in bulk; delete() deletes one"
            raise QueryError(message)
        self._seen += 1
        self._doomed.append(record)
        if len(self._doomed) == MOST_ITEMS:
            self._send_doomed()

    def finish(self) -> None:
        """Send what was collected, and wait for all of it."""
        self._send("POST")
        self._send("PUT")
        self._send_doomed()
        self.settle()

    def settle(self) -> None:
        """Wait for what was sent."""
        while self._flights:
            self._land()

    # -- deciding -------------------------------------------------------------------------------

    def _is_for_bulk(self, record: Core, edits: list[Edit], *, new: bool) -> bool:
        """Tell whether bulk can carry it: not what goes alone or what bulk lacks, not in doubt."""
        here = "create" if new else "update"
        if here not in record.bulk or record._creation_path() != record.path:
            return False
        if self.mode == "careful" or (new and record.in_doubt):
            return False
        lacking = {record._named(name).address for name in record.bulk_lacks}
        attributes: list[Any] = [edit.attribute for edit in edits]
        return not any(not new and (one.alone or one.address in lacking) for one in attributes)

    def _refuse_twice(self, record: Core) -> None:
        """Keep the order of one record: what of it is on its way is settled first."""
        if (id(record) if record.id is None else record.id) in self._busy:
            self._send("POST")
            self._send("PUT")
            while self._flights:
                self._land()

    def _save_singly(self, record: Core) -> None:
        new = record._state.extent is Extent.NEW
        saver: Any = record
        try:
            done = saver.save(conflict=self.mode)
        except KustomerError as error:
            if isinstance(error, APIError):
                before = () if error.result is None else error.result.requests
                self.result.requests += len(before) + arrived(error)
            lost = isinstance(error, OutcomeUnknownError)
            (self.result.unknown if lost else self.result.failed).append(BulkFailure(record, error))
        else:
            self.result.requests += len(done.requests)
            (self.result.created if new else self.result.saved).append(str(record.id))
        self._settled += 1
        self._tell()

    # -- sending --------------------------------------------------------------------------------

    def _add(self, method: str, item: Item) -> None:
        items = self._waiting[method]
        size = sum(each.size + _OVERHEAD for each in items) + item.size + 2 * _OVERHEAD
        if items and size > MOST_BYTES:
            self._send(method)
        self._waiting[method].append(item)
        self._busy.add(item.key)
        if len(self._waiting[method]) == MOST_ITEMS:
            self._send(method)

    def _send(self, method: str) -> None:
        items, self._waiting[method] = self._waiting[method], []
        if not items:
            return
        while len(self._flights) >= MOST_JOBS:
            self._land()
        path = f"{self.cls.path}/bulk"
        entry = self.journal.sending(method, path, [item.record for item in items])
        self._busy.difference_update([item.key for item in items])
        before = self.jobs.requests
        try:
            job = self.jobs.post(method, path, [item.body for item in items])
        except OutcomeUnknownError as error:
            self._lost(items, error, entry)
            return
        except APIError as error:
            self.result.failed += [
                BulkFailure(item.record, refused_whole(item, error, len(items))) for item in items
            ]
            self.journal.settled(entry)
            self._settled += len(items)
            return
        except BaseException:
            for item in items:  # Ctrl-C while the server is at it
                put_in_doubt(item)
            raise
        finally:
            self.result.requests += self.jobs.requests - before
        self.result.jobs.append(job.id)
        self.journal.taken(entry, job.id)
        self._flights.append(Flight(method, items, job, entry))
        self._busy.update([item.key for item in items])
        self._tell()

    def _lost(self, items: list[Item], error: OutcomeUnknownError, entry: int) -> None:
        """No answer came: the job may have been taken, so the records are looked at."""
        job = Job("", len(items), refs=False, since=self.client.now())
        self.jobs.wait(job)
        self.client.pause(1)  # it may be carried out just now
        settle_job(self.cls, self.client, items, job, self.result, error=error)
        self.journal.settled(entry)
        self._settled += len(items)

    def _land(self) -> None:
        """Wait for the oldest job, and settle its records."""
        flight = self._flights.popleft()
        self._busy.difference_update([item.key for item in flight.items])
        try:
            self.jobs.wait(flight.job, on_poll=self._tell)
            settle_job(self.cls, self.client, flight.items, flight.job, self.result)
        except BaseException:
            for item in flight.items:  # Ctrl-C while the server is at it
                put_in_doubt(item)
            raise
        self.journal.settled(flight.entry)
        self._settled += len(flight.items)
        self._tell()

    def _send_doomed(self) -> None:
        doomed, self._doomed = self._doomed, []
        if not doomed:
            return
        by_id = {str(one.id if isinstance(one, Core) else one): one for one in doomed}
        job = self.jobs.delete(f"{self.cls.path}/bulk", list(by_id))
        self.result.requests += 1
        self.result.jobs.append(job.id)
        self.jobs.wait(job, on_poll=self._tell)
        still = self._still_there(by_id)
        for id_, one in by_id.items():
            if id_ in still:
                error = APIError(f"{self.cls.type} {id_}: it is still there", method="DELETE")
                self.result.failed.append(BulkFailure(one, error))
                continue
            self.result.deleted.append(id_)
            if isinstance(one, Core):
                forget(one)
        self._settled += len(by_id)

    def _still_there(self, by_id: Iterable[str]) -> set[str]:
        """A deletion carries no references, so what is left is what failed. One request."""
        bound: Any = self.cls
        return {str(one.id) for one in bound.using(self.client).get_many(by_id, fresh=True)}

    def _tell(self) -> None:
        waiting = sum(len(flight.items) for flight in self._flights)
        waiting += sum(map(len, self._waiting.values()))
        seen, total = self._seen, self._total
        self.report(Progress(seen, total, self._settled, waiting, self.result.requests))


def _mode(conflict: str | None, client: Client) -> str:
    return client.config.conflict if conflict is None else conflict_mode(conflict)


def save_many(
    cls: type[Core], client: Client, records: Iterable[Core], options: dict[str, Any]
) -> BulkResult:
    """Save records of one kind; they are looked at one by one, and let go of when they are done."""
    several(f"{cls.__name__}.save_all", "record", records)
    saver = _saver(cls, client, records, options)
    return _run(saver, records, lambda record: saver.save(_of(cls, record)))


def create_many(
    cls: type[Core],
    client: Client,
    values: Iterable[Any],
    options: dict[str, Any],
    make: Callable[..., Core],
) -> BulkResult:
    """Make records of one kind, of new ones or of values."""
    several(f"{cls.__name__}.create_all", "values", values)
    saver = _saver(cls, client, values, options)
    return _run(saver, values, lambda each: saver.create(each, make))


def _saver(cls: type[Core], client: Client, given: Iterable[Any], options: dict[str, Any]) -> Saver:
    check_options(options)
    total = len(given) if isinstance(given, (list, tuple)) else None
    return Saver(cls, client, BulkResult(), {"total": total, **options})


def _run(saver: Saver, given: Iterable[Any], take: Callable[[Any], None]) -> BulkResult:
    with saver.report:
        try:
            for each in given:
                take(each)
        except BaseException:
            saver.settle()
            raise
        saver.finish()
    return saver.result


def _of(cls: type[Core], record: Any) -> Core:
    if isinstance(record, Core) and record.type == cls.type:
        return record
    raise ConfigurationError(f"{cls.__name__}.save_all takes records of its type, {cls.type!r}")


def delete_many(
    cls: type[Core], client: Client, records: Iterable[Any], options: dict[str, Any]
) -> BulkResult:
    """Delete records of one kind, given as records or as ids."""
    several(f"{cls.__name__}.delete_all", "record", records)
    saver = _saver(cls, client, records, options)
    with saver.report:
        for record in records:
            id_ = record.id if isinstance(record, Core) else checked_id(cls, record)
            if id_ is None:
                raise NotLoadedError(f"{record._label()} is not on the server")
            saver.delete(record)
        saver.finish()
    return saver.result
