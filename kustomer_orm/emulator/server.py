"""The emulator: a stateful Kustomer API on loopback."""

import contextlib
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from types import TracebackType
from typing import ClassVar, Self

from kustomer_orm.emulator import demo
from kustomer_orm.emulator.answers import Answer, RefusedError
from kustomer_orm.emulator.behaviour import Behaviour
from kustomer_orm.emulator.exchange import Exchange
from kustomer_orm.emulator.faults import Faults
from kustomer_orm.emulator.gate import Gate, make_api_key
from kustomer_orm.emulator.limits import Limits
from kustomer_orm.emulator.routes import Routes, split_path
from kustomer_orm.emulator.strikes import Strikes
from kustomer_orm.emulator.wire import Reply, Server
from kustomer_orm.emulator.world import World

# A server left alone for days keeps the last of its requests only.
LONGEST_LOG = 100_000


class Emulator:
    """A server of the Kustomer API with a world of its own, for tests and for trying things out.

    >>> import requests
    >>> with Emulator() as server:
    ...     ident = server.world.add("conversation", name="Where is my order?")
    ...     answer = requests.get(
    ...         f"{server.url}/v1/conversations/{ident}",
    ...         headers={"Authorization": f"Bearer {server.api_key}"},
    ...         timeout=5,
    ...     )
    >>> answer.json()["data"]["attributes"]["name"]
    'Where is my order?'

    What it answers follows the published contract and recordings; what is unknown is a switch of
    `behaviour`. It may be started again after it was stopped; the world stays.

    Attributes:
        url: Where it listens; paths start with `/v1/`.
        api_key: The only key it takes.
        world: What is stored.
        requests: Every exchange in the order of arrival; a pending one has no status.
        behaviour: Switches, may be changed at any time.
        faults: What goes wrong with the next requests.
        limits: The rate limits; `limits.spend(900)` plays the rest of the organisation.
        bulk: What goes wrong with the items of bulk jobs.
        webhooks: Who is told of writes, and every attempt to tell them.
        errors: What was raised inside the server (by a fault's function, say); `stop` raises it.
    """

    observers: ClassVar[list[Callable[[Exchange], None]]] = []

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        org: str = "demo",
        api_key: str | None = None,
        clock: Callable[[], datetime] | None = None,
        behaviour: Behaviour | None = None,
        seed: int = 0,
    ) -> None:
        self.org = org
        self.behaviour = behaviour if behaviour is not None else Behaviour()
        self.requests: list[Exchange] = []
        self.errors: list[BaseException] = []
        self.faults = Faults()
        self._address = (host, port)
        self._clock = clock = clock if clock is not None else _utc_now
        self.world = World(clock=clock, behaviour=self.behaviour, org=org, seed=seed)
        self.limits = Limits(clock=clock, behaviour=self.behaviour)
        self.api_key = api_key if api_key is not None else self._make_key()
        self._gate = Gate(api_key=self.api_key, behaviour=self.behaviour, limits=self.limits)
        self._routes = Routes.of(
            world=self.world, behaviour=self.behaviour, limits=self.limits, clock=clock
        )
        self.bulk = self._routes.bulk
        self.webhooks = self._routes.webhooks
        self._stopping = threading.Event()
        self._strikes = Strikes(behaviour=self.behaviour, stopping=self._stopping)
        self._arrived = threading.Condition()
        self._server: Server | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self.stop()
        except BaseException:
            # The block's own error says more than what it caused in the server.
            if error is None:
                raise

    def start(self) -> None:
        """Listen, in a thread; does nothing when it already does."""
        if self._server is not None:
            return
        self._stopping.clear()
        self._server = Server(*self._address, respond=self._respond, failed=self.errors.append)
        self._thread = threading.Thread(
            target=self._server.serve, name="kustomer emulator", daemon=True
        )
        self._thread.start()
        self.webhooks.start()

    def stop(self) -> None:
        """Free the port and end every thread; raises what was raised inside the server."""
        server, thread = self._server, self._thread
        if server is None or thread is None:
            return
        self._server = self._thread = None
        self._stopping.set()
        self.webhooks.stop()
        server.wake()
        thread.join()
        server.close()
        if self.errors:
            raise self.errors.pop(0)

    def serve_forever(self) -> None:
        """Serve until `stop` is called from elsewhere or the process is interrupted."""
        self.start()
        try:
            self._stopping.wait()
        finally:
            self.stop()

    @property
    def url(self) -> str:
        """The base address, without a slash at the end; only while it runs."""
        if self._server is None:
            raise RuntimeError("The emulator is not running: use `with Emulator()` or start().")
        return f"http://{self._server.host}:{self._server.port}"

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.url.rpartition(":")[2])

    def seed_demo(self) -> list[str]:
        """Store a handful of believable records; the ids of the conversations."""
        return demo.seed(self.world)

    def wait_for(self, count: int, *, timeout: float = 5.0) -> bool:
        """Wait until that many requests have arrived (answered or not); whether they did."""
        with self._arrived:
            return self._arrived.wait_for(lambda: len(self.requests) >= count, timeout)

    def _make_key(self) -> str:
        return make_api_key(
            org=self.org,
            org_id=self.world.org_id,
            user_id=self.world.machine_user,
            roles=["org"] if self.behaviour.roles is None else self.behaviour.roles,
        )

    def _respond(self, arrived: Exchange) -> Reply:
        """Log, act and answer; runs in the connection's thread."""
        with self._arrived:
            arrived = replace(arrived, at=self._clock().timestamp())
            self.requests.append(arrived)
            del self.requests[:-LONGEST_LOG]
            self._arrived.notify_all()
        struck = self.faults.take(arrived)
        self._strikes.before(struck, arrived)
        answer = self._strikes.instead(struck)
        if answer is None:
            answer = self._act(arrived)
        self._strikes.after(struck, arrived)
        reply = self._strikes.change(struck, answer)
        kinds = [fault.kind for fault in struck.values()]
        if self.world.shows_raw(reply.body):
            kinds.append("put_raw")
        self._log(replace(arrived, faults=tuple(kinds)), arrived, reply)
        return reply

    def _log(self, finished: Exchange, arrived: Exchange, reply: Reply) -> None:
        if reply.cut != "whole":
            finished = replace(
                finished,
                status=reply.status,
                answer_raw=reply.body,
                answer_headers=reply.headers,
            )
        # A test may clear the log at any time, and without our lock.
        with self._arrived, contextlib.suppress(IndexError):
            for place in reversed(range(len(self.requests))):
                if self.requests[place] is arrived:
                    self.requests[place] = finished
                    break
        for observer in list(self.observers):
            observer(finished)

    def _act(self, exchange: Exchange) -> Answer:
        with self.world.lock:
            try:
                answer = self._checked(exchange)
            except RefusedError as refused:
                answer = refused.answer(self.behaviour)
            for name, value in self.limits.headers(search=exchange.is_search).items():
                answer.headers.setdefault(name, value)
        answer.headers.setdefault("X-Kustomer-Pod", self.behaviour.pod)
        answer.headers.setdefault("Cache-Control", "no-cache,private")
        answer.headers.setdefault("X-Content-Type-Options", "nosniff")
        return answer

    def _checked(self, exchange: Exchange) -> Answer:
        self._gate.check_size(exchange)
        segments = split_path(exchange.path)
        if exchange.method == "GET" and segments[:1] == ["domains"] and len(segments) == 2:
            return self._routes.reads.domain(segments[1])
        self._gate.check_token(exchange)
        self._gate.check_roles(exchange, "/".join(segments))
        return self._routes.act(exchange, segments)


def _utc_now() -> datetime:
    return datetime.now(UTC)
