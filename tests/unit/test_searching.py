"""Searches: what a criterion becomes, what is refused, and what is done about the index."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from kustomer_orm import Client, Conversation, Customer, KObject, Raw, custom
from kustomer_orm.emulator import Emulator, Fault
from kustomer_orm.errors import InvalidValueError, QueryError, ServerError, UnexpectedAnswerError

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
WIRE_NOON = "2026-01-01T12:00:00.000Z"
ID = "5f00000000000000000000aa"


class Case(Conversation):
    """A conversation with custom attributes."""

    order_number = custom.Str()
    refund = custom.Num()
    due = custom.At()


class Order(KObject, klass="order"):
    """An order with its total."""

    total = custom.Num("totalPriceNum")


def body(server: Emulator, *criteria: Any, cls: Any = Case) -> dict[str, Any]:
    cls.search(*criteria).count()
    sent: dict[str, Any] = server.requests[-1].body
    return {key: value for key, value in sent.items() if key in {"and", "or", "not"}}


CRITERIA: dict[str, tuple[Callable[[], Any], dict[str, Any]]] = {
    "==": (lambda: Case.status == "open", {"and": [{"conversation_status": {"equals": "open"}}]}),
    "!=": (lambda: Case.status != "open", {"not": [{"conversation_status": {"equals": "open"}}]}),
    ">=": (
        lambda: Case.updated_at >= NOON,
        {"and": [{"conversation_updated_at": {"gte": WIRE_NOON}}]},
    ),
    "<=": (lambda: Case.priority <= 3, {"and": [{"conversation_priority": {"lte": 3}}]}),
    ">": (lambda: Case.refund > 1.5, {"and": [{"conversation_custom_refundNum": {"gt": 1.5}}]}),
    "<": (
        lambda: Case.priority < 3,
        {
            "and": [{"conversation_priority": {"lte": 3}}],
            "not": [{"conversation_priority": {"equals": 3}}],
        },
    ),
    "between": (
        lambda: Case.due.between(NOON, NOON),
        {
            "and": [
                {"conversation_custom_dueAt": {"gte": WIRE_NOON}},
                {"conversation_custom_dueAt": {"lte": WIRE_NOON}},
            ]
        },
    ),
    "contains": (
        lambda: Case.order_number.contains("77"),
        {"and": [{"conversation_custom_orderNumberStr": {"contains": "77"}}]},
    ),
    "in_": (
        lambda: Case.status.in_(["open", "done"]),
        {
            "or": [
                {"conversation_status": {"equals": "open"}},
                {"conversation_status": {"equals": "done"}},
            ]
        },
    ),
    "in_ of one": (
        lambda: Case.status.in_(["open"]),
        {"and": [{"conversation_status": {"equals": "open"}}]},
    ),
    "== None": (
        lambda: Case.name == None,  # noqa: E711 - it is how a search says it
        {"and": [{"conversation_name": {"not_set": True}}]},
    ),
    "is_set": (Case.name.is_set, {"not": [{"conversation_name": {"not_set": True}}]}),
    "a relation": (
        lambda: Case.customer == ID,
        {"and": [{"conversation_customer_id": {"equals": ID}}]},
    ),
    "an item": (
        lambda: Case.tags == "vip",
        {"and": [{"conversation_tags": {"equals": "vip"}}]},
    ),
    "| of three": (
        lambda: (Case.status == "open") | (Case.priority == 1) | (Case.name == "x"),
        {
            "or": [
                {"conversation_status": {"equals": "open"}},
                {"conversation_priority": {"equals": 1}},
                {"conversation_name": {"equals": "x"}},
            ]
        },
    ),
    "~ of |": (
        lambda: ~((Case.status == "open") | (Case.priority == 1)),
        {
            "not": [
                {"conversation_status": {"equals": "open"}},
                {"conversation_priority": {"equals": 1}},
            ]
        },
    ),
    "~ of ~": (
        lambda: ~~(Case.status == "open"),
        {"and": [{"conversation_status": {"equals": "open"}}]},
    ),
    "raw": (
        lambda: Raw("conversation_any_text", "contains", "refund"),
        {"and": [{"conversation_any_text": {"contains": "refund"}}]},
    ),
}


@pytest.mark.parametrize("name", CRITERIA)
def test_a_criterion_becomes_what_is_documented(
    server: Emulator, client: Client, name: str
) -> None:
    criterion, wanted = CRITERIA[name]

    assert body(server, criterion()) == wanted
    assert server.requests[-1].status == 200


def test_a_custom_object_is_searched_by_its_klass(server: Emulator, client: Client) -> None:
    server.world.add("kobject.order", title="One", custom={"totalPriceNum": 5})
    server.world.add("kobject.order", title="Two", custom={"totalPriceNum": 50})

    found = list(Order.search(Order.total >= 10))

    assert [order.title for order in found] == ["Two"]
    assert server.requests[-1].body["queryContext"] == "kobject_order"
    assert "kobject_custom_order_totalPriceNum" in str(server.requests[-1].body)


REFUSED: dict[str, Callable[[], Any]] = {
    "two groups of alternatives": lambda: Case.search(
        Case.status.in_(["open", "done"]), Case.priority.in_([1, 2])
    ),
    "alternatives of several": lambda: Case.search(
        ((Case.status == "open") & (Case.priority == 1)) | (Case.name == "x")
    ),
    "the opposite of several": lambda: Case.search(
        ~((Case.status == "open") & (Case.priority == 1))
    ),
    "an attribute that is not searched": lambda: Case.search(Case.locked == True),  # noqa: E712
    "an operator that it has not": lambda: Case.search(Case.status >= "open"),
    "an attribute of another class": lambda: Case.search(Customer.username == "x"),
    "no criterion": lambda: Case.search("open"),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    "too many": lambda: Case.search(*[Raw(f"n{number}", "equals", 1) for number in range(21)]),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_api_cannot_say_is_refused_unsent(
    server: Emulator, client: Client, name: str
) -> None:
    with pytest.raises(QueryError):
        REFUSED[name]()
    assert server.requests == []


def test_a_criterion_is_neither_true_nor_false() -> None:
    with pytest.raises(QueryError, match="&"):
        bool(Case.status == "open")
    with pytest.raises(QueryError):
        _ = Case.status == "open" and Case.priority == 1


@pytest.mark.parametrize(
    "criterion",
    [
        lambda: Case.status == "opne",
        lambda: Case.updated_at >= datetime(2026, 1, 1),  # noqa: DTZ001 - the mistake
        lambda: Case.refund == "much",
        lambda: Case.customer == 5,
    ],
)
def test_a_wrong_value_fails_where_it_is_written(criterion: Callable[[], Any]) -> None:
    with pytest.raises(InvalidValueError):
        criterion()


def test_attributes_stay_keys_and_compare_by_nothing_else() -> None:
    assert len({Case.status, Case.priority, Case.status}) == 2
    assert "status" in repr((Case.status == "open") & ~(Case.priority > 1) | (Case.name == "x"))


# -- going through ---------------------------------------------------------------------------------


def test_a_search_goes_past_the_window(server: Emulator, client: Client) -> None:
    server.behaviour.search_window = 20
    ids = [server.world.add("conversation") for _ in range(15)]
    for number, id_ in enumerate(ids):
        server.world.put_raw("conversation", id_, updatedAt=f"2026-01-01T00:00:{number:02}.000Z")

    assert sorted(str(one.id) for one in Case.search().page_size(4)) == sorted(ids)


def test_a_sorted_search_ends_with_an_error_instead_of_silently(
    server: Emulator, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kustomer_orm.records.searching.WINDOW", 4)
    for number in range(6):
        server.world.add("conversation", priority=1 + number % 5)
    query = Case.search().order_by(Case.created_at.desc()).page_size(2)

    with pytest.raises(QueryError, match="order_by"):
        list(query)
    assert len(list(query.limit(4))) == 4
    assert server.requests[0].body["sort"] == [{"conversation_created_at": "desc"}]


def test_more_of_one_time_than_the_api_gives_is_said(server: Emulator, client: Client) -> None:
    for _ in range(3):
        server.world.add("conversation")

    def many(document: Any) -> Any:
        document["meta"]["total"] = 12_000
        return document

    server.faults.add(Fault.answer(many, times=None))

    with pytest.raises(QueryError, match="12000 records were updated"):
        list(Case.search().page_size(2))


def test_narrowing_makes_another_search(server: Emulator, client: Client) -> None:
    server.world.add("conversation", status="done", deleted=True)
    server.world.add("conversation", status="open")
    every = Case.search()

    assert every.where(Case.status == "done").count() == 0
    assert every.include_deleted().where(Case.status == "done").count() == 1
    assert every.count() == 1
    assert every.first() is not None
    assert list(every.archive()) == []
    assert server.requests[-1].path == "/v1/customers/archive/search"


def test_fresh_reads_again_what_the_index_shows_as_it_was(server: Emulator, client: Client) -> None:
    id_ = server.world.add("conversation", name="old")
    server.behaviour.search_lag = 60
    server.world.edit("conversation", id_, name="new")

    assert [one.name for one in Case.search()] == ["old"]
    assert [one.name for one in Case.search().fresh()] == ["new"]


def test_a_record_that_is_held_is_not_moved_back(server: Emulator, client: Client) -> None:
    id_ = server.world.add("conversation", name="old")
    server.behaviour.search_lag = 60
    server.world.edit("conversation", id_, name="new")

    with client.identity_scope():
        held = Case.get(id_)
        (found,) = Case.search()
        assert found is held
        assert held.name == "new"


def test_a_search_is_not_cached(server: Emulator, fake_time: Any) -> None:
    with Client(server.api_key, base_url=server.url, cache=60, clock=fake_time.clock()) as client:
        id_ = server.world.add("conversation", name="a")
        list(Case.search())
        server.requests.clear()

        Case.get(id_)

        assert len(server.requests) == 1
        client.close()


def test_a_search_that_fails_is_repeated(server: Emulator, client: Client) -> None:
    server.world.add("conversation")
    server.faults.add(Fault.status(503, times=2), Fault.cut_after(times=1))

    assert len(list(Case.search())) == 1


def test_an_answer_that_is_no_page_is_refused(server: Emulator, client: Client) -> None:
    server.faults.add(Fault.html(status=200))

    with pytest.raises(UnexpectedAnswerError):
        list(Case.search())


def test_a_record_without_its_time_leads_nowhere(server: Emulator, client: Client) -> None:
    for _ in range(3):
        server.world.put_raw("conversation", server.world.add("conversation"), name="a")

    def timeless(document: Any) -> Any:
        for one in document["data"]:
            del one["attributes"]["updatedAt"]
        return document

    server.faults.add(Fault.answer(timeless, times=None))

    with pytest.raises(UnexpectedAnswerError, match="updatedAt"):
        list(Case.search().page_size(2))


# -- what a search must not do silently ------------------------------------------------------------


def test_one_of_no_values_is_refused_since_it_would_find_everything() -> None:
    with pytest.raises(QueryError, match="no values"):
        Case.status.in_([])
    with pytest.raises(InvalidValueError, match="several values"):
        Case.name.in_("abc")


@pytest.mark.parametrize(
    "criterion",
    [
        lambda: Case.updated_at >= None,
        lambda: Case.priority < None,
        lambda: Case.due.between(NOON, None),
        lambda: Case.name.contains(None),
    ],
)
def test_nothing_is_no_bound(criterion: Callable[[], Any]) -> None:
    with pytest.raises(InvalidValueError, match="got None"):
        criterion()


class Regular(Customer):
    """A customer with an attribute whose key conversations may have as well."""

    refund = custom.Num()


@pytest.mark.parametrize(
    "criterion",
    [lambda: Customer.name == "Jane", lambda: Regular.refund >= 3],
    ids=["own", "custom"],
)
def test_another_types_attribute_is_not_taken_for_ones_own(
    server: Emulator, client: Client, criterion: Callable[[], Any]
) -> None:
    with pytest.raises(QueryError, match="is no attribute of Case"):
        Case.search(criterion())
    assert server.requests == []


def test_a_base_class_is_searched_by_what_a_subclass_declares(
    server: Emulator, client: Client
) -> None:
    server.world.add("conversation", custom={"refundNum": 5})

    assert Conversation.search(Case.refund >= 3).count() == 1


def test_a_refusal_does_not_repeat_what_was_searched_for(client: Client) -> None:
    with pytest.raises(QueryError) as refused:
        Case.search(~((Case.name == "Jane Doe") & (Raw("customer_email", "equals", "j@x.com"))))

    assert "Jane" not in str(refused.value)
    assert "j@x.com" not in str(refused.value)


def test_a_search_may_begin_at_the_very_time_that_it_comes_to(
    server: Emulator, client: Client
) -> None:
    ids = [server.world.add("conversation") for _ in range(5)]
    for id_ in ids:
        server.world.put_raw("conversation", id_, updatedAt=WIRE_NOON)

    query = Case.search(Case.updated_at.between(NOON, NOON)).page_size(2)

    assert sorted(str(one.id) for one in query) == sorted(ids)


def test_one_that_takes_the_place_of_another_hides_nobody(
    server: Emulator, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The total stays the same, a record that stays is shifted to the page before, unseen."""
    monkeypatch.setattr("kustomer_orm.records.searching._LARGEST", 2)
    *staying, late = sorted(server.world.add("conversation") for _ in range(5))
    leaving = staying[0]
    for id_ in staying:
        server.world.put_raw("conversation", id_, updatedAt=WIRE_NOON)
    server.world.put_raw("conversation", late, updatedAt="2026-01-01T11:00:00.000Z")

    def swap(_: object) -> None:
        server.world.put_raw("conversation", leaving, updatedAt="2026-01-01T13:00:00.000Z")
        server.world.put_raw("conversation", late, updatedAt=WIRE_NOON)

    # The first two requests come to the time; the third is its first page, the fourth the second.
    server.faults.add(Fault.before(swap, skip=3, times=1))

    found = [str(one.id) for one in Case.search().page_size(2)]

    assert len(server.faults) == 0
    assert sorted(found) == sorted([*staying, late])


