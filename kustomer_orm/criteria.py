"""What a search asks for: `Conversation.status == "open"`, put together with `&`, `|` and `~`.

An expression knows nothing of the API: it is made into a body where it is searched with, and
refused there if the API has no such criterion.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple, NoReturn

from kustomer_orm.errors import QueryError


class Expression:
    """What is common to all criteria.

    >>> from kustomer_orm import Conversation
    >>> (Conversation.status == "open") & ~Conversation.tags.contains("spam")
    <Conversation.status equals 'open' & ~ Conversation.tags contains 'spam'>
    """

    def __and__(self, other: Expression) -> Expression:
        return All((self, other))

    def __or__(self, other: Expression) -> Expression:
        return Either((self, other))

    def __invert__(self) -> Expression:
        return Not(self)

    def __bool__(self) -> NoReturn:
        raise QueryError(
            "a criterion is neither true nor false: put criteria together with &, | and ~, with "
            "parentheses around each, instead of and, or, not and a < b < c"
        )

    def shown(self, *, values: bool = True) -> str:
        """Give it as text; an error leaves the values out, which may be a customer's."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"<{self.shown()}>"


class Criterion(Expression):
    """One attribute, one of the API's operators, and a wire value."""

    def __init__(self, attribute: Any, operator: str, value: Any) -> None:
        self.attribute = attribute
        self.operator = operator
        self.value = value

    def shown(self, *, values: bool = True) -> str:
        """Give it as text; an error leaves the values out, which may be a customer's."""
        return _said(self.attribute.label, self.operator, self.value, values=values)


class Raw(Expression):
    """A criterion as the API spells it, for what no attribute of this library stands for.

    >>> Raw("customer_any_text", "contains", "refund")
    <customer_any_text contains 'refund'>
    """

    def __init__(self, name: str, operator: str, value: Any) -> None:
        self.name = name
        self.operator = operator
        self.value = value

    def shown(self, *, values: bool = True) -> str:
        """Give it as text; an error leaves the values out, which may be a customer's."""
        return _said(self.name, self.operator, self.value, values=values)


class All(Expression):
    """All of them hold."""

    def __init__(self, parts: Iterable[Expression]) -> None:
        self.parts = tuple(parts)

    def shown(self, *, values: bool = True) -> str:
        """Give it as text; an error leaves the values out, which may be a customer's."""
        return " & ".join(part.shown(values=values) for part in self.parts)


class Either(Expression):
    """At least one of them holds."""

    def __init__(self, parts: Iterable[Expression]) -> None:
        self.parts = tuple(parts)

    def shown(self, *, values: bool = True) -> str:
        """Give it as text; an error leaves the values out, which may be a customer's."""
        return f"({' | '.join(part.shown(values=values) for part in self.parts)})"


class Not(Expression):
    """It does not hold."""

    def __init__(self, part: Expression) -> None:
        self.part = part

    def shown(self, *, values: bool = True) -> str:
        """Give it as text; an error leaves the values out, which may be a customer's."""
        return f"~ {self.part.shown(values=values)}"


def _said(name: str, operator: str, value: Any, *, values: bool) -> str:
    return f"{name} {operator} {value!r}" if values else f"{name} {operator} …"


class Order(NamedTuple):
    """What a search is sorted by: `Conversation.created_at.desc()`."""

    attribute: Any
    descending: bool


class Groups(NamedTuple):
    """An expression as the API takes it: all of the first, one of the second, none of the third."""

    all: list[Expression]
    any: list[Expression]
    none: list[Expression]


def groups_of(expressions: Iterable[Expression]) -> Groups:
    """Sort expressions into the groups that the API has.

    It takes one group of alternatives, and no groups within groups (nothing documented says that
    these work).

    Raises:
        QueryError: it cannot be said with these.
    """
    groups = Groups([], [], [])
    for expression in expressions:
        _sort(expression, groups, negated=False)
    return groups


def _sort(expression: Expression, groups: Groups, *, negated: bool) -> None:
    if not isinstance(expression, Expression):
        raise QueryError(
            "a search takes criteria, such as Conversation.status == 'open', not a "
            f"{type(expression).__name__}"
        )
    if isinstance(expression, Not):
        _sort(expression.part, groups, negated=not negated)
    elif isinstance(expression, (Criterion, Raw)):
        (groups.none if negated else groups.all).append(expression)
    elif isinstance(expression, All if not negated else Either):
        for part in expression.parts:
            _sort(part, groups, negated=negated)
    elif isinstance(expression, Either):
        _add_alternatives(expression, groups)
    else:
        _refuse(expression, "the opposite of several criteria at once")


def _add_alternatives(expression: Either, groups: Groups) -> None:
    parts = list(_flat(expression))
    if len(parts) == 1:
        _sort(parts[0], groups, negated=False)
        return
    if not all(isinstance(part, (Criterion, Raw)) for part in parts):
        _refuse(expression, "alternatives that are more than one plain criterion each")
    if groups.any:
        _refuse(expression, "a second group of alternatives")
    groups.any.extend(parts)


def _flat(expression: Expression) -> Iterable[Expression]:
    if isinstance(expression, Either):
        for part in expression.parts:
            yield from _flat(part)
    else:
        yield expression


def _refuse(expression: Expression, what: str) -> NoReturn:
    raise QueryError(
        f"<{expression.shown(values=False)}>: the API's searches cannot say {what}: search with "
        "less, and look at the rest in Python"
    )
