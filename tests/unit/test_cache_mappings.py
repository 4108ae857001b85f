"""Mappings of the user's: shared, failing, forgetful, hammered by threads, and forked."""

from __future__ import annotations

import gc
import itertools
import logging
import os
import pickle
import shelve
import signal
import sys
import threading
import traceback
from collections import OrderedDict, UserDict, defaultdict
from collections.abc import Callable, Iterator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cachetools
import pytest

from kustomer_orm import Client, Clock, Conversation, errors
from kustomer_orm.cache import shelf
from kustomer_orm.emulator import Emulator, Fault

ID = "5f0000000000000000000abc"


def client_of(server: Emulator, cache: Any, **settings: Any) -> Client:
    settings = {"base_url": server.url, "org": server.org, **settings}
    return Client(settings.pop("api_key", server.api_key), cache=cache, **settings)


# -- which mappings ------------------------------------------------------------------------------


class Stringly(UserDict[str, bytes]):
    """Keeps pickles under texts, as a store outside of the process does."""

    def __getitem__(self, key: Any) -> Any:
        return pickle.loads(self.data["/".join(key)])

    def __setitem__(self, key: Any, value: Any) -> None:
        self.data["/".join(key)] = pickle.dumps(value)

    def __delitem__(self, key: Any) -> None:
        del self.data["/".join(key)]

    def __iter__(self) -> Iterator[Any]:
        return (tuple(key.split("/")) for key in self.data)


@pytest.mark.parametrize(
    "make",
    [
        dict,
        OrderedDict,
        UserDict[Any, Any],
        lambda: defaultdict[Any, Any](dict),
        Stringly,
        lambda: cachetools.LRUCache[Any, Any](10),
        lambda: cachetools.LFUCache[Any, Any](10),
        lambda: cachetools.TTLCache[Any, Any](10, 60),
        lambda: 60,
        lambda: 0.5,
    ],
)
def test_any_mutable_mapping_and_any_number_of_seconds_will_do(
    server: Emulator, make: Callable[[], Any]
) -> None:
    client = client_of(server, make())
    id_ = server.world.add("conversation", name="Hi")
    mine = Conversation.using(client)
    assert [mine.get(id_).name for _ in range(3)] == ["Hi"] * 3
    assert (len(server.requests), len(client.cache)) == (1, 1)
    client.cache.drop("conversation", id_)
    assert len(client.cache) == 0
    mine.get(id_)
    client.cache.clear()
    assert len(client.cache) == 0


@pytest.mark.parametrize(
    "value", [-1, float("nan"), float("inf"), True, "60", [], (), object(), b"", {1}, 1e12]
)
def test_what_is_neither_seconds_nor_a_mapping_is_refused(value: Any) -> None:
    with pytest.raises(errors.ConfigurationError, match="cache must be"):
        Client("a-key", org="acme", cache=value)


def test_nought_switches_off_what_the_environment_switches_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KUSTOMER_CACHE", "60")
    assert Client("a-key", org="acme").cache.is_on
    assert not Client("a-key", org="acme", cache=0).cache.is_on
    monkeypatch.setenv("KUSTOMER_CACHE", "0")
    assert not Client("a-key", org="acme").cache.is_on


def test_two_seconds_are_two_caches(server: Emulator) -> None:
    id_ = server.world.add("conversation")
    for client in (client_of(server, 60), client_of(server, 60)):
        Conversation.using(client).get(id_)
    assert len(server.requests) == 2


# -- one mapping, several clients ----------------------------------------------------------------


def test_two_organisations_with_the_same_ids_share_a_mapping_and_nothing_else() -> None:
    """Pitfall 78."""
    mapping: dict[Any, Any] = {}
    with Emulator(org="acme") as acme, Emulator(org="globex") as globex:
        clients = []
        for server in (acme, globex):
            server.world.add("conversation", id=ID, name=server.org)
            clients.append(client_of(server, mapping))
        for _ in range(2):
            for client in clients:
                assert Conversation.using(client).get(ID).name == client.org
        assert (len(acme.requests), len(globex.requests), len(mapping)) == (1, 1, 2)

        Conversation.using(clients[0]).get(ID).delete()
        assert Conversation.using(clients[1]).get(ID).name == "globex"
        clients[1].cache.clear()
        clients[0].cache.clear()
        assert (len(acme.requests), len(globex.requests), mapping) == (2, 1, {})
        for client in clients:
            client.close()


