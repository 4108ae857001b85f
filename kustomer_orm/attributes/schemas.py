"""A marshmallow `Schema` of the writable attributes, for request bodies and API documentation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from marshmallow import Schema, ValidationError
from marshmallow.exceptions import SCHEMA

from kustomer_orm.attributes.base import Attribute
from kustomer_orm.errors import InvalidValueError, InvalidValuesError


def schema_of(
    name: str,
    attributes: Mapping[str, Attribute[Any, Any]],
    *,
    only: Iterable[str] | None = None,
    partial: bool = False,
) -> Schema:
    """Make the schema: keys are Python names, unknown ones are refused, nothing is filled in."""
    fields = {
        key: attribute.field
        for key, attribute in attributes.items()
        if attribute.creatable or attribute.updatable
    }
    made = Schema.from_dict(dict(fields), name=f"{name}Schema")
    return made(only=None if only is None else tuple(only), partial=partial)


def values_from(schema: Schema, data: Any, owner: str) -> dict[str, Any]:
    """Load JSON by a schema. Errors say what each attribute takes, and repeat no value.

    Raises:
        InvalidValuesError: with an `InvalidValueError` for each attribute, sorted by name.
    """
    load: Any = schema.load  # typed for lists of many, which this is not
    try:
        return dict(load(data))
    except ValidationError as error:
        problems = error.messages_dict
    errors = [_problem(owner, name, said) for name, said in sorted(problems.items())]
    lines = "\n".join(f"  {each}" for each in errors)
    raise InvalidValuesError(f"{len(errors)} refused:\n{lines}", errors=errors)


def _problem(owner: str, name: str, said: Any) -> InvalidValueError:
    label = owner if name == SCHEMA else f"{owner}.{name}"
    expected = "; ".join(_flat(said))
    return InvalidValueError(f"{label}: {expected}", attribute=label, expected=expected)


def _flat(said: Any, place: str = "") -> Iterator[str]:
    """List what marshmallow said, nested by places in a list or by keys."""
    if isinstance(said, dict):
        for key, inner in said.items():
            yield from _flat(inner, f"{place}{key}: ")
    else:
        yield from (f"{place}{each}" for each in said)
