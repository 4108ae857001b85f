"""What goes wrong while a record talks to the server, and who else writes meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from kustomer_orm.emulator import Emulator, Exchange, Fault
from oracle.edits import Edit

Ending = Literal[
    "none",
    "400",
    "401",
    "403",
    "404",
    "409",
    "429",
    "500",
    "503",
    "cut_before",
    "cut_after",
    "cut_inside",
    "truncated",
    "empty",
    "partial",
    "masked",
]

Fate = Literal["answered", "unreadable", "refused", "limited", "unknown"]


@dataclass(frozen=True)
class Trouble:
    """The faults of one call.

    Attributes:
        ending: How the answer fails, from request number `at` on, `times` times.
        keys: What a partial answer holds, or what a masked one hides.
        foreign: A colleague's write, just before the server acts on request number `foreign_at`.
        flying: Edits that are made while request number `flying_at` is on its way.
    """

    ending: Ending = "none"
    at: int = 0
    times: int = 1
    keys: tuple[str, ...] = ()
    foreign: tuple[tuple[str, Any], ...] = ()
    foreign_at: int = 0
    flying: tuple[Edit, ...] = ()
    flying_at: int = 0

    def install(
        self,
        server: Emulator,
        write: Callable[[dict[str, Any]], None],
        fly: Callable[[Edit], None],
    ) -> None:
        """Have the emulator do all this to the next requests."""
        ending = self._fault()
        if ending is not None:
            server.faults.add(ending)
        if self.foreign:
            values = dict(self.foreign)
            server.faults.add(Fault.before(lambda _: write(values), skip=self.foreign_at))
        if self.flying:
            edits = self.flying

            def meanwhile(_: object) -> None:
                for edit in edits:
                    fly(edit)

            server.faults.add(Fault.after(meanwhile, skip=self.flying_at))

    def _fault(self) -> Fault | None:
        if self.ending.isdigit():
            return Fault.status(int(self.ending), skip=self.at, times=self.times)
        match self.ending:
            case "cut_before":
                return Fault.cut_before(skip=self.at, times=self.times)
            case "cut_after":
                return Fault.cut_after(skip=self.at, times=self.times)
            case "cut_inside":
                return Fault.cut_inside(skip=self.at)
            case "truncated":
                return Fault.truncated_json(skip=self.at)
            case "empty":
                return Fault.empty(skip=self.at)
            case "partial":
                return Fault.partial(self.keys, skip=self.at)
            case "masked":
                return Fault.masked(self.keys, skip=self.at)
        return None

    def fate(self, number: int, exchange: Exchange) -> Fate:
        """What the caller gets to know of request number `number`."""
        repeated = self.ending.isdigit() or self.ending in {"cut_before", "cut_after"}
        struck = self.at <= number < self.at + (self.times if repeated else 1)
        if struck and self.ending in {"cut_before", "cut_after"}:
            return "unknown"
        status = exchange.status or 0
        if status >= 400:
            return "limited" if status == 429 else "refused" if status < 500 else "unknown"
        broken = self.ending in {"cut_inside", "truncated", "empty"}
        return "unreadable" if struck and broken else "answered"
