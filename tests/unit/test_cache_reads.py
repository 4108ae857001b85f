"""Reads with a cache: what needs no request, what asks all the same, and what nobody shares."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Iterator
from typing import Any

import cachetools
import pytest

from kustomer_orm import Client, Conversation, Customer, custom, errors
from kustomer_orm.cache import CacheStats
from kustomer_orm.emulator import Emulator, Fault
from tests.conftest import FakeTime


@pytest.fixture
def cached(server: Emulator, fake_time: FakeTime) -> Iterator[Client]:
    """A client that keeps what it read for a minute; current for the test."""
    settings: dict[str, Any] = {"clock": fake_time.clock(), "retry": 0}
    with Client(server.api_key, base_url=server.url, cache=60, **settings) as made:
        yield made
        made.close()


def paths(server: Emulator) -> list[str]:
    return [f"{each.method} {each.path}" for each in server.requests]


def test_a_second_get_makes_no_request_and_builds_a_new_record(
    server: Emulator, cached: Client
) -> None:
    id_ = server.world.add("conversation", name="Hi", tags=["vip"], custom={"noteTxt": "x"})
    first, second = Conversation.get(id_), Conversation.get(id_)

    assert paths(server) == [f"GET /v1/conversations/{id_}"]
    assert first is not second
    assert first == second
    assert first.raw == second.raw
    assert second.key == ("127.0.0.1:" + str(server.port), "conversation", id_)
    assert cached.cache.stats == CacheStats(hits=1, misses=1, stores=1, drops=0)
    assert len(cached.cache) == 1


def test_without_a_cache_every_get_asks(server: Emulator, client: Client) -> None:
    id_ = server.world.add("conversation")
    Conversation.get(id_)
    Conversation.get(id_)
    client.cache.drop("conversation", id_)
    client.cache.clear()

    assert len(server.requests) == 2
    assert (client.cache.is_on, len(client.cache), client.cache.stats) == (False, 0, (0, 0, 0, 0))
    assert repr(client.cache) == "<DocumentCache off>"


def test_an_edit_that_was_not_saved_reaches_no_other_reader(
    server: Emulator, cached: Client
) -> None:
    """Pitfall 80."""
    snooze = {"status": "scheduled", "time": "2026-02-01T00:00:00.000Z"}
    id_ = server.world.add("conversation", name="Hi", tags=["vip"], snooze=snooze)
    first, second = Conversation.get(id_), Conversation.get(id_)
    tag = server.world.tag_id("vip")
    for record in (first, second):
        record.name = "Mine"
        record.tags.append("mine")
        assert record.snooze is not None
        record.snooze["status"] = "canceled"
        record.custom["refundNum"] = 1

    third = Conversation.get(id_)
    assert third.snooze is not None
    assert (third.name, third.tags, third.snooze["status"]) == ("Hi", [tag], "scheduled")
    assert "refundNum" not in third.custom
    assert not third.is_dirty
    assert len(server.requests) == 1


def test_no_two_readers_share_a_list_at_any_depth_nor_one_with_the_mapping(
    server: Emulator,
) -> None:
    """Pitfall 80: not even out of sight."""
    mapping: dict[Any, Any] = {}
    client = Client(server.api_key, base_url=server.url, cache=mapping)
    id_ = server.world.add("conversation", tags=["vip"], custom={"noteTxt": "x"})
    records = [Conversation.using(client).get(id_) for _ in range(3)]
    (document,) = mapping.values()

    def containers(value: Any) -> Iterator[int]:
        if isinstance(value, (dict, list)):
            yield id(value)
            for inner in value.values() if isinstance(value, dict) else value:
                yield from containers(inner)

    held = [document["attributes"], document["relationships"]]
    for record in records:
        held += [record._state.attributes, record._state.relationships]
    seen = [each for value in held for each in containers(value)]
    assert len(seen) == len(set(seen))


def test_what_is_done_to_a_kept_document_changes_no_record(server: Emulator) -> None:
    """Pitfall 80: the mapping is the user's, and in the user's hands."""
    mapping: dict[Any, Any] = {}
    client = Client(server.api_key, base_url=server.url, cache=mapping)
    id_ = server.world.add("conversation", name="Hi", tags=["vip"])
    first, second = Conversation.using(client).get(id_), Conversation.using(client).get(id_)
    for document in mapping.values():
        document["attributes"]["name"] = "Spoilt"
        document["attributes"]["tags"].append("spoilt")

    for record in (first, second):
        assert (record.name, len(record.tags), record.is_dirty) == ("Hi", 1, False)


def test_what_is_kept_expires_by_the_clients_clock(
    server: Emulator, cached: Client, fake_time: FakeTime
) -> None:
    id_ = server.world.add("conversation", name="Hi")
    Conversation.get(id_)
    server.world.edit("conversation", id_, name="Theirs")
    fake_time.now += 59
    assert Conversation.get(id_).name == "Hi"
    fake_time.now += 2
    assert len(cached.cache) == 0
    assert Conversation.get(id_).name == "Theirs"
    assert len(server.requests) == 2


def test_fresh_asks_the_server_and_writes_through(server: Emulator, cached: Client) -> None:
    """Pitfall 81."""
    id_ = server.world.add("conversation", name="Hi")
    Conversation.get(id_)
    server.world.edit("conversation", id_, name="Theirs")

    assert Conversation.get(id_).name == "Hi"
    assert Conversation.get(id_, fresh=True).name == "Theirs"
    assert Conversation.get(id_).name == "Theirs"
    assert len(server.requests) == 2


def test_refresh_asks_the_server_and_writes_through(server: Emulator, cached: Client) -> None:
    """Pitfall 81."""
    id_ = server.world.add("conversation", name="Hi", priority=1)
    conversation = Conversation.get(id_)
    server.world.edit("conversation", id_, name="Theirs")
    conversation.priority = 2
    conversation.refresh()

    kept = Conversation.get(id_)
    assert (conversation.name, conversation.priority) == ("Theirs", 2)
    assert (kept.name, kept.priority) == ("Theirs", 1)
    assert len(server.requests) == 2


def test_get_many_asks_only_for_what_is_missing(server: Emulator, cached: Client) -> None:
    ids = [server.world.add("conversation", name=f"Nr {n}") for n in range(4)]
    Conversation.get(ids[2])
    found = Conversation.get_many(ids)
    again = Conversation.get_many(reversed(ids))

    assert paths(server)[1:] == [f"GET /v1/conversations/{ids[0]},{ids[1]},{ids[3]}"]
    assert [each.name for each in found] == ["Nr 0", "Nr 1", "Nr 2", "Nr 3"]
    assert [each.id for each in again] == ids[::-1]
    assert not {id(each) for each in found} & {id(each) for each in again}
    assert cached.cache.stats == (5, 4, 4, 0)


def test_get_many_fresh_asks_for_all_and_drops_what_is_gone(
    server: Emulator, cached: Client
) -> None:
    """Pitfall 81."""
    ids = [server.world.add("conversation", name=f"Nr {n}") for n in range(3)]
    Conversation.get_many(ids)
    server.world.edit("conversation", ids[0], name="Theirs")
    server.world.delete("conversation", ids[1])

    assert [each.name for each in Conversation.get_many(ids, fresh=True)] == ["Theirs", "Nr 2"]
    assert [each.name for each in Conversation.get_many([ids[0], ids[2]])] == ["Theirs", "Nr 2"]
    assert len(server.requests) == 2
    with pytest.raises(errors.NotFoundError):
        Conversation.get(ids[1])


def test_get_many_of_a_server_that_refuses_the_list_keeps_what_it_got(
    server: Emulator, cached: Client
) -> None:
    server.behaviour.missing_ids = "not_found"
    ids = [server.world.add("conversation", name=f"Nr {n}") for n in range(4)]
    server.world.delete("conversation", ids[1])
    Conversation.get_many(ids)
    server.requests.clear()
    assert len(Conversation.get_many([ids[0], ids[2], ids[3]])) == 3
    assert server.requests == []


def test_get_by_always_asks_and_writes_through(server: Emulator, cached: Client) -> None:
    id_ = server.world.add("conversation", name="Hi", externalId="E-1")
    Conversation.get(id_)
    server.world.edit("conversation", id_, name="Theirs")

    assert Conversation.get_by(external_id="E-1").name == "Theirs"
    assert Conversation.get_by(external_id="E-1").name == "Theirs"
    assert Conversation.get(id_).name == "Theirs"
    assert len(server.requests) == 3


def test_a_related_record_loads_itself_from_what_is_kept(server: Emulator, cached: Client) -> None:
    """Pitfall 90."""
    jane = server.world.add("customer", name="Jane")
    ids = [server.world.add("conversation", customer=jane) for _ in range(3)]
    found = Conversation.get_many(ids)
    server.requests.clear()

    assert [each.customer.name for each in found if each.customer] == ["Jane"] * 3
    assert Customer.get(jane).name == "Jane"
    assert paths(server) == [f"GET /v1/customers/{jane}"]


def test_strict_loading_refuses_whether_or_not_it_is_kept(server: Emulator) -> None:
    """Pitfall 90: code must not work by the luck of a warm cache."""
    client = Client(server.api_key, base_url=server.url, cache=60, strict_loading=True)
    jane = server.world.add("customer", name="Jane")
    Customer.using(client).get(jane)
    id_ = server.world.add("conversation", customer=jane)
    customer = Conversation.using(client).get(id_).customer
    assert customer is not None
    with pytest.raises(errors.NotLoadedError, match="strict_loading"):
        _ = customer.name


def test_a_record_that_is_gone_is_dropped_by_whoever_asks(server: Emulator, cached: Client) -> None:
    """Pitfall 81."""
    ids = [server.world.add("conversation") for _ in range(2)]
    first, _ = Conversation.get_many(ids)
    for id_ in ids:
        server.world.delete("conversation", id_)
    with pytest.raises(errors.NotFoundError):
        first.refresh()
    with pytest.raises(errors.NotFoundError):
        Conversation.get(ids[1], fresh=True)
    assert (len(cached.cache), cached.cache.stats.drops) == (0, 2)


def test_an_error_of_a_read_leaves_what_is_kept(server: Emulator, cached: Client) -> None:
    id_ = server.world.add("conversation", name="Hi")
    Conversation.get(id_)
    server.faults.add(Fault.status(503), Fault.status(403))
    for error in (errors.ServerError, errors.PermissionDeniedError):
        with pytest.raises(error):
            Conversation.get(id_, fresh=True)
    server.requests.clear()
    assert Conversation.get(id_).name == "Hi"
    assert server.requests == []


def test_an_answer_about_another_record_is_not_kept(server: Emulator, cached: Client) -> None:
    first, second = (server.world.add("conversation") for _ in range(2))

    def swap(document: Any) -> Any:
        document["data"]["id"] = second
        return document

    server.faults.add(Fault.answer(swap))
    with pytest.raises(errors.UnexpectedAnswerError):
        Conversation.get(first)
    assert len(cached.cache) == 0


def test_two_classes_of_a_type_read_the_same_document(server: Emulator, cached: Client) -> None:
    class Support(Conversation):
        note = custom.Txt()

    id_ = server.world.add("conversation", custom={"noteTxt": "x"})
    Conversation.get(id_)
    record = Support.get(id_)
    assert (type(record), record.note) == (Support, "x")
    assert len(server.requests) == 1


def test_a_masked_value_is_kept_masked(server: Emulator, cached: Client) -> None:
    id_ = server.world.add("conversation", name="Hi")
    server.world.mask("conversation", "name")
    assert repr([Conversation.get(id_).name for _ in range(2)]) == "[<masked>, <masked>]"
    assert len(server.requests) == 1


def test_a_record_from_the_cache_can_be_saved_and_tells_of_others(
    server: Emulator, cached: Client
) -> None:
    id_ = server.world.add("conversation", name="Hi", priority=1)
    Conversation.get(id_)
    server.world.edit("conversation", id_, priority=5)
    stale = Conversation.get(id_)
    stale.name = "Mine"
    result = stale.save()

    assert (result.others_wrote, result.foreign) == (True, {"priority": (1, 5)})
    assert (stale.priority, Conversation.get(id_).priority) == (5, 5)
    assert [each.method for each in server.requests] == ["GET", "PATCH"]


def test_copies_pickles_and_snapshots_hold_no_cache(server: Emulator, cached: Client) -> None:
    """Pitfall 85."""
    other = server.world.add("conversation", name="in the cache alone")
    Conversation.get(other)
    record = Conversation.get(server.world.add("conversation", name="Hi"))
    record.name = "Ho"
    record.save()
    packed = pickle.dumps(record)

    assert b"in the cache alone" not in packed
    assert b"DocumentCache" not in packed
    assert "in the cache alone" not in repr(record.snapshot())
    assert pickle.loads(packed).name == copy.deepcopy(record).name == "Ho"
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(cached.cache)


def test_neither_cache_nor_client_nor_settings_show_what_is_kept(
    server: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    mapping = cachetools.LRUCache[Any, Any](maxsize=10)
    client = Client(server.api_key, base_url=server.url, cache=mapping)
    Conversation.using(client).get(server.world.add("conversation", name="Jane Doe"))

    shown = f"{client!r} {client.cache!r} {client.config!r} {client.cache.stats!r} {caplog.text}"
    assert "Jane Doe" in repr(mapping)
    assert "Jane Doe" not in shown
    assert server.api_key not in repr(mapping)
    assert repr(client.cache) == "<DocumentCache hits=0 misses=1 stores=1 drops=0>"


def test_an_empty_cache_is_still_one(cached: Client) -> None:
    assert cached.cache
    assert len(cached.cache) == 0
