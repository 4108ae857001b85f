"""Stored records and how they are shown: JSON:API resources, masks, look-ups."""

import bisect
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from kustomer_orm.emulator.behaviour import Behaviour
from kustomer_orm.emulator.kinds import KOBJECT, Kind, link, plural

MASK = {"isMasked": True, "maskedPresentation": "********"}


@dataclass
class Stored:
    """One record as the server keeps it.

    `many` holds relationships that name several records.
    """

    kind: Kind
    id: str
    attributes: dict[str, Any] = field(default_factory=dict)
    relations: dict[str, tuple[str, str]] = field(default_factory=dict)
    many: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    @property
    def rev(self) -> int:
        """The record's revision; 0 when it has none, or none that is a number."""
        rev = self.attributes.get("rev")
        return rev if isinstance(rev, int) else 0

    def related(self, name: str) -> str | None:
        """The id a relationship points at."""
        found = self.relations.get(name)
        return found[1] if found else None


class Watcher(Protocol):
    """Who is told of every write."""

    def wrote(self, record: Stored) -> None:
        """Learn of a new or changed record."""

    def removed(self, kind: str, ident: str) -> None:
        """Learn that a record is gone."""


class Store:
    """All records of an organisation, by type and id; the caller holds the lock.

    The indexes hold candidates: who looks something up checks what is found, so that a write only
    has to add what is new.
    """

    def __init__(self, org_id: str, *watchers: Watcher) -> None:
        self.org_id = org_id
        self._watchers = watchers
        self._records: defaultdict[str, dict[str, Stored]] = defaultdict(dict)
        self._order: defaultdict[str, list[str]] = defaultdict(list)
        self._pointing: defaultdict[tuple[str, str, str], dict[str, None]] = defaultdict(dict)
        self._external: defaultdict[tuple[str, str], dict[str, None]] = defaultdict(dict)
        self._masks: defaultdict[str, list[str]] = defaultdict(list)
        self.sensitive: dict[str, list[str]] = {}  # what metadata flags, by type
        self.unmasked: set[str] = set()  # customers with an open unmasking window

    def put(self, record: Stored) -> None:
        """Keep a record."""
        held, order = self._records[record.kind.type], self._order[record.kind.type]
        if record.id not in held:
            bisect.insort(order, record.id)
        held[record.id] = record
        self.index(record)

    def index(self, record: Stored) -> None:
        """Have a record found by what it points at and by its external id, after every write."""
        for watcher in self._watchers:
            watcher.wrote(record)
        kind = record.kind.type
        for name, (_, ident) in record.relations.items():
            self._pointing[kind, name, ident][record.id] = None
        external = record.attributes.get("externalId")
        if isinstance(external, str):
            self._external[kind, external][record.id] = None

    def find(self, kind: str, ident: str) -> Stored | None:
        """One record, None when there is none of that id."""
        return self._records[kind].get(ident)

    def remove(self, kind: str, ident: str) -> bool:
        """Forget a record; whether it was there."""
        if self._records[kind].pop(ident, None) is None:
            return False
        order = self._order[kind]
        del order[bisect.bisect_left(order, ident)]
        for watcher in self._watchers:
            watcher.removed(kind, ident)
        return True

    def types(self) -> list[str]:
        """The types of which there are records."""
        return [kind for kind, held in self._records.items() if held]

    def ids(self, kind: str) -> Sequence[str]:
        """The ids of every record of a type, ascending; not to be changed."""
        return self._order[kind]

    def all(self, kind: str, *, descending: bool = False) -> list[Stored]:
        """Every record of a type in the order of their ids."""
        held, order = self._records[kind], self._order[kind]
        return [held[ident] for ident in (reversed(order) if descending else order)]

    def pointing_at(
        self, kind: str, name: str, ident: str, *, descending: bool = False
    ) -> list[Stored]:
        """Every record of a type whose relation leads to another one, in the order of their ids."""
        held = self._records[kind]
        ids = sorted(self._pointing.get((kind, name, ident), ()), reverse=descending)
        found = (held[each] for each in ids if each in held)
        return [record for record in found if record.related(name) == ident]

    def where(self, kind: str, name: str, value: str) -> Iterator[Stored]:
        """Records whose attribute, email or phone has this value."""
        held = self._records[kind]
        if name == "externalId":
            ids = self._external.get((kind, value), ()) if isinstance(value, str) else ()
            candidates = [held[ident] for ident in ids if ident in held]
        else:
            candidates = list(held.values())
        for record in candidates:
            if value in _looked_up(record, name):
                yield record

    def mask(self, kind: str, path: str) -> None:
        """Show this attribute (`name`, `custom.noteTxt`) masked from now on."""
        self._masks[kind].append(path)

    def unmask(self, kind: str, path: str) -> None:
        """Show this attribute again."""
        self._masks[kind].remove(path)

    def shown(self, record: Stored, behaviour: Behaviour) -> dict[str, Any]:
        """The record as an answer shows it: masks and switches applied."""
        return self.veiled(self.resource(record), record, behaviour)

    def veiled(
        self, resource: dict[str, Any], record: Stored, behaviour: Behaviour
    ) -> dict[str, Any]:
        """A state of the record, which is changed, with masks and switches applied."""
        attributes = resource["attributes"]
        if behaviour.tags_read_as == "names" and "tags" in attributes:
            attributes["tags"] = [self._tag_name(ident) for ident in attributes["tags"]]
        if behaviour.tags_order == "reversed" and "tags" in attributes:
            attributes["tags"].reverse()
        owner = record.id if record.kind.type == "customer" else record.related("customer")
        if owner not in self.unmasked:
            flagged = self.sensitive.get(record.kind.type, ())
            hidden = () if behaviour.reads_sensitive else flagged
            for path in (*self._masks[record.kind.type], *hidden):
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
            if target == "klass":  # recorded: the singular `link`
                relationships[name]["link"] = relationships[name].pop("links")
        for name, targets in record.many.items():
            data = [{"type": target, "id": ident} for target, ident in targets]
            relationships[name] = {"data": data}
        if kind.type in {"customer", "company"}:
            relationships |= self._kobject_links(kind.type, record.id)
        attributes = copied(record.attributes)
        if kind.type == "customer":
            attributes["conversationCounts"] = self._conversation_counts(record.id)
        return {
            "type": kind.shown_as or kind.type,
            "id": record.id,
            "attributes": attributes,
            "relationships": relationships,
            "links": {"self": address} if kind.type != "attachment" else _file_links(record),
        }

    def _tag_name(self, ident: str) -> str:
        tag = self.find("tag", ident)
        return ident if tag is None else tag.attributes["name"]

    def _kobject_links(self, owner: str, ident: str) -> dict[str, Any]:
        """The custom objects of a customer or company: recorded, under the klass's plural name."""
        found: dict[str, Any] = {}
        for kind in self.types():
            if kind.startswith(KOBJECT) and self.pointing_at(kind, owner, ident):
                name = plural(kind.removeprefix(KOBJECT))
                address = f"{link(owner, ident)}/klasses/{name}"
                found[name] = {"links": {"self": address}, "meta": {"kobject": True}}
        return found

    def _conversation_counts(self, customer: str) -> dict[str, int]:
        counts = {"all": 0, "snoozed": 0, "open": 0, "done": 0}
        for conversation in self.pointing_at("conversation", "customer", customer):
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


def _file_links(record: Stored) -> dict[str, str]:
    """The address of a file's record, and a signed one of the file itself, which leads nowhere."""
    owners = [link(*each) for name, each in record.relations.items() if name in _HAVE_FILES]
    above = f"{owners[0]}/attachments" if owners else "/v1/attachments"
    signed = f"https://files.invalid/{record.id}?X-Amz-Expires=600&X-Amz-Signature=emulated"
    return {"self": f"{above}/{record.id}", "related": signed}


_HAVE_FILES = frozenset({"message", "draft", "forward"})


def _relationship(kind: str, ident: str) -> dict[str, Any]:
    return {"links": {"self": link(kind, ident)}, "data": {"type": kind, "id": ident}}


def _looked_up(record: Stored, name: str) -> list[Any]:
    if name in {"email", "phone"}:
        entries = record.attributes.get(f"{name}s") or []
        return [entry.get(name) for entry in entries if isinstance(entry, dict)]
    return [record.attributes.get(name)]
