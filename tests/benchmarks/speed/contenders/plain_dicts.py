"""json.loads: the parsed dicts themselves, the measure of all the others."""

import json
from datetime import datetime
from typing import Any

from speed.contenders.contender import NEW_AMOUNT, NEW_NAME, NEW_TAG, REPEATS, Contender, Reading


class PlainDicts(Contender):
    """Nothing is tracked: whoever keeps dicts sends everything, and never knows what changed."""

    name = "json.loads"

    def hydrate(self, page: bytes) -> list[Any]:
        resources: list[Any] = json.loads(page)["data"]
        return resources

    def read(self, records: list[Any]) -> list[Reading]:
        decode = datetime.fromisoformat
        readings = []
        for record in records:
            values = record["attributes"]
            amount = values["custom"]["refundAmountNum"]
            readings.append((values["name"], decode(values["createdAt"]), values["tags"], amount))
        return readings

    def read_text_again(self, records: list[Any]) -> None:
        for _ in REPEATS:
            for record in records:
                _value = record["attributes"]["name"]

    def read_time_again(self, records: list[Any]) -> None:
        for _ in REPEATS:
            for record in records:
                _value = datetime.fromisoformat(record["attributes"]["createdAt"])

    def set_two(self, records: list[Any]) -> None:
        for record in records:
            values = record["attributes"]
            values["name"] = NEW_NAME
            values["custom"]["refundAmountNum"] = NEW_AMOUNT

    def edit(self, records: list[Any]) -> None:
        for record in records:
            values = record["attributes"]
            values["custom"]["refundAmountNum"] = NEW_AMOUNT
            values["tags"].append(NEW_TAG)
