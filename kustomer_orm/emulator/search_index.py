"""The search index: a copy of the records that lags behind them, in the order of their updates."""

import bisect
import heapq
import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from kustomer_orm.emulator.behaviour import Behaviour
from kustomer_orm.emulator.store import Stored

Lag = Callable[[Stored], float]


class Shelf:
    """The records of one type, as the index shows them."""

    def __init__(self) -> None:
        self.records: dict[str, Stored] = {}
        self.order: list[tuple[str, str]] = []  # (updatedAt, id), ascending
        self._placed: dict[str, str] = {}

    def show(self, record: Stored) -> None:
        """Show a record at its new place instead of its old one."""
        self.hide(record.id)
        moment = str(record.attributes.get("updatedAt", ""))
        self.records[record.id] = record
        self._placed[record.id] = moment
        bisect.insort(self.order, (moment, record.id))

    def hide(self, ident: str) -> None:
        """Show a record no longer."""
        moment = self._placed.pop(ident, None)
        if moment is not None:
            del self.order[bisect.bisect_left(self.order, (moment, ident))]
            del self.records[ident]

    def between(self, low: str, high: str) -> list[str]:
        """The ids of those updated from one moment to another, both included, oldest first."""
        start = bisect.bisect_left(self.order, (low, ""))
        end = bisect.bisect_right(self.order, (high, "\uffff"))
        return [ident for _, ident in self.order[start:end]]


class SearchIndex:
    """What searches see. A write shows at once, or after the lag; until then the old state shows.

    Documented: a search may show an old state for about a minute. That the old state shows until
    the new one does, and that records differ in their lag, is inferred.

    Attributes:
        lag_of: For tests: the lag of one record in seconds, instead of the switch.
    """

    def __init__(self, *, clock: Callable[[], datetime], behaviour: Behaviour) -> None:
        self._clock = clock
        self._behaviour = behaviour
        self._shelves: defaultdict[str, Shelf] = defaultdict(Shelf)
        self._pending: list[tuple[datetime, int, str, str, Stored | None]] = []
        self._count = itertools.count()
        self.lag_of: Lag | None = None

    def wrote(self, record: Stored) -> None:
        """Learn of a new or changed record."""
        lag = self._behaviour.search_lag if self.lag_of is None else self.lag_of(record)
        seen = _as_it_is(record)
        if lag <= 0 and not self._pending:
            self._shelves[record.kind.type].show(seen)
        else:
            self._later(lag, record.kind.type, record.id, seen)

    def removed(self, kind: str, ident: str) -> None:
        """Learn that a record is gone."""
        self._later(self._behaviour.search_lag, kind, ident, None)

    def shelves(self, kinds: Iterable[str]) -> list[Shelf]:
        """The records of some types as a search sees them now."""
        self.catch_up()
        return [self._shelves[kind] for kind in kinds]

    def types(self) -> list[str]:
        """The types of which the index has heard."""
        return list(self._shelves)

    def catch_up(self, *, fully: bool = False) -> None:
        """Show what is due; with `fully`, all of it."""
        now = self._clock()
        while self._pending and (fully or self._pending[0][0] <= now):
            _, _, kind, ident, record = heapq.heappop(self._pending)
            if record is None:
                self._shelves[kind].hide(ident)
            elif not self._is_older(record):
                self._shelves[kind].show(record)

    def _later(self, lag: float, kind: str, ident: str, record: Stored | None) -> None:
        due = self._clock() + timedelta(seconds=max(0.0, lag))
        heapq.heappush(self._pending, (due, next(self._count), kind, ident, record))

    def _is_older(self, record: Stored) -> bool:
        """Whether a newer state of the record shows already: its lag was shorter."""
        shown = self._shelves[record.kind.type].records.get(record.id)
        return shown is not None and shown.rev > record.rev


def _as_it_is(record: Stored) -> Stored:
    """A copy that later writes leave alone: they change objects in place, and replace lists."""
    attributes = {
        name: dict(value) if type(value) is dict else value
        for name, value in record.attributes.items()
    }
    return Stored(record.kind, record.id, attributes, dict(record.relations), dict(record.many))
