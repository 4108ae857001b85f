"""A client: settings and transport of one organisation, and which client is current."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, MutableMapping
from functools import cached_property
from types import TracebackType
from typing import Any, NoReturn, Self

from kustomer_orm import current, jsonapi
from kustomer_orm._types import JSONObject
from kustomer_orm.bulk import Bulk
from kustomer_orm.cache import DocumentCache
from kustomer_orm.config import Clock, Config
from kustomer_orm.counting import Counters, RequestCount
from kustomer_orm.errors import (
    APIError,
    AuthenticationError,
    NoClientError,
    OutcomeUnknownError,
    PermissionDeniedError,
    Resolver,
    UnexpectedAnswerError,
    WrongRegionError,
)
from kustomer_orm.identity import open_scope
from kustomer_orm.transport import (
    Answer,
    Request,
    Transport,
    Wait,
    look_up_values,
    shown,
    wait,
)

_WHOAMI = "/v1/auth/tokens/current"


class Client:
    """The way to one organisation's API. Thread-safe, fork-safe, closable.

    Every argument but `api_key` has a default, and every one can come from the environment: see
    `kustomer_orm.config.SETTINGS`. Making a client sends nothing.

    Args:
        api_key: the key; it is in no repr, log line, error or pickle.
        org: the organisation's name, the first part of its Kustomer host name.
        base_url: another host: a region's, or an emulator's. Plain http only on loopback.
        timeout: seconds to wait for the connection and between bytes.
        deadline: seconds for one request, its retries and waits included.
        retry: how often one request may be repeated.
        rate_limit: "headers" paces requests by what every answer tells of the budget, "off" does
            not, and "redis://…" shares one window among all processes of the organisation.
        reserve: the share of a budget that is left to others.
        max_wait: seconds that a call may wait for a budget; 0 never waits. Without it, until the
            deadline.
        on_wait: called with a `Wait` before each wait for a budget.
        cache: seconds to keep what was read, or a mutable mapping to keep it in; off by default.
        conflict: what a save does about other people's writes: "none", "verify", "careful" or
            "strict"; see the guide on saving beside others.
        resolve: who wins where both sides changed the same: "mine", "theirs", or a function that
            takes a `FieldConflict` and gives the value; a `ConflictError` if not given.
        strict_loading: refuse to load related records on access.
        name: the alias that pickled records and snapshots find their client by.
        clock: time and chance, for tests.

    Attributes:
        cache: what was kept of the server's documents, a `DocumentCache`.

    Raises:
        ConfigurationError: a setting is missing or refused.

    >>> from kustomer_orm import Client, Conversation
    >>> from kustomer_orm.emulator import Emulator
    >>> with Emulator() as server, Client(server.api_key, base_url=server.url) as client:
    ...     id_ = server.world.add("conversation", name="Hi")
    ...     Conversation.get(id_).name
    'Hi'
    """

    def __init__(
        self,
        api_key: str | None = None,
        *,
        org: str | None = None,
        base_url: str | None = None,
        timeout: float | None = None,
        deadline: float | None = None,
        retry: int | None = None,
        rate_limit: str | None = None,
        reserve: float | None = None,
        max_wait: float | None = None,
        on_wait: Callable[[Wait], object] | None = None,
        cache: float | MutableMapping[Any, Any] | None = None,
        conflict: str | None = None,
        resolve: Resolver | None = None,
        strict_loading: bool | None = None,
        name: str | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.config = Config.from_settings(
            api_key=api_key,
            org=org,
            base_url=base_url,
            timeout=timeout,
            deadline=deadline,
            retry=retry,
            rate_limit=rate_limit,
            reserve=reserve,
            max_wait=max_wait,
            cache=cache,
            conflict=conflict,
            resolve=resolve,
            strict_loading=strict_loading,
            name=name,
        )
        self._set_up(clock or Clock(), on_wait)
        current.remember(self)

    def _set_up(self, clock: Clock, on_wait: Callable[[Wait], object] | None) -> None:
        self._clock = clock
        self._transport = Transport(self.config, clock, on_wait)
        self.cache = DocumentCache.of(self.config, timer=clock.monotonic)
        self._counters = Counters()
        self._budget = ""

    @classmethod
    def from_env(cls, **settings: Any) -> Self:
        """Make a client from `KUSTOMER_API_KEY`, `KUSTOMER_ORG` and their like.

        `settings` win over the environment.
        """
        return cls(**settings)

    # -- being current --------------------------------------------------------------------------

    def __enter__(self) -> Self:
        current.enter(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        current.leave(self)
        self._transport.close_mine()

    @contextlib.contextmanager
    def as_current(self) -> Iterator[Self]:
        """Be current in here, as in `with client:`, and keep this thread's connections after it.

        For what runs once for each request of a web application: the next one goes faster.

        >>> from kustomer_orm import Client, current_client
        >>> client = Client("a-key", org="acme")
        >>> with client.as_current():
        ...     current_client() is client
        True
        """
        current.enter(self)
        try:
            yield self
        finally:
            current.leave(self)

    def close(self) -> None:
        """Close the connections of all threads. A later request opens new ones."""
        self._transport.close()

    def identity_scope(self) -> contextlib.AbstractContextManager[None]:
        """Have one object for one record in here: `with client.identity_scope():`.

        What is there already is given without a request; `fresh=True` brings it up to date in
        place. A scope inside a scope joins it. It counts for this client, thread and asyncio task,
        and holds its records until the last block in it ends.

        >>> from kustomer_orm import Client, Conversation
        >>> from kustomer_orm.emulator import Emulator
        >>> with Emulator() as server, Client(server.api_key, base_url=server.url) as client:
        ...     id_ = server.world.add("conversation")
        ...     with client.identity_scope():
        ...         Conversation.get(id_) is Conversation.get(id_), len(server.requests)
        (True, 1)
        """
        return open_scope(self)

    def count_requests(self) -> contextlib.AbstractContextManager[RequestCount]:
        """Count what this client sends in here, whatever thread sends it: for tests."""
        return self._counters.open()

    def bulk(self, **options: Any) -> Bulk:
        """Collect records and save them by the hundred: `with client.bulk() as bulk:`.

        Args:
            **options: `progress`, `conflict`, `journal` and `timeout`, as `save_all` takes them.
        """
        return Bulk(self, options)

    # -- requests -------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """The alias that pickled records and snapshots find this client by."""
        return self.config.name

    @property
    def org(self) -> str:
        """The organisation, a part of every record's `key`."""
        return self.config.org

    @cached_property
    def clears_omitted(self) -> set[str]:
        """The types of which this server was seen to clear what a save left out."""
        return set()

    def read(self, path: str) -> JSONObject:
        """GET a document. One request, more when it has to be repeated.

        Raises:
            APIError: one of its kinds.
        """
        answer = self._send(Request("GET", path))
        document = None if answer.content is None else jsonapi.parse(answer.content)
        if document is None:
            raise self._unexpected("GET", path, answer, "an answer that is not whole JSON")
        return document

    def write(self, request: Request) -> Answer:
        """Send a write; a success may lack its body, or carry a broken one.

        Raises:
            APIError: one of its kinds; OutcomeUnknownError when its fate is not known.
        """
        return self._send(request)

    def pause(self, attempt: int) -> None:
        """Wait a while before an attempt that others made necessary: full jitter."""
        self._clock.sleep(wait(attempt, None, None, self._clock))

    def budget_left(self) -> str:
        """Say what the last answer told of the organisation's budget; empty where it told none."""
        return self._budget

    def now(self) -> float:
        """Give the seconds of the client's clock, which only goes forward."""
        return self._clock.monotonic()

    def _send(self, request: Request) -> Answer:
        try:
            answer = self._transport.send(request)
        except APIError as error:
            self._counters.note(request.method, shown(request.path), None, error.attempts)
            raise
        self._note(request, answer)
        if 200 <= answer.status < 300:
            return answer
        gone = request.method == "DELETE" and answer.uncertain and answer.status in {404, 410}
        if gone:  # an earlier attempt, whose answer was lost, has deleted it
            return answer
        raise self._error(request, answer)

    def _note(self, request: Request, answer: Answer) -> None:
        path = shown(request.path)
        self._counters.note(request.method, path, answer.status, answer.attempts)
        limit = answer.headers.get("x-ratelimit-limit")
        left = answer.headers.get("x-ratelimit-remaining")
        if limit is not None and left is not None:
            self._budget = f"{left} of {limit} requests left"

    def _error(self, request: Request, answer: Answer) -> APIError:
        path = shown(request.path)
        error = jsonapi.error(
            answer.status,
            answer.content or b"",
            method=request.method,
            reads=request.only_reads,
            path=path,
            retry_after=answer.retry_after,
            attempts=answer.attempts,
            hide=self._not_to_repeat(request),
        )
        error.uncertain = answer.uncertain
        if answer.uncertain and answer.status == 429:
            return _as(OutcomeUnknownError, error, "an earlier attempt may have been carried out")
        plain = isinstance(error, AuthenticationError) and not isinstance(error, WrongRegionError)
        if plain and self._key_is_good(request):
            # Documented both ways: 401 stands for a bad key, and for a missing role.
            return _as(PermissionDeniedError, error, "the key is good, so it lacks a role for this")
        return error

    def hushed(self, words: str, body: bytes) -> str:
        """Give the server's words of what was sent, without the key and the texts of the body."""
        key = self.config.api_key.reveal()
        return jsonapi.hushed(words, [key, *jsonapi.texts_of(body)])

    def _not_to_repeat(self, request: Request) -> list[str]:
        """List what a server may echo and no error may show: the key, and the texts just sent."""
        key = self.config.api_key.reveal()
        return [key, *look_up_values(request.path), *jsonapi.texts_of(request.body)]

    def _key_is_good(self, request: Request) -> bool:
        """Ask who we are: any valid key may, whatever its roles (documented). One request."""
        if request.path == _WHOAMI:
            return False
        try:
            return self._transport.send(Request("GET", _WHOAMI)).status == 200
        except APIError:
            return False

    def _unexpected(
        self, method: str, path: str, answer: Answer, what: str
    ) -> UnexpectedAnswerError:
        message = f"{method} {shown(path)}: {answer.status} with {what}; is base_url right?"
        return UnexpectedAnswerError(
            message,
            status=answer.status,
            method=method,
            path=shown(path),
            attempts=answer.attempts,
        )

    def __repr__(self) -> str:
        return f"<Client {self.name} {self.config.base_url}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "a Client is not pickled: records remember theirs by name, so make a Client of that "
            "name where they arrive"
        )


