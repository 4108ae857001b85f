"""Records and changes that somebody else tells of: an event's, in wire words, become ours."""

from __future__ import annotations

from typing import Any

from kustomer_orm._sentinels import MISSING
from kustomer_orm._types import JSON, JSONObject
from kustomer_orm.changes import Extent, State, copy_json
from kustomer_orm.client import Client
from kustomer_orm.errors import DeclarationError
from kustomer_orm.records.core import name_at, records, value_at
from kustomer_orm.records.facts import Extra
from kustomer_orm.records.generic import GenericRecord
from kustomer_orm.records.record import Record
from kustomer_orm.records.results import Change


def told_record(resource: JSONObject, client: Client | None) -> Record:
    """Make the record of a resource, in no identity scope: what is held there may have edits.

    Of a type that no class declares, or whose name no class can have, it is a `GenericRecord`.
    """
    type_name = resource["type"]
    try:
        cls = records.find(type_name)
    except DeclarationError:
        cls = GenericRecord
    # That an event shows the record whole is inferred.
    state = State(resource["attributes"], resource.get("relationships") or {}, Extent.WHOLE)
    extra = None
    if cls.type != type_name:
        links = resource.get("links")
        link = links.get("self") if isinstance(links, dict) else None
        extra = Extra(link=link if isinstance(link, str) else None, type=type_name)
    record: Record = cls._make(resource["id"], state, client, extra)
    record._keep_beside(resource)
    return record


def told_change(record: Record, address: str, old: JSON, new: JSON) -> dict[str, Change]:
    """Give one change by its Python name; none of what every write moves.

    Args:
        record: the record that it is about.
        address: the key on the wire, after `custom.` or `relationships.` where it is below those.
        old: the wire value before, or MISSING.
        new: the wire value after.
    """
    if address in record.bookkeeping:
        return {}
    attribute: Any = record._by_address.get(address)
    if attribute is None and address.startswith("custom."):
        attribute = record._at(address)
    key = address.removeprefix("relationships.")
    if attribute is None:
        return {key: Change(_plain(old), _plain(new))}
    if key != address:
        old, new = (attribute.read({}, {key: side}) for side in (old, new))
    values = (value_at(record, attribute, side) for side in (old, new))
    return {name_at(type(record), address): Change(*values)}


def _plain(side: JSON) -> JSON:
    return None if side is MISSING else copy_json(side)
