"""Eight writers on the same fifty conversations: what each conflict mode loses, and what it tells.

Run it as a script; it takes about a minute and a half::

    python tests/benchmarks/conflicts.py                60 seconds of emulated time for each mode
    python tests/benchmarks/conflicts.py --seconds 20   a look

Four writers are threads, four are processes. Each loads a conversation, takes its time (as a script
or a person does), writes in its name whose words it has read there, raises a counter of its own,
adds a tag now and then, and saves. Time runs six times faster than real time, for the waits of the
writers and for the server's clock.

What was lost is read from the order in which the server took the writes (`rev`): a name written by
somebody who had not read the one before it has overwritten that one. It counts as undetected where
the save that did it said that nobody else wrote, or said nothing.

`bench_conflicts.py` runs a short form under pytest and asserts what the guide promises.
"""

import logging
import multiprocessing
import sys
import threading
import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any, Final, NamedTuple

from kustomer_orm import Client, Clock, Conversation, errors
from kustomer_orm.emulator import Behaviour, Emulator

SPEED: Final = 6.0
WRITERS: Final = 8
CONVERSATIONS: Final = 50
THINKING: Final = (0.5, 3.0)  # emulated seconds between reading and saving


class Errand(Conversation):
    """A conversation whose name tells who wrote it, and after whom."""


class Contest(NamedTuple):
    """One run: the mode of all saves, and what the server does with a stale revision."""

    mode: str
    stale_rev: Any = "conflict"

    def __str__(self) -> str:
        return self.mode if self.mode != "strict" else f"strict, server: {self.stale_rev}"


CONTESTS: Final = (
    Contest("none"),
    Contest("verify"),
    Contest("careful"),
    Contest("strict"),
    Contest("strict", "conflict_on_put"),
    Contest("strict", "ignore"),
)


@dataclass
class Told:
    """What one writer did and was told."""

    saves: int = 0
    conflicts: int = 0
    loads: int = 0
    others_wrote: dict[str, bool | None] = field(default_factory=dict)
    own: Counter[str] = field(default_factory=Counter)
    tags: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Outcome:
    """The figures of one contest."""

    contest: Contest
    saves: int
    conflicts: int
    lost: int
    undetected: int
    foreign_lost: int
    requests_per_write: float

    def __str__(self) -> str:
        return (
            f"{self.contest!s:32} {self.saves:6} {self.conflicts:10} {self.lost:5} "
            f"{self.undetected:11} {self.foreign_lost:13} {self.requests_per_write:15.2f}"
        )


HEADING: Final = (
    f"{'mode':32} {'writes':>6} {'conflicts':>10} {'lost':>5} {'undetected':>11} "
    f"{'lost elsewhere':>13} {'requests/write':>15}"
)


def faster_clock() -> Clock:
    """Time that passes faster, for the waits of a client."""
    return Clock(
        monotonic=lambda: time.monotonic() * SPEED,
        now=lambda: time.time() * SPEED,
        sleep=lambda seconds: time.sleep(seconds / SPEED),
    )


def write_for_a_while(
    number: int, url: str, key: str, ids: Sequence[str], mode: str, seconds: float
) -> Told:
    """Be one writer."""
    _be_quiet()
    chance, told = Random(number), Told()
    client = Client(key, base_url=url, conflict=mode, name=f"w{number}", clock=faster_clock())
    end = time.monotonic() + seconds / SPEED
    while time.monotonic() < end:
        _one_write(Errand.using(client), chance.choice(ids), number, chance, told)
    client.close()
    return told


def _be_quiet() -> None:
    """Leave the warnings out: the table tells what they say."""
    logging.getLogger("kustomer_orm").setLevel(logging.ERROR)


