"""stripe: a tree of StripeObjects, each with a set of the keys that were assigned."""

import json
import re
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlencode

from stripe import StripeObject
from stripe._encode import _api_encode

from speed.contenders.contender import NEW_AMOUNT, NEW_NAME, NEW_TAG, REPEATS, Reading, Tracker

_CUSTOM = re.compile(r"custom\[(\w+)\]")
_ELEMENT = re.compile(r"(\w+)\[\d+\]")


class StripeObjects(Tracker):
    """The list of tags is replaced, for stripe does not see an append; sent as a form, its wire."""

    name = "stripe"
    notes: ClassVar[tuple[str, ...]] = (
        "has no types: times are decoded with datetime.fromisoformat at every read",
        "its delta is a form, the wire format of its API",
    )

    def hydrate(self, page: bytes) -> list[Any]:
        records = []
        for resource in json.loads(page)["data"]:
            attributes = resource["attributes"]
            attributes["id"] = resource["id"]
            records.append(StripeObject.construct_from(attributes, "sk_test_unused"))
        return records

    def tags(self, record: Any) -> list[str]:
        tags: list[str] = record.tags
        return tags

    def dirty(self, records: list[Any]) -> list[bool]:
        return [bool(record.serialize(None)) for record in records]

    def read(self, records: list[Any]) -> list[Reading]:
        decode = datetime.fromisoformat
        return [(r.name, decode(r.createdAt), r.tags, r.custom.refundAmountNum) for r in records]

    def read_text_again(self, records: list[Any]) -> None:
        for _ in REPEATS:
            for record in records:
                _value = record.name

    def read_time_again(self, records: list[Any]) -> None:
        for _ in REPEATS:
            for record in records:
                _value = datetime.fromisoformat(record.createdAt)

    def set_two(self, records: list[Any]) -> None:
        for record in records:
            record.name = NEW_NAME
            record.custom.refundAmountNum = NEW_AMOUNT

    def edit(self, records: list[Any]) -> None:
        for record in records:
            record.custom.refundAmountNum = NEW_AMOUNT
            record.tags = [*record.tags, NEW_TAG]

    def delta(self, records: list[Any]) -> list[bytes]:
        return [urlencode(list(_api_encode(r.serialize(None)))).encode() for r in records]

    def sent(self, body: bytes) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key, value in parse_qsl(body.decode()):
            if match := _CUSTOM.fullmatch(key):
                values[f"custom.{match[1]}"] = float(value)
            elif match := _ELEMENT.fullmatch(key):
                values.setdefault(match[1], []).append(value)
            else:
                values[key] = value
        return values
