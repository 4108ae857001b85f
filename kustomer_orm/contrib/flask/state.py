"""What one app has of us: its clients, and what is open for its contexts."""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from typing import Any

from flask import Flask, g
from flask.ctx import AppContext, _AppCtxGlobals
from flask.globals import app_ctx

from kustomer_orm.client import Client
from kustomer_orm.contrib.flask.settings import DEFAULT, bind_names, options_of
from kustomer_orm.errors import ConfigurationError
from kustomer_orm.identity import open_spread_scope
from kustomer_orm.webhooks import Receiver

NAME = "kustomer_orm"
_OPEN = "_kustomer_orm_open"

# The contexts in which something is open, the innermost last.
_contexts: ContextVar[tuple[weakref.ref[AppContext], ...]] = ContextVar(
    "kustomer_orm_flask_contexts", default=()
)


class Clients(Mapping[str, Client]):
    """The clients of an app by their bind, each made when it is asked for. Thread-safe.

    It takes no lock, so that a fork copies none that is held: of two threads that make the same
    client at once, both take the one that was there first.
    """

    def __init__(self, config: Mapping[str, Any], defaults: Mapping[str, Any]) -> None:
        self._config = config
        self._defaults = defaults
        self._made: dict[str, Client] = {}

    def find(self, bind: str) -> Client | None:
        """Give a client, or None where nothing is configured for it."""
        made = self._made.get(bind)
        if made is not None:
            return made
        options = options_of(self._config, bind, self._defaults)
        return None if options is None else self._made.setdefault(bind, Client(**options))

    def __getitem__(self, bind: str) -> Client:
        found = self.find(bind)
        if found is not None:
            return found
        if bind == DEFAULT:
            raise ConfigurationError(
                "no API key: set app.config['KUSTOMER_API_KEY'] or the variable KUSTOMER_API_KEY"
            )
        known = ", ".join(map(repr, self)) or "none"
        raise ConfigurationError(f"no bind {bind!r} in KUSTOMER_BINDS; there is {known}")

    def __iter__(self) -> Iterator[str]:
        if options_of(self._config, DEFAULT, self._defaults) is not None:
            yield DEFAULT
        yield from bind_names(self._config)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, bind: object) -> bool:
        return bind in list(self)

    def __repr__(self) -> str:
        return f"<Clients {', '.join(self)}>"


class AppState:
    """What `app.extensions["kustomer_orm"]` holds.

    Attributes:
        clients: the clients by their bind.
        receivers: what remembers the webhooks that have come, by blueprint.
    """

    def __init__(self, app: Flask, defaults: Mapping[str, Any]) -> None:
        self._config = app.config
        bind_names(app.config)
        self.clients = Clients(app.config, defaults)
        self.receivers: dict[object, Receiver] = {}

    def pushed(self, app: Flask, **_: Any) -> None:  # noqa: ARG002 - a signal's receiver
        """Have the default client current, and one object for one record, in a new context."""
        if _OPEN in g:  # pushed again, for instance while a response is streamed
            return
        _close_forgotten()
        client = self.clients.find(DEFAULT)
        if client is None:
            return
        with ExitStack() as opening:
            opening.enter_context(self.current(client))
            setattr(g, _OPEN, opening.pop_all())
        proxy: Any = app_ctx
        context: AppContext = proxy._get_current_object()  # noqa: SLF001 - documented
        _contexts.set((*_contexts.get(), weakref.ref(context)))

    def torn_down(self, error: BaseException | None) -> None:  # noqa: ARG002 - Flask's signature
        """Close what was opened for the context."""
        _close(g)
        _close_forgotten()

    @contextmanager
    def current(self, client: Client) -> Iterator[Client]:
        """Have a client current with an identity scope, where the app wants one."""
        with ExitStack() as stack:
            stack.enter_context(client.as_current())
            if self._config["KUSTOMER_IDENTITY_SCOPE"]:
                stack.enter_context(open_spread_scope(client))  # async views run in another thread
            yield client


def _close(held: _AppCtxGlobals) -> None:
    opened = held.pop(_OPEN, None)
    if opened is not None:
        opened.close()


def _close_forgotten() -> None:
    """Close what contexts have open that are pushed no more.

    A tear-down function of the app that raises keeps those from running that were registered
    before it, ours too, and no other request may see the records of that one.
    """
    pushed = []
    for reference in _contexts.get():
        context = reference()
        if context is not None and not getattr(context, "_cv_tokens", True):
            _close(context.g)
        if context is not None and _OPEN in context.g:
            pushed.append(reference)
    _contexts.set(tuple(pushed))


def state_of(app: Flask) -> AppState:
    """Give what an app has of us.

    Raises:
        ConfigurationError: it was not set up.
    """
    state = app.extensions.get(NAME)
    if not isinstance(state, AppState):
        raise ConfigurationError(
            f"the app {app.name!r} has no KustomerORM: call kustomer.init_app(app) in its factory"
        )
    return state
