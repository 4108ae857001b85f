"""Group B2, what the server writes otherwise than we do, and what is never re-sent (42-48)."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from kustomer_orm import Conversation, custom
from kustomer_orm.attributes import Object
from kustomer_orm.emulator import Emulator, Fault
from kustomer_orm.errors import InvalidValueError

pytestmark = pytest.mark.usefixtures("client")


LEVEL = {"createdAt": "2026-01-02T03:04:05.678Z", "status": "offered"}


class PickledConversation(Conversation):
    """Of the module, so that pickle finds it."""

    refund = custom.Num("refundAmountNum")
    order_number = custom.Str()
    note = custom.Txt()
    due = custom.At()
    payload = Object()


def conversation_of(server: Emulator, **values: Any) -> PickledConversation:
    id_ = server.world.add("conversation", **values)
    found = PickledConversation.get(id_)
    server.requests.clear()
    return found


def saves_nothing(server: Emulator, found: Conversation) -> None:
    assert found.changes == {}
    assert not found.is_dirty
    assert not found.save()
    assert server.requests == []


@pytest.mark.parametrize(
    ("held", "assigned"),
    [(3, 3.0), (3.0, 3), (0, -0.0), (1e3, 1000), (2**53, float(2**53)), (0.1, Decimal("0.1"))],
)
def test_numbers_are_equal_as_numbers(server: Emulator, held: Any, assigned: Any) -> None:
    """Pitfall 42."""
    found = conversation_of(server)
    server.world.put_raw("conversation", str(found.id), custom={"refundAmountNum": held})
    found = PickledConversation.get(str(found.id))
    server.requests.clear()

    found.refund = assigned

    saves_nothing(server, found)


@pytest.mark.parametrize("number", [3, 2**53 + 1, -(2**53) - 1, 0, 10**18])
def test_an_int_stays_an_int_on_the_wire_to_the_last_digit(server: Emulator, number: int) -> None:
    """Pitfall 42."""
    found = conversation_of(server, custom={"refundAmountNum": 0.5})

    found.refund = number
    found.save()

    assert server.requests[0].raw == b'{"custom":{"refundAmountNum":%d}}' % number
    assert repr(found.refund) == repr(number)
    assert found.changes == {}


def test_the_neighbour_of_a_large_int_is_a_change(server: Emulator) -> None:
    """Pitfall 42: as floats the two would be equal."""
    found = conversation_of(server)
    server.world.put_raw("conversation", str(found.id), custom={"refundAmountNum": 2**53})
    found = PickledConversation.get(str(found.id))
    server.requests.clear()

    found.refund = 2**53 + 1
    found.save()

    assert server.requests[0].body == {"custom": {"refundAmountNum": 2**53 + 1}}


def test_a_value_that_the_server_normalised_is_reported_and_not_sent_again(
    server: Emulator,
) -> None:
    """Pitfall 43."""
    found = conversation_of(server, name="a", custom={"orderNumberStr": "x"})

    def normalise(document: Any) -> Any:
        attributes = document["data"]["attributes"]
        attributes["name"], attributes["custom"] = (
            attributes["name"].strip(),
            {"orderNumberStr": None},
        )
        return document

    server.faults.add(Fault.answer(normalise, method="PATCH"))
    found.name, found.order_number = " b ", ""

    result = found.save()
    server.requests.clear()

    assert result.adjusted == {"name": (" b ", "b"), "order_number": ("", None)}
    assert [found.name, found.order_number] == ["b", None]
    saves_nothing(server, found)


def test_what_a_server_holds_finer_than_a_millisecond_is_no_change(server: Emulator) -> None:
    """Pitfall 39: read and given back, it would go out cut off."""
    found = conversation_of(server)
    server.world.put_raw(
        "conversation", str(found.id), custom={"dueAt": "2026-01-02T03:04:05.678999Z"}
    )
    found = PickledConversation.get(str(found.id))
    server.requests.clear()
    assert found.due == datetime(2026, 1, 2, 3, 4, 5, 678_999, tzinfo=UTC)

    found.due = found.due
    saves_nothing(server, found)
    found.due = datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)
    saves_nothing(server, found)


def test_what_is_missing_stays_missing(server: Emulator) -> None:
    """Pitfall 44: nothing is filled in, neither on reading nor on sending."""
    found = conversation_of(server)
    before = set(found.raw["attributes"])
    assert (found.note, found.suggested_tags, found.snooze) == (None, [], None)

    found.name = "b"
    found.save()

    assert [each.body for each in server.requests] == [{"name": "b"}]
    assert set(found.raw["attributes"]) == before | {"name"}


def test_an_object_keeps_the_members_that_it_has(server: Emulator) -> None:
    """Pitfall 44."""
    found = conversation_of(server, satisfactionLevel=LEVEL)
    assert found.satisfaction_level is not None
    assert set(found.satisfaction_level) == {"createdAt", "status"}

    found.satisfaction_level["status"] = "rated"
    found.save()

    assert [each.body for each in server.requests] == [
        {"satisfactionLevel": {**LEVEL, "status": "rated"}}
    ]


def test_records_that_the_library_makes_are_clean(server: Emulator) -> None:
    """Pitfall 45."""
    customer = server.world.add("customer")
    found = conversation_of(server, name="a", tags=["t"], externalId="E", customer=customer)
    made = PickledConversation.create(customer=customer, name="b", tags=["t"], order_number="1")
    by_key = PickledConversation.get_by(external_id="E")
    (one_of_many,) = PickledConversation.get_many([str(found.id)])
    related = found.customer
    bare = PickledConversation(id=found.id)
    again = PickledConversation.get(str(found.id))
    again.refresh()
    server.requests.clear()

    for each in (found, made, by_key, one_of_many, bare, again):
        for twin in (each, copy.copy(each), copy.deepcopy(each), pickle.loads(pickle.dumps(each))):
            saves_nothing(server, twin)
    assert related is not None
    assert not related.is_dirty


def test_a_record_is_clean_after_every_save_and_unpickle_of_what_was_read(server: Emulator) -> None:
    """Pitfall 45."""
    found = conversation_of(server, name="a", tags=["t"], custom={"noteTxt": "n"})
    assert found.tags
    found.name = "b"
    found.tags.append("u")
    found.note = None
    found.save()
    server.requests.clear()

    saves_nothing(server, pickle.loads(pickle.dumps(found)))
    saves_nothing(server, found)


def test_one_custom_edit_sends_neither_its_siblings_nor_anything_else(server: Emulator) -> None:
    """Pitfall 46."""
    found = conversation_of(
        server, name="a", tags=["t"], custom={"noteTxt": "n", "orderNumberStr": "1", "xNum": 1}
    )
    assert found.tags
    assert dict(found.custom)

    found.note = "m"
    found.save()

    assert [each.body for each in server.requests] == [{"custom": {"noteTxt": "m"}}]


def test_an_edit_of_one_custom_list_leaves_the_other_keys_out(server: Emulator) -> None:
    """Pitfalls 46 and 47."""
    server.behaviour.text_lists = True
    found = conversation_of(server, custom={"aStr": ["x"], "bStr": ["y"], "noteTxt": "n"})
    assert found.custom["bStr"] == ["y"]
    server.world.edit("conversation", str(found.id), custom={"bStr": ["theirs"], "cStr": "c"})

    assert found.custom["aStr"].pop() == "x"
    found.save()

    assert [each.body for each in server.requests] == [{"custom": {"aStr": []}}]
    stored = server.world.get("conversation", str(found.id))["attributes"]["custom"]
    assert stored == {"aStr": [], "bStr": ["theirs"], "noteTxt": "n", "cStr": "c"}


def test_the_order_of_tags_is_no_change(server: Emulator) -> None:
    """Pitfall 48."""
    found = conversation_of(server, tags=["a", "b", "c"])

    found.tags.reverse()
    saves_nothing(server, found)
    found.tags.sort()
    saves_nothing(server, found)
    found.tags = [*found.tags[1:], found.tags[0]]
    saves_nothing(server, found)


def test_the_order_of_assigned_users_and_teams_is_no_change(server: Emulator) -> None:
    """Pitfall 48."""
    users = [server.world.add("user") for _ in range(3)]
    teams = [server.world.add("team") for _ in range(2)]
    found = conversation_of(server, assignedUsers=users, assignedTeams=teams)

    found.assigned_users.reverse()
    found.assigned_teams = [*reversed(teams)]

    saves_nothing(server, found)


def test_the_order_of_any_other_list_is_a_change(server: Emulator) -> None:
    """Pitfall 48."""
    rows = [{"tag": "a", "confidence": 0}, {"tag": "b", "confidence": 1}]
    found = conversation_of(server, suggestedTags=rows)

    found.suggested_tags.reverse()
    found.save()

    assert [each.body for each in server.requests] == [{"suggestedTags": rows[::-1]}]


def test_tags_that_differ_are_a_change_whatever_their_order(server: Emulator) -> None:
    """Pitfall 48: sets of equal size that are not equal."""
    found = conversation_of(server, tags=["a", "b"])
    first, second = found.tags

    found.tags[:] = ["c", second]
    found.save()

    assert [each.body for each in server.requests] == [{"tags": ["c", second]}]
    assert first not in found.tags


def test_a_value_masked_inside_an_object_is_no_change_and_is_never_written_back(
    server: Emulator,
) -> None:
    """Pitfall 67: the API replaces objects whole, so an edit beside the mask is refused."""
    found = conversation_of(server)
    hidden = {"isMasked": True, "maskedPresentation": "****"}
    server.world.put_raw("conversation", str(found.id), payload={"deep": [{"a": hidden}], "b": 1})
    found = PickledConversation.get(str(found.id))
    server.requests.clear()
    payload = found.payload
    assert payload is not None
    saves_nothing(server, found)

    payload["b"] = 2

    assert list(found.changes) == ["payload"]
    with pytest.raises(InvalidValueError, match=r"payload.*without masked values"):
        found.save()
    with pytest.raises(InvalidValueError, match=r"payload.*without masked values"):
        found.payload = dict(payload)
    assert server.requests == []
    payload["deep"] = []
    assert found.plan().requests[0].body == {"payload": {"deep": [], "b": 2}}


def test_an_object_that_holds_itself_is_refused_by_name(server: Emulator) -> None:
    """Pitfall 88."""
    found = conversation_of(server)
    endless: dict[str, Any] = {}
    endless["again"] = [endless]

    with pytest.raises(InvalidValueError, match="payload"):
        found.payload = endless

    saves_nothing(server, found)
