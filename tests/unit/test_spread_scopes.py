"""A scope that spreads over the threads and tasks of one request, with a part for each."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable
from typing import Any

from kustomer_orm import Client, Conversation
from kustomer_orm.emulator import Emulator
from kustomer_orm.identity import find_scope, open_scope, open_spread_scope


def elsewhere(function: Callable[[], Any]) -> Any:
    """Call a function in another thread, in a copy of this context."""
    found: list[Any] = []
    context = contextvars.copy_context()
    thread = threading.Thread(target=lambda: found.append(context.run(function)))
    thread.start()
    thread.join()
    return found[0]


def test_each_thread_has_a_part_of_its_own(server: Emulator, client: Client) -> None:
    id_ = server.world.add("conversation")

    def get_twice() -> tuple[Any, bool]:
        record = Conversation.get(id_)
        return record, Conversation.get(id_) is record

    with open_spread_scope(client):
        here, same = get_twice()
        there, same_there = elsewhere(get_twice)
        assert same
        assert same_there
        assert here is not there
        with open_scope(client):
            assert Conversation.get(id_) is here
        assert Conversation.get(id_) is here
    assert len(server.requests) == 2


def test_it_ends_everywhere_at_once(client: Client) -> None:
    scopes: list[Any] = []
    with open_spread_scope(client):
        scopes += [find_scope(client), elsewhere(lambda: find_scope(client))]
        context = contextvars.copy_context()
        assert all(scope.is_open for scope in scopes)

    assert not any(scope.is_open for scope in scopes)
    assert find_scope(client) is None
    assert context.run(find_scope, client) is None  # a task that outlives the request


def test_it_is_for_one_client(client: Client) -> None:
    other = Client("a-key", org="other")
    with open_spread_scope(client), open_spread_scope(other):
        assert find_scope(client) is not find_scope(other)
        assert find_scope(Client("a-key", org="third")) is None


def test_tasks_have_parts_of_their_own(client: Client) -> None:
    async def part() -> Any:
        return find_scope(client)

    async def gather() -> Any:
        return await asyncio.gather(part(), part())

    with open_spread_scope(client):
        first, second = asyncio.run(gather())

    assert first is not second
