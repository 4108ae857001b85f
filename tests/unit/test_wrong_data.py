"""Nothing is written that nobody meant: the state of others, unloaded values, wrong names."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from kustomer_orm import Client, Conversation, Record, custom, errors
from kustomer_orm.emulator import Emulator, Fault


class Case(Conversation):
    order = custom.Str("orderNumberStr")
    refund = custom.Num("refundNum")
    due = custom.At("dueAt")


def bodies(server: Emulator) -> list[Any]:
    return [exchange.body for exchange in server.requests if exchange.method != "GET"]


def stored(server: Emulator, id_: str) -> Any:
    return server.world.get("conversation", id_)["attributes"]


def tag_names(server: Emulator, id_: str) -> set[str]:
    return {server.world.tag_name(tag) for tag in stored(server, id_)["tags"]}


def test_saving_a_stale_record_writes_only_what_was_changed_here(
    server: Emulator, client: Client
) -> None:
    """Pitfall 49."""
    id_ = server.world.add("conversation", name="Hi", priority=1, custom={"refundNum": 1})
    case = Case.get(id_)
    server.world.edit("conversation", id_, name="Theirs", priority=5, custom={"orderNumberStr": 1})

    case.refund = 2
    case.save()

    assert bodies(server) == [{"custom": {"refundNum": 2}}]
    after = stored(server, id_)
    assert (after["name"], after["priority"]) == ("Theirs", 5)
    assert after["custom"] == {"refundNum": 2, "orderNumberStr": 1}


def test_a_record_made_of_an_id_writes_the_assigned_attributes_and_blanks_nothing(
    server: Emulator, client: Client
) -> None:
    """Pitfall 50."""
    id_ = server.world.add("conversation", name="Hi", externalId="E-1", custom={"refundNum": 1})
    before = stored(server, id_)

    Case(id=id_, status="done").save()

    assert bodies(server) == [{"status": "done"}]
    after = stored(server, id_)
    kept = ("name", "externalId", "custom", "priority", "tags", "satisfaction", "direction")
    assert {key: after.get(key) for key in kept} == {key: before.get(key) for key in kept}


def test_a_record_of_a_list_writes_the_assigned_attributes_and_blanks_nothing(
    server: Emulator, client: Client
) -> None:
    """Pitfall 50."""
    ids = [server.world.add("conversation", name=f"Nr {n}", externalId=f"E-{n}") for n in range(3)]
    for case in Case.get_many(ids):
        case.refund = 5
        case.save()
    assert bodies(server) == [{"custom": {"refundNum": 5}}] * 3
    assert [stored(server, id_)["externalId"] for id_ in ids] == ["E-0", "E-1", "E-2"]


def test_an_answer_with_few_attributes_leads_to_no_blank_in_the_next_save(
    server: Emulator, client: Client
) -> None:
    """Pitfall 50."""
    id_ = server.world.add("conversation", name="Hi", externalId="E-1")
    server.faults.add(Fault.partial(["name"], method="GET"))
    case = Case.get(id_)
    case.name = "Ho"
    case.save()
    assert bodies(server) == [{"name": "Ho"}]
    assert stored(server, id_)["externalId"] == "E-1"


def test_two_people_adding_tags_both_keep_theirs(server: Emulator, client: Client) -> None:
    """Pitfall 51."""
    id_ = server.world.add("conversation", tags=["vip"])
    mine, theirs = Case.get(id_), Case.get(id_)
    mine.tags.append("refund")
    theirs.tags.append("angry")

    mine.save()
    theirs.save()

    assert bodies(server) == [["refund"], ["angry"]]
    assert tag_names(server, id_) == {"vip", "refund", "angry"}


@pytest.mark.parametrize("status", [404, 410])
def test_saving_a_deleted_record_fails_and_creates_none(
    server: Emulator, client: Client, status: int
) -> None:
    """Pitfall 52."""
    id_ = server.world.add("conversation", name="Hi")
    case = Case.get(id_)
    server.requests.clear()
    server.world.delete("conversation", id_)
    server.faults.add(Fault.status(status, method="PATCH"))
    case.name = "Ho"

    with pytest.raises(errors.NotFoundError):
        case.save()

    assert [(each.method, each.status) for each in server.requests] == [("PATCH", status)]
    assert server.world.ids("conversation") == []
    assert case.changes == {"name": ("Hi", "Ho")}


def test_updating_what_never_existed_fails_aloud(server: Emulator, client: Client) -> None:
    """Pitfall 53."""
    case = Case(id="5f0000000000000000000001", name="Hi")
    with pytest.raises(errors.NotFoundError) as raised:
        case.save()
    assert raised.value.status == 404
    assert case.is_dirty


def test_a_moment_goes_out_with_its_time_and_zone(server: Emulator, client: Client) -> None:
    """Pitfall 54."""
    id_ = server.world.add("conversation")
    case = Case.get(id_)
    case.due = datetime(2026, 3, 4, 23, 30, 15, 678_901, timezone(timedelta(hours=-2)))
    case.save()
    assert bodies(server) == [{"custom": {"dueAt": "2026-03-05T01:30:15.678Z"}}]
    assert case.due == datetime(2026, 3, 5, 1, 30, 15, 678_000, UTC)


@pytest.mark.parametrize("name", ["due", "custom.dueAt", "ended_at"])
def test_a_moment_without_a_zone_is_refused(server: Emulator, client: Client, name: str) -> None:
    """Pitfall 55."""
    case = Case.get(server.world.add("conversation"))
    server.requests.clear()
    naive = datetime(2026, 1, 1)  # noqa: DTZ001 - that is the point
    key = name.removeprefix("custom.")
    assign = case.assign if key == name else case.custom.update
    with pytest.raises(errors.InvalidValueError, match="time zone"):
        assign(**{key: naive})
    assert not case.is_dirty
    assert not case.save()
    assert server.requests == []


def test_a_relation_of_many_keeps_all_of_them_when_something_else_is_saved(
    server: Emulator, client: Client
) -> None:
    """Pitfall 56."""
    users = [server.world.add("user", name=f"Agent {n}") for n in range(3)]
    id_ = server.world.add("conversation", assignedUsers=users)
    case = Case.get(id_)
    assert [user.id for user in case.assigned_users] == users
    case.name = "Ho"
    case.save()
    case.assigned_users.append(users[0][:-6] + "abcdef")
    case.save()
    assert bodies(server) == [
        {"name": "Ho"},
        {"assignedUsers": [*users, users[0][:-6] + "abcdef"]},
    ]


def test_a_read_only_attribute_is_never_sent(server: Emulator, client: Client) -> None:
    """Pitfall 57."""
    case = Case.get(server.world.add("conversation", messageCount=3, channels=["email"]))
    read_only = {name for name, each in Case._attributes.items() if not each.updatable}
    assert {"message_count", "created_at", "updated_at", "channels"} <= read_only
    for name in read_only:
        getattr(case, name)
        with pytest.raises(errors.ReadOnlyAttributeError):
            case.assign(**{name: None})
        with pytest.raises(errors.ReadOnlyAttributeError):
            case.touch(name)
    case.channels.append("sms")  # a plain list cannot forbid it
    case.name = "Ho"
    with pytest.raises(errors.ReadOnlyAttributeError, match="channels"):
        case.save()
    assert set(case.changes) == {"channels", "name"}
    case.restore("channels")
    case.save()
    assert bodies(server) == [{"name": "Ho"}]


def test_what_cannot_be_set_on_creation_is_refused_before_it_is_sent(
    server: Emulator, client: Client
) -> None:
    """Pitfall 57."""
    case = Case(customer=server.world.add("customer"))
    case.suggested_tags.append({"tag": "vip", "confidence": 1})
    with pytest.raises(errors.ReadOnlyAttributeError, match="suggested_tags"):
        case.save()
    assert server.requests == []
    case.restore("suggested_tags")
    case.save()
    case.suggested_tags.append({"tag": "vip", "confidence": 1})
    case.save()
    assert bodies(server)[1:] == [{"suggestedTags": [{"tag": "vip", "confidence": 1}]}]


def test_a_corrupt_value_of_the_server_does_not_block_saving_another(
    server: Emulator, client: Client
) -> None:
    """Pitfall 58."""
    id_ = server.world.add("conversation", name="Hi")
    server.world.put_raw("conversation", id_, custom={"dueAt": "next week"}, priority="high")
    case = Case.get(id_)
    with pytest.raises(errors.UnreadableValueError):
        _ = case.due
    with pytest.raises(errors.UnreadableValueError):
        _ = case.priority

    case.name = "Ho"
    case.save()

    assert bodies(server) == [{"name": "Ho"}]
    assert case.raw["attributes"]["custom"]["dueAt"] == "next week"
    case.due = datetime(2026, 1, 1, tzinfo=UTC)
    case.save()
    assert bodies(server)[1:] == [{"custom": {"dueAt": "2026-01-01T00:00:00.000Z"}}]


@pytest.mark.parametrize(
    ("wrong", "right"),
    [("nmae", "name"), ("assignedUsers", "assigned_users"), ("refnd", "refund")],
)
def test_a_mistyped_attribute_is_refused_and_the_right_one_named(
    server: Emulator, client: Client, wrong: str, right: str
) -> None:
    """Pitfall 59."""
    case = Case.get(server.world.add("conversation"))
    server.requests.clear()
    for attempt in (
        lambda: setattr(case, wrong, "x"),
        lambda: getattr(case, wrong),
        lambda: case.assign(**{wrong: "x"}),
        lambda: Case(**{wrong: "x"}),
        lambda: case.save(only=[wrong]),
    ):
        with pytest.raises(errors.UnknownAttributeError, match=f"did you mean '{right}'") as raised:
            attempt()
        assert raised.value.suggestion == right
    assert not hasattr(case, wrong)
    assert not case.save()
    assert server.requests == []


@pytest.mark.parametrize(
    "name", ["save", "custom", "id", "rev", "raw", "key", "type", "path", "is_dirty", "changes"]
)
def test_a_name_of_the_record_itself_cannot_be_assigned(
    server: Emulator, client: Client, name: str
) -> None:
    """Pitfall 60."""
    case = Case.get(server.world.add("conversation"))
    server.requests.clear()
    with pytest.raises(errors.ReadOnlyAttributeError, match=name):
        setattr(case, name, "x")
    with pytest.raises(errors.UnknownAttributeError):
        case.assign(**{name: "x"})
    assert not case.save()
    assert server.requests == []


def test_a_class_cannot_declare_an_attribute_over_a_name_of_the_record() -> None:
    """Pitfall 60."""
    with pytest.raises(errors.DeclarationError, match=r"Taken\.save: the name is taken"):
        type("Taken", (Record,), {"save": custom.Str()})


def test_keys_of_the_server_never_stand_in_front_of_methods(
    server: Emulator, client: Client
) -> None:
    """Pitfall 61."""
    keys = ("save", "custom_", "items", "keys", "update", "__class__", "_base", "to_dict", "id")
    id_ = server.world.add("conversation", name="Hi", custom={key: f"my {key}" for key in keys})
    server.world.put_raw("conversation", id_, **{key: f"my {key}" for key in keys})
    case = Case.get(id_)

    assert type(case) is Case
    assert case.id == id_
    assert {key: case[key] for key in keys} == {key: f"my {key}" for key in keys}
    assert {key: case.custom[key] for key in keys} == {key: f"my {key}" for key in keys}
    assert set(case.custom) == set(case.custom.keys()) == set(dict(case.custom.items())) == {*keys}
    assert case.to_dict()["custom"]["save"] == "my save"

    case.name = "Ho"
    case.save()
    assert bodies(server) == [{"name": "Ho"}]
    assert case["save"] == "my save"
