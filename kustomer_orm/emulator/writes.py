"""What a write does to a stored record: merge rules, derived attributes, versions.

Merging: an absent key stays; `custom` merges key by key; arrays and sub-documents are replaced
whole; null clears. What follows a change of status, and which times move, is recorded in parts
and otherwise inferred from the names of the attributes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from kustomer_orm.emulator.answers import wire_time
from kustomer_orm.emulator.behaviour import Behaviour, Cleared
from kustomer_orm.emulator.formats import parsed_time
from kustomer_orm.emulator.rules import bodies, data
from kustomer_orm.emulator.store import Store, Stored, copied

RULED = frozenset({"conversation", "customer", "user"})


@dataclass(frozen=True)
class Hand:
    """Who writes and when, and what a write needs to know of the world."""

    now: str
    by: str | None
    behaviour: Behaviour
    tag_id: Callable[[str], str]


def create(record: Stored, values: Mapping[str, Any], hand: Hand) -> None:
    """Fill a new record: the defaults of its type, then these values."""
    kind = record.kind.type
    rules = (
        data(kind) if kind in RULED else {"defaults": data("defaults").get(record.kind.ruled_by)}
    )
    record.attributes = copied(rules.get("defaults") or {})
    record.attributes |= {"createdAt": hand.now, "updatedAt": hand.now, "modifiedAt": hand.now}
    if record.kind.versioned:
        record.attributes["rev"] = 1
    if hand.by is not None:
        for name in ("createdBy", "modifiedBy"):
            record.relations[name] = ("user", hand.by)
    for name, value in values.items():
        _set(record, name, value, hand)
    _derive(record, {}, hand)
    if kind == "customer":
        record.attributes.setdefault("lastActivityAt", hand.now)
    history: Mapping[str, str] = rules.get("history") or {}
    if history:
        # Recorded: the times of these groups are there from the beginning.
        given = {*values, "status", "priority", "defaultLang"}
        record.attributes["modificationHistory"] = {
            moment: hand.now if name in given else None for name, moment in history.items()
        }
    # A body never holds these; whoever arranges a world may.
    read_only: Sequence[str] = rules.get("read_only") or ()
    put_raw(record, {name: values[name] for name in read_only if name in values})


def update(
    record: Stored, values: Mapping[str, Any], hand: Hand, *, modifies: bool = True
) -> frozenset[str]:
    """Merge values into a record; the names that changed.

    `modifies` is whether `modifiedAt` and `modifiedBy` move: tags that are appended leave them.
    """
    before = copied(record.attributes)
    relations = dict(record.relations)
    for name, value in values.items():
        _set(record, name, value, hand)
    _derive(record, before, hand)
    changed = frozenset(
        name
        for name in values
        if before.get(name) != record.attributes.get(name)
        or relations.get(name) != record.relations.get(name)
        or (
            name == "queue"
            and before.get("externalQueue") != record.attributes.get("externalQueue")
        )
    )
    if changed or hand.behaviour.noop_bumps_rev:
        _stamp(record, changed, hand, modifies=modifies)
    return changed


def put_raw(record: Stored, values: Mapping[str, Any]) -> None:
    """Set wire values as they are: no check, no version, no derived attribute."""
    for name, value in values.items():
        target = record.kind.relations.get(name)
        if target is not None:
            _relate(record, name, target, value)
        elif name == "custom" and isinstance(value, Mapping):
            record.attributes.setdefault("custom", {}).update(copied(dict(value)))
        else:
            record.attributes[name] = copied(value)


def _stamp(record: Stored, changed: frozenset[str], hand: Hand, *, modifies: bool) -> None:
    attributes = record.attributes
    attributes["updatedAt"] = hand.now
    if modifies:
        attributes["modifiedAt"] = hand.now
        if hand.by is not None:
            record.relations["modifiedBy"] = ("user", hand.by)
    if record.kind.versioned:
        attributes["rev"] = record.rev + 1
    if record.kind.type == "customer" and "lastActivityAt" not in changed:
        attributes["lastActivityAt"] = hand.now
    history = data(record.kind.type)["history"] if record.kind.type in RULED else {}
    for name in changed & history.keys():
        attributes.setdefault("modificationHistory", {})[history[name]] = hand.now


def _set(record: Stored, name: str, value: Any, hand: Hand) -> None:
    target = record.kind.relations.get(name)
    if name == "queue" and isinstance(value, Mapping):
        _set_queue(record, value)
    elif target is not None:
        _relate(record, name, target, value)
    elif name == "custom":
        _merge_custom(record, value, hand.behaviour.cleared_custom)
    elif name == "userMentions":
        record.many[name] = [pair for each in value for pair in each.items()]
    elif name == "tags" and record.kind.type not in {"tag", "tracking_identity"}:
        record.attributes["tags"] = tag_ids(value, hand)
    elif value is None:
        _clear(record.attributes, name, hand.behaviour.cleared_attribute)
    else:
        record.attributes[name] = _normal(record, name, value)


def tag_ids(tags: Sequence[str], hand: Hand) -> list[str]:
    """Names and ids as ids, each once; unknown names become tags."""
    return list(dict.fromkeys(hand.tag_id(tag) for tag in tags))


def _relate(record: Stored, name: str, target: str, ident: str | None) -> None:
    if ident is None:
        record.relations.pop(name, None)
    else:
        record.relations[name] = (target, ident)


def _set_queue(record: Stored, value: Mapping[str, Any]) -> None:
    if "id" in value:
        _relate(record, "queue", "queue", value["id"])
    if "external" in value:
        _clear(record.attributes, "externalQueue", "absent")
        if value["external"] is not None:
            record.attributes["externalQueue"] = value["external"]


def _merge_custom(record: Stored, values: Mapping[str, Any], cleared: Cleared) -> None:
    custom = record.attributes.get("custom")
    if not isinstance(custom, dict):
        custom = record.attributes["custom"] = {}
    for key, value in values.items():
        if value is None:
            _clear(custom, key, cleared)
        else:
            custom[key] = copied(value)


def _clear(holder: dict[str, Any], key: str, cleared: Cleared) -> None:
    if cleared == "null":
        holder[key] = None
    else:
        holder.pop(key, None)


def _normal(record: Stored, name: str, value: Any) -> Any:
    schema = _schema_of(record.kind.ruled_by, name)
    return copied(value) if schema is None else _with_wire_times(value, schema)


@cache
def _schema_of(kind: str, name: str) -> Mapping[str, Any] | None:
    if kind in {"conversation", "customer"}:
        rule = data(kind)["attributes"].get(name)
        return None if rule is None else rule["schema"]
    taken = bodies(kind).values() if kind in _WITH_BODIES else ()
    found = (body.get("properties", {}).get(name) for body in taken)
    return next((schema for schema in found if schema is not None), None)


# Those of which a body has dates in it.
_WITH_BODIES = frozenset({"company", "kobject", "message", "note", "team", "draft", "forward"})


def note_child(record: Stored, store: Store, hand: Hand) -> None:
    """Move the conversation that a message or note arrives in.

    That the counts and `updatedAt` move, and `modifiedAt` does not, is documented; `rev` rises
    with every write (recorded).
    """
    counter = {"message": "messageCount", "note": "noteCount"}.get(record.kind.type)
    parent = store.find("conversation", record.related("conversation") or "")
    if counter is None or parent is None:
        return
    _count(parent.attributes, counter)
    if counter == "messageCount":
        parent.attributes["lastMessageAt"] = hand.now
    _stamp(parent, frozenset(), hand, modifies=False)
    store.index(parent)


def _with_wire_times(value: Any, schema: Mapping[str, Any]) -> Any:
    """A copy whose dates are spelled as the API spells them; custom values are echoed instead."""
    if isinstance(value, Mapping):
        inner = schema.get("properties", {})
        return {key: _with_wire_times(each, inner.get(key, {})) for key, each in value.items()}
    if schema.get("format") == "date-time" and isinstance(value, str):
        moment = parsed_time(value)
        return value if moment is None else wire_time(moment)
    return copied(value)


def _derive(record: Stored, before: Mapping[str, Any], hand: Hand) -> None:
    if record.kind.type == "conversation":
        _derive_status(record.attributes, before, hand)
        _derive_snooze(record.attributes, before, hand)
    elif record.kind.type == "customer":
        _derive_customer(record.attributes)


def _derive_status(attributes: dict[str, Any], before: Mapping[str, Any], hand: Hand) -> None:
    old, new = before.get("status"), attributes.get("status")
    if old == new:
        return
    if new == "open":
        attributes["open"] = {"statusAt": hand.now}
        if old == "done":
            _count(attributes, "reopenCount")
            _count(attributes, "reopenFromDoneCount")
    elif new == "snoozed":
        _count(attributes, "snoozeCount")
    elif new == "done":
        _count(attributes, "doneCount")
        done = {"createdAt": hand.now, "noteCount": 0, "messageCount": 0}
        done |= {key: attributes[key] for key in ("noteCount", "messageCount") if key in attributes}
        attributes.setdefault("firstDone", {**done, "createdBy": hand.by})
        attributes["lastDone"] = {**done, "createdBy": hand.by}


def _count(attributes: dict[str, Any], name: str) -> None:
    attributes[name] = (attributes.get(name) or 0) + 1


def _derive_snooze(attributes: dict[str, Any], before: Mapping[str, Any], hand: Hand) -> None:
    snooze, old = attributes.get("snooze"), before.get("snooze")
    if isinstance(snooze, dict) and "statusAt" not in snooze:
        since = old.get("statusAt", hand.now) if isinstance(old, dict) else hand.now
        # The same snooze sent again keeps the time at which it began.
        snooze["statusAt"] = since if {**snooze, "statusAt": since} == old else hand.now


def _derive_customer(attributes: dict[str, Any]) -> None:
    name = attributes.get("name")
    if isinstance(name, str) and name:
        first, _, last = name.partition(" ")
        attributes |= {"displayName": name, "firstName": first}
        if last:
            attributes["lastName"] = last
    for key in ("emails", "phones", "socials", "urls", "locations"):
        for entry in attributes.get(key) or ():
            if isinstance(entry, dict):
                entry.setdefault("id", None)
                if key not in {"urls", "locations"}:
                    entry.setdefault("verified", False)
    for entry in attributes.get("whatsapps") or ():
        if isinstance(entry, dict) and isinstance(entry.get("phone"), str):
            entry["phone"] = f"whatsapp:{entry['phone'].removeprefix('whatsapp:')}"
