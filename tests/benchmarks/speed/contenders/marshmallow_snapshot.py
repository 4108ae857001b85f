"""Plain marshmallow: Schema.load, a deep copy to compare with, Schema.dump of what differs."""

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from marshmallow import EXCLUDE, Schema, fields

from speed.contenders.contender import NEW_AMOUNT, NEW_NAME, NEW_TAG, REPEATS, Reading, Tracker
from speed.shape import CUSTOM, STANDARD, Kind, snake

FIELDS: dict[Kind, Callable[..., fields.Field[Any]]] = {
    "text": fields.String,
    "integer": fields.Integer,
    "number": fields.Float,
    "flag": fields.Boolean,
    "time": fields.AwareDateTime,
    "url": fields.Url,
    "texts": lambda *, data_key: fields.List(fields.String(), data_key=data_key),
    "json": fields.Dict,
}


def _declared(shape: dict[str, Kind]) -> dict[str, fields.Field[Any]]:
    return {snake(name): FIELDS[kind](data_key=name) for name, kind in shape.items()}


TicketCustomSchema = Schema.from_dict(_declared(CUSTOM), name="TicketCustomSchema")
TicketSchema = Schema.from_dict(
    {"custom": fields.Nested(TicketCustomSchema), **_declared(STANDARD)}, name="TicketSchema"
)


class MarshmallowSnapshot(Tracker):
    """A record is a pair: the loaded dict, and its deep copy from when it was loaded."""

    name = "marshmallow"

    def __init__(self) -> None:
        self._schema = TicketSchema(unknown=EXCLUDE)

    def hydrate(self, page: bytes) -> list[Any]:
        load = self._schema.load
        loaded = [load(resource["attributes"]) for resource in json.loads(page)["data"]]
        return [(values, deepcopy(values)) for values in loaded]

    def tags(self, record: Any) -> list[str]:
        tags: list[str] = record[0]["tags"]
        return tags

    def dirty(self, records: list[Any]) -> list[bool]:
        return [values != snapshot for values, snapshot in records]

    def read(self, records: list[Any]) -> list[Reading]:
        return [
            (v["name"], v["created_at"], v["tags"], v["custom"]["refund_amount_num"])
            for v, _ in records
        ]

    def read_text_again(self, records: list[Any]) -> None:
        for _ in REPEATS:
            for values, _snapshot in records:
                _value = values["name"]

    def read_time_again(self, records: list[Any]) -> None:
        for _ in REPEATS:
            for values, _snapshot in records:
                _value = values["created_at"]

    def set_two(self, records: list[Any]) -> None:
        for values, _ in records:
            values["name"] = NEW_NAME
            values["custom"]["refund_amount_num"] = NEW_AMOUNT

    def edit(self, records: list[Any]) -> None:
        for values, _ in records:
            values["custom"]["refund_amount_num"] = NEW_AMOUNT
            values["tags"].append(NEW_TAG)

    def delta(self, records: list[Any]) -> list[bytes]:
        dump = self._schema.dump
        bodies = []
        for values, snapshot in records:
            changed = _difference(values, snapshot)
            if "custom" in changed:
                changed["custom"] = _difference(values["custom"], snapshot["custom"])
            bodies.append(json.dumps(dump(changed)).encode())
        return bodies

    def sent(self, body: bytes) -> dict[str, Any]:
        values = json.loads(body)
        custom = values.pop("custom", {})
        return {**values, **{f"custom.{key}": custom[key] for key in custom}}


def _difference(values: dict[str, Any], snapshot: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value != snapshot[key]}
