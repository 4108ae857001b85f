"""The kinds of records on the command line, and criteria as text: `status=open`."""

from __future__ import annotations

import re
from typing import Any

import kustomer_orm
from kustomer_orm import Record, resources
from kustomer_orm._names import closest
from kustomer_orm.attributes import Attribute
from kustomer_orm.cli import values
from kustomer_orm.cli.failing import BadInputError
from kustomer_orm.criteria import Expression
from kustomer_orm.custom.undeclared import undeclared

_KOBJECTS = "kobjects/"
_CRITERION = re.compile(r"([\w.@-]+?)(>=|<=|!=|=|>|<|~)(.*)", re.DOTALL)
# What a search can be about; the others are lists.
SEARCHED = frozenset(("company", "conversation", "customer", "message", "note"))

KINDS: dict[str, type[Record]] = {
    cls.path.rpartition("/")[2]: cls
    for name in resources.__all__
    if (cls := getattr(kustomer_orm, name)).path.count("/") == 2
}


def kind_of(name: str) -> type[Record]:
    """Give the class of a kind: `conversations`, `kobjects/order`.

    Raises:
        BadInputError: there is no such kind.
    """
    if name.startswith(_KOBJECTS) and name != _KOBJECTS:
        return kustomer_orm.KObject.of(name.removeprefix(_KOBJECTS))
    found = KINDS.get(name)
    if found is None:
        known = ", ".join((*sorted(KINDS), "kobjects/KLASS"))
        near = closest(name, KINDS)
        hint = f"; did you mean {near!r}?" if near else ""
        raise BadInputError(f"no kind {name!r}{hint} (it is one of {known})")
    return found


def is_searched(cls: type[Record]) -> bool:
    """Tell whether a search can be about records of this class."""
    return cls.type in SEARCHED or cls.type.startswith("kobject.")


def criterion(cls: type[Record], text: str) -> Expression:
    """Give the criterion that a text stands for.

    >>> from kustomer_orm import Conversation
    >>> criterion(Conversation, "priority>=3")
    <Conversation.priority gte 3>

    Raises:
        BadInputError: it is no criterion, or not of an attribute of this class.
    """
    name, sign, value = parts_of(text)
    attribute = attribute_of(cls, name)
    if sign == "~":
        return attribute.contains(value)  # type: ignore[no-any-return]
    wanted = values.parse(cls, values.Assignment(name, "=", value))
    compared: dict[str, Any] = {
        "=": attribute.__eq__,
        "!=": attribute.__ne__,
        ">=": attribute.__ge__,
        "<=": attribute.__le__,
        ">": attribute.__gt__,
        "<": attribute.__lt__,
    }
    return compared[sign](wanted)  # type: ignore[no-any-return]


def parts_of(text: str) -> tuple[str, str, str]:
    """Take a criterion apart: name, sign and value.

    Raises:
        BadInputError: it is none.
    """
    match = _CRITERION.fullmatch(text)
    if match is None:
        raise BadInputError(
            f"{text!r} is no criterion: write name=value, name>=value or name~words"
        )
    name, sign, value = match.groups()
    return name, sign, value


def attribute_of(cls: type[Record], name: str) -> Any:
    """Give an attribute by its name, or by `custom.KEY`.

    Raises:
        BadInputError: the class has no such attribute.
    """
    if name.startswith("custom."):
        return undeclared(name.removeprefix("custom."))
    found = getattr(cls, name, None)
    if isinstance(found, Attribute):
        return found
    raise BadInputError(str(cls._unknown(name)))
