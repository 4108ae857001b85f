"""Takes webhooks to their receivers: a thread, a queue, and another attempt where one failed.

Documented: at least once, in no order, again for about an hour; older text as harvested by others
says about ten attempts in 80 minutes, after which the hook is switched off. That any 2xx counts as
taken, and that a redirect is not followed, is inferred.
"""

import contextlib
import http.client
import random
import socket
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from kustomer_orm.emulator.behaviour import Behaviour

# Ten attempts in 80 minutes.
DELAYS = (10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1200.0, 1580.0)


@dataclass
class Hook:
    """One webhook that somebody set up.

    Attributes:
        id: Its id.
        name: Its name.
        url: Where deliveries go.
        events: The names of the events that it is told of.
        headers: What is sent along.
        token: The key of its signatures.
        is_on: Whether anything is sent; off after the last attempt of a delivery has failed.
    """

    id: str
    name: str
    url: str
    events: tuple[str, ...]
    headers: Mapping[str, str] = field(repr=False)
    token: str = field(repr=False)
    created_at: str = ""
    is_on: bool = True


@dataclass(frozen=True)
class Delivery:
    """One attempt to deliver an event.

    Attributes:
        hook: The hook's id.
        event: The name of the event.
        id: The event's id; another attempt, and a duplicate, have the same.
        body: The bytes.
        headers: What was sent along, the signature too.
        attempt: Which one it is, from 1.
        status: What the receiver answered; None where no answer came.
        error: Why none came.
    """

    hook: str
    event: str
    id: str
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    attempt: int = 0
    status: int | None = None
    error: str = ""

    @property
    def taken(self) -> bool:
        """Whether the receiver took it."""
        return self.status is not None and 200 <= self.status < 300


@dataclass(eq=False)
class Parcel:
    """What is to be delivered, and when its next attempt is due."""

    hook: Hook
    delivery: Delivery
    due: float = 0.0


class Courier:
    """The thread and its queue. Safe to use from any thread.

    Attributes:
        deliveries: Every attempt in the order in which it ended.
        delays: Seconds before the second attempt, the third and so on.
        timeout: Seconds that a receiver has for its answer.
    """

    def __init__(self, behaviour: Behaviour) -> None:
        self.deliveries: list[Delivery] = []
        self.delays: Sequence[float] = DELAYS
        self.timeout = 10.0
        self._behaviour = behaviour
        self._changed = threading.Condition()
        self._parcels: list[Parcel] = []
        self._under_way: Parcel | None = None
        self._line: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self._running = False
        self._holders = 0
        self._chance = random.Random(0)  # noqa: S311 - the same in every run

    def start(self) -> None:
        """Deliver from now on, what is waiting already included."""
        with self._changed:
            self._running = True
            self._wake()

    def stop(self) -> None:
        """End the thread. What was not delivered waits for the next start."""
        with self._changed:
            self._running = False
            thread, self._thread = self._thread, None
            self._changed.notify_all()
            if self._line is not None:
                with contextlib.suppress(OSError):
                    self._line.shutdown(socket.SHUT_RDWR)
        if thread is not None:
            thread.join()

    def put(self, parcel: Parcel) -> None:
        """Have something delivered."""
        with self._changed:
            self._parcels.append(parcel)
            self._wake()

    def forget(self, hook: Hook) -> None:
        """Deliver nothing more to a hook."""
        with self._changed:
            self._parcels = [each for each in self._parcels if each.hook is not hook]
            self._changed.notify_all()

    @property
    def pending(self) -> list[Delivery]:
        """What is still to be delivered, with the attempt that failed last."""
        with self._changed:
            busy = [] if self._under_way is None else [self._under_way]
            return [each.delivery for each in (*busy, *self._parcels)]

    def retry_now(self) -> None:
        """Have every delivery that waits for another attempt go at once."""
        with self._changed:
            for parcel in self._parcels:
                parcel.due = 0.0
            self._changed.notify_all()

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Deliver nothing in here: what gathers goes afterwards, in the order of the switch."""
        with self._changed:
            self._holders += 1
        try:
            yield
        finally:
            with self._changed:
                self._holders -= 1
                self._changed.notify_all()

    def wait(self, count: int | None = None, *, timeout: float = 5.0) -> bool:
        """Wait until that many attempts have ended; whether they did.

        Without a number, until nothing is left to deliver.
        """
        with self._changed:
            if count is not None:
                return self._changed.wait_for(lambda: len(self.deliveries) >= count, timeout)
            return self._changed.wait_for(
                lambda: not self._parcels and self._under_way is None, timeout
            )

    # -- in the thread --------------------------------------------------------------------------

    def _wake(self) -> None:
        if self._running and self._thread is None and self._parcels:
            self._thread = threading.Thread(
                target=self._work, name="kustomer emulator webhooks", daemon=True
            )
            self._thread.start()
        self._changed.notify_all()

    def _work(self) -> None:
        while (parcel := self._next()) is not None:
            tried = self._tried(parcel)
            with self._changed:
                self._under_way = self._line = None
                self.deliveries.append(tried)
                if not tried.taken:
                    self._again(parcel, tried)
                self._changed.notify_all()

    def _next(self) -> Parcel | None:
        """Wait for the next parcel that is due; None at the end."""
        me = threading.current_thread()
        with self._changed:
            while self._running and self._thread is me:
                now = time.monotonic()
                due = [each for each in self._parcels if each.due <= now]
                if due and not self._holders:
                    self._under_way = self._chosen(due)
                    self._parcels.remove(self._under_way)
                    return self._under_way
                later = [each.due - now for each in self._parcels if each.due > now]
                self._changed.wait(min(later) if later and not self._holders else None)
            return None

    def _chosen(self, due: list[Parcel]) -> Parcel:
        match self._behaviour.webhook_order:
            case "reversed":
                return due[-1]
            case "shuffled":
                return self._chance.choice(due)
        return due[0]

    def _again(self, parcel: Parcel, tried: Delivery) -> None:
        """Have a delivery that failed go again; after the last attempt, no more."""
        parcel.delivery = tried
        if not self._running:  # it was cut off, which says nothing of the receiver
            self._parcels.insert(0, parcel)
        elif tried.attempt <= len(self.delays):
            parcel.due = time.monotonic() + self.delays[tried.attempt - 1]
            self._parcels.append(parcel)
        elif self._behaviour.webhook_switches_off:
            parcel.hook.is_on = False
            self._parcels = [each for each in self._parcels if each.hook is not parcel.hook]

    def _tried(self, parcel: Parcel) -> Delivery:
        """Make one attempt."""
        last = parcel.delivery
        status, error = None, ""
        try:
            status = self._send(parcel.hook, last)
        except (OSError, http.client.HTTPException) as failed:
            error = type(failed).__name__
        told = {"hook": last.hook, "event": last.event, "id": last.id, "error": error}
        return Delivery(
            **told, body=last.body, headers=last.headers, attempt=last.attempt + 1, status=status
        )

    def _send(self, hook: Hook, delivery: Delivery) -> int:
        address = urlsplit(hook.url)
        secure = address.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        with contextlib.closing(
            kind(address.hostname or "", address.port, timeout=self.timeout)
        ) as connection:
            connection.connect()
            with self._changed:
                if not self._running:
                    raise ConnectionAbortedError("the emulator is being stopped")
                self._line = connection.sock
            target = f"{address.path or '/'}{'?' if address.query else ''}{address.query}"
            connection.request("POST", target, delivery.body, dict(delivery.headers))
            answer = connection.getresponse()
            answer.read()
            return answer.status
