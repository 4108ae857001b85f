"""Kill -9 in the middle of saves, then the same script again: it sends only what was missing."""

from __future__ import annotations

import contextlib
import io
import json
import os
import queue
import signal
import socket
import socketserver
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from kustomer_orm.emulator import Emulator, Exchange

ROOT = Path(__file__).parents[2]
WORKERS = "tests.unit.workers"
TICKETS = 4
# One ticket is: load, save attributes, add the tag, look for the follow-up, create it.
REQUESTS = 5 * TICKETS
WRITES = 3 * TICKETS
ACTS = {"lost": False, "acted": True, "inside": True}


# -- a wire that can be cut, and its user with it --------------------------------------------------


class Wire(socketserver.ThreadingTCPServer):
    """Passes requests on, and kills the worker while one of them is under way.

    The moment is before the server gets it ("lost"), when it has answered and nothing of the
    answer was passed on ("acted"), or half-way through the answer ("inside").
    """

    daemon_threads = True

    def __init__(self, server: Emulator) -> None:
        super().__init__(("127.0.0.1", 0), Passing)
        self.target = ("127.0.0.1", server.port)
        self.worker: queue.Queue[int] = queue.Queue()
        self.count = 0
        self.deadly, self.moment = 0, ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def kills(self, moment: str) -> bool:
        """Kill the worker if this is the request and the moment for it."""
        if (self.count, self.moment) != (self.deadly, moment):
            return False
        os.kill(self.worker.get(timeout=5), signal.SIGKILL)
        return True


class Passing(socketserver.StreamRequestHandler):
    """One connection of the worker's, and one to the server."""

    disable_nagle_algorithm = True  # or the second half of an answer waits for the first

    def handle(self) -> None:
        wire = cast("Wire", self.server)
        with (
            socket.create_connection(wire.target) as away,
            away.makefile("rb") as answers,
        ):
            while request := message(self.rfile):
                wire.count += 1
                if wire.kills("lost"):
                    return
                away.sendall(request)
                answer = message(answers)
                if wire.kills("acted"):
                    return
                half = len(answer) - 20
                self.wfile.write(answer[:half])
                if wire.kills("inside"):
                    return
                self.wfile.write(answer[half:])


def message(stream: io.BufferedIOBase) -> bytes:
    """Read one request or answer, whole; nothing where the connection has ended."""
    head: list[bytes] = []
    length = 0
    with contextlib.suppress(ConnectionError):
        while (line := stream.readline()) not in {b"", b"\r\n"}:
            head.append(line)
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
    return b"".join([*head, b"\r\n", stream.read(length)]) if head else b""


@pytest.fixture
def wire(server: Emulator) -> Iterator[Wire]:
    with Wire(server) as made:
        thread = threading.Thread(target=made.serve_forever, args=(0.01,))
        thread.start()
        yield made
        made.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def nursery() -> Iterator[subprocess.Popen[str]]:
    """A process that has imported everything and forks a worker for each job."""
    with subprocess.Popen(
        [sys.executable, "-m", f"{WORKERS}.nursery"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()


# -- the job ---------------------------------------------------------------------------------------


def job_of(server: Emulator) -> dict[str, Any]:
    """Tickets of customers, each with a tag and an attribute of somebody else's."""
    rows = [
        {
            "ticket": server.world.add(
                "conversation", name="Hi", tags=["vip"], custom={"carrierStr": "DHL"}
            ),
            "order": f"A-{number}",
            "refund": 10.5 + number,
            "at": "2026-01-31T17:00:00+00:00",
        }
        for number in range(TICKETS)
    ]
    return {"rows": rows, "tag": server.world.tag_id("refunded")}


def run(nursery: subprocess.Popen[str], job: dict[str, Any], server: Emulator, wire: Wire) -> int:
    """Run the script in a process of its own, to its end; its exit status."""
    assert nursery.stdin is not None
    assert nursery.stdout is not None
    environ = {"KUSTOMER_API_KEY": server.api_key, "KUSTOMER_BASE_URL": wire.url}
    nursery.stdin.write(json.dumps({**job, "environ": environ}) + "\n")
    nursery.stdin.flush()
    wire.worker.put(int(nursery.stdout.readline()))
    status = int(nursery.stdout.readline())
    with contextlib.suppress(queue.Empty):
        wire.worker.get_nowait()
    return status


def writes(exchanges: list[Exchange]) -> list[tuple[str, str]]:
    return [(each.method, each.path) for each in exchanges if each.method != "GET"]


def assert_as_wanted(server: Emulator, job: dict[str, Any]) -> None:
    """Each ticket as wanted, each tag once, what others wrote kept, each follow-up once."""
    follow_ups = Counter[str]()
    for id_ in server.world.ids("conversation"):
        key = server.world.get("conversation", id_)["attributes"].get("externalId")
        follow_ups.update([key] if key else [])
    assert follow_ups == {f"follow-up-{row['order']}": 1 for row in job["rows"]}
    assert len(server.world.ids("conversation")) == 2 * TICKETS
    for row in job["rows"]:
        held = server.world.get("conversation", row["ticket"])["attributes"]
        assert (held["name"], held["status"]) == (f"Refund for order {row['order']}", "done")
        assert held["doneCount"] == 1
        assert held["tags"] == [server.world.tag_id("vip"), job["tag"]]
        assert held["custom"] == {
            "carrierStr": "DHL",
            "orderNumberStr": row["order"],
            "refundAmountNum": row["refund"],
            "refundedAt": "2026-01-31T17:00:00.000Z",
        }


@pytest.mark.parametrize("moment", ACTS)
@pytest.mark.parametrize("number", [2, 3, 4, 5, 17])
def test_a_script_that_was_killed_is_run_again_and_sends_only_what_was_missing(
    server: Emulator,
    wire: Wire,
    nursery: subprocess.Popen[str],
    moment: str,
    number: int,
) -> None:
    job = job_of(server)
    wire.deadly, wire.moment = number, moment

    assert run(nursery, job, server, wire) == -signal.SIGKILL
    done = writes(server.requests)
    before = len(server.requests)
    assert before == (number if ACTS[moment] else number - 1)

    assert run(nursery, job, server, wire) == 0
    again = server.requests[before:]

    assert_as_wanted(server, job)
    # Together they are what one run sends: nothing was sent twice, and nothing was left out.
    assert len(done) + len(writes(again)) == WRITES
    sent = [(each.method, each.path, each.raw) for each in server.requests if each.method != "GET"]
    assert len(set(sent)) == WRITES
    print(  # noqa: T201 - the counts are what somebody wants to see; pytest -s shows them
        f"killed at request {number} of {REQUESTS}, {moment}: the first run wrote {len(done)}, "
        f"the second read {len(again) - len(writes(again))} and wrote {len(writes(again))} "
        f"of {WRITES}"
    )


def test_a_third_run_writes_nothing(
    server: Emulator, wire: Wire, nursery: subprocess.Popen[str]
) -> None:
    job = job_of(server)
    assert run(nursery, job, server, wire) == 0
    server.requests.clear()
    assert run(nursery, job, server, wire) == 0
    assert (len(server.requests), writes(server.requests)) == (2 * TICKETS, [])


def test_the_script_is_one_that_can_be_started_by_hand(server: Emulator) -> None:
    job = job_of(server)
    environ = {"KUSTOMER_API_KEY": server.api_key, "KUSTOMER_BASE_URL": server.url}
    done = subprocess.run(
        [sys.executable, "-m", f"{WORKERS}.refunds"],
        cwd=ROOT,
        input=json.dumps(job),
        env=os.environ | environ,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert_as_wanted(server, job)
