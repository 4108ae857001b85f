"""Remembers what was handed on of each record, in any mutable mapping.

A mapping over Redis or over a framework's cache lets several processes share it. Keys are short
texts that show nothing, values are texts of some 800 characters at most.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import threading
from collections.abc import Iterator, MutableMapping
from typing import NamedTuple

from kustomer_orm._types import JSON
from kustomer_orm.errors import WebhookError
from kustomer_orm.records.following import Place, compared, moment
from kustomer_orm.webhooks.events import Event

# Of one record, the events without a revision that are known one by one.
_MOST_EVENTS = 32

_HANDLED = {Place.SAME, Place.OLDER}


class Mark(NamedTuple):
    """Where one record stands: the latest revision, the latest time, and the last events.

    Events that have a revision are known by it; of the others a digest is kept.
    """

    rev: int | None
    updated_at: str
    events: tuple[str, ...]

    @classmethod
    def of(cls, event: Event) -> Mark:
        """Give the mark of an event."""
        at = moment(event.resource["attributes"].get("updatedAt"))
        return cls(
            event.rev,
            "" if at is None else at.isoformat(),  # a text of the server's may be of any length
            () if event.rev is not None else (_digest(event),),
        )

    @classmethod
    def read(cls, text: JSON) -> Mark | None:
        """Read what was kept; None where that is nothing of ours."""
        try:
            rev, updated_at, events = json.loads(text)
        except (TypeError, ValueError):
            return None
        good = isinstance(updated_at, str) and isinstance(events, list)
        if not (good and isinstance(rev, int | None) and all(isinstance(e, str) for e in events)):
            return None
        return cls(rev, updated_at, tuple(events))

    def text(self) -> str:
        """Give what is kept."""
        return json.dumps(self)

    def after(self, other: Mark) -> Place:
        """Place this mark beside another."""
        if not set(self.events).isdisjoint(other.events):
            return Place.SAME
        place = compared((other.rev, other.updated_at), (self.rev, self.updated_at))
        # Two writes may share a millisecond; two of one revision there are not.
        return Place.UNKNOWN if place is Place.SAME and self.rev is None else place

    def with_later(self, other: Mark) -> Mark:
        """Give the mark of both, which is never lower than either."""
        revs = [each for each in (self.rev, other.rev) if each is not None]
        is_later = compared((None, self.updated_at), (None, other.updated_at)) is Place.NEWER
        return Mark(
            max(revs, default=None),
            other.updated_at if is_later or not self.updated_at else self.updated_at,
            (*self.events, *other.events)[-_MOST_EVENTS:],
        )


class Memory:
    """The marks of all records, and of what is being handled just now. Safe for threads.

    Two threads of this process never handle one event at once. Two processes that share the
    mapping may, since a mapping has no way to ask and set in one step; neither loses the event.
    """

    def __init__(self, mapping: MutableMapping[str, str]) -> None:
        self._mapping = mapping
        self._lock = threading.Lock()
        self._under_way: dict[str, list[Mark]] = {}

    @contextlib.contextmanager
    def handling(self, event: Event) -> Iterator[Place]:
        """Handle an event in here; it is remembered when that ends without an exception.

        Gives where it stands; what is the same or older is not to be handled.

        Raises:
            WebhookError: 503, while the same event or a newer one of the record is being handled.
                Whether this one is still needed is known when that has ended, well or not.
        """
        key, mark = _key(event), Mark.of(event)
        with self._lock:
            kept = self._kept(key)
            place = Place.NEWER if kept is None else mark.after(kept)
            if place not in _HANDLED:
                self._refuse_overtaking(key, mark)
                self._under_way.setdefault(key, []).append(mark)
        if place in _HANDLED:
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
            kept = self._kept(key)
            joined = mark if kept is None else kept.with_later(mark)
            if joined != kept:
                self._mapping[key] = joined.text()

    def _refuse_overtaking(self, key: str, mark: Mark) -> None:
        if any(mark.after(each) in _HANDLED for each in self._under_way.get(key, ())):
            raise WebhookError(
                "this event, or a newer one of its record, is being handled: let it come again",
                status=503,
            )

    def _kept(self, key: str) -> Mark | None:
        # Never "is it there?" before: it may expire between the two questions.
        try:
            return Mark.read(self._mapping[key])
        except KeyError:
            return None

    def _release(self, key: str, mark: Mark) -> None:
        marks = self._under_way[key]
        marks.remove(mark)
        if not marks:
            del self._under_way[key]


def _digest(event: Event) -> str:
    # An event without an id is known by its words.
    words = event.id or json.dumps(event.raw)
    return hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:20]


def _key(event: Event) -> str:
    name = json.dumps([event.org, event.type, event.record.id]).encode()
    return f"kustomer-webhook-{hashlib.sha256(name).hexdigest()[:40]}"
