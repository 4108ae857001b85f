"""Our own records, read from a page of the API; which parser they use is settled at the import."""

import json
from typing import Any, ClassVar, Final

from kustomer_orm import Client, Conversation, custom, jsonapi
from speed.contenders.contender import NEW_AMOUNT, NEW_NAME, NEW_TAG, REPEATS, Reading, Tracker

_NOWHERE: Final = "http://127.0.0.1:9"


class Ticket(Conversation):
    """A conversation with the ten custom attributes of the generated ones declared."""

    order_number = custom.Str()
    carrier = custom.Str()
    agent_note = custom.Txt()
    refund_amount = custom.Num()
    item_count = custom.Num()
    refund_due = custom.At()
    is_vip = custom.Bool()
    tracking = custom.Url()
    order = custom.Id("kobject.order")
    reason = custom.Tree()


class KustomerRecords(Tracker):
    """Our records, bound to a client that never sends anything here."""

    name = "kustomer_orm"
    notes: ClassVar[tuple[str, ...]] = (
        "the appended tag goes through the endpoint that adds tags, so its delta is two bodies",
    )

    def __init__(self, name: str) -> None:
        self.name = name
        self._tickets = Ticket.using(Client("unused", base_url=_NOWHERE, name=name))

    def parse(self, page: bytes) -> list[Any]:
        names = ("id", "attributes", "relationships")
        return [resource[name] for resource in jsonapi.loads(page)["data"] for name in names]

    def hydrate(self, page: bytes) -> list[Any]:
        """Make the records as get_many does: each resource is looked at, then taken."""
        tickets = self._tickets
        document: Any = jsonapi.parse(page)
        check, hydrate = tickets._resource, tickets.hydrate
        return [hydrate(check(resource, Ticket.path)) for resource in document["data"]]

    def tags(self, record: Any) -> list[str]:
        tags: list[str] = record.tags
        return tags

    def dirty(self, records: list[Any]) -> list[bool]:
        return [record.is_dirty for record in records]

    def read(self, records: list[Any]) -> list[Reading]:
        return [(r.name, r.created_at, r.tags, r.refund_amount) for r in records]

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
            record.refund_amount = NEW_AMOUNT

    def edit(self, records: list[Any]) -> None:
        for record in records:
            record.refund_amount = NEW_AMOUNT
            record.tags.append(NEW_TAG)

    def delta(self, records: list[Any]) -> list[bytes]:
        return [
            b"\n".join([request.content for request in record.plan().requests])
            for record in records
        ]

    def sent(self, body: bytes) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for line in body.splitlines():
            document = json.loads(line)
            if isinstance(document, list):
                values["tags, added"] = document
                continue
            custom_values = document.pop("custom", {})
            values |= document
            values |= {f"custom.{key}": value for key, value in custom_values.items()}
        return values
