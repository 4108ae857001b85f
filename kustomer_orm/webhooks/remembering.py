"""Remembers the last revision that was handed on of each record, in any mutable mapping.

A mapping over Redis or over a framework's cache lets several processes share it. Keys are short
texts that show nothing, values are short texts.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import threading
from collections.abc import Iterable, Iterator, MutableMapping
from typing import NamedTuple

from kustomer_orm._types import JSON
from kustomer_orm.records.following import Place, compared
from kustomer_orm.webhooks.events import Event


class Mark(NamedTuple):
    """Where one record stands: its revision, else the time of its update and the event's id."""

    rev: int | None
    updated_at: str
    event: str

    @classmethod
    def of(cls, event: Event) -> Mark:
        """Give the mark of an event."""
        updated_at = event.resource["attributes"].get("updatedAt")
        # An event without an id is known by its words.
        ident = event.id or hashlib.sha256(json.dumps(event.raw).encode()).hexdigest()
        return cls(event.rev, updated_at if isinstance(updated_at, str) else "", ident)

    @classmethod
    def read(cls, text: JSON) -> Mark | None:
        """Read what was kept; None where that is nothing of ours."""
        try:
            rev, updated_at, event = json.loads(text)
        except (TypeError, ValueError):
            return None
        good = isinstance(updated_at, str) and isinstance(event, str)
        return cls(rev, updated_at, event) if good and isinstance(rev, int | None) else None

    def text(self) -> str:
        """Give what is kept."""
        return json.dumps(self)

    def after(self, other: Mark) -> Place:
        """Place this mark beside an earlier one."""
        if self.event == other.event:
            return Place.SAME
        place = compared((other.rev, other.updated_at), (self.rev, self.updated_at))
        # Two writes may share a millisecond; two of one revision there are not.
        return Place.UNKNOWN if place is Place.SAME and self.rev is None else place


class Memory:
    """The marks of all records, and of what is being handled just now. Safe for threads.

    Two threads of this process never handle one event at once; two processes that share the
    mapping may, since a mapping has no way to ask and set in one step.
    """

    def __init__(self, mapping: MutableMapping[str, str]) -> None:
        self._mapping = mapping
        self._lock = threading.Lock()
        self._under_way: dict[str, list[Mark]] = {}

    @contextlib.contextmanager
    def handling(self, event: Event) -> Iterator[Place]:
        """Handle an event in here; it is remembered when that ends without an exception.

        Gives where it stands; what is the same or older is not to be handled.
        """
        key, mark = _key(event), Mark.of(event)
        with self._lock:
            known = [*self._kept(key), *self._under_way.get(key, ())]
            place = _worst(mark.after(each) for each in known)
            new = place not in {Place.SAME, Place.OLDER}
            if new:
                self._under_way.setdefault(key, []).append(mark)
        if not new:
            yield place
            return
        try:
            yield place
        except BaseException:
            with self._lock:
                self._release(key, mark)
            raise
        with self._lock:
            self._release(key, mark)
            if all(mark.after(each) is not Place.OLDER for each in self._kept(key)):
                self._mapping[key] = mark.text()

    def _kept(self, key: str) -> list[Mark]:
        # Never "is it there?" before: it may expire between the two questions.
        try:
            mark = Mark.read(self._mapping[key])
        except KeyError:
            return []
        return [] if mark is None else [mark]

    def _release(self, key: str, mark: Mark) -> None:
        marks = self._under_way[key]
        marks.remove(mark)
        if not marks:
            del self._under_way[key]


def _worst(places: Iterable[Place]) -> Place:
    """Give the place that speaks most against handling an event."""
    found = list(places)
    for place in (Place.SAME, Place.OLDER, Place.UNKNOWN):
        if place in found:
            return place
    return Place.NEWER


def _key(event: Event) -> str:
    name = json.dumps([event.org, event.type, event.record.id]).encode()
    return f"kustomer-webhook-{hashlib.sha256(name).hexdigest()[:40]}"
