"""Within a scope, one record is one object: which objects are held, and which scope counts."""

from __future__ import annotations

import contextlib
import contextvars
import threading
from collections.abc import Iterator
from typing import Any, TypeVar

T = TypeVar("T")


class IdentityScope:
    """The objects of one unit of work, by type and id. It holds them until it ends.

    For one record there is one object of each class that it was asked for by; an object is also
    one of its base classes, so most often there is one.
    """

    def __init__(self, client: object) -> None:
        self._client = client
        self._thread = threading.get_ident()
        self._held: dict[tuple[str, str | None], list[Any]] = {}

    def counts_for(self, client: object) -> bool:
        """Tell whether this is the client's scope, and this the thread that opened it."""
        # A context may be copied into a pool's thread, and records belong to one thread.
        return self._client is client and self._thread == threading.get_ident()

    def find(self, cls: type[T], type_name: str, id_: str) -> T | None:
        """Give the object of a class that stands for a record, or None."""
        for held in self._held.get((type_name, id_), ()):
            if isinstance(held, cls):
                return held
        return None

    def join(self, record: Any) -> None:
        """Take a record in that has its id; the object that is there already stays."""
        if self.find(type(record), record.type, record.id) is None:
            self._held.setdefault((record.type, record.id), []).append(record)

    def leave(self, type_name: str, id_: str | None) -> None:
        """Let go of a record that is not there any more."""
        self._held.pop((type_name, id_), None)


# The innermost is last. There is one for a client at most, if it is asked for in its own thread.
_scopes: contextvars.ContextVar[tuple[IdentityScope, ...]] = contextvars.ContextVar(
    "kustomer_orm_scopes", default=()
)


def find_scope(client: object) -> IdentityScope | None:
    """Give the scope that is open for a client in this context and thread, or None."""
    for scope in _scopes.get():
        if scope.counts_for(client):
            return scope
    return None


def find_held(client: object, cls: type[T], type_name: str, id_: str) -> T | None:
    """Give the object that a scope holds for a record, or None."""
    scope = find_scope(client)
    return None if scope is None else scope.find(cls, type_name, id_)


def join_scope(client: object, record: Any) -> None:
    """Have a record held, where a scope is open."""
    scope = find_scope(client)
    if scope is not None:
        scope.join(record)


def leave_scope(client: object, type_name: str, id_: str | None) -> None:
    """Let go of a record that is not there any more, where a scope is open."""
    scope = find_scope(client)
    if scope is not None:
        scope.leave(type_name, id_)


@contextlib.contextmanager
def open_scope(client: object) -> Iterator[None]:
    """Open a scope; where one is open for the client already, join that."""
    if find_scope(client) is not None:
        yield
        return
    scope = IdentityScope(client)
    _scopes.set((*_scopes.get(), scope))
    try:
        yield
    finally:
        # Generators share a context, so the last one opened need not be the one that ends.
        _scopes.set(tuple(each for each in _scopes.get() if each is not scope))
