"""Custom attributes as people set them up: merged, titled, and held against what is written."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from kustomer_orm.emulator.answers import Problem, RefusedError

_TYPES = {"Num": "number", "Bool": "boolean", "At": "date"}
_SUFFIX = re.compile(r"(Str|Txt|Num|At|Bool|Url|Id|Tree)\Z")
_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|_")

# Documented: these inherit the metadata of another attribute.
_INHERITED = {
    "customer": {"externalIds": ("externalId",), "name": ("firstName", "lastName", "displayName")}
}

Properties = dict[str, dict[str, Any]]


def merged(held: Properties, given: Mapping[str, Any], now: str, by: str) -> Properties:
    """Metadata after a write, property by property; one that is given as null is gone."""
    found = dict(held)
    for name, facts in given.items():
        if facts is None:
            found.pop(name, None)
            continue
        suffix = _SUFFIX.search(name)
        kind = _TYPES.get(suffix[1] if suffix else "", "string")
        known = {"type": kind, "displayName": _title(name), **found.get(name, {})}
        found[name] = {**known, **facts, "modifiedAt": now, "updatedAt": now, "modifiedBy": by}
    return found


def has_suffix(name: str) -> bool:
    """Whether a name ends as those of custom attributes do."""
    return _SUFFIX.search(name) is not None


def is_sensitive(facts: Mapping[str, Any]) -> bool:
    """Whether a property is masked for keys without the permission."""
    told = facts.get("sensitive")
    return bool(told.get("enabled")) if isinstance(told, Mapping) else bool(told)


def sensitive_paths(
    resource: str, properties: Mapping[str, Any], beside: Mapping[str, Any]
) -> list[str]:
    """The attributes that are masked: `custom.noteTxt`, `name`, and what is made of `name`."""
    paths = [f"custom.{name}" for name, facts in properties.items() if is_sensitive(facts)]
    for name, facts in beside.get("standardProperties", {}).items():
        if isinstance(facts, Mapping) and is_sensitive(facts):
            paths += [name, *_INHERITED.get(resource, {}).get(name, ())]
    return paths


def _title(name: str) -> str:
    """The default display name: title-cased, without the suffix (documented)."""
    return " ".join(
        word[:1].upper() + word[1:] for word in _WORD.split(_SUFFIX.sub("", name)) if word
    )


def refuse_unknown(
    held: Properties, custom: Mapping[str, Any], exists: Callable[[str, str], bool]
) -> None:
    """Refuse custom values that metadata speaks against: words, nodes, ids without metadata.

    `exists` knows whether there is a record of a type and id.
    """
    problems = [
        Problem("No enum match", key, f"/custom/{key}", f"/properties/custom/properties/{key}/enum")
        for key, value in custom.items()
        if value is not None and not _is_known(key, value, held, exists)
    ]
    if problems:
        raise RefusedError(400, *problems)


def _is_known(
    key: str, value: Any, held: Mapping[str, Any], exists: Callable[[str, str], bool]
) -> bool:
    facts = held.get(key)
    if facts is None:
        return not key.endswith("Id")  # documented: these need metadata before they are used
    several = facts.get("multi") is True or facts.get("array") is True
    if isinstance(value, list) is not several and key.endswith("Id"):
        return False
    last = facts.get("lastNodeRequired") is True
    words = facts.get("enumeration") or list(_paths(facts.get("tree") or {}, "", last=last))
    values = value if isinstance(value, list) else [value]
    target = facts.get("target")
    if target and not all(exists(target, str(each)) for each in values):
        return False  # documented: the record exists and is of the type
    return not words or all(each in words for each in values)


def _paths(node: Mapping[str, Any], path: str, *, last: bool) -> Iterator[str]:
    """The nodes below one by their paths; with `last`, those that have none below."""
    for child in node.get("children", ()):
        here = f"{path}.{child['id']}" if path else child["id"]
        if not (last and child.get("children")):
            yield here
        yield from _paths(child, here, last=last)
