"""Saves many records in bulk: one request for a hundred, and each record by its own outcome.

What goes is decided when it is sent, by the functions of a single save: until then a record that
waits can be edited, saved otherwise or given again, and nothing of that is lost. An answer shows no
records, so a record's baseline is what it was and what was sent, its revision is unknown until it
is loaded again, and whether others wrote in between cannot be told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from kustomer_orm.attributes.base import describe
from kustomer_orm.bulk import (
    MOST_BYTES,
    MOST_ITEMS,
    BulkFailure,
    BulkResult,
    Jobs,
    Progress,
    arrived,
    check_options,
    landed,
    named,
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
from kustomer_orm.records.bulk_belonging import refuse_others
from kustomer_orm.records.bulk_deleting import Doomed
from kustomer_orm.records.bulk_flights import Flights, keys_of
from kustomer_orm.records.bulk_items import Item, item_of
from kustomer_orm.records.bulk_outcomes import Outcomes
from kustomer_orm.records.bulk_reading import read_first
from kustomer_orm.records.core import Core
from kustomer_orm.records.facts import Alias
from kustomer_orm.records.finding import checked_id
from kustomer_orm.records.journal import Journal
from kustomer_orm.records.planning import edits_of, refuse_incomplete
from kustomer_orm.records.settling import refuse_out

TIMEOUT = 300.0

# A comma or bracket an item, a reference, and the brackets of the array.
_OVERHEAD = 32


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
        jobs = Jobs(client, timeout=TIMEOUT if timeout is None else float(timeout))
        # The savers of one collector share its options, and so the journal.
        journal = options["journal"] = Journal.of(options.get("journal"), client)
        report = options.get("reporter")
        self.report = report or reporter_of(options.get("progress"), client.budget_left)
        self._total: int | None = options.get("total")
        self._seen = self._single = 0
        self._is_told = True  # of what was not sent at all
        self._waiting: dict[str, dict[object, Core]] = {"POST": {}, "PUT": {}}
        self._doomed: dict[str, Doomed] = {}
        self._unwritable: KustomerError | None = None  # why the journal lacks what waits
        outcomes = Outcomes(cls, client, result)
        self._flights = Flights(outcomes, jobs, journal, self._tell)

    # -- taking ---------------------------------------------------------------------------------

    def save(self, record: Core) -> None:
        """Take a record: nothing for a clean one, a bulk item, or a save of its own.

        One that waits already goes once, as it is when it is sent.
        """
        self._take_in(record)
        keys = keys_of(record)
        if any(waiting.get(key) is record for waiting in self._waiting.values() for key in keys):
            self._single += 1
            return
        self._let_pass(keys)
        found = self._decided(record)
        if found is not None:
            method = found[0]
            self._waiting[method][_key_of(record)] = record
            while len(self._waiting[method]) >= MOST_ITEMS:
                self._send(method)

    def create(self, values: Any, make: Callable[..., Core]) -> None:
        """Take a new record, or the values of one, which fail by themselves where one is wrong."""
        if not isinstance(values, (Mapping, Core)):
            expected = "a mapping of values for each, or a new record"
            raise InvalidValueError.of(
                f"{self.cls.__name__}.create_all", expected=expected, got=describe(values)
            )
        try:
            record = make(**named(values)) if isinstance(values, Mapping) else values
        except KustomerError as error:
            self._seen += 1
            self._refused(values, error)
        else:
            self.save(record)

    def delete(self, record: Any) -> None:
        """Take a record, or an id, to delete."""
        if "delete" not in self.cls.bulk:
            message = f"the API deletes no {self.cls.type} in bulk; delete() deletes one"
            raise QueryError(message)
        if isinstance(record, Core):
            self._take_in(record)
        else:
            self._seen += 1
        try:
            if isinstance(record, Core):
                self._let_pass(keys_of(record))  # a new one that waits is made before
            id_ = _id_of(self.cls, record)
        except KustomerError as error:
            self._refused(record, error)
            return
        if id_ in self._doomed:
            return
        self._let_pass({id_})
        self._doomed[id_] = Doomed(self.cls.type, id_, record)
        if len(self._doomed) >= MOST_ITEMS:
            self._send_doomed()

    def finish(self) -> None:
        """Send what was collected, and wait for all of it."""
        for method in self._waiting:
            while self._waiting[method]:
                self._send(method)
        if self._doomed:
            self._send_doomed()
        self._flights.land()
        if not self._is_told:
            self._tell()

    def settle(self, *, patient: bool) -> None:
        """Settle what was sent, and send no more: wait for it, or ask each job once."""
        self._flights.settle(patient=patient)

    def give_up(self) -> None:
        """Put in doubt what was sent and is not settled, at no cost.

        What waits keeps its changes; where the journal was what failed, it is told as well.
        """
        self._flights.give_up()
        error = self._unwritable
        for waiting in self._waiting.values():
            if error is not None:
                self.result.failed += [BulkFailure(record, error) for record in waiting.values()]
                waiting.clear()

    def _take_in(self, record: Core) -> None:
        refuse_others(self.cls, self.client, record)
        if record._client is None or isinstance(record._client, Alias):
            object.__setattr__(record, "_client", self.client)
        self._seen += 1

    def _let_pass(self, keys: set[object]) -> None:
        """Keep the order of one record: what of it waits, or is on its way, is settled first."""
        others = (self._flights.keys, self._doomed, *self._waiting.values())
        if not all(keys.isdisjoint(each) for each in others):
            self.finish()

    # -- deciding -------------------------------------------------------------------------------

    def _decided(self, record: Core) -> tuple[str, list[Edit]] | None:
        """Tell how a record goes in bulk now; None where it does not, and that is done with."""
        try:
            refuse_out(record)
            edits = edits_of(record)
        except KustomerError as error:
            self._refused(record, error)
            return None
        new = record._state.extent is Extent.NEW
        if not edits and not new:
            self.result.unchanged += 1
        elif self._is_for_bulk(record, edits, new=new):
            return "POST" if new else "PUT", edits
        else:
            self._save_singly(record)
        return None

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

    def _save_singly(self, record: Core) -> None:
        new = record._state.extent is Extent.NEW
        saver: Any = record
        try:
            done = saver.save(conflict=self.mode)
        except KustomerError as error:
            if isinstance(error, APIError):
                before = () if error.result is None else error.result.requests
                self.result.requests += len(before) + arrived(error)
            lost = isinstance(error, OutcomeUnknownError) or (new and record.in_doubt)
            (self.result.unknown if lost else self.result.failed).append(BulkFailure(record, error))
        except BaseException:
            if record.in_doubt:  # Ctrl-C, while the server may be at it
                cut = OutcomeUnknownError(f"{record._label()}: cut off; it is in doubt")
                self.result.unknown.append(BulkFailure(record, cut))
            raise
        else:
            self.result.requests += len(done.requests)
            (self.result.created if new else self.result.saved).append(str(record.id))
        self._single += 1
        self._tell()

    # -- sending --------------------------------------------------------------------------------

    def _send(self, method: str) -> None:
        """Send one request of what waits; what it has no room for waits on."""
        self._flights.make_room()
        waiting = self._waiting[method]
        if method == "PUT" and self.mode == "strict":
            self._read_first(waiting)
        items: dict[object, Item] = {}
        size = _OVERHEAD
        for key, record in list(waiting.items()):
            item = self._item(record, method)
            if item is None:
                del waiting[key]
                continue
            size += item.size + _OVERHEAD
            if len(items) == MOST_ITEMS or (items and size > MOST_BYTES):
                break
            items[key] = item
        if not items:
            return
        try:
            flight = self._flights.noted(method, list(items.values()), self.mode)
        except ConfigurationError as error:
            self._unwritable = error
            raise
        self._unwritable = None
        for key in items:  # not before: what cannot be noted waits on
            del waiting[key]
        self._flights.send(flight)

    def _read_first(self, waiting: dict[object, Core]) -> None:
        """Read those that can send no revision, as a single strict save does."""
        blind = {
            key: record
            for key, record in waiting.items()
            if not record.takes_rev or record._rev() is None
        }
        good = {id(each) for each in read_first(self.cls, self.client, blind.values(), self.result)}
        for key, record in blind.items():
            if id(record) not in good:
                del waiting[key]

    def _item(self, record: Core, method: str) -> Item | None:
        """Make the item of a record as it is now; None where it is done with, or goes otherwise."""
        found = self._decided(record)
        if found is None:
            return None
        now, edits = found
        if now != method:  # it was new, and was saved by itself meanwhile
            key = _key_of(record)
            if key in self._waiting[now]:  # another object of it waits there
                while self._waiting[now]:
                    self._send(now)
                self._flights.land()
            self._waiting[now][key] = record
            return None
        rev = record._rev() if self.mode == "strict" and record.takes_rev else None
        try:
            if method == "POST":
                refuse_incomplete(record, edits)
            else:
                edits = [*edits, *companions(record, edits)]
            return item_of(record, edits, rev, MOST_BYTES - _OVERHEAD)
        except KustomerError as error:
            self._refused(record, error)
            return None

    def _refused(self, given: Any, error: KustomerError) -> None:
        """Note what was not sent at all."""
        self.result.failed.append(BulkFailure(given, error))
        self._single += 1
        self._is_told = False

    def _send_doomed(self) -> None:
        self._flights.make_room()
        doomed, self._doomed = self._doomed, {}
        self._flights.delete(list(doomed.values()))

    def _tell(self) -> None:
        waiting = len(self._flights) + sum(map(len, self._waiting.values())) + len(self._doomed)
        settled = self._flights.settled + self._single
        self._is_told = True
        self.report(Progress(self._seen, self._total, settled, waiting, self.result.requests))


def _mode(conflict: str | None, client: Client) -> str:
    return client.config.conflict if conflict is None else conflict_mode(conflict)


def _key_of(record: Core) -> object:
    return id(record) if record.id is None else record.id


def _id_of(cls: type[Core], record: Any) -> str:
    if not isinstance(record, Core):
        return checked_id(cls, record)
    if record.id is None:
        raise NotLoadedError(f"{record._label()} is not on the server")
    return record.id


def save_many(
    cls: type[Core], client: Client, records: Iterable[Core], options: dict[str, Any]
) -> BulkResult:
    """Save records of one kind; they are looked at one by one, and let go of when they are done."""
    several(f"{cls.__name__}.save_all", "record", records)
    saver = _saver(cls, client, records, options)
    return _run(saver, records, saver.save)


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


def delete_many(
    cls: type[Core], client: Client, records: Iterable[Any], options: dict[str, Any]
) -> BulkResult:
    """Delete records of one kind, given as records or as ids."""
    several(f"{cls.__name__}.delete_all", "record", records)
    saver = _saver(cls, client, records, options)
    return _run(saver, records, saver.delete)


def _saver(cls: type[Core], client: Client, given: Iterable[Any], options: dict[str, Any]) -> Saver:
    check_options(options)
    total = len(given) if isinstance(given, (list, tuple)) else None
    return Saver(cls, client, BulkResult(), {"total": total, **options})


def _run(saver: Saver, given: Iterable[Any], take: Callable[[Any], None]) -> BulkResult:
    for each in given if isinstance(given, (list, tuple)) else ():
        if isinstance(each, Core):
            refuse_others(
                saver.cls, saver.client, each
            )  # before anything is sent, where that can be
    with saver.report, landed(lambda: [saver], saver.result):
        for each in given:
            take(each)
        saver.finish()
    return saver.result
