"""The jobs that are out: sent, waited for, and settled, whatever happens meanwhile.

A job is noted here before its request goes out, and stays until each of its items was told what
became of it, so that there is no moment in which an exception could lose one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from kustomer_orm.bulk import Job, Jobs
from kustomer_orm.errors import APIError, KustomerError, OutcomeUnknownError
from kustomer_orm.records.bulk_deleting import Deletions, Doomed
from kustomer_orm.records.bulk_items import Item, refused_whole
from kustomer_orm.records.bulk_outcomes import Outcomes
from kustomer_orm.records.core import Core
from kustomer_orm.records.journal import Journal

# Jobs that run at the same time: enough for the server to be busy while records are looked at.
MOST_JOBS = 4


@dataclass(slots=True, eq=False, repr=False)
class Flight:
    """One job.

    Attributes:
        method: of its request.
        items: what it carries.
        keys: what tells their records from others, see `keys_of`.
        entry: where the journal notes it, 0 where it does not.
        job: the job, once it was taken.
    """

    method: str
    items: Sequence[Any]
    keys: set[object]
    entry: int = 0
    job: Job | None = None


class Flights:
    """The jobs of one class that are out.

    Args:
        outcomes: tells what became of records that were saved, for one class and client.
        jobs: asks for jobs.
        journal: notes what goes.
        tell: called when something has moved.

    Attributes:
        keys: what tells the records that are out from others.
        settled: how many records came back.
    """

    def __init__(
        self, outcomes: Outcomes, jobs: Jobs, journal: Journal, tell: Callable[[], None]
    ) -> None:
        self.keys: set[object] = set()
        self.settled = 0
        self._outcomes, self._result = outcomes, outcomes.result
        self._deletions = Deletions(outcomes.cls, outcomes.client, outcomes.result)
        self._path = f"{outcomes.cls.path}/bulk"
        self._jobs, self._journal, self._tell = jobs, journal, tell
        self._out: deque[Flight] = deque()

    def __len__(self) -> int:
        return sum(len(flight.items) for flight in self._out)

    # -- sending --------------------------------------------------------------------------------

    def make_room(self) -> None:
        """Wait until one more job may go out."""
        while len(self._out) >= MOST_JOBS:
            self._land()

    def noted(self, method: str, items: Sequence[Item], mode: str) -> Flight:
        """Note in the journal what is about to be sent.

        Raises:
            ConfigurationError: it cannot be written. Nothing was sent.
        """
        records = [item.record for item in items]
        entry = self._journal.sending(method, self._path, records, mode)
        keys = {key for record in records for key in keys_of(record)}
        return Flight(method, items, keys, entry)

    def send(self, flight: Flight) -> None:
        """Ask for the job that saves what was noted."""
        method, items, entry = flight.method, flight.items, flight.entry
        bodies = [item.body for item in items]
        self._ask(flight, lambda: self._jobs.post(method, self._path, bodies))
        if flight.job is not None:
            self._journal.taken(entry, flight.job.id)
        self._tell()

    def delete(self, items: Sequence[Doomed]) -> None:
        """Ask for the job that deletes these."""
        ids = [item.id for item in items]
        flight = Flight("DELETE", items, set(ids))
        self._ask(flight, lambda: self._jobs.delete(self._path, ids))
        self._tell()

    def _ask(self, flight: Flight, ask: Callable[[], Job]) -> None:
        self._out.append(flight)
        self.keys |= flight.keys
        _mark(flight, out=True)
        before = self._jobs.requests
        try:
            flight.job = ask()
        except APIError as error:
            if isinstance(error, OutcomeUnknownError) or error.uncertain:
                self._look_for(flight, error)
            else:
                for item in flight.items:
                    refused = refused_whole(item.label, error, len(flight.items))
                    self._teller(flight).refused(item, refused)
            self._close(flight)
        except BaseException:
            self._doubt(flight)  # Ctrl-C, while the server may be at it
            raise
        else:
            self._result.jobs.append(flight.job.id)
        finally:
            self._result.requests += self._jobs.requests - before

    def _look_for(self, flight: Flight, error: KustomerError) -> None:
        """No answer came: the job may have been taken, so the records are looked at."""
        job = Job("", len(flight.items), refs=False, since=self._outcomes.client.now())
        self._jobs.wait(job)
        self._outcomes.client.pause(1)  # it may be carried out just now
        self._teller(flight).of_job(flight.items, job, error)

    # -- landing --------------------------------------------------------------------------------

    def land(self) -> None:
        """Wait for all that is out, and settle it."""
        while self._out:
            self._land()

    def _land(self) -> None:
        """Wait for the oldest job. Until it is settled it stays out."""
        self._settle(self._out[0], self._tell)
        self._tell()

    def _settle(self, flight: Flight, on_poll: Callable[[], None]) -> None:
        if flight.job is None:  # somebody went on after an exception
            self._doubt(flight)
            return
        self._jobs.wait(flight.job, on_poll=on_poll)
        self._teller(flight).of_job(flight.items, flight.job)
        self._close(flight)

    def settle(self, *, patient: bool) -> None:
        """Settle all that is out as an exception passes, telling nobody of the progress.

        Args:
            patient: wait for each job; else each is asked once, until the server does not answer.
        """
        for flight in list(self._out):
            if patient:
                self._settle(flight, _nobody)
            elif flight.job is not None:
                try:
                    self._jobs.look(flight.job)
                except APIError:
                    return
                self._teller(flight).as_told(flight.items, flight.job)
                if all(item.settled for item in flight.items):
                    self._close(flight)

    def give_up(self) -> None:
        """Put in doubt whatever is out. In the journal it stays open."""
        while self._out:
            self._doubt(self._out[0])

    def _doubt(self, flight: Flight) -> None:
        for item in flight.items:
            if not item.settled:
                self._teller(flight).unknown(item)
        self._let_go(flight)

    def _close(self, flight: Flight) -> None:
        if flight.entry:
            unknown = [place for place, item in enumerate(flight.items) if item.is_unknown]
            self._journal.settled(flight.entry, unknown)
        self._let_go(flight)

    def _let_go(self, flight: Flight) -> None:
        self._out.remove(flight)
        _mark(flight, out=False)
        self.keys -= flight.keys
        self.settled += len(flight.items)

    def _teller(self, flight: Flight) -> Any:
        return self._deletions if flight.method == "DELETE" else self._outcomes


def _mark(flight: Flight, *, out: bool) -> None:
    """Mark new records as being out, or not: whoever else would make them can tell."""
    if flight.method == "POST":
        for item in flight.items:
            item.record._extras().out = out


def keys_of(record: Core) -> set[object]:
    """Give what tells a record from others: the object, and its id once it has one."""
    return {id(record)} if record.id is None else {id(record), record.id}


def _nobody() -> None:
    """Tell nobody: it may be their function that has raised."""
