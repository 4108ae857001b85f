"""Lists: asked for page by page, nothing kept, nothing followed that leads away."""

from __future__ import annotations

import gc
import weakref
from datetime import UTC, datetime
from typing import Any

import pytest

from kustomer_orm import AuditLog, Client, Company, Conversation, Customer, KObject, Note, Tag, User
from kustomer_orm.emulator import Emulator, Fault
from kustomer_orm.errors import (
    InvalidValueError,
    NotFoundError,
    NotLoadedError,
    QueryError,
    ReadOnlyAttributeError,
    UnexpectedAnswerError,
)


def conversations(server: Emulator, count: int) -> list[str]:
    customer = server.world.add("customer", name="Jane")
    return [server.world.add("conversation", customer=customer) for _ in range(count)]


def targets(server: Emulator) -> list[str]:
    return [each.target.removeprefix("/v1/") for each in server.requests]


def test_a_list_is_asked_for_page_by_page(server: Emulator, client: Client) -> None:
    ids = conversations(server, 5)
    query = Conversation.all(page_size=2)
    assert server.requests == []

    assert [record.id for record in query] == ids

    assert targets(server) == [
        "conversations?pageSize=2",
        "conversations?page=2&pageSize=2",
        "conversations?page=3&pageSize=2",
    ]
    assert [record.id for record in query] == ids  # again is asked again
    assert len(server.requests) == 6


def test_nothing_is_asked_before_it_is_wanted(server: Emulator, client: Client) -> None:
    conversations(server, 5)

    pages = iter(Conversation.all(page_size=2).pages())
    next(pages)

    assert len(server.requests) == 1


def test_pages_that_were_passed_are_let_go_of(server: Emulator, client: Client) -> None:
    conversations(server, 10)
    seen: list[Any] = []

    for page in Conversation.all(page_size=2).pages():
        seen.append(weakref.ref(page.records[0]))
        del page
        gc.collect()

    assert sum(reference() is not None for reference in seen) <= 1


@pytest.mark.parametrize(("most", "requests"), [(1, 1), (2, 1), (3, 2), (9, 3)])
def test_a_limit_asks_for_no_more_than_it_needs(
    server: Emulator, client: Client, most: int, requests: int
) -> None:
    ids = conversations(server, 5)

    found = [record.id for record in Conversation.all(limit=most, page_size=2)]

    assert found == ids[:most]
    assert len(server.requests) == requests


def test_the_first_is_one_small_page(server: Emulator, client: Client) -> None:
    ids = conversations(server, 3)

    first = Conversation.all().first()

    assert first is not None
    assert first.id == ids[0]
    assert targets(server) == ["conversations?pageSize=1"]
    assert Tag.all().first() is None


def test_ids_are_the_records_ids(server: Emulator, client: Client) -> None:
    ids = conversations(server, 3)

    assert list(Conversation.all(page_size=2).ids()) == ids


def test_a_total_is_told_where_the_api_tells_it(server: Emulator, client: Client) -> None:
    conversations(server, 3)
    server.world.add("customer", name="Jim")

    assert Customer.all().count() == 2
    assert targets(server) == ["customers?pageSize=1"]
    with pytest.raises(QueryError, match="tells no total"):
        Conversation.all().count()
    assert AuditLog.all().count() == 0


def test_a_query_is_neither_true_nor_false(client: Client) -> None:
    with pytest.raises(QueryError, match=r"first\(\)"):
        bool(Conversation.all())
    with pytest.raises(TypeError):
        len(Conversation.all())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("value", [0, -1, True, 1.5, "2"])
def test_a_size_that_is_no_count_is_refused(client: Client, value: Any) -> None:
    for narrow in (Conversation.all().limit, Conversation.all().page_size):
        with pytest.raises(InvalidValueError, match="whole number"):
            narrow(value)


# -- filters ---------------------------------------------------------------------------------------


def test_filters_are_spelled_as_the_api_spells_them(server: Emulator, client: Client) -> None:
    sam = User.create(name="Sam", email="sam@example.com")
    server.requests.clear()

    found = User.all(email="sam@example.com").first()

    assert found == sam
    assert targets(server) == ["users?email=sam%40example.com&pageSize=1"]


