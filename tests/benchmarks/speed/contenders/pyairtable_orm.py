"""pyairtable.orm: values converted when the record is made, a flag for each changed field."""

import json
from collections.abc import Callable
from typing import Any

from pyairtable.orm import Model, fields

from speed.contenders.contender import NEW_AMOUNT, NEW_NAME, NEW_TAG, REPEATS, Reading, Tracker
from speed.shape import ATTRIBUTES, CUSTOM, READ_ONLY, Kind, snake


class JsonField(fields.Field[Any, Any, None]):
    """Any JSON value, kept as it is."""


FIELDS: dict[Kind, Callable[..., fields.AnyField]] = {
    "text": fields.SingleLineTextField,
    "integer": fields.IntegerField,
    "number": fields.NumberField,
    "flag": fields.CheckboxField,
    "time": fields.DatetimeField,
    "url": fields.UrlField,
    "texts": fields.MultipleSelectField,
    "json": JsonField,
}


class _Meta:
    api_key = "unused"
    base_id = "unused"
    table_name = "conversations"


Ticket: Any = type(
    "Ticket",
    (Model,),
    {
        "Meta": _Meta,
        **{
            snake(name): FIELDS[kind](name, readonly=name in READ_ONLY)
            for name, kind in ATTRIBUTES.items()
        },
    },
)


class PyairtableOrm(Tracker):
    """Airtable has no nested custom attributes: they stand beside the others."""

    name = "pyairtable.orm"

    def hydrate(self, page: bytes) -> list[Any]:
        records = []
        for resource in json.loads(page)["data"]:
            attributes = resource["attributes"]
            attributes.update(attributes.pop("custom"))
            created = attributes["createdAt"]
            record = {"id": resource["id"], "createdTime": created, "fields": attributes}
            records.append(Ticket.from_record(record))
        return records

    def tags(self, record: Any) -> list[str]:
        tags: list[str] = record.tags
        return tags

    def dirty(self, records: list[Any]) -> list[bool]:
        return [bool(record._changed) for record in records]

    def read(self, records: list[Any]) -> list[Reading]:
        return [(r.name, r.created_at, r.tags, r.refund_amount_num) for r in records]

    def read_text_again(self, records: list[Any]) -> None:
        for _ in REPEATS:
            for record in records:
                _value = record.name

    def read_time_again(self, records: list[Any]) -> None:
        for _ in REPEATS:
            for record in records:
                _value = record.created_at

    def set_two(self, records: list[Any]) -> None:
        for record in records:
            record.name = NEW_NAME
            record.refund_amount_num = NEW_AMOUNT

    def edit(self, records: list[Any]) -> None:
        for record in records:
            record.refund_amount_num = NEW_AMOUNT
            record.tags.append(NEW_TAG)

    def delta(self, records: list[Any]) -> list[bytes]:
        """Make the body as Model.save does: all fields converted, the changed ones kept."""
        bodies = []
        for record in records:
            written = record.to_record(only_writable=True)["fields"]
            changed = {key: value for key, value in written.items() if record._changed.get(key)}
            bodies.append(json.dumps({"fields": changed, "typecast": False}).encode())
        return bodies

    def sent(self, body: bytes) -> dict[str, Any]:
        values = json.loads(body)["fields"]
        return {f"custom.{key}" if key in CUSTOM else key: values[key] for key in values}
