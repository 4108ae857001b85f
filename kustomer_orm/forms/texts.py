"""Values as the texts of an HTML form, and back.

What comes back is compared with what was shown, text with text: an input that nobody touched is no
change, even where it shows less than the value holds (an instant without its milliseconds, a line
break in the browser's spelling).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any

from kustomer_orm._sentinels import Masked
from kustomer_orm.attributes.relations import id_of
from kustomer_orm.errors import InvalidValueError
from kustomer_orm.forms.fields import FormField

TRUE, FALSE = "true", "false"


def texts_of(field: FormField, value: Any, zone: tzinfo = UTC) -> list[str]:
    """Give what the inputs of a field show; an empty list where nothing is set.

    >>> from kustomer_orm import Conversation
    >>> from kustomer_orm.forms import fields_of
    >>> [priority] = fields_of(Conversation, ["priority"])
    >>> texts_of(priority, 3)
    ['3']

    Args:
        field: the field.
        value: the Python value of the attribute.
        zone: the time zone of the person, for instants.
    """
    if value is None or isinstance(value, Masked) or field.is_secret:
        return []
    values = value if isinstance(value, list) else [value]
    return [_text_of(field, each, zone) for each in values]


def _text_of(field: FormField, value: Any, zone: tzinfo) -> str:
    if isinstance(value, bool):
        return TRUE if value else FALSE
    if isinstance(value, datetime):
        return _local(value.replace(microsecond=0), zone)
    if isinstance(value, float) and value.is_integer() and field.kind == "integer":
        return str(int(value))
    return str(id_of(value))


def _local(moment: datetime, zone: tzinfo) -> str:
    """Give an instant in a zone; with its offset where that alone tells which one it is."""
    try:
        local = moment.astimezone(zone)
    except OverflowError:  # in the year 0 or 10000 there
        return moment.isoformat()
    is_second = local.utcoffset() != local.replace(fold=0).utcoffset()
    return (local if is_second else local.replace(tzinfo=None)).isoformat()


def spelled(texts: Sequence[str]) -> list[str]:
    """Give the texts as they are compared.

    Browsers post line breaks as CR LF, and blanks too; of a NUL their pages have U+FFFD.
    """
    plain = [
        text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd") for text in texts
    ]
    return [text for text in plain if text.strip()]


def value_of(field: FormField, texts: Sequence[str], zone: tzinfo = UTC) -> Any:
    """Give the value that the texts of a form stand for; what is blank is not set.

    >>> from kustomer_orm import Conversation
    >>> from kustomer_orm.forms import fields_of
    >>> [priority, name] = fields_of(Conversation, ["priority", "name"])
    >>> value_of(priority, ["3"]), value_of(name, [" "])
    (3, None)

    Raises:
        InvalidValueError: a text is not of this kind; it names the attribute and what it takes.
    """
    if field.is_many:
        return items_of(field, texts)
    plain = spelled(texts)
    if not plain:
        return None
    read = _READERS.get(field.kind)
    if read is None:
        return plain[0] if field.kind == "text" else plain[0].strip()
    return read(field, plain[0].strip(), zone)


def items_of(field: FormField, texts: Sequence[str], held: Collection[str] = ()) -> list[str]:
    """Give the items that the texts of a list stand for.

    A choice is an item as it is; anything else is one a line, which a text area shows choices as.
    """
    known = {value for value, _ in field.choices}.union(held) if field.kind == "choices" else ()
    found: list[str] = []
    for text in spelled(texts):
        lines = [text] if text in known else text.split("\n")
        found += [line if line in known else line.strip() for line in lines if line.strip()]
    return found


def _truth(field: FormField, text: str, zone: tzinfo) -> bool:
    if text.lower() not in {TRUE, FALSE}:
        raise _refused(field, "yes, no or nothing")
    return text.lower() == TRUE


def _integer(field: FormField, text: str, zone: tzinfo) -> int:
    found = _number(field, text, zone)
    if isinstance(found, float):
        raise _refused(field, "a whole number")
    return found


def _number(field: FormField, text: str, zone: tzinfo) -> int | float:
    """Read a number with a decimal point; what a float would change is refused by the attribute."""
    try:
        found = Decimal(text)
    except InvalidOperation:
        found = Decimal("nan")
    if not found.is_finite() or "_" in text:
        raise _refused(field, "a number, such as 12.5")
    whole = found == found.to_integral_value() and found.adjusted() < _DIGITS
    number = int(found) if whole else float(found)
    if math.isinf(number):
        raise _refused(field, "a smaller number")
    return number


# A larger integer has no exact float, and JSON has only these.
_DIGITS = 19


def _instant(field: FormField, text: str, zone: tzinfo) -> datetime:
    """Read an instant; without an offset it is in the zone of the person."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None:
        raise _refused(field, "a date and a time, such as 2026-01-31T17:00")
    if moment.tzinfo is not None:
        return moment
    aware = moment.replace(tzinfo=zone)
    # Where clocks go forward, the offset before is smaller; of a time shown twice it is the first.
    if _offset(aware) < _offset(aware.replace(fold=1)):
        expected = "another time: this one is not there on this day, since clocks go forward then"
        raise _refused(field, expected)
    return aware


def _offset(moment: datetime) -> timedelta:
    return moment.utcoffset() or timedelta()


def _refused(field: FormField, expected: str) -> InvalidValueError:
    return InvalidValueError.of(field.attribute.label, expected=expected, got="another text")


_READERS: dict[str, Callable[[FormField, str, tzinfo], Any]] = {
    "truth": _truth,
    "integer": _integer,
    "number": _number,
    "instant": _instant,
}
