"""Linked records in Django's admin: what they say, in lists and in forms.

It is not called `admin`: Django imports every module of that name, whether the project uses it
or not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.utils.html import format_html
from django.utils.translation import gettext as _

from kustomer_orm.contrib.django.admin_forms import (
    RecordNotSavedError,
    changes_of,
    check_record_forms,
    save_records,
    show_records,
    with_records,
)
from kustomer_orm.contrib.django.prefetching import prefetch_records
from kustomer_orm.contrib.django.record_forms import RecordForm
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
    """A mixin for a ModelAdmin that shows and edits linked records. Put it before ModelAdmin.

    The records of a page of the list, for `record_value` columns, are loaded together: one request
    per 100, whatever the number of rows. If Kustomer does not answer, the list is shown without
    them.

    `record_forms = {"conversation": CaseForm}` has the change form edit the linked record with a
    `RecordForm`, below the object's own fields. The record is saved last: where Kustomer refuses
    it, or somebody else has changed the same, the database is rolled back and the page tells what
    is to be decided. A user without the permission to change the object does not
    see that form, and where Kustomer does not answer the page says so and does without it.

    Kustomer has no transactions, so nobody can promise all or nothing. Several changed records are
    read and merged before the first is saved (one request more for each), and one that is in
    conflict or gone is tried first, so that it leaves the others unsaved. If one fails all the
    same after another was saved, that stays saved and the page names it. The same goes for what
    was saved before an answer got lost, or before the database failed to commit.

    Attributes:
        record_forms: a form class by the name of the record field.
    """

    record_forms: Mapping[str, type[RecordForm]] = {}

    def check(self, **options: Any) -> list[Any]:
        """Check the forms as well."""
        return [*super().check(**options), *check_record_forms(self, self.record_forms)]

    def get_form(self, request: Any, obj: Any = None, change: Any = False, **options: Any) -> Any:  # noqa: FBT002 - Django's
        """Give the form class, with the forms of linked records where the object is there."""
        form = super().get_form(request, obj, change=change, **options)
        if obj is None or not self.record_forms or not self.has_change_permission(request, obj):
            return form
        return with_records(form, request, self.record_forms)

    def changeform_view(self, request: Any, *args: Any, **options: Any) -> Any:
        """Show the form, or save it; what could not be saved is shown again."""
        try:
            return super().changeform_view(request, *args, **options)
        except RecordNotSavedError:  # nothing is in the database either
            return super().changeform_view(request, *args, **options)

    def save_related(self, request: Any, form: Any, formsets: Any, change: Any) -> None:
        """Save what belongs to the object, the linked records last."""
        super().save_related(request, form, formsets, change)
        save_records(request, form)

    def construct_change_message(
        self,
        request: Any,
        form: Any,
        formsets: Any,
        add: Any = False,  # noqa: FBT002 - Django's
    ) -> Any:
        """Give the entry of the object's history."""
        said = super().construct_change_message(request, form, formsets, add)
        return [*said, *changes_of(form)]

    def render_change_form(self, request: Any, context: Any, *args: Any, **options: Any) -> Any:
        """Show the form, with those of the linked records."""
        response = super().render_change_form(request, context, *args, **options)
        return show_records(response, context["adminform"].form)

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
