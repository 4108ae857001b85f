"""python-gitlab: the server's dict kept, a second dict for what was assigned or read as a list."""

import json
from datetime import datetime
from typing import Any, ClassVar

from gitlab import Gitlab
from gitlab.base import RESTObject
from gitlab.mixins import CRUDMixin, SaveMixin
from gitlab.types import RequiredOptional

from speed.contenders.contender import NEW_AMOUNT, NEW_NAME, NEW_TAG, REPEATS, Reading, Tracker
from speed.shape import ATTRIBUTES, CUSTOM, READ_ONLY


class Ticket(SaveMixin, RESTObject):
    """A conversation as python-gitlab would have it; attributes keep their names of the wire."""


class TicketManager(CRUDMixin[Ticket]):
    """Where tickets come from; it never sends anything here."""

    _path = "/conversations"
    _obj_cls = Ticket
    _update_attrs = RequiredOptional(
        optional=tuple(name for name in ATTRIBUTES if name not in READ_ONLY)
    )


class GitlabObjects(Tracker):
    """Edits in nested dicts go unseen there, so custom attributes stand beside the others."""

    name = "python-gitlab"
    notes: ClassVar[tuple[str, ...]] = (
        "has no types: times are decoded with datetime.fromisoformat at every read",
    )

    def __init__(self) -> None:
        self._manager = TicketManager(Gitlab("http://127.0.0.1", private_token="unused"))

    def hydrate(self, page: bytes) -> list[Any]:
        manager = self._manager
        records = []
        for resource in json.loads(page)["data"]:
            attributes = resource["attributes"]
            attributes.update(attributes.pop("custom"))
            attributes["id"] = resource["id"]
            records.append(Ticket(manager, attributes, created_from_list=True))
        return records

    def tags(self, record: Any) -> list[str]:
        tags: list[str] = record.tags
        return tags

    def dirty(self, records: list[Any]) -> list[bool]:
        return [bool(record._get_updated_data()) for record in records]

    def read(self, records: list[Any]) -> list[Reading]:
        decode = datetime.fromisoformat
        return [(r.name, decode(r.createdAt), r.tags, r.refundAmountNum) for r in records]

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
            record.refundAmountNum = NEW_AMOUNT

    def edit(self, records: list[Any]) -> None:
        for record in records:
            record.refundAmountNum = NEW_AMOUNT
            record.tags.append(NEW_TAG)

    def delta(self, records: list[Any]) -> list[bytes]:
        return [json.dumps(record._get_updated_data()).encode() for record in records]

    def sent(self, body: bytes) -> dict[str, Any]:
        values = json.loads(body)
        return {f"custom.{key}" if key in CUSTOM else key: values[key] for key in values}
