"""The ten lines of the guide save a thousand changes in ten requests; asserted on a fifth of it."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # pytest's import mode adds no folder of ours

from bulk import run


def test_two_hundred_changes_are_two_bulk_requests() -> None:
    took = run("in_bulk", 2000)

    assert took["writes"] == 2
    # Twenty pages; a look at each job and at what became of its items.
    assert took["requests"] == 20 + 2 * 3


def test_memory_does_not_grow_with_what_was_passed() -> None:
    few, many = run("in_bulk", 1000), run("in_bulk", 10_000)

    assert many["peak"] < few["peak"] * 1.15
