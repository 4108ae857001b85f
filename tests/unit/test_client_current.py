"""Which client a record talks through: the bound one, else the context's, else the process's."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from kustomer_orm import Client, Conversation, connect, current_client, errors
from kustomer_orm.emulator import Emulator

ID = "5f0000000000000000000abc"


@pytest.fixture(autouse=True)
def no_process_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kustomer_orm.current._process", [])


@pytest.fixture
def two() -> Iterator[tuple[Client, Client]]:
    """Two organisations that hold a conversation of the same id: named A and B."""
    with Emulator() as a, Emulator() as b:
        for server, name in ((a, "A"), (b, "B")):
            server.world.add("conversation", id=ID, name=name)
        yield Client(a.api_key, base_url=a.url), Client(b.api_key, base_url=b.url)


def name() -> str | None:
    return Conversation.get(ID).name


def test_without_any_client_it_is_said_what_to_do() -> None:
    for call in (
        current_client,
        lambda: Conversation.get(ID),
        lambda: Conversation.get_many([ID]),
        lambda: Conversation.get_by(external_id="E-1"),
        lambda: Conversation.create(customer=ID),
        lambda: Conversation(id=ID, name="x").save(),
        lambda: Conversation(id=ID).refresh(),
        lambda: Conversation(id=ID).delete(),
    ):
        with pytest.raises(errors.NoClientError, match=r"with Client\(…\)"):
            call()


def test_the_innermost_with_wins_and_the_outer_one_comes_back(two: tuple[Client, Client]) -> None:
    a, b = two
    with a:
        assert name() == "A"
        with b:
            assert name() == "B"
            with a, a:
                assert name() == "A"
            assert name() == "B"
        assert name() == "A"
    with pytest.raises(errors.NoClientError):
        name()


def test_an_error_inside_takes_the_client_away_again(two: tuple[Client, Client]) -> None:
    a, b = two
    with a:
        with pytest.raises(errors.NotFoundError), b:
            Conversation.get("5f0000000000000000000def")
        assert current_client() is a


def test_a_client_is_usable_after_its_block(two: tuple[Client, Client]) -> None:
    a, _ = two
    with a:
        conversation = Conversation.get(ID)
    conversation.name = "Ho"
    conversation.save()
    assert Conversation.using(a).get(ID).name == "Ho"


def test_connect_sets_the_default_of_the_process_for_all_threads(
    two: tuple[Client, Client],
) -> None:
    a, b = two
    first = connect(a.config.api_key.reveal(), base_url=a.config.base_url)
    assert (name(), current_client()) == ("A", first)
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(name).result() == "A"
    with b:
        assert name() == "B"
    connect(b.config.api_key.reveal(), base_url=b.config.base_url)
    assert name() == "B"


def test_a_client_of_one_thread_is_not_current_in_another(two: tuple[Client, Client]) -> None:
    a, b = two
    together = threading.Barrier(2)

    def work(client: Client) -> str | None:
        with client:
            together.wait(10)
            found = name()
            together.wait(10)
            return found

    with a, ThreadPoolExecutor(2) as pool:
        assert list(pool.map(work, (a, b))) == ["A", "B"]
        with pytest.raises(errors.NoClientError):
            pool.submit(name).result()
        context = contextvars.copy_context()
        assert pool.submit(context.run, name).result() == "A"


def test_each_asyncio_task_has_its_own_client(two: tuple[Client, Client]) -> None:
    async def work(client: Client, turn: asyncio.Event, other: asyncio.Event) -> str | None:
        with client:
            other.set()
            await turn.wait()
            return await asyncio.to_thread(name)

    async def main() -> list[str | None]:
        first, second = asyncio.Event(), asyncio.Event()
        a, b = two
        return list(await asyncio.gather(work(a, first, second), work(b, second, first)))

    assert asyncio.run(main()) == ["A", "B"]
    with pytest.raises(errors.NoClientError):
        current_client()


def load(client: Client) -> Conversation:
    with client:
        return Conversation.get(ID)


def load_many(client: Client) -> Conversation:
    with client:
        return Conversation.get_many([ID])[0]


def stand_for(client: Client) -> Conversation:
    with client:
        return Conversation(id=ID)


@pytest.mark.parametrize(
    "make",
    [
        load,
        load_many,
        stand_for,
        lambda client: Conversation.using(client).get(ID),
        lambda client: Conversation.using(client).get_many([ID])[0],
    ],
)
def test_a_record_stays_with_the_client_it_was_made_by(
    two: tuple[Client, Client], make: Callable[[Client], Conversation]
) -> None:
    """Pitfall 77."""
    a, b = two
    conversation = make(a)
    with b:
        conversation.name = "written"
        conversation.save()
        conversation.refresh()
        assert conversation.customer is not None
        assert conversation.customer.name
        assert name() == "B"
    with a:
        assert name() == "written"


def test_using_binds_against_the_current_client(two: tuple[Client, Client]) -> None:
    """Pitfall 77."""
    a, b = two
    with a:
        assert Conversation.using(b).get(ID).name == "B"
        new = Conversation.using(b).new(customer=ID, name="new")
        with pytest.raises(errors.NotFoundError):
            new.save()
        assert new.key[0] == b.org


def test_a_record_made_without_a_client_takes_the_current_one_at_its_first_request(
    two: tuple[Client, Client],
) -> None:
    """Pitfall 77."""
    a, b = two
    conversation = Conversation(id=ID, name="written")
    before = conversation.key
    assert before == (None, "conversation", ID)
    with a:
        conversation.save()
    conversation.name = "again"
    with b:
        conversation.save()
        assert name() == "B"
    assert conversation.key[0] == a.org
    assert Conversation.using(a).get(ID).name == "again"
