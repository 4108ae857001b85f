"""Records that travel: copies, pickles and snapshots. The client goes by its name, never a key."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from kustomer_orm._sentinels import MISSING, Masked
from kustomer_orm._types import JSONObject
from kustomer_orm.attributes import Attribute
from kustomer_orm.changes import Entry, Extent, State, copy_json, holds_masked
from kustomer_orm.client import Client
from kustomer_orm.errors import InvalidValueError, KustomerError
from kustomer_orm.records.core import Core
from kustomer_orm.records.facts import Alias, Extra
from kustomer_orm.records.finding import checked_id
from kustomer_orm.records.planning import collected

_VERSION = 1

# The rarer facts that a copy takes along.
_CARRIED = ("lazy", "link", "type", "in_doubt", "lost", "previous", "made_at", "implied")


def alias_of(record: Core) -> Alias | None:
    """Give the name of a record's client."""
    client = record._client
    return Alias(client.name, client.org) if isinstance(client, Client) else client


def packed(record: Core) -> dict[str, Any]:
    """Give what a pickle holds: baseline, working set, and the client's name."""
    state, extra = record._state, record._extra
    return {
        "id": record.id,
        "client": alias_of(record),
        "attributes": state.attributes,
        "relationships": state.relationships,
        "extent": state.extent,
        "working": [
            (entry.attribute.address, entry.value, entry.assigned, entry.touched, entry.doubt)
            for entry in state.entries()
        ],
        "extra": None if extra is None else {name: getattr(extra, name) for name in _CARRIED},
    }


def unpack(record: Core, held: Mapping[str, Any]) -> None:
    """Fill an empty record from what `packed` gave."""
    state = State(held["attributes"], held["relationships"], held["extent"])
    put = object.__setattr__
    put(record, "_id", held["id"])
    put(record, "_client", held["client"])
    put(record, "_state", state)
    put(record, "_extra", None)
    if held["extra"] is not None:
        extra = Extra()
        for name, value in held["extra"].items():
            setattr(extra, name, value)
        put(record, "_extra", extra)
    for address, value, assigned, touched, doubt in held["working"]:
        entry = Entry(record._at(address), value, assigned=assigned, touched=touched)
        entry.doubt = doubt
        state.keep(entry)


def copied(record: Core) -> Any:
    """Copy a record: the copy has edits of its own and shares the baseline, which never changes."""
    twin = type(record)._make(record.id, record._state.copy(), record._client)
    if record._extra is not None:
        extra = Extra()
        for name in _CARRIED:
            setattr(extra, name, getattr(record._extra, name))
        extra.previous = dict(extra.previous)
        object.__setattr__(twin, "_extra", extra)
    return twin


def snapshot(record: Core, only: Iterable[str] | None = None) -> JSONObject:
    """Give baseline and edits as JSON; of these attributes alone, if they are named."""
    state, extra = record._state, record._extra
    wanted = None if only is None else [record._named(name) for name in only]
    shown = None if wanted is None else [each for each in wanted if _may_travel(record, each)]
    places = None if shown is None else {each.address for each in shown}
    problems = [problem.about(record._label()) for problem in state.delta(places)[1]]
    if problems:
        raise collected([*problems])
    attributes, relationships = (
        (state.attributes, state.relationships) if shown is None else _part_of(state, shown)
    )
    whole = state.extent is Extent.WHOLE and shown is None
    extent = state.extent if whole or state.extent is Extent.NEW else Extent.PARTIAL
    alias = alias_of(record)
    return {
        "version": _VERSION,
        "client": None if alias is None else list(alias),
        "type": record.type,
        "id": record.id,
        "extent": extent.value,
        "in_doubt": record.in_doubt,
        "lost": 0 if extra is None else extra.lost,
        "made_at": None if extra is None else extra.made_at,
        "implied": [] if extra is None else sorted(extra.implied),
        "attributes": copy_json(attributes),
        "relationships": copy_json(relationships),
        "edits": _edits_of(state, places),
    }


def _may_travel(record: Core, attribute: Attribute[Any, Any]) -> bool:
    """Tell whether its value may go where other people see it: sensitive and masked ones stay."""
    return not attribute.sensitive and not holds_masked(record._state.base(attribute))


def _part_of(state: State, wanted: Iterable[Attribute[Any, Any]]) -> tuple[JSONObject, JSONObject]:
    """Give the baseline of some attributes, with the revision.

    What a whole record leaves out is not set, which a record known in part has to say.
    """
    attributes: JSONObject = {}
    relationships: JSONObject = {}
    for attribute in wanted:
        wire = state.base(attribute)
        if wire is MISSING and state.extent is Extent.WHOLE:
            wire = None
        if wire is not MISSING:
            attribute.put(attributes, relationships, wire)
    if "rev" in state.attributes:
        attributes["rev"] = state.attributes["rev"]
    return attributes, relationships


def _edits_of(state: State, places: Collection[str] | None) -> list[JSONObject]:
    return [
        {
            "at": entry.attribute.address,
            "wire": copy_json(entry.wire(state.base(entry.attribute))),
            "assigned": entry.assigned,
            "touched": entry.touched,
            "deleted": entry.value is MISSING,
            **({} if entry.doubt is MISSING else {"doubt": copy_json(entry.doubt)}),
        }
        for entry in state.entries()
        if not isinstance(entry.value, Masked)
        and (places is None or entry.attribute.address in places)
        and (entry.doubt is not MISSING or state.edit(entry) is not None)
    ]


def restored(cls: type[Core], held: JSONObject) -> Any:
    """Make the record of a snapshot.

    Raises:
        InvalidValueError: it is not a snapshot of this class.
    """
    right = isinstance(held, dict) and held.get("version") == _VERSION
    if right and held.get("type") == cls.type:
        try:
            return _restored(cls, held)
        except KustomerError:
            raise
        except (KeyError, TypeError, ValueError, AttributeError):
            pass  # it only looked like one
    raise InvalidValueError.of(
        f"{cls.__name__}.from_snapshot", expected=f"a snapshot of a {cls.type}", got="another"
    )


def _restored(cls: type[Core], held: JSONObject) -> Any:
    state = State(held["attributes"], held["relationships"], Extent(held["extent"]))
    state = State(copy_json(state.attributes), copy_json(state.relationships), state.extent)
    client = None if held["client"] is None else Alias(*held["client"])
    id_ = None if held["id"] is None else checked_id(cls, held["id"])
    record = cls._make(id_, state, client)
    in_doubt, lost, made_at = held["in_doubt"], held["lost"], held["made_at"]
    implied = frozenset(held["implied"])
    if in_doubt or lost or made_at:
        extra = record._extras()
        extra.in_doubt, extra.lost, extra.made_at = in_doubt, lost, made_at
        extra.implied = implied
    for edit in held["edits"]:
        attribute = record._at(edit["at"])
        wire = edit["wire"]
        value = None if wire is None else attribute.decode(wire, record)
        entry = Entry(
            attribute,
            MISSING if edit["deleted"] else value,
            assigned=edit["assigned"],
            touched=edit["touched"],
        )
        entry.doubt = edit.get("doubt", MISSING)
        state.keep(entry)
    return record
