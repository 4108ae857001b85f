"""Threads that share a collector: what one of them takes is sent or refused, however it ends."""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kustomer_orm import Client, Customer
from kustomer_orm.bulk.progress import Told
from kustomer_orm.emulator import Emulator
from kustomer_orm.errors import ConfigurationError


class MineError(Exception):
    """The exception of a block."""


def renamed(server: Emulator, count: int) -> list[Customer]:
    found = Customer.get_many([server.world.add("customer", name="A") for _ in range(count)])
    for record in found:
        record.name = "B"
    return found


def named(server: Emulator, name: str) -> int:
    ids = server.world.ids("customer")
    return sum(server.world.get("customer", id_)["attributes"]["name"] == name for id_ in ids)


class Worker:
    """A thread that saves records, and keeps what it was told."""

    def __init__(self, work: Callable[[], object]) -> None:
        self.errors: list[BaseException] = []
        self._work = work
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        try:
            self._work()
        except (ConfigurationError, ValueError) as error:
            self.errors.append(error)

    def start(self) -> None:
        self._thread.start()

    def join(self) -> None:
        self._thread.join(30)
        assert not self._thread.is_alive()


class Gate:
    """Lets the test go on when a thread is somewhere, and that one only when the test says so."""

    def __init__(self) -> None:
        self.reached, self.opened = threading.Event(), threading.Event()

    def pass_through(self) -> None:
        if threading.current_thread() is not threading.main_thread():
            self.reached.set()
            assert self.opened.wait(30)


def at_polls(client: Client, monkeypatch: pytest.MonkeyPatch, gate: Gate) -> None:
    read = client.read

    def watched(path: str) -> Any:
        if path.startswith("/v1/bulk/"):
            gate.pass_through()
        return read(path)

    monkeypatch.setattr(client, "read", watched)


@pytest.mark.parametrize("error", [MineError("mine"), KeyboardInterrupt()])
def test_a_block_that_raises_while_a_worker_polls_settles_each_record_once(
    server: Emulator, client: Client, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    records, gate, bulk = renamed(server, 700), Gate(), client.bulk()
    at_polls(client, monkeypatch, gate)
    later = threading.Timer(0.05, gate.opened.set)  # when the block waits for its end

    def work() -> None:
        for record in records:
            bulk.save(record)

    def block() -> None:
        with bulk:
            worker.start()
            assert gate.reached.wait(30)
            later.start()
            raise error

    worker = Worker(work)
    with pytest.raises(type(error)) as caught:
        block()
    worker.join()

    assert caught.value is error
    assert vars(error)["result"] is bulk.result
    assert [type(each) for each in worker.errors] == [ConfigurationError]
    assert max(Counter(bulk.result.saved).values()) == 1
    assert len(bulk.result.saved) == named(server, "B") == 500
    assert bulk.result.unknown == []
    assert sum(record.is_dirty for record in records) == 200


def test_a_worker_that_is_about_to_send_is_waited_for(
    server: Emulator, client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    records, gate = [Customer(name=f"N {number}") for number in range(100)], Gate()
    bulk = client.bulk(journal=tmp_path / "j")
    fsync = os.fsync

    def slow(handle: int) -> None:
        gate.pass_through()
        fsync(handle)

    monkeypatch.setattr(os, "fsync", slow)
    later = threading.Timer(0.05, gate.opened.set)

    def work() -> None:
        for record in records:
            bulk.save(record)

    def block() -> None:
        with bulk:
            worker.start()
            assert gate.reached.wait(30)
            later.start()
            raise MineError

    worker = Worker(work)
    with pytest.raises(MineError):
        block()
    worker.join()

    assert len(bulk.result.created) == len(server.world.ids("customer")) == 100
    assert all(record.id for record in records)


def test_whoever_waits_while_the_block_ends_is_refused(
    server: Emulator, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    records, taken, ending = renamed(server, 8), threading.Event(), threading.Event()

    def slow(*_: object) -> None:
        ending.set()
        taken.wait(0.2)  # all was sent, and the block has not ended yet

    monkeypatch.setattr(Told, "__exit__", slow)

    def late(record: Customer) -> Callable[[], None]:
        def work() -> None:
            assert ending.wait(30)
            bulk.save(record)
            taken.set()

        return work

    workers = [Worker(late(record)) for record in records[1:]]
    with client.bulk() as bulk:
        for worker in workers:
            worker.start()
        bulk.save(records[0])
    for worker in workers:
        worker.join()

    assert [len(worker.errors) for worker in workers] == [1] * 7
    assert len(bulk.result.saved) == named(server, "B") == 1


def test_a_second_ctrl_c_while_the_block_waits_leaves_nothing_unsaid(
    server: Emulator, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    records, gate = [Customer(name=f"N {number}") for number in range(500)], Gate()
    bulk = client.bulk()
    at_polls(client, monkeypatch, gate)

    class Interrupted:
        """The lock of a collector, in whose wait Ctrl-C comes."""

        def __init__(self, lock: Any) -> None:
            self._lock = lock
            self.acquire, self.release = lock.acquire, lock.release

        def __enter__(self) -> None:
            if threading.current_thread() is threading.main_thread():
                raise KeyboardInterrupt
            self._lock.acquire()

        def __exit__(self, *_: object) -> None:
            self._lock.release()

    def work() -> None:
        for record in records:
            bulk.save(record)

    def block() -> None:
        with bulk:
            monkeypatch.setattr(bulk, "_lock", Interrupted(bulk._lock))
            worker.start()
            assert gate.reached.wait(30)
            raise MineError

    worker = Worker(work)
    with pytest.raises(KeyboardInterrupt):
        block()
    gate.opened.set()
    worker.join()

    made = len(server.world.ids("customer"))
    assert len(bulk.result.created) + len(bulk.result.unknown) == made == 500
    assert all(record.id or record.in_doubt for record in records)


def test_a_collector_is_flushed_in_its_block_only(server: Emulator, client: Client) -> None:
    bulk = client.bulk()

    with pytest.raises(ConfigurationError, match="not open"):
        bulk.flush()


def test_the_exception_of_the_block_wins_over_what_settling_raises(
    server: Emulator, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = renamed(server, 100)

    def broken(_: str) -> Any:
        raise LookupError("a bug")

    def block() -> None:
        with client.bulk() as bulk:
            bulk.save_all(records)
            monkeypatch.setattr(client, "read", broken)
            raise MineError

    with pytest.raises(MineError) as caught:
        block()

    assert len(vars(caught.value)["result"].unknown) == 100
    assert "LookupError" in "".join(caught.value.__notes__)
