"""Group B1, what was never loaded, what is sent in part, and who owns it (15-17, 22, 23, 26-29)."""

from __future__ import annotations

import enum
import gc
import uuid
from decimal import Decimal
from typing import Any

import pytest

from kustomer_orm import Conversation, Record, custom
from kustomer_orm.attributes import Attribute, String
from kustomer_orm.emulator import Emulator, Fault
from kustomer_orm.errors import InvalidValueError, NotLoadedError, UnknownAttributeError

pytestmark = pytest.mark.usefixtures("client")


class Status(enum.Enum):
    DONE = "done"


class Level(enum.IntEnum):
    HIGH = 5


class Refundable:
    """A mixin that is no record: plain attributes for several classes."""

    refund = custom.Num("refundAmountNum")


class ShopConversation(Conversation):
    order_number = custom.Str()
    is_vip = custom.Bool("vipBool")


class RefundConversation(Refundable, ShopConversation):
    site = custom.Url()


def conversation_of(server: Emulator, **values: Any) -> RefundConversation:
    id_ = server.world.add("conversation", **values)
    found = RefundConversation.get(id_)
    server.requests.clear()
    return found


def bodies(server: Emulator) -> list[Any]:
    return [each.body for each in server.requests]


# -- never loaded ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "body"),
    [
        ({"status": "done"}, {"status": "done"}),
        ({"name": None}, {"name": None}),
        ({"name": ""}, {"name": ""}),
        ({"is_vip": False}, {"custom": {"vipBool": False}}),
        ({"refund": 0}, {"custom": {"refundAmountNum": 0}}),
        ({"site": None}, {"custom": {"siteUrl": None}}),
        ({"tags": []}, {"tags": []}),
        ({"queue": None}, {"queue": {"id": None}}),
    ],
)
def test_a_record_made_by_its_id_sends_what_it_was_given(
    server: Emulator, values: dict[str, Any], body: dict[str, Any]
) -> None:
    """Pitfalls 15, 17 and 62."""
    id_ = server.world.add("conversation", name="a", tags=["t"], custom={"vipBool": True})

    made = RefundConversation(id=id_, **values)

    assert made.changes.keys() == values.keys()
    made.save()
    assert bodies(server) == [body]
    assert made.changes == {}
    assert not made.save()


def test_assigning_on_a_record_made_by_its_id_sends_it(server: Emulator) -> None:
    """Pitfall 15."""
    id_ = server.world.add("conversation", name="a", custom={"orderNumberStr": "1"})
    made = RefundConversation(id=id_)

    made.order_number = "1"  # nobody knows that it is equal
    made.custom["otherNum"] = 1
    made.save()

    assert bodies(server) == [{"custom": {"orderNumberStr": "1", "otherNum": 1}}]


def test_what_was_not_loaded_cannot_be_read_nor_edited_in_place(server: Emulator) -> None:
    """Pitfall 15: an in-place edit of what nobody knows would be lost or wrong."""
    made = RefundConversation(id=server.world.add("conversation", tags=["a"]))

    with pytest.raises(NotLoadedError, match="tags"):
        made.tags.append("b")
    with pytest.raises(NotLoadedError):
        made.custom["orderNumberStr"]

    assert server.requests == []
    assert made.changes == {}


def test_after_a_partial_save_the_record_is_still_loaded_in_part(server: Emulator) -> None:
    """Pitfall 15."""
    id_ = server.world.add("conversation", name="a")
    made = RefundConversation(id=id_, name="b")
    server.faults.add(Fault.partial(["rev"], method="PATCH"))
    made.save()
    server.requests.clear()

    made.external_id = None  # not known, so it is a value
    made.save()

    assert bodies(server) == [{"externalId": None}]


