"""Judges exchanges by the published contract, corrected where the file is known to be wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlencode

from jsonschema import Draft4Validator
from jsonschema.validators import extend
from openapi_core import Config, OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.validation.schemas.exceptions import InvalidSchemaValue
from openapi_core.validation.schemas.factories import SchemaValidatorsFactory
from openapi_schema_validator import OAS30WriteValidator
from werkzeug.datastructures import Headers, ImmutableMultiDict

from kustomer_orm.emulator import Exchange
from tests.contract.openapi_corrections import KnownFault, Refusal
from tests.contract.openapi_faults import KNOWN_FAULTS

HOST = "https://api.kustomerapp.com"
JSON_TYPES = ("application/json", "application/json-patch+json")

# The API's own formats, of which only the names are published: loose on purpose.
FORMATS = {
    "object-id": r"[0-9a-f]{24}",
    "email": r"[^@\s]+@[^@\s]+",
    "email-relaxed": r"[^@\s]+@[^@\s]+",
    "phone-number": r"\+?[0-9][0-9 ().-]{2,30}",
    "whatsapp-number": r"(whatsapp:)?\+?[0-9][0-9 ().-]{2,30}",
    "uri": r"[a-zA-Z][a-zA-Z0-9+.-]*:[^\s<>\"{}|\\^`\[\]]+",
    "url": r"[a-zA-Z][a-zA-Z0-9+.-]*:[^\s<>\"{}|\\^`\[\]]+",
}

# OpenAPI 3.0 has no `patternProperties`; without it the suffixes of `custom` cannot be said.
_Validator = extend(  # type: ignore[no-untyped-call]
    OAS30WriteValidator,
    {"patternProperties": Draft4Validator.VALIDATORS["patternProperties"]},
)

# A fault of these kinds writes the answer, or breaks it: what arrives is not the API's word.
WRITTEN = frozenset(("status", "html", "redirect", "answer", "partial", "masked", "put_raw"))
BROKEN = frozenset(("truncated_json", "empty", "cut_before", "cut_after", "cut_inside"))

# Runs of encoded signs, those left out that would part a path: / ? # %
_ENCODED = re.compile(r"(?:%(?!2F|3F|23|25)[0-9A-Fa-f]{2})+")
_ID = re.compile(rb"\b[0-9a-f]{24}\b")
_TIME = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


@dataclass
class SentRequest:
    """An exchange's request as openapi-core asks for it."""

    exchange: Exchange
    parameters: RequestParameters
    host_url: str = HOST

    @property
    def path(self) -> str:
        """The path, decoded save for what would cut it; a slash at its end is forgiven."""
        return _ENCODED.sub(lambda sign: unquote(sign[0]), self.exchange.path.removesuffix("/"))

    @property
    def method(self) -> str:
        """The verb in lower case; a HEAD is a GET that wants no body."""
        return "get" if self.exchange.method == "HEAD" else self.exchange.method.lower()

    @property
    def body(self) -> bytes | None:
        """The bytes, None when there are none."""
        return self.exchange.raw or None

    @property
    def content_type(self) -> str:
        """The content type as sent."""
        return self.exchange.headers.get("Content-Type", "").lower()


@dataclass
class ReceivedAnswer:
    """An exchange's answer as openapi-core asks for it."""

    exchange: Exchange

    @property
    def status_code(self) -> int:
        """The status; an exchange without one is never asked."""
        return self.exchange.status or 0

    @property
    def headers(self) -> Headers:
        """The headers."""
        return self.exchange.answer_headers

    @property
    def content_type(self) -> str:
        """The content type; an answer without a body has none and is taken as text."""
        return self.exchange.answer_headers.get("Content-Type", "text/plain").lower()

    @property
    def data(self) -> bytes | None:
        """The bytes."""
        return self.exchange.answer_raw


class Contract:
    """The published file with some of its known faults corrected."""

    def __init__(self, text: str, faults: Sequence[KnownFault]) -> None:
        # The patterns are ECMAScript's, whose `$` is the very end; Python's allows a line break.
        document = json.loads(re.sub(r'("pattern":\s*"(?:[^"\\]|\\.)*)\$"', r'\1\\\\Z"', text))
        for fault in faults:
            fault.correct(document)
        paths = document["paths"]
        # The more is spelled out, the better it matches: `externalId={…}` before `{id}`.
        document["paths"] = dict(sorted(paths.items(), key=lambda item: _breadth(item[0])))
        self._templates = {path: _pattern(path) for path in document["paths"]}
        config = Config(
            # It is judged by what it says, not by how it is written; the types forgot None.
            spec_validator_cls=None,  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
            extra_format_validators={name: _whole(rule) for name, rule in FORMATS.items()},
            extra_media_type_deserializers=dict.fromkeys(JSON_TYPES, _json),
            schema_validators_factory=SchemaValidatorsFactory(_Validator),
        )
        self._api = OpenAPI.from_dict(document, config=config)

    def operation(self, exchange: Exchange) -> str:
        """Name the operation of an exchange, `PATCH /conversations/{id}`; its path if unknown."""
        path = exchange.path.removesuffix("/").removeprefix("/v1")
        for template, pattern in self._templates.items():
            if pattern.fullmatch(path):
                return f"{exchange.method} {template}"
        return f"{exchange.method} {path}"

    def request_problems(self, exchange: Exchange) -> list[str]:
        """Say what the contract has against the request."""
        return _said(self._api.iter_request_errors(_request(exchange)))

    def answer_problems(self, exchange: Exchange) -> list[str]:
        """Say what the contract has against the answer."""
        errors = self._api.iter_response_errors(_request(exchange), ReceivedAnswer(exchange))
        return _said(errors)

    def problems(self, exchange: Exchange) -> list[str]:
        """Say where the server and the contract disagree about this exchange."""
        found: list[str] = []
        status = exchange.status
        if "status" in exchange.faults and status is not None and status < 300:
            return []  # the test itself plays a server, one with attributes of its own
        refused = status is not None and 400 <= status < 500 and _by_the_server(exchange)
        if not refused:
            found += [f"request: {text}" for text in self.request_problems(exchange)]
        elif status == 400 and not self.request_problems(exchange):
            found.append(f"the contract takes what the server refused: {_text(exchange)}")
        unknown = refused and status == 404 and self._is_unknown(exchange)
        judged = _by_the_server(exchange) and exchange.method != "HEAD"
        if status is not None and judged and not unknown:
            found += [f"answer {status}: {text}" for text in self.answer_problems(exchange)]
        return found

    def _is_unknown(self, exchange: Exchange) -> bool:
        """Tell whether the contract, too, knows nothing of this path."""
        method, _, template = self.operation(exchange).partition(" ")
        operations = self._templates.keys() & {template}
        return not operations or method.lower() not in self._api.spec["paths"][template]


