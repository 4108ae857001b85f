"""`clients`: one for each alias, per process, from the settings."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.test import override_settings

from kustomer_orm import Client, Conversation, current_client
from kustomer_orm.contrib.django import clients
from kustomer_orm.emulator import Emulator
from kustomer_orm.errors import ConfigurationError

pytestmark = pytest.mark.usefixtures("kustomer")


def test_a_client_is_made_once_and_sends_nothing(server: Emulator) -> None:
    assert clients["default"] is clients["default"]
    assert clients["default"] is not clients["other"]
    assert (clients["default"].name, clients["default"].org) == ("default", "acme")
    assert server.requests == []


def test_aliases_are_listed_like_databases(other_server: Emulator) -> None:
    assert list(clients) == ["default", "other"]
    assert len(clients) == 2
    assert "other" in clients
    assert "nobody" not in clients
    assert repr(clients) == "<Clients default, other>"
    assert clients["other"].org == other_server.url.removeprefix("http://")


def test_an_unknown_alias_is_refused_and_the_known_ones_are_named() -> None:
    with pytest.raises(ConfigurationError, match="no 'nobody'; it has 'default', 'other'"):
        clients["nobody"]


def test_forty_threads_that_ask_at_once_get_one_client() -> None:
    gate = threading.Barrier(40)

    def ask(_: int) -> Client:
        gate.wait()
        return clients["default"]

    with ThreadPoolExecutor(40) as pool:
        found = list(pool.map(ask, range(40)))

    assert {id(client) for client in found} == {id(clients["default"])}


def test_a_change_of_the_settings_makes_them_anew(
    accounts: dict[str, dict[str, Any]], server: Emulator
) -> None:
    before = clients["default"]
    with override_settings(KUSTOMER={"default": {**accounts["default"], "TIMEOUT": 5}}):
        assert clients["default"].config.timeout == 5.0
        assert "other" not in clients

    assert clients["default"].config.timeout == before.config.timeout
    assert clients["default"] is not before


def test_code_that_names_no_client_gets_the_default_one(server: Emulator) -> None:
    id_ = server.world.add("conversation", name="Hi")

    assert current_client() is clients["default"]
    assert Conversation.get(id_).name == "Hi"


def test_a_client_in_a_with_block_goes_before_the_default_one() -> None:
    with clients["other"] as other:
        assert current_client() is other
    assert current_client() is clients["default"]


def test_pickled_records_find_a_client_that_was_not_made_yet(
    server: Emulator, other_server: Emulator
) -> None:
    id_ = other_server.world.add("conversation", name="Hi")
    travelling = pickle.dumps(Conversation.using(clients["other"]).get(id_))
    clients.forget()

    arrived = pickle.loads(travelling)
    arrived.refresh()

    assert arrived.name == "Hi"
    assert server.requests == []


def test_without_the_setting_the_environment_says_all(
    server: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUSTOMER_API_KEY", server.api_key)
    monkeypatch.setenv("KUSTOMER_BASE_URL", server.url)
    with override_settings():
        from_django = override_settings(KUSTOMER={"default": {}})
        from_django.enable()
        try:
            assert clients["default"].config.base_url == server.url
            assert clients["default"].name == "default"
        finally:
            from_django.disable()


@pytest.mark.parametrize("lacking", ["API_KEY", "BASE_URL"])
def test_another_alias_never_takes_the_key_or_the_host_of_the_environment(
    lacking: str, accounts: dict[str, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUSTOMER_API_KEY", "the-key-of-somebody-else")
    monkeypatch.setenv("KUSTOMER_ORG", "somebody-else")
    del accounts["other"][lacking]

    with (
        override_settings(KUSTOMER=accounts),
        pytest.raises(ConfigurationError, match=f"KUSTOMER\\['other'\\].*{lacking}"),
    ):
        clients["other"]


def test_the_organisation_of_another_alias_is_not_that_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, other_server: Emulator
) -> None:
    monkeypatch.setenv("KUSTOMER_ORG", "somebody-else")

    assert clients["other"].org == other_server.url.removeprefix("http://")


def test_an_unknown_option_is_refused(accounts: dict[str, dict[str, Any]]) -> None:
    accounts["default"]["API_KEYS"] = "x"
    with (
        override_settings(KUSTOMER=accounts),
        pytest.raises(ConfigurationError, match="no option 'API_KEYS'; did you mean 'API_KEY'"),
    ):
        clients["default"]


def test_where_there_is_no_default_nothing_is_current(accounts: dict[str, dict[str, Any]]) -> None:
    with override_settings(KUSTOMER={"other": accounts["other"]}):
        with pytest.raises(ConfigurationError, match="no client in this thread"):
            current_client()
        assert Conversation(name="new").changes["name"].new == "new"


def test_closing_all_closes_what_was_made_and_makes_none(server: Emulator) -> None:
    clients["default"].read("/v1/users/current")
    clients.close_all()
    clients.close_all()

    assert clients["default"].read("/v1/users/current")["data"]["type"] == "user"


# -- forks ---------------------------------------------------------------------------------------


def _work(id_: str, results: Any) -> None:
    results.put((os.getpid(), Conversation.get(id_).name, id(clients["default"])))


def test_a_preloaded_project_forks_with_clients_made_and_unmade(server: Emulator) -> None:
    """As gunicorn does with --preload: the master has served a health check already."""
    id_ = server.world.add("conversation", name="Hi")
    Conversation.get(id_)
    fork = multiprocessing.get_context("fork")
    results = fork.Queue()
    # Another thread holds the lock at the moment of the fork.
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with clients._lock:
            held.set()
            done.wait(0.2)

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait()
    workers = [fork.Process(target=_work, args=(id_, results)) for _ in range(4)]
    for worker in workers:
        worker.start()
    found = [results.get(timeout=10) for _ in workers]
    for worker in workers:
        worker.join(10)
    done.set()
    holder.join()

    assert {name for _, name, _ in found} == {"Hi"}
    assert len({process for process, _, _ in found}) == 4
    assert [worker.exitcode for worker in workers] == [0] * 4
