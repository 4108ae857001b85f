"""What frameworks build on: who gives the default client, who makes named ones, being current."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from kustomer_orm import Client, Conversation, connect, current, current_client
from kustomer_orm.emulator import Emulator
from kustomer_orm.errors import NoClientError


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(current, "_process", [])
    monkeypatch.setattr(current, "_makers", [])


def test_a_function_gives_the_default_each_time_that_it_is_needed() -> None:
    made = [Client("a-key", org="one"), Client("a-key", org="two")]
    current.default_to(made.pop)

    assert current_client().org == "two"
    assert current_client().org == "one"


def test_a_function_may_have_no_default() -> None:
    current.default_to(lambda: None)

    with pytest.raises(NoClientError):
        current_client()
    assert Conversation(name="Hi").key[0] is None


def test_connecting_replaces_it() -> None:
    current.default_to(lambda: None)

    assert connect("a-key", org="acme") is current_client()


def test_a_client_that_does_not_live_yet_is_made_for_a_record_that_arrives(
    server: Emulator,
) -> None:
    id_ = server.world.add("conversation", name="Hi")
    client = Client(server.api_key, base_url=server.url, org="acme", name="desk")
    travelling = pickle.dumps(Conversation.using(client).get(id_))
    del client
    asked: list[tuple[str, str]] = []
    made: list[Client] = []

    def make(name: str, org: str) -> Client | None:
        asked.append((name, org))
        if name != "desk":
            return None
        made.append(Client(server.api_key, base_url=server.url, org=org, name=name))
        return made[-1]

    current.made_by(make)
    current.made_by(make)
    arrived = pickle.loads(travelling)
    arrived.refresh()
    pickle.loads(travelling).refresh()

    assert arrived.name == "Hi"
    assert asked == [("desk", "acme")]
    with pytest.raises(NoClientError):
        pickle.loads(travelling.replace(b"desk", b"disk")).refresh()
    made[0].close()


def test_being_current_keeps_the_connection_and_with_closes_it(server: Emulator) -> None:
    with Client(server.api_key, base_url=server.url) as client:
        adapter: Any = client._transport._sessions.get().adapters["http://"]
        pools = adapter.poolmanager.pools
        with client.as_current() as same:
            assert same is client
            assert current_client() is client
            client.read("/v1/users/current")
        assert len(pools) == 1
        assert current_client() is client
    assert len(pools) == 0


def test_being_current_ends_on_an_exception() -> None:
    client = Client("a-key", org="acme")
    with pytest.raises(ZeroDivisionError), client.as_current():
        _ = 1 / 0

    with pytest.raises(NoClientError):
        current_client()
