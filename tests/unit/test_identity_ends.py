"""Whose an identity scope is, when it ends, and what leaves it before."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import threading
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from kustomer_orm import Client, Conversation, Customer, errors, identity
from kustomer_orm.emulator import Emulator, Fault

# -- what leaves ---------------------------------------------------------------------------------


def test_a_404_about_another_object_throws_nobody_out(server: Emulator, client: Client) -> None:
    jane = server.world.add("customer")
    id_ = server.world.add("conversation", customer=jane, name="Hi")
    gone = server.world.add("customer")
    server.world.delete("customer", gone)
    with client.identity_scope():
        record = Conversation.get(id_)
        record.customer = gone
        with pytest.raises(errors.NotFoundError) as told:
            record.save()
        assert list(told.value.attributes) == ["customer"]
        server.requests.clear()
        assert Conversation.get(id_) is record
        assert server.requests == []
        assert record.is_dirty


def test_a_404_that_names_nothing_or_the_id_is_about_the_record(
    server: Emulator, client: Client
) -> None:
    for fault in (None, Fault.status(404)):
        id_ = server.world.add("conversation", name="Hi")
        with client.identity_scope():
            record = Conversation.get(id_)
            record.name = "Ho"
            if fault is None:
                server.world.delete("conversation", id_)
            else:
                server.faults.add(fault)
            with pytest.raises(errors.NotFoundError):
                record.save()
            server.requests.clear()
            with contextlib.suppress(errors.NotFoundError):
                assert Conversation.get(id_) is not record
            assert len(server.requests) == 1


# -- what is missing -----------------------------------------------------------------------------


def test_a_related_record_that_is_missing_is_asked_for_once(
    server: Emulator, client: Client
) -> None:
    jane = server.world.add("customer", name="Jane")
    ids = [server.world.add("conversation", customer=jane) for _ in range(3)]
    with client.identity_scope():
        found = Conversation.get_many(ids)
        server.world.delete("customer", jane)
        server.requests.clear()
        for _ in range(2):
            for each in (*found, Conversation.get(ids[0], fresh=True)):
                assert each.customer is not None
                with pytest.raises(errors.NotFoundError) as told:
                    _ = each.customer.name
                assert told.value.status == 404
        paths = [each.path for each in server.requests]
        assert paths.count(f"/v1/customers/{jane}") == 1
        with pytest.raises(errors.NotFoundError):
            Customer.get(jane)
        assert len(server.requests) == len(paths) + 1, "whoever asks by name asks the server"

        server.world.add("customer", id=jane, name="Jane is back")
        assert Customer.get(jane).name == "Jane is back"
        names = [each.customer.name for each in Conversation.get_many(ids) if each.customer]
        assert names == ["Jane is back"] * 3
    assert Conversation.get(ids[0]).customer


def test_a_record_that_is_found_again_by_refresh_is_missing_no_more(
    server: Emulator, client: Client
) -> None:
    jane = server.world.add("customer", name="Jane")
    ids = [server.world.add("conversation", customer=jane) for _ in range(2)]
    with client.identity_scope():
        customer = Conversation.get(ids[0]).customer
        assert customer is not None
        server.world.delete("customer", jane)
        with pytest.raises(errors.NotFoundError):
            _ = customer.name
        server.world.add("customer", id=jane, name="Jane is back")
        customer.refresh()
        other = Conversation.get(ids[1]).customer
        assert other is not None
        assert other.name == "Jane is back"


# -- when it ends --------------------------------------------------------------------------------


def test_a_copied_context_that_outlives_the_scope_gets_new_objects(
    server: Emulator, client: Client
) -> None:
    id_ = server.world.add("conversation")
    with client.identity_scope():
        old = Conversation.get(id_)
        context = contextvars.copy_context()
        assert context.run(Conversation.get, id_) is old
    first, second = context.run(Conversation.get, id_), context.run(Conversation.get, id_)
    assert len({id(old), id(first), id(second)}) == 3

    def anew() -> bool:
        with client.identity_scope():
            return Conversation.get(id_) is Conversation.get(id_) is not old

    assert context.run(anew)


def test_a_task_that_outlives_the_scope_gets_new_objects(server: Emulator, client: Client) -> None:
    id_ = server.world.add("conversation")

    async def later(gate: asyncio.Event) -> Conversation:
        await gate.wait()
        return Conversation.get(id_)

    async def main() -> None:
        gate = asyncio.Event()
        with client.identity_scope():
            old = Conversation.get(id_)
            task = asyncio.create_task(later(gate))
            await asyncio.sleep(0)
        gate.set()
        assert await task is not old

    asyncio.run(main())


def test_siblings_share_no_object_with_each_other_nor_with_their_parent(
    server: Emulator, client: Client
) -> None:
    id_ = server.world.add("conversation")

    async def child() -> Conversation:
        return Conversation.get(id_)

    async def own() -> bool:
        with client.identity_scope():
            first = Conversation.get(id_)
            await asyncio.sleep(0)
            return Conversation.get(id_) is first

    async def main() -> None:
        with client.identity_scope():
            mine = Conversation.get(id_)
            assert len({id(each) for each in (mine, *await asyncio.gather(child(), child()))}) == 3
            assert all(await asyncio.gather(own(), own()))
            assert await child() is mine, "that is no task of its own"
            assert Conversation.get(id_) is mine

    asyncio.run(main())
    with client.identity_scope():
        outside = Conversation.get(id_)
        assert asyncio.run(child()) is not outside
        assert Conversation.get(id_) is outside


def test_a_thread_with_a_recycled_number_does_not_inherit(
    server: Emulator, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system gives the number of a thread that has ended to the next; here all have one."""
    one_number = SimpleNamespace(get_ident=lambda: 17, current_thread=threading.current_thread)
    monkeypatch.setattr(identity, "threading", one_number)
    id_ = server.world.add("conversation")
    context = contextvars.copy_context()

    def unit() -> Generator[Conversation, None, None]:
        with client.identity_scope():
            yield Conversation.get(id_)

    generator = unit()
    with ThreadPoolExecutor(1) as first, ThreadPoolExecutor(1) as second:
        old = first.submit(context.run, next, generator).result()
        assert first.submit(context.run, Conversation.get, id_).result() is old
        assert second.submit(context.run, Conversation.get, id_).result() is not old
    generator.close()


