"""A marshmallow `Schema` of the writable attributes, for request bodies and API documentation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from marshmallow import Schema

from kustomer_orm.attributes.base import Attribute


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
