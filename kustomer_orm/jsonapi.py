"""Kustomer's JSON:API envelope: bodies to bytes, answers to resources, error answers to errors.

With the `speed` extra, orjson reads and writes; without it the standard library does.
"""

from __future__ import annotations

import functools
import html
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeGuard

from kustomer_orm._types import JSON, JSONObject
from kustomer_orm.errors import (
    APIError,
    AuthenticationError,
    BadRequestError,
    ConflictError,
    ErrorDetail,
    NotFoundError,
    OutcomeUnknownError,
    PayloadTooLargeError,
    PermissionDeniedError,
    RateLimitError,
    ServerError,
    UnexpectedAnswerError,
    WrongRegionError,
)

try:
    import orjson
except ImportError:

    def _no_constant(text: str) -> JSON:
        raise ValueError(f"{text} is not JSON")

    loads: Callable[[bytes], JSON] = functools.partial(json.loads, parse_constant=_no_constant)

    def _make_encode() -> Callable[[JSON], str]:
        """Make an encoder once: `JSONEncoder` does so on each call, twice the cost of a body."""
        # A body is made of fresh copies, so it does not hold itself.
        standard = json.JSONEncoder(
            separators=(",", ":"), ensure_ascii=False, allow_nan=False, check_circular=False
        )
        make: Any = getattr(json.encoder, "c_make_encoder", None)  # what `JSONEncoder` uses
        text = json.encoder.encode_basestring
        try:
            encode = make(None, standard.default, text, None, ":", ",", False, False, False)
            encode({}, 0)
        except TypeError:  # another Python, without it or with other arguments
            return standard.encode
        return lambda value: "".join(encode(value, 0))

    _encode = _make_encode()

    def dumps(value: JSON) -> bytes:
        """Write compact JSON: the API's body limit counts white space."""
        return _encode(value).encode()

else:
    loads = orjson.loads

    def dumps(value: JSON) -> bytes:
        """Write compact JSON: the API's body limit counts white space."""
        return orjson.dumps(value)


_BY_STATUS: Mapping[int, type[APIError]] = {
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    410: NotFoundError,
    413: PayloadTooLargeError,
    429: RateLimitError,
}

_ADVICE: Mapping[type[APIError], str] = {
    AuthenticationError: "the key is mistyped, expired or revoked, or was made for another host",
    PermissionDeniedError: "the key is good and lacks a role for this; roles are fixed when a key "
    "is made, so make another key",
    NotFoundError: "it does not exist, was deleted, or is out of this key's sight",
    PayloadTooLargeError: "the API takes bodies of up to 100 kB; save fewer attributes at a time",
    OutcomeUnknownError: "it may or may not have been carried out; the record can be saved, or "
    "deleted, again",
}

# "Auth token associated with pod prod2 but request is being handled by prod1"
_WRONG_POD = re.compile(r"associated with pod (\w+)")

# A word of so many letters, "open" or "A-1", is no secret, and a message is lost without it.
_SHORT = 4
_ID = re.compile("[0-9a-f]{24}")

_HOSTS = {
    "prod1": "https://api.kustomerapp.com",
    "prod2": "https://api.prod2.kustomerapp.com",
    "prod4": "https://api.prod4.kustomerapp.com",
}


def parse(content: bytes) -> JSONObject | None:
    """Read an answer's body; None where it is not a JSON object."""
    try:
        document = loads(content)
    except (ValueError, RecursionError):  # the latter from the standard library's, at 1000 levels
        return None
    return document if isinstance(document, dict) else None


_DICT_OR_NONE = (dict, type(None))


def is_resource(data: JSON) -> TypeGuard[JSONObject]:
    """Tell whether this is one resource: a type, an id and an attributes object."""
    return (
        type(data) is dict
        and type(data.get("id")) is str
        and type(data.get("attributes")) is dict
        and type(data.get("relationships")) in _DICT_OR_NONE
    )


def details(document: JSONObject | None, hide: Sequence[str] = ()) -> list[ErrorDetail]:
    """Read the `errors` of either documented shape, the texts of `hide` left out."""
    errors = (document or {}).get("errors")
    errors = errors if isinstance(errors, list) else [errors]
    return [_detail(error, hide) for error in errors if isinstance(error, dict)]


_LONG = 1_000_000_000  # a phone or card number is a customer's text as well


def texts_of(body: bytes | None) -> list[str]:
    """List the texts of a request's body that an error must not repeat, the longest first.

    An id says nothing of a customer and much about an error, and so does what is also a key.

    >>> texts_of(b'{"name": "Jane Doe", "subStatus": "58228e05d4e96711004eccb7"}')
    ['Jane Doe']
    """
    keys: set[str] = set()
    texts: set[str] = set()
    waiting = [None if body is None else loads(body)]
    while waiting:
        found = waiting.pop()
        if isinstance(found, dict):
            keys.update(found)
            waiting += found.values()
        elif isinstance(found, list):
            waiting += found
        elif isinstance(found, str) and not _ID.fullmatch(found):
            texts.update({found, found.strip(), json.dumps(found)[1:-1], html.escape(found)})
        elif isinstance(found, (int, float)) and abs(found) >= _LONG:
            texts.add(str(found))
    return sorted(texts - keys, key=len, reverse=True)


def _detail(error: Mapping[str, Any], hide: Sequence[str]) -> ErrorDetail:
    source = error.get("source")
    source = source if isinstance(source, dict) else {}
    # Recorded: `parameter`; the contract prints `parameters`; JSON:API has `pointer`.
    parameter = source.get("parameter") or source.get("parameters") or source.get("pointer") or ""
    return ErrorDetail(
        code=hushed(error.get("code"), hide),
        title=hushed(error.get("title") or error.get("message"), hide),
        detail=hushed(error.get("detail"), hide),
        parameter=hushed(parameter, hide).rsplit("/", 1)[-1],
    )


def hushed(value: Any, hide: Sequence[str]) -> str:
    """Give the server's words without the texts of `hide`, and cut: a page of HTML is too long."""
    if not isinstance(value, (str, int)):
        return ""
    said = str(value)
    for text in hide:
        if len(text) > _SHORT:
            said = re.sub(re.escape(text), "…", said, flags=re.IGNORECASE)
    return said[:200]


def error(
    status: int,
    content: bytes,
    *,
    method: str,
    path: str,
    retry_after: float | None,
    attempts: int,
    hide: Sequence[str] = (),
    reads: bool = False,
) -> APIError:
    """Make the error of an answer that is no success; it does not repeat the texts of `hide`."""
    document = parse(content)
    found = details(document, hide)
    kind = _kind(status, reads=reads or method == "GET")
    advice = _ADVICE.get(kind, "")
    pod = _WRONG_POD.search(" ".join(map(str, found)))
    if pod is not None and 400 <= status < 500:
        kind = WrongRegionError
        host = _HOSTS.get(pod[1], f"the host of {pod[1]}")
        advice = f"the key belongs to region {pod[1]}: pass base_url={host!r}, or your org's name"
    said = "; ".join(map(str, found)) or ("" if document else "the answer is not JSON")
    message = f"{method} {path}: {status}" + "".join(f": {part}" for part in (said, advice) if part)
    return kind(
        message,
        status=status,
        method=method,
        path=path,
        details=found,
        retry_after=retry_after,
        attempts=attempts,
    )


def _kind(status: int, *, reads: bool) -> type[APIError]:
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if status >= 500:
        # A gateway may answer 502 after the server behind it has written.
        return ServerError if reads else OutcomeUnknownError
    return BadRequestError if status >= 400 else UnexpectedAnswerError
