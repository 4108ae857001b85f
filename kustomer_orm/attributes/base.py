"""An attribute: a descriptor that gives itself on the class and its value on a record."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Generic, Literal, Protocol, Self, TypeVar, cast, overload

from marshmallow import ValidationError, fields

from kustomer_orm._names import camel
from kustomer_orm._sentinels import MISSING, Masked
from kustomer_orm._types import JSON, JSONObject, ReadOnlyJSONObject
from kustomer_orm.changes import Entry, Extent, State, is_masked, same_json
from kustomer_orm.criteria import All, Criterion, Either, Expression, Not, Order
from kustomer_orm.errors import (
    DeclarationError,
    InvalidValueError,
    QueryError,
    ReadOnlyAttributeError,
    Resolver,
    UnreadableValueError,
)

R = TypeVar("R")  # what reading gives
W = TypeVar("W")  # what assigning takes

Writable = bool | Literal["create", "update"]


class Owner(Protocol):
    """What an attribute asks of the record that it is read from."""

    _state: State

    def _load_missing(self, attribute: Attribute[Any, Any]) -> JSON:
        """Give the wire value of an attribute that the baseline does not know, or raise."""
        ...

    def _related(self, type_name: str | type, id_: str, link: str | None) -> Any:
        """Give the related record, not loaded, at no cost."""
        ...

    def _label(self) -> str:
        """Name the record for a message: class and id."""
        ...

    def _refuse_read_only(self) -> None:
        """Raise where nothing of this class is written."""
        ...


class Attribute(Generic[R, W]):
    """One attribute of a record class.

    Args:
        field: the strict marshmallow field that encodes and decodes its values.
        key: its name on the wire; the camelCase of its Python name if not given.
        writable: True, False, "create" or "update": when the API accepts it.
        nullable: whether `None` may be assigned, which clears it.
        null_on_create: whether the API takes null for it in a new record.
        written_as: the path of its value in a request body; `(key,)` if not given.
        sensitive: whether keys without the permission see it masked: a mark for who shows it.
        resolve: what decides when others changed it too: "mine", "theirs" or a function.
    """

    held: bool = False
    unordered: bool = False
    alone: bool = False
    append_path: str | None = None
    append_key: str | None = None

    def __init__(
        self,
        field: fields.Field[Any],
        *,
        key: str | None = None,
        writable: Writable = True,
        nullable: bool = False,
        null_on_create: bool = False,
        written_as: tuple[str, ...] | None = None,
        sensitive: bool = False,
        resolve: Resolver | None = None,
    ) -> None:
        self.field = field
        self.key = key or ""
        self.creatable = writable is True or writable == "create"
        self.updatable = writable is True or writable == "update"
        self.nullable = nullable
        self.null_on_create = null_on_create
        self.sensitive = sensitive
        self.written_as: tuple[str, ...] = written_as or ()
        if not (resolve is None or resolve in ("mine", "theirs") or callable(resolve)):
            raise DeclarationError("resolve is 'mine', 'theirs' or a function of a FieldConflict")
        self.resolve: Resolver | None = resolve
        self.name = ""
        self.label = ""
        self.address = ""
        self.declared_in: type | None = None
        field.allow_none = nullable

    # -- naming ---------------------------------------------------------------------------------

    def __set_name__(self, owner: type, name: str) -> None:
        if self.name:
            message = f"{owner.__name__}.{name}: this attribute is {self.label} already"
            raise DeclarationError(message)
        self.declared_in = owner
        self.bind(owner.__name__, name)

    def bind(self, owner: str, name: str) -> None:
        """Take a name; the wire key follows from it unless one was given."""
        self.name = name
        self.label = f"{owner}.{name}"
        self.key = self.key or self.infer_key(name)
        self.address = self.make_address()
        self.written_as = self.written_as or self.make_path()

    def infer_key(self, name: str) -> str:
        """Give the wire key that belongs to a Python name."""
        return camel(name)

    def make_address(self) -> str:
        """Give the place in the working set."""
        return self.key

    def make_path(self) -> tuple[str, ...]:
        """Give the place in a request body."""
        return (self.key,)

    # -- reading and assigning ------------------------------------------------------------------

    @overload
    def __get__(self, record: None, owner: type) -> Self: ...

    @overload
    def __get__(self, record: object, owner: type) -> R: ...

    def __get__(self, record: Any, owner: type) -> Any:
        if record is None:
            return self
        try:
            return record._state.seen[self.address]
        except KeyError:
            pass  # not read from in here: an error of the reading would drag this one along
        return self.first_read(record)

    def first_read(self, owner: Owner) -> Any:
        """Decode the baseline's value, and remember it."""
        state = owner._state
        wire = self.read(state.attributes, state.relationships)
        if wire is MISSING and state.extent is Extent.PARTIAL:
            wire = owner._load_missing(self)
        value = self.present(owner, wire)
        state.remember(self.address, value)
        return value

    def __set__(self, record: object, value: W) -> None:
        owner = cast("Owner", record)
        state = owner._state
        if not (self.creatable if state.extent is Extent.NEW else self.updatable):
            raise ReadOnlyAttributeError(self.refusal(state.extent))
        owner._refuse_read_only()
        working = state.working
        entry = None if working is None else working.get(self.address)
        if entry is not None and entry.value is value and isinstance(value, (list, dict)):
            return  # `tags += [...]` assigns the very list that was handed out: an edit in place
        made = self.accept(owner, value)
        if entry is not None:
            made.doubt = entry.doubt
        state.keep(made)

    def accept(self, owner: Owner, value: Any) -> Entry:
        """Check a value that is being assigned, and give what to keep of it."""
        base = owner._state.base(self)
        if isinstance(value, Masked) and is_masked(base):
            return Entry(self, value, assigned=True)
        try:
            wire = self.encode(value, base)
        except InvalidValueError as error:
            problem = error.about(owner._label())
        else:
            return Entry(self, value, assigned=True, encoded=MISSING if self.held else wire)
        raise problem

    def check_outgoing(self, owner: Owner, value: Any) -> None:
        """Refuse on the line that assigns it what could not go out."""
        base = owner._state.base(self)
        try:
            self.outgoing(self.encode(value, base), base)
        except InvalidValueError as error:
            raise error.about(owner._label()) from None

    def present(self, owner: Any, wire: JSON) -> Any:
        """Give the Python value of a baseline's wire value."""
        if wire is MISSING or wire is None:
            return None
        return self.decode(wire, owner)

    def refusal(self, extent: Extent) -> str:
        """Say why this attribute cannot be assigned now, and what can be done."""
        if self.creatable:
            return f"{self.label} can be set only when the record is created"
        if self.updatable and extent is Extent.NEW:
            return f"{self.label} can be set only once the record exists: save it first"
        return f"{self.label} is read-only: a save does not send it"

    # -- searching ------------------------------------------------------------------------------

    __hash__ = object.__hash__  # what is searched with is no reason not to be a key

    # Two attributes are compared by whoever looks for one of them in a list, never by a search.

    def __eq__(  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        self, other: object
    ) -> Expression:
        if isinstance(other, Attribute):
            return cast("Expression", self is other)
        return self._criterion("equals", other)

    def __ne__(  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        self, other: object
    ) -> Expression:
        if isinstance(other, Attribute):
            return cast("Expression", self is not other)
        return Not(self._criterion("equals", other))

    def __ge__(self, other: object) -> Expression:
        return self._criterion("gte", other)

    def __le__(self, other: object) -> Expression:
        return self._criterion("lte", other)

    def __gt__(self, other: object) -> Expression:
        return self._criterion("gt", other)

    def __lt__(self, other: object) -> Expression:
        # Nobody has seen an `lt`.
        return All((self._criterion("lte", other), Not(self._criterion("equals", other))))

    def contains(self, text: object) -> Expression:
        """Search for whole words in a text, or for an item of a list.

        Raises:
            QueryError: there are no words. Such a search would find everything.
        """
        if isinstance(text, str) and not text.strip():
            message = f"{self.label}: contains() of no words finds everything: leave it out"
            raise QueryError(message)
        return self._criterion("contains", text)

    def in_(self, values: Iterable[object]) -> Expression:
        """Search for one of several values.

        Raises:
            QueryError: there are none. The API has no search for nothing, and one without a
                criterion finds everything.
        """
        if isinstance(values, str) or not isinstance(values, Iterable):
            raise InvalidValueError.of(self.label, expected="several values", got=describe(values))
        parts = [self._criterion("equals", value) for value in values]
        if not parts:
            message = f"{self.label}: in_() of no values finds nothing: do without the search"
            raise QueryError(message)
        return Either(parts)

    def between(self, low: object, high: object) -> Expression:
        """Search for values from one to another, both included."""
        return All((self._criterion("gte", low), self._criterion("lte", high)))

    def is_set(self) -> Expression:
        """Search for records that have a value."""
        return Not(Criterion(self, "not_set", True))

    def is_not_set(self) -> Expression:
        """Search for records that have no value."""
        return Criterion(self, "not_set", True)

    def asc(self) -> Order:
        """Sort by it, the smallest first."""
        return Order(self, descending=False)

    def desc(self) -> Order:
        """Sort by it, the largest first."""
        return Order(self, descending=True)

    def _criterion(self, operator: str, value: object) -> Expression:
        """Make a criterion of a value, which is checked as if it were assigned."""
        if value is None:
            if operator == "equals":
                return self.is_not_set()
            raise InvalidValueError.of(self.label, expected="a value to search by", got="None")
        if isinstance(value, str) and operator == "contains":
            # Words, whatever the attribute may hold.
            return Criterion(self, operator, self.words_of(value))
        return Criterion(self, operator, self.encode_item(value))

    def words_of(self, text: str) -> str:
        """Give the words of a search.

        Raises:
            InvalidValueError: they are no text that UTF-8 can hold.
        """
        if text.encode(errors="ignore").decode() == text:
            return text
        expected = "text without lone surrogates, which UTF-8 cannot hold"
        raise InvalidValueError.of(self.label, expected=expected, got=describe(text))

    def encode_item(self, value: Any) -> JSON:
        """Give the wire value of one value; of one item, where this is a list."""
        return self.encode(value)

    # -- the wire -------------------------------------------------------------------------------

    def read(self, attributes: ReadOnlyJSONObject, relationships: ReadOnlyJSONObject) -> JSON:
        """Give its wire value in a document, or MISSING."""
        return attributes.get(self.key, MISSING)

    def put(self, attributes: JSONObject, relationships: JSONObject, wire: JSON) -> None:
        """Set its wire value in a document of our own; MISSING takes the key away."""
        attributes[self.key] = wire
        if wire is MISSING:
            del attributes[self.key]

    def encode(self, value: Any, base: JSON = MISSING) -> JSON:
        """Give the wire value, freshly made; what `base` holds already is not checked again.

        Raises:
            InvalidValueError: the value is not of this kind, or breaks a published limit.
        """
        if value is None and self.nullable:
            return None
        try:
            return self.field._serialize(value, self.name, None)
        except ValidationError as error:
            expected = self.expected_in(error)
        raise InvalidValueError.of(self.label, expected=expected, got=describe(value))

    def expected_in(self, error: ValidationError) -> str:
        """Word what was expected."""
        words = str(error.messages[0]) if isinstance(error.messages, list) else str(error)
        return f"{words}, or None" if self.nullable else words

    def decode(self, wire: JSON, owner: Any) -> Any:
        """Give the Python value, freshly made.

        Raises:
            UnreadableValueError: the server's value is not of this kind.
        """
        try:
            return self.field._deserialize(wire, self.name, None)
        except ValidationError:
            if is_masked(wire):
                return Masked(str(wire.get("maskedPresentation", "")))
        message = (
            f"{self.label}: the server's value is {describe(wire)}, which does not read as "
            f"{getattr(self.field, 'expected', 'its kind')}; record.raw shows it as it is"
        )
        raise UnreadableValueError(message)

    def same(self, first: JSON, second: JSON) -> bool:
        """Compare two wire values that are neither absent, null nor masked."""
        return same_json(first, second)

    def as_read(self, value: Any, wire: JSON) -> bool:
        """Tell whether a held value is still what reading the wire value gives."""
        return same_json(value, self.decode(wire, None))

    def own(self, wire: JSON, base: JSON) -> JSON:
        """Leave out what the baseline's value shows and nobody may write."""
        return wire

    def outgoing(self, wire: JSON, base: JSON) -> JSON:
        """Give what goes into the request for a wire value that differs from the baseline's."""
        return wire

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.label or 'unnamed'} ({self.key or 'no key'})>"


_LONG = 1_000_000_000  # a phone or card number is a customer's text as well


def describe(value: Any) -> str:
    """Describe a value by its type and size: it may be a customer's text, so it is not shown."""
    if isinstance(value, str):
        return f"a string of {len(value)} character{'' if len(value) == 1 else 's'}"
    if isinstance(value, (int, float)) and abs(value) >= _LONG:
        return "a number of more than nine digits"
    if value is None or isinstance(value, (bool, int, float)):
        return repr(value)
    if isinstance(value, (list, tuple, set, frozenset, dict)):
        return f"a {type(value).__name__} of {len(value)}"
    if getattr(value, "tzinfo", MISSING) is None:
        return f"a {type(value).__name__} without a time zone"
    return f"a {type(value).__name__}"
