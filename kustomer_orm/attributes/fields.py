"""Strict marshmallow fields: the codecs between Python values and the wire.

marshmallow's stock fields are too loose for a database of other people's: `Boolean` takes "yes",
`Integer` takes 3.7, `DateTime` takes and gives naive text, and `dump` validates nothing. Here
`_serialize` is strict (it runs on every assignment) and `_deserialize` checks the type alone, so
that a value that the server already holds is shown even where it breaks a limit. The limits stand
as marshmallow validators too: `Schema.load` and apispec read them there.
"""

from __future__ import annotations

import contextlib
import enum
import math
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from marshmallow import ValidationError, fields, validate

from kustomer_orm._names import closest
from kustomer_orm._types import JSON
from kustomer_orm.changes import is_masked


def plain(value: Any) -> Any:
    """Give the value of an enumeration's member; anything else is itself."""
    return value.value if isinstance(value, enum.Enum) else value


class _WholeText(validate.Regexp):
    """A pattern for all of the text: `$` alone would forgive a newline at its end."""

    def __call__(self, value: Any) -> Any:
        if self.regex.fullmatch(value) is None:
            raise ValidationError(self._format_error(value))
        return value


class StrictString(fields.String):
    """Text of a bounded length; a subclass of `str` goes out as a plain one."""

    def __init__(
        self,
        *,
        min_length: int = 0,
        max_length: int | None = None,
        pattern: str | None = None,
        **options: Any,
    ) -> None:
        validators: list[Any] = []
        if min_length or max_length is not None:
            validators.append(validate.Length(min=min_length or None, max=max_length))
        if pattern is not None:
            validators.append(_WholeText(pattern))
        super().__init__(validate=[*validators, _refuse_surrogates], **options)
        self.max_length = max_length
        self._length = (min_length, math.inf if max_length is None else max_length)
        self._pattern = None if pattern is None else re.compile(pattern)
        self.expected = _text_in_words(min_length, max_length, pattern)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> JSON:
        if type(value) is not str:
            value = plain(value)
            if not isinstance(value, str):
                raise ValidationError(self.expected)
            value = str.__str__(value)
        if not self._length[0] <= len(value) <= self._length[1]:
            raise ValidationError(self.expected)
        if self._pattern is not None and self._pattern.fullmatch(value) is None:
            raise ValidationError(self.expected)
        if not value.isascii():
            _refuse_surrogates(value)
        return value

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, str):
            raise ValidationError(self.expected)
        return value


class StrictChoice(StrictString):
    """One of the published words."""

    def __init__(self, choices: Iterable[str], **options: Any) -> None:
        super().__init__(**options)
        self.choices = tuple(choices)
        self.validators = [*self.validators, validate.OneOf(self.choices)]
        self.expected = "one of " + ", ".join(map(repr, self.choices))

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> JSON:
        value = super()._serialize(value, attr, obj, **kwargs)
        if value not in self.choices:
            near = closest(value, self.choices)
            hint = f" (did you mean {near!r}?)" if near else ""
            raise ValidationError(self.expected + hint)
        return value


