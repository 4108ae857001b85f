"""Calls that somebody tries who has not read everything: they work, or say what does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kustomer_orm import Client, Conversation, Customer, KObject, Message, custom
from kustomer_orm.emulator import Emulator
from kustomer_orm.errors import InvalidValueError, QueryError, UnknownAttributeError


class Case(Conversation):
    """A conversation with a refund."""

    refund = custom.Num()


class Order(KObject, klass="order"):
    """An order with its total, not the default of its klass's records."""

    total = custom.Num("totalPriceNum")


@pytest.fixture
def cases(server: Emulator, client: Client) -> list[str]:
    jane = server.world.add("customer", name="Jane")
    made = [
        server.world.add("conversation", customer=jane, priority=priority)
        for priority in (3, 1, 5, 2)
    ]
    server.requests.clear()
    return made


# -- searches --------------------------------------------------------------------------------------


def test_an_attribute_sorts_the_smallest_first(server: Emulator, cases: list[str]) -> None:
    by_itself = [case.priority for case in Case.search().order_by(Case.priority)]

    assert by_itself == [1, 2, 3, 5]
    assert by_itself == [case.priority for case in Case.search().order_by(Case.priority.asc())]


@pytest.mark.parametrize("order", ["-created_at", None, 5, Case])
def test_only_attributes_sort(server: Emulator, client: Client, order: Any) -> None:
    with pytest.raises(QueryError, match=r"Case\.created_at\.desc\(\), not "):
        Case.search().order_by(order)


def test_a_limit_may_be_said_with_the_search(server: Emulator, cases: list[str]) -> None:
    assert len(list(Case.search(limit=3))) == 3
    assert len(list(Case.search(Case.priority >= 2, page_size=1, limit=2))) == 2


def test_a_key_that_no_class_declares_is_searched_by(server: Emulator, client: Client) -> None:
    server.world.add("conversation", custom={"zzNum": 4})
    found = server.world.add("conversation", custom={"zzNum": 5})

    assert list(Conversation.search(Conversation.custom["zzNum"] >= 5).ids()) == [found]
    assert Case.custom["refundNum"] is Case.refund


@pytest.mark.parametrize(
    "wrong",
    [lambda: Case.custom["refundNum"] >= "much", lambda: Case.custom["zzNum"] >= "much"],
)
def test_a_wrong_value_of_a_key_is_refused_where_it_is_written(wrong: Callable[[], Any]) -> None:
    with pytest.raises(InvalidValueError, match="number"):
        wrong()


def test_a_key_is_a_word(client: Client) -> None:
    wrong: Any = 5
    with pytest.raises(UnknownAttributeError, match=r"Case\.custom are strings"):
        _ = Case.custom[wrong]
    each: Any = Case.custom
    with pytest.raises(TypeError):
        list(each)


@pytest.mark.parametrize(
    "search",
    [
        lambda: Conversation.search(custom.Num("zzNum") == 5),
        lambda: Conversation.search().order_by(custom.Num("zzNum")),
    ],
)
def test_an_attribute_outside_of_a_class_says_what_to_do(
    client: Client, search: Callable[[], Any]
) -> None:
    with pytest.raises(QueryError, match=r"Conversation\.custom\['zzNum'\]"):
        search()


# -- related records -------------------------------------------------------------------------------


def test_a_relation_is_prefetched_by_its_attribute(
    server: Emulator, client: Client, cases: list[str]
) -> None:
    with client.count_requests() as count:
        for case in Case.all().prefetch(Case.customer):
            assert case.customer is not None
            assert case.customer.name == "Jane"
    assert count.total == 2
    found = Case.get_many(cases)
    Case.prefetch(found, Conversation.customer)
    with client.count_requests() as count:
        assert [each.customer and each.customer.name for each in found] == ["Jane"] * 4
    assert count.total == 0


@pytest.mark.parametrize("wrong", [Case.priority, Customer, None])
def test_what_is_no_relation_is_not_prefetched(client: Client, wrong: Any) -> None:
    with pytest.raises(QueryError, match="prefetch takes relations"):
        Case.all().prefetch(wrong)
    with pytest.raises(QueryError, match="prefetch takes relations"):
        Case.prefetch([], wrong)


def test_custom_objects_are_told_apart_by_their_class_too(server: Emulator, client: Client) -> None:
    server.world.add("klass", name="order")
    jane = Customer.get(server.world.add("customer", name="Jane"))

    made = jane.kobjects(Order).create(title="One", total=5)

    assert type(made) is Order
    assert [order.total for order in jane.kobjects(Order)] == [5]
    assert [order.title for order in jane.kobjects("order")] == ["One"]


@pytest.mark.parametrize("wrong", [Customer, KObject, 5, None])
def test_what_is_no_klass_is_refused(client: Client, wrong: Any) -> None:
    with pytest.raises(InvalidValueError, match="kobjects: expected a klass, 'order'"):
        Customer(id="58210c3db0f09110006b7953").kobjects(wrong)


# -- names -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["body", "bound", "state", "attribute", "rev_"])
def test_a_private_name_is_never_suggested(name: str) -> None:
    with pytest.raises(UnknownAttributeError) as caught:
        Message(**{name: "hello"})

    assert "'_" not in str(caught.value)
    assert not str(caught.value.suggestion or "").startswith("_")


def test_an_empty_look_up_is_called_empty(client: Client) -> None:
    with pytest.raises(InvalidValueError, match="got an empty string"):
        Customer.get_by(email="")
