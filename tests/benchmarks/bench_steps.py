"""One step of one contender at a time, under pytest-benchmark, to compare one commit with another.

The table of ratios is made by ``run.py``, where the contenders take turns; use this one for
``--benchmark-save`` and ``--benchmark-compare``. Figures are for a page of 100 conversations.
"""

import sys
from pathlib import Path
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

sys.path.insert(0, str(Path(__file__).parent))  # pytest's import mode adds no folder of ours

from speed.contenders.contender import Tracker
from speed.contest import ours, peers
from speed.conversations import PAGE_SIZE, pages
from speed.figures import STEPS

TRACKERS = [*ours(), *peers()]
PAGE = next(pages(PAGE_SIZE))
DELTAS = {"delta": "edit", "delta_of_two": "set_two"}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("tracker", TRACKERS, ids=lambda tracker: tracker.name)
def test_step(benchmark: BenchmarkFixture, tracker: Tracker, step: str) -> None:
    benchmark.group = STEPS[step]

    def fresh() -> tuple[tuple[Any], dict[str, Any]]:
        records = tracker.hydrate(PAGE)
        if step in DELTAS:
            getattr(tracker, DELTAS[step])(records)
        return ((PAGE,) if step == "hydrate" else (records,)), {}

    timed = tracker.delta if step in DELTAS else getattr(tracker, step)
    result = benchmark.pedantic(timed, setup=fresh, rounds=10)  # type: ignore[no-untyped-call]
    assert result is None or len(result) == PAGE_SIZE
