"""What every record is made of: identity, state, the table of its class, and its client."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn
from urllib.parse import quote

from kustomer_orm._names import closest
from kustomer_orm._sentinels import MISSING
from kustomer_orm._types import JSON, JSONObject
from kustomer_orm.attributes import Attribute
from kustomer_orm.changes import (
    Accepted,
    Answered,
    Edit,
    Extent,
    State,
    Tracked,
    accept,
    copy_json,
    revision,
)
from kustomer_orm.client import Client, client_named, current_client
from kustomer_orm.custom import undeclared
from kustomer_orm.errors import (
    DeclarationError,
    InvalidValueError,
    KustomerError,
    NotFoundError,
    NotLoadedError,
    ReadOnlyAttributeError,
    UnexpectedAnswerError,
    UnknownAttributeError,
)
from kustomer_orm.identity import find_held, find_missing, join_scope, leave_scope, tell_there
from kustomer_orm.jsonapi import is_resource
from kustomer_orm.records.declaring import Declared, collect
from kustomer_orm.records.facts import Alias, Extra
from kustomer_orm.registry import Registry


class Core(Declared):
    """A record without its verbs: what the modules of this package share."""

    __slots__ = ("__weakref__", "_client", "_extra", "_id", "_state")

    _attributes: ClassVar[dict[str, Attribute[Any, Any]]] = {}
    _by_address: ClassVar[dict[str, Attribute[Any, Any]]] = {}

    _client: Client | Alias | None
    _extra: Extra | None
    _id: str | None
    _state: State

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls._attributes = collect(cls)
        cls._by_address = {}
        for attribute in cls._attributes.values():
            twin = cls._by_address.setdefault(attribute.address, attribute)
            if twin is not attribute:
                message = (
                    f"{cls.__name__}.{attribute.name} and {cls.__name__}.{twin.name} are both "
                    f"{attribute.address!r} on the wire: declare it once"
                )
                raise DeclarationError(message)

    @classmethod
    def _make(
        cls,
        id_: str | None,
        state: State,
        client: Client | Alias | None,
        extra: Extra | None = None,
    ) -> Any:
        """Make a record around a state, without `__init__`."""
        record = object.__new__(cls)
        _set_id(record, id_)
        _set_state(record, state)
        _set_client(record, client)
        _set_extra(record, extra)
        return record

    # -- identity -------------------------------------------------------------------------------

    @property
    def id(self) -> str | None:
        """The id, or None for a record that was not saved yet."""
        return self._id

    @property
    def key(self) -> tuple[str | None, str, str | None]:
        """Organisation, type and id, which make two records the same one."""
        client = self._client
        return (None if client is None else client.org, self.type, self._id)

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, Core):
            return NotImplemented
        return self._id is not None and self.key == other.key

    def __hash__(self) -> int:
        if self._id is None:
            message = f"a new {type(self).__name__} has no id yet, so no hash: save it first"
            raise TypeError(message)
        return hash((self.type, self._id))

    def _label(self) -> str:
        name = type(self).__name__
        return f"new {name}" if self._id is None else f"{name} {self._id}"

    # -- attributes by name ---------------------------------------------------------------------

    @classmethod
    def _named(cls, name: Any) -> Attribute[Any, Any]:
        """Give an attribute by the name it has in `changes`: Python's, or `custom.keyStr`."""
        if not isinstance(name, str):
            message = f"the names of attributes are strings, not a {type(name).__name__}"
            raise UnknownAttributeError(message)
        attribute = cls._attributes.get(name)
        if attribute is not None:
            return attribute
        if name.startswith("custom."):
            return cls._by_address.get(name) or undeclared(name.removeprefix("custom."))
        raise cls._unknown(name)

    @classmethod
    def _at(cls, address: str) -> Attribute[Any, Any]:
        """Give an attribute by its place in the working set."""
        found = cls._by_address.get(address)
        if found is None and not address.startswith("custom."):
            raise cls._unknown(address)  # of an older class: an edit must not go elsewhere
        return undeclared(address.removeprefix("custom.")) if found is None else found

    @classmethod
    def _unknown(cls, name: str) -> UnknownAttributeError:
        if name == "custom":
            message = (
                f"{cls.__name__}.custom is a mapping: set custom['refundNum'] = …, or use the "
                "Python name of a declared custom attribute"
            )
            return UnknownAttributeError(message)
        public = [each for each in dir(cls) if not each.startswith("_")]
        near = closest(name, [*cls._attributes, *public])
        hint = f"; did you mean {near!r}?" if near else ""
        message = (
            f"{cls.__name__} has no attribute {name!r}{hint} (undeclared custom attributes are "
            f"reached as record.custom[…])"
        )
        return UnknownAttributeError(message, suggestion=near)

    def __delattr__(self, name: str) -> None:
        message = f"{self._label()}: {name!r} cannot be deleted; assign None to clear it"
        raise ReadOnlyAttributeError(message)

    if not TYPE_CHECKING:  # checkers are to flag a mistyped name, not to believe these methods

        def __setattr__(self, name: str, value: Any) -> None:
            if not hasattr(type(self), name):
                raise self._unknown(name)
            try:
                object.__setattr__(self, name, value)
            except KustomerError:
                raise
            except AttributeError:
                message = f"{self._label()}: {name!r} is not an attribute that can be assigned"
                if name == "custom":
                    message += "; set its keys: record.custom['refundNum'] = …"
                raise ReadOnlyAttributeError(message) from None

        def __getattr__(self, name: str) -> NoReturn:
            raise self._unknown(name)

    # -- client ---------------------------------------------------------------------------------

    def _bound(self) -> Client:
        """Give the client of this record, binding it to the current one if it has none."""
        client = self._client
        if isinstance(client, Client):
            return client
        found = current_client() if client is None else client_named(client.name, client.org)
        object.__setattr__(self, "_client", found)
        return found

    def _related(self, type_name: Any, id_: str, link: str | None) -> Any:
        """Give a related record, not loaded, at no cost."""
        if isinstance(type_name, str):
            cls, type_string = records.find(type_name), type_name
        else:
            cls, type_string = type_name, type_name.type
        held = find_held(self._client, cls, type_string, id_)
        if held is not None:
            return held
        extra = Extra(lazy=True, link=link, type=type_string)
        record = cls._make(id_, State({}, {}, Extent.PARTIAL), self._client, extra)
        join_scope(self._client, record)
        return record

    def _refuse_read_only(self) -> None:
        if self.read_only:
            message = f"{self._label()}: this version reads a {self.type} and does not write it"
            raise ReadOnlyAttributeError(message)

    # -- rarer facts ----------------------------------------------------------------------------

    def _extras(self) -> Extra:
        extra = self._extra
        if extra is None:
            extra = Extra()
            object.__setattr__(self, "_extra", extra)
        return extra

    @property
    def is_missing(self) -> bool:
        """Whether a prefetch asked for the record and it was not there. No request."""
        return self._extra is not None and self._extra.missing is not None

    @property
    def in_doubt(self) -> bool:
        """Whether a write was sent whose fate is not known. Saving again is harmless."""
        return self._extra is not None and self._extra.in_doubt

    # -- loading and accepting ------------------------------------------------------------------

    def _creation_path(self) -> str:
        """Give the path that makes the record: its class's, or one below the record it is for."""
        made_at = None if self._extra is None else self._extra.made_at
        return made_at or self._checked_path()

    @classmethod
    def _checked_path(cls) -> str:
        """Give the path of the class.

        Raises:
            DeclarationError: it has none.
        """
        if cls.path:
            return cls.path
        instead = cls.abstract or "declare a class with type and path"
        raise DeclarationError(f"{cls.__name__} is no resource of the API by itself: {instead}")

    def _url(self) -> str:
        """Give the path of the record itself.

        Raises:
            NotLoadedError: it was never saved, or its class has no path.
        """
        if self._id is None:
            raise NotLoadedError(f"{self._label()} is not on the server yet: save it first")
        if self.path and self._id.isalnum() and self._id.isascii():
            return f"{self.path}/{self._id}"
        if self._id in {".", ".."}:  # the server may hold anything; no encoding keeps these in
            raise InvalidValueError.of(
                f"{type(self).__name__}.id", expected="an id", got="one that climbs the path"
            )
        if self.path:
            return f"{self.path}/{quote(self._id, safe='')}"
        link = self._extra.link if self._extra is not None else None
        if link is None or not link.startswith("/v1/"):
            message = (
                f"{self._label()} is a {self.type or 'record'}, for which no class says where it "
                "is: declare one, `class …(Record)` with type and path"
            )
            raise NotLoadedError(message)
        return link

    def _load(self, *, fresh: bool = True) -> Accepted:
        """GET the record and take its values; local edits are carried over."""
        return self._take(self._fetch(fresh=fresh))

    def _fetch(self, *, fresh: bool = True) -> JSONObject:
        """GET the record, by way of the cache; nothing of it is taken yet."""
        client, url, id_ = self._bound(), self._url(), str(self._id)

        def fetch() -> JSONObject:
            return self._checked(client.read(url).get("data"), "GET", url)

        try:
            resource = client.cache.through(self.type, id_, fetch, fresh=fresh)
        except NotFoundError as error:
            leave_scope(client, self.type, id_, error)
            raise
        tell_there(client, self.type, id_)
        return resource

    def _take(self, resource: JSONObject) -> Accepted:
        """Accept what was fetched."""
        self._keep_beside(resource)
        if self._extra is not None:
            self._extra.missing = None
        relationships = resource.get("relationships") or {}
        return self._accept((resource["attributes"], relationships), {})

    def _keep_beside(self, resource: JSONObject | None) -> None:
        """Remember what a resource has beside its attributes, where the class has a use for it."""
        if self.keeps_beside and resource is not None:
            self._extras().beside = {key: resource.get(key) for key in ("links", "meta")}

    def _checked(self, data: JSON, method: str, url: str) -> JSONObject:
        """Refuse an answer that is about another record."""
        # Of a type that no class declares, the name is our guess and the server's is as good.
        right_type = is_resource(data) and (not self.path or data.get("type") == self.type)
        if right_type and data["id"] == self._id:
            return data  # type: ignore[no-any-return]
        message = f"{method} {url}: the answer is not about {self._label()}"
        raise UnexpectedAnswerError(message, status=200, method=method, path=url)

    def _load_missing(self, attribute: Attribute[Any, Any]) -> JSON:
        """Give the wire value of an attribute after loading the record."""
        self._load_once(attribute.name)
        return attribute.read(self._state.attributes, self._state.relationships)

    def _load_once(self, name: str) -> None:
        """Load a related record that was never loaded; refuse for any other."""
        if self._extra is None or not self._extra.lazy:
            message = (
                f"{self._label()}: {name!r} is not loaded; call refresh(), or get() the "
                "record, before reading it"
            )
            raise NotLoadedError(message)
        if self._bound().config.strict_loading:
            message = (
                f"{self._label()}: reading {name!r} would load it, and the client has "
                "strict_loading: call refresh() where the request may be made"
            )
            raise NotLoadedError(message)
        missing = self._extra.missing or find_missing(self._client, self.type, self._id)
        if missing is not None:
            raise copy.copy(missing)  # a traceback grows with each raise
        self._load(fresh=False)

    def _accept(
        self,
        baseline: Answered,
        sent: dict[str, Edit],
        *,
        extent: Extent = Extent.WHOLE,
        told: Answered | None = None,
        held: Sequence[Tracked] = (),
    ) -> Accepted:
        """Move the baseline: the one place that does."""
        accepted = accept(self._state, baseline, extent, sent, told=told, held=held, owner=self)
        if self._extra is not None and self._extra.in_doubt:
            doubts = [entry.doubt for entry in self._state.entries()]
            self._extra.in_doubt = any(doubt is not MISSING for doubt in doubts)
            if told is None or "rev" in told[0]:
                self._extra.lost = 0
        return accepted

    def _adopt_id(self, id_: str) -> None:
        object.__setattr__(self, "_id", id_)
        tell_there(self._client, self.type, id_)
        join_scope(self._client, self)

    def _rev(self) -> int | None:
        return revision(self._state.attributes)


# The slots' own setters: `__setattr__` is for users, and a third of the cost of a record.
_set_id, _set_state, _set_client, _set_extra = (
    vars(Core)[name].__set__ for name in ("_id", "_state", "_client", "_extra")
)


def name_at(cls: type[Core], address: str) -> str:
    """Give the name of a place in the working set: the declared one, or `custom.keyStr`."""
    declared = cls._by_address.get(address)
    return address if declared is None else declared.name


def value_at(record: Core, attribute: Tracked, wire: JSON) -> Any:
    """Give the Python value of a wire value for showing; raw where it does not read."""
    if wire is MISSING or wire is None:
        return None
    try:
        return attribute.decode(wire, record)
    except KustomerError:
        return copy_json(wire)


# Which class a resource of each type becomes; filled as record classes are made.
records: Registry[Any] = Registry()
