"""Every error that leaves this library.

    KustomerError
    ├── ConfigurationError (ValueError)        a setting is missing or refused; nothing was sent
    │   └── NoClientError                      no client is bound, current or connected
    ├── DeclarationError (TypeError)           a record class contradicts itself
    ├── InvalidValueError (ValueError)         an attribute was given a value that it cannot hold
    │   └── InvalidValuesError                 several at once, or at save
    ├── UnknownAttributeError (AttributeError) no such attribute; names the closest one
    ├── ReadOnlyAttributeError (AttributeError)
    ├── UnreadableValueError (ValueError)      the server's value is not of the attribute's kind
    ├── NotLoadedError                         an attribute of a record that was never loaded
    ├── QueryError (ValueError)                a list or a search asks for what the API cannot do
    ├── BulkError                              of a bulk save, some failed or nobody knows
    ├── UnsavedChangesError                    loading a record would touch its changes
    ├── WebhookError (ValueError)              a delivery is forged, too large or unreadable
    ├── FormTokenError (ValueError)            a form came back with a token that does not hold
    └── APIError                               a request went wrong
        ├── BadRequestError                    400 and any 4xx without a class of its own
        ├── AuthenticationError                401: the key is missing, wrong, expired
        │   └── WrongRegionError               the key belongs to another region (pod)
        ├── PermissionDeniedError              403, or 401 with a good key: a role is missing
        ├── NotFoundError                      404, 410
        ├── ConflictError                      409, or a new record's external id is taken
        ├── PayloadTooLargeError               413
        ├── RateLimitError                     429, or not sent: carries `retry_after`
        ├── ServerError                        5xx to a read
        ├── UnexpectedAnswerError              not JSON, cut short, or about another record
        ├── ConnectionFailedError              the request never reached the server
        └── OutcomeUnknownError                a write was sent and its fate is not known

All of them survive pickle, and none holds a token, a live response or a customer's text: a wrong
value is described by its type and size, not repeated, and where the server's own words echo what
was sent to it, they are shown with `…` in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, TypeAlias

__all__ = [
    "APIError",
    "AuthenticationError",
    "BadRequestError",
    "BulkError",
    "ConfigurationError",
    "ConflictError",
    "ConnectionFailedError",
    "DeclarationError",
    "ErrorDetail",
    "FieldConflict",
    "FormTokenError",
    "InvalidValueError",
    "InvalidValuesError",
    "KustomerError",
    "NoClientError",
    "NotFoundError",
    "NotLoadedError",
    "OutcomeUnknownError",
    "PayloadTooLargeError",
    "PermissionDeniedError",
    "QueryError",
    "RateLimitError",
    "ReadOnlyAttributeError",
    "ServerError",
    "UnexpectedAnswerError",
    "UnknownAttributeError",
    "UnreadableValueError",
    "UnsavedChangesError",
    "WebhookError",
    "WrongRegionError",
]


class KustomerError(Exception):
    """The root: `except KustomerError` catches everything of ours."""

    def __reduce__(self) -> tuple[Any, ...]:
        # A pickle travels into queues and logs: what holds customers' texts stays here.
        kept = {name: fact for name, fact in vars(self).items() if name not in {"result", "fields"}}
        return (type(self), self.args, kept)


class ConfigurationError(KustomerError, ValueError):
    """A setting is missing or refused. Nothing was sent."""


class NoClientError(ConfigurationError):
    """A record needs a client and none is bound to it, current or connected."""


class DeclarationError(KustomerError, TypeError):
    """A record class contradicts itself: raised when the class is made."""


class InvalidValueError(KustomerError, ValueError):
    """An attribute was given a value that it cannot hold. Nothing was assigned.

    Attributes:
        attribute: where it was to go, such as `Conversation.refund`.
        expected: what it takes, in words.
        got: what was given, by type and size.
        errors: each problem, where several were found (else this error alone).
    """

    def __init__(
        self, message: str, *, attribute: str = "", expected: str = "", got: str = ""
    ) -> None:
        super().__init__(message)
        self.attribute = attribute
        self.expected = expected
        self.got = got

    @classmethod
    def of(cls, attribute: str, *, expected: str, got: str) -> InvalidValueError:
        """Word the error from its facts."""
        message = f"{attribute}: expected {expected}, got {got}"
        return cls(message, attribute=attribute, expected=expected, got=got)

    def about(self, record: str) -> InvalidValueError:
        """Give the same error with the record named in front."""
        return InvalidValueError(
            f"{record}: {self}",
            attribute=self.attribute,
            expected=self.expected,
            got=self.got,
        )

    @property
    def errors(self) -> tuple[KustomerError, ...]:
        """Each problem, one error a piece."""
        return (self,)


class InvalidValuesError(InvalidValueError):
    """Several attributes were refused at once. Nothing was assigned and nothing was sent."""

    def __init__(self, message: str, *, errors: Sequence[KustomerError] = ()) -> None:
        super().__init__(message)
        self._errors = tuple(errors)

    @property
    def errors(self) -> tuple[KustomerError, ...]:
        """Each problem, one error a piece; unknown and read-only attributes are among them."""
        return self._errors


class UnknownAttributeError(KustomerError, AttributeError):
    """No such attribute is declared.

    Attributes:
        suggestion: the closest declared name, or None.
    """

    def __init__(self, message: str, *, suggestion: str | None = None) -> None:
        super().__init__(message)
        self.suggestion = suggestion


class ReadOnlyAttributeError(KustomerError, AttributeError):
    """The API does not accept this attribute here: never, or only when a record is created."""


class UnreadableValueError(KustomerError, ValueError):
    """The server's value is not of the attribute's kind. `record.raw` still shows it."""


class NotLoadedError(KustomerError):
    """The attribute of a record that was never loaded, or only in part, was read."""


class QueryError(KustomerError, ValueError):
    """A list or a search asks for what the API cannot do. Nothing was sent, or nothing was lost."""


class BulkError(KustomerError):
    """Of a bulk save, some records failed, or nobody knows what became of them.

    Attributes:
        errors: the error of each of them.
    """

    def __init__(self, message: str, *, errors: Sequence[KustomerError] = ()) -> None:
        super().__init__(message)
        self.errors = tuple(errors)


class UnsavedChangesError(KustomerError):
    """A record has unsaved changes that loading it would touch; it stays as it was.

    From `refresh(local="raise")`; and in an identity scope from `get(id, fresh=True)`, `get_many`
    and `get_by`, where others changed the same attributes.
    """


class WebhookError(KustomerError, ValueError):
    """A delivery is not Kustomer's, cannot be read, or comes too early. Nothing was applied.

    Attributes:
        status: the HTTP status to answer it with: 403 forged, 413 too large, 400 unreadable, 503
            to come again, because another attempt is still being handled.
    """

    def __init__(self, message: str, *, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


FormTokenReason: TypeAlias = Literal[
    "missing",
    "altered",
    "too old",
    "another form",
    "another record",
    "another organisation",
    "another user",
]


class FormTokenError(KustomerError, ValueError):
    """A form came back with a token that does not hold for it. Nothing was saved.

    Attributes:
        reason: "missing", "altered", "too old", "another form", "another record", "another
            organisation" or "another user".
    """

    def __init__(self, message: str, *, reason: FormTokenReason = "altered") -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class ErrorDetail:
    """One entry of an error answer's `errors`, in either documented shape."""

    code: str = ""
    title: str = ""
    detail: str = ""
    parameter: str = ""

    def __str__(self) -> str:
        words = [part for part in (self.code, self.title, self.detail) if part]
        return f"{self.parameter}: {', '.join(words)}" if self.parameter else ", ".join(words)


