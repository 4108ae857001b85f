"""`RecordForm`: a record in a form of Django's that stays open while others write."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from copy import copy
from typing import Any, Self

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import ErrorDict
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from kustomer_orm._sentinels import UNSET, UnsetType
from kustomer_orm.client import Client, current_client
from kustomer_orm.contrib.django.form_declaring import FormOptions, RecordFormMetaclass
from kustomer_orm.contrib.django.form_fields import TOKEN, AttributeField, plain, texts_in
from kustomer_orm.contrib.django.form_signing import FormSigner, max_age
from kustomer_orm.errors import DeclarationError, FormTokenError, InvalidValueError, NotFoundError
from kustomer_orm.forms import (
    FormError,
    Saving,
    Sides,
    described_fields,
    save_form,
    shown_texts,
    sides_of,
    texts_of,
    token_of,
)
from kustomer_orm.forms.posting import RESOLVE, THEIRS, UNDECIDED, assign_values
from kustomer_orm.forms.sides import undecided_sides
from kustomer_orm.forms.texts import spelled
from kustomer_orm.forms.tokens import Shown, opened
from kustomer_orm.records import Record

_log = logging.getLogger("kustomer_orm")

# What a form answers with; the first that one of its errors has. Every other one is a 422.
_STATUSES = {
    "token": 400,
    "gone": 404,
    "conflict": 409,
    "busy": 409,
    "rate_limited": 429,
    "unavailable": 502,
    "in_doubt": 502,
    "forbidden": 502,
}


class RecordForm(forms.Form, metaclass=RecordFormMetaclass):
    """A form made from a record's attributes, as a ModelForm is made from a model's.

    Its `Meta` names the `record` class and the `fields`; `widgets`, `labels` and `help_texts` say
    what is to be otherwise, and `metadata = True` takes display names and choices from the
    organisation. Fields of your own, `clean_<field>` and `clean` work as ever.

    A form that comes back is about the record as its person saw it: only what differs from that is
    a change, `changed_data` names it, and `save()` sends nothing else.

    Args:
        data: what came back, None to show the form.
        files: for fields of your own.
        record: what to show. Of a form that came back, its id and its client count, and nothing
            else: the values are those that the person saw.
        id: instead of a record; loading it costs a request, when the form is shown. Neither of
            both is a form for a new record.
        client: the organisation's client; the record's, or the current one if not given.
        user: whoever is at the form, or a primary key: a form of one person is refused from
            another. None where the project knows no users.
        **options: what a Form takes.

    Attributes:
        record: the record; after `is_valid()` with what the person has changed.
        saving: what `save()` has done, see `kustomer_orm.forms.Saving`.
        sides: both sides' values by the name of each field that is in conflict, as texts.

    Raises:
        APIError: the record, or what its form looks nice with, could not be loaded.
    """

    record: Any
    saving: Saving | None = None

    record_options: FormOptions | None

    def __init__(
        self,
        data: Any = None,
        files: Any = None,
        *,
        record: Record | None = None,
        id: str | None = None,
        client: Client | None = None,
        user: Any = None,
        **options: Any,
    ) -> None:
        super().__init__(data, files, **options)
        if record is not None:
            id, client = record.id, client or record._bound()  # noqa: SLF001 - as save_form does
        self._id = id
        self._client = client or current_client()
        self._user = getattr(user, "pk", user)
        self._zone = timezone.get_current_timezone()
        self._refusal: FormTokenError | None = None
        self._shown: Mapping[str, Shown] | None = None
        self._is_taken = False
        self.sides: dict[str, Sides] = {}
        self.record = self._opened(record)
        # What the record was shown with as a change already: each may wait for a decision.
        self._open = frozenset(() if self.record.id is None else self.record.changes)
        self._describe()

    @classmethod
    def from_request(
        cls,
        request: Any,
        id: str | None = None,
        *,
        client: Client | None = None,
        user: Any | UnsetType = UNSET,
        **options: Any,
    ) -> Self:
        """Make the form that a view shows (GET) or has got back (POST).

        Args:
            request: the request; its user and its client, `request.kustomer`, are taken.
            id: the record that the page is about, None to make a new one.
            client: another client.
            user: somebody else than `request.user`.
            **options: what the form takes.

        Raises:
            Http404: there is no such record.
            APIError: it could not be loaded.
        """
        is_posted = request.method == "POST"
        try:
            return cls(
                request.POST if is_posted else None,
                request.FILES if is_posted else None,
                id=id,
                client=client or getattr(request, "kustomer", None),
                user=getattr(request, "user", None) if user is UNSET else user,
                **options,
            )
        except NotFoundError as error:
            raise Http404(_("No such record.")) from error
        except InvalidValueError as error:
            if not error.attribute.endswith(".id"):
                raise
            raise Http404(_("No such record.")) from error

    # -- how it is made -------------------------------------------------------------------------

    @property
    def _about(self) -> FormOptions:
        if self.record_options is None:
            raise DeclarationError(f"{type(self).__name__} has no Meta with record and fields")
        return self.record_options

    def _opened(self, record: Record | None) -> Any:
        cls = self._about.record
        if self.is_bound:
            try:
                found, self._shown = opened(
                    cls,
                    self._first(TOKEN),
                    FormSigner(type(self)),
                    client=self._client,
                    id=self._id,
                    user=self._user,
                    max_age=max_age(),
                )
            except FormTokenError as error:
                _log.warning("%s: %s", type(self).__name__, error)
                self._refusal = error
            else:
                return found
        if record is not None:
            return record
        bound = cls.using(self._client)
        return bound.new() if self._id is None else bound.get(self._id)

    def _first(self, name: str) -> str | None:
        found = self.data.get(self.add_prefix(name))
        return None if found is None else str(found)

    def _describe(self) -> None:
        """Make the fields anew: what this record shows, and what its organisation says."""
        about = self._about
        described = described_fields(
            about.record,
            [name for name in about.fields if name in self.fields],
            self._client,
            metadata=about.metadata,
            new=self._id is None,
            shown=self._shown,
        )
        for each in described:
            made = about.field(each, record=self.record, zone=self._zone)
            self.fields[each.name] = made
            made.dress(self.texts_to_show(each.name))

    # -- what came back -------------------------------------------------------------------------

    @property
    def _attributes(self) -> dict[str, AttributeField]:
        return {
            name: each for name, each in self.fields.items() if isinstance(each, AttributeField)
        }

    def posted_texts(self, name: str) -> list[str] | None:
        """Give what came back of an attribute; None where the page did not have it."""
        if name not in (self._shown or ()):
            return None  # what its person was not shown is not theirs to change
        html_name, decision = self.add_prefix(name), self._decision(name)
        if decision == "theirs":
            return texts_of(self.fields[name].about, self.record.original(name), self._zone)
        if decision is not None and html_name not in self.data:
            return None  # the radio buttons took its place
        widget = self.fields[name].widget
        return texts_in(widget.value_from_datadict(self.data, self.files, html_name))

    def _decision(self, name: str) -> str | None:
        """Give "mine" or "theirs", "" where that is to be decided yet, None where nothing is."""
        if name not in self._open:
            return None
        said = self._first(RESOLVE + name)
        return said if said in {"mine", "theirs"} else ""

    def full_clean(self) -> None:
        """Validate: the form is refused as a whole where its token is."""
        if self._refusal is None:
            super().full_clean()
            return
        self._errors = ErrorDict(renderer=self.renderer)
        self.cleaned_data: dict[str, Any] = {}
        message = _REFUSALS.get(self._refusal.reason, _ALTERED)
        self.add_error(None, ValidationError(_(message), code="token"))

    def _post_clean(self) -> None:
        """Have the record take over what was changed, if all of it is right."""
        super()._post_clean()
        self.cleaned_data.pop(TOKEN, None)
        fields = self._attributes
        values: dict[str, Any] = {}
        for name, field in fields.items():
            decision = self._decision(name)
            if name not in self.cleaned_data:
                continue
            if decision == "theirs":
                values[name] = THEIRS
            elif decision == "" and self.posted_texts(name) is None:
                self.add_error(name, ValidationError(_(UNDECIDED), code="conflict"))
                self.sides[name] = undecided_sides(self.record, field.about, self._zone)
            elif (
                field.has_changed(None, self.posted_texts(name))
                or plain(self.cleaned_data[name]) != field.kept
            ):
                values[name] = plain(self.cleaned_data[name])
        # What can be read is checked as well where something else cannot: all is told at once.
        target = copy(self.record) if self._errors else self.record
        self._tell(assign_values(target, [field.about for field in fields.values()], values))
        self._is_taken = not self._errors

    def _tell(self, errors: Iterable[FormError]) -> None:
        """Put errors to their fields."""
        for error in errors:
            name = error.field if error.field in self.fields else None
            words = error.message if name or not error.field else f"{error.field}: {error.message}"
            self.add_error(name, ValidationError(words, code=error.code))
        for name, field in self._attributes.items():
            if field.about.is_secret and self._errors and any(self.posted_texts(name) or ()):
                words = _("Enter this again: it is not shown.")
                if words not in self._errors.get(name, ()):
                    self.add_error(name, ValidationError(words, code="again"))

    # -- saving ---------------------------------------------------------------------------------

    def save(self, *, conflict: str | None = None) -> Saving:
        """Save what was changed; true when all of it was, or when nothing had to be.

        Two requests as a rule, see `kustomer_orm.forms.save_form`; none where nothing was changed.
        What went wrong is in the form's errors then, and the form shows what is to be decided:
        `if form.is_valid() and form.save(): return redirect(…)`, else render it again.

        Args:
            conflict: another mode.

        Raises:
            ValueError: the form is not valid.
        """
        if not self.is_valid():
            message = f"{type(self).__name__} cannot be saved: ask is_valid() first, see errors"
            raise ValueError(message)
        saving = self.saving = save_form(self.record, conflict=conflict)
        fields = self._attributes
        self.sides = {
            name: sides_of(fields[name].about, each, self._zone)
            for name, each in saving.conflicts.items()
            if name in fields
        }
        self._tell(saving.errors)
        for name, field in fields.items():
            field.dress(self.texts_to_show(name))
        return saving

    @property
    def saved(self) -> list[str]:
        """The names of what was saved."""
        result = None if self.saving is None else self.saving.result
        return [] if result is None else list(result.sent)

    @property
    def status(self) -> int:
        """The status to answer with.

        200; 409 for a conflict, 422 for what is wrong with a value, 400 for a token that was
        refused, 404, 429 or 502 for what Kustomer said or did not say.
        """
        if not self.is_bound or self.is_valid():
            return 200
        errors: Any = self.errors
        codes = {error.code for each in errors.as_data().values() for error in each}
        return next((_STATUSES[code] for code in _STATUSES if code in codes), 422)

    # -- showing --------------------------------------------------------------------------------

    @property
    def template_name(self) -> str:
        """The template of `{{ form }}`; name another one in your class."""
        return "kustomer/form.html"

    @property
    def token(self) -> str:
        """What the hidden field `kustomer_token` holds: what is shown now, signed."""
        about = [field.about for field in self._attributes.values()]
        return token_of(self.record, about, FormSigner(type(self)), user=self._user)

    @property
    def conflicts(self) -> list[Any]:
        """The fields that both sides have changed; the page asks for each whose value it is."""
        return [self[name] for name in self.sides]

    def texts_to_show(self, name: str) -> list[str]:
        """Give what was typed, unless the record has taken it over; else what the record holds."""
        about = self.fields[name].about
        if about.is_secret:
            return []
        typed = None if self._is_taken else self.posted_texts(name)
        if typed is not None:
            return spelled(typed)
        return shown_texts(self.record, about, self._zone) or []


def record_form(
    record: type[Record],
    fields: Iterable[str],
    *,
    form: type[RecordForm] = RecordForm,
    metadata: bool = False,
    **meta: Any,
) -> type[Any]:
    """Make a form class, as `modelform_factory` does.

    Args:
        record: the class of the records.
        fields: the attributes that the form may change, in this order.
        form: the class to begin with.
        metadata: whether display names and choices are the organisation's.
        **meta: `widgets`, `labels` and `help_texts`.

    Raises:
        DeclarationError: an attribute cannot be edited in a form.
        UnknownAttributeError: the record has no such attribute.
    """
    said = {"record": record, "fields": list(fields), "metadata": metadata, **meta}
    attrs = {
        "Meta": type("Meta", (), said),
        "__module__": record.__module__,
        # A token of one such form is not taken by another.
        "__qualname__": f"record_form({record.__qualname__}: {', '.join(said['fields'])})",
    }
    kind: Any = type(form)  # the metaclass, which makes what is of Django's untyped classes
    made: type[Any] = kind(f"{record.__name__}Form", (form,), attrs)
    return made


_ALTERED = "This form cannot be saved, and nothing was. Here is a new one."
_REFUSALS = {
    "too old": "This form was open for too long, and nothing was saved. Here is a new one.",
    "another user": "This form was shown to somebody else, and nothing was saved. Here is yours.",
}
