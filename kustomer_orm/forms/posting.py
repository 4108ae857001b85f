"""Takes over what came back from a form: only what its person changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import replace
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
from kustomer_orm.forms.texts import items_of, spelled, texts_of, value_of
from kustomer_orm.records import Record

# Beside each field that others changed as well, the page asks whose value it shall be.
RESOLVE = "resolve-"
UNDECIDED = "Somebody else changed this as well: decide which value it shall have."


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
        value = held_value(record, field)
    except (NotLoadedError, UnreadableValueError):
        return None
    if isinstance(value, Masked) or (isinstance(value, list) != field.is_many and value):
        return None
    return texts_of(field, value, zone)


def held_value(record: Record, field: FormField) -> Any:
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

    A field that did not come back at all is left as it is, so a page may show fewer of them; one
    that both sides changed needs a decision, which comes back as `resolve-<name>`. Of several
    things that are wrong all are told, and nothing is assigned then. No request.

    Args:
        record: the record, on the baseline that the person saw.
        fields: the fields of the form.
        posted: gives the texts that came back under a name, None if there were none.
        zone: the time zone that instants were shown in.
    """
    values: dict[str, Any] = {}
    errors: list[FormError] = []
    for field in fields:
        try:
            values.update(_posted_value(record, field, posted, zone))
        except InvalidValueError as error:
            errors.append(FormError(field.name, "invalid", worded(error)))
        except _UndecidedError:
            errors.append(FormError(field.name, "conflict", UNDECIDED))
    # What can be read is checked as well where something else cannot: all is told at once.
    target = copy(record) if errors else record
    return [*errors, *assign_values(target, fields, values)]


class _UndecidedError(Exception):
    """Both sides changed a field, and nobody posted whose value it shall be."""


def _posted_value(
    record: Record,
    field: FormField,
    posted: Callable[[str], Sequence[str] | None],
    zone: tzinfo,
) -> dict[str, Any]:
    """Give the new value of a field by its name, or nothing."""
    texts, decision = posted(field.name), posted(RESOLVE + field.name)
    if decision == ["theirs"]:
        return {field.name: THEIRS}
    if texts is None:
        if is_undecided(record, field, decision):
            raise _UndecidedError
        return {}
    if is_changed(field, shown_texts(record, field, zone), texts):
        return {field.name: changed_value(record, field, texts, zone)}
    return {}


# What stands for a change that is taken back.
THEIRS = object()


def assign_values(
    record: Record, fields: Sequence[FormField], posted: Mapping[str, Any]
) -> list[FormError]:
    """Assign what fields were changed to, all or nothing, and say what is wrong with it.

    Args:
        record: the record, on the baseline that the person saw.
        fields: the fields of the form.
        posted: values by name, and `THEIRS` for a change that the person takes back.
    """
    values = {name: value for name, value in posted.items() if value is not THEIRS}
    try:
        record.assign(**values)
    except KustomerError as error:
        return errors_of(error)
    if len(values) < len(posted):
        record.restore(*(posted.keys() - values.keys()))
    for field in fields:
        if field.attribute.unordered and field.name in values:
            _assign_set(record, field, values[field.name])
    return []


def is_undecided(record: Record, field: FormField, decision: Sequence[str] | None) -> bool:
    """Tell whether a field that did not come back is a change that still waits for a decision."""
    is_open = record.id is not None and field.name in record.changes
    return is_open and decision != ["mine"]


def is_changed(field: FormField, shown: Sequence[str] | None, texts: Sequence[str]) -> bool:
    """Tell whether a person touched a field."""
    before, now = spelled(shown or []), spelled(texts)
    if shown is None:
        return bool(now)
    if field.is_many:
        return _is_list_changed(field, before, now)
    if field.kind == "instant":
        # A browser leaves out seconds that are zero.
        before, now = [_to_the_minute(text) for text in before], [_to_the_minute(t) for t in now]
    return before != now


