"""Our errors as answers, 404, 409, 422, 429 and 502, on the app's own error pages.

An error becomes an exception of werkzeug's, so that what the app registered for its status, or for
`HTTPException`, is what the visitor sees. Without that it is werkzeug's plain page, or JSON where
the visitor prefers it. Neither repeats a message of ours: those name paths and ids, and go to the
log.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

from flask import Flask, current_app, json, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException, default_exceptions

from kustomer_orm.errors import (
    APIError,
    BadRequestError,
    BulkError,
    ConfigurationError,
    ConflictError,
    FieldConflict,
    FormTokenError,
    InvalidValueError,
    KustomerError,
    NotFoundError,
    OutcomeUnknownError,
    RateLimitError,
)
from kustomer_orm.records import Record

# The app's own handler for a class below one of these wins: the most specific one always does.
HANDLED = (APIError, BulkError, FormTokenError, InvalidValueError)

_TEXTS: Mapping[int, str] = {
    400: "This form is not valid any more. Load the page again.",
    404: "There is no such record.",
    409: "Somebody else has changed the same. Nothing was overwritten.",
    422: "Some values were refused.",
    429: "There are too many requests just now. Try again later.",
    502: "Kustomer did not answer as it should. Try again later.",
}
_UNKNOWN = "Kustomer did not answer. What you sent may have been saved, or not: have a look."


class KustomerHTTPException(HTTPException):
    """An error of ours on its way to the visitor: what the app's error handlers are given.

    Attributes:
        original_exception: the error of ours.
        fields: on 422, what is wrong by attribute, a list of texts; on 409, the attributes that
            both sides changed, with None, or with `base`, `mine` and `theirs` where the app has
            set `KUSTOMER_CONFLICT_VALUES`.
        retry_after: on 429, seconds to wait, where that is known.

    >>> from flask import Flask
    >>> from kustomer_orm.contrib.flask import KustomerHTTPException
    >>> app = Flask("desk")
    >>> @app.errorhandler(409)
    ... def show_conflict(error):
    ...     names = error.fields if isinstance(error, KustomerHTTPException) else ()
    ...     return f"Have a look at {', '.join(names)}.", 409
    """

    original_exception: KustomerError
    fields: Mapping[str, Any]
    retry_after: int | None = None

    def get_body(self, environ: Any = None, scope: Any = None) -> str:
        """Give JSON where the visitor prefers it, else werkzeug's plain page."""
        if not _json_is_preferred():
            return super().get_body(environ, scope)
        facts: dict[str, Any] = {
            "status": self.code,
            "error": self.name,
            "message": self.description,
        }
        if self.fields:
            facts["fields"] = self.fields
        if self.retry_after is not None:
            facts["retry_after"] = self.retry_after
        return json.dumps(facts)

    def get_headers(self, environ: Any = None, scope: Any = None) -> list[tuple[str, str]]:
        """Give the headers of werkzeug's exception, with the type of the body."""
        headers = super().get_headers(environ, scope)
        if not _json_is_preferred():
            return headers
        rest = [each for each in headers if each[0] != "Content-Type"]
        return [("Content-Type", "application/json"), *rest]


def _kind(status: int) -> type[KustomerHTTPException]:
    """Make the class of a status, which is werkzeug's as well: handlers are found by it."""
    base = default_exceptions[status]
    return type(base.__name__, (KustomerHTTPException, base), {"__doc__": base.__doc__})


_KINDS = {status: _kind(status) for status in _TEXTS}


def register(app: Flask) -> None:
    """Register the handlers that the app wants and has not registered itself.

    Raises:
        ConfigurationError: it wants one for a status that there is none for.
    """
    wanted = _wanted(app.config["KUSTOMER_ERROR_HANDLERS"])
    handler = _handler(wanted)
    own = app.error_handler_spec[None][None]
    for kind in HANDLED:
        if wanted and kind not in own:
            app.register_error_handler(kind, handler)


def _wanted(setting: Any) -> Collection[int]:
    if isinstance(setting, bool) or setting is None:
        return frozenset(_TEXTS) if setting else frozenset()
    if not isinstance(setting, Collection) or not set(_TEXTS).issuperset(setting):
        raise ConfigurationError(
            "KUSTOMER_ERROR_HANDLERS must be True, False or a list of some of "
            f"{', '.join(map(str, _TEXTS))}"
        )
    return frozenset(setting)


def _handler(wanted: Collection[int]) -> Callable[[KustomerError], ResponseReturnValue]:
    def answer(error: KustomerError) -> ResponseReturnValue:
        status = status_of(error)
        if status not in wanted:
            raise error
        level = {429: logging.WARNING, 502: logging.ERROR}.get(status, logging.INFO)
        current_app.logger.log(level, "%s: %s", type(error).__name__, error)
        return current_app.handle_http_exception(http_exception(error, status))

    return answer


def status_of(error: KustomerError) -> int:
    """Say what an error means to the visitor.

    What is wrong between the app and Kustomer, its key for instance, is no fault of theirs: 502.
    """
    if isinstance(error, InvalidValueError):
        # An id that cannot be one, of a URL for instance, is that of no record.
        return 404 if error.attribute.endswith(".id") else 422
    if isinstance(error, BadRequestError) and error.attributes:
        return 422
    by_kind = {NotFoundError: 404, ConflictError: 409, RateLimitError: 429, FormTokenError: 400}
    return next((status for kind, status in by_kind.items() if isinstance(error, kind)), 502)


def http_exception(error: KustomerError, status: int) -> KustomerHTTPException:
    """Make what the app's error handlers are given."""
    fields = _fields(error, status)
    unknown = isinstance(error, OutcomeUnknownError)
    lines = [_UNKNOWN if unknown else _TEXTS[status], *map(_line, fields.items())]
    made = _KINDS[status]("\n".join(lines))
    made.original_exception = error
    made.fields = fields
    after = getattr(error, "retry_after", None)
    if status == 429 and after is not None:
        made.retry_after = max(1, math.ceil(after))
    return made


def _line(field: tuple[str, Any]) -> str:
    name, said = field
    return f"{name}: {'; '.join(said)}" if isinstance(said, list) else name


def _fields(error: KustomerError, status: int) -> dict[str, Any]:
    if isinstance(error, ConflictError):
        shows = current_app.config["KUSTOMER_CONFLICT_VALUES"]
        names = error.fields or dict.fromkeys(error.attributes)
        return {
            name: _values(error.fields[name]) if shows and name in error.fields else None
            for name in names
        }
    if status != 422:
        return {}
    if isinstance(error, APIError):
        return {name: [said] for name, said in error.attributes.items()}
    found: dict[str, Any] = {}
    for each in error.errors if isinstance(error, InvalidValueError) else ():
        label = each.attribute if isinstance(each, InvalidValueError) else ""
        expected = each.expected if isinstance(each, InvalidValueError) else str(each)
        found.setdefault(label.partition(".")[2], []).append(expected)
    return found


def _values(conflict: FieldConflict) -> dict[str, Any]:
    sides = {"base": conflict.base, "mine": conflict.mine, "theirs": conflict.theirs}
    return {side: _plain(value) for side, value in sides.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return value.id if isinstance(value, Record) else value


def _json_is_preferred() -> bool:
    accepted = request.accept_mimetypes
    as_json, as_page = accepted["application/json"], accepted["text/html"]
    return as_json > as_page or (as_json == as_page and request.is_json)