def _as(kind: type[APIError], error: APIError, why: str) -> APIError:
    found = kind(
        f"{error}: {why}",
        status=error.status,
        method=error.method,
        path=error.path,
        details=error.details,
        retry_after=error.retry_after,
        attempts=error.attempts,
    )
    found.uncertain = error.uncertain
    return found


def connect(api_key: str | None = None, **settings: Any) -> Client:
    """Make a client the default of this process, for code without `with client:`.

    Takes what `Client` takes. Calling it again replaces the default.
    """
    client = Client(api_key, **settings)
    current.default_to(lambda: client)
    return client


def current_client() -> Client:
    """Give the client of this context, else the process default.

    Raises:
        NoClientError: there is neither.
    """
    client = find_current()
    if client is None:
        raise NoClientError(
            "no client in this thread: use `with Client(…):` in it, call kustomer_orm.connect(…) "
            "once for all threads, or bind one with Conversation.using(client)"
        )
    return client


def find_current() -> Client | None:
    """Give the client of this context, else the process default, else None."""
    client: Client | None = current.find_current()
    return client


def client_named(name: str, org: str) -> Client:
    """Give the client that a pickled record or a snapshot remembers.

    Raises:
        NoClientError: no client of that name lives in this process. Another organisation's is
            never taken in its place.
    """
    found: Client | None = current.find_named(name, org)
    if found is not None:
        return found
    message = (
        f"this record came from client {name!r} of {org!r}: make a Client(…, org={org!r}, "
        f"name={name!r}) first"
    )
    raise NoClientError(message)
