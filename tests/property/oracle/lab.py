"""One emulator for a whole run: what is the same in every example, and one record at a time."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar

from kustomer_orm import Client, Clock, Conversation, custom
from kustomer_orm.emulator import Emulator

RETRIES = 1
TAG_NAMES = ("red", "green", "blue", "über/ x", "deep-blue")


class Support(Conversation):
    """The class under test: a custom attribute of each kind."""

    order_number = custom.Str()
    refund = custom.Num("refundAmountNum")
    due = custom.At()
    is_vip = custom.Bool("vipBool")
    note = custom.Txt()


@dataclass
class Passing:
    """Time that passes only when somebody sleeps."""

    now: float = 0.0

    def sleep(self, seconds: float) -> None:
        """Let it pass."""
        self.now += seconds


@dataclass
class Lab:
    """The emulator, its client, and the ids of what every example may point at."""

    MISSING_CUSTOMER: ClassVar[str] = "f" * 24

    server: Emulator
    client: Client
    tag_ids: dict[str, str]
    customers: list[str]
    queues: list[str]
    sub_statuses: list[str]
    users: list[str]
    rival: str
    masks: list[str] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    examples: int = 0
    steps: int = 0
    requests: int = 0

    @classmethod
    def around(cls, server: Emulator) -> Lab:
        """Furnish a running emulator."""
        world, time = server.world, Passing()
        clock = Clock(
            monotonic=lambda: time.now,
            now=lambda: time.now,
            sleep=time.sleep,
            random=lambda: 0.5,
        )
        client = Client(
            server.api_key, base_url=server.url, retry=RETRIES, name="property", clock=clock
        )
        return cls(
            server=server,
            client=client,
            tag_ids={name: world.tag_id(name) for name in TAG_NAMES},
            customers=[world.add("customer", name=f"Customer {number}") for number in range(3)],
            queues=[world.add("queue", name=f"Queue {number}") for number in range(2)],
            sub_statuses=[world.add("sub_status", name=f"Sub {number}") for number in range(2)],
            users=[world.add("user", name=f"User {number}") for number in range(3)],
            rival=world.add("conversation", externalId="taken"),
        )

    def reset(self, **behaviour: Any) -> None:
        """Forget the example before."""
        server, world = self.server, self.server.world
        server.faults.clear()
        server.requests.clear()
        for ident in world.ids("conversation"):
            if ident != self.rival:
                world.delete("conversation", ident)
        for path in self.masks:
            world.unmask("conversation", path)
        self.masks.clear()
        limits = {"rate_limit": None, "object_limit": None, "creation_limit": None}
        for name, value in {**limits, "text_lists": True, **behaviour}.items():
            setattr(server.behaviour, name, value)

    def stored(self) -> str | None:
        """The id of the example's conversation, if there is one on the server."""
        ids = [each for each in self.server.world.ids("conversation") if each != self.rival]
        return ids[0] if ids else None

    def write(self, values: dict[str, Any], *, raw: bool = False) -> None:
        """Write as a colleague; `raw` keeps the spelling and the revision."""
        ident = self.stored()
        if ident is not None:
            verb = self.server.world.put_raw if raw else self.server.world.edit
            verb("conversation", ident, **values)


def standing_clock() -> datetime:
    """The server's time does not matter, so it stands still."""
    return datetime(2026, 1, 1, tzinfo=UTC)