@dataclass
class Judge:
    """Checks exchanges once each, and keeps count of the known faults that were met."""

    text: str
    faults: Sequence[KnownFault] = KNOWN_FAULTS
    used: set[str] = field(default_factory=set)
    seen: dict[bytes, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._corrected = Contract(self.text, self.faults)
        self._without: dict[str, Contract] = {}

    def problems(self, exchange: Exchange) -> list[str]:
        """Say where server, contract and the table of known faults disagree."""
        fingerprint = _fingerprint(exchange)
        if fingerprint not in self.seen:
            self.seen[fingerprint] = self._judged(exchange)
        return self.seen[fingerprint]

    def unused(self, used: set[str]) -> list[str]:
        """List the rows of the table that no exchange needed."""
        return [fault.name for fault in self.faults if fault.name not in used | self.used]

    def _judged(self, exchange: Exchange) -> list[str]:
        operation = self._corrected.operation(exchange)
        found = [
            text
            for text in self._corrected.problems(exchange)
            if not self._is_known_refusal(text, operation, exchange)
        ]
        if not found:
            self._note_use(exchange, operation)
        return [f"{operation}: {text}" for text in found]

    def _is_known_refusal(self, problem: str, operation: str, exchange: Exchange) -> bool:
        if not problem.startswith("the contract takes"):
            return False
        for fault in self.faults:
            refusal = fault.what if isinstance(fault.what, Refusal) else None
            if refusal and fault.is_about(operation) and refusal.matches(_text(exchange)):
                self.used.add(fault.name)
                return True
        return False

    def _note_use(self, exchange: Exchange, operation: str) -> None:
        """Mark the corrections without which this exchange would not have passed."""
        for fault in self.faults:
            if fault.name in self.used or not fault.is_about(operation):
                continue
            if not isinstance(fault.what, Refusal) and self._matters(fault, exchange):
                self.used.add(fault.name)

    def _matters(self, fault: KnownFault, exchange: Exchange) -> bool:
        if fault.name not in self._without:
            others = [other for other in self.faults if other is not fault]
            self._without[fault.name] = Contract(self.text, others)
        return bool(self._without[fault.name].problems(exchange))


def _request(exchange: Exchange) -> SentRequest:
    query = ImmutableMultiDict(exchange.query)
    return SentRequest(exchange, RequestParameters(query=query, header=exchange.headers))


def _by_the_server(exchange: Exchange) -> bool:
    return not (WRITTEN | BROKEN).intersection(exchange.faults)


def _fingerprint(exchange: Exchange) -> bytes:
    """Tell exchanges apart by all that the contract looks at, ids and times being alike."""
    parts = (
        f"{exchange.method} {exchange.path}?{urlencode(exchange.query)} {exchange.status}",
        f"{exchange.headers.get('Content-Type')} {'Authorization' in exchange.headers}",
        f"{exchange.answer_headers.get('Content-Type')} {exchange.faults}",
    )
    whole = b"\n".join((*(part.encode() for part in parts), exchange.raw, exchange.answer_raw))
    return _TIME.sub(b"2026-01-01T00:00:00.000Z", _ID.sub(b"0" * 24, whole))


def _text(exchange: Exchange) -> str:
    return exchange.answer_raw.decode(errors="replace")[:500]


def _said(errors: Iterator[Exception]) -> list[str]:
    try:
        return sorted({text for error in errors for text in _words(error)})
    except RecursionError:
        return ["nested too deeply to be read"]


def _words(error: BaseException | None) -> Iterator[str]:
    while error is not None:
        if isinstance(error, InvalidSchemaValue):
            for problem in error.schema_errors:
                place = "/".join(str(step) for step in getattr(problem, "absolute_path", ()))
                yield f"{place or '(whole)'}: {getattr(problem, 'message', problem)}"[:300]
            return
        if error.__cause__ is None:
            yield f"{type(error).__name__}: {error}"[:300]
        error = error.__cause__


def _breadth(template: str) -> tuple[int, int]:
    literal = re.sub(r"\{\w+\}", "", template)
    return (-len(literal), template.count("{"))


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{\w+\}", template)
    return re.compile("[^/]+".join(map(re.escape, parts)))


def _whole(rule: str) -> Callable[[Any], bool]:
    return lambda value: not isinstance(value, str) or re.fullmatch(rule, value) is not None


def _json(raw: bytes, **parameters: str) -> Any:
    """Read JSON as it is defined: Python's parser takes NaN and Infinity, too."""
    return json.loads(raw, parse_constant=_refuse_constant)


def _refuse_constant(text: str) -> Any:
    raise ValueError(f"{text} is not JSON")
