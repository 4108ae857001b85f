"""Goes through all that a search finds, past the limits of pages.

A search ends at page 100 (documented), and gives 10,000 records at most (seen). So pages are not
counted: each request asks for the first page of what was updated *since the last record's time*,
oldest first, and what was given already is left out.

Why none is missed that was there throughout, though others write meanwhile: `updatedAt` only grows.
A record that was not given yet lies ahead of the last time; if it is written, it moves further
ahead, and is still to come. Pages by number do not have that: a record that moves to the end
shifts all others, and the next page begins one too late. An index that lags behind shows a record
at its old place until it shows it at its new one, which lies ahead of that, so the same holds,
however much the lag differs from record to record.

Why none comes twice: the ids that were given are kept, twelve bytes each (about 80 in Python).

Where more records than a page have one time, asking since that time gives the same page again.
These are gone through by number, until one pass has shown as many different ones as there are, and
only such as an earlier pass had shown at this time: two passes at least. It takes both, since one
that leaves shifts the others, and where a late one comes into its place the total does not tell.
Whoever was shown at this time before did not come during the pass, so as many of these as there are
in all are those that were there when it began.

A server that puts them in another order each time may never show such a pass: then it is enough
that as many were seen since the total changed, and that two passes showed nobody new.

All of this hangs on the order. A server that does not sort (it is documented for customers, and
seen for others) is found out by the times that it gives, and the search ends with an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from kustomer_orm._types import JSON
from kustomer_orm.errors import QueryError, UnexpectedAnswerError
from kustomer_orm.queries.pages import WirePage

MOST_PAGES = 100
WINDOW = 10_000
_MOST_PASSES = 100
_QUIET = 2  # passes that give nothing new, where no single one was whole


class Span(NamedTuple):
    """The times of update to ask for, both included; None is open."""

    since: str | None = None
    until: str | None = None


Ask = Callable[[Span, int], WirePage]


class Windows:
    """Goes through a search by the time of update.

    Args:
        ask: asks for one page of a span, by its number.
        label: what the search is called in messages.
    """

    def __init__(self, ask: Ask, label: str) -> None:
        self._ask = ask
        self._label = label
        self._seen: set[bytes | str] = set()

    def pages(self) -> Iterator[list[JSON]]:
        """Give what was not given yet, a page at a time."""
        since: str | None = None
        while True:
            page = self._ask(Span(since), 1)
            if not page.data:
                return
            self._refuse_unsorted(page.data, since)
            yield self._new(page.data)
            if page.total is not None and page.total <= len(page.data):
                return
            first, last = (self._time(page.data[place]) for place in (0, -1))
            if first == last:
                yield from self._clump(last)
                last = _after(last)
            since = last

    def _clump(self, moment: str) -> Iterator[list[JSON]]:
        """Give the records of one time, which are more than a page."""
        known, shown = set[str](), set[str]()
        total: int | None = None
        quiet = 0
        for _ in range(_MOST_PASSES):
            passed, totals = set[str](), set[int | None]()
            for page in self._pass(Span(moment, moment)):
                totals.add(page.total)
                passed.update(map(_id, page.data))
                yield self._new(page.data)
            (now, *others) = totals or {0}
            if others or now != total:
                known.clear()  # somebody left or came
            total = None if others else now
            known |= passed
            nobody_came = passed <= shown
            shown |= passed
            quiet = quiet + 1 if nobody_came else 0
            if total is None and not others:
                return  # a server that tells no totals
            whole = total is not None and len(passed) >= total and nobody_came
            if whole or (total is not None and len(known) >= total and quiet >= _QUIET):
                return
        message = f"{self._label}: the records updated at {moment} keep changing meanwhile"
        raise QueryError(message)

    def _pass(self, span: Span) -> Iterator[WirePage]:
        """Go through the records of one time by number, once."""
        given = 0
        for number in range(1, MOST_PAGES + 1):
            page = self._ask(span, number)
            self._refuse_too_many(page.total, str(span.since))
            given += len(page.data)
            yield page
            if not page.data or (page.total is not None and given >= page.total):
                return
        message = f"{self._label}: those updated at {span.since} do not end at page {MOST_PAGES}"
        raise QueryError(message)

    def _refuse_too_many(self, total: int | None, moment: str) -> None:
        if total is not None and total > WINDOW:
            message = (
                f"{self._label}: {total} records were updated at {moment}, more than the API gives "
                f"({WINDOW}); search with another criterion as well, several times"
            )
            raise QueryError(message)

    def _new(self, data: list[JSON]) -> list[JSON]:
        fresh: list[JSON] = []
        for item in data:
            key = _packed(_id(item))
            if key not in self._seen:
                self._seen.add(key)
                fresh.append(item)
        return fresh

    def _refuse_unsorted(self, data: list[JSON], since: str | None) -> None:
        """Refuse a page that is in another order: going on from its end would leave some out."""
        times = [moment for item in data if (moment := _updated(item)) is not None]
        # What the API writes is of one form (recorded), and so is in order as text.
        if times == sorted(times) and (since is None or not times or times[0] >= since):
            return
        message = f"{self._label}: the answer is not sorted by updatedAt, so nothing leads on"
        raise _unexpected(message)

    def _time(self, item: JSON) -> str:
        moment = _updated(item)
        if moment is not None:
            return moment
        message = f"{self._label}: the answer has a record without updatedAt, so nothing leads on"
        raise _unexpected(message)


def _unexpected(message: str) -> UnexpectedAnswerError:
    path = "/v1/customers/search"
    return UnexpectedAnswerError(message, status=200, method="POST", path=path)


def _updated(item: JSON) -> str | None:
    attributes = item.get("attributes") if isinstance(item, dict) else None
    moment = attributes.get("updatedAt") if isinstance(attributes, dict) else None
    return moment if isinstance(moment, str) else None


def _id(item: JSON) -> str:
    return str(item.get("id")) if isinstance(item, dict) else ""


def _packed(id_: str) -> bytes | str:
    """Give an id in half its size, if it is 24 hex digits."""
    try:
        return bytes.fromhex(id_) if len(id_) == 24 else id_
    except ValueError:
        return id_


def _after(moment: str) -> str:
    """Give the time a millisecond later: the API has no finer ones (recorded)."""
    later = datetime.fromisoformat(moment) + timedelta(milliseconds=1)
    return later.isoformat(timespec="milliseconds").replace("+00:00", "Z")
