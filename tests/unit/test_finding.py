"""Records by id, by ids and by another key; answers about anything else are refused."""

from __future__ import annotations

from typing import Any

import pytest

from kustomer_orm import Client, Conversation, Customer, Shortcut, User, errors
from kustomer_orm.emulator import Emulator, Fault


def targets(server: Emulator) -> list[str]:
    return [exchange.target for exchange in server.requests]


def test_one_record_is_one_request(server: Emulator, client: Client) -> None:
    id_ = server.world.add("conversation", name="Hi")
    conversation = Conversation.get(id_)
    assert (conversation.id, conversation.name, conversation.rev) == (id_, "Hi", 1)
    assert not conversation.is_dirty
    assert [(each.method, each.target, each.raw) for each in server.requests] == [
        ("GET", f"/v1/conversations/{id_}", b"")
    ]


@pytest.mark.parametrize(("cls", "kind"), [(Customer, "customer"), (User, "user")])
def test_customers_and_users_are_found_as_conversations_are(
    server: Emulator, client: Client, cls: Any, kind: str
) -> None:
    id_ = server.world.add(kind, name="Jane")
    assert cls.get(id_).name == "Jane"
    assert [record.id for record in cls.get_many([id_])] == [id_]


def test_several_records_come_in_the_order_of_their_ids_by_one_request(
    server: Emulator, client: Client
) -> None:
    ids = [server.world.add("conversation", name=f"Nr {n}") for n in range(5)]
    wanted = [ids[3], ids[0], ids[4], ids[0]]
    found = Conversation.get_many(iter(wanted))
    assert [record.name for record in found] == ["Nr 3", "Nr 0", "Nr 4"]
    assert targets(server) == [f"/v1/conversations/{ids[3]},{ids[0]},{ids[4]}"]


def test_no_ids_are_no_request(server: Emulator, client: Client) -> None:
    assert Conversation.get_many([]) == []
    assert server.requests == []


def test_many_ids_go_in_chunks_of_a_hundred(server: Emulator, client: Client) -> None:
    ids = [server.world.add("conversation") for _ in range(201)]
    found = Conversation.get_many(ids)
    assert [record.id for record in found] == ids
    assert [len(target.split(",")) for target in targets(server)] == [100, 100, 1]
    assert all(len(target) < 4_000 for target in targets(server))


def test_ids_that_do_not_exist_are_left_out(server: Emulator, client: Client) -> None:
    ids = [server.world.add("conversation") for _ in range(3)]
    server.world.delete("conversation", ids[1])
    assert [record.id for record in Conversation.get_many(ids)] == [ids[0], ids[2]]
    assert len(server.requests) == 1
    assert Conversation.get_many([ids[1]]) == []


def test_a_server_that_refuses_the_whole_list_is_asked_in_halves(
    server: Emulator, client: Client
) -> None:
    server.behaviour.missing_ids = "not_found"
    ids = [server.world.add("conversation") for _ in range(8)]
    for gone in (ids[2], ids[7]):
        server.world.delete("conversation", gone)

    found = Conversation.get_many(ids)

    assert [record.id for record in found] == [each for each in ids if each not in {ids[2], ids[7]}]
    asked = [
        tuple(target.removeprefix("/v1/conversations/").split(",")) for target in targets(server)
    ]
    assert asked[0] == tuple(ids)
    assert (ids[2],) in asked
    assert (ids[7],) in asked
    assert len(asked) == len(set(asked)) == 11


def test_a_failure_in_the_middle_of_many_is_raised(server: Emulator, client: Client) -> None:
    ids = [server.world.add("conversation") for _ in range(150)]
    server.faults.add(Fault.status(403, skip=1))
    with pytest.raises(errors.PermissionDeniedError):
        Conversation.get_many(ids)


def test_an_external_id_finds_its_record(server: Emulator, client: Client) -> None:
    id_ = server.world.add("conversation", externalId="A-1")
    assert Conversation.get_by(external_id="A-1").id == id_
    assert targets(server) == ["/v1/conversations/externalId=A-1"]


@pytest.mark.parametrize(
    ("look_up", "spelled"),
    [
        ({"external_id": "C-1"}, "externalId=C-1"),
        ({"email": "jane+1@example.com"}, "email=jane%2B1%40example.com"),
        ({"phone": "+49 30 1"}, "phone=%2B49%2030%201"),
    ],
)
def test_a_customer_is_found_by_what_the_api_looks_up(
    server: Emulator, client: Client, look_up: dict[str, str], spelled: str
) -> None:
    id_ = server.world.add("customer", name="Jane")
    shown = server.world.get("customer", id_)
    server.faults.add(Fault.status(200, body={"data": shown}))
    assert Customer.get_by(**look_up).id == id_
    assert targets(server) == [f"/v1/customers/{spelled}"]


@pytest.mark.parametrize(
    "look_up",
    [{}, {"name": "x"}, {"externalId": "x"}, {"external_id": "x", "name": "y"}, {"email": "x"}],
)
def test_a_look_up_that_the_api_does_not_have_is_refused(
    server: Emulator, client: Client, look_up: dict[str, str]
) -> None:
    with pytest.raises(errors.UnknownAttributeError, match="external_id"):
        Conversation.get_by(**look_up)
    with pytest.raises(errors.UnknownAttributeError, match=r"use get\(id\)"):
        Shortcut.get_by(external_id="x")
    assert server.requests == []


@pytest.mark.parametrize("value", ["", None, 5, b"x", ["x"]])
def test_a_look_up_value_that_is_no_text_is_refused(
    server: Emulator, client: Client, value: Any
) -> None:
    with pytest.raises(errors.InvalidValueError, match="not empty"):
        Conversation.get_by(external_id=value)
    assert server.requests == []


def test_a_record_that_is_not_there_is_named_without_the_looked_up_value(
    server: Emulator, client: Client
) -> None:
    with pytest.raises(errors.NotFoundError) as by_id:
        Conversation.get("5f0000000000000000000001")
    with pytest.raises(errors.NotFoundError) as by_key:
        Conversation.get_by(external_id="A-1")
    assert by_id.value.path == "/v1/conversations/5f0000000000000000000001"
    assert by_key.value.path == "/v1/conversations/externalId=…"
    assert (by_key.value.status, by_key.value.code) == (404, "notfound")


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        "text",
        {},
        {"type": "conversation", "id": "5f0000000000000000000001"},
        {"type": "conversation", "id": 5, "attributes": {}},
        {"type": "conversation", "id": "5f0000000000000000000001", "attributes": []},
        {"type": "customer", "id": "5f0000000000000000000001", "attributes": {}},
        {"type": "conversation", "id": "5f0000000000000000000002", "attributes": {}},
        {
            "type": "conversation",
            "id": "5f0000000000000000000001",
            "attributes": {},
            "relationships": [],
        },
    ],
)
def test_an_answer_that_is_not_the_record_asked_for_is_refused(
    server: Emulator, client: Client, data: Any
) -> None:
    id_ = "5f0000000000000000000001"
    server.faults.add(Fault.status(200, body={"data": data}, times=None))
    with pytest.raises(errors.UnexpectedAnswerError):
        Conversation.get(id_)
    conversation = Conversation(id=id_, name="Mine")
    with pytest.raises(errors.UnexpectedAnswerError):
        conversation.refresh()
    assert conversation.changes == {"name": (None, "Mine")}
    with pytest.raises(errors.NotLoadedError):
        _ = conversation.status
