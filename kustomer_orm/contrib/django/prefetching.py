"""Loads the linked records of several model instances at once, instead of one by one on access."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from django.core.exceptions import FieldDoesNotExist

from kustomer_orm.contrib.django.fields import RecordField
from kustomer_orm.errors import QueryError
from kustomer_orm.records.prefetching import load, prefetch

T = TypeVar("T")


def prefetch_records(instances: Iterable[T], *names: str) -> list[T]:
    """Load the records that these instances link to: one request per 100 of a type.

    `prefetch_records(Ticket.objects.all(), "conversation", "conversation__customer")` loads the
    conversations, then their customers. Of a queryset, the very instances that it holds are
    filled. A record that is not there (any more) stays unloaded: its `is_missing` is true, and
    reading an attribute of it raises `NotFoundError` without asking again.

    Args:
        instances: a queryset, or model instances.
        *names: record fields; after `__` relations of the records, such as "customer".

    Returns:
        The instances.

    Raises:
        QueryError: a name is no record field, or no relation.
    """
    found = list(instances)
    for name, below in _grouped(names).items():
        linked = [getattr(instance, f"{_field(instance, name).name}") for instance in found]
        records = [record for record in linked if record is not None]
        load(records)
        if below:
            prefetch([record for record in records if not record.is_missing], below)
    return found


def _grouped(names: Iterable[str]) -> dict[str, list[str]]:
    """Give what follows each field: {"conversation": ["customer.company"]}."""
    grouped: dict[str, list[str]] = {}
    for name in names:
        first, _, rest = name.partition("__")
        below = grouped.setdefault(first, [])
        if rest:
            below.append(rest.replace("__", "."))
    return grouped


def _field(instance: Any, name: str) -> RecordField:
    options = instance._meta  # noqa: SLF001 - Django's public name for it
    try:
        field = options.get_field(name)
    except FieldDoesNotExist:
        field = None
    if isinstance(field, RecordField):
        return field
    known = [str(each.name) for each in options.get_fields() if isinstance(each, RecordField)]
    raise QueryError(
        f"{options.label} has no record field {name!r}; it has {', '.join(known) or 'none'}"
    )
