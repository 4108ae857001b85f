"""Linked records in Django's admin: what they say, in lists and in forms.

It is not called `admin`: Django imports every module of that name, whether the project uses it
or not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.utils.html import format_html
from django.utils.translation import gettext as _

from kustomer_orm.contrib.django.prefetching import prefetch_records
from kustomer_orm.errors import APIError, NotFoundError
from kustomer_orm.records import Record

Address = Callable[[Any], str | None]


class RecordValue:
    """What `record_value` gives: a column of a list, or a read-only field of a form."""

    def __init__(self, field: str, path: str, label: str | None, url: Address | None) -> None:
        self.field = field
        self._names = path.split(".")
        self._url = url
        words = label or f"{field} {path}".replace(".", " ").replace("_", " ")
        self.short_description = words
        self.__name__ = words.replace(" ", "_")  # the admin makes a class of the column of it

    @property
    def prefetches(self) -> str:
        """What `prefetch_records` is to load for it: all but the last name."""
        return "__".join((self.field, *self._names[:-1]))

    def __call__(self, instance: Any) -> Any:
        """Give what is shown for a model instance."""
        record = getattr(instance, self.field)
        if record is None:
            return None
        if instance.__dict__.get(_UNAVAILABLE):
            return _("not available")
        try:
            shown = self._read(record)
            url = None if self._url is None else self._url(record)
        except NotFoundError:
            return _("missing in Kustomer")
        except APIError as error:
            return _("not available: %s") % type(error).__name__
        return shown if url is None else format_html('<a href="{}">{}</a>', url, shown)

    def _read(self, record: Any) -> Any:
        value = record
        for name in self._names:
            if value is None:
                return None
            value = getattr(value, name)
        if isinstance(value, list):
            return ", ".join(map(_label, value))
        return _label(value) if isinstance(value, Record) else value


def record_value(
    field: str, path: str, *, label: str | None = None, url: Address | None = None
) -> RecordValue:
    """Show an attribute of a linked record in `list_display` or `readonly_fields`.

    `record_value("conversation", "customer.name")` is the name of the conversation's customer.
    Where the record is not there, or Kustomer does not answer, the page says so and works.

    Args:
        field: the name of the record field.
        path: an attribute of the record, or one behind its relations.
        label: the heading; made of the names if not given.
        url: gives the address of the record's page, to make a link. The library knows of none:
            where your organisation's agents look at records is for you to say.
    """
    return RecordValue(field, path, label, url)


class RecordAdminMixin(ModelAdmin):
    """A mixin for a ModelAdmin whose list shows `record_value` columns.

    The records of a page of the list are loaded together: one request per 100, whatever the
    number of rows. If Kustomer does not answer, the list is shown without them.
    """

    def get_changelist_instance(self, request: Any) -> Any:
        """Give the list, its records loaded."""
        changes: Any = super().get_changelist_instance(request)
        columns = [each for each in changes.list_display if isinstance(each, RecordValue)]
        instances: Sequence[Any] = changes.result_list
        try:
            prefetch_records(instances, *dict.fromkeys(each.prefetches for each in columns))
        except APIError as error:
            for instance in instances:
                instance.__dict__[_UNAVAILABLE] = True
            told = _("Kustomer did not answer: %s") % error
            self.message_user(request, told, messages.WARNING)
        return changes


# Marks an instance whose records are not to be asked for one by one.
_UNAVAILABLE = "_kustomer_unavailable"


def _label(value: Any) -> str:
    return f"{type(value).__name__} {value.id}" if isinstance(value, Record) else str(value)
