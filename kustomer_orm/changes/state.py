"""The state of one record: the baseline, and a working set of what was touched since."""

from __future__ import annotations

import enum
from collections.abc import Container
from typing import Any, NamedTuple, Protocol

from kustomer_orm._sentinels import MISSING, Masked
from kustomer_orm._types import JSON, JSONObject, ReadOnlyJSONObject
from kustomer_orm.changes.wire import copy_json, is_masked
from kustomer_orm.errors import InvalidValueError

# Stands for "nothing was read yet" in every untouched record; never written to.
_NOTHING: dict[str, Any] = {}


class Extent(enum.Enum):
    """How much of the record the baseline holds."""

    NEW = "new"  # nothing is on the server yet
    PARTIAL = "partial"  # an absent key means "not known"
    WHOLE = "whole"  # an absent key means "not set": the API leaves out what is unset


class Tracked(Protocol):
    """What the tracker asks of an attribute."""

    @property
    def address(self) -> str:
        """Its place in the working set: `name`, or `custom.orderNumStr`."""
        ...

    @property
    def unordered(self) -> bool:
        """Whether its list compares and merges as a set."""
        ...

    @property
    def held(self) -> bool:
        """Whether readers hold the value and may change it, so that two reads give one object."""
        ...

    @property
    def null_on_create(self) -> bool:
        """Whether `null` may be sent for a record that is not on the server yet."""
        ...

    def read(self, attributes: ReadOnlyJSONObject, relationships: ReadOnlyJSONObject) -> JSON:
        """Give its wire value in a document, or MISSING."""
        ...

    def put(self, attributes: JSONObject, relationships: JSONObject, wire: JSON) -> None:
        """Set its wire value in a document of our own."""
        ...

    def encode(self, value: Any, base: JSON = MISSING) -> JSON:
        """Give the wire value, freshly made; raise InvalidValueError.

        `base` is the baseline's: what the server holds already need not be checked again.
        """
        ...

    def decode(self, wire: JSON, owner: Any) -> Any:
        """Give the Python value, freshly made; raise UnreadableValueError.

        `owner` is the record: related records are bound to the client of theirs.
        """
        ...

    def same(self, first: JSON, second: JSON) -> bool:
        """Compare two wire values that are neither absent, null nor masked."""
        ...

    def as_read(self, value: Any, wire: JSON) -> bool:
        """Tell whether a held value is still what reading the wire value gives."""
        ...

    def own(self, wire: JSON, base: JSON) -> JSON:
        """Leave out what the baseline's value shows and nobody may write."""
        ...

    def outgoing(self, wire: JSON, base: JSON) -> JSON:
        """Give what goes into a request for a wire value; raise InvalidValueError."""
        ...


class Entry:
    """One touched attribute: the Python value that its owner sees and may be editing.

    `encoded` is its wire value where that was made already and cannot change, else MISSING.
    """

    __slots__ = ("assigned", "attribute", "doubt", "encoded", "touched", "value")

    def __init__(
        self,
        attribute: Tracked,
        value: Any,
        *,
        assigned: bool = False,
        touched: bool = False,
        encoded: JSON = MISSING,
    ) -> None:
        self.attribute = attribute
        self.value = value
        self.assigned = assigned
        self.touched = touched
        self.encoded = encoded
        self.doubt: JSON = MISSING  # what was sent without anybody knowing what became of it

    def wire(self, base: JSON = MISSING) -> JSON:
        """Encode the value; a deleted custom key is a null."""
        if self.encoded is not MISSING:
            return self.encoded
        return None if self.value is MISSING else self.attribute.encode(self.value, base)

    def put_in_doubt(self, wire: JSON) -> None:
        """Remember what was sent; of several lists, whatever may have arrived with one of them."""
        if self.doubt is MISSING:
            self.doubt = wire
        elif self.attribute.unordered and isinstance(self.doubt, list) and isinstance(wire, list):
            self.doubt = [*self.doubt, *(item for item in wire if item not in self.doubt)]


class Edit(NamedTuple):
    """One difference: what would be sent for an attribute, and what it stands against."""

    entry: Entry
    wire: JSON
    payload: JSON
    base: JSON

    @property
    def attribute(self) -> Tracked:
        """Whose difference it is."""
        return self.entry.attribute


