"""The filters of a list: Python's names to the API's query parameters."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from kustomer_orm._names import closest
from kustomer_orm.attributes import DateTime
from kustomer_orm.attributes.base import describe
from kustomer_orm.errors import InvalidValueError, QueryError
from kustomer_orm.records.core import Core

_INSTANT = DateTime()


def query_of(cls: type[Core], filters: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Give the query parameters of filters.

    Raises:
        QueryError: the API does not filter the list by these.
        InvalidValueError: a value is no text, number, truth or instant.
    """
    return parameters(cls.__name__, cls.filters, filters, alone=cls.filters_alone)


def parameters(
    owner: str, known: Mapping[str, str], filters: Mapping[str, Any], *, alone: bool = False
) -> tuple[tuple[str, str], ...]:
    """Give the query parameters of filters; `alone` says that only one is taken at a time."""
    for name in filters:
        if name not in known:
            near = closest(name, known)
            takes = ", ".join(known) or "nothing"
            hint = f"; did you mean {near!r}?" if near else ""
            message = (
                f"{owner}: this list is not filtered by {name!r}{hint} (it is by {takes}); "
                "search() takes criteria"
            )
            raise QueryError(message)
    if alone and len(filters) > 1:
        raise QueryError(
            f"{owner}: the API takes one of these filters at a time: {', '.join(filters)}"
        )
    return tuple((known[name], _text(f"{owner}.all({name}=…)", filters[name])) for name in filters)


def _text(label: str, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        _INSTANT.label = label
        return str(_INSTANT.encode(value))
    if isinstance(value, (str, int)):
        return str(value)
    id_ = getattr(value, "id", None)
    if isinstance(id_, str):
        return id_
    raise InvalidValueError.of(
        label, expected="a text, number, truth, instant or record", got=describe(value)
    )
