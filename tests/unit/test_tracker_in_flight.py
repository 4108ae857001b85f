"""Group B1, time: what is edited while a save is under way stays an edit (20, 21, 30, 43)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kustomer_orm import Conversation, custom
from kustomer_orm.emulator import Emulator, Fault
from kustomer_orm.errors import BadRequestError

pytestmark = pytest.mark.usefixtures("client")

MOMENTS = [Fault.before, Fault.after]


class ShopConversation(Conversation):
    order_number = custom.Str()
    refund = custom.Num("refundAmountNum")
    watchers = custom.Id("user", "watchersId", many=True)


def conversation_of(server: Emulator, **values: Any) -> ShopConversation:
    id_ = server.world.add("conversation", **values)
    found = ShopConversation.get(id_)
    server.requests.clear()
    return found


def meanwhile(
    server: Emulator, when: Callable[..., Fault], edit: Callable[[], object], **where: Any
) -> None:
    """Have the next write interrupted by an edit of the same program."""
    server.faults.add(when(lambda _exchange: edit(), **where))


def bodies(server: Emulator) -> list[Any]:
    return [each.body for each in server.requests]


def stored(server: Emulator, found: Conversation) -> dict[str, Any]:
    attributes: dict[str, Any] = server.world.get("conversation", str(found.id))["attributes"]
    return attributes


def names(server: Emulator, ids: list[str]) -> list[str]:
    return sorted(server.world.tag_name(id_) for id_ in ids)


@pytest.mark.parametrize("when", MOMENTS)
def test_another_field_assigned_in_flight_stays_dirty(server: Emulator, when: Any) -> None:
    """Pitfall 20."""
    found = conversation_of(server, name="a", custom={"orderNumberStr": "1"})
    meanwhile(server, when, lambda: found.assign(order_number="2"))
    found.name = "b"

    found.save()

    assert found.changes == {"order_number": ("1", "2")}
    found.save()
    assert bodies(server) == [{"name": "b"}, {"custom": {"orderNumberStr": "2"}}]


@pytest.mark.parametrize("when", MOMENTS)
def test_the_same_field_assigned_a_third_value_in_flight_stays_dirty(
    server: Emulator, when: Any
) -> None:
    """Pitfalls 20 and 21."""
    found = conversation_of(server, name="a")
    meanwhile(server, when, lambda: found.assign(name="c"))
    found.name = "b"

    result = found.save()

    assert result.sent == {"name": "b"}
    assert found.name == "c"
    assert found.changes == {"name": ("b", "c")}
    assert found.previous_changes == {"name": ("a", "b")}
    found.save()
    assert bodies(server) == [{"name": "b"}, {"name": "c"}]
    assert stored(server, found)["name"] == "c"


@pytest.mark.parametrize("when", MOMENTS)
def test_a_field_reverted_in_flight_is_dirty_against_the_new_base(
    server: Emulator, when: Any
) -> None:
    """Pitfall 21."""
    found = conversation_of(server, name="a")
    meanwhile(server, when, lambda: found.assign(name="a"))
    found.name = "b"

    found.save()

    assert found.name == "a"
    assert found.changes == {"name": ("b", "a")}
    found.save()
    assert bodies(server) == [{"name": "b"}, {"name": "a"}]


@pytest.mark.parametrize("when", MOMENTS)
def test_a_field_assigned_the_sent_value_again_in_flight_is_clean(
    server: Emulator, when: Any
) -> None:
    """Pitfall 33, in flight."""
    found = conversation_of(server, name="a")
    meanwhile(server, when, lambda: found.assign(name="b"))
    found.name = "b"

    found.save()

    assert found.changes == {}
    assert not found.save()
    assert bodies(server) == [{"name": "b"}]


@pytest.mark.parametrize("when", MOMENTS)
def test_the_same_list_appended_to_in_flight_stays_dirty(server: Emulator, when: Any) -> None:
    """Pitfalls 20 and 30."""
    found = conversation_of(server, tags=["a"])
    tags = found.tags
    meanwhile(server, when, lambda: tags.append("c"))
    tags.append("b")

    found.save()

    assert found.tags is tags
    assert bodies(server) == [["b"]]
    found.save()
    assert bodies(server) == [["b"], ["c"]]
    assert names(server, stored(server, found)["tags"]) == ["a", "b", "c"]
    assert sorted(tags) == sorted(stored(server, found)["tags"])
    assert found.changes == {}


@pytest.mark.parametrize("when", MOMENTS)
def test_an_item_added_and_taken_back_in_flight_is_removed_by_the_next_save(
    server: Emulator, when: Any
) -> None:
    """Pitfalls 20 and 21."""
    found = conversation_of(server, tags=["a"])
    tags = found.tags
    (a,) = tags
    meanwhile(server, when, lambda: tags.remove("b"))
    tags.append("b")

    found.save()

    assert tags == [a]
    assert list(found.changes) == ["tags"]
    found.save()
    assert bodies(server) == [["b"], {"tags": [a]}]
    assert stored(server, found)["tags"] == [a]


@pytest.mark.parametrize("when", MOMENTS)
def test_a_list_replaced_in_flight_keeps_what_was_put_into_the_new_one(
    server: Emulator, when: Any
) -> None:
    """Pitfalls 20 and 21."""
    found = conversation_of(server, tags=["a"])
    held = found.tags
    meanwhile(server, when, lambda: found.assign(tags=["x", "y"]))
    held.append("b")

    found.save()

    assert found.tags is not held
    found.save()
    assert names(server, stored(server, found)["tags"]) == ["x", "y"]
    assert bodies(server)[0] == ["b"]


@pytest.mark.parametrize("when", MOMENTS)
def test_a_nested_list_edited_in_flight_stays_dirty(server: Emulator, when: Any) -> None:
    """Pitfall 20."""
    rows = [{"tag": "a", "confidence": 0.1}, {"tag": "b", "confidence": 0.2}]
    found = conversation_of(server, suggestedTags=rows)
    row = found.suggested_tags[1]
    meanwhile(server, when, lambda: row.update(confidence=0.9))
    found.suggested_tags[0]["confidence"] = 0.5

    found.save()

    assert found.suggested_tags[1] is row
    assert list(found.changes) == ["suggested_tags"]
    found.save()
    first = [{"tag": "a", "confidence": 0.5}, {"tag": "b", "confidence": 0.2}]
    second = [{"tag": "a", "confidence": 0.5}, {"tag": "b", "confidence": 0.9}]
    assert bodies(server) == [{"suggestedTags": first}, {"suggestedTags": second}]


@pytest.mark.parametrize("when", MOMENTS)
def test_a_dict_edited_in_flight_under_another_key_keeps_both_edits(
    server: Emulator, when: Any
) -> None:
    """Pitfall 20."""
    found = conversation_of(server, sentiment={"polarity": 1, "confidence": 0.1})
    sentiment = found.sentiment
    assert sentiment is not None
    meanwhile(server, when, lambda: sentiment.update(confidence=0.5))
    sentiment["polarity"] = -1

    found.save()
    found.save()

    assert found.sentiment is sentiment
    assert bodies(server) == [
        {"sentiment": {"polarity": -1, "confidence": 0.1}},
        {"sentiment": {"polarity": -1, "confidence": 0.5}},
    ]


@pytest.mark.parametrize("when", MOMENTS)
def test_a_field_first_touched_in_flight_is_seen(server: Emulator, when: Any) -> None:
    """Pitfall 20."""
    found = conversation_of(server, name="a", suggestedTags=[{"tag": "a", "confidence": 0.1}])

    def edit() -> None:
        found.suggested_tags.clear()

    meanwhile(server, when, edit)
    found.name = "b"

    found.save()
    found.save()

    assert bodies(server) == [{"name": "b"}, {"suggestedTags": []}]


@pytest.mark.parametrize("when", MOMENTS)
def test_an_edit_between_two_requests_of_one_save_is_kept(server: Emulator, when: Any) -> None:
    """Pitfall 20, while the attributes go and the tags wait."""
    found = conversation_of(server, name="a", tags=["a"])
    meanwhile(server, when, lambda: found.tags.append("c"), method="PATCH")
    meanwhile(server, when, lambda: found.assign(name="c"), method="POST")
    found.name = "b"
    found.tags.append("b")

    found.save()
    assert bodies(server) == [{"name": "b"}, ["b"]]
    assert sorted(found.changes) == ["name", "tags"]
    found.save()

    assert bodies(server)[2:] == [{"name": "c"}, ["c"]]
    assert stored(server, found)["name"] == "c"
    assert names(server, stored(server, found)["tags"]) == ["a", "b", "c"]


def test_an_edit_while_a_new_record_is_created_is_kept(server: Emulator) -> None:
    """Pitfall 20, for POST."""
    found = ShopConversation(customer=server.world.add("customer"), name="a", tags=["x"])
    tags = found.tags
    meanwhile(server, Fault.after, lambda: found.assign(order_number="1"))
    meanwhile(server, Fault.before, lambda: tags.append("y"))

    found.save()
    assert sorted(found.changes) == ["order_number", "tags"]
    found.save()

    assert bodies(server)[1:] == [{"custom": {"orderNumberStr": "1"}}, ["y"]]
    assert found.tags is tags
    assert names(server, tags) == ["x", "y"]


def test_an_edit_in_flight_of_a_save_that_fails_is_kept_with_the_rest(server: Emulator) -> None:
    """Pitfalls 18 and 20."""
    found = conversation_of(server, name="a")
    meanwhile(server, Fault.before, lambda: found.assign(order_number="1"))
    server.faults.add(Fault.status(400, method="PATCH"))
    found.name = "b"

    with pytest.raises(BadRequestError):
        found.save()

    assert found.changes == {"name": ("a", "b"), "order_number": (None, "1")}
    found.save()
    assert bodies(server)[1:] == [{"name": "b", "custom": {"orderNumberStr": "1"}}]


def test_an_edit_in_flight_of_a_refresh_is_kept(server: Emulator) -> None:
    """Pitfall 20, for GET."""
    found = conversation_of(server, name="a", tags=["a"])
    tags = found.tags
    meanwhile(server, Fault.after, lambda: tags.append("b"), method="GET")

    found.refresh()
    found.save()

    assert bodies(server) == [None, ["b"]]
    assert found.tags is tags


def test_a_list_of_records_edited_in_flight_stays_dirty(server: Emulator) -> None:
    """Pitfall 20, for relations."""
    one, two, three = (server.world.add("user", name=name) for name in "abc")
    found = conversation_of(server, custom={"watchersId": [one]})
    watchers = found.watchers
    meanwhile(server, Fault.before, lambda: watchers.append(three))
    watchers.append(two)

    found.save()
    found.save()

    assert bodies(server) == [
        {"custom": {"watchersId": [one, two]}},
        {"custom": {"watchersId": [one, two, three]}},
    ]
    assert found.watchers is watchers


def test_references_stay_live_across_save_refresh_and_restore(server: Emulator) -> None:
    """Pitfall 30."""
    found = conversation_of(
        server,
        tags=["a"],
        sentiment={"polarity": 1, "confidence": 0.1},
        suggestedTags=[{"tag": "a", "confidence": 0.1}],
    )
    tags, sentiment, rows = found.tags, found.sentiment, found.suggested_tags
    row = rows[0]
    assert sentiment is not None

    tags.append("b")
    found.save()
    server.world.edit(
        "conversation", str(found.id), sentiment={"polarity": 0, "confidence": 0.2}, tags=["c"]
    )
    found.refresh()
    assert names(server, tags) == ["c"]
    assert sentiment == {"polarity": 0, "confidence": 0.2}
    row["confidence"] = 0.9
    found.restore()
    assert row == {"tag": "a", "confidence": 0.1}

    assert (found.tags is tags, found.sentiment is sentiment) == (True, True)
    assert (found.suggested_tags is rows, found.suggested_tags[0] is row) == (True, True)
    server.requests.clear()
    row["confidence"] = 0.5
    sentiment["polarity"] = 1
    tags.append("d")
    found.save()
    assert bodies(server) == [
        {
            "sentiment": {"polarity": 1, "confidence": 0.2},
            "suggestedTags": [{"tag": "a", "confidence": 0.5}],
        },
        ["d"],
    ]


class Labels(list[str]):
    """A list of somebody's own class."""


def test_a_list_of_a_class_of_its_own_stays_live_across_a_save(server: Emulator) -> None:
    """Pitfall 30."""
    found = conversation_of(server)
    labels = Labels(["a"])
    found.tags = labels

    found.save()
    assert found.tags is labels
    labels.append("b")
    found.save()

    assert bodies(server) == [{"tags": ["a"]}, ["b"]]


def test_a_list_that_was_absent_stays_live_once_it_is_there(server: Emulator) -> None:
    """Pitfall 30."""
    found = conversation_of(server)
    tags = found.tags
    server.world.add_tags("conversation", str(found.id), ["a"])

    found.refresh()
    tags.append("b")
    found.save()

    assert bodies(server) == [None, ["b"]]
