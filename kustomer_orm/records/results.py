"""What a record says of its changes: `Change`, `Plan` and `SaveResult`.

The `repr` of a `Plan` and a `SaveResult` names attributes and never shows values, so that they can
be logged. A `Change` and an `Adjustment` are the values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from kustomer_orm._types import JSON


class Change(NamedTuple):
    """The Python value before and after.

    >>> from kustomer_orm import Conversation
    >>> conversation = Conversation(id="58228e05d4e96711004eccb7", status="done")
    >>> conversation.changes["status"].new
    'done'
    """

    old: Any
    new: Any


class Adjustment(NamedTuple):
    """A wire value as it was sent, and as the server stored it.

    >>> from kustomer_orm import Client, Conversation
    >>> from kustomer_orm.emulator import Emulator
    >>> with Emulator() as server, Client(server.api_key, base_url=server.url):
    ...     id_ = server.world.add("conversation")
    ...     conversation = Conversation.get(id_)
    ...     conversation.tags = ["refund"]
    ...     adjusted = conversation.save().adjusted["tags"]
    >>> adjusted.sent, adjusted.stored == ["refund"]  # tags are stored by their ids
    (['refund'], False)
    """

    sent: JSON
    stored: JSON


class PlannedRequest(NamedTuple):
    """One request that a save makes. Its `repr` leaves the body out.

    Attributes:
        method: as it crosses the wire.
        path: likewise.
        content_type: likewise.
        body: the JSON value of the body.
        content: the very bytes.

    >>> from kustomer_orm import Conversation
    >>> Conversation(id="58228e05d4e96711004eccb7", status="done").plan().requests[0]
    <PATCH /v1/conversations/58228e05d4e96711004eccb7 17 bytes>
    """

    method: str
    path: str
    content_type: str
    body: JSON
    content: bytes

    def __repr__(self) -> str:
        return f"<{self.method} {self.path} {len(self.content)} bytes>"


@dataclass(frozen=True, slots=True)
class Plan:
    """The requests that `save()` would make now, in order. Empty for a clean record.

    >>> from kustomer_orm import Conversation
    >>> Conversation(id="58228e05d4e96711004eccb7", status="done").plan().requests[0].body
    {'status': 'done'}
    """

    requests: tuple[PlannedRequest, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.requests)


@dataclass(slots=True)
class SaveResult:
    """What a save did. False where no request succeeded: as a rule, nothing had to be sent.

    Attributes:
        requests: the requests that succeeded, in order.
        sent: by attribute name, the wire values that were sent.
        created: whether the record is new on the server.
        adjusted: by attribute name, what the server stored otherwise than it was sent.
        foreign: by attribute name, what moved though this save did not send it; of a save that
            read first, since the record was loaded. Empty where `rev` shows that nobody else wrote.
        overwritten: the names of what this save sent and others may have changed in between.
        overlaps: by attribute name, local edits that were not sent and whose value moved.
        relinked: the names of what the server cleared because it was left out, and this save set
            again in a request of its own.
        confirmed: False when a success came without a readable body.
        others_wrote: whether `rev` shows that somebody wrote between the read and this save;
            None when it cannot be told.
        rev: the revision after the save, or None.

    >>> from kustomer_orm import Client, Conversation
    >>> from kustomer_orm.emulator import Emulator
    >>> with Emulator() as server, Client(server.api_key, base_url=server.url):
    ...     conversation = Conversation.get(server.world.add("conversation"))
    ...     conversation.status = "done"
    ...     conversation.save(), conversation.save()
    (<SaveResult requests=1 sent=[status]>, <SaveResult requests=0>)
    """

    requests: tuple[PlannedRequest, ...] = ()
    sent: Mapping[str, JSON] = field(default_factory=dict)
    created: bool = False
    adjusted: Mapping[str, Adjustment] = field(default_factory=dict)
    foreign: Mapping[str, Change] = field(default_factory=dict)
    overwritten: tuple[str, ...] = ()
    overlaps: Mapping[str, Change] = field(default_factory=dict)
    relinked: tuple[str, ...] = ()
    confirmed: bool = True
    others_wrote: bool | None = None
    rev: int | None = None

    @property
    def request_made(self) -> bool:
        """Whether a request succeeded."""
        return bool(self.requests)

    def __bool__(self) -> bool:
        return self.request_made or self.created

    def __repr__(self) -> str:
        facts = [f"requests={len(self.requests)}"]
        for name in ("sent", "adjusted", "foreign", "overwritten", "overlaps", "relinked"):
            names = ", ".join(getattr(self, name))
            facts += [f"{name}=[{names}]"] if names else []
        facts += ["created"] if self.created else []
        facts += [] if self.confirmed else ["not confirmed"]
        return f"<SaveResult {' '.join(facts)}>"
