"""`KustomerORM`: the extension, which owns nothing of the app."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from contextlib import AbstractContextManager
from typing import Any, TypeVar

from flask import Flask, appcontext_pushed, current_app

from kustomer_orm.client import Client
from kustomer_orm.contrib.flask import error_pages
from kustomer_orm.contrib.flask.command_group import LateGroup
from kustomer_orm.contrib.flask.loading import load
from kustomer_orm.contrib.flask.settings import DEFAULT, DEFAULTS, checked_options
from kustomer_orm.contrib.flask.state import NAME, AppState, state_of
from kustomer_orm.contrib.flask.webhooks import EventHandlers, WebhookBlueprint
from kustomer_orm.errors import ConfigurationError
from kustomer_orm.records import Record
from kustomer_orm.webhooks import MAX_SIZE, Event

Handler = TypeVar("Handler", bound=Callable[[Event], object])


class KustomerORM:
    """Kustomer in a Flask app: a client for each app, current in each of its contexts.

    Args:
        app: the app, or None to give it to `init_app` later.
        **client_options: what `Client` takes; `KUSTOMER_*` in `app.config` wins, and the
            variables of the environment come last.

    >>> from flask import Flask
    >>> from kustomer_orm import Conversation
    >>> from kustomer_orm.contrib.flask import KustomerORM
    >>> from kustomer_orm.emulator import Emulator
    >>> kustomer = KustomerORM()
    >>> with Emulator() as server:
    ...     app = Flask("desk")
    ...     app.config.update(KUSTOMER_API_KEY=server.api_key, KUSTOMER_BASE_URL=server.url)
    ...     kustomer.init_app(app)
    ...     with app.app_context():
    ...         Conversation.get(server.world.add("conversation", name="Hi")).name
    'Hi'
    """

    def __init__(self, app: Flask | None = None, **client_options: Any) -> None:
        self._handlers = EventHandlers()
        self._options = checked_options(client_options, "KustomerORM()")
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        """Set an app up: config keys, contexts, error handlers, commands. No request is sent.

        Raises:
            ConfigurationError: the app has a `KustomerORM` already, or its binds are refused.
        """
        if NAME in app.extensions:
            raise ConfigurationError(
                f"the app {app.name!r} has a KustomerORM already: call init_app once for each "
                "app, or give the app to KustomerORM(app) and do not call init_app"
            )
        for key, value in DEFAULTS.items():
            app.config.setdefault(key, value)
        state = AppState(app, self._options)
        app.extensions[NAME] = state
        appcontext_pushed.connect(state.pushed, app)
        app.teardown_appcontext(state.torn_down)
        error_pages.register(app)
        app.cli.add_command(LateGroup())

    # -- clients --------------------------------------------------------------------------------

    @property
    def client(self) -> Client:
        """The default client of the current app.

        Raises:
            ConfigurationError: nothing is configured for it.
        """
        return self.clients[DEFAULT]

    @property
    def clients(self) -> Mapping[str, Client]:
        """The clients of the current app: "default", and the keys of `KUSTOMER_BINDS`."""
        return state_of(current_app).clients

    def using(self, bind: str) -> AbstractContextManager[Client]:
        """Have another organisation's client current: `with kustomer.using("eu"):`."""
        state = state_of(current_app)
        return state.current(state.clients[bind])

    # -- what comes in --------------------------------------------------------------------------

    def load(
        self, cls: type[Record], *, only: tuple[str, ...] | None = None, partial: bool = True
    ) -> dict[str, Any]:
        """Read the JSON of the request: `record.assign(**kustomer.load(Conversation))`.

        Args:
            cls: by whose `schema()`.
            only: the attributes that a visitor may set; all writable ones if not given.
            partial: whether required ones may be missing.

        Raises:
            InvalidValuesError: with an error for each attribute; answered by 422.
            HTTPException: 400 or 415 where the body is no JSON.
        """
        return load(cls, only, partial=partial)

    def webhooks_blueprint(
        self,
        *,
        bind: str = DEFAULT,
        name: str = "kustomer_webhooks",
        url_prefix: str | None = "/kustomer",
        max_size: int = MAX_SIZE,
        seen: MutableMapping[str, str] | None = None,
    ) -> WebhookBlueprint:
        """Give a blueprint that takes Kustomer's webhooks at `POST /kustomer/webhooks`.

        Args:
            bind: of which organisation; the key is `KUSTOMER_WEBHOOK_KEY`, or `webhook_key`
                of the bind.
            name: the blueprint's, for several of them in an app.
            url_prefix: what stands before `/webhooks`.
            max_size: bytes of a body at most; larger ones are answered by 413, unread.
            seen: where the last revision of each record is remembered, for the deliveries that
                repeat one: a mapping that processes share, else each has its own.
        """
        return WebhookBlueprint(
            self._handlers,
            bind=bind,
            name=name,
            url_prefix=url_prefix,
            max_size=max_size,
            seen=seen,
        )

    def on(self, *patterns: str) -> Callable[[Handler], Handler]:
        """Call a function for each webhook: `@kustomer.on("conversation.update")`.

        Args:
            *patterns: `type.verb`; `conversation.*` is all of a conversation, `*` everything.
        """
        return self._handlers.decorator(patterns)
