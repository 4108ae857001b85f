"""What the class of a form says: its `Meta`, and the fields that are made of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any, NamedTuple

from django.forms.forms import DeclarativeFieldsMetaclass

from kustomer_orm.contrib.django.form_fields import TOKEN, AttributeField, TokenField
from kustomer_orm.errors import DeclarationError
from kustomer_orm.forms import FormField, fields_of
from kustomer_orm.records import Record


class FormOptions(NamedTuple):
    """What the `Meta` of a form class says."""

    record: type[Record]
    fields: Sequence[str]
    widgets: Mapping[str, Any]
    labels: Mapping[str, Any]
    help_texts: Mapping[str, Any]
    metadata: bool

    @classmethod
    def of(cls, owner: str, meta: Any) -> FormOptions:
        """Read a `Meta`.

        Raises:
            DeclarationError: it says too little, or of a field that the form does not have.
        """
        record, names = getattr(meta, "record", None), getattr(meta, "fields", None)
        if not isinstance(record, type) or not issubclass(record, Record):
            raise DeclarationError(f"{owner}.Meta.record must be a class of records")
        if names is None or isinstance(names, str) or not list(names):
            raise DeclarationError(
                f"{owner}.Meta.fields must list the attributes that the form may change"
            )
        found = cls(
            record,
            tuple(names),
            widgets=getattr(meta, "widgets", None) or {},
            labels=getattr(meta, "labels", None) or {},
            help_texts=getattr(meta, "help_texts", None) or {},
            metadata=bool(getattr(meta, "metadata", False)),
        )
        for name in (*found.widgets, *found.labels, *found.help_texts):
            if name not in found.fields:
                raise DeclarationError(f"{owner}.Meta speaks of {name!r}, which is not in fields")
        return found

    def field(self, about: FormField, **options: Any) -> AttributeField:
        """Make the form field of an attribute."""
        name = about.name
        return AttributeField(
            about,
            widget=copy(self.widgets.get(name)),
            label=self.labels.get(name),
            help_text=self.help_texts.get(name),
            **options,
        )


class RecordFormMetaclass(DeclarativeFieldsMetaclass):
    """Makes the fields of a form class: those of its attributes, then those declared in it."""

    def __new__(cls, name: str, bases: Any, attrs: Any) -> Any:
        """Make a form class."""
        made: Any = super().__new__(cls, name, bases, attrs)
        meta = getattr(made, "Meta", None)
        made.record_options = None
        if meta is None:
            return made
        options = made.record_options = FormOptions.of(name, meta)
        own = made.declared_fields
        for twin in {*options.fields, TOKEN}.intersection(own):
            raise DeclarationError(
                f"{name}.{twin} is a field of the record already: say what is different of it in "
                f"Meta.widgets, Meta.labels or Meta.help_texts, and check it in clean_{twin}()"
            )
        found = {
            each.name: options.field(each) for each in fields_of(options.record, options.fields)
        }
        made.base_fields = {**found, **own, TOKEN: TokenField()}
        return made
