"""`name=value` on the command line: from text to values, by the kinds of the attributes.

Text is checked where it is assigned, by the attribute itself; here it only gets its type.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from kustomer_orm import Record
from kustomer_orm.attributes import Attribute, DateTime, List, Object
from kustomer_orm.attributes.fields import StrictBoolean, StrictString
from kustomer_orm.cli.failing import BadInputError
from kustomer_orm.custom import undeclared
from kustomer_orm.custom.undeclared import Undeclared
from kustomer_orm.errors import InvalidValueError, KustomerError

_ASSIGNMENT = re.compile(r"([^=\s]+?)(\+=|-=|=)(.*)", re.DOTALL)


class Assignment(NamedTuple):
    """One word of the command line, taken apart; the sign is `=`, `+=` or `-=`."""

    name: str
    sign: str
    text: str


def read(words: Iterable[str]) -> list[Assignment]:
    """Take the words apart.

    Raises:
        BadInputError: some are no assignments, or a name is assigned twice.
    """
    found: list[Assignment] = []
    problems: list[str] = []
    for word in words:
        match = _ASSIGNMENT.fullmatch(word)
        if match is None:
            problems.append(f"{word!r} is no assignment: write name=value or custom.keyStr=value")
            continue
        assignment = Assignment(*match.groups())
        if assignment.sign == "=" and assignment.name in _assigned(found):
            problems.append(f"{assignment.name} is assigned twice")
        found.append(assignment)
    if problems:
        raise BadInputError(*problems)
    return found


def apply(record: Record, assignments: Sequence[Assignment]) -> None:
    """Assign all values, then add to and take from lists. Nothing is sent.

    Raises:
        BadInputError: values that the record does not take, all of them named.
    """
    problems: list[str] = []
    values: dict[str, Any] = {}
    for assignment in assignments:
        try:
            if assignment.sign == "=":
                values[assignment.name] = parse(type(record), assignment)
        except InvalidValueError as error:
            problems.append(str(error))
    try:
        record.assign(**values)
    except KustomerError as error:
        problems += map(str, error.errors if isinstance(error, InvalidValueError) else [error])
    for assignment in assignments:
        try:
            if assignment.sign != "=":
                _edit(record, assignment)
        except KustomerError as error:
            problems.append(str(error))
    if problems:
        raise BadInputError(*problems)


def parse(cls: type[Record], assignment: Assignment) -> Any:
    """Give the value that the text stands for, by the kind of the attribute.

    >>> from kustomer_orm import Conversation
    >>> parse(Conversation, Assignment("name", "=", "12.50"))
    '12.50'
    >>> parse(Conversation, Assignment("custom.refundNum", "=", "12.50"))
    12.5
    """
    attribute = _attribute(cls, assignment.name)
    if attribute is None:  # assigning the text says so, with the closest name
        return assignment.text
    if isinstance(attribute, Undeclared):
        many = assignment.text.startswith("[") and isinstance(_json(assignment.text), list)
        kind = attribute.kind
        attribute = attribute if many or kind is None else kind
    return _value(attribute, assignment.text, assignment.name)


def _attribute(cls: type[Record], name: str) -> Attribute[Any, Any] | None:
    """Give the attribute of a name; the classes of the library declare no custom ones."""
    if name.startswith("custom."):
        return undeclared(name.removeprefix("custom."))
    found = getattr(cls, name, None)
    return found if isinstance(found, Attribute) else None


def _value(attribute: Attribute[Any, Any], text: str, name: str) -> Any:
    if text == "null":
        return None
    if isinstance(attribute.field, StrictString):
        return text
    if isinstance(attribute, DateTime):
        return _instant(text, name)
    return _inside(attribute, _json(text.lower() if _is_truth(attribute) else text), name)


def _inside(attribute: Attribute[Any, Any], value: Any, name: str) -> Any:
    """Turn the instants within lists and objects from text."""
    if isinstance(attribute, DateTime) and isinstance(value, str):
        return _instant(value, name)
    if isinstance(attribute, List) and isinstance(value, list):
        return [_inside(attribute.kind, item, name) for item in value]
    if isinstance(attribute, Object) and isinstance(value, dict):
        return {
            key: _inside(attribute.members[key], item, name) if key in attribute.members else item
            for key, item in value.items()
        }
    return value


def _json(text: str) -> Any:
    """Read JSON; what is none stays text, which the attribute will refuse."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _instant(text: str, name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is not None and moment.tzinfo is not None:
        return moment
    got = "another text" if moment is None else "one without a zone"
    expected = "an instant with its zone, such as 2026-01-31T17:00:00Z"
    raise InvalidValueError.of(name, expected=expected, got=got)


def _is_truth(attribute: Attribute[Any, Any]) -> bool:
    return isinstance(attribute.field, StrictBoolean)


def _assigned(assignments: Iterable[Assignment]) -> set[str]:
    return {assignment.name for assignment in assignments if assignment.sign == "="}


def _edit(record: Record, assignment: Assignment) -> None:
    """Add an item to a list or take one from it, in place."""
    name, sign, text = assignment
    key = name.removeprefix("custom.")
    held = getattr(record, name) if key == name else record.custom.get(key)
    if not isinstance(held, list):
        raise InvalidValueError.of(name, expected=f"a list, for {sign}", got="another kind")
    attribute = _attribute(type(record), name)
    item = _value(attribute.kind, text, name) if isinstance(attribute, List) else text
    places = [place for place, each in enumerate(held) if item in {each, getattr(each, "id", each)}]
    if sign == "+=" and not places:
        held.append(item)
    elif sign == "-=" and places:
        del held[places[0]]
    elif sign == "-=":
        hint = ": it is read as ids" if name == "tags" else ""
        raise InvalidValueError.of(name, expected=f"an item that it holds{hint}", got="another")
