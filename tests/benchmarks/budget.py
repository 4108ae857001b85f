"""Forty processes and one budget: what the emulator counts, and how much of it is used.

Run it as a script, with the ``benchmarks`` extra and redis-server installed::

    python tests/benchmarks/budget.py            four emulated minutes each, two minutes in all
    python tests/benchmarks/budget.py --quick    a little over two minutes each
    python tests/benchmarks/budget.py --check    exit status 1 if a promise is broken

Every worker reads conversations as fast as it may. Time is emulated: one clock for the emulator,
the workers and the window of ``limits`` (which reads ``time.time``), five times as fast as the
real one. So every delay of this machine counts five times: a request that takes 100 ms to arrive
is half a second late. The figures are taken from the emulator's own log of arrivals.
"""

import contextlib
import importlib
import math
import multiprocessing
import socket
import subprocess
import sys
import tempfile
import threading
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from queue import Empty
from shutil import which
from types import SimpleNamespace
from typing import Any, Final

from kustomer_orm import Client, Clock, Conversation, errors
from kustomer_orm.config import SETTINGS
from kustomer_orm.emulator import Behaviour, Emulator

LIMIT: Final = 1000
MINUTE: Final = 60.0
RESERVE: Final = float(next(each.default for each in SETTINGS if each.name == "reserve"))
_FORK: Final = multiprocessing.get_context("fork")  # forty imports would take longer than the run


@dataclass(frozen=True)
class ScaledTime:
    """A clock that all processes of this machine share and that runs fast."""

    scale: float
    began: float  # on the monotonic clock, which Linux has one of

    def now(self) -> float:
        return 1_767_225_600.0 + (time.monotonic() - self.began) * self.scale

    def moment(self) -> datetime:
        return datetime.fromtimestamp(self.now(), UTC)

    def rest(self, seconds: float) -> None:
        threading.Event().wait(seconds / self.scale)

    def clock(self) -> Clock:
        return Clock(monotonic=self.now, now=self.now, sleep=self.rest)


@dataclass(frozen=True)
class Plan:
    """One run."""

    name: str
    processes: int
    threads: int
    shared: bool
    minutes: float = 4.0
    scale: float = 5.0


@dataclass(frozen=True)
class Work:
    """What a worker is told: where the emulator is, and until when to go on."""

    key: str
    url: str
    rate_limit: str
    ids: list[str]
    end: float
    time: ScaledTime
    threads: int


@dataclass(frozen=True)
class Figures:
    """What came of it."""

    name: str
    calls: int
    failed: int
    refused: int  # answers of 429
    most: int  # arrivals in any 60 seconds
    share: float  # of the budget
    longest: float  # wait of a call, in emulated seconds

    @property
    def kept(self) -> bool:
        return self.most <= LIMIT and self.share >= 0.95 and self.failed == 0


def plans(*, quick: bool = False) -> list[Plan]:
    size: dict[str, Any] = {"minutes": 2.2} if quick else {}
    return [
        Plan("40 processes, one Redis", processes=40, threads=1, shared=True, **size),
        Plan("16 threads, headers alone", processes=1, threads=16, shared=False, **size),
    ]


def run(plan: Plan) -> Figures:
    """Let the workers loose and read the emulator's log."""
    orders: Any = _FORK.Queue()
    results: Any = _FORK.Queue()
    workers = [
        _FORK.Process(target=_work, args=(orders, results, plan.shared), daemon=True)
        for _ in range(plan.processes)
    ]
    for worker in workers:  # before there are threads: a fork would not copy them
        worker.start()
    for _ in workers:
        _answer(results, workers)  # it is ready
    clock = ScaledTime(plan.scale, time.monotonic())
    behaviour = Behaviour(rate_limit=LIMIT)
    with contextlib.ExitStack() as stack:
        address = stack.enter_context(redis_server()) if plan.shared else "headers"
        server = stack.enter_context(Emulator(clock=clock.moment, behaviour=behaviour))
        ids = [server.world.add("conversation", name=f"No. {each}") for each in range(50)]
        end = clock.now() + plan.minutes * MINUTE
        for _ in workers:
            orders.put(Work(server.api_key, server.url, address, ids, end, clock, plan.threads))
        answers = [_answer(results, workers) for _ in workers]
        for worker in workers:
            worker.join()
        arrivals = [exchange.at for exchange in server.requests]
        refused = sum(exchange.status == 429 for exchange in server.requests)
    return Figures(
        plan.name,
        calls=sum(calls for calls, _, _ in answers),
        failed=sum(failed for _, failed, _ in answers),
        refused=refused,
        most=most_in_a_minute(arrivals),
        share=share_used(arrivals),
        longest=max(longest for _, _, longest in answers),
    )


