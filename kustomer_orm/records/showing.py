"""A record's current values, and its unsaved changes, as plain dicts."""

from __future__ import annotations

from typing import Any

from kustomer_orm._sentinels import MISSING
from kustomer_orm.changes import copy_json
from kustomer_orm.errors import UnreadableValueError
from kustomer_orm.records.core import Core, name_at, value_at
from kustomer_orm.records.custom_mapping import CustomAttributes
from kustomer_orm.records.results import Change


def shown_values(record: Core) -> dict[str, Any]:
    """Give the values by Python name; relations as ids, undeclared custom keys as `custom`."""
    state = record._state
    found: dict[str, Any] = {"id": record.id}
    for name, attribute in record._attributes.items():
        entry = None if state.working is None else state.working.get(attribute.address)
        wire = state.base(attribute)
        if entry is not None and (entry.assigned or state.is_edited(entry)):
            found[name] = _shown(None if entry.value is MISSING else entry.value)
        elif wire is not MISSING:
            found[name] = _shown(value_at(record, attribute, wire))
    custom = CustomAttributes(record)
    undeclared = sorted(key for key in custom._known() if f"custom.{key}" not in record._by_address)
    if undeclared:
        found["custom"] = {
            key: _shown(_readable(record, custom, key)) for key in undeclared if key in custom
        }
    return found


def unsaved_changes(record: Core) -> dict[str, Change]:
    """Give what was changed and not saved, by name, as Python values."""
    found = {}
    for entry in record._state.entries():
        if entry.touched or record._state.is_edited(entry):
            name = name_at(type(record), entry.attribute.address)
            old = value_at(record, entry.attribute, record._state.base(entry.attribute))
            new = None if entry.value is MISSING else copy_json(entry.value)
            found[name] = Change(old, new)
    return found


def _readable(record: Core, custom: CustomAttributes, key: str) -> Any:
    """Give a custom value; raw where it does not read, so that it does not hide the others."""
    try:
        return custom[key]
    except UnreadableValueError:
        return record._state.base(record._at(f"custom.{key}"))


def _shown(value: Any) -> Any:
    if isinstance(value, Core):
        return value.id
    if isinstance(value, list):
        return [_shown(item) for item in value]
    return copy_json(value)
