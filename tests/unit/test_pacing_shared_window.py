"""One window for all processes: a real Redis, killed and started again while requests are made."""

from __future__ import annotations

import logging
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import limits.storage.redis  # noqa: F401 - its clock is the test's, see below
import pytest
import redis

from kustomer_orm import Client, Wait, errors
from kustomer_orm.config import RedisURL
from tests.unit.emulated_time import EmulatedTime, most_in_a_minute, read, statuses
from tests.unit.redis_process import RedisProcess, needs_redis

pytestmark = needs_redis


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> EmulatedTime:
    made = EmulatedTime()
    clock = SimpleNamespace(time=lambda: made.now)
    monkeypatch.setattr(sys.modules["limits.storage.redis"], "time", clock)
    return made


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[RedisProcess]:
    process = RedisProcess(tmp_path)
    process.start()
    yield process
    process.kill()


def lines(caplog: pytest.LogCaptureFixture, word: str) -> list[tuple[str, str]]:
    found = [(each.levelname, each.getMessage()) for each in caplog.records]
    return [line for line in found if word in line[1]]


def test_clients_share_one_window_and_leave_the_reserve(
    time: EmulatedTime, broker: RedisProcess
) -> None:
    with time.server(rate_limit=50) as server:
        one, two = (
            time.client(server, rate_limit=broker.url, reserve=0.1, max_wait=0) for _ in range(2)
        )
        read(one, server, 30)
        read(two, server, 15)
        for client in (one, two):
            with pytest.raises(errors.RateLimitError, match="not sent") as raised:
                read(client, server)
            assert 59 <= (raised.value.retry_after or 0) <= 62
        assert statuses(server) == [200] * 45
        time.now += 61.5
        read(two, server, 45)
    assert time.slept == []


def test_who_waits_goes_on_by_itself_and_the_server_never_sees_more(
    time: EmulatedTime, broker: RedisProcess
) -> None:
    with time.server(rate_limit=40) as server:
        clients = [time.client(server, rate_limit=broker.url) for _ in range(4)]
        for number in range(150):
            read(clients[number % 4], server)
        assert set(statuses(server)) == {200}
        assert most_in_a_minute(server) <= 39
    assert len(time.slept) <= 12


def test_a_thread_behind_one_that_waits_is_told_or_refused_at_once(
    time: EmulatedTime, broker: RedisProcess
) -> None:
    with time.server(rate_limit=10) as server, time.server(rate_limit=10) as elsewhere:
        asleep, wake, told = threading.Event(), threading.Event(), list[Wait]()
        passes = time.sleep

        def wait_to_be_woken(seconds: float) -> None:
            asleep.set()
            assert wake.wait(10)
            passes(seconds)

        time.sleep = wait_to_be_woken  # type: ignore[method-assign]
        waiting, hasty = (
            time.client(server, org="acme", rate_limit=broker.url, **settings)
            for settings in ({"on_wait": told.append}, {"max_wait": 5})
        )
        hasty._transport._pacer = waiting._transport._pacer
        read(time.client(elsewhere, org="acme", rate_limit=broker.url), elsewhere, 9)
        with ThreadPoolExecutor(2) as pool:
            first = pool.submit(read, waiting, server)
            assert asleep.wait(10)
            with pytest.raises(errors.RateLimitError, match="not sent"):
                read(hasty, server)
            second = pool.submit(read, waiting, server)
            while len(told) < 2:
                assert not second.done()
            wake.set()
            first.result()
            second.result()
        assert [wait.seconds for wait in told] == [pytest.approx(61, abs=0.2)] * 2
        assert set(statuses(server)) == {200}


def test_a_process_that_begins_learns_the_limit_from_the_others(
    time: EmulatedTime, broker: RedisProcess
) -> None:
    with time.server(rate_limit=5) as server:
        read(time.client(server, rate_limit=broker.url), server, 4)
        late = time.client(server, rate_limit=broker.url, max_wait=0)
        with pytest.raises(errors.RateLimitError):
            read(late, server)
        assert len(server.requests) == 4


