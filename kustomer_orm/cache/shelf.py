"""A mapping of documents, shared by the clients that were given it: one lock, one count of changes.

An answer that was under way while something newer came in must not take its place. So every change
of an entry is numbered, an exchange remembers the number at which it began, and whoever finds a
later number at the entry when it is back has been overtaken.
"""

from __future__ import annotations

import array
import contextlib
import enum
import functools
import logging
import os
import threading
import weakref
from collections.abc import Callable, Iterable, MutableMapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, TypeAlias, TypeGuard

from kustomer_orm._types import JSONObject
from kustomer_orm.changes import revision

_log = logging.getLogger("kustomer_orm")

Key: TypeAlias = tuple[str, str, str, str]  # organisation, type, id, and who reads

# Places for the numbers of changes. Documents that share one are at worst not kept once.
_PLACES = 16_384

# How many keys of a failing mapping are remembered as not to be trusted, before all of it is not.
_MOST_DISTRUSTED = 10_000


class Order(enum.Enum):
    """A document beside the one that is kept, by their revisions."""

    OLDER = "older"
    SAME = "same"
    NEWER = "newer"
    UNKNOWN = "unknown"  # nothing is kept, or one of the two has no revision


@dataclass(slots=True)
class Doubts:
    """What a mapping may hold and is not to be believed, until it is put in anew.

    Attributes:
        keys: what could not be taken out.
        records: by organisation, type and id, what was dropped while the mapping did not tell who
            else had read it.
        all: everything.
    """

    keys: set[Key] = field(default_factory=set)
    records: set[tuple[str, str, str]] = field(default_factory=set)
    all: bool = False

    def add(self, keys: Iterable[Key]) -> None:
        """Believe these no longer; where they become too many, nothing at all."""
        self.keys.update(keys)
        self.all |= len(self.keys) > _MOST_DISTRUSTED


class Shelf:
    """One mapping, with the lock and the numbers that all of its clients share.

    Everything but `number` is for those who hold the lock. The mapping is the user's and may do
    as it likes: what it raises is logged once and counts as "not there".
    """

    def __init__(self, mapping: MutableMapping[Any, Any]) -> None:
        self.lock = threading.RLock()  # a signal's handler may read while its thread is in here
        self.number = 0
        self._mapping = mapping
        self._tolerant = _Tolerant()
        self._marks = array.array("Q", bytes(8 * _PLACES))
        self._all_marked = 0
        self._doubts = _doubts_of(mapping)
        self._readers: set[tuple[str, str]] = set()
        self._knows_all_readers = False

    def look(self, key: Key) -> JSONObject | None:
        """Give the document itself, or None; to be copied before anybody else has it."""
        if self._doubts.all or key in self._doubts.keys:
            return None
        found: Any = None
        # Never "is it there?" before: it may expire between the two questions.
        with self._tolerant, contextlib.suppress(KeyError):
            found = self._mapping[key]
        return found if _is_document(found, key) else None

    def insert(self, key: Key, document: JSONObject) -> bool:
        """Put a document in, and tell whether that went well."""
        with self._tolerant:
            self._mapping[key] = document
            self._doubts.keys.discard(key)
            return True
        return False

    def remove(self, key: Key) -> bool:
        """Take a document out, and tell whether there was one."""
        there = gone = False
        with self._tolerant:
            with contextlib.suppress(KeyError):
                del self._mapping[key]
                there = True
            gone = True
        if gone:
            self._doubts.keys.discard(key)
        else:
            self._doubts.add([key])
        return there

    def clear(self, org: str) -> int:
        """Take out every document of an organisation, and count those that can be counted.

        A mapping that cannot be listed has a method `forget(org)` for this.
        """
        self.number += 1
        self._all_marked = self.number
        forget: Callable[[str], object] | None = getattr(self._mapping, "forget", None)
        keys = self.keys_of(org) if forget is None else self._forgotten(forget, org)
        if keys is None:
            self._doubts.all = True
            return 0
        self._doubts.all = False
        self._doubts.records -= {each for each in self._doubts.records if each[0] == org}
        return sum([self.remove(key) for key in keys])

    def _forgotten(self, forget: Callable[[str], object], org: str) -> list[Key] | None:
        """Have the mapping forget an organisation; None where it could not."""
        with self._tolerant:
            forget(org)
            return []
        return None

    def keys_of(self, org: str) -> list[Key] | None:
        """List the keys of an organisation; None where the mapping does not tell."""
        with self._tolerant:
            return [key for key in list(self._mapping) if _is_key(key) and key[0] == org]
        return None

    def know(self, org: str, reader: str) -> None:
        """Remember who reads an organisation through here, by the fingerprint of the API key."""
        if (org, reader) not in self._readers:
            self._readers.add((org, reader))
            self._doubts.add((*each, reader) for each in self._doubts.records if each[0] == org)

    def readers_of(self, record: tuple[str, str, str]) -> list[str]:
        """List those who may have read a record that is being dropped, to drop it for them all."""
        if not self._knows_all_readers and not self._find_readers():
            self._doubts.records.add(record)
            self._doubts.all |= len(self._doubts.records) > _MOST_DISTRUSTED
        return [reader for of, reader in self._readers if of == record[0]]

    def _find_readers(self) -> bool:
        """Look in the mapping for readers whose clients are gone, or were in another process.

        Once, at the first write: a listing may ask a store outside for every key. Who comes later
        is known from the start.
        """
        with self._tolerant:
            for key in list(self._mapping):
                if _is_key(key):
                    self.know(key[0], key[3])
            self._knows_all_readers = True
        return self._knows_all_readers

    def mark(self, key: Key) -> None:
        """Number a change of an entry."""
        self.number += 1
        self._marks[hash(key[:3]) % _PLACES] = self.number

    def overtaken(self, key: Key, begun: int) -> bool:
        """Tell whether an entry has changed since an exchange began."""
        return max(self._marks[hash(key[:3]) % _PLACES], self._all_marked) > begun

    def order(self, key: Key, document: JSONObject) -> Order:
        """Compare a document with the one that is kept."""
        kept = self.look(key)
        old = None if kept is None else revision(kept["attributes"])
        new = revision(document["attributes"])
        if old is None or new is None:
            return Order.UNKNOWN
        return Order.SAME if new == old else Order.NEWER if new > old else Order.OLDER


