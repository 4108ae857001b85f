"""A short form of `web_load.py`: nothing fails, leaks or is lost, and the budget is kept."""

import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # pytest's import mode adds no folder of ours

from web_load import LIMIT, THREADS, WORKERS, run, told

SECONDS = 15.0


@pytest.mark.skipif(
    shutil.which("redis-server") is None,
    reason="redis-server is not installed: apt-get install redis-server",
)
def test_a_busy_desk_fails_leaks_and_loses_nothing() -> None:
    report = run(SECONDS)

    said = "\n".join(told(report))
    assert report.tally.broken == [], said
    assert report.lost == [], said
    assert report.missing == [], said
    assert report.refused == 0, said
    assert report.fullest <= LIMIT, said
    assert len(report.after) == WORKERS, said
    for held in report.after.values():
        assert held["clients"] == 1, said
        assert held["threads"] <= THREADS + 2, said
    assert report.tally.conflicts > 0, said
    assert len(report.tally.saved) > SECONDS, said
