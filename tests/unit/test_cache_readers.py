"""One mapping, read with several keys by clients that come and go: no write is missed."""

from __future__ import annotations

import gc
import weakref
from collections import UserDict
from collections.abc import Iterator
from typing import Any

import cachetools
import pytest

from kustomer_orm import Client, Conversation, errors
from kustomer_orm.cache import shelf
from kustomer_orm.emulator import Emulator

KEYS = ("first-key", "second-key", "third-key")


@pytest.fixture(autouse=True)
def any_key(server: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the emulator take every key, for the real API has many of one organisation."""
    monkeypatch.setattr(server._gate, "check_token", lambda exchange: None)


def client_of(server: Emulator, cache: Any, key: str) -> Client:
    return Client(key, base_url=server.url, org=server.org, cache=cache)


class Fragile(UserDict[Any, Any]):
    """A mapping whose verbs raise while they are told to."""

    def __init__(self) -> None:
        super().__init__()
        self.down: set[str] = set()
        self.listed = 0

    def __delitem__(self, key: Any) -> None:
        if "del" in self.down:
            raise ConnectionError
        super().__delitem__(key)

    def __iter__(self) -> Iterator[Any]:
        self.listed += 1
        if "iter" in self.down:
            raise ConnectionError
        return super().__iter__()


def read_and_leave(server: Emulator, mapping: Any, key: str, id_: str) -> None:
    """Read with a client that is gone afterwards."""
    Conversation.using(client_of(server, mapping, key)).get(id_)
    gc.collect()
    assert id(mapping) not in shelf._shelves


@pytest.mark.parametrize("make", [dict, Fragile, lambda: cachetools.TTLCache[Any, Any](10, 60)])
@pytest.mark.parametrize("how", ["save", "delete", "drop"])
def test_a_write_drops_what_a_client_that_is_gone_has_read(
    server: Emulator, make: Any, how: str
) -> None:
    mapping = make()
    id_ = server.world.add("conversation", name="Hi")
    for key in KEYS[:2]:
        read_and_leave(server, mapping, key, id_)
    assert len(mapping) == 2

    writer = client_of(server, mapping, KEYS[2])
    record = Conversation.using(writer).get(id_)
    if how == "save":
        record.name = "Ho"
        record.save()
    elif how == "delete":
        record.delete()
    else:
        server.world.edit("conversation", id_, name="Ho")
        writer.cache.drop("conversation", id_)
    for key in KEYS[:2]:
        again = Conversation.using(client_of(server, mapping, key))
        if how == "delete":
            with pytest.raises(errors.NotFoundError):
                again.get(id_)
        else:
            assert again.get(id_).name == "Ho"


def test_the_keys_are_listed_once_and_for_a_write_only(server: Emulator) -> None:
    """A listing may be dear: of a store outside of the process it asks for every key."""
    mapping = Fragile()
    client = client_of(server, mapping, KEYS[0])
    record = Conversation.using(client).get(server.world.add("conversation"))
    assert mapping.listed == 0
    for number in range(5):
        record.priority = 1 + number % 5
        record.name = f"Turn {number}"
        record.save()
    assert mapping.listed == 1


def test_where_the_keys_cannot_be_listed_others_are_not_believed(server: Emulator) -> None:
    mapping = Fragile()
    ids = [server.world.add("conversation", name="Hi") for _ in range(2)]
    for id_ in ids:
        read_and_leave(server, mapping, KEYS[0], id_)
    mapping.down = {"iter"}
    record = Conversation.using(client_of(server, mapping, KEYS[1])).get(ids[0])
    record.name = "Ho"
    record.save()
    mapping.down = set()
    server.requests.clear()
    again = Conversation.using(client_of(server, mapping, KEYS[0]))
    assert [again.get(id_).name for id_ in ids] == ["Ho", "Hi"]
    assert [each.path for each in server.requests] == [f"/v1/conversations/{ids[0]}"]
    assert again.get(ids[0]).name == "Ho"
    assert len(server.requests) == 1, "what was read since is believed"


def test_what_could_not_be_taken_out_is_not_believed_by_clients_that_come_later(
    server: Emulator,
) -> None:
    mapping = Fragile()
    id_ = server.world.add("conversation", name="Hi")
    read_and_leave(server, mapping, KEYS[0], id_)
    mapping.down = {"del"}
    server.world.edit("conversation", id_, name="Ho")
    client_of(server, mapping, KEYS[1]).cache.drop("conversation", id_)
    mapping.down = set()
    gc.collect()
    assert id(mapping) not in shelf._shelves
    assert Conversation.using(client_of(server, mapping, KEYS[0])).get(id_).name == "Ho"


def test_what_is_remembered_of_a_mapping_goes_with_it(server: Emulator) -> None:
    mapping = Fragile()
    read_and_leave(server, mapping, KEYS[0], server.world.add("conversation"))
    place, gone = id(mapping), weakref.ref(mapping)
    assert place in shelf._doubts
    del mapping
    gc.collect()
    assert gone() is None
    assert place not in shelf._doubts
