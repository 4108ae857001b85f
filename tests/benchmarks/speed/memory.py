"""Weigh records: bytes of Python objects above the parsed JSON, by tracemalloc.

The same pages are parsed once into plain dicts, which are kept, and once into records, which are
kept; both are weighed as the growth of traced memory from before the parsing to after a garbage
collection. The difference, per record, is what the record costs; it is negative where a library
keeps less than the JSON that it was given. Kept of the JSON are the parts that the library makes
its records from: id and attributes, for ours the relationships as well. Parser and contender are
warmed on another page first, so that caches filled once for all are on nobody's bill.
"""

import gc
import tracemalloc
from collections.abc import Callable, Iterable
from typing import TypeVar

from speed.contenders.contender import Contender
from speed.figures import Memory

T = TypeVar("T")


def weigh(contender: Contender, warm_up: bytes, pages: Iterable[bytes]) -> tuple[Memory, float]:
    """Give a contender's bytes per record above the parsed JSON, and the parsed JSON's own."""
    kept = list(pages)
    contender.edit(contender.hydrate(warm_up))
    tracemalloc.start()
    try:
        parsed, parts = _grown(lambda: [contender.parse(page) for page in kept])
        del parts
        untouched, records = _grown(lambda: [contender.hydrate(page) for page in kept])
        edits, _ = _grown(lambda: [contender.edit(page) for page in records])
    finally:
        tracemalloc.stop()
    count = sum(map(len, records))
    above = (untouched - parsed) / count
    return Memory(untouched=above, edited=above + edits / count), parsed / count


def _grown(work: Callable[[], T]) -> tuple[int, T]:
    gc.collect()
    before, _ = tracemalloc.get_traced_memory()
    result = work()
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    return after - before, result