def test_an_edit_of_a_loaded_but_absent_field_is_sent(server: Emulator) -> None:
    """Pitfall 15."""
    found = conversation_of(server)
    server.requests.clear()

    found.priority = 1
    found.sentiment = {"polarity": 1, "confidence": 0}
    found.suggested_tags.append({"tag": "a", "confidence": 1})
    found.save()

    assert bodies(server) == [
        {
            "priority": 1,
            "sentiment": {"polarity": 1, "confidence": 0},
            "suggestedTags": [{"tag": "a", "confidence": 1}],
        }
    ]


# -- values that are not plain ---------------------------------------------------------------------


def test_decimals_enumerations_and_strings_of_a_class_go_out_as_what_they_stand_for(
    server: Emulator,
) -> None:
    """Pitfall 16: there are no expressions; these come nearest."""

    class Word(str):
        __slots__ = ()

    found = conversation_of(server, status="open", priority=1)

    found.status = Status.DONE
    found.priority = Level.HIGH
    found.refund = Decimal("12.50")
    found.order_number = Word("A-1")

    assert sorted(found.changes) == ["order_number", "priority", "refund", "status"]
    found.save()
    assert repr(bodies(server)) == repr(
        [
            {
                "status": "done",
                "priority": 5,
                "custom": {"refundAmountNum": 12.5, "orderNumberStr": "A-1"},
            }
        ]
    )
    assert found.changes == {}


@pytest.mark.parametrize("value", [uuid.uuid4(), object(), b"bytes", lambda: "late"])
def test_a_value_that_is_no_text_is_refused_where_it_is_assigned(
    server: Emulator, value: Any
) -> None:
    """Pitfall 16."""
    found = conversation_of(server)

    with pytest.raises(InvalidValueError, match="order_number"):
        found.order_number = value

    assert found.changes == {}


# -- save(only=…) ----------------------------------------------------------------------------------


def test_saving_one_attribute_leaves_the_others_dirty(server: Emulator) -> None:
    """Pitfall 22."""
    found = conversation_of(server, name="a", tags=["t"], custom={"orderNumberStr": "1"})
    found.name, found.order_number, found.custom["xNum"] = "b", "2", 1
    found.tags.append("u")

    found.save(only=["name", "custom.xNum"])

    assert bodies(server) == [{"name": "b", "custom": {"xNum": 1}}]
    assert sorted(found.changes) == ["order_number", "tags"]
    found.save()
    assert bodies(server)[1:] == [{"custom": {"orderNumberStr": "2"}}, ["u"]]


def test_saving_only_what_is_clean_sends_nothing_and_keeps_the_rest(server: Emulator) -> None:
    """Pitfall 22."""
    found = conversation_of(server, name="a")
    found.name = "b"

    assert not found.save(only=["status"])
    assert not found.save(only=[])
    with pytest.raises(UnknownAttributeError, match="did you mean 'name'"):
        found.save(only=["nmae"])

    assert server.requests == []
    assert found.changes == {"name": ("a", "b")}


def test_a_value_that_cannot_be_sent_blocks_no_save_of_another(server: Emulator) -> None:
    """Pitfall 22."""
    found = conversation_of(server, name="a", sentiment={"polarity": 1, "confidence": 0})
    assert found.sentiment is not None
    found.sentiment["polarity"] = "high"
    found.name = "b"

    with pytest.raises(InvalidValueError, match="polarity"):
        found.save()
    assert server.requests == []
    found.save(only=["name"])

    assert bodies(server) == [{"name": "b"}]
    assert list(found.changes) == ["sentiment"]


# -- relations -------------------------------------------------------------------------------------


def test_a_record_put_into_another_keeps_its_own_changes(server: Emulator) -> None:
    """Pitfall 23."""

    class Shopper(Record):
        type, path = "customer", "/v1/customers"
        name = String()

    shopper = Shopper.get(server.world.add("customer", name="Jane"))
    found = conversation_of(server)
    shopper.name = "Joan"

    found.customer = shopper
    found.save()

    assert shopper.changes == {"name": ("Jane", "Joan")}
    assert bodies(server) == [{"customer": shopper.id}]
    shopper.save()
    assert bodies(server)[1:] == [{"name": "Joan"}]


