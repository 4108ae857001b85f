"""All that a form knows of its fields: the code's word, the organisation's, and the choices."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TypeVar

from kustomer_orm.client import Client
from kustomer_orm.errors import APIError
from kustomer_orm.forms.fields import FormField, fields_of
from kustomer_orm.forms.keeping import kept_properties
from kustomer_orm.forms.related import related_choices, taking_ids
from kustomer_orm.forms.tokens import Shown
from kustomer_orm.metadata import Property
from kustomer_orm.records import Record

T = TypeVar("T")


def described_fields(
    cls: type[Record],
    names: Iterable[str],
    client: Client,
    *,
    metadata: bool = False,
    new: bool = False,
    shown: Mapping[str, Shown] | None = None,
) -> list[FormField]:
    """Give the form fields of some attributes with all that is to be known of them.

    One request for the metadata and one for each kind of related record; none for what was read in
    the last five minutes.

    Args:
        cls: the record class.
        names: Python names of attributes.
        client: the organisation's client.
        metadata: whether display names and choices are the organisation's.
        new: whether the form makes records.
        shown: how the fields were shown, of a form that came back. What its person typed is read
            as it was asked for, and is not lost where the API does not answer: the fields are
            plainer then.

    Raises:
        APIError: the API did not answer, and nothing was typed yet.
        DeclarationError: an attribute cannot be edited in a form.
        UnknownAttributeError: the class has no such attribute.
    """
    facts: list[Property] = []
    is_posted = shown is not None
    if metadata:
        facts = _read(lambda: kept_properties(client, cls.type), facts, is_posted)
    fields = fields_of(cls, names, properties=facts, new=new)
    ids = [taking_ids(field) for field in fields]
    found = _read(lambda: related_choices(fields, client), ids, is_posted)
    return [_as_shown(field, (shown or {}).get(field.name)) for field in found]


def _as_shown(field: FormField, was: Shown | None) -> FormField:
    """Give the field as the page had it that came back, whatever is known of it by now.

    A list that was chosen from is none of lines, and what was secret is secret still, where the
    organisation has changed its mind meanwhile or cannot be asked.
    """
    if was is None:
        return field
    kind = was.kind if {was.kind, field.kind} <= _TEXTS else field.kind
    return replace(field, kind=kind, is_secret=field.is_secret or was.is_secret)


# The kinds that the code alone does not tell.
_TEXTS = frozenset(("line", "text", "choice", "choices", "lines"))


def _read(read: Callable[[], T], otherwise: T, is_posted: bool) -> T:  # noqa: FBT001 - private
    try:
        return read()
    except APIError:
        if not is_posted:
            raise
        return otherwise