class _Tolerant:
    """Lets a mapping fail: whatever it raises, no read breaks of it."""

    def __init__(self) -> None:
        self._told = False

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        if not isinstance(error, Exception):
            return False
        if not self._told:
            self._told = True
            # Not its words: they may hold what was to be kept.
            _log.warning("the cache's mapping raised %s: going on without it", type(error).__name__)
        return True


def _is_key(key: Any) -> TypeGuard[Key]:
    return isinstance(key, tuple) and len(key) == 4 and all(isinstance(one, str) for one in key)


def _is_document(found: Any, key: Key) -> TypeGuard[JSONObject]:
    """Tell a document of ours from whatever else a mapping may hold."""
    return (
        isinstance(found, dict)
        and (found.get("type"), found.get("id")) == (key[1], key[2])
        and isinstance(found.get("attributes"), dict)
        and isinstance(found.get("relationships"), dict)
    )


# Mappings are neither hashable nor, as a dict is not, to be referred to weakly. A shelf holds its
# mapping, so while it lives no other object has that id.
_shelves: weakref.WeakValueDictionary[int, Shelf] = weakref.WeakValueDictionary()
_shelving = threading.Lock()

# What is not believed outlives the shelf, as far as the mapping can be watched: a dict cannot, and
# a dict does not fail either.
_doubts: dict[int, tuple[weakref.ref[Any], Doubts]] = {}


def _doubts_of(mapping: MutableMapping[Any, Any]) -> Doubts:
    place = id(mapping)
    if place not in _doubts:
        made = Doubts()
        try:
            # No lock in there: it may run anywhere, in a thread that holds one.
            watch = weakref.ref(mapping, lambda _: _doubts.pop(place, None))
        except TypeError:
            return made
        _doubts[place] = (watch, made)
    return _doubts[place][1]


def shelf_of(mapping: MutableMapping[Any, Any]) -> Shelf:
    """Give the one shelf of a mapping: clients that share it must share the lock."""
    _survive_forks()
    with _shelving:
        found = _shelves.get(id(mapping))
        if found is None:
            found = _shelves[id(mapping)] = Shelf(mapping)
        return found


@functools.cache
def _survive_forks() -> None:
    """Have every lock held over a fork, so that a child gets whole mappings and free locks."""
    held: list[Shelf] = []

    def take() -> None:
        _shelving.acquire()
        held.extend(_shelves.values())
        for shelf in held:
            shelf.lock.acquire()

    def give_back() -> None:
        while held:
            held.pop().lock.release()
        _shelving.release()

    if hasattr(os, "register_at_fork"):  # not on Windows, which has no forks
        os.register_at_fork(before=take, after_in_parent=give_back, after_in_child=give_back)
