"""What becomes of two customers that are merged.

Documented: emails, phones, socials, locations, watchers, tags and custom attributes are put
together and the target's win, counts are added up; company, name and external id are the
target's; the oldest creation and the newest activity stay.
"""

from typing import Any

from kustomer_orm.emulator import writes
from kustomer_orm.emulator.store import Stored
from kustomer_orm.emulator.world import World

_UNITED = ("emails", "phones", "socials", "locations", "watchers", "tags")


def merge(world: World, source: Stored, target: Stored) -> None:
    """Put the source into the target, and let what belonged to the source belong to it."""
    mine, theirs = target.attributes, source.attributes
    values: dict[str, Any] = {}
    for name in _UNITED:
        held = mine.get(name) or []
        more = [each for each in theirs.get(name) or [] if each not in held]
        if more:
            values[name] = [*held, *more]
    custom = {**(theirs.get("custom") or {}), **(mine.get("custom") or {})}
    if custom != (mine.get("custom") or {}):
        values["custom"] = custom
    writes.update(target, values, world.hand(world.machine_user))
    mine["createdAt"] = min(mine["createdAt"], theirs["createdAt"])
    active = [each for each in (mine.get("lastActivityAt"), theirs.get("lastActivityAt")) if each]
    if active:
        mine["lastActivityAt"] = max(active)
    for kind in world.store.types():
        for record in world.store.pointing_at(kind, "customer", source.id):
            record.relations["customer"] = ("customer", target.id)
            world.store.index(record)
    world.store.index(target)
