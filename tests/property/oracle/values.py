"""Wire values: copied, compared by kind, and read out of documents."""

from __future__ import annotations

import enum
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from oracle.fields import FIELDS, Field


class Absent(enum.Enum):
    """The document has no such key."""

    ABSENT = "absent"


class Deleted(enum.Enum):
    """A custom key that was taken out: a null on the wire."""

    DELETED = "deleted"


class Settled(enum.Enum):
    """Nothing was sent of which nobody knows what became."""

    SETTLED = "settled"


ABSENT = Absent.ABSENT
SETTLED = Settled.SETTLED
DELETED = Deleted.DELETED
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def copied(wire: Any) -> Any:
    """A copy that shares nothing."""
    return json.loads(json.dumps(wire)) if isinstance(wire, (list, dict)) else wire


def masked(wire: Any) -> bool:
    """Whether the API hides the value."""
    return isinstance(wire, dict) and wire.get("isMasked") is True


def nothing(wire: Any) -> bool:
    """Whether it is absent, null or taken out."""
    return wire is None or wire is ABSENT or wire is DELETED


def milliseconds(text: str) -> int:
    """The instant that a text names, finer parts cut off."""
    return (datetime.fromisoformat(text) - _EPOCH) // timedelta(milliseconds=1)


def moment_text(moment: datetime) -> str:
    """The only spelling that the API writes."""
    utc = moment.astimezone(UTC)
    return utc.strftime("%Y-%m-%dT%H:%M:%S.") + f"{utc.microsecond // 1000:03d}Z"


def plain_json(wire: Any) -> str:
    """A text that is equal for JSON that is equal: 1 is 1.0, true is not 1, no order of keys."""

    def spelled(value: Any) -> Any:
        if isinstance(value, float) and value.is_integer():
            return int(value)
        if isinstance(value, dict):
            return {key: spelled(item) for key, item in value.items()}
        return [spelled(item) for item in value] if isinstance(value, list) else value

    return json.dumps(spelled(wire), sort_keys=True)


def canonical(field: Field, wire: Any) -> str:
    """A text that is equal for values of the field that are equal.

    Of an object, what is not a member is left out: it is the server's to show, and nobody's to
    change.
    """
    if wire is None or masked(wire):
        return plain_json(wire)
    if field.kind == "moment":
        return str(milliseconds(wire))
    if field.kind == "set" and isinstance(wire, list):
        return plain_json(sorted(map(plain_json, wire)))
    if field.kind == "object" and isinstance(wire, dict):
        kinds = dict(field.members)
        return plain_json(
            {
                key: milliseconds(item) if kinds[key] == "moment" and item is not None else item
                for key, item in wire.items()
                if key in kinds
            }
        )
    return plain_json(wire)


def same(field: Field, first: Any, second: Any) -> bool:
    """Whether two wire values are equal; what is absent equals null."""
    if nothing(first) or nothing(second):
        return nothing(first) and nothing(second)
    return canonical(field, first) == canonical(field, second)


def flat(resource: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a document by the names of the fields; what is absent is left out."""
    found = {name: wire_in(resource, field) for name, field in FIELDS.items()}
    return {name: wire for name, wire in found.items() if wire is not ABSENT}


def wire_in(resource: Mapping[str, Any], field: Field) -> Any:
    """The value of one field in a document, or ABSENT."""
    if field.place == "link":
        relation = resource.get("relationships", {}).get(field.key, ABSENT)
        if relation is ABSENT or "data" not in relation:
            return ABSENT
        return None if relation["data"] is None else relation["data"]["id"]
    attributes = resource["attributes"]
    holder = (attributes.get("custom") or {}) if field.place == "custom" else attributes
    return copied(holder.get(field.key, ABSENT))
