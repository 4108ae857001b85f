"""Notices every write, and words it as the body of a webhook.

The body is as recorded. What `partition` is, how a change of `custom` and of a relationship is
worded and what `snsFilters` holds was never seen: those are invented.
"""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from kustomer_orm.emulator.behaviour import Behaviour
from kustomer_orm.emulator.store import Store, Stored, copied

# Documented: these, each created or updated, are what a hook may be told of.
TYPES = ("conversation", "customer", "message", "team", "user", "tag")
VERBS = ("create", "update")
EVENTS = frozenset(f"kustomer.{kind}.{verb}" for kind in TYPES for verb in VERBS)

Resource = dict[str, Any]


class Event(NamedTuple):
    """What is to be told of one write."""

    id: str
    name: str
    body: dict[str, Any]


class Facts(NamedTuple):
    """What an event says beside the record."""

    org: str
    org_id: str
    behaviour: Behaviour
    new_id: Callable[[], str]
    now: Callable[[], str]


class News:
    """Compares each written record with what it was; the caller holds the world's lock.

    Nothing is kept before somebody listens: most worlds have no hook.
    """

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._store: Store | None = None
        self._known: dict[tuple[str, str], Resource] = {}
        self._tell: Callable[[Event], None] | None = None
        self._is_quiet = False

    def begin(self, store: Store, tell: Callable[[Event], None]) -> None:
        """Tell of every write from now on."""
        self._store, self._tell = store, tell
        for kind in TYPES:
            for record in store.all(kind):
                self._known[kind, record.id] = store.resource(record)

    @contextlib.contextmanager
    def quiet(self) -> Iterator[None]:
        """Tell of no write in here, though the record counts as known from then on."""
        self._is_quiet = True
        try:
            yield
        finally:
            self._is_quiet = False

    def wrote(self, record: Stored) -> None:
        """Learn of a new or changed record."""
        store, tell, kind = self._store, self._tell, record.kind.type
        if store is None or tell is None or kind not in TYPES:
            return
        before, after = self._known.get((kind, record.id)), store.resource(record)
        self._known[kind, record.id] = after
        if before == after or self._is_quiet:
            return
        shown = self._shown(store, record, after)
        tell(self._event(before and self._shown(store, record, before), shown))

    def removed(self, kind: str, ident: str) -> None:
        """Learn that a record is gone: no event of that is documented."""
        self._known.pop((kind, ident), None)

    def _shown(self, store: Store, record: Stored, resource: Resource) -> Resource:
        if not self._facts.behaviour.webhook_masks:
            return resource
        return store.veiled(copied(resource), record, self._facts.behaviour)

    def _event(self, before: Resource | None, after: Resource) -> Event:
        facts = self._facts
        verb = "create" if before is None else "update"
        name = f"kustomer.{after['type']}.{verb}"
        ident = facts.new_id()
        body: dict[str, Any] = {"id": ident, "name": name, "org": facts.org_id}
        body["partition"] = facts.org_id
        if facts.behaviour.webhook_org_name:
            body["orgName"] = facts.org
        body |= {"data": after, "createdAt": facts.now()}
        if before is not None:
            body["changes"] = changes(before, after, facts.behaviour)
        told = {"persist": True, "client": facts.behaviour.webhook_client, "dataId": after["id"]}
        custom = (before or {"attributes": {}})["attributes"].get("custom")
        meta = {"customChanged": custom != after["attributes"].get("custom")}
        return Event(ident, name, {**body, **told, "meta": meta, "snsFilters": []})


def changes(before: Resource, after: Resource, behaviour: Behaviour) -> dict[str, Any]:
    """What moved between two states of a record, as an event words it."""
    sides = [dict(each["attributes"]) for each in (before, after)]
    if behaviour.webhook_custom == "keys":
        for side in sides:
            custom = side.pop("custom", None) or {}
            side |= {f"custom.{key}": value for key, value in custom.items()}
    return {
        "attributes": _moved(sides[0], sides[1]),
        "relationships": _moved(before["relationships"], after["relationships"]),
    }


def _moved(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    moved: dict[str, Any] = {}
    for name in {**before, **after}:
        if name not in before:
            moved[name] = {"op": "add", "after": after[name]}
        elif name not in after:
            moved[name] = {"op": "remove", "before": before[name]}
        elif before[name] != after[name]:
            moved[name] = {"op": "replace", "before": before[name], "after": after[name]}
    return moved
