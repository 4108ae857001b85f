"""Takes over what came back from a form: only what its person changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, tzinfo
from typing import Any, NamedTuple

from kustomer_orm._sentinels import Masked
from kustomer_orm.attributes.relations import id_of
from kustomer_orm.errors import (
    InvalidValueError,
    KustomerError,
    NotLoadedError,
    UnreadableValueError,
)
from kustomer_orm.forms.fields import FormField
from kustomer_orm.forms.texts import spelled, texts_of, value_of
from kustomer_orm.records import Record

# Beside each field that others changed as well, the page asks whose value it shall be.
RESOLVE = "resolve-"


class FormError(NamedTuple):
    """One thing that is wrong with a form.

    Attributes:
        field: the name of the field, "" where it is about the whole form.
        code: "invalid", "conflict", "refused", "gone", "forbidden", "rate_limited", "busy",
            "in_doubt" or "unavailable".
        message: what to tell the person.
    """

    field: str
    code: str
    message: str


def shown_texts(record: Record, field: FormField, zone: tzinfo = UTC) -> list[str] | None:
    """Give what the inputs of a field show; None for a value that is not to be seen.

    That is a sensitive or a masked one, one that does not read as its kind, and one that the token
    does not know: such a field shows nothing, and left empty it changes nothing. No request.
    """
    if field.is_secret:
        return None
    try:
        value = _value(record, field)
    except (NotLoadedError, UnreadableValueError):
        return None
    if isinstance(value, Masked) or (isinstance(value, list) != field.is_many and value):
        return None
    return texts_of(field, value, zone)


def _value(record: Record, field: FormField) -> Any:
    """Read without loading anything: a form shows what its record holds."""
    return field.attribute.__get__(record, type(record))


def assign_posted(
    record: Record,
    fields: Sequence[FormField],
    posted: Callable[[str], Sequence[str] | None],
    *,
    zone: tzinfo = UTC,
) -> list[FormError]:
    """Assign what the person changed: the inputs whose text is not the one that was shown.

    A field that did not come back at all is left as it is, so a page may show fewer of them. Of
    several things that are wrong all are told, and nothing is assigned then. No request.

    Args:
        record: the record, on the baseline that the person saw.
        fields: the fields of the form.
        posted: gives the texts that came back under a name, None if there were none.
        zone: the time zone that instants were shown in.
    """
    errors: list[FormError] = []
    values: dict[str, Any] = {}
    theirs: list[str] = []
    for field in fields:
        texts = posted(field.name)
        if posted(RESOLVE + field.name) == ["theirs"]:
            theirs.append(field.name)
        elif texts is not None and is_changed(field, shown_texts(record, field, zone), texts):
            try:
                values[field.name] = value_of(field, texts, zone)
            except InvalidValueError as error:
                errors.append(FormError(field.name, "invalid", _expected(error)))
    sets = {field.name: field for field in fields if field.attribute.unordered}
    try:
        if not errors:
            record.assign(**values)
    except KustomerError as error:
        errors = errors_of(error)
    if not errors:
        if theirs:
            record.restore(*theirs)
        for name in sets.keys() & values.keys():
            _assign_set(record, sets[name], values[name])
    return errors


def is_changed(field: FormField, shown: Sequence[str] | None, texts: Sequence[str]) -> bool:
    """Tell whether a person touched a field."""
    before, now = spelled(shown or []), spelled(texts)
    if field.kind == "lines":
        before = [line.strip() for text in before for line in text.splitlines()]
        now = [line.strip() for text in now for line in text.splitlines() if line.strip()]
    if shown is None:
        return bool(now)
    if field.attribute.unordered:
        return sorted(before) != sorted(now)
    return before != now


def _assign_set(record: Record, field: FormField, wanted: Sequence[Any]) -> None:
    """Make what was assigned an edit in place.

    Of that the difference is what counts, and what is only added goes through the endpoint that
    adds, where there is one: so what others add meanwhile stays, whatever the conflict mode.
    """
    record.restore(field.name)
    held: list[Any] = _value(record, field)
    kept = [item for item in held if id_of(item) in wanted]
    known = [id_of(item) for item in kept]
    held[:] = [*kept, *(item for item in wanted if item not in known)]


def errors_of(error: KustomerError) -> list[FormError]:
    """Give the errors of a form for values that a record does not take."""
    found = error.errors if isinstance(error, InvalidValueError) else (error,)
    return [
        FormError(_name(each), "invalid", _expected(each))
        if isinstance(each, InvalidValueError)
        else FormError("", "invalid", str(each))
        for each in found
    ]


def _name(error: InvalidValueError) -> str:
    """Give the name of the attribute that an error is about, by its label."""
    owner, _, name = error.attribute.partition(".")
    return error.attribute if owner == "custom" else name.removesuffix("[…]")


def _expected(error: InvalidValueError) -> str:
    return f"Enter {error.expected}."
