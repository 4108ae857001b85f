"""Right uses: both checkers know the type of every one. Checked, never run."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, assert_type

from kustomer_orm import Change, Client, Conversation, Customer, Record, SaveResult, User, custom
from kustomer_orm.attributes import (
    Boolean,
    Choice,
    DateTime,
    Integer,
    List,
    Number,
    Object,
    String,
    ToMany,
    ToOne,
    Url,
)
from kustomer_orm.records import Bound, CustomAttributes


class Support(Conversation, default=True):
    """A conversation with one custom attribute of each class."""

    order_number = custom.Str()
    size = custom.Str[str]("shirtSizeStr", choices=("S", "M"))
    note = custom.Txt(max_length=20_000)
    refund = custom.Num("refundAmountNum")
    due = custom.At()
    is_vip = custom.Bool("vipBool")
    site = custom.Url()
    reason = custom.Tree()
    buyer = custom.Id("customer")
    known_buyer = custom.Id(Customer)
    orders = custom.Id("kobject.order", many=True)
    known_buyers = custom.Id(Customer, "knownBuyersId", many=True)


class Ticket(Record):
    """A record with one attribute of each kind."""

    type = "ticket"
    path = "/v1/tickets"

    title = String(max_length=10)
    status = Choice("open", "done")
    site = Url()
    locked = Boolean()
    score = Number(min=-1, max=1)
    priority = Integer(min=1, max=5)
    due_at = DateTime(writable=False)
    labels = List(String(max_length=64), unordered=True)
    answers = List(Boolean())
    extra = Object({"a": String()}, required=("a",))
    owner = ToOne("user")
    known_owner = ToOne(User)
    watchers = ToMany("user")


def on_the_class_an_attribute_is_itself() -> None:
    assert_type(Support.order_number, custom.Str)
    assert_type(Support.note, custom.Txt)
    assert_type(Support.refund, custom.Num)
    assert_type(Support.due, custom.At)
    assert_type(Support.is_vip, custom.Bool)
    assert_type(Support.site, custom.Url)
    assert_type(Support.reason, custom.Tree)
    assert_type(Support.known_buyer, custom.Id[Customer | None, Customer | str | None])
    assert_type(Support.order_number.key, str)
    assert_type(Support.order_number.label, str)
    assert_type(Conversation.status, Choice)
    assert_type(Conversation.tags, List[str])
    assert_type(Ticket.title, String)
    assert_type(Ticket.answers, List[bool])


def on_a_record_a_custom_attribute_is_its_value(record: Support) -> None:
    assert_type(record.order_number, str | None)
    assert_type(record.size, str | None)
    assert_type(record.note, str | None)
    assert_type(record.refund, int | float | None)
    assert_type(record.due, datetime | None)
    assert_type(record.is_vip, bool | None)
    assert_type(record.site, str | None)
    assert_type(record.reason, str | None)
    assert_type(record.buyer, Any | None)
    assert_type(record.known_buyer, Customer | None)
    assert_type(record.orders, list[Any])
    assert_type(record.known_buyers, list[Customer])


def on_a_record_an_attribute_is_its_value(ticket: Ticket, record: Conversation) -> None:
    assert_type(ticket.title, str | None)
    assert_type(ticket.status, str | None)
    assert_type(ticket.site, str | None)
    assert_type(ticket.locked, bool | None)
    assert_type(ticket.score, int | float | None)
    assert_type(ticket.priority, int | None)
    assert_type(ticket.due_at, datetime | None)
    assert_type(ticket.labels, list[str])
    assert_type(ticket.answers, list[bool])
    assert_type(ticket.extra, dict[str, Any] | None)
    assert_type(ticket.owner, Any | None)
    assert_type(ticket.known_owner, User | None)
    assert_type(ticket.watchers, list[Any])
    assert_type(record.tags, list[str])
    assert_type(record.assigned_users, list[Any])
    assert_type(record.message_count, int | None)
    assert_type(record.satisfaction, int | float | None)
    assert_type(record.snooze, dict[str, Any] | None)
    assert_type(record.customer, Any | None)
    assert_type(record.id, str | None)
    assert_type(record.rev, int | None)


def right_values_can_be_assigned(record: Support, customer: Customer) -> None:
    record.order_number = "1234"
    record.order_number = None
    record.refund = 12
    record.refund = 12.5
    record.refund = Decimal("12.50")
    record.due = datetime.now(UTC)
    record.is_vip = False
    record.tags = ["a"]
    record.tags = ("a", "b")
    record.tags.append("c")
    record.tags += ["d"]
    record.customer = customer
    record.customer = "58210c3db0f09110006b7953"
    record.known_buyer = customer
    record.known_buyer = "58210c3db0f09110006b7953"
    record.known_buyers = [customer]
    record.known_buyers = ["58210c3db0f09110006b7953"]
    record.orders = ["58210c3db0f09110006b7953"]
    record.snooze = {"status": "canceled"}
    record.custom["anyNum"] = 1
    del record.custom["anyNum"]


def verbs_give_the_class_that_they_are_called_on(client: Client) -> None:
    assert_type(Support.get("58228e05d4e96711004eccb7"), Support)
    assert_type(Support.get_many(["58228e05d4e96711004eccb7"]), list[Support])
    assert_type(Support.get_by(external_id="A-1"), Support)
    assert_type(Support.create(customer="58210c3db0f09110006b7953"), Support)
    assert_type(Support.using(client), Bound[Support])
    assert_type(Support.using(client).get("58228e05d4e96711004eccb7"), Support)
    assert_type(Support.using(client).get_many([]), list[Support])
    assert_type(Support.using(client).new(name="Hi"), Support)
    assert_type(Conversation.get("58228e05d4e96711004eccb7"), Conversation)
    assert_type(Support.from_snapshot({}), Support)
    with client as same:
        assert_type(same, Client)
    assert_type(Client.from_env(), Client)


def what_a_record_says_has_a_type(record: Support) -> None:
    assert_type(record.is_dirty, bool)
    assert_type(record.changes, dict[str, Change])
    assert_type(record.previous_changes, dict[str, Change])
    assert_type(record.custom, CustomAttributes)
    assert_type(record.raw, dict[str, Any])
    assert_type(record.refresh(), dict[str, Change])
    assert_type(record.to_dict(), dict[str, Any])
    assert_type(record.snapshot(), dict[str, Any])
    assert_type(record.plan().requests[0].body, Any)
    assert_type(record.plan().requests[0].content, bytes)
    result = record.save(only=["name"], conflict="none")
    assert_type(result, SaveResult)
    assert_type(result.created, bool)
    assert_type(result.confirmed, bool)
    assert_type(result.others_wrote, bool | None)
    assert_type(result.rev, int | None)
    assert_type(result.sent, Mapping[str, Any])
    assert_type(result.foreign, Mapping[str, Change])
    old, new = record.changes["name"]
    assert_type(old, Any)
    assert_type(new, Any)
