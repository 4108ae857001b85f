"""Saves the record of a form, and says what went wrong in words for the person at the form."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from kustomer_orm._sentinels import MISSING
from kustomer_orm.changes import Extent
from kustomer_orm.errors import (
    APIError,
    AuthenticationError,
    BadRequestError,
    ConflictError,
    FieldConflict,
    InvalidValueError,
    KustomerError,
    NotFoundError,
    OutcomeUnknownError,
    PayloadTooLargeError,
    PermissionDeniedError,
    RateLimitError,
)
from kustomer_orm.forms.posting import FormError, errors_of
from kustomer_orm.records import Record, SaveResult

_log = logging.getLogger("kustomer_orm")


@dataclass(frozen=True, slots=True)
class Saving:
    """What became of a form that was saved. True when all of it was.

    Attributes:
        result: what the save did; None when it failed.
        errors: what went wrong, in words.
        conflicts: by attribute name, what the person and somebody else changed: both values and
            the one that they began with. The record has their values as its baseline now and the
            person's as unsaved changes, so that a form shown with it saves what is decided then.
            What was typed over a value that was not to be seen (a secret one, a masked one) is in
            no conflict, and in no token either: ask for it again.
        error: the error itself, None when it was saved.
    """

    result: SaveResult | None = None
    errors: tuple[FormError, ...] = ()
    conflicts: Mapping[str, FieldConflict] = field(default_factory=dict)
    error: KustomerError | None = None

    def __bool__(self) -> bool:
        return self.error is None


def save_form(record: Record, *, conflict: str | None = None) -> Saving:
    """Save what the person changed, and nothing else. Two requests; none where nothing changed.

    It reads first and merges, field by field ("careful"): whoever wrote while the form was open is
    not written over. Where the client's mode is "strict", that is used, which costs one request.

    Args:
        record: the record of the form.
        conflict: another mode.
    """
    for _ in range(_TRIES):
        try:
            return Saving(record.save(conflict=conflict or _mode(record)))
        except ConflictError as error:
            saving = _conflict(record, error)
        except InvalidValueError as error:
            return Saving(errors=tuple(errors_of(error)), error=error)
        except APIError as error:
            _tell_operator(error)
            return Saving(errors=tuple(_worded(record, error)), error=error)
        if saving is not None:
            return saving
    words = "Others keep writing to this at the same time. Nothing was lost: save again."
    return Saving(errors=(FormError("", "busy", words),), error=ConflictError(words))


# A conflict may be gone by the time that it is looked at; then there is nothing to ask.
_TRIES = 3


def _mode(record: Record) -> str:
    return "strict" if record._bound().config.conflict == "strict" else "careful"


def _conflict(record: Record, error: ConflictError) -> Saving | None:
    """Bring the record up to date, and tell what is in conflict with what is there now.

    What the error tells is a moment older: somebody may have written since, and the person is to
    decide about the value that would be written over. None where nothing is in conflict any more.
    """
    if not error.fields:
        words = "Others keep writing to this at the same time. Nothing was lost: save again."
        return Saving(errors=(FormError("", "busy", words),), error=error)
    before = {name: record.original(name) for name in record.changes if not _is_blind(record, name)}
    try:
        moved = record.refresh("keep")
    except APIError as problem:
        _tell_operator(problem)
        return Saving(errors=tuple(_worded(record, problem)), error=problem)
    conflicts = {
        name: FieldConflict(before[name], change.old, change.new, name)
        for name, change in moved.items()
        if name in before and not record._named(name).unordered
    }
    if not conflicts:
        return None
    words = "Somebody else changed this while you were editing: decide which value it shall have."
    errors = tuple(FormError(name, "conflict", words) for name in conflicts)
    return Saving(errors=errors, conflicts=conflicts, error=error)


def _is_blind(record: Record, name: str) -> bool:
    """Tell whether a change was typed without a value to be seen, as into a secret field."""
    state = record._state
    return state.extent is Extent.PARTIAL and state.base(record._named(name)) is MISSING


def _worded(record: Record, error: APIError) -> list[FormError]:
    """Word an error for the person: what happened to the changes, and what can be done."""
    if isinstance(error, BadRequestError) and error.attributes:
        return [
            FormError(name, "refused", "Kustomer did not accept this.") for name in error.attributes
        ]
    if isinstance(error, NotFoundError) and record.id is None:
        return [FormError("", "gone", "Something that this is for is not there any more.")]
    for kind, (code, words) in _WORDS.items():
        if isinstance(error, kind):
            return [FormError("", code, words.format(wait=_wait(error), saved=_saved(error)))]
    words = f"Kustomer could not be reached. {_saved(error)}: try again in a moment."
    return [FormError("", "unavailable", words)]


_WORDS: dict[type[APIError], tuple[str, str]] = {
    NotFoundError: ("gone", "This is not there any more: somebody deleted it."),
    RateLimitError: (
        "rate_limited",
        "Too many requests go to Kustomer at the moment. {saved}: try again {wait}.",
    ),
    OutcomeUnknownError: (
        "in_doubt",
        "Kustomer did not answer, so it may or may not be saved. Save again to be sure.",
    ),
    AuthenticationError: (
        "forbidden",
        "This application has no access to Kustomer at the moment. {saved}.",
    ),
    PermissionDeniedError: (
        "forbidden",
        "This application may not change that in Kustomer. {saved}.",
    ),
    PayloadTooLargeError: (
        "refused",
        "This is more than Kustomer takes at once: shorten it. {saved}.",
    ),
    BadRequestError: ("refused", "Kustomer did not accept this. {saved}."),
}


def _wait(error: APIError) -> str:
    seconds = error.retry_after
    return "in a moment" if seconds is None else f"in {max(1, math.ceil(seconds))} seconds"


def _saved(error: APIError) -> str:
    """Say what of it was saved: one save may be several requests."""
    sent = () if error.result is None else tuple(error.result.sent)
    return f"Of it was saved only: {', '.join(sent)}" if sent else "Nothing was saved"


def _tell_operator(error: APIError) -> None:
    """Log it: as an error what nobody at a form can mend, as a warning what time may."""
    if isinstance(error, NotFoundError):
        return
    ours = (AuthenticationError, PermissionDeniedError, BadRequestError)
    level = logging.ERROR if isinstance(error, ours) else logging.WARNING
    _log.log(level, "a form was not saved: %s", error)