def test_what_people_use_counts_against_the_shared_window(
    time: EmulatedTime, broker: RedisProcess
) -> None:
    with time.server(rate_limit=100) as server:
        one, two = (
            time.client(server, rate_limit=broker.url, reserve=0, max_wait=0) for _ in range(2)
        )
        read(one, server, 10)
        server.limits.spend(40)
        time.now += 2
        read(two, server)
        time.now += 2
        with pytest.raises(errors.RateLimitError):
            read(one, server, 100)
        assert set(statuses(server)) == {200}
        assert 55 <= len(server.requests) <= 60


def test_people_keep_their_share_of_the_window_that_begins(
    time: EmulatedTime, broker: RedisProcess
) -> None:
    with time.server(rate_limit=100) as server:
        client = time.client(server, rate_limit=broker.url, reserve=0, max_wait=0)
        read(client, server)
        server.limits.spend(40)
        time.now += 30
        read(client, server)
        time.now += 2
        read(client, server)
        time.now += 30
        with pytest.raises(errors.RateLimitError):
            read(client, server, 100)
        assert set(statuses(server)) == {200}
        assert 60 <= len(server.requests) <= 63


def test_two_organisations_do_not_share(time: EmulatedTime, broker: RedisProcess) -> None:
    with time.server(rate_limit=10) as one, time.server(rate_limit=10) as two:
        settings: dict[str, Any] = {"rate_limit": broker.url, "max_wait": 0}
        read(time.client(one, **settings), one, 9)
        read(time.client(two, **settings), two, 9)
        same = time.client(one, org="acme", **settings)
        read(same, one)
        with pytest.raises(errors.RateLimitError):
            read(time.client(one, **settings), one)


# -- Redis goes and comes ------------------------------------------------------------------------


def test_a_redis_that_is_killed_is_done_without_and_taken_up_again(
    time: EmulatedTime, broker: RedisProcess, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "kustomer_orm")
    with time.server(rate_limit=60) as server:
        client = time.client(server, rate_limit=broker.url)
        read(client, server, 10)
        broker.kill()
        read(client, server, 100)
        assert [level for level, _ in lines(caplog, "Redis")] == ["WARNING"]
        assert most_in_a_minute(server) <= 58  # by the headers alone

        broker.start()
        time.now += 10
        read(client, server, 10)

        assert [level for level, _ in lines(caplog, "Redis")] == ["WARNING", "INFO"]
        with redis.Redis(port=broker.port) as direct:
            assert int(direct.llen(f"LIMITS:kustomer_orm/{client.org}")) >= 10
        read(client, server, 100)
        assert set(statuses(server)) == {200}
        assert most_in_a_minute(server) <= 58


def test_a_redis_that_goes_again_is_told_again(
    time: EmulatedTime, broker: RedisProcess, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "kustomer_orm")
    with time.server() as server:
        client = time.client(server, rate_limit=broker.url)
        for _ in range(2):
            read(client, server)
            broker.kill()
            read(client, server, 3)
            broker.start()
            time.now += 6
        read(client, server)
    expected = ["WARNING", "INFO", "WARNING", "INFO"]
    assert [level for level, _ in lines(caplog, "Redis")] == expected


