"""The form field of an attribute, and how it is shown: Django's widgets, fed with texts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, tzinfo
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.widgets import Input
from django.utils.functional import SimpleLazyObject
from django.utils.html import escape
from django.utils.translation import gettext as _

from kustomer_orm._sentinels import Masked
from kustomer_orm.attributes.relations import id_of
from kustomer_orm.errors import InvalidValueError, NotLoadedError, UnreadableValueError
from kustomer_orm.forms import FormField, Sides, shown_texts, value_of
from kustomer_orm.forms.inputs import attrs_of, is_required, select_of, widget_of
from kustomer_orm.forms.posting import RESOLVE, changed_value, held_value, is_changed, worded
from kustomer_orm.records import Record

# The name of the hidden field.
TOKEN = "kustomer_token"  # noqa: S105 - a name

# What a widget of Django's says itself, or the field does.
_SAID = frozenset(("type", "multiple", "required"))

_INPUTS = {
    "number": forms.NumberInput,
    "password": forms.PasswordInput,
    "url": forms.URLInput,
}


class ChoicesSelect(forms.SelectMultiple):
    """A select of several values, with a hidden blank before it.

    Without that a browser posts nothing where everything was taken away, as if the field had not
    been shown.
    """

    template_name = "kustomer/select_multiple.html"

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """Give what was chosen; None where the field was not shown."""
        return None if name not in data else super().value_from_datadict(data, files, name)


class AttributeField(forms.Field):
    """A field that takes texts and gives the value of an attribute.

    An input that comes back as it was shown is no change, even where it shows less than the value
    holds: its cleaned value is what the record holds.

    Attributes:
        about: what is known of the attribute.
        shown: the texts that its person was shown; None for a value that is not to be seen.
    """

    widget: Any

    def __init__(
        self,
        about: FormField,
        record: Record | None = None,
        *,
        zone: tzinfo = UTC,
        widget: Any = None,
        label: Any = None,
        help_text: Any = None,
    ) -> None:
        self.about = about
        self.shown = None if record is None else shown_texts(record, about, zone)
        self._zone = zone
        self._record = record
        self._kept = None if record is None else _kept(record, about)
        self._is_own = widget is None
        super().__init__(
            required=is_required(about, self.shown or ()),
            widget=_widget(about, self.shown or ()) if widget is None else _made(about, widget),
            label=about.label if label is None else label,
            help_text=escape(_help(about, zone)) if help_text is None else help_text,
        )

    @property
    def kept(self) -> Any:
        """What the record holds, with ids in place of records; None where it is not to be seen."""
        return list(self._kept) if isinstance(self._kept, list) else self._kept

    def dress(self, texts: Sequence[str]) -> None:
        """Choose the widget that can show these texts, unless the form's class has chosen one.

        A number input would drop what is no number, and any input drops line breaks.
        """
        if self._is_own:
            kept = {**self.widget.attrs, **_attrs(self.about, texts)}
            made = _widget(self.about, texts)
            made.attrs = {**made.attrs, **{k: v for k, v in kept.items() if k not in made.attrs}}
            made.is_localized = self.widget.is_localized
            made.is_required = self.widget.is_required
            self.widget = made
        elif hasattr(self.widget, "choices") and self.about.kind in _CHOSEN:
            self.widget.choices = select_of(self.about, texts)

    def has_changed(self, initial: Any, data: Any) -> bool:  # noqa: ARG002 - Django's
        """Tell whether what came back is not what was shown."""
        if self.disabled or data is None:
            return False
        return is_changed(self.about, self.shown, data)

    def clean(self, value: Any) -> Any:
        """Give the value that texts stand for.

        Raises:
            ValidationError: they stand for none.
        """
        if not self.has_changed(None, value):
            return self.kept
        try:
            if self._record is not None:
                return changed_value(self._record, self.about, value, self._zone)
            return value_of(self.about, value, self._zone)
        except InvalidValueError as error:
            raise ValidationError(worded(error), code="invalid") from None

    def get_bound_field(self, form: Any, field_name: str) -> Any:
        """Give the field as a template shows it."""
        return AttributeBoundField(form, self, field_name)


class AttributeBoundField(forms.BoundField):
    """A field of a record as a template shows it."""

    @property
    def data(self) -> Any:
        """The texts that came back; None if the page did not have the field."""
        return self.form.posted_texts(self.name)

    def value(self) -> Any:
        """What the widget shows."""
        texts = self.form.texts_to_show(self.name)
        if isinstance(self.field.widget, forms.CheckboxInput):
            return texts == ["true"]
        if getattr(self.field.widget, "allow_multiple_selected", False):
            return texts
        return "\n".join(texts)

    @property
    def conflict(self) -> Sides | None:
        """Both sides' values, where both have changed it and nobody has decided yet."""
        found: Sides | None = self.form.sides.get(self.name)
        return found

    @property
    def resolve_name(self) -> str:
        """The name of the radio buttons `mine` and `theirs` that decide it."""
        return str(self.form.add_prefix(RESOLVE + self.name))


