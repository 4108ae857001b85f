"""Stored records and how they are shown: JSON:API resources, masks, look-ups."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from kustomer_orm.emulator.behaviour import Behaviour
from kustomer_orm.emulator.kinds import Kind, link

MASK = {"isMasked": True, "maskedPresentation": "********"}


@dataclass
class Stored:
    """One record as the server keeps it."""

    kind: Kind
    id: str
    attributes: dict[str, Any] = field(default_factory=dict)
    relations: dict[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def rev(self) -> int:
        """The record's revision; 0 when it has none, or none that is a number."""
        rev = self.attributes.get("rev")
        return rev if isinstance(rev, int) else 0

    def related(self, name: str) -> str | None:
        """The id a relationship points at."""
        found = self.relations.get(name)
        return found[1] if found else None


class Store:
    """All records of an organisation, by type and id; the caller holds the lock."""

    def __init__(self, org_id: str) -> None:
        self.org_id = org_id
        self._records: dict[str, dict[str, Stored]] = defaultdict(dict)
        self._masks: dict[str, list[str]] = defaultdict(list)
        self._sensitive: Callable[[str], Iterable[str]] = _nothing

    def put(self, record: Stored) -> None:
        """Keep a record."""
        self._records[record.kind.type][record.id] = record

    def find(self, kind: str, ident: str) -> Stored | None:
        """One record, None when there is none of that id."""
        return self._records[kind].get(ident)

    def remove(self, kind: str, ident: str) -> bool:
        """Forget a record; whether it was there."""
        return self._records[kind].pop(ident, None) is not None

    def all(self, kind: str, *, descending: bool = False) -> list[Stored]:
        """Every record of a type in the order of their ids."""
        records = self._records[kind]
        return [records[ident] for ident in sorted(records, reverse=descending)]

    def where(self, kind: str, name: str, value: str) -> Iterator[Stored]:
        """Records whose attribute, email or phone has this value."""
        for record in self._records[kind].values():
            if value in _looked_up(record, name):
                yield record

    def mask(self, kind: str, path: str) -> None:
        """Show this attribute (`name`, `custom.noteTxt`) masked from now on."""
        self._masks[kind].append(path)

    def mask_too(self, sensitive: Callable[[str], Iterable[str]]) -> None:
        """Mask what this function names of a type, unless the key may read it."""
        self._sensitive = sensitive

    def unmask(self, kind: str, path: str) -> None:
        """Show this attribute again."""
        self._masks[kind].remove(path)

    def shown(self, record: Stored, behaviour: Behaviour) -> dict[str, Any]:
        """The record as an answer shows it: masks and switches applied."""
        resource = self.resource(record)
        attributes = resource["attributes"]
        if behaviour.tags_read_as == "names" and "tags" in attributes:
            attributes["tags"] = [self._tag_name(ident) for ident in attributes["tags"]]
        if behaviour.tags_order == "reversed" and "tags" in attributes:
            attributes["tags"].reverse()
        declared = () if behaviour.reads_sensitive else self._sensitive(record.kind.type)
        for path in (*self._masks[record.kind.type], *declared):
            mask_path(attributes, path)
        return resource

    def resource(self, record: Stored) -> dict[str, Any]:
        """The record as a JSON:API resource, as stored; a copy."""
        kind = record.kind
        address = link(kind.type, record.id)
        relationships: dict[str, Any] = {"org": _relationship("org", self.org_id)}
        relationships |= {name: {"links": {"self": f"{address}/{name}"}} for name in kind.links}
        for name, (target, ident) in record.relations.items():
            relationships[name] = _relationship(target, ident)
        attributes = copied(record.attributes)
        if kind.type == "customer":
            attributes["conversationCounts"] = self._conversation_counts(record.id)
        return {
            "type": kind.type,
            "id": record.id,
            "attributes": attributes,
            "relationships": relationships,
            "links": {"self": address},
        }

    def pointer(self, kind: str, ident: str) -> dict[str, Any]:
        """A relationship to another record."""
        return _relationship(kind, ident)

    def _tag_name(self, ident: str) -> str:
        tag = self.find("tag", ident)
        return ident if tag is None else tag.attributes["name"]

    def _conversation_counts(self, customer: str) -> dict[str, int]:
        counts = {"all": 0, "snoozed": 0, "open": 0, "done": 0}
        for conversation in self._records["conversation"].values():
            if conversation.related("customer") == customer:
                status = conversation.attributes.get("status")
                counts["all"] += 1
                if status in counts:
                    counts[status] += 1
        return counts


def copied(value: Any) -> Any:
    """A deep copy of a JSON value; several times faster than the general one."""
    if isinstance(value, dict):
        return {key: copied(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [copied(each) for each in value]
    return value


def mask_path(attributes: dict[str, Any], path: str) -> None:
    """Replace one value, if it is there, by the object that stands for a masked one."""
    *parents, key = path.split(".", 1)
    holder: Any = attributes
    for parent in parents:
        holder = holder.get(parent) if isinstance(holder, dict) else None
    if isinstance(holder, dict) and key in holder:
        holder[key] = dict(MASK)


def _nothing(_kind: str) -> tuple[str, ...]:
    return ()


def _relationship(kind: str, ident: str) -> dict[str, Any]:
    return {"links": {"self": link(kind, ident)}, "data": {"type": kind, "id": ident}}


def _looked_up(record: Stored, name: str) -> list[Any]:
    if name in {"email", "phone"}:
        entries = record.attributes.get(f"{name}s") or []
        return [entry.get(name) for entry in entries if isinstance(entry, dict)]
    return [record.attributes.get(name)]
