"""`RecordField`: a model field that stores the id of a record and gives the record, lazily."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core import checks, exceptions
from django.db import models
from django.db.models.query_utils import DeferredAttribute
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

import kustomer_orm
from kustomer_orm.contrib.django.clients import clients
from kustomer_orm.contrib.django.options import DEFAULT, is_configured
from kustomer_orm.errors import DeclarationError, InvalidValueError
from kustomer_orm.records import Record
from kustomer_orm.records.finding import checked_id

# An id may have 256 signs; MySQL makes no unique index on more than 255.
_MAX_LENGTH = 255


def validate_record_id(value: str) -> None:
    """Refuse what cannot be an id, such as what would climb a path.

    Raises:
        ValidationError: it cannot.
    """
    try:
        checked_id(Record, value)
    except InvalidValueError as error:
        message = _("This is not an id of Kustomer.")
        raise exceptions.ValidationError(message, code="invalid") from error


class RecordIdAttribute(DeferredAttribute):
    """The id itself, as `ticket.conversation_id`; another id lets go of the record."""

    def __set__(self, instance: Any, value: Any) -> None:
        if isinstance(value, Record):
            value = self.field.id_of(value)
        held = instance._state.fields_cache  # noqa: SLF001 - where Django keeps related objects
        if held and instance.__dict__.get(self.field.attname) != value:
            held.pop(self.field.name, None)
        instance.__dict__[self.field.attname] = value


class RecordAttribute:
    """The record, as `ticket.conversation`: made when asked for, loaded when read."""

    def __init__(self, field: RecordField) -> None:
        self.field = field

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        if instance is None:
            return self
        id_ = getattr(instance, self.field.get_attname())
        if not isinstance(id_, str) or not id_:  # an expression is no id before it is saved
            return None
        held = instance._state.fields_cache  # noqa: SLF001 - as above
        record = held.get(self.field.name)
        if record is None:
            record = held[self.field.name] = self.field.finder.lazily(id_)
        return record

    def __set__(self, instance: Any, value: Any) -> None:
        id_ = self.field.assigned(value)
        setattr(instance, self.field.get_attname(), id_)
        if isinstance(value, Record):
            held = instance._state.fields_cache  # noqa: SLF001 - as above
            held[self.field.name] = value


class RecordField(models.CharField):
    """A link to a record: the id in the database, the record in Python.

    `ticket.conversation` gives a record that is loaded when an attribute of it is read, with the
    client of `using`; `ticket.conversation_id` is the id. A record, an id or None is assigned, and
    a record or an id looked for: `Ticket.objects.filter(conversation=conversation)`.

    The record is not saved by `ticket.save()`, nor read again by `ticket.refresh_from_db()`: it
    has `save()` and `refresh()` of its own.

    Args:
        record: the class, or its dotted path.
        using: the alias of the client in the setting KUSTOMER.
        **options: what a CharField takes; there is an index if not said otherwise.
    """

    if TYPE_CHECKING:
        # As a relation of a record (decision 0002): whether it may be None is the database's.
        def __get__(self, instance: Any, owner: Any) -> Any: ...
        def __set__(self, instance: Any, value: Record | str | None) -> None: ...

    descriptor_class = RecordIdAttribute
    default_validators = (validate_record_id,)

    def __init__(
        self, record: type[Record] | str, using: str = DEFAULT, *args: Any, **options: Any
    ) -> None:
        self._record = record
        self.using = using
        options.setdefault("max_length", _MAX_LENGTH)
        options.setdefault("db_index", True)
        super().__init__(*args, **options)
        # A missing link is NULL, as with a foreign key; "" only where the field asks for that.
        self.empty_strings_allowed = self.blank and not self.null

    # -- the class and its client ---------------------------------------------------------------

    @property
    def record_class(self) -> type[Record]:
        """The class of the records.

        Raises:
            DeclarationError: there is no record class at the dotted path.
        """
        found: Any = self._record
        if isinstance(found, str):
            try:
                found = import_string(found)
            except ImportError as error:
                raise DeclarationError(f"{self}: the record cannot be imported: {error}") from None
        if not _is_linkable(found):
            raise DeclarationError(f"{self}: {found!r} is no class of records with a path")
        self._record = found
        return found  # type: ignore[no-any-return] # looked at above

    @property
    def finder(self) -> Any:
        """The ways to the records: the class, bound to the client of `using`."""
        return self.record_class.using(clients[self.using])

    # -- records to ids -------------------------------------------------------------------------

    def id_of(self, record: Record) -> str:
        """Give the id of a record that this field may link to.

        Raises:
            InvalidValueError: it has no id, or is of another type or organisation.
        """
        org = clients[self.using].org
        if record.type != self.record_class.type:
            raise self._refusal(f"a {type(record).__name__}")
        if record.id is None or not record.key[0]:
            what = "that was not saved yet: save it first" if record.id is None else "of no client"
            raise self._refusal(f"a {type(record).__name__} {what}")
        if record.key[0] != org:
            raise self._refusal(f"a {type(record).__name__} of another organisation than {org!r}")
        return record.id

    def assigned(self, value: Any) -> Any:
        """Give what to store for an assigned value.

        Raises:
            InvalidValueError: it is no id, or no record that this field may link to.
        """
        if value is None or hasattr(value, "resolve_expression"):
            return value
        if isinstance(value, Record):
            if not isinstance(value, self.record_class):
                raise self._refusal(f"a {type(value).__name__}")
            return self.id_of(value)
        if value == "":
            return None if self.null else ""
        try:
            return checked_id(self.record_class, value)
        except InvalidValueError as error:
            raise self._refusal(error.got) from None

    def _refusal(self, got: str) -> InvalidValueError:
        cls = self.record_class.__name__
        return InvalidValueError.of(str(self), expected=f"a {cls}, its id, or None", got=got)

    # -- what Django asks -----------------------------------------------------------------------

    def get_attname(self) -> str:
        """Give the name of the id: "conversation_id"."""
        return f"{self.name}_id"

    def contribute_to_class(self, cls: Any, name: str, private_only: bool = False) -> None:  # noqa: FBT001, FBT002 - Django's
        """Put the id and the record on the model."""
        super().contribute_to_class(cls, name, private_only=private_only)
        setattr(cls, name, RecordAttribute(self))

    def to_python(self, value: Any) -> Any:
        """Give the id of what a form or a fixture holds."""
        return self.id_of(value) if isinstance(value, Record) else super().to_python(value)

    def get_prep_value(self, value: Any) -> Any:
        """Give what the database stores or looks for."""
        if isinstance(value, Record):
            return self.id_of(value)
        return super().get_prep_value(value)

    def formfield(self, **options: Any) -> Any:
        """Give a text field that takes ids."""
        return super().formfield(**{"validators": [validate_record_id], **options})

    def deconstruct(self) -> Any:
        """Tell migrations how to make it: the class by its path, so that none is imported."""
        name, _path, args, options = super().deconstruct()
        if options.get("max_length") == _MAX_LENGTH:
            del options["max_length"]
        if options.pop("db_index", False) is False:
            options["db_index"] = False
        options["record"] = _dotted(self._record)
        if self.using != DEFAULT:
            options["using"] = self.using
        return name, "kustomer_orm.contrib.django.RecordField", args, options

    def check(self, **options: Any) -> list[Any]:
        """Check the class and the alias."""
        found: list[Any] = super().check(**options)
        try:
            _ = self.record_class
        except DeclarationError as error:
            found.append(checks.Error(str(error), obj=self, id="kustomer.E101"))
        if is_configured() and self.using not in clients:  # else the settings' own check says so
            known = ", ".join(map(repr, clients))
            message = f"The setting KUSTOMER has no {self.using!r}; it has {known}."
            found.append(checks.Error(message, obj=self, id="kustomer.E102"))
        return found


def _is_linkable(found: Any) -> bool:
    return isinstance(found, type) and issubclass(found, Record) and bool(found.path)


def _dotted(record: type[Record] | str) -> str:
    """Give the path by which a class is to be found in years as well."""
    if isinstance(record, str):
        return record
    if getattr(kustomer_orm, record.__name__, None) is record:
        return f"kustomer_orm.{record.__name__}"
    return f"{record.__module__}.{record.__qualname__}"
