"""Time every step of every contender, page by page, all of them taking turns.

A round reads all the pages; on each page every contender has its turn, so that a slow second of the
machine meets all of them. The order is dealt anew for every page, from a fixed seed: whoever comes
next finds memory and caches as the one before has left them, and with an order that merely rotates
that would always be the same one. What counts is the median page of a round, then the median of the
rounds.

Like timeit, and for the same reason, the garbage collector runs before a sample and rests during
it: what it costs depends on everything else that lives in the process. Whatever lived before the
first sample is frozen, for a collection that walks through all of it leaves the processor's caches
cold, and makes the smallest steps five times slower. Records are dropped with their page.
"""

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from random import Random
from statistics import median
from time import perf_counter_ns
from typing import Final, TypeAlias, TypeVar

from speed.contenders.contender import REPEATS, Contender, Tracker
from speed.figures import STEPS

Samples: TypeAlias = dict[str, dict[str, list[float]]]
A = TypeVar("A")
B = TypeVar("B")

_SEED: Final = 8


def time_rounds(
    contenders: Sequence[Contender], pages: Callable[[], Iterable[bytes]], rounds: int
) -> Samples:
    """Give nanoseconds per record: contender, step, one figure a round."""
    result: Samples = {contender.name: {step: [] for step in STEPS} for contender in contenders}
    deal = Random(_SEED)
    with _quiet_collector():
        for _ in range(rounds):
            samples: Samples = {name: {step: [] for step in STEPS} for name in result}
            for page in pages():
                for contender in deal.sample(contenders, k=len(contenders)):
                    for step, nanoseconds in time_page(contender, page).items():
                        samples[contender.name][step].append(nanoseconds)
            for name, steps in samples.items():
                for step, values in steps.items():
                    result[name][step] += [median(values)] if values else []
    return result


def time_page(contender: Contender, page: bytes) -> dict[str, float]:
    """Live one page through with one contender; give nanoseconds per record for each step.

    A third of the records is read, a third has two values set, a third is edited in place, so that
    no step profits from what another one has left behind.
    """
    hydrate, records = _sample(contender.hydrate, page)
    third = (len(records) + 2) // 3
    read, assigned, edited = (records[at * third : (at + 1) * third] for at in range(3))
    times = {"hydrate": hydrate / len(records)}
    if isinstance(contender, Tracker):
        times["dirty"] = _sample(contender.dirty, records)[0] / len(records)
    times["read"] = _sample(contender.read, read)[0] / len(read)
    reads = len(read) * len(REPEATS)
    times["read_text_again"] = _sample(contender.read_text_again, read)[0] / reads
    times["read_time_again"] = _sample(contender.read_time_again, read)[0] / reads
    times["set_two"] = _sample(contender.set_two, assigned)[0] / len(assigned)
    if isinstance(contender, Tracker):
        times["delta_of_two"] = _sample(contender.delta, assigned)[0] / len(assigned)
    times["edit"] = _sample(contender.edit, edited)[0] / len(edited)
    if isinstance(contender, Tracker):
        times["delta"] = _sample(contender.delta, edited)[0] / len(edited)
    return times


def _sample(step: Callable[[A], B], argument: A) -> tuple[int, B]:
    gc.collect()
    start = perf_counter_ns()
    result = step(argument)
    return perf_counter_ns() - start, result


@contextmanager
def _quiet_collector() -> Iterator[None]:
    """Keep what lives already out of the collections, and collect only when asked to."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()