def test_an_answer_in_another_order_is_refused(server: Emulator, client: Client) -> None:
    for number in range(3):
        id_ = server.world.add("conversation")
        server.world.put_raw("conversation", id_, updatedAt=f"2026-01-01T00:00:0{number}.000Z")

    def unsorted(document: Any) -> Any:
        document["data"].reverse()
        return document

    server.faults.add(Fault.answer(unsorted, times=None))

    with pytest.raises(UnexpectedAnswerError, match="not sorted by updatedAt"):
        list(Case.search().page_size(2))


def test_a_count_that_the_server_does_not_tell_is_not_none(
    server: Emulator, client: Client
) -> None:
    server.world.add("conversation")

    def untold(document: Any) -> Any:
        del document["meta"]["total"]
        return document

    server.faults.add(Fault.answer(untold))

    with pytest.raises(QueryError, match="no total"):
        Case.search().count()


def test_an_answer_that_is_cut_short_is_asked_for_again(server: Emulator, client: Client) -> None:
    server.world.add("conversation")
    server.faults.add(Fault.cut_inside(times=1))

    assert len(list(Case.search())) == 1
    assert len(server.requests) == 2


def test_a_search_that_keeps_failing_has_done_nothing(server: Emulator, client: Client) -> None:
    server.faults.add(Fault.status(503, times=None))

    with pytest.raises(ServerError):
        Case.search().count()


# -- searches that would find too much ------------------------------------------------------------


@pytest.mark.parametrize("words", ["", " ", "\n\t"])
def test_a_search_for_no_words_is_refused_since_it_finds_everything(words: str) -> None:
    with pytest.raises(QueryError, match=r"Case\.order_number.*everything"):
        Case.order_number.contains(words)


@pytest.mark.parametrize("values", [5, None, "one"])
def test_several_values_are_asked_for_in_words(values: Any) -> None:
    with pytest.raises(InvalidValueError, match="several values"):
        Case.order_number.in_(values)


def test_what_utf_8_cannot_hold_is_refused_where_it_is_written() -> None:
    with pytest.raises(InvalidValueError, match="surrogates"):
        Case.order_number.contains("\ud800")
