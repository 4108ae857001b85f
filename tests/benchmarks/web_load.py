"""Fifty people at the Flask desk under gunicorn, on an organisation of 1,000 requests a minute.

Run it as a script; it takes a little over a minute::

    python tests/benchmarks/web_load.py                60 seconds with 50 people
    python tests/benchmarks/web_load.py --seconds 15   a look

Four workers of eight threads share one budget through a Redis. People list conversations, look at
them, and edit them: they read the form, think, change the name to words that tell what they had
read, and send it; where somebody was faster they are shown the conflict and decide for themselves.
A colleague writes in Kustomer itself meanwhile, and webhooks tell the desk.

What was lost is read from the order in which the server took the writes: a name written by
somebody who had not been shown the one before it has overwritten that one silently.

At the end the requests that each page costs are printed, with and without cache and prefetch.
"""

import contextlib
import html
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from random import Random
from shutil import which
from typing import Any, Final

import requests
from web_app import app as make_app  # the benchmarks run with their folder on the path

from kustomer_orm import Client
from kustomer_orm.emulator import Behaviour, Emulator

FOLDER: Final = Path(__file__).parent
ROOT: Final = FOLDER.parents[1]
PEOPLE: Final = 50
WORKERS: Final = 4
THREADS: Final = 8
LIMIT: Final = 1000
CONVERSATIONS: Final = 40
THINKING: Final = (2.0, 6.0)
EVENTS: Final = ("kustomer.conversation.update",)


@dataclass
class Tally:
    """What people saw, for all of them.

    Attributes:
        statuses: how often each status came, by kind of page.
        seconds: how long each page took.
        conflicts: conflict pages that were shown.
        saved: names that were saved, as people were told.
        broken: what else went wrong.
    """

    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    conflicts: int = 0
    saved: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


class Person(threading.Thread):
    """One person with a browser: pages, thoughts, and decisions."""

    def __init__(self, number: int, url: str, ids: list[str], tally: Tally, until: float) -> None:
        super().__init__(name=f"person {number}")
        self.number, self.url, self.ids, self.tally, self.until = number, url, ids, tally, until
        self.chance = Random(number)
        self.browser = requests.Session()
        self.edits = 0

    def run(self) -> None:
        try:
            while self.wait() and time.monotonic() < self.until:
                self.visit()
        except (requests.RequestException, AttributeError, TypeError) as error:
            with self.tally.lock:
                self.tally.broken.append(f"{self.name}: {error!r}")
        finally:
            self.browser.close()

    def wait(self) -> bool:
        time.sleep(self.chance.uniform(*THINKING))
        return True

    def visit(self) -> None:
        lot = self.chance.random()
        id_ = self.chance.choice(self.ids)
        if lot < 0.05:
            self.ask("list", "GET", "/")
        elif lot < 0.5:
            self.ask("form", "GET", f"/conversations/{id_}")
        else:
            self.edit(id_)

    def edit(self, id_: str) -> None:
        path = f"/conversations/{id_}"
        page = self.ask("form", "GET", path)
        for _ in range(5):
            self.wait()
            shown = theirs(page) or value(page, "name")
            self.edits += 1
            mine = f"{self.number}.{self.edits} after {shown.partition(' ')[0]}"
            values = {**hidden(page), "name": mine}
            if theirs(page):
                values["resolve-name"] = "mine"
            answer = self.ask("save", "POST", path, data=values)
            if "section" not in answer or 'id="conflict"' not in answer:
                if "Saved" in answer:
                    with self.tally.lock:
                        self.tally.saved.append(mine)
                return
            with self.tally.lock:
                self.tally.conflicts += 1
            page = answer

    def ask(self, kind: str, method: str, path: str, **options: Any) -> str:
        began = time.monotonic()
        answer = self.browser.request(method, self.url + path, timeout=120, **options)
        took = time.monotonic() - began
        status = answer.history[0].status_code if answer.history else answer.status_code
        with self.tally.lock:
            self.tally.statuses[kind, status] += 1
            self.tally.seconds.append(took)
            if answer.status_code not in {200, 409}:
                self.tally.broken.append(f"{kind}: {answer.status_code} {answer.text[:300]}")
        return answer.text


def value(page: str, name: str) -> str:
    """Give what the input of a name shows."""
    found = re.search(rf'<input[^>]*name="{name}"[^>]*>', page)
    shown = re.search(r'value="([^"]*)"', found[0]) if found else None
    return html.unescape(shown[1]) if shown else ""


def hidden(page: str) -> dict[str, str]:
    """Give the token, and whatever else the form carries unseen; without the blanks of lists."""
    inputs = re.findall(r'<input[^>]*type="hidden"[^>]*>', page)
    pairs = [
        (re.search(r'name="([^"]*)"', each), re.search(r'value="([^"]*)"', each)) for each in inputs
    ]
    return {name[1]: html.unescape(text[1]) for name, text in pairs if name and text and text[1]}


