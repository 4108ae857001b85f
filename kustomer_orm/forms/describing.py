"""All that a form knows of its fields: the code's word, the organisation's, and the choices."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from kustomer_orm.client import Client
from kustomer_orm.errors import APIError
from kustomer_orm.forms.fields import FormField, fields_of
from kustomer_orm.forms.keeping import kept_properties
from kustomer_orm.forms.related import related_choices, taking_ids
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
    is_posted: bool = False,
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
        is_posted: whether a form came back. What its person typed is not lost where the API does
            not answer: the fields are plainer then.

    Raises:
        APIError: the API did not answer, and nothing was typed yet.
        DeclarationError: an attribute cannot be edited in a form.
        UnknownAttributeError: the class has no such attribute.
    """
    facts: list[Property] = []
    if metadata:
        facts = _read(lambda: kept_properties(client, cls.type), facts, is_posted)
    fields = fields_of(cls, names, properties=facts, new=new)
    ids = [taking_ids(field) for field in fields]
    return _read(lambda: related_choices(fields, client), ids, is_posted)


def _read(read: Callable[[], T], otherwise: T, is_posted: bool) -> T:  # noqa: FBT001 - private
    try:
        return read()
    except APIError:
        if not is_posted:
            raise
        return otherwise
