"""A Django cache as the client's cache."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import caches
from django.core.cache.backends.base import memcache_key_warnings
from django.test import override_settings

from kustomer_orm import Client, Conversation
from kustomer_orm.cache import Key
from kustomer_orm.contrib.django import clients
from kustomer_orm.contrib.django.caching import DjangoCache, mapping_of
from kustomer_orm.emulator import Emulator
from kustomer_orm.errors import ConfigurationError

KEY: Key = ("acme", "conversation", "5a1f0000000000000000abcd", "0123456789abcdef")
DOCUMENT: dict[str, Any] = {
    "type": "conversation",
    "id": KEY[2],
    "attributes": {"name": "Grüße", "rev": 1},
    "relationships": {},
}


@pytest.fixture
def cached(accounts: dict[str, dict[str, Any]], project: None) -> Iterator[Client]:
    accounts["default"] |= {"CACHE": "records", "CACHE_TIMEOUT": 60}
    with override_settings(KUSTOMER=accounts):
        yield clients["default"]


def test_it_is_a_mapping_that_lists_nothing() -> None:
    mapping = DjangoCache("records", 60)
    with pytest.raises(KeyError):
        mapping[KEY]
    mapping[KEY] = DOCUMENT

    assert mapping[KEY] == DOCUMENT
    assert KEY in mapping
    assert (list(mapping), len(mapping)) == ([], 0)
    del mapping[KEY]
    with pytest.raises(KeyError):
        del mapping[KEY]
    assert repr(mapping) == "<DjangoCache records>"


def test_what_it_gives_is_nobody_elses() -> None:
    mapping = DjangoCache("records", None)
    mapping[KEY] = DOCUMENT
    mapping[KEY]["attributes"]["name"] = "changed"

    assert mapping[KEY]["attributes"]["name"] == "Grüße"


def test_forgetting_an_organisation_leaves_the_others() -> None:
    mapping, other = DjangoCache("records", 60), ("other", *KEY[1:])
    mapping[KEY] = mapping[other] = DOCUMENT
    caches["records"].set("of-the-project", 5)

    mapping.forget("acme")

    assert KEY not in mapping
    assert mapping[other] == DOCUMENT
    assert caches["records"].get("of-the-project") == 5
    mapping[KEY] = DOCUMENT
    assert mapping[KEY] == DOCUMENT


def test_a_mark_that_the_cache_dropped_takes_its_documents_along() -> None:
    mapping = DjangoCache("records", 60)
    mapping[KEY] = DOCUMENT
    (mark,) = [key for key in caches["records"]._cache if "mark" in key]
    del caches["records"]._cache[mark]

    assert KEY not in mapping


@pytest.mark.parametrize("id_", ["plain", "with space", "Grüße\n", "x" * 300, "a:b", "%3A"])
def test_keys_are_taken_by_every_backend(id_: str) -> None:
    mapping, key = DjangoCache("records", 60), ("org of: mine", "kobject.order", id_, "reader")
    mapping[key] = {**DOCUMENT, "id": id_}

    stored = list(caches["records"]._cache)
    assert [list(memcache_key_warnings(each)) for each in stored] == [[]] * 2
    assert mapping[key]["id"] == id_


def test_different_keys_have_different_places() -> None:
    mapping = DjangoCache("records", 60)
    mapping["a:b", "c", "d", "e"] = DOCUMENT

    assert ("a", "b:c", "d", "e") not in mapping
    assert ("a", "b", "c:d", "e") not in mapping


def test_the_timeout_is_ours_or_that_of_the_cache() -> None:
    backend = "django.core.cache.backends.locmem.LocMemCache"
    with override_settings(CACHES={"default": {"BACKEND": backend, "TIMEOUT": 0}}):
        expired, kept = DjangoCache("default", None), DjangoCache("default", 60)
        expired[KEY] = DOCUMENT
        assert KEY not in expired
        kept[KEY] = DOCUMENT
        assert KEY in kept


def test_two_aliases_on_one_cache_share_its_lock() -> None:
    assert mapping_of("records", 60) is mapping_of("records", 60)
    assert mapping_of("records", 60) is not mapping_of("records", None)
    with pytest.raises(ConfigurationError, match="CACHES has no 'nowhere'"):
        mapping_of("nowhere", None)


def test_reads_are_kept_for_all_threads_and_clients(cached: Client, server: Emulator) -> None:
    id_ = server.world.add("conversation", name="Hi")
    assert Conversation.get(id_).name == "Hi"
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(Conversation.get(id_).name))
    thread.start()
    thread.join()
    clients.forget()  # as another process, on the same cache
    assert found == [Conversation.get(id_).name]
    assert len(server.requests) == 1


def test_saves_are_written_through_and_deletes_drop(cached: Client, server: Emulator) -> None:
    conversation = Conversation.get(server.world.add("conversation", name="Hi"))
    conversation.name = "Changed"
    conversation.save()
    assert Conversation.get(str(conversation.id)).name == "Changed"
    assert len(server.requests) == 2

    conversation.delete()
    assert cached.cache.find("conversation", str(conversation.id)) is None


def test_clear_forgets_what_other_processes_have_put_there(
    cached: Client, server: Emulator
) -> None:
    id_ = server.world.add("conversation", name="Hi")
    Conversation.get(id_)
    clients.forget()
    server.world.edit("conversation", id_, name="Changed")

    clients["default"].cache.clear()

    assert Conversation.get(id_).name == "Changed"
    assert Conversation.get(id_).name == "Changed"
    assert len(server.requests) == 2
    assert len(clients["default"].cache) == 0  # it cannot be listed


def test_many_writes_do_not_make_it_doubt_everything(cached: Client, server: Emulator) -> None:
    id_ = server.world.add("conversation", name="Hi")
    for number in range(10_050):
        cached.cache.drop("conversation", f"{number}")
    Conversation.get(id_)
    Conversation.get(id_)

    assert len(server.requests) == 1


def test_a_cache_that_fails_holds_no_request_up(
    accounts: dict[str, dict[str, Any]], server: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    accounts["default"] |= {"CACHE": "default"}
    broken = {"default": {"BACKEND": "tests.contrib.django.desk.broken_cache.BrokenCache"}}
    id_ = server.world.add("conversation", name="Hi")
    with override_settings(CACHES=broken, KUSTOMER=accounts), caplog.at_level(logging.WARNING):
        conversation = Conversation.get(id_)
        conversation.name = "Changed"
        conversation.save()
        clients["default"].cache.clear()
        assert Conversation.get(id_).name == "Changed"

    told = [each.message for each in caplog.records if each.name == "kustomer_orm"]
    assert told == ["the cache's mapping raised ConnectionError: going on without it"]


def test_a_dummy_cache_keeps_nothing(accounts: dict[str, dict[str, Any]], server: Emulator) -> None:
    accounts["default"] |= {"CACHE": "default"}
    dummy = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    id_ = server.world.add("conversation", name="Hi")
    with override_settings(CACHES=dummy, KUSTOMER=accounts):
        Conversation.get(id_)
        Conversation.get(id_)

    assert len(server.requests) == 2
