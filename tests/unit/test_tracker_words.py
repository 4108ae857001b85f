"""The words of the tracker: touch, restore, original, changes, previous_changes, plan, result."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from kustomer_orm import Change, Conversation, custom
from kustomer_orm.emulator import Emulator, Fault
from kustomer_orm.errors import (
    BadRequestError,
    InvalidValueError,
    InvalidValuesError,
    NotFoundError,
    ReadOnlyAttributeError,
    UnknownAttributeError,
    UnsavedChangesError,
)

pytestmark = pytest.mark.usefixtures("client")


class ShopConversation(Conversation):
    order_number = custom.Str()
    refund = custom.Num("refundAmountNum")
    due = custom.At()


def conversation_of(server: Emulator, **values: Any) -> ShopConversation:
    id_ = server.world.add("conversation", **values)
    found = ShopConversation.get(id_)
    server.requests.clear()
    return found


def bodies(server: Emulator) -> list[Any]:
    return [each.body for each in server.requests]


# -- touch -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("name", {"name": "a"}),
        ("order_number", {"custom": {"orderNumberStr": "1"}}),
        ("refund", {"custom": {"refundAmountNum": None}}),
        ("custom.xNum", {"custom": {"xNum": 1}}),
        ("sentiment", {"sentiment": {"polarity": 1, "confidence": 0}}),
        ("suggested_tags", {"suggestedTags": []}),
    ],
)
def test_touch_sends_an_equal_value_once(server: Emulator, name: str, body: Any) -> None:
    found = conversation_of(
        server,
        name="a",
        sentiment={"polarity": 1, "confidence": 0},
        custom={"orderNumberStr": "1", "xNum": 1},
    )

    found.touch(name)

    assert list(found.changes) == [name]
    assert found.save().sent.keys() == {name}
    assert bodies(server) == [body]
    assert found.changes == {}
    assert not found.save()


def test_touched_tags_go_as_a_list_and_not_as_an_addition(server: Emulator) -> None:
    found = conversation_of(server, tags=["a"])
    (a,) = found.tags

    found.touch("tags")
    found.tags.append("b")
    found.save()

    assert bodies(server) == [{"tags": [a, "b"]}]


def test_touch_is_taken_back_by_restore_and_kept_by_a_failure(server: Emulator) -> None:
    found = conversation_of(server, name="a")

    found.touch("name")
    server.faults.add(Fault.status(400, method="PATCH"))
    with pytest.raises(BadRequestError):
        found.save()
    assert found.changes == {"name": Change("a", "a")}
    found.restore("name")

    assert found.changes == {}
    assert not found.save()


def test_touch_while_the_value_is_being_sent_sends_it_again(server: Emulator) -> None:
    found = conversation_of(server, name="a")
    server.faults.add(Fault.after(lambda _: found.touch("name")))
    found.name = "b"

    found.save()
    found.save()

    assert bodies(server) == [{"name": "b"}, {"name": "b"}]


@pytest.mark.parametrize("name", ["message_count", "created_at", "channels"])
def test_touch_refuses_what_the_api_does_not_accept(server: Emulator, name: str) -> None:
    """Pitfall 57."""
    found = conversation_of(server)

    with pytest.raises(ReadOnlyAttributeError, match=name):
        found.touch(name)

    assert found.changes == {}


# -- restore ---------------------------------------------------------------------------------------


def test_restore_takes_back_only_what_is_named(server: Emulator) -> None:
    found = conversation_of(server, name="a", tags=["t"], custom={"orderNumberStr": "1"})
    tags, before = found.tags, list(found.tags)
    found.name, found.order_number, found.custom["xNum"] = "b", "2", 1
    tags.append("u")

    found.restore("tags", "custom.xNum")

    assert list(found.changes) == ["name", "order_number"]
    assert found.tags is tags
    assert tags == before
    found.restore()
    assert (found.name, found.order_number, dict(found.custom)) == (
        "a",
        "1",
        found.raw["attributes"]["custom"],
    )
    assert not found.save()
    assert server.requests == []


def test_restore_refuses_an_unknown_name_and_takes_nothing_back(server: Emulator) -> None:
    found = conversation_of(server, name="a")
    found.name = "b"

    with pytest.raises(UnknownAttributeError, match="did you mean 'name'"):
        found.restore("name", "nmae")

    assert found.changes == {"name": ("a", "b")}


def test_restore_of_a_new_record_empties_it(server: Emulator) -> None:
    made = ShopConversation(customer=server.world.add("customer"), name="a")

    made.restore()

    assert (made.name, made.changes) == (None, {})


# -- original, changes, previous_changes -----------------------------------------------------------


def test_original_gives_the_value_as_it_was_loaded_or_saved(server: Emulator) -> None:
    moment = datetime(2026, 1, 2, tzinfo=UTC)
    found = conversation_of(server, name="a", custom={"dueAt": "2026-01-02T00:00:00.000Z"})
    found.name, found.due = "b", None
    found.custom["xNum"] = 1

    assert [found.original(name) for name in ("name", "due", "custom.xNum")] == ["a", moment, None]
    found.save()

    assert [found.original(name) for name in ("name", "due", "custom.xNum")] == ["b", None, 1]
    with pytest.raises(UnknownAttributeError):
        found.original("nmae")


def test_changes_are_python_values_by_python_names_in_the_order_of_touch(server: Emulator) -> None:
    moment = datetime(2026, 1, 2, tzinfo=UTC)
    queue = server.world.add("queue")
    found = conversation_of(server, name="a")

    found.due = moment
    found.custom["xNum"] = 1
    found.queue = queue
    found.name = None

    assert list(found.changes) == ["due", "custom.xNum", "queue", "name"]
    assert found.changes["due"] == Change(None, moment)
    assert found.changes["name"] == Change("a", None)
    assert found.changes["queue"].new.id == queue
    assert server.requests == []


def test_previous_changes_are_those_of_the_last_save_that_sent_something(server: Emulator) -> None:
    found = conversation_of(server, name="a", tags=["t"], custom={"orderNumberStr": "1"})
    (t,) = found.tags
    assert found.previous_changes == {}
    found.name, found.order_number = "b", None
    found.tags.append("u")

    found.save()
    expected = {
        "name": Change("a", "b"),
        "order_number": Change("1", None),
        "tags": Change([t], [t, server.world.tag_id("u")]),
    }
    assert found.previous_changes == expected
    found.save()
    assert found.previous_changes == expected
    found.name = "c"
    found.save()

    assert found.previous_changes == {"name": Change("b", "c")}


# -- plan and result -------------------------------------------------------------------------------


def test_the_plan_is_what_crosses_the_wire(server: Emulator) -> None:
    found = conversation_of(server, name="a", tags=["t"])
    customer = server.world.add("customer")
    found.customer = customer
    found.tags.append("u")
    found.name, found.refund = "b", 1
    plan = found.plan()
    assert server.requests == []

    result = found.save()

    seen = [
        (each.method, each.path, each.headers["Content-Type"], each.raw) for each in server.requests
    ]
    assert [(p.method, p.path, p.content_type, p.content) for p in plan.requests] == seen
    assert result.requests == plan.requests
    path = f"/v1/conversations/{found.id}"
    assert [(each.method, each.path, each.body) for each in server.requests] == [
        ("PATCH", path, {"name": "b", "custom": {"refundAmountNum": 1}}),
        ("POST", f"{path}/tags", ["u"]),
        ("PATCH", path, {"customer": customer}),
    ]


def test_a_plan_of_some_attributes_holds_only_those(server: Emulator) -> None:
    found = conversation_of(server, name="a")
    found.name, found.refund = "b", 1

    assert [p.body for p in found.plan(only=["refund"]).requests] == [
        {"custom": {"refundAmountNum": 1}}
    ]
    assert not found.plan(only=["status"])
    assert bool(found.plan())


def test_the_result_tells_what_was_sent_and_the_revision(server: Emulator) -> None:
    found = conversation_of(server, name="a", tags=["t"])
    found.name, found.due = "b", datetime(2026, 1, 2, tzinfo=UTC)
    found.tags.append("u")

    result = found.save()

    tags = result.sent["tags"]
    assert result.sent == {"name": "b", "due": "2026-01-02T00:00:00.000Z", "tags": tags}
    assert tags[1:] == ["u"]
    assert (result.created, result.confirmed, result.others_wrote) == (False, True, False)
    assert (result.rev, found.rev, len(result.requests)) == (3, 3, 2)
    assert (result.foreign, result.overlaps) == ({}, {})
    assert "2026" not in repr(result)


def test_the_result_of_a_creation_says_so(server: Emulator) -> None:
    made = ShopConversation(customer=server.world.add("customer"), name="a")

    result = made.save()

    assert (result.created, result.confirmed, result.rev) == (True, True, 1)
    assert result.sent.keys() == {"customer", "name"}
    assert made.previous_changes["name"] == Change(None, "a")
    assert made.plan().requests == ()


def test_every_value_that_cannot_be_sent_is_named_and_nothing_is_sent(server: Emulator) -> None:
    found = conversation_of(
        server, name="a", sentiment={"polarity": 1, "confidence": 0}, tags=["t"]
    )
    assert found.sentiment is not None
    found.sentiment["polarity"] = "high"
    found.tags.append("")
    found.name = "b"

    with pytest.raises(InvalidValuesError) as caught:
        found.save()

    assert len(caught.value.errors) == 2
    assert server.requests == []
    assert sorted(found.changes) == ["name", "sentiment", "tags"]


def test_a_list_that_the_api_only_shows_is_never_sent_though_it_was_edited(
    server: Emulator,
) -> None:
    """Pitfall 57: the edit is seen and refused by name, not lost and not sent."""
    found = conversation_of(server, name="a", channels=["email"])
    found.channels.append("chat")
    found.name = "b"

    with pytest.raises(ReadOnlyAttributeError, match="channels"):
        found.save()
    assert server.requests == []
    found.save(only=["name"])
    found.restore("channels")
    assert not found.save()

    assert bodies(server) == [{"name": "b"}]


# -- refresh ---------------------------------------------------------------------------------------


def test_refresh_keeps_local_edits_and_rebases_them(server: Emulator) -> None:
    """Pitfall 70."""
    found = conversation_of(server, name="a", priority=1, tags=["t", "gone"])
    found.name, found.priority = "b", 2
    found.tags.append("mine")
    found.tags.remove(server.world.tag_id("gone"))
    server.world.edit("conversation", str(found.id), name="theirs")
    server.world.add_tags("conversation", str(found.id), ["new"])
    server.requests.clear()

    assert found.refresh() == {"name": ("b", "theirs")}

    assert found.changes["name"] == ("theirs", "b")
    found.save()
    named = sorted(
        server.world.tag_name(id_)
        for id_ in server.world.get("conversation", str(found.id))["attributes"]["tags"]
    )
    assert named == ["mine", "new", "t"]


def test_refresh_discard_takes_local_edits_back(server: Emulator) -> None:
    """Pitfall 70."""
    found = conversation_of(server, name="a", tags=["t"])
    tags = found.tags
    found.name = "b"
    tags.append("u")

    assert found.refresh(local="discard") == {}

    assert (found.name, len(tags), found.changes) == ("a", 1, {})
    assert found.tags is tags


def test_refresh_raise_refuses_and_keeps_everything(server: Emulator) -> None:
    """Pitfall 70."""
    found = conversation_of(server, name="a")
    found.name = "b"

    with pytest.raises(UnsavedChangesError, match="name"):
        found.refresh(local="raise")

    assert server.requests == []
    assert found.changes == {"name": ("a", "b")}


def test_a_failed_refresh_loses_nothing(server: Emulator) -> None:
    """Pitfall 70."""
    found = conversation_of(server, name="a", tags=["t"])
    tags = found.tags
    found.name = "b"
    tags.append("u")
    server.faults.add(Fault.status(404, method="GET"))

    with pytest.raises(NotFoundError):
        found.refresh(local="discard")

    assert sorted(found.changes) == ["name", "tags"]
    tags.append("v")  # the list that was handed out is still the record's
    assert found.plan().requests[1].body == ["u", "v"]


def test_a_wrong_value_leaves_the_attribute_as_it_was(server: Emulator) -> None:
    found = conversation_of(server, name="a", tags=["t"])
    found.name = "b"

    with pytest.raises(InvalidValueError, match="name"):
        found.name = "x" * 257

    assert found.changes == {"name": ("a", "b")}
