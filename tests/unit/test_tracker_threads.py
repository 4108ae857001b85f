"""Threads share a client and never each other's records (19)."""

from __future__ import annotations

import threading

import pytest

from kustomer_orm import Client, Conversation
from kustomer_orm.emulator import Emulator, Fault
from kustomer_orm.errors import BadRequestError

pytestmark = pytest.mark.usefixtures("client")


def dirty(found: Conversation) -> bool:
    return found.is_dirty


def test_two_threads_on_one_client_clean_each_its_own_record(
    server: Emulator, client: Client
) -> None:
    """Pitfall 19."""
    ids = [server.world.add("conversation", name="a") for _ in range(2)]
    first, second = (Conversation.using(client).get(id_) for id_ in ids)
    first.name, second.name = "first", "second"
    go_on = threading.Event()
    server.faults.add(
        Fault.stall(go_on, path=f"*/{ids[0]}", method="PATCH"),
        Fault.status(400, path=f"*/{ids[1]}", method="PATCH"),
    )
    server.requests.clear()

    thread = threading.Thread(target=first.save)
    thread.start()
    assert server.wait_for(1)
    with pytest.raises(BadRequestError):
        second.save()
    assert dirty(first)
    go_on.set()
    thread.join(10)

    assert (dirty(first), dirty(second)) == (False, True)
    second.save()
    assert [server.world.get("conversation", id_)["attributes"]["name"] for id_ in ids] == [
        "first",
        "second",
    ]


def test_many_threads_on_one_client_lose_nothing(server: Emulator, client: Client) -> None:
    """Pitfall 19."""
    ids = [server.world.add("conversation", name="a") for _ in range(8)]

    def work(id_: str) -> None:
        found = Conversation.using(client).get(id_)
        for number in range(5):
            found.name = f"{id_} {number}"
            found.tags.append(f"t{number}")
            found.save()

    threads = [threading.Thread(target=work, args=(id_,)) for id_ in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    for id_ in ids:
        attributes = server.world.get("conversation", id_)["attributes"]
        assert (attributes["name"], len(attributes["tags"])) == (f"{id_} 4", 5)
    assert len(server.requests) == 8 * (1 + 5 * 2)
