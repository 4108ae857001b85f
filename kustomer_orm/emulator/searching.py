"""POST /v1/customers/search: criteria, sorting and pages over the search index.

Documented: the closed body, `equals`, `gte` and `lte`, the hard stop at page 100, the two years.
Seen in clients: `gt`, `contains` (whole words), `not_set`, a `next` that points beyond the stop,
and a window of 10,000 records. How the groups combine (all of them hold) is inferred.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from kustomer_orm.emulator import search_criteria
from kustomer_orm.emulator.answers import (
    Answer,
    Page,
    Problem,
    RefusedError,
    list_document,
    wire_time,
)
from kustomer_orm.emulator.behaviour import Behaviour
from kustomer_orm.emulator.edits import body_of
from kustomer_orm.emulator.exchange import Exchange
from kustomer_orm.emulator.kinds import KOBJECT
from kustomer_orm.emulator.reads import positive
from kustomer_orm.emulator.search_criteria import Criteria
from kustomer_orm.emulator.search_index import SearchIndex, Shelf
from kustomer_orm.emulator.store import Stored
from kustomer_orm.emulator.world import World

MOST_PAGES = 100
LARGEST = 500
HORIZON = timedelta(days=730)
_KEYS = frozenset(
    (
        "queryContext",
        "and",
        "or",
        "not",
        "sort",
        "timeZone",
        "includeDeleted",
        "aggs",
        "fields",
        "searchHash",
    )
)
_CONTEXT = re.compile(
    r"(company|customer|message|conversation|conversation_time|note|kobject|kobject_.*|work_session"
    r"|work_item)\Z"
)
_FIRST, _LAST = "", "\uffff"


@dataclass(frozen=True)
class Asked:
    """A search as it was asked for."""

    criteria: Criteria
    kinds: list[str]
    sort: list[tuple[str, bool]]
    deleted: bool
    old: bool


class Searching:
    """Answers searches; the caller holds the world's lock.

    Attributes:
        index: What searches see.
    """

    def __init__(
        self, *, world: World, behaviour: Behaviour, clock: Callable[[], datetime]
    ) -> None:
        self._world, self._behaviour, self._clock = world, behaviour, clock
        self.index: SearchIndex = world.index
        self._count = 0

    def answer(self, exchange: Exchange, segments: list[str]) -> Answer | None:
        """The answer, None where the path leads somewhere else."""
        match exchange.method, segments:
            case "POST", ["customers", "search"]:
                return self._search(exchange, old=False)
            case "POST", ["customers", "archive", "search"]:
                return self._search(exchange, old=True)
        return None

    def _search(self, exchange: Exchange, *, old: bool) -> Answer:
        asked = self._asked(body_of(exchange, {"application/json"}), old=old)
        number = positive(exchange.query.get("page", "1"), "page")
        largest = self._behaviour.max_page_size or LARGEST
        size = min(positive(exchange.query.get("pageSize", "100"), "pageSize"), largest)
        found = self._found(asked)
        start, end = (number - 1) * size, number * size
        window = self._behaviour.search_window
        beyond = number > MOST_PAGES or (window is not None and end > window and start >= window)
        if beyond and self._behaviour.search_beyond == "refused":
            raise RefusedError(400, Problem("Page is beyond the last one", "page", "/page"))
        chosen = [] if beyond else found[start : min(end, window or end)]
        page = Page(exchange.path.rstrip("/"), number, size, len(found))
        shown = [self._world.store.shown(each, self._behaviour) for each in chosen]
        if exchange.query.get("idsOnly") == "true":
            shown = [{"type": each["type"], "id": each["id"]} for each in shown]
        document = list_document(page, shown, with_total=True)
        document["meta"] |= {"aggregations": {}, "timed_out": False}
        return Answer(200, document)

    # -- reading the question ---------------------------------------------------------------------

    def _asked(self, body: Mapping[str, Any], *, old: bool) -> Asked:
        for name in body:
            if name not in _KEYS:
                raise _refused("Additional properties not allowed", name)
        context = body.get("queryContext", "customer")
        if not isinstance(context, str) or _CONTEXT.match(context) is None:
            raise _refused("String does not match pattern", "queryContext")
        groups = {name: _several(body, name, 20) for name in ("and", "or", "not")}
        criteria = search_criteria.read(groups, str(body.get("timeZone", "GMT")))
        sort = [_sorted_by(each) for each in _several(body, "sort", 5)]
        return Asked(criteria, self._kinds(context), sort, body.get("includeDeleted") is True, old)

    def _kinds(self, context: str) -> list[str]:
        if context == "kobject":
            return [kind for kind in self.index.types() if kind.startswith(KOBJECT)]
        return [f"{KOBJECT}{context[8:]}" if context.startswith("kobject_") else context]

    # -- finding ----------------------------------------------------------------------------------

    def _found(self, asked: Asked) -> list[Stored]:
        horizon = wire_time(self._clock() - HORIZON)
        low, high = (_FIRST, horizon) if asked.old else (horizon, _LAST)
        low = max(low, asked.criteria.not_before)
        high = min(high, asked.criteria.not_after)
        records: list[Stored] = []
        for shelf in self.index.shelves(asked.kinds):
            records += self._matching(shelf, asked, low, high)
        return self._ordered(records, asked)

    def _matching(self, shelf: Shelf, asked: Asked, low: str, high: str) -> Iterator[Stored]:
        for ident in shelf.between(low, high):
            record = shelf.records[ident]
            if record.attributes.get("deleted") is True and not asked.deleted:
                continue
            if asked.criteria.match(record):
                yield record

    def _ordered(self, records: list[Stored], asked: Asked) -> list[Stored]:
        """Sort; of several keys only the first counts where the switch says so."""
        self._count += 1
        if self._behaviour.search_ties == "shuffled":
            salt = self._count
            records.sort(key=lambda record: hash((record.id, salt)))
        keys = asked.sort or [("updated_at", True)]
        if self._behaviour.search_sorts == "first":
            keys = keys[:1]
        in_order = len(asked.kinds) == 1 and self._behaviour.search_ties == "stable"
        if keys == [("updated_at", False)] and in_order:
            return records  # the index holds them so
        for name, descending in reversed(keys):
            records.sort(key=lambda each: _key(each, name), reverse=descending)
        return records


def _key(record: Stored, name: str) -> tuple[bool, str, float]:
    value = search_criteria.value_of(record, name)
    first = value[0] if value else None
    number = float(first) if isinstance(first, (int, float)) else 0.0
    return (first is not None, first if isinstance(first, str) else "", number)


def _sorted_by(entry: Mapping[str, Any]) -> tuple[str, bool]:
    ((name, direction),) = entry.items() if len(entry) == 1 else (("", ""),)
    if direction not in {"asc", "desc"}:
        raise _refused("Invalid sort", "sort")
    return search_criteria.bare(name), direction == "desc"


def _several(body: Mapping[str, Any], name: str, most: int) -> list[dict[str, Any]]:
    """A group of criteria: one object, or an array of them that are all different."""
    given = body.get(name, [])
    entries = [given] if isinstance(given, dict) and given else given or []
    if not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
        raise _refused("Invalid type", name)
    if len(entries) > most:
        raise _refused(f"Array is too long ({len(entries)}), maximum {most}", name)
    if any(each in entries[:place] for place, each in enumerate(entries)):
        raise _refused("Array items are not unique", name)
    return entries


def _refused(title: str, parameter: str) -> RefusedError:
    return RefusedError(400, Problem(title, parameter, f"/{parameter}"))
