"""A record that stands for an id: made without a request, loaded on access or with others."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from kustomer_orm import Client, Conversation
from kustomer_orm.emulator import Emulator
from kustomer_orm.errors import InvalidValueError, NotFoundError
from kustomer_orm.records.prefetching import load

MISSING = "5a1f0000000000000000abcd"


def test_it_is_loaded_when_it_is_read(server: Emulator, client: Client) -> None:
    id_ = server.world.add("conversation", name="Hi")
    record = Conversation.using(client).lazily(id_)
    assert (record.id, record["id"], record.key) == (id_, id_, (client.org, "conversation", id_))
    assert server.requests == []

    assert (record.name, record.priority) == ("Hi", 3)
    assert len(server.requests) == 1


def test_what_cannot_be_an_id_is_refused(client: Client) -> None:
    wrong: Any
    for wrong in ("", "..", "a/b", 5):
        with pytest.raises(InvalidValueError, match=r"Conversation\.id"):
            Conversation.using(client).lazily(wrong)


def test_in_a_scope_it_is_the_one_that_is_held(server: Emulator, client: Client) -> None:
    id_ = server.world.add("conversation", name="Hi")
    with client.identity_scope():
        record = Conversation.using(client).lazily(id_)
        assert Conversation.using(client).lazily(id_) is record
        assert Conversation.get(id_) is record
        assert record.name == "Hi"
    assert len(server.requests) == 1


@pytest.mark.parametrize("question", ["id", "key", "is_dirty", "changes", "is_missing", "raw"])
def test_a_template_asks_its_questions_without_loading(
    server: Emulator, client: Client, question: str
) -> None:
    """A template tries `record["is_dirty"]` before `record.is_dirty`."""
    record: Any = Conversation.using(client).lazily(server.world.add("conversation"))
    try:
        found = record[question]
    except KeyError:
        found = getattr(record, question)

    assert found == getattr(record, question)
    assert server.requests == []


def test_keys_of_the_servers_are_loaded_as_ever(server: Emulator, client: Client) -> None:
    record = Conversation.using(client).lazily(server.world.add("conversation", name="Hi"))

    assert record["rev"] == 1
    assert record["name"] == "Hi"
    with pytest.raises(KeyError):
        record["is_dirty"]


def test_several_are_loaded_by_one_request_for_each_client(
    server: Emulator, client: Client
) -> None:
    ids = [server.world.add("conversation", name=f"No {i}") for i in range(5)]
    with Client(server.api_key, base_url=server.url, org="again") as again:
        mine = [Conversation.using(client).lazily(id_) for id_ in ids]
        others = [Conversation.using(again).lazily(id_) for id_ in ids]
        twins = [Conversation.using(client).lazily(id_) for id_ in ids]
        load([*mine, *others, *twins])
        again.close()

    assert len(server.requests) == 2
    assert [record.name for record in mine] == [record.name for record in twins]
    assert others[0].key[0] == "again"


def test_what_is_not_there_says_so_and_is_not_asked_for_again(
    server: Emulator, client: Client
) -> None:
    missing = Conversation.using(client).lazily(MISSING)
    load([missing, Conversation.using(client).lazily(server.world.add("conversation"))])
    asked = len(server.requests)

    for _ in range(2):
        with pytest.raises(NotFoundError) as caught:
            _ = missing.name
        assert caught.value.path == f"/v1/conversations/{MISSING}"
    assert missing.is_missing
    assert len(server.requests) == asked


def test_a_copy_asks_for_itself(server: Emulator, client: Client) -> None:
    missing = Conversation.using(client).lazily(MISSING)
    load([missing])
    asked = len(server.requests)

    for twin in (copy.copy(missing), pickle.loads(pickle.dumps(missing))):
        assert not twin.is_missing
        with pytest.raises(NotFoundError):
            _ = twin.name
    assert len(server.requests) == asked + 2
