"""Wrong uses: each is flagged by both checkers, and an ignore that is not needed is an error."""

from __future__ import annotations

from kustomer_orm import Client, Conversation, Customer, KObject, Record, User, custom
from kustomer_orm.attributes import List, String


class Support(Conversation):
    """A conversation with one custom attribute of each class."""

    order_number = custom.Str()
    note = custom.Txt()
    refund = custom.Num("refundAmountNum")
    due = custom.At()
    is_vip = custom.Bool("vipBool")
    site = custom.Url()
    reason = custom.Tree()
    buyer = custom.Id("customer")
    known_buyer = custom.Id(Customer)
    orders = custom.Id("kobject.order", many=True)


def show(value: object) -> None:
    """Use a value."""


def wrong_values_are_flagged(record: Support, user: User) -> None:
    record.order_number = 1234  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    record.note = b"text"  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    record.refund = "12,50"  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    record.due = "2026-01-01"  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    record.is_vip = 1  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    record.site = 5  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    record.reason = ["a"]  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    record.buyer = 5  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    record.known_buyer = user  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    record.orders = "58210c3db0f09110006b7953"  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    record.tags = "refund"  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    record.tags = [1]  # type: ignore[list-item]  # pyright: ignore[reportAttributeAccessIssue]
    record.tags.append(1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    record.priority = "high"  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    record.customer = 5  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]


def wrong_values_of_customers_and_objects_are_flagged(customer: Customer, order: KObject) -> None:
    customer.name = 5  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    customer.emails = ["a"]  # type: ignore[list-item]  # pyright: ignore[reportAttributeAccessIssue]
    customer.emails.append("a")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    customer.merge(5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    order.title = 5  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    order.data = "x"  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    KObject.of(5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def mistyped_names_are_flagged(record: Support) -> None:
    record.nmae = "Hi"  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
    show(record.nmae)  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
    show(Support.nmae)  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
    record.svae()  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]


def what_only_asks_cannot_be_assigned(record: Support) -> None:
    record.id = "58228e05d4e96711004eccb7"  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
    record.is_dirty = False  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
    record.changes = {}  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]


def values_that_may_be_absent_are_flagged(record: Support) -> None:
    show(record.order_number.upper())  # type: ignore[union-attr]  # pyright: ignore[reportOptionalMemberAccess]
    show(record.refund + 1)  # type: ignore[operator]  # pyright: ignore[reportOptionalOperand]
    show(record.known_buyer.name)  # type: ignore[union-attr]  # pyright: ignore[reportOptionalMemberAccess]


def wrong_calls_are_flagged(client: Client, record: Support) -> None:
    Support.get(5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Support.get_many([5])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    Support.using("client")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    record.refresh("later")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    record.save("name")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.get("58228e05d4e96711004eccb7")  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]


class Misdeclared(Record):
    """Declarations that contradict themselves."""

    label = String(max_length="long")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    items: List[str] = List(str)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    number = custom.Num(5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    other = custom.Id(5)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportArgumentType]