class TokenField(forms.Field):
    """The hidden field of the token: it always shows a new one."""

    widget = forms.HiddenInput

    def __init__(self) -> None:
        super().__init__(required=False)

    def has_changed(self, initial: Any, data: Any) -> bool:  # noqa: ARG002 - Django's
        """Tell that it is nothing that a person changes."""
        return False

    def get_bound_field(self, form: Any, field_name: str) -> Any:
        """Give the field as a template shows it."""
        return TokenBoundField(form, self, field_name)


class TokenBoundField(forms.BoundField):
    """The hidden field as a template shows it."""

    def value(self) -> Any:
        """What is shown now, signed."""
        return SimpleLazyObject(lambda: self.form.token)


def texts_in(posted: Any) -> list[str] | None:
    """Give the texts that a widget of anybody's took from a form."""
    if posted is None:
        return None
    if isinstance(posted, bool):
        return ["true" if posted else "false"]
    if isinstance(posted, (list, tuple)):
        return [str(each) for each in posted if each is not None]
    return [str(posted)]


def plain(value: Any) -> Any:
    """Give a value with ids in place of records."""
    return [id_of(item) for item in value] if isinstance(value, list) else id_of(value)


def _kept(record: Record, about: FormField) -> Any:
    try:
        value = held_value(record, about)
    except (NotLoadedError, UnreadableValueError):
        return None
    return None if isinstance(value, Masked) or about.is_secret else plain(value)


_CHOSEN = frozenset(("choice", "choices", "truth"))


def _widget(about: FormField, texts: Sequence[str]) -> Any:
    attrs = _attrs(about, texts)
    kind = widget_of(about, texts)
    if kind == "textarea":
        return forms.Textarea(attrs)
    if kind == "select":
        cls = ChoicesSelect if about.is_many else forms.Select
        return cls(attrs, choices=select_of(about, texts))
    html_type = attrs_of(about, texts)["type"]
    if html_type == "datetime-local":
        return forms.DateTimeInput({**attrs, "type": html_type})
    return _INPUTS.get(html_type, forms.TextInput)(attrs)


def _attrs(about: FormField, texts: Sequence[str]) -> dict[str, str]:
    return {name: said for name, said in attrs_of(about, texts).items() if name not in _SAID}


def _made(about: FormField, widget: Any) -> Any:
    """Give a widget that the form's class has chosen what it does not say itself."""
    made: Any = widget() if isinstance(widget, type) else widget
    takes_text = isinstance(made, (Input, forms.Textarea))
    if takes_text:
        made.attrs = {**_attrs(about, ()), **made.attrs}
    if hasattr(made, "choices") and about.kind in _CHOSEN and not list(made.choices):
        made.choices = select_of(about, ())
    return made


def _help(about: FormField, zone: tzinfo) -> str:
    said = [about.help_text] if about.help_text else []
    if about.kind == "instant":
        said.append(_("Time zone: %s.") % zone)
    return " ".join(said)