def theirs(page: str) -> str:
    """Give the name that somebody else has written meanwhile, as the conflict page shows it."""
    row = re.search(r'data-field="name".*?</tr>', page, re.DOTALL)
    cell = re.search(r'<td class="theirs">(.*?)</td>', row[0], re.DOTALL) if row else None
    return html.unescape(re.sub(r"<[^>]*>", "", cell[1])).strip() if cell else ""


# -- the house ---------------------------------------------------------------------------------


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@contextlib.contextmanager
def redis() -> Iterator[str]:
    port = free_port()
    command = [which("redis-server") or "redis-server", "--port", str(port), "--save", ""]
    with running([*command, "--bind", "127.0.0.1"], port):
        yield f"redis://127.0.0.1:{port}/0"


@contextlib.contextmanager
def gunicorn(server: Emulator, port: int, log: Path, **environ: str) -> Iterator[str]:
    command = [sys.executable, "-m", "gunicorn", "web_app:app()", "--workers", str(WORKERS)]
    command += ["--threads", str(THREADS), "--bind", f"127.0.0.1:{port}", "--timeout", "120"]
    command += ["--chdir", str(FOLDER), "--log-file", str(log), "--log-level", "warning"]
    account = {
        "KUSTOMER_API_KEY": server.api_key,
        "KUSTOMER_BASE_URL": server.url,
        "SECRET_KEY": "of the load test",
        "PYTHONPATH": str(ROOT),
    }
    with running(command, port, {**os.environ, **account, **environ}):
        yield f"http://127.0.0.1:{port}"


@contextlib.contextmanager
def running(command: list[str], port: int, environ: dict[str, str] | None = None) -> Iterator[None]:
    """Run a server until the block ends; begin when it listens."""
    process = subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 60
        while not listens(port):
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"{command[0]} does not answer")
            time.sleep(0.05)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)


def listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def processes(url: str) -> dict[int, dict[str, int]]:
    """Ask until each worker has told what it holds."""
    found: dict[int, dict[str, int]] = {}
    for _ in range(400):
        told = json.loads(requests.get(f"{url}/__process", timeout=60).text)
        found[told.pop("pid")] = told
        if len(found) == WORKERS:
            break
    return found


def colleague(server: Emulator, ids: list[str], until: float) -> int:
    """Write in Kustomer itself, once a second."""
    chance, written = Random(7), 0
    while time.monotonic() < until:
        time.sleep(1.0)
        written += 1
        id_ = chance.choice(ids)
        shown = str(server.world.get("conversation", id_)["attributes"]["name"]).partition(" ")[0]
        server.world.edit("conversation", id_, name=f"c.{written} after {shown}", priority=2)
    return written


# -- one run -----------------------------------------------------------------------------------


@dataclass
class Report:
    """What a run has shown.

    Attributes:
        tally: what people saw.
        lost: names that were written over by somebody who had not been shown them.
        missing: names that people were told are saved and that the server never took.
        fullest: the most requests that the server had in any minute.
        refused: how many it refused with 429.
        before: what each worker held when it was warm.
        after: what each worker held at the end.
        requests: how many requests the desk made.
    """

    tally: Tally
    lost: list[str]
    missing: list[str]
    fullest: int
    refused: int
    before: dict[int, dict[str, int]]
    after: dict[int, dict[str, int]]
    requests: int


def run(seconds: float) -> Report:
    """Have people at it for so many seconds."""
    behaviour = Behaviour(rate_limit=LIMIT, object_limit=None)
    port = free_port()
    with (
        tempfile.TemporaryDirectory() as folder,
        Emulator(behaviour=behaviour) as server,
        redis() as budget,
    ):
        ids = [server.world.add("conversation", name="0.0 new") for _ in range(CONVERSATIONS)]
        hook = server.webhooks.add(f"http://127.0.0.1:{port}/kustomer/webhooks", *EVENTS)
        settings = {
            "KUSTOMER_RATE_LIMIT": budget,
            "KUSTOMER_CONFLICT": "strict",
            "KUSTOMER_WEBHOOK_KEY": hook.token,
        }
        log = Path(folder) / "gunicorn.log"
        with gunicorn(server, port, log, **settings) as url:
            return _observed(server, url, ids, seconds)


