"""The emulator's world: everything the organisation has stored."""

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from kustomer_orm.emulator import writes
from kustomer_orm.emulator.answers import wire_time
from kustomer_orm.emulator.behaviour import Behaviour
from kustomer_orm.emulator.describing import Properties, merged, sensitive_paths
from kustomer_orm.emulator.formats import is_object_id
from kustomer_orm.emulator.kinds import KOBJECT, kind_of
from kustomer_orm.emulator.news import Event, Facts, News
from kustomer_orm.emulator.search_index import SearchIndex
from kustomer_orm.emulator.store import Store, Stored

Clock = Callable[[], datetime]


class World:
    """The stored state, with verbs to arrange it and to play a colleague.

    Types are JSON:API types (`conversation`, `customer`, `message`, `klass`, `kobject.order` and
    so on, see `kinds.py`); values are wire values under wire names. Every verb is atomic and may
    be called from any thread, also while the server answers.

    >>> from kustomer_orm.emulator import Emulator
    >>> world = Emulator().world
    >>> ident = world.add("conversation", name="Hi", custom={"orderNumberStr": "1234"})
    >>> world.edit("conversation", ident, custom={"paidBool": True})
    >>> world.get("conversation", ident)["attributes"]["custom"]
    {'orderNumberStr': '1234', 'paidBool': True}
    """

    def __init__(
        self, *, clock: Clock, behaviour: Behaviour, org: str = "demo", seed: int = 0
    ) -> None:
        self.lock = threading.RLock()
        self.org = org
        self._clock = clock
        self._behaviour = behaviour
        self._seed = seed
        self._count = 0
        self._colleague: str | None = None
        self._raw: set[str] = set()
        self.metadata: dict[str, Properties] = {}
        self.beside: dict[str, dict[str, Any]] = {}
        self.org_id = self.new_id()
        self.index = SearchIndex(clock=clock, behaviour=behaviour)
        self._news = News(Facts(org, self.org_id, behaviour, self.new_id, self.now))
        self.store = Store(self.org_id, self.index, self._news)
        self.machine_user = self.new_id()
        self.add(
            "user",
            id=self.machine_user,
            name=f"{org} API key",
            userType="machine",
            email=f"key@{org}.example",
        )

    def new_id(self) -> str:
        """A fresh object id; the same sequence in every emulator of the same seed."""
        with self.lock:
            self._count += 1
            return f"{0x5F000000 + self._seed:08x}{0xE0:010x}{self._count:06x}"

    def add(self, kind: str, /, **values: Any) -> str:
        """Store a record without any check; its id.

        `id` chooses the id, `custom` and `tags` (names or ids) work as in a request, relations
        are given as ids. A conversation without `customer` gets a new one; `rev` and every
        read-only attribute may be set.
        """
        with self.lock:
            ident: str = values.pop("id", None) or self.new_id()
            by = values.pop("createdBy", None) or self.machine_user
            if kind == "conversation" and values.get("customer") is None:
                values["customer"] = self.add("customer", name="Customer of a test")
            if kind.startswith(KOBJECT):
                values.setdefault("klass", self.klass(kind.removeprefix(KOBJECT)))
            record = Stored(kind_of(kind), ident)
            writes.create(record, values, self.hand(by))
            self.store.put(record)
            return ident

    def klass(self, name: str) -> str:
        """Have a klass of this name; its name, which is what custom objects point at."""
        with self.lock:
            if next(self.store.where("klass", "name", name), None) is None:
                self.add("klass", name=name, status="enabled")
            return name

    def get(self, kind: str, ident: str, /) -> dict[str, Any]:
        """The record as a JSON:API resource, as stored (unmasked); a copy."""
        with self.lock:
            return self.store.resource(self._record(kind, ident))

    def edit(self, kind: str, ident: str, /, *, by: str | None = None, **values: Any) -> None:
        """Write as a colleague would: merged like a PATCH, `rev` and times move, no checks.

        `by` is a user's id; without it, a colleague is made up once.
        """
        with self.lock:
            author = by or self._made_up_colleague()
            record = self._record(kind, ident)
            writes.update(record, values, self.hand(author))
            self.store.index(record)

    def put_raw(self, kind: str, ident: str, /, **values: Any) -> None:
        """Set wire values as they are, corrupt ones too; `rev` and times stay.

        `custom` is merged key by key and keeps nulls; a relation set to None is removed.
        """
        with self.lock:
            record = self._record(kind, ident)
            writes.put_raw(record, values)
            with self._news.quiet():
                self.store.index(record)
            self._raw.add(ident)

    def tell_of_writes(self, tell: Callable[[Event], None]) -> None:
        """Have somebody told of every write from now on, those of `put_raw` left out."""
        with self.lock:
            self._news.begin(self.store, tell)

    def shows_raw(self, body: bytes) -> bool:
        """Whether this answer names a record that `put_raw` changed."""
        with self.lock:
            return any(ident.encode() in body for ident in self._raw)

    def delete(self, kind: str, ident: str, /) -> None:
        """Remove a record; KeyError when there is none."""
        with self.lock:
            self._record(kind, ident)
            self.store.remove(kind, ident)

    def ids(self, kind: str, /) -> list[str]:
        """The ids of every record of a type, ascending."""
        with self.lock:
            return list(self.store.ids(kind))

    def tag_id(self, name: str) -> str:
        """The id of a tag; an unknown name becomes a new tag, an id is itself."""
        with self.lock:
            known = self.known_tag(name)
            return self.add("tag", name=name, deleted=False) if known is None else known

    def tag_name(self, ident: str) -> str:
        """The name of a tag."""
        with self.lock:
            name: str = self._record("tag", ident).attributes["name"]
            return name

    def add_tags(self, kind: str, ident: str, names: Sequence[str], /) -> None:
        """Append tags as the endpoint does: `updatedAt` moves, `modifiedAt` does not."""
        with self.lock:
            record = self._record(kind, ident)
            tags = [*(record.attributes.get("tags") or []), *names]
            writes.update(record, {"tags": tags}, self.hand(None), modifies=False)
            self.store.index(record)

    def remove_tags(self, kind: str, ident: str, names: Sequence[str], /) -> None:
        """Remove tags as the endpoint does; names that are not set are ignored."""
        with self.lock:
            record = self._record(kind, ident)
            gone = {self.known_tag(name) for name in names}
            tags = [tag for tag in record.attributes.get("tags") or [] if tag not in gone]
            writes.update(record, {"tags": tags}, self.hand(None), modifies=False)
            self.store.index(record)

    def describe(self, resource: str, /, **properties: Any) -> None:
        """Set up custom attributes as an administrator does: `orderNumberStr={"enumeration": …}`.

        What is given is merged into each property's metadata; None deletes it. One that becomes
        `sensitive` is masked from then on.
        """
        with self.lock:
            held = self.metadata.get(resource, {})
            self.metadata[resource] = merged(held, properties, self.now(), self.machine_user)
            self._flag(resource)

    def describe_beside(self, resource: str, values: Mapping[str, Any]) -> None:
        """Set what metadata holds beside the custom attributes, `standardProperties` for one."""
        with self.lock:
            held = self.beside.setdefault(resource, {})
            for name, value in values.items():
                both = isinstance(value, dict) and isinstance(held.get(name), dict)
                held[name] = {**held[name], **value} if both else value
            self._flag(resource)

    def _flag(self, resource: str) -> None:
        held = self.metadata.get(resource, {}), self.beside.get(resource, {})
        self.store.sensitive[resource] = sensitive_paths(resource, *held)

    def mask(self, kind: str, path: str, /) -> None:
        """Answer this attribute (`name`, `custom.noteTxt`) masked from now on."""
        with self.lock:
            self.store.mask(kind, path)

    def unmask(self, kind: str, path: str, /) -> None:
        """Answer this attribute in clear again."""
        with self.lock:
            self.store.unmask(kind, path)

    def hand(self, by: str | None) -> writes.Hand:
        """Who writes now."""
        return writes.Hand(self.now(), by, self._behaviour, self.tag_id)

    def now(self) -> str:
        """The clock's time as the API writes it."""
        return wire_time(self._clock())

    def create(self, kind: str, values: Mapping[str, Any]) -> Stored:
        """Store a checked body; the record."""
        ident = values.get("id") or self.new_id()
        record = Stored(kind_of(kind), ident)
        rest = {name: value for name, value in values.items() if name not in {"id", "rev"}}
        writes.create(record, rest, self.hand(self.machine_user))
        self.store.put(record)
        return record

    def known_tag(self, name: str) -> str | None:
        """The id of a tag given by name or id, None when no tag has that name."""
        if is_object_id(name):
            return name
        return next((tag.id for tag in self.store.where("tag", "name", name)), None)

    def _made_up_colleague(self) -> str:
        if self._colleague is None:
            self._colleague = self.add("user", name="A colleague", email="colleague@example.com")
        return self._colleague

    def _record(self, kind: str, ident: str) -> Stored:
        record = self.store.find(kind, ident)
        if record is None:
            raise KeyError(f"the emulator's world has no {kind} {ident}")
        return record
