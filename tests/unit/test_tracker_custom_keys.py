"""Custom attributes one key at a time: deleting, odd keys, siblings (12, 13, 46, 47)."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime
from typing import Any

import pytest

from kustomer_orm import Conversation, custom
from kustomer_orm.emulator import Emulator, Fault
from kustomer_orm.errors import InvalidValueError

pytestmark = pytest.mark.usefixtures("client")

ODD_KEYS = ["a.b", "$set", "a.$.b", "", " ", "ключ", "\u2028", "__proto__", "id", "items", "0"]


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


def stored_custom(server: Emulator, found: Conversation) -> dict[str, Any]:
    stored: dict[str, Any] = server.world.get("conversation", str(found.id))["attributes"]["custom"]
    return stored


@pytest.mark.parametrize("cleared", ["absent", "null"])
@pytest.mark.parametrize("key", ["orderNumberStr", "undeclaredNum"])
def test_deleting_a_custom_key_sends_null_and_clears_it(
    server: Emulator, key: str, cleared: Any
) -> None:
    """Pitfall 12."""
    server.behaviour.cleared_custom = cleared
    found = conversation_of(server, custom={"orderNumberStr": "A-1", "undeclaredNum": 1})

    del found.custom[key]

    assert list(found.changes)
    assert key not in found.custom
    with pytest.raises(KeyError):
        found.custom[key]
    found.save()
    assert bodies(server) == [{"custom": {key: None}}]
    assert not found.is_dirty
    assert (key in found.custom) == (cleared == "null")  # as it reads when it is loaded
    assert found.raw["attributes"]["custom"] == stored_custom(server, found)
    stored = stored_custom(server, found)
    assert stored.get(key) is None
    assert len(stored) == (1 if cleared == "absent" else 2)


@pytest.mark.parametrize("key", [f"{key}Str" for key in ODD_KEYS if key])
def test_custom_keys_of_any_spelling_are_keys_and_not_paths(server: Emulator, key: str) -> None:
    """Pitfall 13."""
    found = conversation_of(server, custom={"aStr": "a"})

    found.custom[key] = "x"

    assert found.changes == {f"custom.{key}": (None, "x")}
    found.save()
    assert bodies(server) == [{"custom": {key: "x"}}]
    stored = server.world.get("conversation", str(found.id))["attributes"]["custom"]
    assert stored == {"aStr": "a", key: "x"}


def test_a_custom_key_with_a_dot_is_read_deleted_and_sent_as_one_key(server: Emulator) -> None:
    """Pitfall 13."""
    found = conversation_of(server, custom={"a.bStr": "x", "bStr": "y"})

    del found.custom["a.bStr"]

    assert dict(found.custom) == {"bStr": "y"}
    found.save()
    assert bodies(server) == [{"custom": {"a.bStr": None}}]
    assert dict(found.custom) == {"bStr": "y"}


def test_one_custom_key_changed_is_one_custom_key_sent(server: Emulator) -> None:
    """Pitfall 46."""
    held = {f"k{number}Str": "x" for number in range(50)}
    found = conversation_of(server, custom={**held, "refundAmountNum": 1})

    found.refund = 2
    found.custom["k7Str"] = "y"

    found.save()
    assert bodies(server) == [{"custom": {"refundAmountNum": 2, "k7Str": "y"}}]


def test_siblings_that_others_wrote_meanwhile_are_untouched(server: Emulator) -> None:
    """Pitfall 47."""
    found = conversation_of(server, custom={"aStr": "a", "bStr": "b", "cStr": "c"})
    server.world.edit("conversation", str(found.id), custom={"bStr": "theirs", "dStr": "new"})

    del found.custom["aStr"]
    assert found.custom.pop("cStr") == "c"
    found.save()

    assert bodies(server) == [{"custom": {"aStr": None, "cStr": None}}]
    assert stored_custom(server, found) == {"bStr": "theirs", "dStr": "new"}
    assert dict(found.custom) == {"bStr": "theirs", "dStr": "new"}


@pytest.mark.parametrize("held", [{}, None])
def test_custom_that_is_null_or_empty_takes_a_first_key(server: Emulator, held: Any) -> None:
    """Pitfall 46."""
    found = conversation_of(server)
    server.world.put_raw("conversation", str(found.id), custom=held)
    found = ShopConversation.get(str(found.id))
    assert found.raw["attributes"]["custom"] == held
    server.requests.clear()
    assert found.order_number is None
    assert dict(found.custom) == {}
    assert not found.is_dirty

    found.order_number = "A-1"

    found.save()
    assert bodies(server) == [{"custom": {"orderNumberStr": "A-1"}}]
    assert dict(found.custom) == {"orderNumberStr": "A-1"}


def test_the_declared_attribute_and_the_mapping_always_agree(server: Emulator) -> None:
    """Pitfall 5, for two ways to one value."""
    found = conversation_of(server, custom={"orderNumberStr": "A-1"})

    found.custom["orderNumberStr"] = "A-2"
    assert found.order_number == "A-2"
    found.order_number = "A-3"
    assert found.custom["orderNumberStr"] == "A-3"
    del found.custom["orderNumberStr"]
    assert found.custom.get("orderNumberStr") is None
    assert found.changes == {"order_number": ("A-1", None)}
    found.custom["orderNumberStr"] = "A-1"
    assert found.changes == {}
    assert found.save().requests == ()


def test_none_through_the_mapping_keeps_the_key_and_sends_null(server: Emulator) -> None:
    """Pitfall 12, said with None."""
    found = conversation_of(server, custom={"undeclaredNum": 1})

    found.custom["undeclaredNum"] = None

    assert dict(found.custom) == {"undeclaredNum": None}
    found.save()
    assert bodies(server) == [{"custom": {"undeclaredNum": None}}]


def test_deleting_what_was_only_assigned_sends_nothing(server: Emulator) -> None:
    """Pitfall 34, for a key that is not on the server."""
    found = conversation_of(server, custom={"aStr": "a"})

    found.custom["newStr"] = "x"
    del found.custom["newStr"]

    assert not found.is_dirty
    assert not found.save()
    assert server.requests == []


def test_a_key_deleted_and_given_back_sends_nothing(server: Emulator) -> None:
    """Pitfall 34."""
    found = conversation_of(server, custom={"aStr": "a"})

    del found.custom["aStr"]
    found.custom["aStr"] = "a"

    assert not found.is_dirty
    assert dict(found.custom) == {"aStr": "a"}
    assert not found.save()
    assert server.requests == []


@pytest.mark.parametrize(
    "mutate",
    [
        lambda mapping: mapping.update({}),
        lambda mapping: mapping.pop("missingStr", None),
        lambda mapping: mapping.setdefault("aStr", "other"),
        lambda mapping: mapping.update(aStr="a"),
        lambda mapping: mapping.get("missingStr"),
        lambda mapping: "missingStr" in mapping,
        lambda mapping: [
            *mapping,
            *mapping.keys(),
            *mapping.items(),
            *mapping.values(),
            len(mapping),
        ],
        repr,
    ],
)
def test_no_effect_uses_of_the_mapping_change_nothing(server: Emulator, mutate: Any) -> None:
    """Pitfalls 31 and 35."""
    found = conversation_of(server, custom={"aStr": "a", "listStr": ["x"], "object": {"n": 1}})

    mutate(found.custom)

    assert not found.is_dirty
    assert not found.save()
    assert server.requests == []


def test_a_mutator_of_the_mapping_that_raises_changes_nothing(server: Emulator) -> None:
    """Pitfall 36."""
    found = conversation_of(server, custom={"aStr": "a"})

    with pytest.raises(KeyError):
        found.custom.pop("missingStr")
    with pytest.raises(KeyError):
        del found.custom["missingStr"]
    with pytest.raises(InvalidValueError, match=r"custom\.noSuffix"):
        found.custom["noSuffix"] = 1
    with pytest.raises(InvalidValueError, match=r"custom\.refundNum"):
        found.custom["refundNum"] = "12"

    assert not found.is_dirty
    assert dict(found.custom) == {"aStr": "a"}


def test_a_key_without_a_suffix_is_read_as_raw_json_and_never_written(server: Emulator) -> None:
    """Design, section 4: reading an unknown suffix gives raw JSON, writing one is refused."""
    found = conversation_of(server, custom={"object": {"n": [1]}})
    assert found.custom["object"] == {"n": [1]}
    assert not found.is_dirty

    found.custom["object"]["n"].append(2)

    assert list(found.changes) == ["custom.object"]
    with pytest.raises(InvalidValueError, match=r"custom\.object.*Str, Txt, Num, At, Bool"):
        found.save()
    assert server.requests == []
    found.restore()
    assert found.custom["object"] == {"n": [1]}


def test_deleted_keys_stay_deleted_in_copies_and_pickles(server: Emulator) -> None:
    """Pitfall 25, for a deletion."""
    found = conversation_of(server, custom={"aStr": "a", "bStr": "b"})
    del found.custom["aStr"]

    for twin in (copy.copy(found), copy.deepcopy(found), pickle.loads(pickle.dumps(found))):
        assert dict(twin.custom) == {"bStr": "b"}
        assert twin.plan().requests[0].body == {"custom": {"aStr": None}}


def test_a_key_deleted_while_it_was_being_sent_is_sent_as_null_next(server: Emulator) -> None:
    """Pitfall 20, for a deletion."""
    found = conversation_of(server, custom={"aStr": "a"})
    server.faults.add(Fault.after(lambda _: found.custom.pop("aStr"), method="PATCH"))
    found.custom["aStr"] = "b"

    found.save()

    assert found.changes == {"custom.aStr": ("b", None)}
    found.save()
    assert bodies(server) == [{"custom": {"aStr": "b"}}, {"custom": {"aStr": None}}]


def test_an_undeclared_datetime_is_compared_as_an_instant(server: Emulator) -> None:
    """Pitfall 38, without a declaration."""
    found = conversation_of(server, custom={"seenAt": "2026-01-02T03:04:05.000Z"})

    found.custom["seenAt"] = datetime(2026, 1, 2, 3, 4, 5, 999, tzinfo=UTC)

    assert not found.is_dirty
    assert not found.save()
    assert server.requests == []
