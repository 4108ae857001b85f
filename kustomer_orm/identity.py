"""Within a scope, one record is one object: which objects are held, and which scope counts."""

from __future__ import annotations

import contextlib
import contextvars
import copy
import sys
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
        self._owner: object = _runner()
        self._blocks = 0
        self._held: dict[tuple[str, str | None], list[Any]] = {}
        self._missing: dict[tuple[str, str | None], Exception] = {}

    def counts_for(self, client: object) -> bool:
        """Tell whether this is the client's scope, is open, and was opened by who is asking."""
        # Contexts are copied into tasks and a pool's threads, and may outlive the scope there.
        return self._blocks > 0 and self._client is client and self._owner == _runner()

    def part_for(self, client: object) -> IdentityScope | None:
        """Give the scope that holds what is asked for here, which is this one, or None."""
        return self if self.counts_for(client) else None

    def enter(self) -> None:
        """Count a block that is in the scope."""
        self._blocks += 1

    def exit(self) -> None:
        """Let go of everything when the last block has ended, be it the first one opened or not."""
        self._blocks -= 1
        if not self._blocks:
            self._owner = None
            self._held.clear()
            self._missing.clear()

    @property
    def is_open(self) -> bool:
        """Whether any block is in it."""
        return self._blocks > 0

    def find(self, cls: type[T], type_name: str, id_: str) -> T | None:
        """Give the object of a class that stands for a record, or None."""
        for held in self._held.get((type_name, id_), ()):
            if isinstance(held, cls):
                return held
        return None

    def find_all(self, type_name: str, id_: str) -> list[Any]:
        """Give every object that stands for a record."""
        return list(self._held.get((type_name, id_), ()))

    def find_missing(self, type_name: str, id_: str | None) -> Exception | None:
        """Give the error, of our own, by which a record was found to be missing; None if not."""
        return self._missing.get((type_name, id_))

    def join(self, record: Any) -> None:
        """Take a record in that has its id; the object that is there already stays."""
        if self.find(type(record), record.type, record.id) is None:
            self._held.setdefault((record.type, record.id), []).append(record)

    def is_there(self, type_name: str, id_: str | None) -> None:
        """Forget that a record was missing."""
        self._missing.pop((type_name, id_), None)

    def leave(self, type_name: str, id_: str | None, error: Exception | None = None) -> None:
        """Let go of a record that is not there any more, and remember by what error that showed."""
        self._held.pop((type_name, id_), None)
        if error is not None:
            self._missing[type_name, id_] = copy.copy(error)  # its traceback holds frames


class SpreadScope:
    """A scope of a request that runs in a task and in threads: in each, it has a part of its own.

    Records belong to one thread, so no two parts share any.
    """

    def __init__(self, client: object) -> None:
        self._client = client
        self._parts: dict[object, IdentityScope] | None = {}
        self._lock = threading.Lock()

    def part_for(self, client: object) -> IdentityScope | None:
        """Give the part of who is asking, opened for this if need be; None where it is not for it.

        The contexts of tasks and threads are copies, which may outlive the scope.
        """
        if client is not self._client:
            return None
        runner = _runner()
        with self._lock:
            if self._parts is None:
                return None
            part = self._parts.get(runner)
            if part is None:
                part = self._parts[runner] = IdentityScope(client)
                part.enter()
        return part

    def exit(self) -> None:
        """Let go of everything, in whatever thread."""
        with self._lock:
            parts, self._parts = self._parts or {}, None
        for part in parts.values():
            part.exit()

    @property
    def is_open(self) -> bool:
        """Whether it has not ended."""
        return self._parts is not None


def _runner() -> tuple[threading.Thread, object]:
    """Give the thread that runs this, and its task; themselves, since numbers are used again."""
    # Whoever runs tasks has imported it; nobody else is to wait for that.
    current_task = getattr(sys.modules.get("asyncio"), "current_task", None)
    task = None
    if current_task is not None:
        with contextlib.suppress(RuntimeError):  # no loop runs here
            task = current_task()
    return threading.current_thread(), task


# The innermost is last. There is one for a client at most, if it is asked for by who opened it.
_scopes: contextvars.ContextVar[tuple[IdentityScope | SpreadScope, ...]] = contextvars.ContextVar(
    "kustomer_orm_scopes", default=()
)


def find_scope(client: object) -> IdentityScope | None:
    """Give the scope that is open for a client in this context, thread and task, or None."""
    for scope in _scopes.get():
        part = scope.part_for(client)
        if part is not None:
            return part
    return None


def find_held(client: object, cls: type[T], type_name: str, id_: str) -> T | None:
    """Give the object that a scope holds for a record, or None."""
    scope = find_scope(client)
    return None if scope is None else scope.find(cls, type_name, id_)


def find_missing(client: object, type_name: str, id_: str | None) -> Exception | None:
    """Give the error by which a scope knows that a record is missing, or None."""
    scope = find_scope(client)
    return None if scope is None else scope.find_missing(type_name, id_)


def join_scope(client: object, record: Any) -> None:
    """Have a record held, where a scope is open."""
    scope = find_scope(client)
    if scope is not None:
        scope.join(record)


def tell_there(client: object, type_name: str, id_: str | None) -> None:
    """Forget that a record was missing, where a scope is open."""
    scope = find_scope(client)
    if scope is not None:
        scope.is_there(type_name, id_)


def leave_scope(
    client: object, type_name: str, id_: str | None, error: Exception | None = None
) -> None:
    """Let go of a record that is not there any more, where a scope is open."""
    scope = find_scope(client)
    if scope is not None:
        scope.leave(type_name, id_, error)


@contextlib.contextmanager
def open_scope(client: object) -> Iterator[None]:
    """Open a scope; where one is open for the client already, join that.

    It ends with the last block that is in it. Generators share a context, so that need not be the
    one that was opened first.
    """
    scope = find_scope(client)
    if scope is None:
        scope = IdentityScope(client)
        _scopes.set((*_scopes.get(), scope))
    scope.enter()
    try:
        yield
    finally:
        scope.exit()
        _scopes.set(tuple(each for each in _scopes.get() if each.is_open))


@contextlib.contextmanager
def open_spread_scope(client: object) -> Iterator[None]:
    """Open a scope that counts in every thread and task which this context is copied into."""
    scope = SpreadScope(client)
    _scopes.set((*_scopes.get(), scope))
    try:
        yield
    finally:
        scope.exit()
        _scopes.set(tuple(each for each in _scopes.get() if each.is_open))
