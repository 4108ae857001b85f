"""All threads of a client share its budgets; a forked child has books and locks of its own."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from kustomer_orm import Client, Conversation, errors
from kustomer_orm.emulator import Emulator, Fault
from tests.unit.emulated_time import EmulatedTime, most_in_a_minute, read, statuses


@pytest.fixture
def time() -> EmulatedTime:
    return EmulatedTime()


def at_once(threads: int, client: Client, server: Emulator, times: int = 1) -> list[Any]:
    """Read from so many threads at once; what each of them came to, an error included."""
    gate = threading.Barrier(threads)

    def work() -> Any:
        gate.wait(10)
        try:
            read(client, server, times)
        except errors.KustomerError as error:
            return error
        return None

    with ThreadPoolExecutor(threads) as pool:
        futures = [pool.submit(work) for _ in range(threads)]
        return [future.result() for future in futures]


def test_forty_threads_that_begin_at_once_do_not_break_a_limit_they_have_not_seen(
    time: EmulatedTime,
) -> None:
    with time.server() as server:
        client = time.client(server, max_wait=0)
        server.limits.spend(970)
        outcomes = at_once(40, client, server)
        # What is under way counts twice for a moment where answers overtake each other.
        assert 5 <= len(server.requests) <= 10
        assert set(statuses(server)) == {200}
        refused = [each for each in outcomes if each is not None]
        assert {type(each) for each in refused} == {errors.RateLimitError}
        assert len(refused) == 40 - len(server.requests)


def test_the_first_answer_is_waited_for_by_all_and_then_they_go_together(
    time: EmulatedTime,
) -> None:
    with time.server() as server:
        client = time.client(server)
        answers = threading.Event()
        server.faults.add(Fault.stall(answers, times=5))
        with ThreadPoolExecutor(5) as pool:
            futures = [pool.submit(read, client, server) for _ in range(5)]
            assert server.wait_for(1)
            assert not server.wait_for(2, timeout=0.1)
            time.now += 1  # no answer for a second: another one asks as well
            assert server.wait_for(2)
            answers.set()
            for future in futures:
                future.result()
        assert len(server.requests) == 5


def test_sixteen_threads_keep_the_limit_use_it_and_fail_nowhere(time: EmulatedTime) -> None:
    with time.server(rate_limit=100) as server:
        client = time.client(server, deadline=1e6)
        assert at_once(16, client, server, 20) == [None] * 16
        assert set(statuses(server)) == {200}
        assert len(server.requests) == 320
        # How full a minute gets hangs on the scheduler: bench_budget.py measures it.
        assert 50 <= most_in_a_minute(server) <= 98


def test_a_429_holds_back_every_thread_and_not_just_the_one_that_saw_it(
    time: EmulatedTime,
) -> None:
    with time.server() as server:
        client = time.client(server, deadline=1e6)
        read(client, server)
        server.faults.add(Fault.status(429, headers={"Retry-After": "30"}))
        began = time.now
        hasty = time.client(server, retry=0)
        hasty._transport._pacer = client._transport._pacer
        with pytest.raises(errors.RateLimitError):
            read(hasty, server)

        assert at_once(8, client, server, 2) == [None] * 8

        assert statuses(server).count(429) == 1
        assert min(each.at for each in server.requests[2:]) >= began + 30


def test_a_save_in_one_thread_and_reads_in_others_share_the_line(time: EmulatedTime) -> None:
    with time.server(rate_limit=50) as server:
        client = time.client(server, deadline=1e6)

        def save(number: int) -> None:
            ident = server.world.add("conversation", name="Hi")
            conversation = Conversation.using(client).get(ident)
            conversation.name = str(number)
            conversation.save()

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(save, range(60)))
        assert set(statuses(server)) == {200}
        assert most_in_a_minute(server) <= 49


def test_two_clients_do_not_hold_each_other(time: EmulatedTime) -> None:
    with time.server() as one, time.server() as two:
        first, second = time.client(one, max_wait=0), time.client(two, max_wait=0)
        one.limits.spend(990)
        two.world.add("conversation")
        read(first, one)
        with pytest.raises(errors.RateLimitError):
            read(first, one)
        assert at_once(8, second, two) == [None] * 8


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_has_books_and_a_lock_of_its_own(time: EmulatedTime) -> None:
    with time.server() as server:
        client = time.client(server)
        read(client, server, 3)
        pacer: Any = client._transport._pacer
        with pacer._changed:  # as another thread of the parent would hold it
            child = os.fork()
            if child == 0:  # no assert in here: it would go on as a second pytest
                status = 1
                try:
                    read(client, server, 2)
                    fresh: Any = client._transport._pacer
                    status = 0 if len(fresh._organisation._times) == 2 else 2
                finally:
                    os._exit(status)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert len(pacer._organisation._times) == 3
        read(client, server)
        assert len(server.requests) == 6
