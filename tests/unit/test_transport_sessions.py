"""One session per thread and process; nothing of one request stays for the next."""

from __future__ import annotations

import os
import signal
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from kustomer_orm import Client, Conversation, errors
from kustomer_orm.emulator import Emulator, Fault


def connections(server: Emulator) -> list[threading.Thread]:
    """Note the connection of every request from now on: the server has one thread for each."""
    seen: list[threading.Thread] = []
    server.faults.add(Fault.before(lambda _: seen.append(threading.current_thread()), times=None))
    return seen


def test_a_cookie_of_one_answer_is_not_sent_with_the_next_request(
    server: Emulator, client: Client
) -> None:
    """Pitfall 75."""
    id_ = server.world.add("conversation", name="Hi")
    server.faults.add(Fault.cookie("session", "somebody", times=None))
    conversation = Conversation.get(id_)
    conversation.name = "Ho"
    conversation.save()
    conversation.refresh()
    assert len(server.requests) == 3
    assert all("Set-Cookie" in each.answer_headers for each in server.requests)
    assert not any("Cookie" in each.headers for each in server.requests)


def test_each_thread_has_a_connection_of_its_own_and_keeps_it(
    server: Emulator, client: Client
) -> None:
    """Pitfall 75."""
    id_ = server.world.add("conversation")
    seen = connections(server)
    together = threading.Barrier(4)

    def work(_: int) -> list[threading.Thread]:
        together.wait(10)
        for _ in range(3):
            Conversation.using(client).get(id_)
        return []

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))

    assert len(seen) == 12
    assert len(set(seen)) == 4
    assert all(seen.count(each) == 3 for each in set(seen))


def test_forty_threads_on_one_client_each_get_their_own_answers(
    server: Emulator, client: Client
) -> None:
    """Pitfall 76."""
    server.behaviour.rate_limit = None
    ids = [server.world.add("conversation", name=f"Nr {n}") for n in range(40)]
    together = threading.Barrier(40)

    def work(number: int) -> list[tuple[Any, Any]]:
        together.wait(10)
        conversation = Conversation.using(client).get(ids[number])
        found: list[tuple[Any, Any]] = [(conversation.id, conversation.name)]
        for turn in range(3):
            conversation.name = f"Nr {number} turn {turn}"
            conversation.tags.append(f"tag {number} {turn}")
            conversation.save()
            found.append((conversation.rev, conversation.name))
        conversation.refresh()
        return [*found, (conversation.rev, conversation.name)]

    with ThreadPoolExecutor(40) as pool:
        answers = list(pool.map(work, range(40)))

    for number, found in enumerate(answers):
        turns = [(3 + 2 * turn, f"Nr {number} turn {turn}") for turn in range(3)]
        assert found == [(ids[number], f"Nr {number}"), *turns, turns[-1]]
    patches = [each for each in server.requests if each.method == "PATCH"]
    assert len(patches) == 120
    assert all(each.body["name"].split()[1] == str(ids.index(each.path[-24:])) for each in patches)


def in_a_child(work: Any) -> int:
    """Fork, do it there, and give the child's exit code."""
    child = os.fork()
    if child == 0:  # pragma: no cover - not the process that measures
        signal.alarm(20)
        try:
            work()
            os._exit(0)
        except BaseException:  # noqa: BLE001 - whatever it was, the child must not go on as pytest
            traceback.print_exc()
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_a_forked_child_saves_over_a_connection_of_its_own(
    server: Emulator, client: Client
) -> None:
    ids = [server.world.add("conversation", name=f"Nr {n}") for n in range(2)]
    seen = connections(server)
    mine, childs = Conversation.get_many(ids)

    def work() -> None:
        childs.name = "of the child"
        childs.save()
        client.close()

    assert in_a_child(work) == 0
    mine.name = "of the parent"
    mine.save()

    assert [each.method for each in server.requests] == ["GET", "PATCH", "PATCH"]
    first, second, third = seen
    assert first is third, "the parent's connection lives on"
    assert second is not first, "the child has not written into it"
    names = [server.world.get("conversation", id_)["attributes"]["name"] for id_ in ids]
    assert names == ["of the parent", "of the child"]
    assert childs.changes == {}


@pytest.mark.parametrize("verb", ["save", "close"])
def test_a_child_forked_while_another_thread_was_busy_with_the_client_is_not_stuck(
    server: Emulator, client: Client, verb: str
) -> None:
    conversation = Conversation.get(server.world.add("conversation"))
    conversation.name = "of the child"
    with client._transport._sessions._lock:
        assert in_a_child({"save": conversation.save, "close": client.close}[verb]) == 0


def test_a_closed_client_opens_new_connections_when_it_is_used_again(
    server: Emulator, client: Client
) -> None:
    id_ = server.world.add("conversation")
    seen = connections(server)
    with ThreadPoolExecutor(1) as pool:
        for _ in range(2):
            Conversation.get(id_)
            pool.submit(Conversation.using(client).get, id_).result()
            client.close()
    assert len(set(seen)) == len(seen) == 4


def test_a_netrc_does_not_take_the_place_of_the_key(
    server: Emulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HOME", str(tmp_path))
    client = Client(server.api_key, base_url=server.url)
    Conversation.using(client).get(server.world.add("conversation"))
    assert server.requests[0].headers["Authorization"] == f"Bearer {server.api_key}"


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
def test_plain_http_is_not_shown_to_a_proxy(
    server: Emulator, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with Emulator() as proxy:
        monkeypatch.setenv(variable, proxy.url)
        client = Client(server.api_key, base_url=server.url)
        Conversation.using(client).get(server.world.add("conversation"))
        assert proxy.requests == []
    assert len(server.requests) == 1


def test_a_proxy_of_the_environment_is_used_for_https(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with Emulator() as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        client = Client("secret-key", base_url="https://example.invalid", retry=0)
        with pytest.raises(errors.ConnectionFailedError):
            Conversation.using(client).get("5f0000000000000000000001")
        assert [each.method for each in proxy.requests] == ["CONNECT"]
        assert "secret-key" not in str(proxy.requests[0].headers)


def test_every_request_says_who_we_are_and_what_it_holds(server: Emulator, client: Client) -> None:
    customer = server.world.add("customer")
    conversation = Conversation.create(customer=customer)
    conversation.name = "Ho"
    conversation.tags.append("vip")
    conversation.save()
    conversation.delete()
    types = [(each.method, each.headers.get("Content-Type")) for each in server.requests]
    assert types == [
        ("POST", "application/json"),
        ("PATCH", "application/json-patch+json"),
        ("POST", "application/json"),
        ("DELETE", None),
    ]
    assert {each.headers["User-Agent"].split("/")[0] for each in server.requests} == {
        "kustomer_orm"
    }
    assert {each.headers["Accept"] for each in server.requests} == {"application/json"}
