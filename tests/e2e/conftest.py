"""The two example desks, started as their users start them, and a browser to look at them with."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from kustomer_orm.emulator import Emulator
from tests.e2e.browser import Browser

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs" / "examples"
DESKS = {"flask": "/kustomer/webhooks", "django": "/kustomer/webhook/"}
EVENTS = ("kustomer.conversation.create", "kustomer.conversation.update")


@dataclass(frozen=True)
class Desk:
    """One desk: where it is, the Kustomer behind it, and the conversation that the test is about.

    Attributes:
        name: "flask" or "django".
        url: where it is.
        server: the emulator.
        id: a conversation with values in every field.
        log: what the desk wrote to its standard output and error.
    """

    name: str
    url: str
    server: Emulator
    id: str
    log: Path

    def writes(self) -> list[object]:
        """List the bodies of what the desk has sent to change something."""
        reading = {"GET"}
        return [
            each.body
            for each in self.server.requests
            if each.method not in reading and "/search" not in each.path
        ]


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One headless Chromium for the session; its windows are the tests'."""
    missing = [name for name in ("chromium", "chromedriver") if shutil.which(name) is None]
    if missing:
        pytest.skip(f"no {' and no '.join(missing)}: apt-get install chromium chromium-driver")
    with tempfile.TemporaryDirectory() as profile:
        made = Browser(profile)
        yield made
        made.close()


@pytest.fixture(params=sorted(DESKS))
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    """A desk in a process of its own, on an emulator in this one, so that a test sees its log."""
    name = request.param
    port = free_port()
    with Emulator() as server:
        server.seed_demo()
        user = server.world.add("user", name="Sam Agent", email="sam@example.com")
        values = {
            "orderNumberStr": "A-77",
            "refundAmountNum": 12.5,
            "dueAt": "2026-02-01T10:00:00.123Z",
            "vipBool": True,
            "carrierStr": "DHL",
            "noteTxt": "first line\nsecond line",
        }
        customer = server.world.add("customer", name="Jane Doe")
        id_ = server.world.add(
            "conversation",
            name="Mug arrived broken",
            customer=customer,
            tags=["damaged"],
            assignedUsers=[user],
            custom=values,
        )
        hook = server.webhooks.add(f"http://127.0.0.1:{port}{DESKS[name]}", *EVENTS)
        log = tmp_path / "desk.log"
        with log.open("wb") as out:
            process = start(name, port, server, hook.token, out.fileno())
            try:
                wait_until_ready(process, log)
                yield Desk(name, f"http://127.0.0.1:{port}", server, id_, log)
            finally:
                process.terminate()
                process.wait(timeout=20)


def start(name: str, port: int, server: Emulator, key: str, out: int) -> subprocess.Popen[bytes]:
    environ = {
        **os.environ,
        "KUSTOMER_BASE_URL": server.url,
        "KUSTOMER_API_KEY": server.api_key,
        "KUSTOMER_WEBHOOK_KEY": key,
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
    }
    program = EXAMPLES / f"{name}_desk" / "run.py"
    command = [sys.executable, str(program), "--port", str(port)]
    return subprocess.Popen(command, env=environ, stdout=out, stderr=subprocess.STDOUT)


def wait_until_ready(process: subprocess.Popen[bytes], log: Path, seconds: float = 60) -> None:
    """Wait for the line that the desk prints once it listens."""
    tries = int(seconds / 0.1)
    for _ in range(tries):
        if "Desk: http" in log.read_text("utf-8", "replace"):
            return
        try:
            process.wait(timeout=0.1)
        except subprocess.TimeoutExpired:
            continue
        break
    raise AssertionError(f"the desk did not start:\n{log.read_text('utf-8', 'replace')}")
