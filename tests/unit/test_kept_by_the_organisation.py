"""Schedules, SLAs, audit logs, times, events, senders of spam: each in its own way."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from kustomer_orm import (
    AuditLog,
    Client,
    Conversation,
    ConversationTime,
    Satisfaction,
    Schedule,
    Shortcut,
    Sla,
    SpamSender,
    errors,
)
from kustomer_orm.emulator import Emulator

HOURS: dict[str, Any] = {str(day): [[540, 1020]] for day in range(1, 6)} | {"0": None, "6": None}


@pytest.fixture(autouse=True)
def _current(client: Client) -> None:
    """Have a client in every test."""


def asked(server: Emulator) -> list[str]:
    return [f"{each.method} {each.target}" for each in server.requests]


# -- schedules ----------------------------------------------------------------------------------


def test_a_change_of_a_schedule_sends_the_whole_of_it(server: Emulator) -> None:
    """PUT asks for all four attributes (documented)."""
    schedule = Schedule.create(name="Office", hours=HOURS, timezone="UTC", is_default=False)
    assert server.requests[-1].body == {
        "name": "Office",
        "hours": HOURS,
        "timezone": "UTC",
        "default": False,
    }
    assert schedule.hours is not None
    schedule.hours["6"] = [[600, 720], [780, 900]]
    schedule.save()
    assert server.requests[-1].method == "PUT"
    assert server.requests[-1].body == {
        "name": "Office",
        "hours": HOURS | {"6": [[600, 720], [780, 900]]},
        "timezone": "UTC",
        "default": False,
    }
    assert not schedule.is_dirty
    again = Schedule.get(str(schedule.id))
    assert again.hours == schedule.hours
    assert not again.is_dirty


@pytest.mark.parametrize(
    "hours",
    [{"1": [[540, 1020]]}, HOURS | {"1": [[540, 1441]]}, HOURS | {"1": [540, 1020]}],
    ids=["days missing", "after midnight", "no pairs"],
)
def test_hours_that_are_none_are_refused_unsent(server: Emulator, hours: Any) -> None:
    with pytest.raises(errors.InvalidValueError, match=r"Schedule\.hours"):
        Schedule(hours=hours)
    assert server.requests == []


def test_the_default_schedule_and_the_holidays_of_one(server: Emulator) -> None:
    values = {"hours": HOURS, "timezone": "UTC"}
    server.world.add("schedule", name="Night", default=False, **values)
    id_ = server.world.add("schedule", name="Office", default=True, **values)
    day = {"startDate": "2026-01-01", "endDate": "2026-01-01", "enabled": True}
    server.world.add("holiday", name="New Year", description="", schedule=id_, **day)

    office = Schedule.default()

    assert (office.id, office.is_default) == (id_, True)
    assert [each["attributes"]["name"] for each in office.holidays()] == ["New Year"]
    assert asked(server) == [
        "GET /v1/schedules/default",
        f"GET /v1/schedules/{id_}?include=holidays",
    ]
    office.delete()
    assert [each.name for each in Schedule.all()] == ["Night"]


# -- what is only read --------------------------------------------------------------------------


@pytest.mark.parametrize("shape", ["array", "object"])
def test_versions_of_an_sla_are_read_as_a_list_or_as_one(
    server: Emulator, shape: Literal["array", "object"]
) -> None:
    server.behaviour.sla_included = shape
    id_ = server.world.add("sla", currentVersion=2)
    for version in (1, 2):
        server.world.add("sla_version", sla=id_, version=version, name=f"Gold {version}")

    names = [each["attributes"]["name"] for each in Sla.get(id_).versions()]

    assert names == (["Gold 1", "Gold 2"] if shape == "array" else ["Gold 2"])
    assert asked(server)[-1] == f"GET /v1/slas/{id_}?versions=all"


def test_an_sla_without_versions_has_none(server: Emulator) -> None:
    assert Sla(id=server.world.add("sla")).versions() == []


def test_audit_logs_are_gone_through_by_their_cursor(server: Emulator) -> None:
    ids = [server.world.add("audit_log", eventVerb="update") for _ in range(5)]

    assert [log.id for log in AuditLog.all().page_size(2)] == ids[::-1]
    assert asked(server) == [
        "GET /v1/audit-logs?count=2",
        f"GET /v1/audit-logs?count=2&before={ids[3]}",
        f"GET /v1/audit-logs?count=2&before={ids[1]}",
    ]


def test_audit_logs_are_taken_up_where_somebody_stopped(server: Emulator) -> None:
    ids = [server.world.add("audit_log", eventVerb="update") for _ in range(5)]
    assert [log.id for log in AuditLog.all(before=ids[2])] == [ids[1], ids[0]]
    assert server.requests[0].query == {"before": ids[2]}
    assert AuditLog.all().count() == 5
    with pytest.raises(errors.QueryError, match="before"):
        AuditLog.all(after=ids[2])  # its pages lead back over what was there before


def test_times_come_by_conversation_and_by_their_ids(server: Emulator) -> None:
    conversation = Conversation(id=server.world.add("conversation"))
    ids = [
        server.world.add("conversation_time", conversation=conversation.id, handleTime=seconds)
        for seconds in (3, 5, 8)
    ]
    server.world.add("conversation_time", conversation=server.world.add("conversation"))

    assert [time.handle_time for time in conversation.times] == [3, 5, 8]
    assert [time.handle_time for time in ConversationTime.get_many(ids[::-1])] == [8, 5, 3]
    assert asked(server) == [
        f"GET /v1/conversations/{conversation.id}/times",
        f"GET /v1/conversations/times/{ids[2]},{ids[1]},{ids[0]}",
    ]


def test_events_of_a_conversation_are_filtered(server: Emulator) -> None:
    conversation = Conversation(id=server.world.add("conversation"))
    for name in ("kustomer.note.create", "kustomer.conversation.update"):
        server.world.add("customer_event", conversation=conversation.id, name=name)

    found = list(conversation.events.where(name="kustomer.note.create"))

    assert [event.name for event in found] == ["kustomer.note.create"]
    assert server.requests[0].query == {"name": "kustomer.note.create"}
    with pytest.raises(errors.QueryError, match="creates nothing there"):
        conversation.events.create(name="x")
    with pytest.raises(errors.QueryError, match="not filtered by 'names'"):
        conversation.events.where(names="x")


@pytest.mark.parametrize(
    "cls", [AuditLog, ConversationTime, Satisfaction, Shortcut, Sla], ids=lambda cls: cls.__name__
)
def test_what_is_only_read_is_neither_made_nor_changed_nor_deleted(
    server: Emulator, cls: Any
) -> None:
    record = cls(id="58228e05d4e96711004eccb7")
    in_bulk = cls.create_all([{}])
    for attempt in (record.delete, cls.create, in_bulk.raise_for_failures):
        with pytest.raises(errors.KustomerError):
            attempt()
    for name in cls._attributes:
        with pytest.raises(errors.ReadOnlyAttributeError):
            setattr(record, name, None)
    assert server.requests == []


def test_shortcuts_are_listed_and_got(server: Emulator) -> None:
    ids = [server.world.add("shortcut", name=name) for name in ("Greeting", "Refund")]

    assert [each.name for each in Shortcut.all()] == ["Greeting", "Refund"]
    assert Shortcut.get(ids[1]).name == "Refund"


# -- senders of spam ----------------------------------------------------------------------------


def test_a_sender_of_spam_is_noted_changed_and_forgotten(server: Emulator) -> None:
    spam = SpamSender.put(channel="email", sender="a@b.example", listed_as="blacklist")
    assert server.requests[0].body == {
        "channel": "email",
        "sender": "a@b.example",
        "list": "blacklist",
    }
    again = SpamSender.put(channel="email", sender="a@b.example", listed_as="whitelist")
    assert again == spam
    assert [(each.sender, each.listed_as) for each in SpamSender.all()] == [
        ("a@b.example", "whitelist")
    ]
    spam.delete()
    assert list(SpamSender.all()) == []
    assert asked(server) == [
        "PUT /v1/spam/senders",
        "PUT /v1/spam/senders",
        "GET /v1/spam/senders",
        f"DELETE /v1/spam/senders/{spam.id}",
        "GET /v1/spam/senders",
    ]
