"""Loads the related records of several records at once, instead of one by one on access."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from kustomer_orm.attributes import Attribute, ToMany, ToOne
from kustomer_orm.attributes.base import describe
from kustomer_orm.attributes.relations import id_of
from kustomer_orm.changes import Extent
from kustomer_orm.client import Client
from kustomer_orm.errors import NotFoundError, QueryError
from kustomer_orm.identity import leave_scope
from kustomer_orm.records.core import Core
from kustomer_orm.records.finding import Finder


def prefetch(found: Sequence[Core], names: Iterable[str]) -> None:
    """Load the relations of these names of all these records, one request per 100 of a type.

    What is loaded, held or cached already is not asked for. What is not there stays unloaded, and
    reading an attribute of it raises as ever.

    Raises:
        QueryError: a name is no relation.
    """
    for name, rest in _grouped(names).items():
        related = _related(found, name)
        load(related)
        if rest:
            prefetch([one for one in related if one._state.extent is Extent.WHOLE], rest)


def named(relations: Iterable[Any]) -> tuple[str, ...]:
    """Give the names of relations: of attributes, or such as they are.

    Raises:
        QueryError: one is neither a name nor a relation.
    """
    return tuple(_name(relation) for relation in relations)


def _name(relation: Any) -> str:
    if isinstance(relation, (ToOne, ToMany)):
        return relation.name
    if isinstance(relation, str):
        return relation
    what = relation.label if isinstance(relation, Attribute) else describe(relation)
    raise QueryError(
        f"prefetch takes relations by name, 'customer' or 'customer.company', or as attributes, "
        f"Conversation.customer: not {what}"
    )


def _grouped(names: Iterable[str]) -> dict[str, list[str]]:
    """Give what follows each first name: {"customer": ["company"]} for "customer.company"."""
    grouped: dict[str, list[str]] = {}
    for name in names:
        first, _, rest = name.partition(".")
        below = grouped.setdefault(first, [])
        if rest:
            below.append(rest)
    return grouped


def _related(found: Sequence[Core], name: str) -> list[Core]:
    related: list[Core] = []
    for record in found:
        attribute = record._attributes.get(name)
        if not isinstance(attribute, (ToOne, ToMany)):
            known = [
                key for key, one in record._attributes.items() if isinstance(one, (ToOne, ToMany))
            ]
            message = (
                f"{type(record).__name__} has no relation {name!r} to prefetch; it has "
                f"{', '.join(known) or 'none'}"
            )
            raise QueryError(message)
        value: Any = attribute.__get__(record, type(record))
        related += [
            one for one in (value if isinstance(value, list) else [value]) if _is_record(one)
        ]
    return related


def _is_record(value: Any) -> bool:
    return isinstance(value, Core) and id_of(value) is not None


def load(related: Sequence[Core]) -> None:
    """Load those that were never loaded, one request per 100 of a type.

    Two objects of one record take one answer. What is not there stays unloaded, and says so.
    """
    wanted: dict[tuple[type[Core], Client], dict[str, list[Core]]] = {}
    for record in related:
        if record._state.extent is Extent.PARTIAL and record.path:
            of_its_kind = wanted.setdefault((type(record), record._bound()), {})
            of_its_kind.setdefault(str(record.id), []).append(record)
    for (cls, client), by_id in wanted.items():
        for loaded in Finder(cls, client).get_many(by_id):
            for record in by_id.pop(str(loaded.id)):
                if record._state.extent is Extent.PARTIAL:
                    state = loaded._state
                    record._accept((state.attributes, state.relationships), {})
        for id_, missing in by_id.items():
            path = missing[0]._url()
            error = NotFoundError(
                f"GET {path}: not among what was asked for together", method="GET", path=path
            )
            leave_scope(client, cls.type, id_, error)
            for record in missing:
                record._extras().missing = error
