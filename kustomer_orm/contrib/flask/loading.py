"""The JSON of a request as values for a record, or what is wrong with it by attribute."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import request

from kustomer_orm.attributes.schemas import values_from
from kustomer_orm.records import Record


def load(cls: type[Record], only: Iterable[str] | None, *, partial: bool) -> dict[str, Any]:
    """Read the body by the schema of what an update, or a new record, takes.

    Raises:
        InvalidValuesError: with an error for each attribute that was refused.
        HTTPException: 400 or 415 where the body is no JSON.
    """
    taken = cls.schema(only=only, partial=partial)
    names = [name for name in taken.fields if _is_taken(getattr(cls, name), updates=partial)]
    return values_from(cls.schema(only=names, partial=partial), request.get_json(), cls.__name__)


def _is_taken(attribute: Any, *, updates: bool) -> bool:
    return bool(attribute.updatable if updates else attribute.creatable)