class StrictUrl(StrictString):
    """An absolute URI as text."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.expected = "an absolute URL, such as 'https://example.com/a'"
        self.validators = [*self.validators, self._check]

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> JSON:
        value = super()._serialize(value, attr, obj, **kwargs)
        self._check(value)
        return value

    def _check(self, value: str) -> None:
        try:
            parts = urlsplit(value)
        except ValueError:
            raise ValidationError(self.expected) from None
        whole = parts.scheme and (parts.netloc or parts.path)
        if not whole or any(sign.isspace() or not sign.isprintable() for sign in value):
            raise ValidationError(self.expected)


class StrictBoolean(fields.Boolean):
    """True or False and nothing that is merely like them."""

    expected = "True or False"

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> JSON:
        if value is True or value is False:
            return value
        raise ValidationError(self.expected)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return self._serialize(value, attr, None)


class StrictNumber(fields.Field[float]):
    """A finite number; an int stays an int, a Decimal must survive the trip through a float."""

    kind = "a number"

    def __init__(
        self, *, minimum: float | None = None, maximum: float | None = None, **options: Any
    ) -> None:
        bounded = minimum is not None or maximum is not None
        validators = [validate.Range(min=minimum, max=maximum)] if bounded else []
        super().__init__(validate=validators, **options)
        self.limits = (minimum, maximum)
        self._minimum = -math.inf if minimum is None else minimum
        self._maximum = math.inf if maximum is None else maximum
        self.expected = self.kind + _range_in_words(minimum, maximum)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> JSON:
        found = number(value if type(value) is int else plain(value), self.expected)
        if not self._minimum <= found <= self._maximum:
            raise ValidationError(self.expected)
        return found

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return number(value, self.expected)


class StrictInteger(StrictNumber):
    """A whole number."""

    kind = "a whole number"

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> JSON:
        found = super()._serialize(value, attr, obj, **kwargs)
        if isinstance(found, float):
            raise ValidationError(self.expected)
        return found

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        found = number(value, self.expected)
        if isinstance(found, float) and not found.is_integer():
            raise ValidationError(self.expected)
        return int(found)  # JSON has one kind of number: a server may write 3 as 3.0


def number(value: Any, expected: str) -> int | float:
    """Give a plain int or float; refuse bools, text, NaN and Decimals that lose digits."""
    if type(value) is int:
        return _within_64_bits(value, expected)
    if type(value) is float and math.isfinite(value):
        return value
    if isinstance(value, Decimal):
        return _from_decimal(value, expected)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValidationError(expected)
    if isinstance(value, int):
        return _within_64_bits(int(value), expected)
    if not math.isfinite(value):
        raise ValidationError(f"{expected}, finite: JSON has no NaN and no infinity")
    return float(value)


def _within_64_bits(value: int, expected: str) -> int:
    if -(2**63) <= value < 2**63:
        return value
    raise ValidationError(f"{expected} of at most 64 bits: no larger one survives the trip")


_LARGEST_EXPONENT = 308


def _from_decimal(value: Decimal, expected: str) -> int | float:
    if not value.is_finite():
        raise ValidationError(f"{expected}, finite: JSON has no NaN and no infinity")
    if value.adjusted() > _LARGEST_EXPONENT:
        raise ValidationError(f"{expected} that a float holds")
    if value == value.to_integral_value() and abs(value) < 2**63:
        return int(value)
    found = float(value)
    if Decimal(repr(found)) != value:
        raise ValidationError(f"{expected} that a float holds exactly (round it first)")
    return found


class UtcDateTime(fields.Field[datetime]):
    """An instant: aware in Python, UTC with milliseconds on the wire (finer parts are cut off)."""

    expected = "a datetime with a time zone, such as datetime.now(UTC)"
    expected_text = "an instant with its zone, such as 2026-01-31T17:00:00Z"

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> JSON:
        if not isinstance(value, datetime) or value.utcoffset() is None:
            raise ValidationError(self.expected)
        try:
            utc = value.astimezone(UTC)
        except OverflowError:
            raise ValidationError(f"{self.expected}, between the years 1 and 9999") from None
        return f"{utc:%Y}".zfill(4) + f"{utc:-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        moment = None
        if isinstance(value, str):
            with contextlib.suppress(ValueError):
                moment = datetime.fromisoformat(value)
        if moment is None or moment.tzinfo is None:
            raise ValidationError(self.expected_text)
        return moment


# Far beyond any use, and far below where Python's and orjson's own limits strike.
_DEEPEST = 100


class FreeJSON(fields.Field[Any]):
    """JSON of any shape, or of the shapes named."""

    def __init__(self, *shapes: type, expected: str = "a JSON value", **options: Any) -> None:
        super().__init__(**options)
        self._shapes = shapes
        self.expected = expected

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> JSON:
        if self._shapes and not isinstance(value, self._shapes):
            raise ValidationError(self.expected)
        return json_value(value)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if is_masked(value):
            raise ValidationError(self.expected)  # it stands for a value that is not shown
        return self._serialize(value, attr, None)


def json_value(value: Any, depth: int = 0) -> JSON:
    """Copy a value that is JSON already; refuse what JSON cannot hold, at any depth."""
    value = plain(value)
    if depth > _DEEPEST:
        raise ValidationError(f"JSON of at most {_DEEPEST} levels, which does not hold itself")
    if value is None or value is True or value is False:
        return value
    if isinstance(value, str):
        _refuse_surrogates(value)
        return str.__str__(value)
    if isinstance(value, (int, float, Decimal)):
        return number(value, "a number")
    if isinstance(value, (list, tuple)):
        return [json_value(item, depth + 1) for item in value]
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise ValidationError("JSON, whose keys are strings")
        return {json_value(key): json_value(item, depth + 1) for key, item in value.items()}
    kind = type(value).__name__
    raise ValidationError(f"JSON (strings, numbers, booleans, lists, dicts), not a {kind} inside")


def _refuse_surrogates(value: str) -> None:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValidationError("text without lone surrogates, which UTF-8 cannot hold") from None


def _text_in_words(minimum: int, maximum: int | None, pattern: str | None) -> str:
    words = "a string"
    if minimum and maximum is not None:
        words += f" of {minimum} to {maximum} characters"
    elif maximum is not None:
        words += f" of at most {maximum} characters"
    elif minimum:
        words += f" of at least {minimum} characters"
    return words if pattern is None else f"{words} that matches {pattern}"


def _range_in_words(minimum: float | None, maximum: float | None) -> str:
    if minimum is not None and maximum is not None:
        return f" from {minimum} to {maximum}"
    if minimum is not None:
        return f" of at least {minimum}"
    return "" if maximum is None else f" of at most {maximum}"
