"""Group B1, containers: every way of editing a value in place is seen and sent (1-11, 14)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kustomer_orm import Conversation, custom
from kustomer_orm.attributes import List, Object
from kustomer_orm.emulator import Emulator, Fault

pytestmark = pytest.mark.usefixtures("client")

DEEP: dict[str, Any] = {
    "id": "1",
    "list": [{"id": "1", "list": [{"id": "1", "leaf": [1, 2]}]}],
    "dict": {"id": "1", "dict": {"id": "1", "dict": {"leaf": {"n": 1}}}},
    "flag": 1,
}


class DeepConversation(Conversation):
    """A conversation with free JSON, of which the API has none that can be written."""

    order_number = custom.Str()
    refund = custom.Num("refundAmountNum")
    payload = Object()
    rows = List(Object())


def conversation_of(server: Emulator, **values: Any) -> DeepConversation:
    id_ = server.world.add("conversation", **values)
    found = DeepConversation.get(id_)
    server.requests.clear()
    return found


def deep_conversation(server: Emulator, payload: Any = None, **values: Any) -> DeepConversation:
    """Load free JSON; the emulator would refuse to take it back, so its answers are given here."""
    id_ = server.world.add("conversation")
    values["payload"] = DEEP if payload is None else payload
    server.world.put_raw("conversation", id_, **values)
    found = DeepConversation.get(id_)
    server.requests.clear()
    answer = {"data": {"type": "conversation", "id": id_, "attributes": {}}}
    server.faults.add(Fault.status(200, body=answer, method="PATCH", times=None))
    return found


def bodies(server: Emulator) -> list[Any]:
    return [each.body for each in server.requests]


def _iadd(items: list[Any]) -> None:
    items += ["z"]


def _imul(items: list[Any]) -> None:
    items *= 2


def _set_item(items: list[Any]) -> None:
    items[1] = "z"


def _set_slice(items: list[Any]) -> None:
    items[0:2] = ["z"]


def _del_item(items: list[Any]) -> None:
    del items[0]


def _del_slice(items: list[Any]) -> None:
    del items[::2]


LIST_MUTATORS: dict[str, Callable[[list[Any]], object]] = {
    "sort": lambda items: items.sort(),
    "sort by key": lambda items: items.sort(key=lambda item: -ord(item)),
    "reverse": lambda items: items.reverse(),
    "append": lambda items: items.append("z"),
    "extend": lambda items: items.extend(["y", "z"]),
    "insert": lambda items: items.insert(0, "z"),
    "pop": lambda items: items.pop(),
    "pop first": lambda items: items.pop(0),
    "remove": lambda items: items.remove("a"),
    "clear": lambda items: items.clear(),
    "+=": _iadd,
    "*=": _imul,
    "item": _set_item,
    "slice": _set_slice,
    "del item": _del_item,
    "del slice": _del_slice,
}


def _ior(mapping: dict[str, Any]) -> None:
    mapping |= {"flag": 2}


def _assign_key(mapping: dict[str, Any]) -> None:
    mapping["new"] = None


def _del_key(mapping: dict[str, Any]) -> None:
    del mapping["flag"]


DICT_MUTATORS: dict[str, Callable[[dict[str, Any]], object]] = {
    "|=": _ior,
    "update": lambda mapping: mapping.update(flag=2),
    "setitem": _assign_key,
    "setdefault": lambda mapping: mapping.setdefault("new", []),
    "pop": lambda mapping: mapping.pop("flag"),
    "popitem": lambda mapping: mapping.popitem(),
    "del": _del_key,
    "clear": lambda mapping: mapping.clear(),
}


@pytest.mark.parametrize("how", ["read anew", "alias"])
@pytest.mark.parametrize("mutator", LIST_MUTATORS)
def test_every_list_mutator_is_seen_and_sent(server: Emulator, mutator: str, how: str) -> None:
    """Pitfalls 1 and 2."""
    server.behaviour.text_lists = True
    found = conversation_of(server, custom={"sizesStr": ["b", "a", "c"]})
    alias = found.custom["sizesStr"]
    expected = ["b", "a", "c"]
    LIST_MUTATORS[mutator](expected)

    LIST_MUTATORS[mutator](alias if how == "alias" else found.custom["sizesStr"])

    assert found.is_dirty
    assert found.changes == {"custom.sizesStr": (["b", "a", "c"], expected)}
    found.save()
    assert bodies(server) == [{"custom": {"sizesStr": expected}}]
    assert found.custom["sizesStr"] is alias
    stored = server.world.get("conversation", str(found.id))["attributes"]["custom"]
    assert stored["sizesStr"] == expected


@pytest.mark.parametrize("how", ["read anew", "alias"])
@pytest.mark.parametrize("mutator", DICT_MUTATORS)
def test_every_dict_mutator_is_seen_and_sent(server: Emulator, mutator: str, how: str) -> None:
    """Pitfalls 1 and 3."""
    found = deep_conversation(server, {"a": [1], "flag": 1})
    alias = found.payload
    assert alias is not None
    expected: dict[str, Any] = {"a": [1], "flag": 1}
    DICT_MUTATORS[mutator](expected)

    target = alias if how == "alias" else found.payload
    assert target is not None
    DICT_MUTATORS[mutator](target)

    assert found.is_dirty
    found.save()
    assert bodies(server) == [{"payload": expected}]
    assert not found.is_dirty


def test_augmented_assignment_to_the_attribute_is_an_edit_in_place(server: Emulator) -> None:
    """Pitfall 2."""
    found = conversation_of(server, tags=["a"])
    alias = found.tags

    found.tags += ["b"]
    alias += ["c"]

    assert found.tags is alias
    found.save()
    assert [(each.method, each.body) for each in server.requests] == [("POST", ["b", "c"])]


def test_augmented_assignment_to_a_dict_attribute_is_an_edit_in_place(server: Emulator) -> None:
    """Pitfall 3."""
    found = deep_conversation(server, {"a": 1})
    alias = found.payload

    found.payload |= {"b": 2}  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue]

    assert found.payload is alias
    found.save()
    assert bodies(server) == [{"payload": {"a": 1, "b": 2}}]


ACCESSORS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "[]": lambda mapping: mapping["inner"],
    "get": lambda mapping: mapping.get("inner"),
    "values": lambda mapping: next(iter(mapping.values())),
    "items": lambda mapping: next(iter(mapping.items()))[1],
    "setdefault": lambda mapping: mapping.setdefault("inner", {}),
    "unpacked": lambda mapping: {**mapping}["inner"],
    "shallow copy": lambda mapping: mapping.copy()["inner"],
}


@pytest.mark.parametrize("accessor", ACCESSORS)
def test_a_dict_reached_by_any_accessor_is_tracked(server: Emulator, accessor: str) -> None:
    """Pitfall 4."""
    found = deep_conversation(server, {"inner": {"n": 1}})
    assert found.payload is not None

    ACCESSORS[accessor](found.payload)["n"] = 2

    found.save()
    assert bodies(server) == [{"payload": {"inner": {"n": 2}}}]


def test_a_key_made_by_setdefault_is_sent_with_what_was_put_into_it(server: Emulator) -> None:
    """Pitfall 4."""
    found = deep_conversation(server, {"n": 1})
    assert found.payload is not None

    found.payload.setdefault("made", []).append("x")

    found.save()
    assert bodies(server) == [{"payload": {"n": 1, "made": ["x"]}}]


def test_reading_twice_gives_one_object_at_every_depth(server: Emulator) -> None:
    """Pitfall 5."""
    found = deep_conversation(server, rows=[{"cell": {"n": 1}}])
    first, second = found.rows[0], found.rows[0]

    first["cell"]["n"] = 2

    assert first is second
    assert second["cell"] == {"n": 2}
    assert found["rows"] is found.rows
    found.save()
    assert bodies(server) == [{"rows": [{"cell": {"n": 2}}]}]


DEEP_EDITS: dict[str, Callable[[Any], object]] = {
    "list in dict in list in dict": lambda p: p["list"][0]["list"][0]["leaf"].append(3),
    "item of that list": lambda p: p["list"][0]["list"][0]["leaf"].__setitem__(0, 9),
    "dict in dict in dict in dict": lambda p: p["dict"]["dict"]["dict"]["leaf"].update(n=2),
    "a key less": lambda p: p["dict"]["dict"]["dict"]["leaf"].pop("n"),
    "a new key": lambda p: p["dict"]["dict"]["dict"]["leaf"].setdefault("m", None),
    "a bool for a number": lambda p: p["dict"]["dict"]["dict"]["leaf"].update(n=True),
    "an id of the innermost": lambda p: p["list"][0]["list"][0].update(id="2"),
}


@pytest.mark.parametrize("edit", DEEP_EDITS)
def test_an_edit_at_depth_four_and_more_is_seen(server: Emulator, edit: str) -> None:
    """Pitfalls 6, 7, 10 and 11."""
    found = deep_conversation(server)
    before = found.to_dict()["payload"]
    expected = found.raw["attributes"]["payload"]
    assert before == expected == DEEP
    DEEP_EDITS[edit](expected)

    DEEP_EDITS[edit](found.payload)

    assert found.is_dirty
    assert found.changes["payload"].old == DEEP
    found.save()
    (body,) = bodies(server)
    assert repr(body) == repr({"payload": expected})  # repr tells True from 1


def test_nested_objects_with_equal_ids_are_compared_each_by_itself(server: Emulator) -> None:
    """Pitfall 7."""
    found = deep_conversation(server, {"id": "1", "child": {"id": "1", "name": "old"}})
    assert found.payload is not None

    found.payload["child"]["name"] = "new"

    found.save()
    assert bodies(server) == [{"payload": {"id": "1", "child": {"id": "1", "name": "new"}}}]


@pytest.mark.parametrize(
    ("old", "new"), [(1, True), (0, False), (True, 1), (False, 0), (1.0, True)]
)
@pytest.mark.parametrize("depth", range(5))
def test_a_bool_and_its_number_are_different_at_any_depth(
    server: Emulator, old: Any, new: Any, depth: int
) -> None:
    """Pitfall 8."""
    before, after = ({"v": each} for each in (old, new))
    for level in range(depth):
        before, after = ({"in": each} if level % 2 else {"in": [each]} for each in (before, after))
    found = deep_conversation(server, before)

    found.payload = after

    assert found.is_dirty
    found.save()
    assert repr(bodies(server)) == repr([{"payload": after}])


def test_a_bool_that_became_a_number_elsewhere_is_sent_as_a_bool(server: Emulator) -> None:
    """Pitfall 8."""

    class Vip(Conversation):
        is_vip = custom.Bool("vipBool")

    id_ = server.world.add("conversation")
    server.world.put_raw("conversation", id_, custom={"vipBool": 1})
    found = Vip.get(id_)
    server.requests.clear()

    found.is_vip = True

    found.save()
    assert repr(bodies(server)) == repr([{"custom": {"vipBool": True}}])


def test_an_element_of_a_list_of_dicts_is_tracked(server: Emulator) -> None:
    """Pitfall 9."""
    suggested = [{"tag": "vip", "confidence": 0.5}, {"tag": "refund", "confidence": 0.1}]
    found = conversation_of(server, suggestedTags=suggested)

    found.suggested_tags[1]["confidence"] = 0.9

    found.save()
    expected = [{"tag": "vip", "confidence": 0.5}, {"tag": "refund", "confidence": 0.9}]
    assert bodies(server) == [{"suggestedTags": expected}]
    stored = server.world.get("conversation", str(found.id))["attributes"]
    assert stored["suggestedTags"] == expected


def test_an_edit_in_place_of_a_published_object_is_sent(server: Emulator) -> None:
    """Pitfalls 10 and 11."""
    found = conversation_of(server, sentiment={"polarity": 1, "confidence": 0.25})
    assert found.sentiment is not None

    found.sentiment["polarity"] = -1

    found.save()
    assert bodies(server) == [{"sentiment": {"polarity": -1, "confidence": 0.25}}]


def test_a_nested_key_that_was_deleted_is_gone_from_what_is_sent(server: Emulator) -> None:
    """Pitfall 12."""
    found = deep_conversation(server, {"a": {"x": 1, "y": 2}})
    assert found.payload is not None

    del found.payload["a"]["x"]

    found.save()
    assert bodies(server) == [{"payload": {"a": {"y": 2}}}]


ODD_KEYS = ["a.b", "$set", "a.$.b", "", " ", "ключ", "\u2028", "__proto__", "id", "items", "0"]


@pytest.mark.parametrize("key", ODD_KEYS)
def test_keys_of_any_spelling_are_keys_and_not_paths(server: Emulator, key: str) -> None:
    """Pitfall 13."""
    found = deep_conversation(server, {"a": {"b": 1}, "n": 1})
    assert found.payload is not None

    found.payload[key] = 2

    found.save()
    assert bodies(server) == [{"payload": {"a": {"b": 1}, "n": 1, key: 2}}]


def test_an_edit_in_place_after_restore_is_seen(server: Emulator) -> None:
    """Pitfall 14."""
    found = deep_conversation(server, {"a": [1]})
    alias = found.payload
    assert alias is not None
    alias["a"].append(2)
    inner = alias["a"]

    found.restore()

    assert not found.is_dirty
    assert inner == [1]
    inner.append(3)
    assert found.changes == {"payload": ({"a": [1]}, {"a": [1, 3]})}
    found.save()
    assert bodies(server) == [{"payload": {"a": [1, 3]}}]


def test_an_edit_in_place_after_an_assignment_was_restored_is_seen(server: Emulator) -> None:
    """Pitfall 14."""
    found = conversation_of(server, tags=["a"])
    found.tags = ["b"]

    found.restore("tags")
    found.tags.append("c")

    found.save()
    assert bodies(server) == [["c"]]
