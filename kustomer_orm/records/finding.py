"""The ways to get records: by id, by ids, by external id, and by making them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Generic, TypeVar, cast
from urllib.parse import quote

from kustomer_orm import jsonapi
from kustomer_orm._types import JSON, JSONObject
from kustomer_orm.attributes.base import describe
from kustomer_orm.changes import Extent, State
from kustomer_orm.client import Client
from kustomer_orm.errors import (
    InvalidValueError,
    NotFoundError,
    UnexpectedAnswerError,
    UnknownAttributeError,
)
from kustomer_orm.identity import find_held, find_scope, join_scope, leave_scope
from kustomer_orm.jsonapi import is_resource
from kustomer_orm.records.core import Core
from kustomer_orm.records.facts import Extra
from kustomer_orm.records.looking_up import look_up_path, looked_up
from kustomer_orm.records.overlapping import refuse_overlaps, take_in
from kustomer_orm.transport import Request

R = TypeVar("R", bound=Core)

# No maximum is documented. 100 ids make a path of 2.5 kB, well below what gateways cut at.
IDS_PER_REQUEST = 100

# `=` would make a look-up of it: `/conversations/externalId=…`.
_FORBIDDEN = frozenset("/\\,?#%=")


class Finder(Generic[R]):
    """Finds and makes the records of a class for a client; `Bound` goes through lists as well.

    >>> from kustomer_orm import Client, Conversation
    >>> from kustomer_orm.emulator import Emulator
    >>> with Emulator() as server:
    ...     client = Client(server.api_key, base_url=server.url)
    ...     id_ = server.world.add("conversation", name="Hi")
    ...     Conversation.using(client).get(id_).name
    'Hi'
    """

    def __init__(self, cls: type[R], client: Client) -> None:
        self._cls = cls
        self._client = client

    def get(self, id_: str, *, fresh: bool = False) -> R:
        """Load one record. One request; none where the client's cache or identity scope has it.

        Args:
            id_: its id.
            fresh: ask the server in any case.

        Raises:
            InvalidValueError: the id cannot be one; nothing was sent.
            NotFoundError: no such record.
            UnsavedChangesError: the identity scope's record has unsaved changes that others
                changed as well; it stays as it was.
        """
        id_ = checked_id(self._cls, id_)
        path = f"{self._cls.path}/{quote(id_, safe='')}"
        held = self._held(id_)
        if held is not None:
            if fresh or held._state.extent is not Extent.WHOLE:
                take_in(held, held._fetch(fresh=fresh))
            return held

        def fetch() -> JSONObject:
            resource = self._resource(self._client.read(path).get("data"), path)
            if resource["id"] != id_:
                raise self._unexpected(path)
            return resource

        cache = self._client.cache
        return self.hydrate(cache.through(self._cls.type, id_, fetch, fresh=fresh))

    def get_many(self, ids: Iterable[str], *, fresh: bool = False) -> list[R]:
        """Load several records, in the order of their ids; one request per 100 ids.

        What the client's cache or identity scope has is not asked for, unless `fresh`. A record
        that does not exist is left out. A server that refuses the whole list for one missing id
        is asked again in halves, which costs a few requests more.

        Raises:
            UnsavedChangesError: see `get`; no record of the identity scope has changed.
        """
        if isinstance(ids, str):
            raise InvalidValueError.of(
                f"{self._cls.__name__}.get_many", expected="several ids: get_many([id])", got="one"
            )
        wanted = list(dict.fromkeys(checked_id(self._cls, id_) for id_ in ids))
        at_hand = {} if fresh else {id_: self._at_hand(id_) for id_ in wanted}
        found = {id_: record for id_, record in at_hand.items() if record is not None}
        missing = [id_ for id_ in wanted if id_ not in found]
        resources = self.fetch_many(missing)
        found |= {str(record.id): record for record in self.hydrate_all(resources)}
        self._let_go(id_ for id_ in missing if id_ not in found)
        return [found[id_] for id_ in wanted if id_ in found]

    def fetch_many(self, ids: list[str]) -> list[JSONObject]:
        """Read several resources, one request per 100; nothing of them is taken yet."""
        return [
            resource
            for start in range(0, len(ids), IDS_PER_REQUEST)
            for resource in self._chunk(ids[start : start + IDS_PER_REQUEST])
        ]

    def fetch_by(self, name: str, value: str) -> JSONObject:
        """Read one resource by another key of its class's `look_ups`. One request."""
        path = look_up_path(self._cls, name, value)
        begun = self._client.cache.begin()
        found = looked_up(self._cls, name, value, self._client.read(path))
        resource = self._resource(found, path)
        self._client.cache.keep_read(resource, begun)
        return resource

    def get_by(self, **look_up: str) -> R:
        """Load one record by another key, such as `external_id`. One request, in any case.

        Raises:
            UnknownAttributeError: the API has no look-up by that name.
            NotFoundError: no such record.
            UnsavedChangesError: see `get`.
        """
        known = self._cls.look_ups
        if len(look_up) != 1 or not look_up.keys() <= known.keys():
            names = " or ".join(f"{name}=…" for name in known)
            takes = f"takes {names}" if known else "has no look-up to make: use get(id)"
            message = f"{self._cls.__name__}.get_by {takes}"
            raise UnknownAttributeError(message)
        ((name, value),) = look_up.items()
        if not isinstance(value, str) or not value:
            raise InvalidValueError.of(
                f"{self._cls.__name__}.get_by({name}=…)",
                expected="a string that is not empty",
                got="an empty string" if value == "" else describe(value),
            )
        return self.hydrate(self.fetch_by(name, value))

    def get_at(self, word: str) -> R:
        """Load the one record that the API has at a place of its own, such as `/users/current`.

        One request.
        """
        path = f"{self._cls.path}/{word}"
        begun = self._client.cache.begin()
        resource = self._resource(self._client.read(path).get("data"), path)
        self._client.cache.keep_read(resource, begun)
        return self.hydrate(resource)

    def put(self, values: JSONObject) -> R:
        """Make or change the record that these values name, and give it. One request.

        Raises:
            UnexpectedAnswerError: the answer does not show it. The request was carried out.
        """
        answer = self._client.write(Request("PUT", self._cls.path, jsonapi.dumps(values)))
        document = None if answer.content is None else jsonapi.parse(answer.content)
        return self.hydrate(self._resource((document or {}).get("data"), self._cls.path))

    def new(self, id_: str | None = None, **values: Any) -> R:
        """Make a record that is not on the server yet. No request.

        Args:
            id_: an id of your own choice, where the API lets the caller choose.
            **values: attributes, all of them checked before any is taken.
        """
        if id_ is not None:
            checked_id(self._cls, id_)
        record = self._cls._make(id_, State({}, {}, Extent.NEW), self._client)
        record.assign(**values)
        return cast("R", record)

    def create(self, *, id: str | None = None, **values: Any) -> R:
        """Make a record and save it. One request.

        Raises:
            InvalidValueError: a value is refused; nothing was sent.
            ConflictError: the id or external id is that of somebody else's record.
            OutcomeUnknownError: no answer came, and without an external id nobody can tell
                whether the record was made; it is not sent twice.
        """
        record: Any = self.new(id, **values)  # a `Record`, two modules up, so it can save
        record.save()
        return cast("R", record)

    def lazily(self, id_: str) -> R:
        """Give the record of an id, not loaded: reading an attribute loads it. No request.

        In an identity scope it is the object that is held for the record, or is held from now on.

        Raises:
            InvalidValueError: the id cannot be one.
        """
        id_ = checked_id(self._cls, id_)
        held = self._held(id_)
        if held is not None:
            return held
        extra = Extra(lazy=True, type=self._cls.type)
        record = self._cls._make(id_, State({}, {}, Extent.PARTIAL), self._client, extra)
        join_scope(self._client, record)
        return cast("R", record)

    def hydrate(self, resource: JSONObject) -> R:
        """Make the record of a resource that the server sent. No request, and no copy.

        Where an identity scope holds the record, that takes the new values and is given.

        Raises:
            UnsavedChangesError: see `get`.
        """
        scope = find_scope(self._client) if resource["id"] else None
        if scope is not None:
            scope.is_there(self._cls.type, resource["id"])
            held = scope.find(self._cls, self._cls.type, resource["id"])
            if held is not None:
                take_in(held, resource)
                return held
        state = State(resource["attributes"], resource.get("relationships") or {}, Extent.WHOLE)
        record: R = self._cls._make(resource["id"] or None, state, self._client)
        if record.keeps_beside:
            record._keep_beside(resource)
        if scope is not None:
            scope.join(record)
        return record

    def hydrate_all(self, resources: list[JSONObject]) -> list[R]:
        """Make the records of several resources; all are looked at before any is taken."""
        if find_scope(self._client) is not None:
            for resource in resources:
                held = self._held(resource["id"])
                if held is not None:
                    refuse_overlaps(held, resource)
        return [self.hydrate(resource) for resource in resources]

    def _held(self, id_: str) -> R | None:
        return find_held(self._client, self._cls, self._cls.type, id_)

    def _at_hand(self, id_: str) -> R | None:
        """Give a record without a request: the one that is held, or one from the cache."""
        held = self._held(id_)
        if held is not None and held._state.extent is Extent.WHOLE:
            return held
        kept = self._client.cache.find(self._cls.type, id_)
        return None if kept is None else self.hydrate(kept)

    def _let_go(self, ids: Iterable[str]) -> None:
        """Forget what the server was asked for and does not have."""
        for id_ in ids:
            self._client.cache.drop(self._cls.type, id_)
            leave_scope(self._client, self._cls.type, id_)

    def _chunk(self, ids: list[str]) -> Iterator[JSONObject]:
        if not ids:
            return
        path = f"{self._cls.path}/{','.join(quote(id_, safe='') for id_ in ids)}"
        begun = self._client.cache.begin()
        try:
            data = self._client.read(path).get("data")
        except NotFoundError:
            if len(ids) > 1:
                middle = len(ids) // 2
                yield from self._chunk(ids[:middle])
                yield from self._chunk(ids[middle:])
            return
        for item in data if isinstance(data, list) else [data]:
            resource = self._resource(item, path)
            self._client.cache.keep_read(resource, begun)
            yield resource

    def _resource(self, data: JSON, path: str) -> JSONObject:
        if not self._cls.shows_ids:
            data = identified(data)
        if is_resource(data) and data.get("type") == self._cls.type:
            return data
        raise self._unexpected(path)

    def _unexpected(self, path: str) -> UnexpectedAnswerError:
        shown = path.split("=", maxsplit=1)[0]
        message = f"GET {shown}: the answer is not the {self._cls.type} that was asked for"
        return UnexpectedAnswerError(message, status=200, method="GET", path=shown)

    def __repr__(self) -> str:
        return f"<{self._cls.__name__} using {self._client!r}>"


def identified(data: JSON) -> JSON:
    """Give a resource its id: some lists are printed with it in the link only, some without it."""
    if not isinstance(data, dict) or "id" in data:
        return data
    links = data.get("links")
    link = links.get("self") if isinstance(links, dict) else None
    return {**data, "id": link.rpartition("/")[2] if isinstance(link, str) else ""}


def checked_id(cls: type[Core], id_: Any) -> str:
    """Refuse what cannot be an id, and above all what could climb the path."""
    good = isinstance(id_, str) and bool(id_) and id_ not in {".", ".."} and len(id_) <= 256
    if good and id_.isprintable() and not any(sign in _FORBIDDEN or sign == " " for sign in id_):
        return str.__str__(id_)
    raise InvalidValueError.of(
        f"{cls.__name__}.id",
        expected="an id, such as '58228e05d4e96711004eccb7'",
        got="an empty string" if id_ == "" else describe(id_),
    )
