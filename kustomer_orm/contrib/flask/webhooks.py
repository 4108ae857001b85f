"""A blueprint that takes Kustomer's webhooks and gives them to the app's handlers."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, TypeVar

from flask import Blueprint, abort, current_app, request
from flask.sansio.app import App
from flask.typing import ResponseReturnValue

from kustomer_orm.client import Client
from kustomer_orm.contrib.flask.settings import webhook_key_of
from kustomer_orm.contrib.flask.state import AppState, state_of
from kustomer_orm.errors import ConfigurationError, WebhookError
from kustomer_orm.webhooks import Event, Receiver

Handler = TypeVar("Handler", bound=Callable[[Event], object])


class EventHandlers:
    """The functions that an extension calls for events, in the order of their registration."""

    def __init__(self) -> None:
        self._registered: list[tuple[Sequence[str], Callable[[Event], object]]] = []

    def decorator(self, patterns: Sequence[str]) -> Callable[[Handler], Handler]:
        """Register a function for the events that one of the patterns is of.

        Raises:
            ConfigurationError: a pattern is none.
        """
        for pattern in patterns or ("",):
            if pattern != "*" and "." not in pattern:
                raise ConfigurationError(
                    f"on({pattern!r}): a pattern is 'conversation.update', 'conversation.*' or '*'"
                )

        def register(function: Handler) -> Handler:
            self._registered.append((patterns, function))
            return function

        return register

    def handle(self, event: Event) -> None:
        """Call them, async ones too; the first that raises ends it."""
        name = f"{event.type}.{event.verb}"
        for patterns, function in self._registered:
            if any(fnmatchcase(name, pattern) for pattern in patterns):
                current_app.ensure_sync(function)(event)


class WebhookBlueprint(Blueprint):
    """`POST <url_prefix>/webhooks`: verified, applied to what is cached, and given to handlers.

    Made by `KustomerORM.webhooks_blueprint()`. What is refused is answered by 400, 403 or 413 and
    logged; what was taken, a repeated or stale delivery too, by 204. A handler that raises is
    answered as a view that raises, by 500 as a rule, and Kustomer delivers the event again
    (documented): all handlers are called anew then, those that had done their part too. A second
    attempt that comes while this process handles the first is answered by 503, to come again.
    """

    def __init__(
        self,
        handlers: EventHandlers,
        *,
        bind: str,
        name: str,
        url_prefix: str | None,
        max_size: int,
        seen: MutableMapping[str, str] | None,
    ) -> None:
        super().__init__(name, __name__, url_prefix=url_prefix)
        self._handlers = handlers
        self._bind = bind
        self._max_size = max_size
        self._seen = seen
        self.add_url_rule("/webhooks", "receive", self._receive, methods=["POST"])

    def register(self, app: App, options: dict[str, Any]) -> None:
        """Check that there is a key, before the first delivery asks for it."""
        webhook_key_of(app.config, self._bind)
        super().register(app, options)

    def _receive(self) -> ResponseReturnValue:
        # A length that is told is refused unread. A chunked body is cut off there in silence: the
        # one byte more lets the receiver see that it is too large.
        limit = self._max_size + 1
        request.max_content_length = min(limit, request.max_content_length or limit)
        body = request.get_data()
        state = state_of(current_app)
        client = state.clients[self._bind]
        receiver = self._receiver(state, client)
        try:
            with state.current(client), receiver.receiving(body, dict(request.headers)) as event:
                if event is not None:
                    self._handlers.handle(event)
        except WebhookError as error:
            current_app.logger.warning("WebhookError: %s", error)
            abort(error.status)
        return "", 204

    def _receiver(self, state: AppState, client: Client) -> Receiver:
        """Give the receiver of this app: it remembers what has come."""
        held = state.receivers.get(self)
        if held is None:
            made = Receiver(
                client,
                webhook_key_of(current_app.config, self._bind),
                max_size=self._max_size,
                seen=self._seen,
            )
            held = state.receivers.setdefault(self, made)
        return held
