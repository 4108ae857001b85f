"""Kinds whose values cannot change in place: text, words, numbers, truth, instants, URLs."""

from __future__ import annotations

import enum
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from kustomer_orm._sentinels import MISSING
from kustomer_orm._types import JSON
from kustomer_orm.attributes.base import Attribute, Owner
from kustomer_orm.attributes.fields import (
    StrictBoolean,
    StrictChoice,
    StrictInteger,
    StrictNumber,
    StrictString,
    StrictUrl,
    UtcDateTime,
)
from kustomer_orm.changes import Entry, Extent, same_json
from kustomer_orm.errors import InvalidValueError


class String(Attribute[str | None, str | None]):
    """Text of at most `max_length` characters.

    Args:
        max_length: the published limit.
        min_length: likewise.
        pattern: what all of the text must match.
        prefix: what the API puts in front where it shows the text; left out here and in requests.

    >>> from kustomer_orm import Record
    >>> from kustomer_orm.attributes import String
    >>> class Ticket(Record):
    ...     type, path = "ticket", "/v1/tickets"
    ...     title = String(max_length=10)
    >>> Ticket(title="Hello").title
    'Hello'
    >>> Ticket(title="far too long a title")
    Traceback (most recent call last):
    ...
    kustomer_orm.errors.InvalidValueError: new Ticket: Ticket.title:
        expected a string of at most 10 characters, got a string of 20 characters
    """

    def __init__(
        self,
        *,
        max_length: int | None = None,
        min_length: int = 0,
        pattern: str | None = None,
        prefix: str = "",
        **options: Any,
    ) -> None:
        field = StrictString(max_length=max_length, min_length=min_length, pattern=pattern)
        super().__init__(field, **options)
        self.prefix = prefix

    def encode(self, value: Any, base: JSON = MISSING) -> JSON:
        """Give the text as it is sent."""
        return self._bare(super().encode(value, base))

    def decode(self, wire: JSON, owner: Any) -> Any:
        """Give the text."""
        text = wire if type(wire) is str else super().decode(wire, owner)
        return self._bare(text)

    def same(self, first: JSON, second: JSON) -> bool:
        """Compare the texts."""
        return same_json(self._bare(first), self._bare(second))

    def _bare(self, text: Any) -> Any:
        prefixed = self.prefix and isinstance(text, str)
        return text.removeprefix(self.prefix) if prefixed else text


class Choice(Attribute[str | None, str | enum.Enum | None]):
    """One of the published words. A word that the API added later reads as it is.

    Args:
        choices: the words.
        on_create: the words that a new record may have, where they are fewer.

    >>> from kustomer_orm import Record
    >>> from kustomer_orm.attributes import Choice
    >>> class Ticket(Record):
    ...     type, path = "ticket", "/v1/tickets"
    ...     status = Choice("open", "done")
    >>> Ticket(status="don")
    Traceback (most recent call last):
    ...
    kustomer_orm.errors.InvalidValueError: new Ticket: Ticket.status:
        expected one of 'open', 'done' (did you mean 'done'?), got a string of 3 characters
    """

    def __init__(
        self, *choices: str, on_create: tuple[str, ...] | None = None, **options: Any
    ) -> None:
        super().__init__(StrictChoice(choices), **options)
        self.choices = choices
        self.on_create = on_create or choices

    def accept(self, owner: Owner, value: Any) -> Entry:
        """Check a word that is being assigned; a new record takes fewer of them."""
        entry = super().accept(owner, value)
        word = entry.encoded
        new = owner._state.extent is Extent.NEW
        if new and isinstance(word, str) and word not in self.on_create:
            known = ", ".join(map(repr, self.on_create))
            expected = f"one of {known} in a new record"
            error = InvalidValueError.of(self.label, expected=expected, got=repr(word))
            raise error.about(owner._label())
        return entry


