"""The routes: which request is answered by which verb."""

from dataclasses import dataclass
from urllib.parse import unquote

from kustomer_orm.emulator.answers import Answer, not_found
from kustomer_orm.emulator.behaviour import Behaviour
from kustomer_orm.emulator.edits import Edits
from kustomer_orm.emulator.exchange import Exchange
from kustomer_orm.emulator.kinds import BY_PATH, KINDS, Kind
from kustomer_orm.emulator.limits import Limits
from kustomer_orm.emulator.metadata import Metadata
from kustomer_orm.emulator.reads import Reads
from kustomer_orm.emulator.world import World

WRITABLE = frozenset({"conversation", "customer"})


@dataclass(frozen=True)
class Routes:
    """Finds the verb that answers a request; the caller holds the world's lock."""

    reads: Reads
    edits: Edits
    metadata: Metadata

    @classmethod
    def of(cls, *, world: World, behaviour: Behaviour, limits: Limits) -> "Routes":
        """The routes over this world."""
        reads = Reads(world=world, behaviour=behaviour)
        edits = Edits(world=world, behaviour=behaviour, limits=limits)
        return cls(reads, edits, Metadata(world=world))

    def perform(self, exchange: Exchange) -> Answer:
        """Answer a single request that an item of a bulk request stands for."""
        return self.act(exchange, split_path(exchange.path))

    def act(self, exchange: Exchange, segments: list[str]) -> Answer:
        """Answer one request; `segments` is the decoded path below `/v1/`."""
        answer = self._special(exchange, segments) or self._below(exchange, segments)
        return answer or self._collection(exchange, segments)

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
        return self.metadata.answer(exchange, segments)

    def _below(self, exchange: Exchange, segments: list[str]) -> Answer | None:
        match exchange.method, segments:
            case "GET", [("conversations" | "customers") as path, ident, "messages"]:
                return self.reads.below(exchange, BY_PATH[path], ident, KINDS["message"])
            case "GET", ["customers", ident, "conversations"]:
                children = KINDS["conversation"]
                return self.reads.below(exchange, KINDS["customer"], ident, children)
            case "POST", ["customers", ident, "conversations"]:
                return self.edits.create_below(exchange, ident)
        return None

    def _collection(self, exchange: Exchange, segments: list[str]) -> Answer:
        kind, rest = _kind_of(segments)
        match exchange.method, rest:
            case "GET", []:
                return self.reads.page_of(exchange, kind)
            case "GET", [wanted]:
                return self.reads.get(kind, wanted)
            case "POST", [] if kind.type in WRITABLE:
                return self.edits.create(exchange, kind)
            case (("PATCH" | "PUT"), [ident]) if kind.type in WRITABLE:
                return self.edits.update(exchange, kind, ident)
            case "DELETE", [ident] if kind.type in WRITABLE:
                return self.edits.delete(kind, ident)
        # The API's answer to a verb that a path does not know is unknown; ours is a plain 404.
        raise not_found()


def split_path(path: str) -> list[str]:
    """The decoded segments of a path below `/v1/`; 404 when it is not below.

    A slash at the end is forgiven, as one client shows.
    """
    segments = path.removesuffix("/").split("/")
    if segments[:2] != ["", "v1"]:
        raise not_found()
    return [unquote(segment) for segment in segments[2:]]


def _kind_of(segments: list[str]) -> tuple[Kind, list[str]]:
    for length in (2, 1):
        kind = BY_PATH.get("/".join(segments[:length]))
        if kind is not None and kind.served:
            return kind, segments[length:]
    raise not_found()
