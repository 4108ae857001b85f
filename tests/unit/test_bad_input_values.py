"""A value that cannot be is refused on the line that assigns it; nothing changes, nothing goes."""

from __future__ import annotations

import enum
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from kustomer_orm import Client, Conversation, Customer, User, custom, errors
from kustomer_orm.emulator import Emulator

NAIVE = datetime(2026, 1, 1)  # noqa: DTZ001 - that is the point
ID = "5f0000000000000000000001"


class Form(Conversation):
    order = custom.Str()
    size = custom.Str("sizeStr", choices=("S", "M"))
    note = custom.Txt()
    refund = custom.Num()
    due = custom.At()
    paid = custom.Bool()
    site = custom.Url()
    buyer = custom.Id("customer")
    buyers = custom.Id("customer", "buyersId", many=True)
    reason = custom.Tree()


@pytest.fixture
def form(server: Emulator, client: Client) -> Form:
    values = {"orderStr": "A-1", "refundNum": 1, "paidBool": True}
    found = Form.get(server.world.add("conversation", name="Hi", tags=["vip"], custom=values))
    server.requests.clear()
    return found


WRONG: list[tuple[str, Any]] = [
    ("name", "x" * 257),
    ("external_id", "x" * 257),
    ("name", 5),
    ("name", "lone \ud800 surrogate"),
    ("status", "closed"),
    ("status", ""),
    ("status", None),
    ("status", 1),
    ("priority", 0),
    ("priority", 6),
    ("priority", 2.5),
    ("priority", float("nan")),
    ("priority", None),
    ("direction", "inbound"),
    ("reply_channel", "x" * 257),
    ("default_lang", "x" * 101),
    ("tags", [f"tag {n}" for n in range(21)]),
    ("tags", ["vip", "vip"]),
    ("tags", [""]),
    ("tags", ["x" * 65]),
    ("tags", ["#vip"]),
    ("tags", ["vip\n"]),
    ("tags", [5]),
    ("tags", [None]),
    ("tags", "vip"),
    ("tags", None),
    ("assigned_users", [f"{ID[:-2]}{n:02}" for n in range(11)]),
    ("assigned_users", [ID, ID]),
    ("assigned_users", [""]),
    ("assigned_users", ID),
    ("assigned_users", [Customer(id=ID)]),
    ("snooze", {}),
    ("snooze", {"status": "asleep"}),
    ("snooze", {"status": "scheduled", "time": NAIVE}),
    ("snooze", {"status": "scheduled", "until": "x"}),
    ("snooze", "scheduled"),
    ("sentiment", {"polarity": 1}),
    ("sentiment", {"polarity": 2, "confidence": 0}),
    ("satisfaction", 1.5),
    ("satisfaction", float("inf")),
    ("satisfaction", float("-inf")),
    ("ended_at", NAIVE),
    ("ended_at", date(2026, 1, 1)),
    ("ended_at", "2026-01-01T00:00:00Z"),
    ("ended_reason", "x" * 129),
    ("locked", None),
    ("locked", "yes"),
    ("customer", None),
    ("customer", User(id=ID)),
    ("customer", Customer()),
    ("customer", 5),
    ("queue", "a/b"),
    ("external_queue", "phone"),
    ("order", "x" * 1025),
    ("order", 5),
    ("size", "L"),
    ("note", "x" * 1025),
    ("note", ["a"]),
    ("refund", float("nan")),
    ("refund", float("inf")),
    ("refund", Decimal("NaN")),
    ("refund", Decimal("0.1234567890123456789")),
    ("refund", 2**63),
    ("refund", Decimal("1e400")),
    ("refund", "12.50"),
    ("refund", True),
    ("due", NAIVE),
    ("due", datetime.min.replace(tzinfo=timezone(timedelta(hours=2)))),
    ("due", "2026-01-01"),
    ("paid", 1),
    ("paid", "true"),
    ("site", "example.com/no-scheme"),
    ("site", "https://example.com/a b"),
    ("site", "http://["),
    ("buyer", User(id=ID)),
    ("buyer", "../users/x"),
    ("buyers", ["../users/x"]),
    ("reason", ["a", "b"]),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_value_is_refused_where_it_is_assigned_and_nothing_changes(
    server: Emulator, form: Form, name: str, value: Any
) -> None:
    before = form.to_dict()
    for attempt in (
        lambda: setattr(form, name, value),
        lambda: (
            form.assign(name="Ho", **{name: value})
            if name != "name"
            else setattr(form, name, value)
        ),
        lambda: Form(id=form.id, **{name: value}),
    ):
        with pytest.raises(errors.InvalidValueError, match=name) as raised:
            attempt()
        error = raised.value
        assert isinstance(error, ValueError)
        assert error.attribute.startswith(("Form.", "Conversation."))
        assert error.expected
        assert error.got
        assert error.errors == (error,)
    assert form.to_dict() == before
    assert form.changes == {}
    assert not form.is_dirty
    assert not form.save()
    assert server.requests == []


class Size(enum.Enum):
    S = "S"
    L = "L"


def test_the_members_of_an_enumeration_are_checked_by_their_values(
    server: Emulator, form: Form
) -> None:
    with pytest.raises(errors.InvalidValueError, match="one of 'S', 'M'"):
        form.assign(size=Size.L)
    form.assign(size=Size.S)
    form.save()
    assert server.requests[0].body == {"custom": {"sizeStr": "S"}}


@pytest.mark.parametrize("key", ["order", "orderstr", "Str", "orderObj", "orderIds", ""])
def test_a_custom_key_without_a_known_suffix_is_not_written(
    server: Emulator, form: Form, key: str
) -> None:
    with pytest.raises(errors.InvalidValueError, match="Str, Txt, Num, At, Bool, Url, Id, Tree"):
        form.custom[key] = "x"
    assert key not in form.custom
    assert not form.is_dirty
    assert not form.save()
    assert server.requests == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("newNum", "5"),
        ("newNum", float("nan")),
        ("newBool", 0),
        ("newAt", NAIVE),
        ("newStr", "x" * 1025),
        ("newUrl", "nowhere"),
        ("newStr", {"a": 1}),
        ("refundNum", "declared ones too"),
        ("newNum", [1, 2]),
    ],
)
def test_an_undeclared_custom_value_is_checked_by_its_suffix(
    server: Emulator, form: Form, key: str, value: object
) -> None:
    with pytest.raises(errors.InvalidValueError):
        form.custom[key] = value
    with pytest.raises(errors.InvalidValueError):
        form.custom.update({"otherStr": "x", key: value})
    assert set(form.changes) <= {"custom.otherStr"}
    form.restore()
    assert not form.save()
    assert server.requests == []


