"""What a run has measured, and the ratios drawn from it."""

from dataclasses import dataclass, field
from statistics import median
from typing import Any, Final

REFERENCE: Final = "json.loads"
IMPORT_REFERENCE: Final = "requests, marshmallow, cachetools"

STEPS: Final[dict[str, str]] = {
    "hydrate": "hydrate, parse included",
    "dirty": "is it dirty? untouched",
    "read": "first read of four attributes",
    "read_text_again": "repeated read, a text",
    "read_time_again": "repeated read, a datetime",
    "set_two": "set a text and a number",
    "delta_of_two": "delta of the two, to bytes",
    "edit": "set a number, append a tag",
    "delta": "delta of the two, to bytes",
}
"""The timed steps, in the order in which a record lives through them."""


@dataclass(frozen=True)
class Memory:
    """Bytes per record above the parsed JSON: as loaded, and after the two edits."""

    untouched: float
    edited: float


@dataclass(frozen=True)
class Figures:
    """The figures of one run.

    Attributes:
        times: nanoseconds per record, one for each round, by contender and step.
        memory: by contender.
        parsed: bytes per record of what our records are made from, as plain dicts.
        imports: seconds, one for each turn, by contender.
        remarks: what has to be known to read the figures.
    """

    conversations: int
    rounds: int
    times: dict[str, dict[str, list[float]]]
    memory: dict[str, Memory] = field(default_factory=dict)
    parsed: float = 0.0
    imports: dict[str, list[float]] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()

    @property
    def contenders(self) -> list[str]:
        """The names of all contenders but the reference, in the order they were given."""
        return [name for name in self.times if name != REFERENCE]

    def nanoseconds(self, contender: str, step: str) -> float | None:
        """Give the median over the rounds, or None where the contender cannot do the step."""
        samples = self.times[contender].get(step)
        return median(samples) if samples else None

    def loads(self, contender: str, step: str) -> float | None:
        """Give the ratio to json.loads of the same bytes, round by round, the median of them."""
        samples = self.times[contender].get(step)
        if not samples:
            return None
        pairs = zip(samples, self.times[REFERENCE]["hydrate"], strict=True)
        return median(sample / load for sample, load in pairs)

    def times_faster(self, contender: str, peer: str, step: str) -> float:
        """Say how many times faster than a peer a contender is in one step."""
        pairs = zip(self.times[peer][step], self.times[contender][step], strict=True)
        return median(theirs / mine for theirs, mine in pairs)

    def import_ratio(self, contender: str) -> float | None:
        """Give the import time beside that of the three core dependencies alone."""
        samples = self.imports.get(contender)
        if not samples:
            return None
        pairs = zip(samples, self.imports[IMPORT_REFERENCE], strict=True)
        return median(mine / three for mine, three in pairs)

    def to_dict(self) -> dict[str, Any]:
        """Give everything as JSON values, the ratios worked out."""
        return {
            "conversations": self.conversations,
            "rounds": self.rounds,
            "nanoseconds": {
                name: {step: self.nanoseconds(name, step) for step in steps}
                for name, steps in self.times.items()
            },
            "loads": {
                name: {step: self.loads(name, step) for step in steps}
                for name, steps in self.times.items()
            },
            "parsed_bytes": self.parsed,
            "memory": {name: vars(memory) for name, memory in self.memory.items()},
            "import_seconds": {name: median(turns) for name, turns in self.imports.items()},
            "remarks": list(self.remarks),
        }
