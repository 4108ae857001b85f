"""`record_form`: the round trip of `kustomer.form()` as a form of WTForms. Needs WTForms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, tzinfo
from typing import Any

from markupsafe import Markup

from kustomer_orm.contrib.flask.bound_fields import BoundField
from kustomer_orm.contrib.flask.forms import TOKEN, RecordForm, open_form, posted_form
from kustomer_orm.contrib.flask.settings import DEFAULT
from kustomer_orm.errors import ConfigurationError, DeclarationError, InvalidValueError
from kustomer_orm.forms import Sides, fields_of
from kustomer_orm.records import Record

try:
    import wtforms
    from wtforms import widgets
except ModuleNotFoundError:
    missing = "kustomer_orm.contrib.flask.wtf needs WTForms: pip install wtforms"
    raise ModuleNotFoundError(missing, name="wtforms") from None

# What a form of ours has beside its fields.
_OWN = ("kustomer", "save")
# What WTForms has a prefix end in; it adds a hyphen to any other.
_ENDS = "-_;:/."
# What WTForms says in HTML by itself.
_BY_WTFORMS = frozenset(("id", "name", "multiple", "aria-describedby"))


def record_form(
    cls: type[Record],
    names: Iterable[str],
    *,
    base: type[Any] = wtforms.Form,
    metadata: bool = False,
    bind: str = DEFAULT,
) -> type[Any]:
    """Make a class of forms for records; subclass it to add fields and validators of yours.

    A form of it is made by `CaseForm(id=…, user=…, zone=…)`, which take what `kustomer.form` does,
    and costs and raises the same. `form.save()` validates and saves; `form.kustomer` is the
    `RecordForm` with `status`, `saved`, `conflicts` and `record`. A template that shows the fields
    by itself asks for decisions by `render_conflicts(form.kustomer)`, from `kustomer/form.html`.

    Args:
        cls: the record class.
        names: the attributes, in the order of the form.
        base: `wtforms.Form`, or `FlaskForm` of Flask-WTF, whose CSRF token is checked as well.
        metadata: see `KustomerORM.form`.
        bind: of which organisation.

    >>> from flask import Flask
    >>> from wtforms import BooleanField, ValidationError
    >>> from kustomer_orm import Conversation
    >>> from kustomer_orm.contrib.flask import KustomerORM
    >>> from kustomer_orm.contrib.flask.wtf import record_form
    >>> from kustomer_orm.emulator import Emulator
    >>> class CaseForm(record_form(Conversation, ["name", "status"])):
    ...     tell_the_customer = BooleanField()
    ...     def validate_name(self, field):
    ...         if field.data == "test":
    ...             raise ValidationError("Find a better name.")
    >>> app = Flask("desk")
    >>> with Emulator() as server:
    ...     app.config.update(KUSTOMER_API_KEY=server.api_key, KUSTOMER_BASE_URL=server.url)
    ...     app.config.update(SECRET_KEY="of-your-own")
    ...     kustomer = KustomerORM(app)
    ...     with app.test_request_context():
    ...         form = CaseForm(id=server.world.add("conversation", name="Hi"))
    ...         print(form.name())
    <input id="name" maxlength="256" name="name" type="text" value="Hi">

    Raises:
        DeclarationError: an attribute cannot be edited in a form, or is called as something that
            forms of WTForms have.
    """
    fields = fields_of(cls, names)
    for field in fields:
        if hasattr(base, field.name) or field.name in _OWN:
            raise DeclarationError(
                f"{field.attribute.label}: a form of WTForms has a {field.name!r} of its own: "
                "declare the attribute under another name, or use kustomer.form()"
            )
    made: dict[str, Any] = {field.name: RecordField(field.label) for field in fields}
    made |= {TOKEN: TokenField()}
    about = (cls, tuple(made)[:-1], metadata, bind)
    make: Any = type(base)
    form: type[Any] = make(
        f"{cls.__name__}Form", (RecordFormMixin, base), {**made, "_about": about}
    )
    return form


class RecordFormMixin:
    """What `record_form` adds to a form of WTForms.

    Attributes:
        kustomer: the record's own form, see `RecordForm`.
    """

    kustomer: RecordForm[Any]
    form_errors: list[str]
    _fields: dict[str, Any]
    _about: tuple[type[Record], Sequence[str], bool, str]

    def __init__(
        self,
        *,
        id: str | None,
        user: object = None,
        zone: tzinfo = UTC,
        prefix: str = "",
        **options: Any,
    ) -> None:
        cls, names, metadata, bind = self._about
        start = f"{prefix}-" if prefix and prefix[-1] not in _ENDS else prefix
        self.kustomer = open_form(
            cls, names, id=id, user=user, zone=zone, metadata=metadata, bind=bind, prefix=start
        )
        posted = posted_form() if self.kustomer.is_submitted else None
        parent: Any = super()
        parent.__init__(formdata=posted, prefix=prefix, **options)

    def process(self, *args: Any, **options: Any) -> None:
        """Give each field what it shows before WTForms asks for it."""
        for field in self._record_fields():
            field.show_in(self.kustomer)
        parent: Any = super()
        parent.process(*args, **options)

    def validate(self, *args: Any, **options: Any) -> bool:
        """Validate by WTForms and by the attributes, and take over what both say."""
        parent: Any = super()
        is_valid = parent.validate(*args, **options)
        told = self._tell()
        if not is_valid and self.kustomer.status == 200:
            self.kustomer.status = 422
        return bool(is_valid) and not told

    def save(self, *, conflict: str | None = None) -> bool:
        """Validate what came back and save it; whether all of it was. See `RecordForm.save`."""
        if not self.kustomer.is_submitted or not self.validate():
            return False
        is_saved = self.kustomer.save(conflict=conflict)
        self._tell()
        return is_saved

    def populate_obj(self, obj: Any) -> None:
        """Give the fields that are yours to an object of yours.

        Raises:
            ConfigurationError: the object is a record. `kustomer.record` has what was changed, on
                the baseline that its person saw; one that is loaded anew would be written over.
        """
        if isinstance(obj, Record):
            raise ConfigurationError(
                f"populate_obj: {obj!r} would lose what others changed while the form was open: "
                "save the form itself, form.save(), or look at form.kustomer.record"
            )
        for name, field in self._all_fields().items():
            if not isinstance(field, (RecordField, TokenField)):
                field.populate_obj(obj, name)

    def _tell(self) -> bool:
        """Put what the record's form complains of to the fields; whether there was anything."""
        told = False
        for field in self._record_fields():
            news = [error for error in field.bound.errors if error not in field.errors]
            field.errors = [*field.errors, *news]
            told = told or bool(field.bound.errors)
        known = self.form_errors
        known.extend(error for error in self.kustomer.errors if error not in known)
        return told or bool(self.kustomer.errors)

    def _record_fields(self) -> Iterator[RecordField]:
        return (each for each in self._all_fields().values() if isinstance(each, RecordField))

    def _all_fields(self) -> dict[str, Any]:
        found = dict(self._fields)
        found[TOKEN].record_form = self.kustomer
        return found


