"""`KustomerORM`: the extension, which owns nothing of the app."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, MutableMapping
from contextlib import AbstractContextManager
from datetime import UTC, tzinfo
from typing import Any, TypeVar

from flask import Blueprint, Flask, appcontext_pushed, current_app

from kustomer_orm.client import Client
from kustomer_orm.contrib.flask import error_pages
from kustomer_orm.contrib.flask.command_group import LateGroup
from kustomer_orm.contrib.flask.forms import RecordForm, open_form
from kustomer_orm.contrib.flask.loading import load
from kustomer_orm.contrib.flask.settings import DEFAULT, DEFAULTS, checked_options
from kustomer_orm.contrib.flask.state import NAME, AppState, state_of
from kustomer_orm.contrib.flask.webhooks import EventHandlers, WebhookBlueprint
from kustomer_orm.errors import ConfigurationError
from kustomer_orm.records import Record
from kustomer_orm.webhooks import MAX_SIZE, Event

Handler = TypeVar("Handler", bound=Callable[[Event], object])
R = TypeVar("R", bound=Record)


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
        # A blueprint without routes is what finds our templates after the app's own.
        app.register_blueprint(Blueprint(NAME, __name__, template_folder="templates"))
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
        """The clients of the current app, by "default" and the keys of `KUSTOMER_BINDS`."""
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

    def form(
        self,
        cls: type[R],
        names: Iterable[str],
        *,
        id: str | None,
        user: object = None,
        zone: tzinfo = UTC,
        metadata: bool = False,
        bind: str = DEFAULT,
    ) -> RecordForm[R]:
        """Give the form of a record: to be shown, or as it came back where the request is a POST.

        To show it costs the request of `get`, and one for each kind of records that it can name,
        such as users, where those were not read in the last five minutes. One that comes back
        costs none before it is saved.

        Args:
            cls: the record class.
            names: the attributes, in the order of the form; the form can change no other.
            id: whose form it is, as the address of the page says; None for a record to be made.
            user: whoever asks for the page, a primary key for instance: a form that was shown to
                one person is refused from another. Without it the token is none against forgery
                of requests.
            zone: the time zone of the person, for instants.
            metadata: whether display names and choices of custom attributes are the
                organisation's; one more request every five minutes.
            bind: of which organisation.

        Raises:
            NotFoundError: there is no such record; answered by 404.
            FormTokenError: what came back was altered, is older than `KUSTOMER_FORM_MAX_AGE`, or
                was shown to another user, with other fields or for another record; answered by
                400.
            ConfigurationError: the app has no secret key.
            DeclarationError: an attribute cannot be edited in a form.
        """
        return open_form(cls, names, id=id, user=user, zone=zone, metadata=metadata, bind=bind)

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
