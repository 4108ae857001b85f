"""Forty processes, and sixteen threads, keep the budget and use it: the quick form of budget.py."""

import sys
from pathlib import Path
from shutil import which

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # pytest's import mode adds no folder of ours

from budget import LIMIT, Plan, most_in_a_minute, plans, run, share_used


@pytest.mark.parametrize("plan", plans(quick=True), ids=lambda plan: plan.name)
def test_the_budget_is_kept_and_used_and_no_call_fails(plan: Plan) -> None:
    if plan.shared and which("redis-server") is None:
        pytest.skip("no redis-server: apt-get install redis-server")

    figures = run(plan)

    assert figures.failed == 0
    assert figures.most <= LIMIT
    assert figures.share >= 0.95


def test_the_fullest_minute_is_found_wherever_it_begins() -> None:
    assert most_in_a_minute([0.0, 59.9, 60.0, 61.0]) == 3
    assert most_in_a_minute([float(each) for each in range(200)]) == 60


def test_the_share_is_that_of_whole_rounds() -> None:
    rounds = [start + each / 100 for start in (0, 60, 120) for each in range(980)]
    assert share_used(rounds) == pytest.approx(0.98)
