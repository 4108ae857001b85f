"""`RecordForm`: a record in an HTML form that stays open, made by `kustomer.form()`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Any, Generic, TypeVar

from flask import current_app, request
from werkzeug.datastructures import MultiDict

from kustomer_orm.client import Client
from kustomer_orm.contrib.flask.bound_fields import BoundField
from kustomer_orm.contrib.flask.error_pages import status_of
from kustomer_orm.contrib.flask.settings import DEFAULT
from kustomer_orm.contrib.flask.signing import FormSigner
from kustomer_orm.contrib.flask.state import state_of
from kustomer_orm.errors import FieldConflict
from kustomer_orm.forms import (
    FormError,
    FormField,
    Sides,
    Signer,
    assign_posted,
    described_fields,
    save_form,
    shown_texts,
    sides_of,
    texts_of,
    token_of,
    value_of,
)
from kustomer_orm.forms.posting import RESOLVE
from kustomer_orm.forms.sides import undecided_sides
from kustomer_orm.forms.tokens import Shown, opened
from kustomer_orm.records import Record, SaveResult

R = TypeVar("R", bound=Record)

# Bytes, some hundred times what people type. Flask bounds the texts of multipart forms alone.
MOST_POSTED = 2 * 1024 * 1024

# The name of the hidden input.
TOKEN = "kustomer_token"  # noqa: S105 - a name


@dataclass(frozen=True)
class FormOptions:
    """What a form is about, and for whom; see `KustomerORM.form`."""

    id: str | None
    client: Client
    signer: Signer
    max_age: float
    user: object = None
    zone: tzinfo = UTC
    metadata: bool = False
    prefix: str = ""


def posted_form() -> MultiDict[str, str] | None:
    """Give what came back, or None where the page was only asked for.

    Raises:
        RequestEntityTooLarge: it is larger than the app allows; 413.
    """
    if request.method != "POST":
        return None
    if request.max_content_length is None and request.mimetype != "multipart/form-data":
        request.max_content_length = MOST_POSTED
    return request.form


def open_form(
    cls: type[R],
    names: Iterable[str],
    *,
    id: str | None,
    user: object = None,
    zone: tzinfo = UTC,
    metadata: bool = False,
    bind: str = DEFAULT,
    prefix: str = "",
) -> RecordForm[R]:
    """Make the form of a record in the current request; see `KustomerORM.form`.

    With a prefix it reads the inputs whose names begin so, and came back where there are any.
    """
    options = FormOptions(
        id=id,
        client=state_of(current_app).clients[bind],
        signer=FormSigner(current_app, cls),
        max_age=current_app.config["KUSTOMER_FORM_MAX_AGE"],
        user=user,
        zone=zone,
        metadata=metadata,
        prefix=prefix,
    )
    return RecordForm(cls, list(names), options, _without(prefix, posted_form()))


def _without(prefix: str, posted: MultiDict[str, str] | None) -> MultiDict[str, str] | None:
    if not prefix or posted is None:
        return posted
    start = len(prefix)
    items = posted.items(multi=True)
    return (
        MultiDict((name[start:], text) for name, text in items if name.startswith(prefix)) or None
    )


class RecordForm(Generic[R]):
    """A form of one record: what a template shows, and what comes back. See `KustomerORM.form`.

    Iterating over it gives a `BoundField` for each attribute; `form["name"]` gives one.

    Attributes:
        record: the record; of a form that came back, with what its person changed, so that a view
            can look at `form.record.changes` before it saves.
        is_submitted: whether a form came back.
        status: the status to answer with: 200; 409 for a conflict, 422 for what is wrong with a
            value, 404, 429 or 502 for what Kustomer said or did not say.
        result: what the save did, or None.

    >>> from flask import Flask
    >>> from kustomer_orm import Conversation
    >>> from kustomer_orm.contrib.flask import KustomerORM
    >>> from kustomer_orm.emulator import Emulator
    >>> with Emulator() as server:
    ...     app = Flask("desk")
    ...     app.config.update(KUSTOMER_API_KEY=server.api_key, KUSTOMER_BASE_URL=server.url)
    ...     app.config.update(SECRET_KEY="of-your-own")
    ...     kustomer = KustomerORM(app)
    ...     with app.test_request_context():
    ...         id_ = server.world.add("conversation", name="Hi")
    ...         form = kustomer.form(Conversation, ["name", "status"], id=id_)
    ...         print([(field.label, field.text) for field in form])
    [('Name', 'Hi'), ('Status', 'open')]
    """

    def __init__(
        self,
        cls: type[R],
        names: Sequence[str],
        options: FormOptions,
        posted: MultiDict[str, str] | None,
    ) -> None:
        self._options = options
        self._posted = posted
        self._is_taken = False
        self._wrong: list[FormError] = []
        self._conflicts: dict[str, Sides] = {}
        self.is_submitted = posted is not None
        self.status = 200
        self.result: SaveResult | None = None
        self.record, shown = self._opened(cls, names)
        self.form_fields = described_fields(
            cls,
            names,
            options.client,
            metadata=options.metadata,
            new=options.id is None,
            shown=shown,
        )
        if posted is not None:
            self._take(assign_posted(self.record, self.form_fields, self._texts, zone=options.zone))

    # -- how it is made -------------------------------------------------------------------------

    def _opened(self, cls: type[R], names: Sequence[str]) -> tuple[R, Mapping[str, Shown] | None]:
        about, posted = self._options, self._posted
        if posted is not None:
            return opened(
                cls,
                posted.get(TOKEN),
                about.signer,
                client=about.client,
                id=about.id,
                user=about.user,
                max_age=about.max_age,
                names=names,
            )
        bound = cls.using(about.client)
        record: R = bound.new() if about.id is None else bound.get(about.id)
        return record, None

    def _texts(self, name: str) -> list[str] | None:
        posted = self._posted
        return posted.getlist(name) if posted is not None and name in posted else None

    def _take(self, errors: Sequence[FormError]) -> None:
        self._wrong = list(errors)
        undecided = [error.field for error in errors if error.code == "conflict"]
        for name in undecided:
            sides = undecided_sides(self.record, self._field(name), self._options.zone)
            self._conflicts[name] = sides
        self._is_taken = not errors
        if errors:
            self.status = 409 if undecided else 422

    # -- saving ---------------------------------------------------------------------------------

    def save(self, *, conflict: str | None = None) -> bool:
        """Save what came back; whether all of it was, or nothing had to be.

        False, and without a request, where the page was only asked for or a value is wrong. Two
        requests as a rule, see `kustomer_orm.forms.save_form`; none where nothing was changed.

        Args:
            conflict: another mode.
        """
        if not self.is_submitted or self._wrong:
            return False
        saving = save_form(self.record, conflict=conflict)
        self.result = saving.result
        self._wrong = list(saving.errors)
        self._conflicts = {
            name: sides_of(self._field(name), each, self._options.zone)
            for name, each in self._known(saving.conflicts)
        }
        if saving.error is not None:
            self.status = status_of(saving.error)
            return False
        self._posted = None
        return True

    def _known(self, conflicts: Any) -> Iterator[tuple[str, FieldConflict]]:
        names = {field.name for field in self.form_fields}
        return (each for each in conflicts.items() if each[0] in names)

    @property
    def saved(self) -> list[str]:
        """The names of what was saved, for a message to the person."""
        return [] if self.result is None else list(self.result.sent)

    # -- showing --------------------------------------------------------------------------------

    @property
    def token(self) -> str:
        """What the hidden input `kustomer_token` holds: what is shown now, signed."""
        about = self._options
        return token_of(self.record, self.form_fields, about.signer, user=about.user)

    @property
    def token_name(self) -> str:
        """The name of the hidden input."""
        return self._options.prefix + TOKEN

    @property
    def errors(self) -> list[str]:
        """What is wrong with the whole form, in words; the rest is at the fields."""
        names = {field.name for field in self.form_fields}
        return [
            f"{error.field}: {error.message}" if error.field else error.message
            for error in self._wrong
            if error.field not in names
        ]

    @property
    def fields(self) -> list[BoundField]:
        """All fields."""
        return [self._bound(field) for field in self.form_fields]

    @property
    def conflicts(self) -> list[BoundField]:
        """The fields that both sides have changed; the page asks for each whose value it is.

        By radio buttons called as its `resolve_name` says, of the values `mine` and `theirs`.
        """
        return [field for field in self.fields if field.conflict is not None]

    def __iter__(self) -> Iterator[BoundField]:
        return iter(self.fields)

    def __getitem__(self, name: str) -> BoundField:
        return self._bound(self._field(name))

    def value_of(self, name: str, texts: Sequence[str]) -> Any:
        """Give the value that texts stand for in a field.

        Raises:
            InvalidValueError: they stand for none.
        """
        return value_of(self._field(name), texts, self._options.zone)

    def _field(self, name: str) -> FormField:
        for field in self.form_fields:
            if field.name == name:
                return field
        raise KeyError(name)

    def _bound(self, field: FormField) -> BoundField:
        errors = [error.message for error in self._wrong if error.field == field.name]
        said = field.help_text
        if field.kind == "instant":
            said = f"{said} Time zone: {self._options.zone}.".strip()
        if field.is_secret and self._wrong and any(self._texts(field.name) or []):
            errors.append("Enter this again: it is not shown.")
        return BoundField.of(
            field,
            self._shown(field),
            errors=errors,
            conflict=self._conflicts.get(field.name),
            help_text=said,
            prefix=self._options.prefix,
        )

    def _shown(self, field: FormField) -> list[str]:
        """Give what was typed, unless the record has taken it over; else what the record holds."""
        zone, typed = self._options.zone, self._texts(field.name)
        if field.is_secret:
            return []
        if self._is_taken:
            return shown_texts(self.record, field, zone) or []
        if typed is not None:
            return [text for text in typed if text.strip()]
        if self._texts(RESOLVE + field.name) == ["theirs"]:
            return texts_of(field, self.record.original(field.name), zone)
        return shown_texts(self.record, field, zone) or []
