"""The organisation as it is: its resources with custom attributes, and its klasses."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

from kustomer_orm.client import Client
from kustomer_orm.errors import NotFoundError
from kustomer_orm.metadata import Property
from kustomer_orm.records.reflecting import read_properties
from kustomer_orm.resources import Klass

# What the contract takes for `/metadata/{resource}`, beside `kobject.*`.
STANDARD = ("company", "conversation", "customer", "message")

KOBJECT = "kobject."


class Model(NamedTuple):
    """One type of record as the organisation has set it up.

    Attributes:
        type: "conversation", or "kobject.order" for the klass `order`.
        title: the display name of a klass; "" for a standard type.
        properties: its custom attributes, by key.
    """

    type: str
    title: str
    properties: tuple[Property, ...]

    @property
    def klass(self) -> str:
        """The name of the klass, "" for a standard type."""
        return self.type.removeprefix(KOBJECT) if self.type.startswith(KOBJECT) else ""


def read_models(client: Client, only: Collection[str] = ()) -> list[Model]:
    """Read the organisation's types: the standard ones, then the klasses by name.

    One request for each type, and one for each page of klasses. Klasses that are switched off are
    left out.

    Args:
        client: the client to ask.
        only: the types to read, such as "conversation" and "kobject.order"; all if empty.
    """
    return [
        Model(type_name, title, tuple(_properties(client, type_name)))
        for type_name, title in _types(client, only)
        if not only or type_name in only
    ]


def _types(client: Client, only: Collection[str]) -> Iterator[tuple[str, str]]:
    yield from ((type_name, "") for type_name in STANDARD)
    if only and not any(name.startswith(KOBJECT) for name in only):
        return
    klasses = [klass for klass in Klass.using(client).all() if klass.status != "disabled"]
    for klass in sorted(klasses, key=lambda klass: str(klass.name)):
        yield f"{KOBJECT}{klass.name}", (klass.display_name or "").strip()


def _properties(client: Client, type_name: str) -> list[Property]:
    """Give the properties; a type of which nothing was ever set up may have no metadata at all."""
    try:
        return read_properties(client, type_name)
    except NotFoundError:
        return []
