"""The records that a field can name, as choices: users, teams, tags, queues and brands."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from kustomer_orm.client import Client
from kustomer_orm.forms.fields import FormField
from kustomer_orm.forms.keeping import kept
from kustomer_orm.records import Record
from kustomer_orm.resources import Brand, Queue, Tag, Team, User

# More than a person would look through; such a field takes ids.
MOST = 500


class _Source(NamedTuple):
    cls: type[Record]
    filters: dict[str, Any]
    label: Callable[[Any], str | None]


_SOURCES = {
    "user": _Source(User, {}, lambda user: user.display_name or user.name),
    "team": _Source(Team, {}, lambda team: team.display_name or team.name),
    "tag": _Source(Tag, {"deleted": False}, lambda tag: tag.name),
    "queue": _Source(Queue, {}, lambda queue: queue.display_name or queue.name),
    "brand": _Source(Brand, {}, lambda brand: brand.name),
}

_Choices = tuple[tuple[str, str], ...]


def related_choices(fields: Iterable[FormField], client: Client) -> list[FormField]:
    """Give the fields with the records that they can name as their choices.

    One request for each page of users, teams, tags, queues and brands that a field is about; none
    for what was read in the last five minutes. A field keeps the choices that it has; one about
    another type, or one with more than 500 records, takes ids.
    """
    return [_with_choices(field, client) for field in fields]


def _with_choices(field: FormField, client: Client) -> FormField:
    if field.choices or not field.related:
        return field
    choices = choices_of(field.related, client)
    return replace(field, choices=choices) if choices else taking_ids(field)


def taking_ids(field: FormField) -> FormField:
    """Give a field whose choices nobody can list: its person types ids."""
    if field.choices or not field.related:
        return field
    return replace(field, kind="lines" if field.is_many else "line")


def choices_of(type_name: str, client: Client) -> _Choices:
    """Give id and name of the records of a type, by name; nothing where that is no short list."""
    source = _SOURCES.get(type_name)
    if source is None:
        return ()
    return kept(client, f"every {type_name}", lambda: _read(source, client))


def _read(source: _Source, client: Client) -> _Choices:
    every = source.cls.using(client).all(**source.filters)
    found = list(itertools.islice(every, MOST + 1))
    if len(found) > MOST:
        return ()
    named = [(str(each.id), source.label(each) or str(each.id)) for each in found]
    return tuple(sorted(named, key=lambda choice: (choice[1].casefold(), choice[0])))


def options_of(field: FormField, shown: Sequence[str] | None) -> list[tuple[str, str]]:
    """Give the options of a field of choices, with whatever else is chosen now.

    A word that the organisation added, or a tag that was deleted, stays chosen until somebody
    takes it away.
    """
    known = [value for value, _ in field.choices]
    others = [(text, text) for text in shown or () if text not in known]
    return [*field.choices, *others]
