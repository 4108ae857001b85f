"""What one client keeps of the server's documents, and what its reads and writes do to them.

Documents are copied on their way in and on their way out, so that no two readers share a list.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, MutableMapping
from typing import Any, NamedTuple, NoReturn, Self

import cachetools

from kustomer_orm._types import JSONObject
from kustomer_orm.cache.shelf import Order, Shelf, shelf_of
from kustomer_orm.changes import copy_json, revision
from kustomer_orm.config import Config
from kustomer_orm.errors import NotFoundError

# A document of 2.4 kB on the wire takes about 8 kB here, so a full cache takes some 30 MB.
MAXSIZE = 4096


def bounded(most: int) -> MutableMapping[Any, Any]:
    """Make a mapping that keeps so many entries and forgets the least used. Not for threads."""
    return cachetools.LRUCache(most)


class CacheStats(NamedTuple):
    """What a cache did for its client so far.

    Attributes:
        hits: reads that needed no request.
        misses: reads that looked and found nothing.
        stores: documents that were put in, by reads and by writes.
        drops: documents that were taken out because they may not be true any more.

    >>> CacheStats(hits=3, misses=1, stores=1, drops=0).hits
    3
    """

    hits: int
    misses: int
    stores: int
    drops: int


class DocumentCache:
    """The documents that a client's reads and writes have left: `client.cache`.

    Thread-safe, fork-safe, and of no effect while the cache is off. Clients that are given one
    mapping share it and its lock; documents of another organisation, or read with another API
    key, are never seen.

    >>> from kustomer_orm import Client, Conversation
    >>> from kustomer_orm.emulator import Emulator
    >>> with Emulator() as server, Client(server.api_key, base_url=server.url, cache=60) as client:
    ...     id_ = server.world.add("conversation", name="Hi")
    ...     first, second = Conversation.get(id_), Conversation.get(id_)
    ...     len(server.requests), first is second
    (1, False)
    >>> client.cache
    <DocumentCache hits=1 misses=1 stores=1 drops=0>
    """

    def __init__(
        self,
        setting: float | MutableMapping[Any, Any] | None,
        *,
        org: str,
        reader: str,
        timer: Callable[[], float],
    ) -> None:
        if isinstance(setting, (int, float)):
            setting = cachetools.TTLCache(MAXSIZE, setting, timer) if setting else None
        self._shelf = None if setting is None else shelf_of(setting)
        self._org = org
        self._reader = reader
        self._counts = dict.fromkeys(CacheStats._fields, 0)
        if self._shelf is not None:
            with self._shelf.lock:
                self._shelf.know(org, reader)

    @classmethod
    def of(cls, config: Config, *, timer: Callable[[], float]) -> Self:
        """Make the cache of a client: what it keeps is for its own key at its own host."""
        reader = config.api_key.fingerprint(config.base_url)
        return cls(config.cache, org=config.org, reader=reader, timer=timer)

    # -- for everybody --------------------------------------------------------------------------

    @property
    def is_on(self) -> bool:
        """Whether anything is kept."""
        return self._shelf is not None

    @property
    def stats(self) -> CacheStats:
        """What the cache did for this client; another client of the mapping counts for itself."""
        with contextlib.nullcontext() if self._shelf is None else self._shelf.lock:
            return CacheStats(**self._counts)

    def clear(self) -> None:
        """Forget every document of this organisation. Other things in the mapping stay."""
        shelf = self._shelf
        if shelf is None:
            return
        with shelf.lock:
            self._counts["drops"] += shelf.clear(self._org)

    def drop(self, type_name: str, id_: str) -> None:
        """Forget one document, such as one that a webhook says has changed.

        A read of it that is under way is not kept either.

        >>> from kustomer_orm import Client
        >>> client = Client("a-key", org="acme", cache=60)
        >>> client.cache.drop("conversation", "58228e05d4e96711004eccb7")
        """
        shelf = self._shelf
        if shelf is None:
            return
        with shelf.lock:
            self._drop(shelf, type_name, id_, shelf.readers_of((self._org, type_name, id_)))

    def drop_older(self, type_name: str, id_: str, rev: int | None) -> None:
        """Forget one document, unless it is of this revision or a later one.

        A read of it that is under way is kept only if it is later than what is here.
        """
        shelf = self._shelf
        if shelf is None:
            return
        record = (self._org, type_name, id_)
        with shelf.lock:
            readers = shelf.readers_of(record)
            older = [each for each in readers if _is_older(shelf.look((*record, each)), rev)]
            self._drop(shelf, type_name, id_, older)

    def __len__(self) -> int:
        # Those of the organisation, as with `clear`: a shared mapping may hold other things.
        shelf = self._shelf
        if shelf is None:
            return 0
        with shelf.lock:
            return len(shelf.keys_of(self._org) or ())

    def __bool__(self) -> bool:
        # An empty cache is a cache: `if client.cache` must not depend on what is in it.
        return self.is_on

    def __repr__(self) -> str:
        if self._shelf is None:
            return "<DocumentCache off>"
        return f"<DocumentCache {' '.join(f'{name}={n}' for name, n in self._counts.items())}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a cache is not pickled: it belongs to a client, which is not either")

    # -- for reads and writes -------------------------------------------------------------------

    def begin(self) -> int:
        """Give the number to hand back with what a read or a write is about to bring."""
        return 0 if self._shelf is None else self._shelf.number

    def find(self, type_name: str, id_: str) -> JSONObject | None:
        """Give a copy of a document, or None."""
        shelf = self._shelf
        if shelf is None:
            return None
        with shelf.lock:
            found = shelf.look((self._org, type_name, id_, self._reader))
            self._counts["misses" if found is None else "hits"] += 1
        return None if found is None else _copied(found)

    def through(
        self,
        type_name: str,
        id_: str,
        fetch: Callable[[], JSONObject],
        *,
        fresh: bool = False,
    ) -> JSONObject:
        """Give a document from here; fetch and keep it where it is not, or is to be fresh."""
        found = None if fresh else self.find(type_name, id_)
        if found is not None:
            return found
        begun = self.begin()
        try:
            document = fetch()
        except NotFoundError:
            self.drop(type_name, id_)
            raise
        self.keep_read(document, begun)
        return document

    def keep_read(self, document: JSONObject, begun: int) -> None:
        """Put in what a read brought, unless something newer has come in meanwhile."""
        if self._shelf is not None:
            self._keep(self._shelf, document, begun, written=False)

    def keep_written(self, document: JSONObject, begun: int) -> None:
        """Put in what a write left behind; what other keys have seen of the record is dropped."""
        if self._shelf is not None:
            self._keep(self._shelf, document, begun, written=True)

    def _keep(self, shelf: Shelf, document: JSONObject, begun: int, *, written: bool) -> None:
        kept = _copied(document)
        key = (self._org, kept["type"], kept["id"], self._reader)
        with shelf.lock:
            order, overtaken = shelf.order(key, kept), shelf.overtaken(key, begun)
            if written:
                others = [each for each in shelf.readers_of(key[:3]) if each != self._reader]
                self._drop(shelf, key[1], key[2], others)
            if order is Order.NEWER or not (overtaken or order is Order.OLDER):
                # First out, then in: a document that does not fit must not leave the old one.
                shelf.remove(key)
                shelf.mark(key)
                self._counts["stores"] += shelf.insert(key, kept)
            elif not overtaken or (written and order is Order.UNKNOWN):
                # Asked for later and yet older (the record was made anew, or an answer lags), or
                # two writes of which nobody can tell the last: only the server knows.
                shelf.mark(key)
                self._counts["drops"] += shelf.remove(key)

    def _drop(self, shelf: Shelf, type_name: str, id_: str, readers: Iterable[str]) -> None:
        shelf.mark((self._org, type_name, id_, self._reader))
        for reader in readers:
            self._counts["drops"] += shelf.remove((self._org, type_name, id_, reader))


def _is_older(document: JSONObject | None, rev: int | None) -> bool:
    held = None if document is None else revision(document["attributes"])
    return held is None or rev is None or held < rev


def _copied(document: JSONObject) -> JSONObject:
    return {
        "type": document["type"],
        "id": document["id"],
        "attributes": copy_json(document["attributes"]),
        "relationships": copy_json(document.get("relationships") or {}),
    }
