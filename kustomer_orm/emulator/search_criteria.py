"""Criteria of a search: read, refused where the API has no such one, and held against records."""

import functools
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kustomer_orm.emulator.answers import Problem, RefusedError, wire_time
from kustomer_orm.emulator.formats import parsed_time
from kustomer_orm.emulator.rules import data
from kustomer_orm.emulator.store import Stored

Test = Callable[[Stored], bool]

_PREFIX = re.compile(r"(conversation_time|conversation|customer|company|message|note|kobject)_")
_DAY = re.compile(r"\d{4}-\d\d-\d\d\Z")
_KINDS = {"Num": "number", "At": "datetime", "Bool": "boolean", "Id": "list"}
_FIRST, _LAST = "", "\uffff"


@dataclass(frozen=True)
class Criteria:
    """What every record that is found fulfils.

    `not_before` and `not_after` are bounds of `updatedAt` that follow from it.
    """

    tests: tuple[Test, ...]
    not_before: str = _FIRST
    not_after: str = _LAST

    def match(self, record: Stored) -> bool:
        """Whether a record fulfils all of it."""
        return all(test(record) for test in self.tests)


@dataclass(frozen=True)
class One:
    """One criterion: an attribute, an operator, and a value."""

    name: str
    operator: str
    value: Any
    test: Test


def read(groups: Mapping[str, list[dict[str, Any]]], zone: str) -> Criteria:
    """Read the groups of a body: all of `and`, one of `or`, none of `not`."""
    ands = [_one(each, zone) for each in groups["and"]]
    ors = [_one(each, zone) for each in groups["or"]]
    nots = [_one(each, zone) for each in groups["not"]]
    low, high = _FIRST, _LAST
    tests: list[Test] = []
    for one in ands:
        updated = one.name.endswith("_updated_at") and isinstance(one.value, str)
        if updated and one.operator == "gte":
            low = max(low, one.value)
        elif updated and one.operator == "lte":
            high = min(high, one.value)
        else:
            tests.append(one.test)
    if ors:
        tests.append(lambda record: any(one.test(record) for one in ors))
    tests += [functools.partial(_is_not, one.test) for one in nots]
    return Criteria(tuple(tests), low, high)


def _is_not(test: Test, record: Stored) -> bool:
    return not test(record)


def _one(entry: Mapping[str, Any], zone: str) -> One:
    """Read one criterion; what is in none of the documented forms is refused."""
    ((name, condition),) = entry.items() if len(entry) == 1 else (("", None),)
    if not isinstance(condition, dict) or len(condition) != 1:
        raise _refused("Invalid criterion", name)
    ((operator, value),) = condition.items()
    kind = _class_of(name)
    if kind is None:
        raise _refused("Unknown attribute", name)
    if operator not in data("search")["operators"][kind]:
        raise _refused(f"Unknown operator {operator!r}", name)
    words = data("search")["attributes"].get(kind, {}).get(name)
    if words is not None and operator == "equals" and value not in words:
        raise _refused("No enum match", name)
    if kind == "datetime" and operator != "not_set":
        value = _instant(name, operator, value, zone)
    if kind == "number" and operator != "not_set" and not _is_number(value):
        raise _refused("Invalid type (expected number)", name)
    place = bare(name)
    return One(
        name, operator, value, lambda record: _holds(operator, value_of(record, place), value)
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _class_of(name: str) -> str | None:
    for kind, names in data("search")["attributes"].items():
        if name in names:
            return str(kind)
    custom = _custom_key(name)
    if custom is not None:
        return next((kind for end, kind in _KINDS.items() if custom.endswith(end)), "string")
    # Not on the list, and used by clients: every type can be searched by its times.
    known = name.endswith(("_created_at", "_updated_at", "_modified_at"))
    return "datetime" if known and _PREFIX.match(name) else None


def _custom_key(name: str) -> str | None:
    match = re.match(r"(?:conversation|customer|company|message|note)_custom_(.+)\Z", name)
    match = match or re.match(r"kobject_custom_[0-9a-zA-Z-]+(?:_[0-9a-z-]+)*?_([^_]+)\Z", name)
    return match[1] if match else None


def bare(name: str) -> str:
    """The name without its type: `custom.` and the key for a custom attribute."""
    custom = _custom_key(name)
    return f"custom.{custom}" if custom is not None else _PREFIX.sub("", name, count=1)


def value_of(record: Stored, name: str) -> list[Any]:
    """The values of a record that a criterion of this name looks at; none if it is not set."""
    if name.startswith("custom."):
        held = record.attributes.get("custom")
        value = held.get(name[7:]) if isinstance(held, dict) else None
    elif name == "any_text":
        return [each for each in record.attributes.values() if isinstance(each, str)]
    else:
        place = data("search")["places"].get(name) or _camel(name)
        value = _at(record, place)
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in rest)


def _at(record: Stored, place: str) -> Any:
    if place.startswith("relationships."):
        return record.related(place.removeprefix("relationships."))
    if place.endswith("?"):
        return record.attributes.get(place[:-1]) is not None
    name, _, key = place.partition("[].")
    if key:
        entries = record.attributes.get(name) or []
        return [each.get(key) for each in entries if isinstance(each, dict)]
    name, _, key = place.partition(".")
    value = record.attributes.get(name)
    return value.get(key) if key and isinstance(value, dict) else None if key else value


def _holds(operator: str, held: list[Any], wanted: Any) -> bool:
    if operator == "not_set":
        return not held
    if operator == "contains":
        words = str(wanted).lower().split()
        return any(_words(words, each) for each in held)
    return any(_compares(operator, each, wanted) for each in held)


def _words(wanted: Iterable[str], held: Any) -> bool:
    """Whole words, in any order (seen)."""
    known = set(re.findall(r"\w+", str(held).lower())) | set(str(held).lower().split())
    return all(word in known for word in wanted)


def _compares(operator: str, held: Any, wanted: Any) -> bool:
    if (
        isinstance(wanted, str)
        and isinstance(held, str)
        and parsed_time(held)
        and parsed_time(wanted)
    ):
        held = wire_time(parsed_time(held) or datetime.min.replace(tzinfo=UTC))
    if operator == "equals":
        return bool(held == wanted)
    if type(held) is not type(wanted) and not (_is_number(held) and _is_number(wanted)):
        return False
    if operator == "gte":
        return bool(held >= wanted)
    return bool(held <= wanted) if operator == "lte" else bool(held > wanted)


def _instant(name: str, operator: str, value: Any, zone: str) -> str:
    """A moment as it is stored; a local day is from its beginning, or up to its end."""
    if not isinstance(value, str):
        raise _refused("Invalid type (expected date-time)", name)
    if _DAY.match(value):
        try:
            local = datetime.combine(datetime.fromisoformat(value).date(), time(), ZoneInfo(zone))
        except (ValueError, ZoneInfoNotFoundError):
            raise _refused("Invalid date or time zone", name) from None
        if operator in {"lte", "gt"}:
            local += timedelta(days=1) - timedelta(milliseconds=1)
        return wire_time(local)
    moment = parsed_time(value)
    if moment is None:
        raise _refused("Format validation failed (date-time expected)", name)
    return wire_time(moment)


def _refused(title: str, parameter: str) -> RefusedError:
    return RefusedError(400, Problem(title, parameter or None, f"/{parameter}"))