def _is_list_changed(field: FormField, before: Sequence[str], now: Sequence[str]) -> bool:
    """Tell whether a person touched a list. A select posts in its own order, and each word once."""
    if field.kind == "choices" or field.attribute.unordered:
        mine = {item.strip() for item in items_of(field, now, before)}
        return {item.strip() for item in items_of(field, before, before)} != mine
    lines = (items_of(replace(field, kind="lines"), texts) for texts in (before, now))
    return next(lines) != next(lines)


def changed_value(
    record: Record, field: FormField, texts: Sequence[str], zone: tzinfo = UTC
) -> Any:
    """Give the value of a field that was changed; what a list keeps of its items is as it was.

    Raises:
        InvalidValueError: the texts stand for none, or for more than the field can show.
    """
    held = _held_items(record, field)
    if not held:
        return value_of(field, texts, zone)
    known = ["".join(spelled([str(item)])) for item in held]
    is_shown = all(text and "\n" not in text for text in known) or field.kind == "choices"
    if not field.is_many or not is_shown:
        expected = "this in Kustomer itself: it holds what this field cannot show"
        raise InvalidValueError.of(field.attribute.label, expected=expected, got="a change")
    return _kept_items(field, held, known, texts)


def _held_items(record: Record, field: FormField) -> list[Any]:
    """Give the items of a list, records by their ids; none where none are held, or to be seen."""
    try:
        held = held_value(record, field)
    except (NotLoadedError, UnreadableValueError):
        return []
    is_seen = isinstance(held, list) and not field.is_secret
    return [id_of(item) for item in held] if is_seen else []


def _kept_items(
    field: FormField, held: Sequence[Any], known: Sequence[str], texts: Sequence[str]
) -> list[Any]:
    """Give the items that texts stand for; those that are held, known by theirs, as they are."""
    wanted = items_of(field, texts, known)
    if field.kind == "choices":
        chosen, there = {item.strip() for item in wanted}, {text.strip() for text in known}
        stay = [item for item, text in zip(held, known, strict=True) if text.strip() in chosen]
        return [*stay, *dict.fromkeys(item for item in wanted if item.strip() not in there)]
    left = [(text.strip(), item) for text, item in zip(known, held, strict=True)]
    found = []
    for line in wanted:
        at = next((at for at, (text, _) in enumerate(left) if text == line), None)
        found.append(line if at is None else left.pop(at)[1])
    return found


def _to_the_minute(text: str) -> str:
    return text.removesuffix(":00") if text.count(":") > 1 else text


def _assign_set(record: Record, field: FormField, wanted: Sequence[Any]) -> None:
    """Make what was assigned an edit in place.

    Of that the difference is what counts, and what is only added goes through the endpoint that
    adds, where there is one: so what others add meanwhile stays, whatever the conflict mode.
    """
    record.restore(field.name)
    held: list[Any] = held_value(record, field)
    kept = [item for item in held if id_of(item) in wanted]
    known = [id_of(item) for item in kept]
    held[:] = [*kept, *(item for item in wanted if item not in known)]


def errors_of(error: KustomerError) -> list[FormError]:
    """Give the errors of a form for values that a record does not take."""
    found = error.errors if isinstance(error, InvalidValueError) else (error,)
    return [
        FormError(_name(each), "invalid", worded(each))
        if isinstance(each, InvalidValueError)
        else FormError("", "invalid", str(each))
        for each in found
    ]


def _name(error: InvalidValueError) -> str:
    """Give the name of the attribute that an error is about, by its label."""
    missing = error.attribute.rpartition(": ")[2]  # of a new record: "new Conversation: customer"
    owner, _, name = missing.rpartition(".")
    return missing if owner == "custom" else name.removesuffix("[…]")


def worded(error: InvalidValueError) -> str:
    """Tell the person what a field takes."""
    return f"Enter {error.expected.removesuffix(', or None')}."