def most_in_a_minute(arrivals: list[float]) -> int:
    """Count the fullest 60 seconds, wherever they begin."""
    ordered, first, most = sorted(arrivals), 0, 0
    for place, at in enumerate(ordered):
        while ordered[first] <= at - MINUTE:
            first += 1
        most = max(most, place - first + 1)
    return most


def share_used(arrivals: list[float]) -> float:
    """Give the rate from the first request to the beginning of the last round of them.

    They come in rounds of what is not held back: counted to an arbitrary moment, a round would be
    in it or not.
    """
    ordered, round_ = sorted(arrivals), LIMIT - math.ceil(LIMIT * RESERVE)
    last = (len(ordered) - 1) // round_ * round_
    return last / (ordered[last] - ordered[0]) * MINUTE / LIMIT if last else 0.0


@contextlib.contextmanager
def redis_server() -> Iterator[str]:
    """Run a Redis on a free port; its address."""
    program = which("redis-server")
    if program is None:
        raise SystemExit("redis-server is not installed: apt-get install redis-server")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder]
        process = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL)
        try:
            _until(lambda: _listens(port))
            yield f"redis://127.0.0.1:{port}"
        finally:
            process.kill()
            process.wait()


def _until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not true():
        if time.monotonic() > end:
            raise SystemExit("redis-server does not answer")
        threading.Event().wait(0.01)


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


# -- in the workers ------------------------------------------------------------------------------


def _work(orders: Any, results: Any, shared: bool) -> None:  # noqa: FBT001 - a process's argument
    storage = importlib.import_module("limits.storage.redis") if shared else None
    results.put((0, 0, 0.0))
    work: Work = orders.get()
    if storage is not None:
        vars(storage)["time"] = SimpleNamespace(time=work.time.now)  # instead of the real clock
    client = Client(
        work.key, base_url=work.url, rate_limit=work.rate_limit, clock=work.time.clock()
    )
    counts: list[tuple[int, int, float]] = []
    threads = [
        threading.Thread(target=lambda: counts.append(_read_on(client, work)))
        for _ in range(work.threads)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    results.put(
        (
            sum(each[0] for each in counts),
            sum(each[1] for each in counts),
            max(c[2] for c in counts),
        )
    )


def _read_on(client: Client, work: Work) -> tuple[int, int, float]:
    calls = failed = 0
    longest = 0.0
    conversations = Conversation.using(client)
    while (began := work.time.now()) < work.end:
        calls += 1
        try:
            conversations.get(work.ids[calls % len(work.ids)])
        except errors.KustomerError as error:
            failed += 1
            sys.stderr.write(f"{type(error).__name__}: {error}\n")
        longest = max(longest, work.time.now() - began)
    return calls, failed, longest


def _answer(results: Any, workers: list[Any]) -> tuple[int, int, float]:
    while True:
        try:
            answer: tuple[int, int, float] = results.get(timeout=5)
        except Empty:
            if any(worker.exitcode for worker in workers):
                raise SystemExit("a worker has died") from None
        else:
            return answer


# -- as a script ---------------------------------------------------------------------------------


def show(figures: list[Figures]) -> None:
    heads = ("calls", "failed", "429", "most in 60 s", "used", "longest")
    lines = [f"{f'{LIMIT} requests a minute':28}" + "".join(f"{head:>14}" for head in heads)]
    lines += [
        f"{each.name:28}{each.calls:14}{each.failed:14}{each.refused:14}{each.most:14}"
        f"{each.share:14.1%}{each.longest:12.1f} s"
        for each in figures
    ]
    sys.stdout.write("\n".join([*lines, ""]))


def main() -> int:
    parser = ArgumentParser(description="Measure the pacing of requests.")
    parser.add_argument("--quick", action="store_true", help="two rounds of requests only")
    parser.add_argument("--check", action="store_true", help="fail if a promise is broken")
    arguments = parser.parse_args()
    figures = [run(plan) for plan in plans(quick=arguments.quick)]
    show(figures)
    return int(arguments.check and not all(each.kept for each in figures))


if __name__ == "__main__":
    sys.exit(main())