def edit_tags(form: Form) -> None:
    tags: list[Any] = form.tags
    tags.append(5)


def edit_snooze(form: Form) -> None:
    snooze: dict[str, Any] = {"status": "scheduled"}
    form.snooze = snooze
    snooze["time"] = NAIVE


def edit_users(form: Form) -> None:
    form.assigned_users.extend([ID, ID])


def fill_tags(form: Form) -> None:
    form.tags.extend(f"tag {n}" for n in range(20))


@pytest.mark.parametrize(
    ("edit", "name"),
    [
        (edit_tags, "tags"),
        (fill_tags, "tags"),
        (edit_snooze, "snooze"),
        (edit_users, "assigned_users"),
    ],
)
def test_a_wrong_edit_in_place_is_refused_by_the_save_which_sends_nothing(
    server: Emulator, form: Form, edit: Callable[[Form], None], name: str
) -> None:
    edit(form)
    form.order = "A-2"
    for call in (form.save, form.plan, lambda: form.save(only=[name])):
        with pytest.raises(errors.InvalidValueError, match=name):
            call()
    assert server.requests == []
    assert set(form.changes) == {name, "order"}

    form.restore(name)
    form.save()
    assert [each.body for each in server.requests] == [{"custom": {"orderStr": "A-2"}}]


def test_all_problems_are_told_at_once_and_nothing_is_half_assigned(
    server: Emulator, form: Form
) -> None:
    with pytest.raises(errors.InvalidValuesError) as raised:
        form.assign(name="Ho", priority=9, nmae="x", created_at=NAIVE, updated_at=None, paid=1)
    kinds = [type(error) for error in raised.value.errors]
    assert kinds == [
        errors.InvalidValueError,
        errors.UnknownAttributeError,
        errors.ReadOnlyAttributeError,
        errors.ReadOnlyAttributeError,
        errors.InvalidValueError,
    ]
    assert all(word in str(raised.value) for word in ("priority", "nmae", "updated_at", "paid"))
    assert form.name == "Hi"
    assert not form.is_dirty

    form.tags.append("")
    form.snooze = {"status": "scheduled"}
    form.snooze.clear()
    with pytest.raises(errors.InvalidValuesError) as raised:
        form.save()
    assert [str(error).split(":")[1].strip() for error in raised.value.errors] == [
        "Conversation.tags[…]",
        "Conversation.snooze",
    ]
    assert server.requests == []


def test_more_custom_attributes_than_one_request_takes_are_refused(
    server: Emulator, form: Form
) -> None:
    names = [f"n{number}Num" for number in range(101)]
    form.custom.update(dict.fromkeys(names, 5))
    with pytest.raises(errors.InvalidValueError, match="at most 100"):
        form.save()
    assert server.requests == []
    form.save(only=[f"custom.{name}" for name in names[:100]])
    assert len(server.requests[0].body["custom"]) == 100
    assert list(form.changes) == ["custom.n100Num"]


def test_a_wrong_new_record_sends_nothing(server: Emulator, client: Client) -> None:
    customer = server.world.add("customer")
    wrong: list[dict[str, Any]] = [
        {"status": "snoozed"},  # the API takes it once the record exists
        {"snooze": {"status": "scheduled"}},
        {"ended": True},
        {"message_count": 1},
        {"nmae": "x"},
        {"priority": 7},
        {"id": "../users/x"},
        {"id": ""},
    ]
    for values in wrong:
        with pytest.raises(errors.KustomerError):
            Form.create(customer=customer, **values)
    assert server.requests == []
    assert server.world.ids("conversation") == []


def test_a_save_that_names_what_is_not_there_sends_nothing(server: Emulator, form: Form) -> None:
    form.name = "Ho"
    for only in (["nmae"], ["name", "nmae"], ["custom"]):
        with pytest.raises(errors.UnknownAttributeError):
            form.save(only=only)
    with pytest.raises(errors.ConfigurationError):
        form.save(only="name")
    with pytest.raises(errors.ConfigurationError):
        form.save(conflict="hope")
    maybe: Any = "maybe"
    with pytest.raises(errors.ConfigurationError):
        form.refresh(local=maybe)
    assert server.requests == []
    assert form.changes == {"name": ("Hi", "Ho")}


def test_a_moment_in_any_zone_is_a_moment(server: Emulator, form: Form) -> None:
    form.due = datetime(2026, 1, 1, 2, tzinfo=timezone(timedelta(hours=2)))
    form.save()
    assert server.requests[0].body == {"custom": {"dueAt": "2026-01-01T00:00:00.000Z"}}
    form.due = datetime(2026, 1, 1, tzinfo=UTC)
    assert not form.is_dirty
