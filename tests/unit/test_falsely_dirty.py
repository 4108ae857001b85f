"""Group B2: reading, equal values and reverted edits are no changes (31-48)."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from kustomer_orm import Conversation, custom
from kustomer_orm.emulator import Emulator
from kustomer_orm.errors import InvalidValueError

pytestmark = pytest.mark.usefixtures("client")

MOMENT = datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)


class ShopConversation(Conversation):
    order_number = custom.Str()
    note = custom.Txt()
    refund = custom.Num("refundAmountNum")
    due = custom.At()
    is_vip = custom.Bool("vipBool")
    site = custom.Url()
    buyer = custom.Id("customer")
    watchers = custom.Id("user", "watchersId", many=True)
    reason = custom.Tree()


def full(server: Emulator) -> dict[str, Any]:
    """Give the wire values of a conversation that has something of everything."""
    user = server.world.add("user")
    return {
        "name": "a",
        "status": "open",
        "priority": 3,
        "externalId": "E",
        "tags": ["t", "u"],
        "assignedUsers": [user],
        "suggestedTags": [{"tag": "a", "confidence": 0.1}, {"tag": "b", "confidence": 1}],
        "sentiment": {"polarity": 1, "confidence": 0.5},
        "satisfaction": 0.5,
        "satisfactionLevel": {
            "createdAt": "2026-01-02T03:04:05.678Z",
            "status": "rated",
            "sentByTeams": ["58190b991f2932100010d683"],
        },
        "snooze": {"status": "scheduled", "time": "2026-01-02T03:04:05Z"},
        "queue": server.world.add("queue", name="q"),
        "channels": ["email"],
        "custom": {
            "orderNumberStr": "A-1",
            "noteTxt": "n",
            "refundAmountNum": 12.5,
            "dueAt": "2026-01-02T03:04:05.678Z",
            "vipBool": True,
            "siteUrl": "https://a.example",
            "buyerId": server.world.add("customer"),
            "watchersId": [user],
            "reasonTree": "a.b",
            "undeclaredNum": 1,
            "listStr": ["x", "y"],
            "object": {"n": [1]},
        },
    }


def conversation_of(server: Emulator, **values: Any) -> ShopConversation:
    id_ = server.world.add("conversation", **values)
    found = ShopConversation.get(id_)
    server.requests.clear()
    return found


def saves_nothing(server: Emulator, found: Conversation) -> None:
    """Check every way of asking, and that nothing crosses the wire."""
    assert found.changes == {}
    assert not found.is_dirty
    assert not found.plan()
    assert not found.save()
    assert server.requests == []


# -- reading ---------------------------------------------------------------------------------------


def test_reading_everything_changes_nothing(server: Emulator) -> None:
    """Pitfall 31."""
    found = conversation_of(server, **full(server))

    for name in ShopConversation._attributes:
        getattr(found, name)
        assert hasattr(found, name)
    for key in found.raw["attributes"]:
        found[key]
    for key in found.custom:
        found.custom[key]
    assert not hasattr(found, "nothing_of_the_kind")

    saves_nothing(server, found)


def test_reading_an_empty_record_changes_nothing(server: Emulator) -> None:
    """Pitfalls 31 and 44."""
    found = conversation_of(server)
    server.requests.clear()

    for name in ShopConversation._attributes:
        getattr(found, name)

    saves_nothing(server, found)
    assert found.snooze is None
    assert "snooze" not in found.raw["attributes"]


def test_reading_first_and_saving_something_else_overwrites_nobody(server: Emulator) -> None:
    """Pitfall 31."""
    found = conversation_of(server, name="a", tags=["t"])
    assert found.tags
    server.world.add_tags("conversation", str(found.id), ["theirs"])
    found.name = "b"

    found.save()

    assert [each.body for each in server.requests] == [{"name": "b"}]
    assert len(server.world.get("conversation", str(found.id))["attributes"]["tags"]) == 2


USES: dict[str, Callable[[ShopConversation], object]] = {
    "iterate": lambda found: [*found.tags, *found.suggested_tags, *(found.sentiment or {})],
    "index": lambda found: (found.tags[0], found.suggested_tags[-1]["tag"]),
    "slice": lambda found: (found.tags[:1], found.suggested_tags[::-1]),
    "repr": lambda found: (repr(found), str(found), repr(found.tags), repr(found.custom)),
    "format": lambda found: f"{found} {found.tags} {found.changes}",
    "==": lambda found: (found == found.tags, found.tags == ["t"], found.sentiment == {}),
    "json": lambda found: json.dumps([found.tags, found.suggested_tags, found.sentiment]),
    "sorted": lambda found: (sorted(found.tags), max(found.tags), len(found.tags)),
    "in": lambda found: ("x" in found.tags, "x" in (found.sentiment or {})),
    "to_dict": lambda found: (found.to_dict(), found.raw, found.snapshot()),
    "ask": lambda found: (found.is_dirty, found.changes, found.plan(), found.original("tags")),
    "hash": lambda found: ({found}, found.key, found.id, found.rev, bool(found)),
    "dir": lambda found: (dir(found), found.previous_changes, found.in_doubt),
    "related": lambda found: (found.queue, found.buyer, found.watchers[0].id, repr(found.customer)),
}


@pytest.mark.parametrize("use", USES)
def test_using_what_was_read_changes_nothing(server: Emulator, use: str) -> None:
    """Pitfall 32."""
    found = conversation_of(server, **full(server))

    USES[use](found)

    saves_nothing(server, found)


# -- equal values ----------------------------------------------------------------------------------


def test_assigning_every_attribute_its_own_value_changes_nothing(server: Emulator) -> None:
    """Pitfall 33."""
    found = conversation_of(server, **full(server))

    for name, attribute in ShopConversation._attributes.items():
        if attribute.updatable and not attribute.alone:
            value = getattr(found, name)
            if value or (value is None and attribute.nullable):  # [] for an absent list is said
                setattr(found, name, value.copy() if isinstance(value, list | dict) else value)
    found.customer = found.customer
    found.custom["undeclaredNum"] = 1.0
    found.custom["listStr"] = ["x", "y"]

    saves_nothing(server, found)


EQUAL: dict[str, tuple[str, Any]] = {
    "the same text": ("name", "a"),
    "an int that is an int": ("priority", 3),
    "a number with another spelling": ("refund", Decimal("12.50")),
    "the same list": ("tags", ["u", "t"]),
    "an equal dict in another order": ("sentiment", {"confidence": Decimal("0.5"), "polarity": 1}),
    "None for an absent text": ("reply_channel", None),
    "None for an absent custom key": ("custom.neverStr", None),
    "the instant": ("due", MOMENT),
    "a tuple for a list": ("tags", ("t", "u")),
}


@pytest.mark.parametrize("case", EQUAL)
def test_an_equal_assignment_is_no_change(server: Emulator, case: str) -> None:
    """Pitfall 33."""
    found = conversation_of(server, **full(server))
    name, value = EQUAL[case]
    if name == "tags":
        value = type(value)(server.world.tag_id(each) for each in value)

    found.assign(**{name: value})

    saves_nothing(server, found)


def test_setting_and_reverting_is_no_change(server: Emulator) -> None:
    """Pitfall 34."""
    found = conversation_of(server, **full(server))
    tags, sentiment = found.tags, found.sentiment
    assert sentiment is not None

    found.name, found.refund, found.due = "b", 0, MOMENT + timedelta(1)
    found.queue = server.world.add("queue")
    found.external_id = None
    tags.append("x")
    sentiment["extra"] = 1
    found.suggested_tags.reverse()
    assert len(found.changes) == 8
    found.name, found.refund, found.due = "a", 12.5, MOMENT
    found.queue = found.original("queue")
    found.external_id = "E"
    tags.remove("x")
    del sentiment["extra"]
    found.suggested_tags.reverse()

    saves_nothing(server, found)


NO_EFFECT: dict[str, Callable[[ShopConversation], object]] = {
    "update({})": lambda found: (found.sentiment or {}).update({}),
    "update(equal)": lambda found: (found.sentiment or {}).update(polarity=1),
    "pop(missing, None)": lambda found: (found.sentiment or {}).pop("missing", None),
    "setdefault(existing)": lambda found: (found.sentiment or {}).setdefault("polarity", 9),
    "extend([])": lambda found: found.tags.extend([]),
    "slice": lambda found: found.tags.__setitem__(slice(None), list(found.tags)),
    "sort of a sorted list": lambda found: found.suggested_tags.sort(key=lambda row: row["tag"]),
    "*= 1": lambda found: found.tags.__imul__(1),
    "append and pop": lambda found: (found.tags.__iadd__(["x"]), found.tags.pop()),
    "clear of an absent list": lambda found: found.suggested_shortcuts.clear(),
    "assign()": lambda found: found.assign(),
    "restore()": lambda found: found.restore(),
}


@pytest.mark.parametrize("mutator", NO_EFFECT)
def test_a_mutator_without_effect_is_no_change(server: Emulator, mutator: str) -> None:
    """Pitfall 35."""
    found = conversation_of(server, **full(server))

    NO_EFFECT[mutator](found)

    saves_nothing(server, found)


RAISING: dict[str, Callable[[ShopConversation], object]] = {
    "remove": lambda found: found.tags.remove("not there"),
    "pop": lambda found: found.suggested_shortcuts.pop(),
    "del": lambda found: (found.sentiment or {}).pop("not there"),
    "index": lambda found: found.tags.__setitem__(99, "x"),
    "insert": lambda found: found.tags.insert("first", "x"),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    "wrong value": lambda found: setattr(found, "priority", "high"),
    "one wrong of two": lambda found: found.assign(name="b", priority=99),
    "wrong item": lambda found: found.assign(tags=["good", 1]),
    "unknown": lambda found: setattr(found, "nmae", "b"),
    "read-only": lambda found: setattr(found, "message_count", 1),
}


@pytest.mark.parametrize("mutator", RAISING)
def test_a_mutator_that_raises_is_no_change(server: Emulator, mutator: str) -> None:
    """Pitfall 36."""
    found = conversation_of(server, **full(server))

    with pytest.raises((ValueError, LookupError, TypeError, AttributeError)):
        RAISING[mutator](found)

    saves_nothing(server, found)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, Decimal("NaN"), Decimal("Inf")])
def test_nan_and_infinity_are_refused_where_they_are_assigned(server: Emulator, value: Any) -> None:
    """Pitfall 37."""
    found = conversation_of(server, **full(server))

    with pytest.raises(InvalidValueError, match="refund"):
        found.refund = value
    with pytest.raises(InvalidValueError, match="undeclaredNum"):
        found.custom["undeclaredNum"] = value
    with pytest.raises(InvalidValueError, match="sentiment"):
        found.sentiment = {"polarity": 1, "confidence": value}

    saves_nothing(server, found)


def test_nan_put_in_place_is_a_change_that_is_refused_by_name(server: Emulator) -> None:
    """Pitfall 37."""
    found = conversation_of(server, **full(server))
    assert found.sentiment is not None
    found.sentiment["confidence"] = math.nan

    assert list(found.changes) == ["sentiment"]
    with pytest.raises(InvalidValueError, match="confidence"):
        found.save()
    assert server.requests == []
    found.sentiment["confidence"] = 0.5

    saves_nothing(server, found)


# -- instants --------------------------------------------------------------------------------------

SPELLINGS = [
    "2026-01-02T03:04:05.678Z",
    "2026-01-02T03:04:05.678+00:00",
    "2026-01-02T05:04:05.678+02:00",
    "2026-01-02T03:04:05.678000Z",
    "2026-01-01T19:34:05.678-07:30",
]


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("hours", [0, 2, -11, 5.75])
def test_the_same_instant_is_equal_whatever_its_offset(
    server: Emulator, spelling: str, hours: float
) -> None:
    """Pitfalls 38 and 41."""
    found = conversation_of(server)
    server.world.put_raw("conversation", str(found.id), custom={"dueAt": spelling})
    found = ShopConversation.get(str(found.id))
    server.requests.clear()
    assert found.due == MOMENT

    found.due = MOMENT.astimezone(timezone(timedelta(hours=hours)))

    saves_nothing(server, found)


@pytest.mark.parametrize("finer", [0, 1, 999])
def test_what_is_finer_than_a_millisecond_is_no_change(server: Emulator, finer: int) -> None:
    """Pitfall 39."""
    found = conversation_of(server, custom={"dueAt": "2026-01-02T03:04:05.678Z"})

    found.due = MOMENT + timedelta(microseconds=finer)

    saves_nothing(server, found)


def test_a_millisecond_is_a_change_and_goes_out_in_one_form(server: Emulator) -> None:
    """Pitfalls 39 and 41."""
    found = conversation_of(server, custom={"dueAt": "2026-01-02T03:04:05.678Z"})

    found.due = (MOMENT + timedelta(microseconds=1999)).astimezone(timezone(timedelta(hours=2)))
    found.save()

    assert server.requests[0].body == {"custom": {"dueAt": "2026-01-02T03:04:05.679Z"}}
    assert found.changes == {}


def test_whole_seconds_keep_their_zeros_on_the_wire(server: Emulator) -> None:
    """Pitfall 41."""
    found = conversation_of(server)

    found.due = MOMENT.replace(microsecond=0)
    found.save()

    assert server.requests[0].body == {"custom": {"dueAt": "2026-01-02T03:04:05.000Z"}}


def test_a_naive_datetime_is_refused_where_it_is_assigned(server: Emulator) -> None:
    """Pitfall 40."""
    found = conversation_of(server, **full(server))
    naive = MOMENT.replace(tzinfo=None)

    with pytest.raises(InvalidValueError, match=r"due.*without a time zone"):
        found.due = naive
    with pytest.raises(InvalidValueError, match="snooze"):
        found.snooze = {"status": "scheduled", "time": naive}

    saves_nothing(server, found)


def test_a_naive_instant_of_the_server_compares_without_an_error(server: Emulator) -> None:
    """Pitfall 40: text without a zone is taken as UTC."""
    found = conversation_of(server)
    server.world.put_raw("conversation", str(found.id), custom={"dueAt": "2026-01-02T03:04:05.678"})
    found = ShopConversation.get(str(found.id))
    server.requests.clear()

    found.due = MOMENT

    saves_nothing(server, found)