class APIError(KustomerError):
    """A request went wrong. The record that it was about keeps every change.

    Attributes:
        status: the HTTP status, or None when there was no answer.
        method: the method of the request.
        path: its path, without the values of look-ups.
        details: what the server said, one `ErrorDetail` for each of its errors.
        retry_after: seconds to wait before trying again, where the server told; a `RateLimitError`
            from a request always has it.
        attempts: how many times the request was sent.
        uncertain: whether an earlier attempt, whose answer was lost, may have been carried out.
        attributes: on saves, what the server said, by attribute name.
        result: on saves of several requests, the `SaveResult` of those that succeeded; on an error
            that ends a bulk save, its `BulkResult`. A pickle leaves it out.
    """

    def __init__(  # one keyword a fact: an error is a record of what happened
        self,
        message: str,
        *,
        status: int | None = None,
        method: str = "",
        path: str = "",
        details: Sequence[ErrorDetail] = (),
        retry_after: float | None = None,
        attempts: int = 1,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.method = method
        self.path = path
        self.details = tuple(details)
        self.retry_after = retry_after
        self.attempts = attempts
        self.uncertain = False
        self.attributes: Mapping[str, str] = {}
        self.result: Any = None  # SaveResult lives two floors up

    @property
    def code(self) -> str:
        """The server's code of the first detail, such as `badparam`; empty when it gave none."""
        return self.details[0].code if self.details else ""


class BadRequestError(APIError):
    """The server refused what was sent: 400, or a 4xx without a class of its own."""


class AuthenticationError(APIError):
    """The key is missing, mistyped, expired or revoked."""


class WrongRegionError(AuthenticationError):
    """The key belongs to another region (pod) than the host that was asked."""


class PermissionDeniedError(APIError):
    """The key is good and lacks a role for this request."""


class NotFoundError(APIError):
    """No such record, or it is out of this key's sight, or it was deleted."""


class FieldConflict(NamedTuple):
    """One attribute that was changed here and by somebody else. Its `repr` shows no values.

    Attributes:
        base: the Python value that both began with, None where it was not set.
        mine: the value here, not saved.
        theirs: the value on the server now.
        name: the attribute's name, as in `changes`.

    >>> from kustomer_orm import errors
    >>> errors.FieldConflict(base="open", mine="done", theirs="snoozed", name="status")
    <FieldConflict status>
    """

    base: Any
    mine: Any
    theirs: Any
    name: str

    def __repr__(self) -> str:
        return f"<FieldConflict {self.name}>"


# What decides a conflict: a word, or a function that gives the value to save. A function that
# gives NotImplemented leaves it open.
Resolver: TypeAlias = Literal["mine", "theirs"] | Callable[[FieldConflict], Any]


class ConflictError(APIError):
    """Somebody else wrote as well; nothing was written over it, and every change is kept.

    With a status, the server refused: a stale `rev`, or a duplicate on creation. Without one, the
    library did: `save(conflict="careful")` found that others had changed the same attributes, or a
    new record's external id is that of somebody else's record.

    Attributes:
        fields: by attribute name, the three values of each that both sides changed. A pickle
            leaves it out, since it holds customers' texts; `attributes` keeps the names.
    """

    fields: Mapping[str, FieldConflict] = MappingProxyType({})


class PayloadTooLargeError(APIError):
    """The body is larger than the API takes (100 kB on most endpoints)."""


class RateLimitError(APIError):
    """The organisation's or the object's request budget is spent; see `retry_after`.

    With a `status` of 429 the server refused. Without one nothing was sent: the budget has room
    only after the deadline, or after more than `max_wait`.
    """


class ServerError(APIError):
    """The server failed to answer a read."""


class UnexpectedAnswerError(APIError):
    """The answer is not JSON:API, was cut short, or is about another record."""


class ConnectionFailedError(APIError):
    """The request never reached the server, so it did nothing."""


class OutcomeUnknownError(APIError):
    """A write was sent and its fate is not known: it may or may not have been carried out.

    After a save the record is `in_doubt` and keeps its changes; saving it again is harmless.
    """
