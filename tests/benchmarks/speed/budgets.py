"""The budgets of our own records, and what became of them in a run."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from speed.figures import Figures

OURS: Final = "kustomer_orm"
OURS_WITH_ORJSON: Final = "kustomer_orm+orjson"

IN_LOADS: Final = {
    "dirty": 0.01,
    "read_text_again": 0.01,
    "read_time_again": 0.01,
    "set_two": 0.55,
    "delta_of_two": 0.40,
    "edit": 0.55,
    "delta": 0.40,
}
"""At most so many times json.loads of the same bytes, with either parser."""

HYDRATE_IN_LOADS: Final = {OURS: 1.10, OURS_WITH_ORJSON: 0.60}
TIMES_FASTER_DELTA: Final = {"pyairtable.orm": 5, "stripe": 20, "mongoengine": 20}
UNTOUCHED_BYTES: Final = 150
EDITED_BYTES: Final = 1000
IMPORT_RATIO: Final = 1.25


@dataclass(frozen=True)
class Verdict:
    """One budget beside what was measured."""

    contender: str
    what: str
    measured: float
    limit: float
    at_least: bool = False

    @property
    def met(self) -> bool:
        """Whether the budget was kept."""
        return self.measured >= self.limit if self.at_least else self.measured <= self.limit

    def __str__(self) -> str:
        relation = "≥" if self.at_least else "≤"
        text = f"{self.contender}: {self.what} {self.measured:.4g} ({relation} {self.limit:g})"
        return f"{text} met" if self.met else f"{text} MISSED by {self._missed_by:.1%}"

    @property
    def _missed_by(self) -> float:
        return abs(self.measured - self.limit) / self.limit


def verdicts(figures: Figures) -> list[Verdict]:
    """Compare a run with every budget that it has a figure for."""
    result: list[Verdict] = []
    for contender in (OURS, OURS_WITH_ORJSON):
        if contender in figures.times:
            result += _timed(figures, contender)
            result += _weighed(figures, contender)
    return result


def _timed(figures: Figures, contender: str) -> Iterator[Verdict]:
    limits = {"hydrate": HYDRATE_IN_LOADS[contender], **IN_LOADS}
    for step, limit in limits.items():
        measured = figures.loads(contender, step)
        if measured is not None:
            yield Verdict(contender, f"{step}, in loads", measured, limit)
    for step in ("delta_of_two", "delta"):
        for peer, limit in TIMES_FASTER_DELTA.items():
            if peer in figures.times:
                faster = figures.times_faster(contender, peer, step)
                yield Verdict(contender, f"{step}, times {peer}", faster, limit, at_least=True)


def _weighed(figures: Figures, contender: str) -> Iterator[Verdict]:
    memory = figures.memory.get(contender)
    if memory is not None:
        yield Verdict(contender, "bytes, untouched", memory.untouched, UNTOUCHED_BYTES)
        yield Verdict(contender, "bytes, two edits", memory.edited, EDITED_BYTES)
    ratio = figures.import_ratio(contender)
    if ratio is not None:
        yield Verdict(contender, "import, times its dependencies", ratio, IMPORT_RATIO)
