"""Two organisations whose records have the same ids: nothing of one reaches the other."""

from __future__ import annotations

import copy
import gc
import pickle
import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from kustomer_orm import Client, Conversation, errors
from kustomer_orm.emulator import Emulator

ID = "5f0000000000000000000abc"


@pytest.fixture
def acme() -> Iterator[Emulator]:
    with Emulator(org="acme") as server:
        server.world.add("conversation", id=ID, name="acme", tags=["vip"])
        yield server


@pytest.fixture
def globex() -> Iterator[Emulator]:
    with Emulator(org="globex") as server:
        server.world.add("conversation", id=ID, name="globex", tags=["vip"])
        yield server


def client_of(server: Emulator, **settings: Any) -> Client:
    return Client(server.api_key, base_url=server.url, org=server.org, **settings)


def through_pickle(record: Conversation) -> Conversation:
    return pickle.loads(pickle.dumps(record))  # type: ignore[no-any-return]


def through_snapshot(record: Conversation) -> Conversation:
    return Conversation.from_snapshot(record.snapshot())


def test_each_key_is_sent_to_its_own_host_only(acme: Emulator, globex: Emulator) -> None:
    """Pitfall 77."""
    records = [Conversation.using(client_of(each)).get(ID) for each in (acme, globex)]
    for record in records:
        record.name = f"changed at {record.key[0]}"
        record.tags.append("mine")
    for record in reversed(records):
        record.save()
        record.refresh()
    for server in (acme, globex):
        stored = server.world.get("conversation", ID)["attributes"]
        assert (stored["name"], stored["rev"]) == (f"changed at {server.org}", 3)
        assert {each.headers["Authorization"] for each in server.requests} == {
            f"Bearer {server.api_key}"
        }


@pytest.mark.parametrize("travel", [through_pickle, through_snapshot], ids=["pickle", "snapshot"])
def test_a_record_of_one_organisation_is_never_saved_to_another_of_the_same_client_name(
    acme: Emulator, globex: Emulator, travel: Callable[[Conversation], Conversation]
) -> None:
    """Pitfall 77."""
    home = client_of(acme, name="desk")
    record = Conversation.using(home).get(ID)
    record.name = "meant for acme"
    traveller = travel(record)
    del record, home
    gc.collect()

    with client_of(globex, name="desk"):
        for call in (
            traveller.save,
            traveller.refresh,
            traveller.delete,
            lambda: traveller.customer and traveller.customer.name,
        ):
            with pytest.raises(errors.NoClientError, match="'desk' of 'acme'"):
                call()
        assert globex.requests == []
        assert traveller.is_dirty

        back = client_of(acme, name="desk")
        traveller.save()
        assert globex.requests == []
    assert acme.world.get("conversation", ID)["attributes"]["name"] == "meant for acme"
    assert back.org == "acme"


def test_clients_of_one_name_and_two_organisations_are_both_found(
    acme: Emulator, globex: Emulator
) -> None:
    """Pitfall 77."""
    clients = [client_of(each, name="desk") for each in (acme, globex)]
    pickles = []
    for client in clients:
        record = Conversation.using(client).get(ID)
        record.name = f"for {client.org}"
        pickles.append(pickle.dumps(record))
    for traveller in map(pickle.loads, pickles):
        traveller.save()
    for server in (acme, globex):
        assert server.world.get("conversation", ID)["attributes"]["name"] == f"for {server.org}"


def test_a_copy_stays_with_its_organisation(acme: Emulator, globex: Emulator) -> None:
    """Pitfall 77."""
    record = Conversation.using(client_of(acme)).get(ID)
    record.name = "copied"
    with client_of(globex):
        copy.deepcopy(record).save()
    assert acme.world.get("conversation", ID)["attributes"]["name"] == "copied"
    assert globex.requests == []


def test_a_client_that_has_gone_is_not_kept_alive_by_its_name(acme: Emulator) -> None:
    client = client_of(acme, name="short-lived")
    traveller = pickle.dumps(Conversation.using(client).get(ID))
    del client
    gc.collect()
    with pytest.raises(errors.NoClientError):
        pickle.loads(traveller).refresh()


def test_forty_threads_on_two_clients_never_mix_the_organisations(
    acme: Emulator, globex: Emulator
) -> None:
    """Pitfall 77."""
    servers = (acme, globex)
    for server in servers:
        server.behaviour.rate_limit = server.behaviour.object_limit = None
        for number in range(40):
            server.world.add("conversation", id=f"{ID}{number}", name=f"{server.org} {number}")
    clients = [client_of(each) for each in servers]
    together = threading.Barrier(40)

    def work(number: int) -> list[str | None]:
        order = list(clients)
        random.Random(number).shuffle(order)
        together.wait(10)
        found = []
        for client in [*order, *order]:
            with client:
                record = Conversation.get(f"{ID}{number}")
                found.append(record.name)
                record.name = f"{client.org} {number}"
                record.external_id = f"{client.org}-{number}"
                record.save()
        return found

    with ThreadPoolExecutor(40) as pool:
        answers = list(pool.map(work, range(40)))

    for number, found in enumerate(answers):
        assert sorted(map(str, found)) == [f"acme {number}"] * 2 + [f"globex {number}"] * 2
    for server in servers:
        keys = {each.headers["Authorization"] for each in server.requests}
        assert keys == {f"Bearer {server.api_key}"}
        for number in range(40):
            stored = server.world.get("conversation", f"{ID}{number}")["attributes"]
            assert stored["externalId"] == f"{server.org}-{number}"
