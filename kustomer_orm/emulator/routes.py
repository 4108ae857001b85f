"""The routes: which request is answered by which verb."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote

from kustomer_orm.emulator.answers import Answer, not_found
from kustomer_orm.emulator.behaviour import Behaviour
from kustomer_orm.emulator.below import Below
from kustomer_orm.emulator.bulk import Bulk
from kustomer_orm.emulator.edits import Edits
from kustomer_orm.emulator.exchange import Exchange
from kustomer_orm.emulator.formats import is_object_id
from kustomer_orm.emulator.kinds import BY_PATH, KINDS, Kind, kind_of
from kustomer_orm.emulator.limits import Limits
from kustomer_orm.emulator.metadata import Metadata
from kustomer_orm.emulator.nouns import Nouns
from kustomer_orm.emulator.reads import Reads
from kustomer_orm.emulator.searching import Searching
from kustomer_orm.emulator.webhooks import Webhooks
from kustomer_orm.emulator.world import World


@dataclass(frozen=True)
class Routes:
    """Finds the verb that answers a request; the caller holds the world's lock."""

    reads: Reads
    edits: Edits
    below: Below
    nouns: Nouns
    bulk: Bulk
    metadata: Metadata
    searching: Searching
    webhooks: Webhooks

    @classmethod
    def of(
        cls, *, world: World, behaviour: Behaviour, limits: Limits, clock: Callable[[], datetime]
    ) -> "Routes":
        """The routes over this world."""
        reads = Reads(world=world, behaviour=behaviour)
        edits = Edits(world=world, behaviour=behaviour, limits=limits)
        below = Below(world=world, reads=reads, edits=edits)
        nouns = Nouns(world=world, behaviour=behaviour, below=below)
        bulk = Bulk(
            world=world, behaviour=behaviour, edits=edits, reads=reads, limits=limits, clock=clock
        )
        metadata = Metadata(world=world, edits=edits)
        searching = Searching(world=world, behaviour=behaviour, clock=clock)
        webhooks = Webhooks(world=world, behaviour=behaviour)
        return cls(reads, edits, below, nouns, bulk, metadata, searching, webhooks)

    def act(self, exchange: Exchange, segments: list[str]) -> Answer:
        """Answer one request; `segments` is the decoded path below `/v1/`."""
        return (
            self._special(exchange, segments)
            or self.bulk.answer(exchange, segments)
            or self.webhooks.answer(exchange, segments)
            or self.metadata.answer(exchange, segments)
            or self.searching.answer(exchange, segments)
            or self.nouns.answer(exchange, segments)
            or self.below.answer(exchange, segments)
            or self._collection(exchange, segments)
        )

    def _special(self, exchange: Exchange, segments: list[str]) -> Answer | None:
        match exchange.method, segments:
            case "GET", ["auth", "tokens", "current"]:
                return self.reads.token()
            case "GET", ["orgs", "current"]:
                return self.reads.org()
            case "GET", ["users", "current"]:
                return self.reads.machine_user()
            case (("POST" | "DELETE"), ["conversations", ident, "tags"]):
                return self.edits.change_tags(exchange, ident)
        return None

    def _collection(self, exchange: Exchange, segments: list[str]) -> Answer:
        kind, rest = self._kind_of(exchange.method, segments)
        match exchange.method, rest:
            case "GET", []:
                return self.reads.page_of(exchange, kind)
            case "GET", [wanted]:
                return self.reads.get(kind, wanted)
            case "POST", [] if kind.creates:
                return self.edits.create(exchange, kind)
            case (("PATCH" | "PUT") as method, [ident]) if method in kind.verbs:
                return self.edits.update(exchange, kind, ident)
            case "DELETE", [ident] if kind.deletes:
                return self.edits.delete(kind, ident)
        # The API's answer to a verb that a path does not know is unknown; ours is a plain 404.
        raise not_found()

    def _kind_of(self, method: str, segments: list[str]) -> tuple[Kind, list[str]]:
        """The kind that a path speaks of, and what follows its name.

        `/klasses/{id}` is a klass and `/klasses/{name}` its objects: the contract prints both.
        """
        if segments[:1] == ["klasses"] and len(segments) > 1:
            of_klass = len(segments) == 2 and (is_object_id(segments[1]) or method == "PUT")
            if of_klass:
                return KINDS["klass"], segments[1:]
            klass = self.reads.klass(segments[1])
            if klass is None:
                raise not_found("name")
            return kind_of(f"kobject.{klass.attributes['name']}"), segments[2:]
        for length in (2, 1):
            kind = BY_PATH.get("/".join(segments[:length]))
            if kind is not None and kind.served:
                return kind, segments[length:]
        raise not_found()


def split_path(path: str) -> list[str]:
    """The decoded segments of a path below `/v1/`; 404 when it is not below.

    A slash at the end is forgiven, as one client shows.
    """
    segments = path.removesuffix("/").split("/")
    if segments[:2] != ["", "v1"]:
        raise not_found()
    return [unquote(segment) for segment in segments[2:]]