def test_truth_instants_and_records_are_filter_values(server: Emulator, client: Client) -> None:
    server.world.add("tag", name="a", deleted=True)
    order = KObject.of("order")
    server.world.add("kobject.order", title="One")
    server.requests.clear()

    assert list(Tag.all(deleted=False)) == []
    list(order.all(from_date=datetime(2026, 1, 1, tzinfo=UTC)))

    assert targets(server) == [
        "tags?deleted=false",
        "klasses/order?fromDate=2026-01-01T00%3A00%3A00.000Z",
    ]


def test_a_filter_that_the_api_does_not_have_is_refused(server: Emulator, client: Client) -> None:
    with pytest.raises(QueryError, match="did you mean 'email'"):
        User.all(emial="x")
    with pytest.raises(QueryError, match="one of these filters at a time"):
        Company.all(external_id="A", name="Lark")
    with pytest.raises(InvalidValueError, match="a text, number"):
        User.all(email=["a"])
    assert server.requests == []


# -- answers that are wrong ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "link",
    ["https://evil.example/v1/conversations?page=2", "/v1/users?page=2", 5, "/v1/conversations"],
)
def test_a_next_that_leads_elsewhere_is_not_followed(
    server: Emulator, client: Client, link: Any
) -> None:
    conversations(server, 1)

    def lead(document: Any) -> Any:
        document["links"]["next"] = link
        return document

    server.faults.add(Fault.answer(lead))

    with pytest.raises(UnexpectedAnswerError, match="somewhere else"):
        list(Conversation.all())
    assert len(server.requests) == 1


def test_an_answer_that_is_no_list_is_refused(server: Emulator, client: Client) -> None:
    server.faults.add(Fault.status(200, body={"data": {"type": "conversation"}}))

    with pytest.raises(UnexpectedAnswerError, match="not a list"):
        list(Conversation.all())


def test_a_record_of_another_type_is_refused(server: Emulator, client: Client) -> None:
    conversations(server, 1)
    one = {"type": "user", "id": "a", "attributes": {}}
    server.faults.add(Fault.status(200, body={"data": [one]}))

    with pytest.raises(UnexpectedAnswerError):
        list(Conversation.all())


def test_an_empty_page_ends_the_list(server: Emulator, client: Client) -> None:
    body = {"data": [], "links": {"next": "/v1/conversations?page=2"}}
    server.faults.add(Fault.status(200, body=body))

    assert list(Conversation.all()) == []
    assert len(server.requests) == 1


def test_a_list_with_a_cursor_is_followed(server: Emulator, client: Client) -> None:
    ids = [server.world.add("audit_log", eventName=str(number)) for number in range(5)]

    found = [log.id for log in AuditLog.all(page_size=2)]

    assert found == ids[::-1]
    assert targets(server)[1].startswith("audit-logs?count=2&before=")


# -- below a record --------------------------------------------------------------------------------


def test_what_lies_below_a_record_is_listed_and_made_there(
    server: Emulator, client: Client
) -> None:
    conversation = Conversation.get(conversations(server, 1)[0])
    server.requests.clear()

    note = conversation.notes.create(body="Called back")

    assert targets(server) == [f"conversations/{conversation.id}/notes"]
    assert server.requests[0].body == {"body": "Called back"}
    assert note.conversation.id == conversation.id
    assert [found.id for found in conversation.notes] == [note.id]
    assert not note.is_dirty


def test_a_filter_of_a_collection_is_checked(server: Emulator, client: Client) -> None:
    conversation = Conversation(id=conversations(server, 1)[0])
    for name in ("one", "two"):
        server.world.add("customer_event", conversation=conversation.id, name=name)

    assert [event.name for event in conversation.events.where(name="two")] == ["two"]
    with pytest.raises(QueryError, match="not filtered by 'nmae'"):
        conversation.events.where(nmae="two")