class Url(Attribute[str | None, str | None]):
    """An absolute URL, as text.

    >>> from kustomer_orm import Record
    >>> from kustomer_orm.attributes import Url
    >>> class Ticket(Record):
    ...     type, path = "ticket", "/v1/tickets"
    ...     site = Url()
    >>> Ticket(site="https://example.com/a").site
    'https://example.com/a'
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(StrictUrl(), **options)


class Boolean(Attribute[bool | None, bool | None]):
    """True or False; 1, 0 and "yes" are refused.

    >>> from kustomer_orm import Record
    >>> from kustomer_orm.attributes import Boolean
    >>> class Ticket(Record):
    ...     type, path = "ticket", "/v1/tickets"
    ...     locked = Boolean()
    >>> Ticket(locked=1)
    Traceback (most recent call last):
    ...
    kustomer_orm.errors.InvalidValueError: new Ticket: Ticket.locked: expected True or False, got 1
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(StrictBoolean(), **options)


class Number(Attribute[int | float | None, int | float | Decimal | None]):
    """A finite number. An int stays an int; 1 and 1.0 are the same number.

    >>> from kustomer_orm import Record
    >>> from kustomer_orm.attributes import Number
    >>> class Ticket(Record):
    ...     type, path = "ticket", "/v1/tickets"
    ...     score = Number(min=-1, max=1)
    >>> Ticket(score=0.5).score
    0.5
    """

    def __init__(
        self, *, min: float | None = None, max: float | None = None, **options: Any
    ) -> None:
        super().__init__(StrictNumber(minimum=min, maximum=max), **options)


class Integer(Attribute[int | None, int | None]):
    """A whole number; 3.7 and "3" are refused.

    >>> from kustomer_orm import Record
    >>> from kustomer_orm.attributes import Integer
    >>> class Ticket(Record):
    ...     type, path = "ticket", "/v1/tickets"
    ...     priority = Integer(min=1, max=5)
    >>> Ticket(priority=9)
    Traceback (most recent call last):
    ...
    kustomer_orm.errors.InvalidValueError: new Ticket: Ticket.priority:
        expected a whole number from 1 to 5, got 9
    """

    def __init__(self, *, min: int | None = None, max: int | None = None, **options: Any) -> None:
        super().__init__(StrictInteger(minimum=min, maximum=max), **options)


class DateTime(Attribute[datetime | None, datetime | None]):
    """An instant: an aware datetime in Python, UTC with milliseconds on the wire.

    Two instants are equal at millisecond precision, whatever their offsets; what is finer is cut
    off. A naive datetime is refused: nobody could tell which instant it means.

    >>> from datetime import UTC, datetime
    >>> from kustomer_orm import Record
    >>> from kustomer_orm.attributes import DateTime
    >>> class Ticket(Record):
    ...     type, path = "ticket", "/v1/tickets"
    ...     due_at = DateTime()
    >>> Ticket(due_at=datetime(2026, 1, 2, tzinfo=UTC)).due_at
    datetime.datetime(2026, 1, 2, 0, 0, tzinfo=datetime.timezone.utc)
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(UtcDateTime(), **options)

    def decode(self, wire: JSON, owner: Any) -> Any:
        """Give the instant; text without a zone is taken as UTC, which is what the API writes."""
        moment = _instant(wire)
        return super().decode(wire, owner) if moment is None else moment

    def same(self, first: JSON, second: JSON) -> bool:
        """Compare as instants, at millisecond precision."""
        if first == second:
            return True
        one, other = _instant(first), _instant(second)
        if one is None or other is None:
            return False
        return _milliseconds(one) == _milliseconds(other)


def _instant(wire: JSON) -> datetime | None:
    if not isinstance(wire, str):
        return None
    try:
        moment = datetime.fromisoformat(wire)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _milliseconds(moment: datetime) -> tuple[datetime, int]:
    return moment.replace(microsecond=0), moment.microsecond // 1000
