"""Which client is current, which live by what name, and who can make one that does not yet.

Copies that travel remember a client by its name and organisation. Where a framework's settings
name the clients and make each on first use, a copy may arrive before its client was needed.
"""

from __future__ import annotations

import contextvars
import weakref
from collections.abc import Callable
from typing import Any, TypeAlias

# Takes a name and an organisation; gives the client of both, or None.
Maker: TypeAlias = Callable[[str, str], Any]

# The innermost `with client:` of this context is last.
_stack: contextvars.ContextVar[tuple[Any, ...]] = contextvars.ContextVar(
    "kustomer_orm_clients", default=()
)
# What connect() made, if it was called, or what a framework's settings give on first use.
_process: list[Callable[[], Any]] = []
_named: dict[tuple[str, str], list[weakref.ref[Any]]] = {}  # the newest is last
_makers: list[Maker] = []


def enter(client: Any) -> None:
    """Make a client the current one of this context."""
    _stack.set((*_stack.get(), client))


def leave(client: Any) -> None:
    """Have the client be current no more."""
    stack = _stack.get()
    # Generators share a context, so the last one entered need not be the one that leaves.
    mine = [place for place, one in enumerate(stack) if one is client]
    if mine:
        _stack.set(stack[: mine[-1]] + stack[mine[-1] + 1 :])


def default_to(find: Callable[[], Any]) -> None:
    """Have a function give the default of this process, or None, each time that it is needed."""
    _process[:] = [find]


def find_current() -> Any | None:
    """Give the client of this context, else the process default, else None."""
    stack = _stack.get()
    if stack:
        return stack[-1]
    return _process[0]() if _process else None


def remember(client: Any) -> None:
    """Have copies that travel find a client by its name, as long as it lives."""
    namesakes = _named.setdefault((client.name, client.org), [])
    namesakes.append(weakref.ref(client, namesakes.remove))


def made_by(make: Maker) -> None:
    """Say who makes clients that are asked for by name; saying it again changes nothing."""
    if make not in _makers:
        _makers.append(make)


def find_named(name: str, org: str) -> Any | None:
    """Give the client of a name and an organisation, or None: the current one before the newest.

    Another organisation's is never taken in its place.
    """
    found = find_current()
    if found is not None and (found.name, found.org) == (name, org):
        return found
    for reference in reversed(_named.get((name, org), [])):
        living = reference()
        if living is not None:
            return living
    made = (make(name, org) for make in _makers)
    return next((client for client in made if client is not None), None)