@pytest.mark.parametrize("how", ["close", "run out", "throw"])
def test_a_generator_that_opened_the_scope_does_not_end_it_for_a_block_that_joined(
    server: Emulator, client: Client, how: str
) -> None:
    id_ = server.world.add("conversation")

    def unit() -> Generator[Conversation, None, None]:
        with client.identity_scope():
            yield Conversation.get(id_)

    def end(generator: Generator[Conversation, None, None]) -> None:
        ways: dict[str, Callable[[], object]] = {
            "close": generator.close,
            "run out": lambda: next(generator, None),
        }
        if how in ways:
            ways[how]()
            return
        with pytest.raises(ZeroDivisionError):
            generator.throw(ZeroDivisionError())

    generator = unit()
    record = next(generator)
    with client.identity_scope():
        assert Conversation.get(id_) is record
        end(generator)
        assert Conversation.get(id_) is record
        with client.identity_scope():
            assert Conversation.get(id_) is record
    assert Conversation.get(id_) is not record


def test_a_generator_that_joined_goes_on_where_it_was(server: Emulator, client: Client) -> None:
    id_ = server.world.add("conversation")

    def unit() -> Generator[Conversation, None, None]:
        with client.identity_scope():
            while True:
                yield Conversation.get(id_)

    generator = unit()
    with client.identity_scope():
        record = Conversation.get(id_)
        assert next(generator) is record
    assert next(generator) is record
    generator.close()
    assert Conversation.get(id_) is not record
