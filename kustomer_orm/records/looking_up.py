"""Look-ups by another key than the id: how each is asked for, and what is the answer to it."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

from kustomer_orm._types import JSON, JSONObject
from kustomer_orm.errors import NotFoundError
from kustomer_orm.jsonapi import is_resource
from kustomer_orm.records.core import Core


def look_up_path(cls: type[Core], name: str, value: str) -> str:
    """Give the path of a look-up: `/customers/email=…`, or a list that is filtered, `?email=…`."""
    key = cls.look_ups[name]
    if key.startswith("?"):
        return f"{cls.path}?{urlencode({key[1:]: value})}"
    return f"{cls.path}/{key}={quote(value, safe='')}"


def looked_up(cls: type[Core], name: str, value: str, document: JSONObject) -> JSON:
    """Give the resource that a look-up found; of a list the one that has the value.

    Raises:
        NotFoundError: there is none.
    """
    data: JSON = document.get("data")
    if not cls.look_ups[name].startswith("?") or not isinstance(data, list):
        return data
    # Documented of companies: a server may ignore a filter, and the first one is then anybody.
    fitting = [item for item in data if _fits(cls, name, value, item)]
    if fitting:
        return fitting[0]
    path = look_up_path(cls, name, "…")
    message = f"GET {cls.path}: no {cls.type} has this {name}"
    raise NotFoundError(message, status=200, method="GET", path=path)


def _fits(cls: type[Core], name: str, value: str, item: Any) -> bool:
    attribute = cls._attributes.get(name)
    if attribute is None or not is_resource(item):
        return True
    stored = attribute.read(item["attributes"], {})
    if not isinstance(stored, str):
        return True  # absent or masked: nobody can tell
    return stored == value or (name == "email" and stored.casefold() == value.casefold())
