"""Values, edits, troubles and other people's writes, for hypothesis to draw."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any, TypeVar

from hypothesis import strategies as st

from oracle.edits import (
    Assign,
    AssignEqual,
    Delete,
    Edit,
    EditList,
    EditObject,
    Refused,
    Restore,
    Touch,
)
from oracle.fields import FIELDS, Field
from oracle.lab import Lab
from oracle.trouble import Trouble
from oracle.values import moment_text

T = TypeVar("T")

_START = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
_ZONES = (UTC, timezone(timedelta(hours=-7)), timezone(timedelta(hours=5, minutes=30)))

texts = st.sampled_from(["", "a", "b", "Grüße\u2028\U0001f600", 'x" \\ \n'])
numbers = st.sampled_from([0, 1, 1.0, 2, 2.5, -1, 1e22, 10**15])
moments = st.builds(
    lambda steps, zone: (_START + timedelta(microseconds=steps)).astimezone(zone),
    st.sampled_from([0, 1, 999, 1000, 86_400_000_000]),
    st.sampled_from(_ZONES),
)
WORDS = {
    "status": ("open", "done", "snoozed"),
    "snooze": ("scheduled", "canceled", "elapsed"),
    "satisfaction_level": ("scheduled", "offered", "rated"),
}
UPDATE_MASKS = ("name", "tags", "snooze", "priority", "custom.noteTxt", "custom.choicesStr")
PARTS = ("name", "status", "tags", "custom", "snooze", "satisfactionLevel", "rev", "assignedUsers")


class Draws:
    """The strategies of one lab: they need its ids."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        pairs = [*lab.tag_ids.items(), *((ident, name) for name, ident in lab.tag_ids.items())]
        self.tag_pairs = st.sampled_from(pairs)
        self.user_pairs = st.sampled_from([(ident, ident) for ident in lab.users])
        self.choice_pairs = st.sampled_from([(text, text) for text in "xyz"])
        self.edits = _named(self._edits())
        self.several = st.lists(self.edits, min_size=1, max_size=4).map(tuple)
        self.foreign = _named(self._foreign())
        self.troubles = _named(self._troubles(("partial", "masked", "empty", "truncated")))
        self.read_troubles = _named(self._troubles(("masked", "empty", "truncated")))
        self.beginnings = _named(self._beginnings())

    # -- values -------------------------------------------------------------------------------

    def values(self, one: Field) -> st.SearchStrategy[Any]:
        """Values that may be assigned to a field."""
        value = self._values(one)
        return st.none() | value if one.nullable else value

    def _values(self, one: Field) -> st.SearchStrategy[Any]:
        by_name: dict[str, st.SearchStrategy[Any]] = {
            "priority": st.sampled_from([1, 2, 5]),
            "satisfaction": st.sampled_from([-1, 0, 0.5, 1, 1.0]),
            "external_id": st.sampled_from(["", "E-1", "E 2/ä", "taken"]),
            "customer": st.sampled_from([*self.lab.customers, self.lab.MISSING_CUSTOMER]),
            "queue": st.sampled_from(self.lab.queues),
            "sub_status": st.sampled_from(self.lab.sub_statuses),
            "snooze": self._snoozes(),
            "satisfaction_level": self._levels(),
            "choicesStr": st.lists(st.sampled_from("xyz"), max_size=3),
        }
        by_kind: dict[str, st.SearchStrategy[Any]] = {
            "text": texts,
            "number": numbers,
            "bool": st.booleans(),
            "moment": moments,
            "word": st.sampled_from(WORDS["status"]),
        }
        if one.kind == "set":
            return self._pairs(one, 3).map(lambda pairs: [item for item, _ in pairs])
        return by_name.get(one.name.removeprefix("custom."), by_kind.get(one.kind, st.none()))

    def _pairs(self, one: Field, most: int) -> st.SearchStrategy[list[tuple[str, str]]]:
        by_name = {"tags": self.tag_pairs, "assigned_users": self.user_pairs}
        pairs = by_name.get(one.name, self.choice_pairs)
        return st.lists(pairs, max_size=most, unique_by=lambda pair: "".join(sorted(pair)))

    def _snoozes(self) -> st.SearchStrategy[dict[str, Any]]:
        status = st.sampled_from(WORDS["snooze"])
        return st.fixed_dictionaries({"status": status}, optional={"time": moments})

    def _levels(self) -> st.SearchStrategy[dict[str, Any]]:
        status = st.sampled_from(WORDS["satisfaction_level"])
        optional = {
            "rating": st.sampled_from([0, 5, 10]),
            "firstAnswer": texts,
            "sentByTeams": st.lists(st.sampled_from(self.lab.users), max_size=2),
        }
        return st.fixed_dictionaries({"createdAt": moments, "status": status}, optional=optional)

    # -- edits --------------------------------------------------------------------------------

    def _edits(self) -> st.SearchStrategy[Edit]:
        names = st.sampled_from(sorted(FIELDS))
        assigns = {name: self._assign(name) for name in FIELDS}  # made once: they are drawn often
        lists = {name: self._edit_list(name) for name, one in FIELDS.items() if one.container}
        sets = st.sampled_from(["tags", "tags", "tags", "assigned_users", "custom.choicesStr"])
        customs = sorted(name for name, one in FIELDS.items() if one.place == "custom")
        return st.one_of(
            *[names.flatmap(lambda name: assigns[name])] * 5,
            *[sets.flatmap(lambda name: lists[name])] * 4,
            *[self._edit_object()] * 2,
            st.builds(AssignEqual, names),
            st.builds(Delete, st.sampled_from(customs)),
            st.builds(Touch, names),
            st.builds(
                Refused, names, st.sampled_from([object(), {1: 2}, float("nan"), b"", "\ud800"])
            ),
        )

    def restores(self) -> st.SearchStrategy[Edit]:
        """Restore one field, or all."""
        return st.builds(Restore, st.none() | st.sampled_from(sorted(FIELDS)))

    def _assign(self, name: str) -> st.SearchStrategy[Edit]:
        through = st.booleans() if FIELDS[name].place == "custom" else st.just(False)
        return st.builds(Assign, st.just(name), self.values(FIELDS[name]), through)

    def _edit_list(self, name: str) -> st.SearchStrategy[Edit]:
        verbs = st.sampled_from(
            ["append", "append", "remove", "extend", "clear", "sort", "reverse", "replace", "add"]
        )
        items = self._pairs(FIELDS[name], 3).map(tuple)
        return st.builds(EditList, st.just(name), verbs, items)

    def _edit_object(self) -> st.SearchStrategy[Edit]:
        def edit(name: str, key: str, values: st.SearchStrategy[Any]) -> st.SearchStrategy[Edit]:
            sets = st.builds(EditObject, st.just(name), st.just("set"), st.just(key), values)
            pops = st.just(EditObject(name, "pop", key))
            # Without a member that it must have, the object cannot be sent: not too often.
            return st.one_of(*[sets] * 9, pops) if key in FIELDS[name].required else sets | pops

        level = "satisfaction_level"
        teams = st.sampled_from(self.lab.users)
        return st.one_of(
            edit("snooze", "status", st.sampled_from(WORDS["snooze"])),
            edit("snooze", "time", moments),
            edit(level, "status", st.sampled_from(WORDS[level])),
            edit(level, "createdAt", moments),
            edit(level, "rating", st.sampled_from([0, 5, 10])),
            edit(level, "firstAnswer", texts),
            st.builds(EditObject, st.just(level), st.just("append"), st.just("sentByTeams"), teams),
        )

    # -- the others ---------------------------------------------------------------------------

    def _troubles(self, shapes: tuple[str, ...]) -> st.SearchStrategy[Trouble]:
        endings = st.sampled_from(
            ["none"] * 6
            + ["400", "401", "403", "404", "409", "429", "500", "503"]
            + ["cut_before", "cut_after", "cut_inside", *shapes, *shapes]
        )
        few = st.sampled_from([0, 0, 0, 1, 2])
        flying = st.just(()) | st.tuples(self.edits) | st.tuples(self.edits, self.edits)
        foreign = st.just(()) | self.foreign.map(lambda values: tuple(values.items()))
        return st.builds(
            _trouble,
            endings,
            few,
            st.integers(1, 2),
            st.lists(st.sampled_from(PARTS), max_size=4, unique=True),
            st.lists(st.sampled_from(UPDATE_MASKS), min_size=1, max_size=3, unique=True),
            foreign,
            few,
            flying,
            few,
        )

    def _foreign(self) -> st.SearchStrategy[dict[str, Any]]:
        names = st.sampled_from(sorted(FIELDS))
        writes = {name: self.values(one).map(_wire_write(one)) for name, one in FIELDS.items()}
        one = names.flatmap(lambda name: writes[name])
        clearing: list[dict[str, Any]] = [
            {"snooze": None},
            {"custom": {"noteTxt": None}},
            {"tags": []},
        ]
        cleared = st.sampled_from(clearing)
        return one | one | one | cleared

    def _beginnings(self) -> st.SearchStrategy[dict[str, Any]]:
        return st.lists(self.foreign, max_size=4).map(_together)


def _named(strategy: st.SearchStrategy[T]) -> st.SearchStrategy[T]:
    """The same under a short name: hypothesis writes strategies out, and these are long."""

    @st.composite
    def drawn(draw: st.DrawFn) -> T:
        return draw(strategy)

    return drawn()


def _trouble(*parts: Any) -> Trouble:
    ending, at, times, partial, masks, foreign, foreign_at, flying, flying_at = parts
    repeats = ending in {"429", "500", "503", "cut_before", "cut_after"}
    keys = partial if ending == "partial" else masks
    return Trouble(
        ending, at, times if repeats else 1, tuple(keys), foreign, foreign_at, flying, flying_at
    )


def _wire_write(one: Field) -> Any:
    def write(value: Any) -> dict[str, Any]:
        wire = _wire(value)
        return {"custom": {one.key: wire}} if one.place == "custom" else {one.key: wire}

    return write


def _wire(value: Any) -> Any:
    if isinstance(value, datetime):
        return moment_text(value)
    if isinstance(value, dict):
        return {key: _wire(item) for key, item in value.items()}
    return value


def _together(writes: list[dict[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for each in writes:
        if "custom" in each:
            found["custom"] = {**found.get("custom", {}), **each["custom"]}
        else:
            found.update(each)
    return found