def test_a_change_of_a_related_record_is_no_change_of_this_one(server: Emulator) -> None:
    """Pitfall 23."""
    queue = server.world.add("queue", name="q")
    found = conversation_of(server, queue=queue)
    related = found.queue

    found.queue = related

    assert found.changes == {}
    assert not found.save()
    assert server.requests == []


# -- subclasses and mixins -------------------------------------------------------------------------


def test_inherited_and_mixed_in_attributes_are_read_tracked_and_sent(server: Emulator) -> None:
    """Pitfall 26."""
    found = conversation_of(
        server,
        name="a",
        custom={"orderNumberStr": "1", "refundAmountNum": 2, "siteUrl": "https://a.example"},
    )
    assert (found.name, found.order_number, found.refund) == ("a", "1", 2)
    assert found.site == "https://a.example"

    found.name, found.order_number, found.refund = "b", "2", 3
    found.site = "https://b.example"
    found.save()

    assert bodies(server) == [
        {
            "name": "b",
            "custom": {
                "orderNumberStr": "2",
                "refundAmountNum": 3,
                "siteUrl": "https://b.example",
            },
        }
    ]


def test_a_subclass_may_declare_an_attribute_anew(server: Emulator) -> None:
    """Pitfall 26."""

    class Strict(ShopConversation):
        order_number = custom.Str(max_length=3)

    id_ = server.world.add("conversation", custom={"orderNumberStr": "long enough"})
    found = Strict.get(id_)

    with pytest.raises(InvalidValueError, match="at most 3"):
        found.order_number = "1234"
    found.order_number = "123"

    assert found.plan().requests[0].body == {"custom": {"orderNumberStr": "123"}}
    assert isinstance(ShopConversation.order_number, Attribute)
    assert ShopConversation(id=id_, order_number="1234").order_number == "1234"


# -- who owns a list -------------------------------------------------------------------------------


def test_a_list_outlives_its_record(server: Emulator) -> None:
    """Pitfall 28."""
    tags = conversation_of(server, tags=["a"]).tags
    gc.collect()

    tags.append("b")

    assert tags == [server.world.tag_id("a"), "b"]


def test_a_list_assigned_from_another_record_is_tracked_by_the_one_it_is_in(
    server: Emulator,
) -> None:
    """Pitfall 29."""
    giver = conversation_of(server, tags=["a"])
    taker = conversation_of(server, tags=["b"])

    taker.tags = list(giver.tags)
    taker.tags.append("c")
    taker.save()

    assert bodies(server) == [{"tags": [server.world.tag_id("a"), "c"]}]
    assert giver.changes == {}
    assert not giver.save()
    names = [server.world.tag_name(id_) for id_ in taker.tags]
    assert names == ["a", "c"]


def test_a_shared_list_makes_every_record_dirty_that_holds_it(server: Emulator) -> None:
    """Pitfall 29: it is one list, so the later edit is lost in neither."""
    giver = conversation_of(server, tags=["a"])
    taker = conversation_of(server, tags=["b"])
    taker.tags = giver.tags

    taker.tags.append("c")

    assert list(taker.changes) == ["tags"]
    taker_body = {"tags": [server.world.tag_id("a"), "c"]}
    assert taker.plan().requests[0].body == taker_body
    assert giver.plan().requests[0].body == ["c"]
    taker.save()
    assert bodies(server) == [taker_body]


def test_records_saved_one_after_the_other_send_each_its_own_difference(server: Emulator) -> None:
    """Pitfall 27."""
    several = [conversation_of(server, name="a", priority=1) for _ in range(3)]
    several[0].name = "b"
    several[2].priority = 2

    for each in several:
        each.save()

    assert bodies(server) == [{"name": "b"}, {"priority": 2}]
    assert [each.changes for each in several] == [{}, {}, {}]
