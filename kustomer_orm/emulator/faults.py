"""Faults on demand: wrong statuses, broken bodies, cut connections, edits in flight."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Self, TypedDict, Unpack

from kustomer_orm.emulator.exchange import Exchange

ENDINGS = frozenset(
    {"status", "html", "truncated_json", "empty", "cut_before", "cut_after", "cut_inside"}
    | {"redirect"}
)


class Where(TypedDict, total=False):
    """Which requests a fault strikes, see `Fault`."""

    method: str | None
    path: str | None
    times: int | None
    skip: int


@dataclass(eq=False)
class Fault:
    """One thing that goes wrong, made by one of the class methods.

    Every maker takes `method` (a verb), `path` (an fnmatch pattern on the path as sent), `times`
    (how many requests it strikes, None is all) and `skip` (how many matching requests pass before
    it strikes). A request takes at most one fault of each kind, the oldest first, and kinds
    combine: a foreign write and a cut connection, say. The kinds that stand in for the answer
    (`status`, `html`, `redirect`, `truncated_json`, `empty`, `cut_*`) count as one.

    >>> from kustomer_orm.emulator import Emulator
    >>> server = Emulator()
    >>> server.faults.add(Fault.status(503, method="PATCH", skip=1), Fault.cut_after())
    >>> len(server.faults)
    2
    """

    kind: str
    method: str | None = None
    path: str | None = None
    times: int | None = 1
    skip: int = 0
    options: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def status(
        cls,
        status: int,
        *,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        **where: Unpack[Where],
    ) -> Self:
        """Answer this status without acting; without `body` in the API's own error shape.

        A `body` that is a string or bytes is sent as text, anything else as JSON.
        """
        return cls._make("status", where, status=status, body=body, headers=dict(headers or {}))

    @classmethod
    def html(cls, status: int = 502, *, acts: bool = False, **where: Unpack[Where]) -> Self:
        """Answer a page of HTML, as a gateway does."""
        return cls._make("html", where, status=status, acts=acts)

    @classmethod
    def redirect(cls, location: str, *, status: int = 302, **where: Unpack[Where]) -> Self:
        """Answer a redirect without acting."""
        return cls._make("redirect", where, location=location, status=status)

    @classmethod
    def truncated_json(cls, **where: Unpack[Where]) -> Self:
        """Act, then answer valid HTTP whose JSON stops in the middle."""
        return cls._make("truncated_json", where)

    @classmethod
    def empty(cls, *, status: int | None = None, **where: Unpack[Where]) -> Self:
        """Act, then answer the usual status (or this one) without a body."""
        return cls._make("empty", where, status=status)

    @classmethod
    def cut_before(cls, **where: Unpack[Where]) -> Self:
        """Reset the connection without acting."""
        return cls._make("cut_before", where)

    @classmethod
    def cut_after(cls, **where: Unpack[Where]) -> Self:
        """Act, then reset the connection without an answer."""
        return cls._make("cut_after", where)

    @classmethod
    def cut_inside(cls, **where: Unpack[Where]) -> Self:
        """Act, then close the connection in the middle of the answer's body."""
        return cls._make("cut_inside", where)

    @classmethod
    def stall(cls, event: threading.Event, **where: Unpack[Where]) -> Self:
        """Act, then answer only when the event is set (at the latest after 30 s)."""
        return cls._make("stall", where, event=event)

    @classmethod
    def stall_before(cls, event: threading.Event, **where: Unpack[Where]) -> Self:
        """Act and answer only when the event is set (at the latest after 30 s)."""
        return cls._make("stall_before", where, event=event)

    @classmethod
    def partial(cls, keys: Sequence[str], **where: Unpack[Where]) -> Self:
        """Act, then answer with these attributes only."""
        return cls._make("partial", where, keys=tuple(keys))

    @classmethod
    def masked(cls, keys: Sequence[str], **where: Unpack[Where]) -> Self:
        """Act, then mask these attributes (`name`, `custom.noteTxt`) in the answer."""
        return cls._make("masked", where, keys=tuple(keys))

    @classmethod
    def headers(cls, headers: Mapping[str, str], **where: Unpack[Where]) -> Self:
        """Act, then add or replace headers of the answer."""
        return cls._make("headers", where, headers=dict(headers))

    @classmethod
    def cookie(cls, name: str, value: str, **where: Unpack[Where]) -> Self:
        """Act, then set a cookie."""
        return cls._make("cookie", where, cookie=f"{name}={value}; Path=/")

    @classmethod
    def before(cls, action: Callable[[Exchange], object], **where: Unpack[Where]) -> Self:
        """Call a function in the server before it acts: a foreign write, say."""
        return cls._make("before", where, action=action)

    @classmethod
    def after(cls, action: Callable[[Exchange], object], **where: Unpack[Where]) -> Self:
        """Call a function after the server acted and before it answers: an edit in flight."""
        return cls._make("after", where, action=action)

    @classmethod
    def answer(cls, change: Callable[[Any], Any], **where: Unpack[Where]) -> Self:
        """Act, then let a function change the JSON of the answer."""
        return cls._make("answer", where, change=change)

    @classmethod
    def _make(cls, kind: str, where: Where, **options: Any) -> Self:
        return cls(kind, options=options, **where)

    @property
    def family(self) -> str:
        """Faults of one family never strike the same request."""
        return "ending" if self.kind in ENDINGS else self.kind

    def matches(self, exchange: Exchange) -> bool:
        """Whether this request is one that the fault is meant for."""
        if self.method is not None and self.method.upper() != exchange.method:
            return False
        return self.path is None or fnmatchcase(exchange.path, self.path)


class Faults:
    """The faults waiting to strike; shared by the server's threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []

    def add(self, *faults: Fault) -> None:
        """Let these faults strike requests from now on."""
        with self._lock:
            self._waiting.extend(faults)

    def clear(self) -> None:
        """Forget every fault."""
        with self._lock:
            self._waiting.clear()

    def __len__(self) -> int:
        with self._lock:
            return len(self._waiting)

    def take(self, exchange: Exchange) -> dict[str, Fault]:
        """Use up the faults that strike this request, by family."""
        with self._lock:
            struck: dict[str, Fault] = {}
            for fault in [fault for fault in self._waiting if fault.matches(exchange)]:
                if fault.family not in struck and self._strikes(fault):
                    struck[fault.family] = fault
            return struck

    def _strikes(self, fault: Fault) -> bool:
        if fault.skip > 0:
            fault.skip -= 1
            return False
        if fault.times is not None:
            fault.times -= 1
            if fault.times <= 0:
                self._waiting.remove(fault)
        return True