class State:
    """Baseline and working set.

    `attributes` and `relationships` are those of the last accepted answer. They are shared, never
    handed out, never changed, only replaced (by `accept`). `seen` holds the values that readers
    were given, so that reading twice decodes once; it is no truth of its own.
    """

    __slots__ = ("attributes", "extent", "relationships", "seen", "working")

    def __init__(
        self,
        attributes: ReadOnlyJSONObject,
        relationships: ReadOnlyJSONObject,
        extent: Extent,
    ) -> None:
        self.attributes = attributes
        self.relationships = relationships
        self.extent = extent
        self.working: dict[str, Entry] | None = None
        self.seen: dict[str, Any] = _NOTHING

    def base(self, attribute: Tracked) -> JSON:
        """Give the baseline's wire value of an attribute, or MISSING."""
        return attribute.read(self.attributes, self.relationships)

    def keep(self, entry: Entry) -> None:
        """Put an entry into the working set."""
        if self.working is None:
            self.working = {}
        self.working[entry.attribute.address] = entry
        self.remember(entry.attribute.address, entry.value)

    def drop(self, address: str) -> None:
        """Take an entry out of the working set, if it is there."""
        if self.working is not None:
            self.working.pop(address, None)
        self.seen.pop(address, None)

    def remember(self, address: str, value: Any) -> None:
        """Have the next read of this place give this value without decoding it again."""
        if self.seen is _NOTHING:
            self.seen = {}
        self.seen[address] = None if value is MISSING else value

    def reset(self, working: dict[str, Entry] | None) -> None:
        """Put a working set in the place of the present one, and forget what was decoded."""
        self.working = working
        self.seen = _NOTHING
        for entry in self.entries():
            self.remember(entry.attribute.address, entry.value)

    def entries(self) -> list[Entry]:
        """List what was touched: a list, because a reader may touch more meanwhile."""
        return [] if self.working is None else list(self.working.values())

    def is_edited(self, entry: Entry) -> bool:
        """Tell whether an entry differs from the baseline; a value that cannot be sent does."""
        try:
            return self.edit(entry) is not None
        except InvalidValueError:
            return True

    def is_unsendable(self, entry: Entry) -> bool:
        """Tell whether an entry holds what the API would refuse."""
        try:
            self.edit(entry)
        except InvalidValueError:
            return True
        return False

    def is_dirty(self) -> bool:
        """Tell whether anything differs from the baseline."""
        if self.working is None:
            return False
        return any(map(self.is_edited, self.entries()))

    def edit(self, entry: Entry) -> Edit | None:
        """Give the difference that an entry makes, or None."""
        attribute, wire = entry.attribute, entry.encoded
        base = attribute.read(self.attributes, self.relationships)
        try:
            if wire is MISSING:
                wire = entry.wire(base)
        except InvalidValueError:
            if isinstance(entry.value, Masked):
                return None  # it came from here, and equals what nobody can see
            # The server may hold what the API would refuse (an older limit): reading is no edit.
            if entry.touched or entry.assigned or not is_as_read(entry, base):
                raise
            return None
        settled = entry.doubt is MISSING or self.extent is Extent.NEW  # a creation is looked up
        sure = settled and not entry.touched
        if sure and unchanged(entry, wire, base, self.extent):
            return None
        return Edit(entry, wire, attribute.outgoing(wire, base), base)

    def delta(
        self, wanted: Container[str] | None = None
    ) -> tuple[list[Edit], list[InvalidValueError]]:
        """Give every difference in the order of first touch, and every value that cannot be sent.

        Args:
            wanted: the addresses to look at; all of them if not given.
        """
        edits: list[Edit] = []
        problems: list[InvalidValueError] = []
        for entry in self.entries() if wanted is None else self._entries_at(wanted):
            try:
                edit = self.edit(entry)
            except InvalidValueError as error:
                problems.append(error)
            else:
                if edit is not None:
                    edits.append(edit)
        return edits, problems

    def _entries_at(self, wanted: Container[str]) -> list[Entry]:
        return [entry for entry in self.entries() if entry.attribute.address in wanted]

    def copy(self) -> State:
        """Copy the working set; the baseline is shared, since nobody changes it."""
        twin = State(self.attributes, self.relationships, self.extent)
        for entry in self.entries():
            copied = Entry(
                entry.attribute,
                copy_json(entry.value),
                assigned=entry.assigned,
                touched=entry.touched,
                encoded=entry.encoded,
            )
            copied.doubt = entry.doubt
            twin.keep(copied)
        return twin


def is_as_read(entry: Entry, base: JSON) -> bool:
    """Tell whether a value that was handed out is still the one that was read."""
    absent = base is MISSING or base is None
    return not absent and entry.attribute.as_read(entry.value, base)


def unchanged(entry: Entry, wire: JSON, base: JSON, extent: Extent) -> bool:
    """Tell whether sending `wire` would leave the baseline's value as it is."""
    if base is MISSING or base is None:
        if wire is None:
            if extent is Extent.NEW:
                return entry.value is MISSING or not entry.attribute.null_on_create
            return base is None or extent is Extent.WHOLE
        # An absent list or dict was handed out as an empty one.
        return not entry.assigned and wire in ([], {})
    if wire is None or (type(base) is dict and is_masked(base)):
        return False
    return entry.attribute.same(wire, base)