def _observed(server: Emulator, url: str, ids: list[str], seconds: float) -> Report:
    tally, until = Tally(), time.monotonic() + seconds
    people = [Person(number, url, ids, tally, until) for number in range(PEOPLE)]
    for person in people:
        person.start()
    time.sleep(min(10.0, seconds / 3))
    before = processes(url)
    colleague(server, ids, until)
    for person in people:
        person.join()
    after = processes(url)
    exchanges = list(server.requests)
    writes = names_written(server, ids)
    acknowledged = set(tally.saved)
    taken = {name for names in writes.values() for name in names}
    return Report(
        tally=tally,
        lost=[pair for names in writes.values() for pair in overwritten(names)],
        missing=sorted(acknowledged - taken),
        fullest=most_in_a_minute([each.at for each in exchanges]),
        refused=sum(each.status == 429 for each in exchanges),
        before=before,
        after=after,
        requests=len(exchanges),
    )


def names_written(server: Emulator, ids: list[str]) -> dict[str, list[str]]:
    """Give the names that each conversation had, in the order in which the server took them."""
    found: dict[str, list[str]] = {id_: ["0.0 new"] for id_ in ids}
    for delivery in server.webhooks.deliveries:
        told = json.loads(delivery.body)
        change = told.get("changes", {}).get("attributes", {}).get("name")
        if change and delivery.attempt == 1:
            found[told["dataId"]].append(change["after"])
    return found


def overwritten(names: list[str]) -> list[str]:
    """List the names that the next writer had not been shown."""
    pairs = ((before, after) for before, after in pairwise(names))
    return [f"{b} | {a}" for b, a in pairs if a.rpartition(" ")[2] != b.partition(" ")[0]]


def most_in_a_minute(moments: list[float]) -> int:
    moments = sorted(moments)
    first = most = 0
    for last, moment in enumerate(moments):
        while moments[first] <= moment - 60:
            first += 1
        most = max(most, last - first + 1)
    return most


# -- what a page costs -------------------------------------------------------------------------


def costs() -> list[tuple[str, dict[str, int]]]:
    """Count the requests of each page: the first and the second time, with and without a cache."""
    rows = []
    for title, cache in (("no cache", 0), ("cache of 30 s", 30)):
        with Emulator() as server:
            ids = [
                server.world.add(
                    "conversation", name=f"N{n}", customer=server.world.add("customer", name="J")
                )
                for n in range(25)
            ]
            os.environ.update(KUSTOMER_API_KEY=server.api_key, KUSTOMER_BASE_URL=server.url)
            desk = make_app()
            desk.config.update(KUSTOMER_CACHE=cache)
            browser = desk.test_client()
            found: dict[str, int] = {}
            for name, path in (("list of 25", "/"), ("form", f"/conversations/{ids[0]}")):
                for time_ in ("first", "again"):
                    began = len(server.requests)
                    assert browser.get(path).status_code == 200
                    found[f"{name}, {time_}"] = len(server.requests) - began
            page = browser.get(f"/conversations/{ids[0]}").text
            began = len(server.requests)
            browser.post(f"/conversations/{ids[0]}", data={**hidden(page), "name": "new"})
            found["save of one field"] = len(server.requests) - began
            found["list of 25, no prefetch"] = _without_prefetch(server)
            rows.append((title, found))
    return rows


def _without_prefetch(server: Emulator) -> int:
    """Count what the same list costs that loads each customer when it is shown."""
    from_desk: Any = sys.modules["desk"]
    began = len(server.requests)
    with Client(server.api_key, base_url=server.url) as client:
        for case in from_desk.Case.using(client).search().limit(25):
            assert case.customer.name == "J"
    return len(server.requests) - began


def main() -> None:
    parser = ArgumentParser(description="Fifty people at the Flask desk under gunicorn.")
    parser.add_argument("--seconds", type=float, default=60.0)
    report = run(parser.parse_args().seconds)
    lines = [*told(report), *(f"requests, {title}: {found}" for title, found in costs())]
    sys.stdout.write("\n".join(lines) + "\n")


def told(report: Report) -> list[str]:
    """Give the lines of a report."""
    tally, times = report.tally, sorted(report.tally.seconds)
    return [
        f"pages: {sum(tally.statuses.values())}, {dict(sorted(tally.statuses.items()))}",
        f"seconds a page: median {times[len(times) // 2]:.2f}, worst {times[-1]:.2f}",
        f"edits saved: {len(tally.saved)}, conflict pages: {tally.conflicts}",
        f"lost silently: {len(report.lost)}, told saved and never taken: {len(report.missing)}",
        (
            f"requests: {report.requests}, fullest minute: {report.fullest} of {LIMIT}, "
            f"refused: {report.refused}"
        ),
        f"workers, warm:  {report.before}",
        f"workers, after: {report.after}",
        f"failed: {len(tally.broken)} {tally.broken[:3]} {report.lost[:3]}",
    ]


if __name__ == "__main__":
    main()
