"""`kustomer-orm emulate`: in a process of its own, until a signal."""

from __future__ import annotations

import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from click.testing import Result

from kustomer_orm.config import SETTINGS
from kustomer_orm.emulator import Emulator

ID = "58228e05d4e96711004eccb7"
Run = Callable[..., Result]
Process = subprocess.Popen[str]


@contextmanager
def emulating(*options: str, before: tuple[str, ...] = ()) -> Iterator[tuple[Process, list[str]]]:
    """Start the command; the process, and the lines that it prints until it listens."""
    words = [sys.executable, "-m", "kustomer_orm.cli", *before, "emulate", *options]
    pipe = subprocess.PIPE
    with subprocess.Popen(words, stdout=pipe, stderr=pipe, encoding="utf-8") as process:
        try:
            assert process.stdout is not None
            yield process, list(iter(process.stdout.readline, "Ctrl-C stops it.\n"))
        finally:
            process.kill()


def exports(lines: list[str]) -> dict[str, str]:
    """What a shell makes of the lines."""
    words = [shlex.split(line)[1] for line in lines if line.startswith("export ")]
    return dict(word.split("=", 1) for word in words)


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_the_demos_records_until_a_signal(run: Run, stop: signal.Signals) -> None:
    with emulating() as (process, lines):
        environ = exports(lines)
        assert list(environ) == ["KUSTOMER_API_KEY", "KUSTOMER_BASE_URL", "KUSTOMER_ORG"]
        assert set(environ) <= {setting.variable for setting in SETTINGS}
        found = run("get", "conversation", ID, **environ)
        assert found.exit_code == 0
        process.send_signal(stop)
        rest, errors = process.communicate(timeout=10)
    assert (process.returncode, rest, errors) == (0, "Stopped.\n", "")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", urlsplit(environ["KUSTOMER_BASE_URL"]).port or 0))


def test_it_listens_where_it_is_told_and_may_begin_empty(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with emulating("--host", "localhost", "--port", str(port), "--no-seed") as (process, lines):
        environ = exports(lines)
        assert environ["KUSTOMER_BASE_URL"].endswith(f":{port}")
        assert not any("get conversation" in line for line in lines)
        assert "404" in run("get", "conversation", ID, **environ).stderr
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=10)


def test_verbose_shows_each_request_that_arrives(run: Run) -> None:
    with emulating(before=("-v",)) as (process, lines):
        run("get", "conversation", ID, **exports(lines))
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=10)
    assert errors.splitlines() == [f"GET /v1/conversations/{ID} 200"]


def test_a_port_that_is_taken_is_one_line(server: Emulator, run: Run) -> None:
    result = run("emulate", "--port", str(server.port))
    assert result.exit_code == 1
    assert result.stderr.startswith(f"Error: cannot listen on 127.0.0.1, port {server.port}: ")
    assert len(result.stderr.splitlines()) == 1


def test_its_signal_handlers_do_not_outlive_it(server: Emulator, run: Run) -> None:
    before = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)]
    run("emulate", "--port", str(server.port))
    assert [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)] == before
