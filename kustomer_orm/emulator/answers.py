"""Answers of the API: bodies, envelopes and the two documented shapes of an error."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from werkzeug.datastructures import Headers

from kustomer_orm.emulator.behaviour import Behaviour

JSON_TYPE = "application/json; charset=utf-8"

# `badparam` and `notfound` were recorded on the wire; the other words are invented here.
CODES = {
    400: "badparam",
    401: "unauthorized",
    403: "forbidden",
    404: "notfound",
    409: "conflict",
    413: "toolarge",
    414: "toolarge",
    429: "ratelimit",
    500: "internal",
    501: "notimplemented",
    502: "badgateway",
    503: "unavailable",
    504: "timeout",
}

# "Not Found" was recorded; the other sentences are invented here.
TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
    413: "Payload Too Large",
    414: "URI Too Long",
    429: "Too Many Requests",
    500: "Internal Server Error",
    501: "Not Implemented",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}


@dataclass
class Answer:
    """What is sent back: a status, a JSON document or bytes, and headers."""

    status: int
    document: Any = None
    raw: bytes | None = None
    headers: Headers = field(default_factory=Headers)
    content_type: str = JSON_TYPE

    def encoded(self) -> bytes:
        """The body's bytes: `raw` if given, else the document as compact JSON."""
        if self.raw is not None:
            return self.raw
        if self.document is None:
            return b""
        return json.dumps(self.document, ensure_ascii=False, separators=(",", ":")).encode()


@dataclass(frozen=True)
class Problem:
    """One entry of an error body."""

    title: str
    parameter: str | None = None
    pointer: str | None = None
    detail: str | None = None


class RefusedError(Exception):
    """A request that is answered with an error."""

    def __init__(
        self, status: int, *problems: Problem, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(status, *problems)
        self.status = status
        self.problems = problems or (Problem(TITLES.get(status, "Error")),)
        self.headers = dict(headers or {})

    def answer(self, behaviour: Behaviour) -> Answer:
        """The answer in the shape the switches ask for."""
        problems = self.problems if behaviour.all_errors else self.problems[:1]
        document = error_document(self.status, problems, behaviour)
        return Answer(self.status, document, headers=Headers(self.headers))


def not_found(parameter: str | None = None) -> RefusedError:
    """A 404; `parameter` names the look-up that found nothing.

    Recorded for `externalId`; that a path with an id names `id` is inferred.
    """
    return RefusedError(404, Problem(TITLES[404], parameter, parameter and f"/{parameter}"))


def bad_request(title: str, parameter: str | None = None) -> RefusedError:
    """A 400 with one problem."""
    return RefusedError(400, Problem(title, parameter, parameter and f"/{parameter}"))


def error_document(
    status: int, problems: Sequence[Problem], behaviour: Behaviour
) -> dict[str, Any]:
    """The body of an error."""
    code = CODES.get(status, "error")
    if behaviour.error_shape == "newer":
        code = "bad_request" if status == 400 else code
        return {"errors": [{"code": code, "message": _sentence(p), "meta": {}} for p in problems]}
    return {"errors": [_recorded(status, code, problem, behaviour) for problem in problems]}


def _sentence(problem: Problem) -> str:
    return f"{problem.title}: {problem.parameter}" if problem.parameter else problem.title


def _recorded(status: int, code: str, problem: Problem, behaviour: Behaviour) -> dict[str, Any]:
    entry: dict[str, Any] = {"status": status}
    if behaviour.error_source == "pointer" and problem.pointer is not None:
        entry["source"] = {"pointer": problem.pointer}
    elif problem.parameter is not None:
        entry["source"] = {"parameter": problem.parameter}
    entry |= {"code": code, "title": problem.title}
    if problem.detail is not None:
        entry["detail"] = problem.detail
    return entry


@dataclass(frozen=True)
class Page:
    """One page of a list: its place in the whole, and how to ask for its neighbours."""

    path: str
    number: int
    size: int
    total: int
    query: Mapping[str, str] = field(default_factory=dict)

    @property
    def last(self) -> int:
        """The number of the last page; an empty list has one page."""
        return max(1, -(-self.total // self.size))

    def link(self, number: int) -> str:
        """The root-relative address of another page of the same list."""
        return f"{self.path}?{urlencode({**self.query, 'page': number, 'pageSize': self.size})}"


def list_document(page: Page, data: list[Any], *, with_total: bool = False) -> dict[str, Any]:
    """The envelope of a list; most lists tell no total."""
    meta: dict[str, Any] = {"pageSize": page.size, "page": page.number}
    links: dict[str, Any] = {
        "self": page.link(page.number),
        "first": page.link(1),
        "prev": page.link(page.number - 1) if page.number > 1 else None,
        "next": page.link(page.number + 1) if page.number < page.last else None,
    }
    if with_total:
        meta |= {"total": page.total, "totalPages": page.last}
        links["last"] = page.link(page.last)
    return {"meta": meta, "data": data, "links": links}


def wire_time(moment: datetime) -> str:
    """A moment as the API writes it: UTC, milliseconds, Z."""
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"


def etag(body: bytes) -> str:
    """A weak tag of a body in the framework's form: its length in hex and a hash."""
    digest = hashlib.sha256(body).hexdigest()[:27]
    return f'W/"{len(body):x}-{digest}"'
