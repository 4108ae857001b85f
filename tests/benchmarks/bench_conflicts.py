"""What the guide on saving beside others promises of each mode, on eight writers for a short while.

The figures are those of ``conflicts.py``, which runs longer; here only what must hold is asserted.
"""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # pytest's import mode adds no folder of ours

from conflicts import CONTESTS, Contest, run

SECONDS = 12.0


@pytest.mark.parametrize("contest", CONTESTS, ids=str)
def test_a_mode_loses_no_more_than_it_says(contest: Contest) -> None:
    outcome = run(contest, SECONDS)

    assert outcome.saves > 20
    assert outcome.foreign_lost == 0  # what was not changed is never written
    if contest.mode != "none":
        assert outcome.undetected == 0
    if contest.mode == "strict" and contest.stale_rev != "ignore":
        assert outcome.lost == 0