class RecordField(wtforms.Field):
    """A field of a record: it shows what the record's form shows, with texts as they were typed.

    Its `data` is the Python value.
    """

    record_form: RecordForm[Any]

    def __init__(self, label: str | None = None, **options: Any) -> None:
        super().__init__(label, widget=RecordWidget(), **options)

    def show_in(self, form: RecordForm[Any]) -> None:
        """Take part in the form of a record."""
        self.record_form = form
        self.label.text = self.bound.label
        self.description = self.bound.help

    @property
    def bound(self) -> BoundField:
        """The field as `RecordForm` has it."""
        return self.record_form[self.short_name]

    @property
    def conflict(self) -> Sides | None:
        """Both sides' values, where both have changed it and nobody has decided yet."""
        return self.bound.conflict

    def process_data(self, value: Any) -> None:  # noqa: ARG002 - WTForms' signature
        """Take the record's value."""
        self.data = self._read(self.bound.texts)

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read what was posted; what is wrong with it is the record's form to tell."""
        if valuelist:
            self.data = self._read(valuelist)

    def _read(self, texts: Sequence[str]) -> Any:
        try:
            return self.record_form.value_of(self.short_name, texts)
        except InvalidValueError:
            return None

    def _value(self) -> str:
        return self.bound.text


class RecordWidget:
    """Renders the input of a `RecordField`, by WTForms' own widgets where they can."""

    def __call__(self, field: Any, **attrs: Any) -> Markup:
        """Give the HTML; `attrs` are what a template says: `{{ form.name(class_="wide") }}`."""
        bound: BoundField = field.bound
        ours = {key: text for key, text in bound.attrs.items() if key not in _BY_WTFORMS}
        attrs = {**ours, **attrs}
        if bound.widget == "textarea":
            return widgets.TextArea()(field, **attrs)  # type: ignore[no-any-return] # untyped
        if bound.widget == "input":
            return widgets.TextInput(attrs.pop("type"))(field, **attrs)  # type: ignore[no-any-return] # untyped
        return _select(bound, {"id": field.id, "name": field.name, **attrs})


def _select(bound: BoundField, attrs: dict[str, Any]) -> Markup:
    """Render a select. That of WTForms asks its fields for other things with each version."""
    options = Markup("").join(
        Markup("<option {}>{}</option>").format(_params(value=value, selected=chosen), label)
        for value, label, chosen in bound.options
    )
    blank = Markup('<input type="hidden" name="{}" value="">').format(attrs["name"])
    params = _params(multiple=bound.is_many, **attrs)
    select = Markup("<select {}>{}</select>").format(params, options)
    return blank + select if bound.is_many else select


class TokenField(wtforms.HiddenField):
    """The hidden input with what was shown, signed; in `hidden_tag()` of Flask-WTF."""

    record_form: RecordForm[Any]

    def _value(self) -> str:
        return self.record_form.token


def _params(**attrs: Any) -> Markup:
    return Markup(widgets.html_params(**attrs))  # noqa: S704 - it escapes