def _one_write(errands: Any, ident: str, number: int, chance: Random, told: Told) -> None:
    errand = errands.get(ident)
    told.loads += 1
    own, author = f"writer{number}Num", f"{number}-{told.saves}"
    time.sleep(chance.uniform(*THINKING) / SPEED)
    while True:
        errand.name = f"{author} after {_author(errand.name)}"
        errand.custom[own] = errand.custom.get(own, 0) + 1
        if not chance.randrange(4) and len(errand.tags) < 20:
            errand.tags.append(f"w{number}")
        try:
            result = errand.save()
        except errors.ConflictError:
            told.conflicts += 1
            errand.refresh("discard")
            told.loads += 1
            continue
        told.saves += 1
        told.others_wrote[author] = result.others_wrote
        told.own[f"{ident} {own}"] += 1
        return


def _author(name: str | None) -> str:
    return (name or "nobody").split()[0]


def run(contest: Contest, seconds: float) -> Outcome:
    """Let the writers loose on a fresh world, and count."""
    behaviour = Behaviour(
        rate_limit=None, object_limit=None, creation_limit=None, stale_rev=contest.stale_rev
    )
    with Emulator(clock=_fast_now, behaviour=behaviour) as server:
        ids = [server.world.add("conversation") for _ in range(CONVERSATIONS)]
        told = _together(server, ids, contest.mode, seconds)
        return _counted(contest, server, told)


def _fast_now() -> datetime:
    return datetime.fromtimestamp(time.time() * SPEED % 4e9, UTC)


def _together(server: Emulator, ids: Sequence[str], mode: str, seconds: float) -> list[Told]:
    """Four threads here, four processes beside."""
    told: list[Told] = []
    context = multiprocessing.get_context("spawn")
    with context.Pool(WRITERS // 2) as pool:
        pool.map(abs, range(WRITERS // 2))  # all of them up before the time begins
        arguments = [(n, server.url, server.api_key, ids, mode, seconds) for n in range(WRITERS)]
        beside = pool.starmap_async(write_for_a_while, arguments[: WRITERS // 2], chunksize=1)
        threads = [
            threading.Thread(target=lambda each=each: told.append(write_for_a_while(*each)))
            for each in arguments[WRITERS // 2 :]
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return [*told, *beside.get()]


def _counted(contest: Contest, server: Emulator, told: Iterable[Told]) -> Outcome:
    told = list(told)
    reports: dict[str, bool | None] = {}
    own: Counter[str] = Counter()
    for each in told:
        reports.update(each.others_wrote)
        own.update(each.own)
    silent = (False, None) if contest.mode == "none" else (False,)
    culprits = [
        author
        for ident in server.world.ids("conversation")
        for author in _overwriting(server, ident)
    ]
    lost, undetected = len(culprits), sum(reports[author] in silent for author in culprits)
    saves = sum(each.saves for each in told)
    loads = sum(each.loads for each in told)
    return Outcome(
        contest,
        saves,
        sum(each.conflicts for each in told),
        lost,
        undetected,
        sum(abs(count - _held(server, place)) for place, count in own.items()),
        (len(server.requests) - loads) / saves,
    )


def _overwriting(server: Emulator, ident: str) -> Iterable[str]:
    """Go through the writes in the order the server took them: who overwrote a name unread."""
    writes = sorted(
        (each.answer["data"]["attributes"]["rev"], each.body["name"])
        for each in server.requests
        if each.method in {"PATCH", "PUT"} and each.status == 200 and ident in each.path
    )
    held = "nobody"
    for _, name in writes:
        author, _, read = name.split()
        if read != held:
            yield author
        held = author


def _held(server: Emulator, place: str) -> int:
    ident, key = place.split()
    values: dict[str, int] = server.world.get("conversation", ident)["attributes"]["custom"]
    return values.get(key, 0)


def main() -> int:
    """Run every contest and print the table."""
    _be_quiet()
    parser = ArgumentParser(description="Measure what the conflict modes lose.")
    parser.add_argument("--seconds", type=float, default=60.0, help="emulated seconds a mode")
    seconds = parser.parse_args().seconds
    out = sys.stdout.write
    out(f"{WRITERS} writers, {CONVERSATIONS} conversations, {seconds:.0f} s each\n{HEADING}\n")
    for contest in CONTESTS:
        out(f"{run(contest, seconds)}\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
