"""What a check gives: a verdict, what was seen, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Check:
    """One row of what the doctor prints.

    Attributes:
        name: what was looked at.
        verdict: how it is.
        seen: what was seen, in words; never a key, never a customer's text.
        advice: what to do, empty where nothing has to be done.
        asked: whether it was asked for by an option, so that not knowing is a failure.
    """

    name: str
    verdict: Verdict
    seen: str
    advice: str = ""
    asked: bool = False

    @property
    def failed(self) -> bool:
        """Whether the command ends with a failure because of this."""
        return self.verdict is Verdict.FAIL or (self.asked and self.verdict is Verdict.UNKNOWN)
