"""What goes to the server and what comes back, as plain values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote


@dataclass(frozen=True, slots=True)
class Request:
    """One request, its body frozen to bytes: a retry sends the same ones.

    Attributes:
        repeatable: whether doing it twice is the same as doing it once.
        reads: whether it changes nothing; a GET does not, and a search is a POST all the same.
    """

    method: str
    path: str
    body: bytes | None = field(default=None, repr=False)
    content_type: str = "application/json"
    repeatable: bool = True
    reads: bool = False

    @property
    def only_reads(self) -> bool:
        """Whether nothing can have been carried out, whatever became of the answer."""
        return self.reads or self.method == "GET"


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer.

    Attributes:
        content: the body; None when it was cut short.
        attempts: how many times the request was sent.
        uncertain: whether an earlier attempt may have been carried out.
        retry_after: seconds to wait, where the server told.
    """

    status: int
    content: bytes | None = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    attempts: int = 1
    uncertain: bool = False
    retry_after: float | None = None


_LOOK_UP = re.compile(r"=([^/?&]+)")
_SEVERAL = re.compile(r"([^/,]+),([^/]+)")


def shown(path: str) -> str:
    """Give a path for logs and messages: the value of a look-up may be somebody's address.

    >>> shown("/v1/customers/email=jane%40example.com")
    '/v1/customers/email=…'
    >>> shown("/v1/conversations/5f01,5f02,5f03")
    '/v1/conversations/5f01, and 2 more'
    """
    shorter = _SEVERAL.sub(lambda ids: f"{ids[1]}, and {ids[2].count(',') + 1} more", path)
    return _LOOK_UP.sub("=…", shorter)


def look_up_values(path: str) -> list[str]:
    """List the values of look-ups in a path, as they are and as they are written there.

    >>> look_up_values("/v1/customers/email=jane%40example.com")
    ['jane@example.com', 'jane%40example.com']
    """
    return [form for value in _LOOK_UP.findall(path) for form in (unquote(value), value)]
