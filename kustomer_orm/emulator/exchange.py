"""One request and its answer, as they crossed the wire."""

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from werkzeug.datastructures import Headers


@dataclass(frozen=True)
class Exchange:
    """One request and what was answered.

    Attributes:
        method: The verb.
        path: The path as sent, still percent-encoded, without the query.
        target: Path and query as sent.
        query: Query parameters, decoded; of a repeated one the last.
        headers: Request headers; looked up without regard to case.
        raw: The bytes of the body.
        status: The answer's status; None while it is pending, or when the connection was cut
            before a status was sent.
        answer_raw: The bytes of the answer's body, as sent or as meant before it was cut.
        answer_headers: Headers of the answer.
        at: When it arrived, in seconds since the epoch by the emulator's clock.
        faults: Kinds of the faults that struck it, and `put_raw` where it shows a record whose
            values were set without any check: such an answer need not be one of the API's.
    """

    method: str
    path: str
    target: str = field(default="", repr=False)
    query: dict[str, str] = field(default_factory=dict)
    headers: Headers = field(default_factory=Headers, repr=False)
    raw: bytes = b""
    status: int | None = None
    answer_raw: bytes = field(default=b"", repr=False)
    answer_headers: Headers = field(default_factory=Headers, repr=False)
    at: float = field(default=0.0, repr=False)
    faults: tuple[str, ...] = ()

    @property
    def is_search(self) -> bool:
        """Whether it counts as a search."""
        return self.method == "POST" and self.path.endswith("/search")

    @cached_property
    def body(self) -> Any:
        """The parsed JSON of the request, None when there is none or it is not JSON."""
        return parsed(self.raw)

    @cached_property
    def answer(self) -> Any:
        """The parsed JSON of the answer, None when there is none or it is not JSON."""
        return parsed(self.answer_raw)


def parsed(raw: bytes) -> Any:
    """The JSON value of these bytes, None when they hold none.

    NaN and Infinity are not JSON, though Python's parser takes them.
    """
    try:
        return json.loads(raw, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return None


def _refuse_constant(text: str) -> Any:
    raise ValueError(f"{text} is not JSON")