def test_a_collection_is_not_assigned_and_needs_a_saved_record(client: Client) -> None:
    conversation = Conversation(id="5f00000000000000000000aa")

    with pytest.raises(ReadOnlyAttributeError, match="create"):
        conversation.notes = []
    with pytest.raises(NotLoadedError):
        _ = Conversation().notes
    with pytest.raises(QueryError, match="creates nothing"):
        conversation.events.create(name="x")
    assert repr(Conversation.notes) == "<Collection Conversation.notes of note>"


def test_what_is_not_below_the_record_is_not_found(server: Emulator, client: Client) -> None:
    first, second = conversations(server, 2)
    note = Conversation(id=first).notes.create(body="a")

    with pytest.raises(NotFoundError):
        Conversation(id=second).notes.get(note.id)
    assert Conversation(id=first).notes.get(note.id) == note


def test_a_new_record_below_another_travels(server: Emulator, client: Client) -> None:
    conversation = Conversation(id=conversations(server, 1)[0])
    note = Note.from_snapshot(conversation.notes.new(body="a").snapshot())

    note.save()

    assert server.requests[-1].path == f"/v1/conversations/{conversation.id}/notes"


# -- related records -------------------------------------------------------------------------------


def scene(server: Emulator, count: int = 4) -> list[str]:
    lark = server.world.add("company", name="Lark")
    sam = server.world.add("user", name="Sam", email="sam@example.com")
    return [
        server.world.add(
            "conversation",
            customer=server.world.add("customer", name=f"Customer {number}", company=lark),
            assignedUsers=[sam],
        )
        for number in range(count)
    ]


def test_related_records_are_loaded_together(server: Emulator, client: Client) -> None:
    scene(server)

    with client.count_requests() as count:
        found: list[Any] = list(Conversation.all().prefetch("customer.company", "assigned_users"))
        names = [(one.customer.name, one.customer.company.name) for one in found]
        assert [user.name for one in found for user in one.assigned_users] == ["Sam"] * 4

    assert names == [(f"Customer {number}", "Lark") for number in range(4)]
    assert count.total == 4  # the list, customers, companies, users
    assert repr(count) == "<RequestCount total=4>"
    assert not any(one.is_dirty for one in found)


def test_records_at_hand_are_not_asked_for(server: Emulator, client: Client) -> None:
    ids = scene(server)
    with client.identity_scope():
        found: list[Any] = [*Conversation.get_many(ids)]
        _ = [one.customer.name for one in found[:3]]
        server.requests.clear()

        Conversation.prefetch(found, "customer")

    assert len(server.requests) == 1
    assert "," not in server.requests[0].path


def test_what_is_gone_raises_when_it_is_read(server: Emulator, client: Client) -> None:
    found: list[Any] = [*Conversation.get_many(scene(server, 2))]
    server.world.delete("customer", str(found[0].customer.id))

    Conversation.prefetch(found, "customer")

    assert found[1].customer.name == "Customer 1"
    with pytest.raises(NotFoundError):
        _ = found[0].customer.name


def test_a_name_that_is_no_relation_is_refused(server: Emulator, client: Client) -> None:
    found = Conversation.get_many(scene(server, 1))

    with pytest.raises(QueryError, match=r"no relation 'name'.*customer"):
        Conversation.prefetch(found, "name")


def test_strict_loading_names_the_cure_and_prefetch_is_one(server: Emulator) -> None:
    ids = scene(server, 1)
    with Client(server.api_key, base_url=server.url, strict_loading=True) as client:
        one: Any = Conversation.get_many(ids)[0]
        with pytest.raises(NotLoadedError, match="strict_loading"):
            _ = one.customer.name
        Conversation.prefetch([one], "customer")
        assert one.customer.name == "Customer 0"
        client.close()


def test_a_server_that_takes_one_id_at_a_time_is_served(server: Emulator, client: Client) -> None:
    server.behaviour.several_ids = "documented"
    ids = [server.world.add("company", name=f"Company {number}") for number in range(3)]

    assert [company.id for company in Company.get_many(ids)] == ids
