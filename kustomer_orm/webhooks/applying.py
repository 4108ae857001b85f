"""Brings live records and the cache up to what an event shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from kustomer_orm.identity import find_scope, tell_there
from kustomer_orm.records import Change, Record
from kustomer_orm.records.following import Place, follow, place_of
from kustomer_orm.webhooks.events import Event


@dataclass(frozen=True, slots=True)
class Applied:
    """What an event did to live records; each is in one of the four lists. Its `repr` shows names.

    Attributes:
        moved: took the new values; local edits were carried over.
        repeated: have the revision of the event already.
        stale: have a later one.
        kept: stay as they were: edited where the event has another value (`overlaps`), or of a
            revision that is not known since their last save. `refresh()` brings those up to date.
        overlaps: by name, the value here and the server's, of what both sides have changed.
    """

    moved: tuple[Record, ...] = ()
    repeated: tuple[Record, ...] = ()
    stale: tuple[Record, ...] = ()
    kept: tuple[Record, ...] = ()
    overlaps: dict[str, Change] = field(default_factory=dict)

    def __repr__(self) -> str:
        counts = [
            f"{name}={len(getattr(self, name))}" for name in ("moved", "repeated", "stale", "kept")
        ]
        names = f" overlaps={', '.join(self.overlaps)}" if self.overlaps else ""
        return f"<Applied {' '.join(counts)}{names}>"


def apply(event: Event, *records: Record) -> Applied:
    """Bring these records, and those of the open identity scope, up to an event. No request.

    Records that the event is not about are passed over, so a whole list may be given. Records
    belong to one thread: give those of the thread that calls, and no record of another thread
    moves.

    The baseline moves by the function that accepts the answers to saves: edits are kept, lists
    such as `tags` and dicts merge. A record whose edits meet other values of the event does not
    move at all and is reported, because every conflict mode would take a moved base for one that
    was read. What a save without an answer has left in doubt is settled only by an event that
    shows that it arrived.

    The client's cache drops the document unless it has that revision or a later one. The event's
    is not put in its place: what is kept is what *this* key may see, and whose eyes an event was
    made for is not known.

    >>> from kustomer_orm import Client, Conversation
    >>> from kustomer_orm.emulator import Emulator
    >>> from kustomer_orm.webhooks import apply, parse
    >>> with Emulator() as server, Client(server.api_key, base_url=server.url):
    ...     conversation = Conversation.get(server.world.add("conversation", name="Hi"))
    ...     conversation.priority = 5
    ...     hook = server.webhooks.add("http://127.0.0.1:9", "kustomer.conversation.update")
    ...     server.world.edit("conversation", conversation.id, name="Ho")
    ...     server.webhooks.wait(1)
    ...     apply(parse(server.webhooks.deliveries[0].body), conversation)
    ...     conversation.name, list(conversation.changes)
    True
    <Applied moved=1 repeated=0 stale=0 kept=0>
    ('Ho', ['priority'])
    """
    resource = event.resource
    found: dict[Place, list[Record]] = {place: [] for place in Place}
    overlaps: dict[str, Change] = {}
    for record in _meant(event, records):
        place = place_of(record, resource)
        if place is Place.NEWER:
            met = follow(record, resource)
            overlaps |= met
            place = Place.UNKNOWN if met else place
        found[place].append(record)
    drop_older(event)
    return Applied(
        moved=tuple(found[Place.NEWER]),
        repeated=tuple(found[Place.SAME]),
        stale=tuple(found[Place.OLDER]),
        kept=tuple(found[Place.UNKNOWN]),
        overlaps=overlaps,
    )


def drop_older(event: Event) -> None:
    """Have the client's cache keep nothing that the event has overtaken."""
    if event.client is not None:
        id_ = str(event.record.id)
        event.client.cache.drop_older(event.type, id_, event.rev)
        tell_there(event.client, event.type, id_)


def _meant(event: Event, given: Iterable[Record]) -> Iterator[Record]:
    """Give the live records that the event is about, each once."""
    id_ = str(event.record.id)
    scope = None if event.client is None else find_scope(event.client)
    held = [] if scope is None else scope.find_all(event.type, id_)
    seen: list[Record] = []
    for record in (*given, *held):
        same = (record.type, record.id) == (event.type, id_)
        orgs = {record.key[0], event.record.key[0]} - {None}
        if same and len(orgs) < 2 and not any(record is each for each in seen):
            seen.append(record)
            yield record
