"""A Django cache as the mapping in which a client keeps the server's documents."""

from __future__ import annotations

import functools
import hashlib
import uuid
from collections.abc import Iterator, MutableMapping
from typing import Any
from urllib.parse import quote

from django.core.cache import caches
from django.core.cache.backends.base import DEFAULT_TIMEOUT

from kustomer_orm._types import JSONObject
from kustomer_orm.cache import Key
from kustomer_orm.errors import ConfigurationError

# memcached takes 250 signs, of which Django's prefix and version need some.
_LONGEST = 200


class DjangoCache(MutableMapping[Key, JSONObject]):
    """Documents in the Django cache of an alias.

    Django's caches cannot be listed, so this lists nothing. To forget an organisation each
    document carries the organisation's mark, a word that is kept beside it and read in the same
    turn: with a new mark, no older document counts. A mark that the cache has dropped takes its
    documents along.
    """

    def __init__(self, alias: str, timeout: float | None) -> None:
        self._alias = alias
        self._timeout: Any = DEFAULT_TIMEOUT if timeout is None else timeout

    @property
    def _cache(self) -> Any:
        return caches[self._alias]  # each thread has its own

    def __getitem__(self, key: Key) -> JSONObject:
        mark, place = _mark_of(key[0]), _place_of(key)
        found = self._cache.get_many([mark, place])
        if mark not in found or place not in found or found[place][0] != found[mark]:
            raise KeyError(key)
        document: JSONObject = found[place][1]
        return document

    def __setitem__(self, key: Key, document: JSONObject) -> None:
        mark = self._cache.get_or_set(_mark_of(key[0]), _new_mark, timeout=None)
        self._cache.set(_place_of(key), (mark, document), timeout=self._timeout)

    def __delitem__(self, key: Key) -> None:
        if not self._cache.delete(_place_of(key)):
            raise KeyError(key)

    def forget(self, org: str) -> None:
        """Have no document of an organisation count that is there now."""
        self._cache.set(_mark_of(org), _new_mark(), timeout=None)

    def __iter__(self) -> Iterator[Key]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def __repr__(self) -> str:
        return f"<DjangoCache {self._alias}>"


def _new_mark() -> str:
    return uuid.uuid4().hex


def _mark_of(org: str) -> str:
    return _safe("kustomer-mark", org)


def _place_of(key: Key) -> str:
    return _safe("kustomer", *key)


def _safe(*parts: str) -> str:
    """Give a key that every backend takes: no space, no control character, not too long."""
    text = ":".join(quote(part, safe="") for part in parts)
    if len(text) <= _LONGEST:
        return text
    return f"{parts[0]}:{hashlib.sha256(text.encode()).hexdigest()}"


def mapping_of(alias: str, timeout: float | None) -> DjangoCache:
    """Give the mapping of a Django cache: clients that share one must share its lock.

    Raises:
        ConfigurationError: CACHES has no such alias.
    """
    if alias not in caches:
        known = ", ".join(map(repr, caches))
        raise ConfigurationError(f"CACHES has no {alias!r}; it has {known}")
    return _mapping(alias, timeout)


@functools.cache
def _mapping(alias: str, timeout: float | None) -> DjangoCache:
    return DjangoCache(alias, timeout)