def test_a_redis_that_is_not_there_costs_one_warning_and_no_call(
    time: EmulatedTime, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    gone = RedisProcess(tmp_path, password="hunter2-secret")
    with time.server() as server:
        client = time.client(server, rate_limit=gone.url)
        for _ in range(30):
            time.now += 1
            read(client, server)
        assert set(statuses(server)) == {200}
    ((level, text),) = lines(caplog, "Redis")
    assert level == "WARNING"
    assert f"redis://127.0.0.1:{gone.port}/0" in text
    assert "hunter2" not in caplog.text


def test_a_wrong_password_is_an_outage_and_a_right_one_is_in_no_text(
    time: EmulatedTime, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    broker = RedisProcess(tmp_path, password="hunter2-secret")
    broker.start()
    try:
        with time.server() as server:
            right = time.client(server, rate_limit=broker.url)
            read(right, server)
            assert lines(caplog, "Redis") == []
            wrong = time.client(server, rate_limit=broker.url.replace("hunter2", "swordfish"))
            read(wrong, server, 3)
            assert len(lines(caplog, "Redis")) == 1
            shown = [repr(right), repr(right.config), str(right.config), caplog.text]
            shown += [repr(vars(right._transport)), repr(vars(right._transport._pacer))]
    finally:
        broker.kill()
    assert "hunter2" not in "".join(shown)
    assert "swordfish" not in caplog.text


# -- the address ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "redis://",
        "redis://:pass-secret@host:port",
        "redis://:pass-secret/word@host:6379",
        "redis://:pass-secret@host:0",
        "redis://:pass-secret@[host",
        "http://:pass-secret@host",
        "pass-secret",
        "redis+unix://",
        7,
    ],
)
def test_a_wrong_address_is_refused_without_being_repeated(address: Any) -> None:
    with pytest.raises(errors.ConfigurationError, match="rate_limit") as raised:
        Client("key", org="acme", rate_limit=address)
    error = raised.value
    assert "pass-secret" not in f"{error!r} {error.__cause__!r} {error.__context__!r}"
    assert pickle.loads(pickle.dumps(error)).args == error.args


def test_the_address_is_shown_without_its_password_and_never_pickled() -> None:
    address = RedisURL("rediss://user:pass-secret@host:6380/1?ssl_cert_reqs=none")
    assert (str(address), repr(address)) == ("rediss://host:6380/1", "<rediss://host:6380/1>")
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(address)
    client = Client("key", org="acme", rate_limit=address.reveal())
    assert "pass-secret" not in repr(client.config)


@pytest.mark.parametrize("package", ["limits", "redis"])
def test_without_its_packages_the_cure_is_told(
    monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == package]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.delitem(sys.modules, "kustomer_orm.transport.shared_budget", raising=False)
    with pytest.raises(errors.ConfigurationError, match=r"pip install 'kustomer_orm\[redis\]'"):
        Client("key", org="acme", rate_limit="redis://127.0.0.1")
    monkeypatch.undo()


# -- processes -----------------------------------------------------------------------------------


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_has_its_own_connection_and_the_same_window(
    time: EmulatedTime, broker: RedisProcess
) -> None:
    with time.server(rate_limit=20) as server:
        client = time.client(server, rate_limit=broker.url, max_wait=0)
        read(client, server, 10)
        shared: Any = client._transport._pacer._shared  # type: ignore[union-attr]  # pyright: ignore[reportAttributeAccessIssue]
        with shared._lock:
            child = os.fork()
            if child == 0:
                status = 1
                try:
                    read(client, server, 9)
                    status = 0
                finally:
                    os._exit(status)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        with pytest.raises(errors.RateLimitError):
            read(client, server)
        assert len(server.requests) == 19


READS = """
import sys
from kustomer_orm import Client, errors

done, client = 0, Client()
try:
    while True:
        client.read(f"/v1/conversations/{sys.argv[1]}")
        done += 1
except errors.RateLimitError:
    print(done)
"""


def test_processes_that_know_nothing_of_each_other_share_the_window(
    broker: RedisProcess,
) -> None:
    """In real time: no clock of the test's reaches into another process."""
    with EmulatedTime().server(rate_limit=100) as server:
        settings = {
            "KUSTOMER_API_KEY": server.api_key,
            "KUSTOMER_BASE_URL": server.url,
            "KUSTOMER_RATE_LIMIT": broker.url,
            "KUSTOMER_MAX_WAIT": "0",
        }
        command = [sys.executable, "-c", READS, server.world.ids("conversation")[0]]
        workers = [
            subprocess.Popen(command, env={**os.environ, **settings}, stdout=subprocess.PIPE)
            for _ in range(3)
        ]
        done = sum(int(worker.communicate(timeout=60)[0]) for worker in workers)
        assert set(statuses(server)) == {200}
        assert done == len(server.requests) == 98
