"""`Record`: the base of every resource, with its verbs in the order of life."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, Self

from kustomer_orm._sentinels import MISSING
from kustomer_orm._types import JSONObject
from kustomer_orm.attributes.schemas import schema_of
from kustomer_orm.changes import Entry, Extent, State, copy_json
from kustomer_orm.client import find_current
from kustomer_orm.config import checked_resolver, conflict_mode
from kustomer_orm.errors import (
    ConfigurationError,
    InvalidValueError,
    KustomerError,
    ReadOnlyAttributeError,
    Resolver,
    UnsavedChangesError,
)
from kustomer_orm.records import portable
from kustomer_orm.records.caching import deleting
from kustomer_orm.records.core import name_at, records, value_at
from kustomer_orm.records.custom_mapping import CustomPlace
from kustomer_orm.records.editing import Editing
from kustomer_orm.records.finding import checked_id
from kustomer_orm.records.getting import Findable
from kustomer_orm.records.merging import Policy
from kustomer_orm.records.planning import collected, edits_of, plan_of, steps_of
from kustomer_orm.records.results import Change, Plan, SaveResult
from kustomer_orm.records.reverting import give_back, revert
from kustomer_orm.records.saving import save as save_steps
from kustomer_orm.records.showing import shown_values, unsaved_changes
from kustomer_orm.transport import Request


class Record(Findable):
    """One object of the API: it knows what has changed in it, and saves the difference.

    `Record(id=…)` stands for one that is on the server and was not loaded: assign and save, and
    nothing else is written. `Record(…)` without an id is a new one.

    Records belong to one thread; clients are shared.

    >>> from kustomer_orm import Record
    >>> from kustomer_orm.attributes import String
    >>> class Ticket(Record):
    ...     type, path = "ticket", "/v1/tickets"
    ...     title = String(max_length=10)
    >>> ticket = Ticket(title="Hello")
    >>> ticket.changes
    {'title': Change(old=None, new='Hello')}
    """

    def __init__(self, id: str | None = None, **values: Any) -> None:
        put = object.__setattr__
        extent = Extent.NEW if id is None else Extent.PARTIAL
        put(self, "_id", None)
        put(self, "_state", State({}, {}, extent))
        put(self, "_client", find_current())
        put(self, "_extra", None)
        if id is not None:  # last: a reporter of errors shows `self`, so it must be whole by now
            put(self, "_id", checked_id(type(self), id))
        self.assign(**values)

    def __init_subclass__(
        cls, *, default: bool = False, registered: bool = True, **options: Any
    ) -> None:
        super().__init_subclass__(**options)
        if registered and isinstance(cls.type, str) and cls.type:
            records.register(cls.type, cls, default=default)

    # -- changing -------------------------------------------------------------------------------

    def assign(self, **values: Any) -> None:
        """Assign several attributes, or none: they are all checked first.

        Raises:
            InvalidValuesError: several were refused; a single refusal is raised as it is.
        """
        state = self._state
        kept = None if state.working is None else dict(state.working)
        errors: list[KustomerError] = []
        for name, value in values.items():
            try:
                self._named(name).__set__(self, value)
            except KustomerError as error:
                errors.append(error)
            except BaseException:
                state.reset(kept)
                raise
        if errors:
            state.reset(kept)
            raise collected(errors)

    def restore(self, *names: str) -> None:
        """Take back the unsaved changes of these attributes; of all when none is named.

        A list or dict that was handed out goes back in place, so references to it stay live. Of an
        attribute that is in doubt the next save sends the original.
        """
        wanted = {self._named(name).address for name in names}
        revert(self, wanted if names else None)

    def touch(self, *names: str) -> None:
        """Have these attributes sent by the next save, though they are equal.

        Raises:
            ReadOnlyAttributeError: the API does not accept one of them.
        """
        for name in names:
            attribute = self._named(name)
            new = self._state.extent is Extent.NEW
            if not (attribute.creatable if new else attribute.updatable) or (
                new and attribute.alone
            ):
                raise ReadOnlyAttributeError(attribute.refusal(self._state.extent))
            value = attribute.__get__(self, type(self))
            working = self._state.working
            held = None if working is None else working.get(attribute.address)
            entry = Entry(attribute, value)
            if held is not None:  # a new entry all the same: what is being sent now goes again
                entry = Entry(attribute, held.value, assigned=held.assigned)
                entry.doubt = held.doubt
            base = self._state.base(attribute)
            wire = entry.wire(base)
            if new and wire is None and not attribute.null_on_create:
                expected = "a value: the API takes no null for it in a new record"
                raise InvalidValueError.of(attribute.label, expected=expected, got="None")
            attribute.outgoing(wire, base)  # what cannot be sent is refused here
            entry.touched = True
            self._state.keep(entry)

    custom = CustomPlace()

    # -- asking ---------------------------------------------------------------------------------

    @property
    def is_dirty(self) -> bool:
        """Whether `save()` would send anything. No request."""
        state = self._state
        return state.working is not None and state.is_dirty()

    @property
    def changes(self) -> dict[str, Change]:
        """The unsaved changes, by name, as Python values. No request."""
        return unsaved_changes(self)

    def original(self, name: str) -> Any:
        """Give the value as it was loaded or last saved. No request."""
        attribute = self._named(name)
        return value_at(self, attribute, self._state.base(attribute))

    @property
    def previous_changes(self) -> dict[str, Change]:
        """What the last save that sent something changed, by name."""
        return {} if self._extra is None else dict(self._extra.previous)

    def plan(self, *, only: Iterable[str] | None = None) -> Plan:
        """Give the requests that `save()` would make now. No request.

        Raises:
            InvalidValueError: a value cannot be sent.
        """
        return plan_of(steps_of(self, edits_of(self, only)))

    # -- saving ---------------------------------------------------------------------------------

    def save(
        self,
        *,
        only: Iterable[str] | None = None,
        conflict: str | None = None,
        resolve: Resolver | None = None,
    ) -> SaveResult:
        """Send the difference and nothing else. No request for a clean record.

        One request; one more for items added in place to a list such as `tags`, and one more for
        a move to another customer. Each is accepted by itself: when a later one fails, what went
        before is clean, and the error's `result` tells it.

        Args:
            only: the attributes to send; the others stay as they are, dirty.
            conflict: what to do about other people's writes; the client's if not given. "none":
                nothing. "verify": compare revisions afterwards. "careful": read first, one request
                more, and merge. "strict": send the revision, so that a server that enforces it
                refuses a stale save; then read, merge and repeat.
            resolve: what decides where others changed the same attribute: "mine", "theirs", or a
                function of a `FieldConflict`; else the attribute's, else the client's.

        Raises:
            InvalidValueError: a value cannot be sent. Nothing was sent.
            ReadOnlyAttributeError: the record, or a list edited in place, is only read. Nothing was
                sent.
            ConflictError: others changed the same attributes and nobody decides, or a new record's
                id or external id is that of somebody else's. Every change is kept.
            APIError: the API refused, or could not be reached; every change is kept.
            OutcomeUnknownError: no answer; the record is `in_doubt`, every change is kept, and
                the same record can be saved again. Or a new record is on its way in bulk: nothing
                was sent.
        """
        mode = None if conflict is None else conflict_mode(conflict)
        decider = checked_resolver(resolve)
        if only is not None and not isinstance(only, str):
            # By their names, not by the wire's; a list, since it is asked several times.
            only = [name_at(type(self), self._named(name).address) for name in only]
        steps = steps_of(self, edits_of(self, only))
        if not steps:
            return SaveResult(rev=self._rev())
        config = self._bound().config
        policy = Policy(only, mode or config.conflict, decider, config.resolve)
        return save_steps(self, steps, policy)

    def edit(
        self,
        *,
        only: Iterable[str] | None = None,
        conflict: str | None = None,
        resolve: Resolver | None = None,
    ) -> Editing:
        """Edit in several places and save once: `with record.edit():` saves on a clean exit.

        On an exception nothing is saved, and every change stays. Inside another `edit()` of the
        same record nothing is saved before the outermost one ends; a block that is open even
        after that, in a generator, saves at its own exit. Takes what `save` takes.
        """
        return Editing(self, only, conflict, resolve)

    def refresh(self, local: Literal["keep", "discard", "raise"] = "keep") -> dict[str, Change]:
        """Load the record again. One request.

        Args:
            local: what becomes of unsaved changes: "keep" carries them over to the new values,
                "discard" takes them back, "raise" refuses to load.

        Returns:
            With "keep", by name, the local changes whose value on the server moved as well, as
            they are here and as they are there.

        Raises:
            UnsavedChangesError: with "raise", when there are unsaved changes; they are kept.
        """
        if local not in {"keep", "discard", "raise"}:
            raise ConfigurationError("refresh(local=…) is 'keep', 'discard' or 'raise'")
        if local == "raise" and self.is_dirty:
            names = ", ".join(self.changes)
            raise UnsavedChangesError(f"{self._label()} has unsaved changes: {names}")
        overlaps = self._load().overlaps
        if local == "discard":
            for entry in self._state.entries():
                give_back(self, entry)
            self._extras().in_doubt = False
            return {}
        return {
            name_at(type(self), address): Change(
                *(value_at(self, self._at(address), wire) for wire in pair)
            )
            for address, pair in overlaps.items()
        }

    def delete(self) -> None:
        """Delete the record on the server. One request.

        Raises:
            ReadOnlyAttributeError: the API deletes no such record. Nothing was sent.
            NotFoundError: it is not there (any more).
            OutcomeUnknownError: no answer; deleting again tells.
        """
        self._refuse_read_only()
        if not self.deletes:
            raise ReadOnlyAttributeError(f"{self._label()}: the API deletes no {self.type}")
        request = Request("DELETE", self._url())
        with deleting(self):
            self._bound().write(request)

    # -- showing and travelling -----------------------------------------------------------------

    @property
    def rev(self) -> int | None:
        """The revision of the baseline, which rises with every write by anyone."""
        return self._rev()

    @property
    def raw(self) -> JSONObject:
        """A copy of the baseline as the server sent it, unsaved changes left out."""
        return {
            "type": self.type,
            "id": self.id,
            "attributes": copy_json(self._state.attributes),
            "relationships": copy_json(self._state.relationships),
        }

    def __getitem__(self, key: str) -> Any:
        """Give an attribute by its wire key: the way to keys of the server's nobody declared."""
        declared = self._by_address.get(key) or self._by_address.get(f"relationships.{key}")
        if declared is not None:
            return declared.__get__(self, type(self))
        if key == "id" and key not in self._state.attributes:
            # It stands beside them in JSON:API, and a template asks for it like this.
            return self.id
        if key not in self._state.attributes and self._state.extent is Extent.PARTIAL:
            if key in _QUESTIONS:
                raise KeyError(key)
            self._load_once(key)
        wire = self._state.attributes.get(key, MISSING)
        if wire is MISSING:
            raise KeyError(key)
        return copy_json(wire)

    def to_dict(self) -> dict[str, Any]:
        """Give the current values by Python name; relations as ids, undeclared keys as `custom`.

        What is absent is left out. The lists and dicts are copies.
        """
        return shown_values(self)

    def snapshot(self, *, only: Iterable[str] | None = None) -> JSONObject:
        """Give baseline and unsaved changes as JSON, with the client's name and no key. No request.

        Args:
            only: the attributes to take along, for where other people see the snapshot, such as a
                hidden field of a form: nothing else of the record is in it then, and neither are
                values that are masked or of attributes declared sensitive. All if not given.

        Raises:
            InvalidValueError: a list or dict was edited into something that is not JSON.
        """
        return portable.snapshot(self, only)

    @classmethod
    def from_snapshot(cls, snapshot: JSONObject) -> Self:
        """Make the record of a snapshot, on its original baseline. No request."""
        return portable.restored(cls, snapshot)  # type: ignore[no-any-return]

    @classmethod
    def schema(cls, *, only: Iterable[str] | None = None, partial: bool = False) -> Any:
        """Give a marshmallow `Schema` of the writable attributes, by their Python names.

        `record.assign(**Conversation.schema(partial=True).load(request.json))` is the use of it.
        """
        return schema_of(cls.__name__, cls._attributes, only=only, partial=partial)

    # `record["key"]` alone does not make it a container: Python would ask for key 0.
    __iter__ = None
    __contains__ = None

    def __repr__(self) -> str:
        changed = " changed" if self._state.is_dirty() else ""
        return f"<{self._label()}{changed}>"

    def __copy__(self) -> Self:
        return portable.copied(self)  # type: ignore[no-any-return]

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return portable.copied(self)  # type: ignore[no-any-return]

    def __reduce__(self) -> tuple[Any, ...]:
        # A class made at run time cannot be imported where the copy arrives.
        cls = vars(type(self)).get("_reflected_from", type(self))
        return (_blank, (cls,), portable.packed(self))

    def __setstate__(self, state: dict[str, Any]) -> None:
        portable.unpack(self, state)


def _blank(cls: type[Record]) -> Record:
    """Make the empty record that `__setstate__` fills."""
    return object.__new__(cls)


# What Python asks by attribute. Django's templates try `record["is_dirty"]` first, and that must
# not load; `rev` and `custom` are keys of the server's as well.
_QUESTIONS = frozenset(
    name
    for cls in Record.__mro__
    for name, value in vars(cls).items()
    if isinstance(value, property)
) - {"rev", "custom"}
