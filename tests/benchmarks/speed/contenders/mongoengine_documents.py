"""mongoengine: fields converted when the document is made, tracking lists and dicts inside."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar

import bson
from mongoengine import Document, EmbeddedDocument, fields  # type: ignore[import-untyped]

from speed.contenders.contender import NEW_AMOUNT, NEW_NAME, NEW_TAG, REPEATS, Reading, Tracker
from speed.shape import CUSTOM, STANDARD, Kind, snake


def _iso_time(*, db_field: str) -> Any:
    """Make a time field that reads ISO text: BSON has times of its own, JSON has not."""

    class IsoDateTimeField(fields.DateTimeField):  # type: ignore[misc]
        def to_python(self, value: Any) -> Any:
            return datetime.fromisoformat(value) if isinstance(value, str) else value

    return IsoDateTimeField(db_field=db_field)


FIELDS: dict[Kind, Callable[..., Any]] = {
    "text": fields.StringField,
    "integer": fields.IntField,
    "number": fields.FloatField,
    "flag": fields.BooleanField,
    "time": _iso_time,
    "url": fields.URLField,
    "texts": lambda *, db_field: fields.ListField(fields.StringField(), db_field=db_field),
    "json": fields.DictField,
}


def _declared(shape: dict[str, Kind]) -> dict[str, Any]:
    return {snake(name): FIELDS[kind](db_field=name) for name, kind in shape.items()}


_embedded_class: Any = type(EmbeddedDocument)
_document_class: Any = type(Document)

TicketCustom: Any = _embedded_class("TicketCustom", (EmbeddedDocument,), _declared(CUSTOM))
Ticket: Any = _document_class(
    "Ticket",
    (Document,),
    {
        "id": fields.StringField(primary_key=True),
        "custom": fields.EmbeddedDocumentField(TicketCustom),
        **_declared(STANDARD),
    },
)


class MongoengineDocuments(Tracker):
    """Documents of 25 fields and an embedded document of 10; its delta is an update in BSON."""

    name = "mongoengine"
    notes: ClassVar[tuple[str, ...]] = ("its delta is BSON, the wire format of its server",)

    def hydrate(self, page: bytes) -> list[Any]:
        records = []
        for resource in json.loads(page)["data"]:
            attributes = resource["attributes"]
            attributes["_id"] = resource["id"]
            records.append(Ticket._from_son(attributes))
        return records

    def tags(self, record: Any) -> list[str]:
        tags: list[str] = record.tags
        return tags

    def dirty(self, records: list[Any]) -> list[bool]:
        return [bool(record._get_changed_fields()) for record in records]

    def read(self, records: list[Any]) -> list[Reading]:
        return [(r.name, r.created_at, r.tags, r.custom.refund_amount_num) for r in records]

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
            record.custom.refund_amount_num = NEW_AMOUNT

    def edit(self, records: list[Any]) -> None:
        for record in records:
            record.custom.refund_amount_num = NEW_AMOUNT
            record.tags.append(NEW_TAG)

    def delta(self, records: list[Any]) -> list[bytes]:
        bodies = []
        for record in records:
            set_values, unset_names = record._delta()
            bodies.append(bson.encode({"$set": set_values, "$unset": unset_names}))
        return bodies

    def sent(self, body: bytes) -> dict[str, Any]:
        update = bson.decode(body)
        return {**update["$set"], **dict.fromkeys(update["$unset"])}
