"""A record class with the custom attributes that the organisation has set up, made at run time."""

from __future__ import annotations

from typing import Any

from kustomer_orm.client import Client
from kustomer_orm.errors import UnexpectedAnswerError
from kustomer_orm.jsonapi import is_resource
from kustomer_orm.metadata import Property, attribute_of, names_of, properties_of
from kustomer_orm.records.core import Core


def read_properties(client: Client, type_name: str) -> list[Property]:
    """Read what the organisation's metadata says of a type. One request.

    Raises:
        NotFoundError: the API has no metadata of that type.
        UnexpectedAnswerError: the answer is no metadata.
    """
    path = f"/v1/metadata/{type_name}"
    data = client.read(path).get("data")
    if is_resource(data) and data.get("type") == "metadata":
        return properties_of(data)
    message = f"GET {path}: the answer is not the metadata that was asked for"
    raise UnexpectedAnswerError(message, status=200, method="GET", path=path)


def reflect(cls: type[Any], client: Client) -> Any:
    """Make a subclass that declares what the organisation has and `cls` does not."""
    facts = [one for one in read_properties(client, cls.type) if _is_news(cls, one)]
    names = names_of((one.key for one in facts), dir(cls))
    namespace = {names[one.key]: attribute_of(one) for one in facts}
    about = {"__doc__": cls.__doc__, "__module__": cls.__module__, "_reflected_from": cls}
    make: Any = type(cls)
    return make(cls.__name__, (cls,), {**namespace, **about})


def _is_news(cls: type[Core], facts: Property) -> bool:
    return bool(facts.kind) and f"custom.{facts.key}" not in cls._by_address
