"""What lies below a record: the messages of a conversation, the drafts of a customer, and so on."""

from collections.abc import Callable
from typing import Any

from kustomer_orm.emulator.answers import Answer, not_found
from kustomer_orm.emulator.edits import Edits
from kustomer_orm.emulator.exchange import Exchange
from kustomer_orm.emulator.kinds import BY_PATH, KINDS, Kind, Place, kind_of
from kustomer_orm.emulator.reads import Reads
from kustomer_orm.emulator.store import Stored
from kustomer_orm.emulator.world import World

# The statuses are as printed: some of these creations answer 200.
PLACES = {
    ("conversations", "messages"): Place("message", "create_below_conversation"),
    ("conversations", "notes"): Place("note", "create_below_conversation"),
    ("conversations", "forwards"): Place("forward", "create_below_conversation", 200),
    ("conversations", "attachments"): Place("attachment"),
    ("conversations", "events"): Place("customer_event"),
    ("conversations", "times"): Place("conversation_time"),
    ("customers", "conversations"): Place("conversation", "create_below_customer"),
    ("customers", "messages"): Place("message", "create_below_customer"),
    ("customers", "notes"): Place("note"),
    ("customers", "drafts"): Place("draft", "create_below_customer", 200),
    ("customers", "sessions"): Place("customer_session"),
    ("messages", "attachments"): Place("attachment", lists=False),
    ("drafts", "attachments"): Place("attachment", "create_below", 200, deletes=True),
    ("forwards", "attachments"): Place("attachment", "create_below", 200, deletes=True),
}


class Below:
    """Answers what is asked below a record; the caller holds the world's lock."""

    def __init__(self, *, world: World, reads: Reads, edits: Edits) -> None:
        self.world = world
        self.reads = reads
        self.edits = edits

    def answer(self, exchange: Exchange, segments: list[str]) -> Answer | None:
        """The answer, None where the path leads somewhere else."""
        if len(segments) == 4 and segments[2] == "klasses":
            return self._kobjects(exchange, *segments)
        place = PLACES.get((segments[0], segments[2])) if len(segments) in {3, 4} else None
        if place is None:
            return None
        parent, ident = BY_PATH[segments[0]], segments[1]
        if len(segments) == 4:
            return self._one(exchange, parent, ident, place, segments[3])
        if exchange.method == "GET" and place.lists:
            return self._list(exchange, parent, ident, KINDS[place.kind])
        if exchange.method == "POST" and place.operation:
            return self.edits.create_below(exchange, parent, ident, place)
        return None

    def _one(
        self, exchange: Exchange, parent: Kind, ident: str, place: Place, child: str
    ) -> Answer | None:
        """One record that lies below this one and no other."""
        record = self.edits.existing(KINDS[place.kind], child)
        if record.related(parent.type) != ident:
            raise not_found("id")
        if exchange.method == "GET":
            return self.edits.shown(200, record)
        if exchange.method == "DELETE" and place.deletes:
            return self.edits.delete(record.kind, child)
        return None

    def _list(self, exchange: Exchange, parent: Kind, ident: str, kind: Kind) -> Answer:
        if kind.type != "customer_event":
            return self.reads.below(exchange, parent, ident, kind)
        if self.world.store.find(parent.type, ident) is None:
            raise not_found("id")
        found = self.world.store.pointing_at(
            kind.type, parent.type, ident, descending=exchange.query.get("sort") == "desc"
        )
        wanted = [each for each in found if _is_wanted(each, exchange.query)]
        return self.reads.page(exchange, kind, wanted)

    def _kobjects(
        self, exchange: Exchange, parent: str, ident: str, _: str, name: str
    ) -> Answer | None:
        """The custom objects of a customer or a company; only customers take new ones."""
        klass = self.reads.klass(name)
        if klass is None or parent not in {"customers", "companies"}:
            raise not_found("name")
        kind, owner = kind_of(f"kobject.{klass.attributes['name']}"), BY_PATH[parent]
        if exchange.method == "GET":
            return self.reads.below(exchange, owner, ident, kind)
        if exchange.method == "POST" and parent == "customers":
            place = Place(kind.type, "create_below_customer")
            return self.edits.create_below(exchange, owner, ident, place)
        return None


# What the filters of a list of events look at (their names are printed, not what they do).
_FILTERS: dict[str, Callable[[Stored, str], bool]] = {
    "name": lambda event, wanted: event.attributes.get("name") == wanted,
    "changed": lambda event, wanted: wanted in _changed(event),
}


def _is_wanted(event: Stored, query: Any) -> bool:
    return all(test(event, query[name]) for name, test in _FILTERS.items() if name in query)


def _changed(event: Stored) -> set[str]:
    changes = event.attributes.get("changes") or {}
    return {name for part in changes.values() if isinstance(part, dict) for name in part}