def test_clients_of_one_key_share_what_they_read_and_write(server: Emulator) -> None:
    mapping: dict[Any, Any] = {}
    first, second = client_of(server, mapping), client_of(server, mapping)
    id_ = server.world.add("conversation", name="Hi")
    record = Conversation.using(first).get(id_)
    assert Conversation.using(second).get(id_).name == "Hi"
    record.name = "Ho"
    record.save()
    assert Conversation.using(second).get(id_).name == "Ho"
    assert len(server.requests) == 2
    assert (first.cache.stats, second.cache.stats) == ((0, 1, 2, 0), (2, 0, 0, 0))


@pytest.fixture
def any_key(server: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the emulator take every key, for the real API has many of one organisation."""
    monkeypatch.setattr(server._gate, "check_token", lambda exchange: None)


@pytest.mark.usefixtures("any_key")
def test_what_one_key_may_see_is_not_shown_to_another(server: Emulator) -> None:
    """Decision 0011."""
    mapping: dict[Any, Any] = {}
    mine, theirs = client_of(server, mapping), client_of(server, mapping, api_key="another-key")
    id_ = server.world.add("conversation", name="Hi")
    assert Conversation.using(mine).get(id_).name == "Hi"
    server.world.mask("conversation", "name")
    assert repr(Conversation.using(theirs).get(id_).name) == "<masked>"
    assert Conversation.using(mine).get(id_).name == "Hi"

    assert {key[:3] for key in mapping} == {(server.org, "conversation", id_)}
    assert len({key[3] for key in mapping}) == 2
    for _, _, _, reader in mapping:
        assert len(reader) == 16
        assert set(reader) <= set("0123456789abcdef")
    for part in ("another-key", server.api_key, *server.api_key.split(".")):
        assert part not in repr(mapping)


@pytest.mark.usefixtures("any_key")
def test_a_write_with_one_key_drops_what_others_have_read(server: Emulator) -> None:
    """Pitfall 81: the other key's document is as old as ours."""
    mapping: dict[Any, Any] = {}
    mine, theirs = client_of(server, mapping), client_of(server, mapping, api_key="another-key")
    id_ = server.world.add("conversation", name="Hi")
    for client in (mine, theirs):
        Conversation.using(client).get(id_)
    assert len(mapping) == 2

    record = Conversation.using(mine).get(id_)
    record.name = "Ho"
    record.save()
    assert Conversation.using(theirs).get(id_).name == "Ho"
    record.delete()
    assert mapping == {}


def test_one_key_at_two_hosts_is_two_readers() -> None:
    """A sandbox and the real thing may bear one name."""
    mapping: dict[Any, Any] = {}
    hosts = ("https://api.kustomerapp.com", "https://api.prod2.kustomerapp.com")
    first, second = (
        Client("a-key", org="acme", base_url=host, cache=mapping).cache for host in hosts
    )
    first.keep_read({"type": "user", "id": ID, "attributes": {}}, first.begin())
    assert first.find("user", ID) is not None
    assert second.find("user", ID) is None


def test_other_things_in_the_mapping_are_left_alone_and_never_believed(server: Emulator) -> None:
    mapping: dict[Any, Any] = {"mine": 1, ("a", "b"): 2, (1, 2, 3, 4): 3}
    kept = dict(mapping)
    client = client_of(server, mapping)
    id_ = server.world.add("conversation", name="Hi")
    Conversation.using(client).get(id_)
    (key,) = mapping.keys() - kept.keys()
    document = mapping[key]
    strange: list[Any] = [
        None,
        17,
        [],
        {},
        {**document, "id": "another"},
        {**document, "type": "customer"},
        {**document, "attributes": None},
        {**document, "relationships": []},
    ]
    for number, value in enumerate(strange, start=2):
        mapping[key] = value
        assert Conversation.using(client).get(id_).name == "Hi"
        assert len(server.requests) == number
    assert len(client.cache) == 1
    client.cache.clear()
    assert mapping == kept


def test_a_mapping_and_its_lock_go_with_the_last_client(server: Emulator) -> None:
    mapping: dict[Any, Any] = {}
    first, second = client_of(server, mapping), client_of(server, mapping)
    assert first.cache._shelf is second.cache._shelf is shelf._shelves[id(mapping)]
    assert client_of(server, {}).cache._shelf is not first.cache._shelf
    del first
    gc.collect()
    assert id(mapping) in shelf._shelves
    del second
    gc.collect()
    assert id(mapping) not in shelf._shelves


# -- mappings that fail --------------------------------------------------------------------------


class Failing(dict[Any, Any]):
    """A mapping whose verbs raise while they are told to."""

    def __init__(self) -> None:
        super().__init__()
        self.down: set[str] = set()

    def _try(self, verb: str) -> None:
        if verb in self.down:
            raise ConnectionError("no route to redis; the value was Jane Doe")

    def __getitem__(self, key: Any) -> Any:
        self._try("get")
        return super().__getitem__(key)

    def __setitem__(self, key: Any, value: Any) -> None:
        self._try("set")
        super().__setitem__(key, value)

    def __delitem__(self, key: Any) -> None:
        self._try("del")
        super().__delitem__(key)

    def __iter__(self) -> Iterator[Any]:
        self._try("iter")
        return super().__iter__()


@pytest.mark.parametrize("down", ["get", "set", "del", "iter", "get set del iter"])
def test_a_mapping_that_raises_breaks_nothing_and_is_told_once(
    server: Emulator, caplog: pytest.LogCaptureFixture, down: str
) -> None:
    caplog.set_level(logging.WARNING, "kustomer_orm")
    mapping = Failing()
    client = client_of(server, mapping)
    mine = Conversation.using(client)
    ids = [server.world.add("conversation", name="Hi", externalId=f"E-{n}") for n in range(2)]
    mine.get(ids[0])
    mapping.down = set(down.split())
    for turn in range(3):
        record = mine.get(ids[0])
        record.name = f"Turn {turn}"
        record.save()
        assert mine.get(ids[0]).name == f"Turn {turn}"
        assert [each.id for each in mine.get_many(ids)] == ids
        assert mine.get_by(external_id="E-1").id == ids[1]
        record.refresh()
        assert repr(client.cache)
        len(client.cache)
        client.cache.drop("conversation", ids[1])
        client.cache.clear()
    mine.get(ids[1]).delete()

    said = [each.getMessage() for each in caplog.records]
    assert said == ["the cache's mapping raised ConnectionError: going on without it"]


@pytest.mark.parametrize("how", ["drop", "clear", "save", "delete"])
def test_what_could_not_be_taken_out_is_not_believed_afterwards(server: Emulator, how: str) -> None:
    """Pitfall 81: the mapping is away for a moment, and comes back with what it had."""
    mapping = Failing()
    client = client_of(server, mapping)
    mine = Conversation.using(client)
    id_ = server.world.add("conversation", name="Hi")
    record = mine.get(id_)
    mapping.down = {"get", "set", "del", "iter"}
    if how == "save":
        record.name = "Ho"
        record.save()
    elif how == "delete":
        record.delete()
    else:
        server.world.edit("conversation", id_, name="Ho")
        client.cache.clear() if how == "clear" else client.cache.drop("conversation", id_)
    mapping.down = set()

    assert len(mapping) == 1
    if how == "delete":
        with pytest.raises(errors.NotFoundError):
            mine.get(id_)
        return
    assert mine.get(id_).name == "Ho"
    server.requests.clear()
    client.cache.clear()
    assert mine.get(id_).name == mine.get(id_).name == "Ho"
    assert len(server.requests) == 1


def test_a_mapping_that_fails_for_long_is_not_believed_at_all(
    server: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf, "_MOST_DISTRUSTED", 3)
    mapping = Failing()
    client = client_of(server, mapping)
    id_ = server.world.add("conversation", name="Hi")
    Conversation.using(client).get(id_)
    mapping.down = {"del"}
    for number in range(5):
        client.cache.drop("conversation", f"{ID}{number}")
    mapping.down = set()
    assert client.cache.find("conversation", id_) is None
    client.cache.clear()
    Conversation.using(client).get(id_)
    assert client.cache.find("conversation", id_) is not None


def test_a_document_that_does_not_fit_leaves_no_older_one_behind(server: Emulator) -> None:
    """cachetools raises ValueError where a value is larger than the cache, and keeps the old."""
    mapping = cachetools.LRUCache[Any, Any](2_000, getsizeof=lambda found: len(repr(found)))
    client = client_of(server, mapping)
    id_ = server.world.add("conversation")
    size = len(repr(server.world.get("conversation", id_)))
    mapping = cachetools.LRUCache[Any, Any](size + 500, getsizeof=lambda found: len(repr(found)))
    client = client_of(server, mapping)
    record = Conversation.using(client).get(id_)
    assert len(mapping) == 1
    record.custom["noteTxt"] = "x" * 1000
    record.save()
    assert len(mapping) == 0
    assert Conversation.using(client).get(id_).custom["noteTxt"] == "x" * 1000


def test_a_mapping_that_forgets_at_will_costs_requests_and_nothing_else(server: Emulator) -> None:
    class Sieve(dict[Any, Any]):
        def __setitem__(self, key: Any, value: Any) -> None:
            pass

    client = client_of(server, Sieve())
    id_ = server.world.add("conversation", name="Hi")
    record = Conversation.using(client).get(id_)
    record.name = "Ho"
    record.save()
    assert Conversation.using(client).get(id_).name == "Ho"
    assert [each.method for each in server.requests] == ["GET", "PATCH", "GET"]


def test_documents_survive_a_shelf_on_disk(server: Emulator, tmp_path: Path) -> None:
    class OnDisk(MutableMapping[Any, Any]):
        def __init__(self) -> None:
            self.file = shelve.open(str(tmp_path / "documents"))  # noqa: SIM115

        def __getitem__(self, key: Any) -> Any:
            return self.file[repr(key)]

        def __setitem__(self, key: Any, value: Any) -> None:
            self.file[repr(key)] = value

        def __delitem__(self, key: Any) -> None:
            del self.file[repr(key)]

        def __iter__(self) -> Iterator[Any]:
            return iter(())

        def __len__(self) -> int:
            return len(self.file)

    server.world.add("conversation", id=ID, name="Hi", tags=["vip"])
    for _ in range(2):
        mapping = OnDisk()
        record = Conversation.using(client_of(server, mapping)).get(ID)
        assert (record.name, record.tags) == ("Hi", [server.world.tag_id("vip")])
        mapping.file.close()
    assert len(server.requests) == 1


# -- threads and forks ---------------------------------------------------------------------------


def hammer(clients: list[Client], ids: list[str]) -> list[BaseException]:
    """Have eight threads read, keep and drop the same documents for a while."""
    raised: list[BaseException] = []
    together = threading.Barrier(8)

    def work(number: int) -> None:
        cache = clients[number % len(clients)].cache
        together.wait(10)
        try:
            for turn in range(1_500):
                id_ = ids[(turn * 7 + number) % len(ids)]
                document = cache.find("conversation", id_)
                if document is None:
                    begun = cache.begin()
                    cache.keep_read(
                        {"type": "conversation", "id": id_, "attributes": {"rev": turn}}, begun
                    )
                else:
                    assert document["id"] == id_
                if turn % 50 == 0:
                    cache.drop("conversation", id_)
                if turn % 500 == 0:
                    cache.clear()
        except BaseException as error:
            raised.append(error)
            raise

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            for done in [pool.submit(work, number) for number in range(8)]:
                done.exception()
    finally:
        sys.setswitchinterval(interval)
    return raised


@pytest.mark.parametrize("seconds", [1e-6, 20e-6, 1e-3])
def test_eight_threads_and_a_life_of_microseconds_raise_nothing(
    seconds: float, caplog: pytest.LogCaptureFixture
) -> None:
    """Pitfall 79: with a real clock, so that entries expire between any two lines."""
    caplog.set_level(logging.WARNING, "kustomer_orm")
    mapping = cachetools.TTLCache[Any, Any](5, seconds)
    clients = [Client("a-key", org="acme", cache=mapping, clock=Clock()) for _ in range(2)]
    ids = [f"{ID}{number}" for number in range(10)]

    assert hammer(clients, ids) == []
    assert caplog.records == []  # nor was anything raised and passed over


def test_a_document_that_expires_right_after_it_was_looked_up_is_a_hit(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Pitfall 79: to ask first whether it is there takes a second look, and by then it is not."""
    caplog.set_level(logging.WARNING, "kustomer_orm")
    looks = itertools.count()
    mapping = cachetools.TTLCache[Any, Any](5, 1.5, timer=lambda: next(looks))
    cache = Client("a-key", org="acme", cache=mapping).cache
    cache.keep_read({"type": "user", "id": ID, "attributes": {}}, cache.begin())
    assert cache.find("user", ID) is not None
    assert cache.find("user", ID) is None
    assert (cache.stats, caplog.records) == ((1, 1, 1, 0), [])


def test_the_lock_is_not_held_during_a_request(server: Emulator) -> None:
    client = client_of(server, {})
    mine = Conversation.using(client)
    ids = [server.world.add("conversation") for _ in range(2)]
    arrived, release = threading.Event(), threading.Event()

    def wait(_: object) -> None:
        arrived.set()
        release.wait(10)

    server.faults.add(Fault.before(wait))
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(mine.get, ids[0])
        assert arrived.wait(10)
        assert mine.get(ids[1]).id == mine.get(ids[1]).id == ids[1]
        assert not slow.done()
        release.set()
        assert slow.result(10).id == ids[0]


class Announcing:
    """A lock that tells when somebody asks for it by name, as the hook of a fork does."""

    def __init__(self, lock: Any, asked: threading.Event) -> None:
        self._lock = lock
        self._asked = asked

    def acquire(self) -> None:
        self._asked.set()
        self._lock.acquire()

    def release(self) -> None:
        self._lock.release()

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def test_a_child_forked_while_a_thread_is_in_the_mapping_gets_a_whole_one_and_no_held_lock(
    server: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside, release = threading.Event(), threading.Event()

    class Slow(dict[Any, Any]):
        waits = False

        def __getitem__(self, key: Any) -> Any:
            if self.waits:
                inside.set()
                release.wait(10)
            return super().__getitem__(key)

    mapping = Slow()
    client = client_of(server, mapping)
    id_ = server.world.add("conversation", name="Hi")
    Conversation.using(client).get(id_)
    shared = client.cache._shelf
    assert shared is not None
    monkeypatch.setattr(shared, "lock", Announcing(shared.lock, release))
    mapping.waits = True
    with ThreadPoolExecutor(1) as pool:
        busy = pool.submit(client.cache.find, "conversation", id_)
        assert inside.wait(10)
        child = os.fork()
        if child == 0:  # pragma: no cover - not the process that measures
            in_child(client, mapping, id_)
        mapping.waits = False
        _, status = os.waitpid(child, 0)
        release.set()
        assert busy.result(10) is not None
    assert os.waitstatus_to_exitcode(status) == 0
    assert len(client.cache) == 1, "the child has its own"


def in_child(client: Client, mapping: Any, id_: str) -> None:  # pragma: no cover - likewise
    """Use the cache in the child; a lock that is held for ever ends it by a signal."""
    signal.alarm(5)
    try:
        mapping.waits = False
        found = Conversation.using(client).get(id_)
        client.cache.clear()
        client_of_child = Client("a-key", org="acme", cache={})
        os._exit(0 if found.name == "Hi" and not len(client.cache) and client_of_child else 1)
    except BaseException:  # noqa: BLE001 - whatever it was, the child must not go on as pytest
        traceback.print_exc()
        os._exit(2)


class Unlisted(dict[Any, Any]):
    """A mapping that cannot be listed, and forgets an organisation when it is told to."""

    fails = False

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def forget(self, org: str) -> None:
        if self.fails:
            raise ConnectionError("the store has gone")
        for key in [*super().__iter__()]:
            if key[0] == org:
                del self[key]


@pytest.mark.parametrize("fails", [False, True])
def test_a_mapping_that_cannot_be_listed_is_told_what_to_forget(
    server: Emulator, *, fails: bool
) -> None:
    mapping = Unlisted()
    mapping["other", "conversation", "x", "y"] = {}
    with Client(server.api_key, base_url=server.url, org="acme", cache=mapping) as client:
        id_ = server.world.add("conversation")
        Conversation.get(id_)
        mapping.fails = fails
        client.cache.clear()
        Conversation.get(id_)
        client.close()

    assert len(server.requests) == 2  # what could not be forgotten is not believed
    assert ("other", "conversation", "x", "y") in mapping
