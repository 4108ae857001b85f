"""The forms of linked records inside a change form of Django's admin."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import copy
from typing import Any

from django.contrib import messages
from django.core import checks
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from kustomer_orm.contrib.django.clients import clients
from kustomer_orm.contrib.django.fields import RecordField
from kustomer_orm.contrib.django.form_fields import TOKEN
from kustomer_orm.contrib.django.record_forms import RecordForm
from kustomer_orm.errors import APIError, NotFoundError

FormClasses = Mapping[str, type[RecordForm]]

# Where the forms of records that could not be saved wait for the page that shows them.
_FAILED = "kustomer_failed_forms"


class RecordNotSavedError(Exception):
    """A record was not saved: what the database has taken is to be rolled back."""


def with_records(form_class: type[Any], request: Any, classes: FormClasses) -> type[Any]:
    """Give a model form that has the forms of its linked records with it, as `records`."""

    class FormWithRecords(form_class):
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            self.records: dict[str, RecordForm] = {}
            self.missed: list[str] = []
            for name, form in _opened(self, request, classes):
                if isinstance(form, RecordForm):
                    self.records[name] = form
                else:
                    self.missed.append(form)

        def clean(self) -> Any:
            for words in self.missed:
                self.add_error(None, ValidationError(words, code="unavailable"))
            return super().clean()

        def is_valid(self) -> bool:
            are_valid = [form.is_valid() for form in self.records.values()]
            return bool(super().is_valid()) and all(are_valid)

    return FormWithRecords


def _opened(form: Any, request: Any, classes: FormClasses) -> Iterator[tuple[str, Any]]:
    """Give the forms of the linked records; words in place of one that cannot be had."""
    failed = getattr(request, _FAILED, {})
    for name, cls in classes.items():
        field = form.instance._meta.get_field(name)  # noqa: SLF001 - Django's public name for it
        id_ = getattr(form.instance, field.get_attname())
        was_shown = not form.is_bound or f"{name}-{TOKEN}" in form.data
        if name in failed:
            yield name, failed[name]
        elif id_ and was_shown:
            try:
                yield name, _made(cls, form, request, field, id_)
            except APIError as error:
                words = _words(name, error)
                if not form.is_bound:
                    messages.warning(request, words)
                else:
                    yield name, words


def _made(cls: type[RecordForm], form: Any, request: Any, field: Any, id_: str) -> RecordForm:
    return cls(
        form.data if form.is_bound else None,
        form.files if form.is_bound else None,
        id=id_,
        client=clients[field.using],
        user=request.user,
        prefix=field.name,
    )


def _words(name: str, error: APIError) -> str:
    if isinstance(error, NotFoundError):
        return str(_("The %s is missing in Kustomer.") % name.replace("_", " "))
    return str(_("Kustomer did not answer: %s") % type(error).__name__)


def save_records(request: Any, form: Any) -> None:
    """Save the linked records of a model form; the first that fails ends it.

    Kustomer has no transactions: what was saved before that stays, and the page says so.

    Raises:
        RecordNotSavedError: one was not saved; the page shows why, and asks for what is needed.
    """
    forms = getattr(form, "records", {})
    if not all(linked.save() for linked in _doubtful_first(forms)):
        setattr(request, _FAILED, forms)
        if parts := _saved_parts(form, forms):
            words = _(
                "Only a part was saved, in Kustomer: %s. Below is what became of the rest; "
                "nothing was saved here."
            )
            messages.warning(request, words % "; ".join(parts))
        raise RecordNotSavedError
    saved = [f"{linked.fields[name].label}" for linked in forms.values() for name in linked.saved]
    if saved:
        messages.success(request, _("Saved in Kustomer: %s.") % ", ".join(saved))


def _doubtful_first(forms: Mapping[str, RecordForm]) -> list[RecordForm]:
    """Order the forms so that one that will hardly be saved fails before another is saved.

    One request for each record that was changed, if there are several: it is read and merged.
    """
    changed = [linked for linked in forms.values() if linked.record.is_dirty]
    doubtful = [linked for linked in changed if len(changed) > 1 and _is_doubtful(linked)]
    return sorted(forms.values(), key=lambda linked: linked not in doubtful)


def _is_doubtful(linked: RecordForm) -> bool:
    # A copy: the record itself must keep the baseline by which its save finds the conflict.
    try:
        return bool(copy(linked.record).refresh("keep"))
    except APIError:
        return True


def _saved_parts(form: Any, forms: Mapping[str, RecordForm]) -> list[str]:
    fields = form.instance._meta  # noqa: SLF001 - Django's public name for it
    return [
        f"{fields.get_field(name).verbose_name} "
        f"({', '.join(str(linked.fields[each].label) for each in linked.saved)})"
        for name, linked in forms.items()
        if linked.saved
    ]


def changes_of(form: Any) -> list[dict[str, Any]]:
    """Give what was saved of linked records, for the admin's history of the object."""
    return [
        {
            "changed": {
                "name": name.replace("_", " "),
                "object": str(linked.record.id),
                "fields": [str(linked.fields[each].label) for each in linked.saved],
            }
        }
        for name, linked in getattr(form, "records", {}).items()
        if linked.saved
    ]


def show_records(response: Any, form: Any) -> Any:
    """Have a page of the admin show the linked records of its form, below its own fields.

    The page stays the project's own: ours extends whatever template it has.
    """
    linked: dict[str, RecordForm] = getattr(form, "records", {})
    if linked:
        errors: list[Any] = [each.errors for each in linked.values()]
        told = [error for each in errors for error in each.values()]
        fields = form.instance._meta  # noqa: SLF001 - as above
        context = response.context_data
        context["kustomer_parent"] = response.resolve_template(response.template_name)
        context["kustomer_forms"] = [
            (fields.get_field(name).verbose_name, each) for name, each in linked.items()
        ]
        context["kustomer_saved"] = any(each.saved for each in linked.values())
        context["errors"] = [*context["errors"], *told]
        response.template_name = "kustomer/admin_change_form.html"
    return response


def check_record_forms(admin: Any, classes: Mapping[str, Any]) -> list[Any]:
    """Check that each form is for a record field, and for records of its type."""
    found = []
    fields = {each.name: each for each in admin.opts.get_fields()}
    for name, cls in classes.items():
        field = fields.get(name)
        if not isinstance(field, RecordField):
            words = f"{admin.opts.label} has no record field {name!r}"
        elif not isinstance(cls, type) or not issubclass(cls, RecordForm):
            words = f"{cls!r} is no RecordForm"
        elif _type_of(cls) != field.record_class.type:
            words = f"{cls.__name__} is a form for a {_type_of(cls)}, not for {name}"
        else:
            continue
        message = f"{type(admin).__name__}.record_forms[{name!r}]: {words}."
        found.append(checks.Error(message, obj=type(admin), id="kustomer.E103"))
    return found


def _type_of(cls: type[RecordForm]) -> str:
    options = cls.record_options
    return "record of no class" if options is None else options.record.type
