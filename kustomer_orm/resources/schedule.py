"""Schedule: the hours in which the organisation works."""

from __future__ import annotations

from typing import Any, Self

from kustomer_orm.attributes import (
    Attribute,
    Boolean,
    DateTime,
    Integer,
    List,
    Object,
    String,
    ToOne,
)
from kustomer_orm.client import current_client
from kustomer_orm.records import Record, included


def _minutes() -> Attribute[Any, Any]:
    """Make a time of opening: the first minute of the day, and the last."""
    return List(Integer(min=0, max=1440), max_items=2)


class Schedule(Record):
    """The hours in which the organisation works, by day of the week from "0", Sunday.

    Each day is a list of pairs of minutes since midnight, or null. A save sends the whole schedule,
    since the API asks for all of it (documented).

    >>> from kustomer_orm import Client, Schedule
    >>> from kustomer_orm.emulator import Emulator
    >>> hours = {str(day): [[540, 1020]] for day in range(1, 6)} | {"0": None, "6": None}
    >>> with Emulator() as server, Client(server.api_key, base_url=server.url):
    ...     zone = "Europe/London"
    ...     _ = Schedule.create(name="Office", hours=hours, timezone=zone, is_default=True)
    ...     Schedule.default().name
    'Office'
    """

    type = "schedule"
    path = "/v1/schedules"
    update_method = "PUT"
    takes_rev = False
    required = ("name", "hours", "timezone", "is_default")
    together = ("name", "hours", "timezone", "is_default")

    name = String(max_length=256)
    hours = Object(
        {day: List(_minutes(), nullable=True) for day in "0123456"},
        required=tuple("0123456"),
    )
    timezone = String()
    is_default = Boolean(key="default")

    # -- read -----------------------------------------------------------------------------------
    created_by = ToOne("user", writable=False)
    modified_by = ToOne("user", writable=False)
    org = ToOne("org", writable=False)
    created_at = DateTime(writable=False)
    updated_at = DateTime(writable=False)
    modified_at = DateTime(writable=False)

    @classmethod
    def default(cls) -> Self:
        """Load the organisation's default schedule. One request."""
        return cls.using(current_client()).get_at("default")

    def holidays(self) -> list[dict[str, Any]]:
        """Give the holidays, as the API sends them. One request."""
        return included(self, "include=holidays")
