"""Custom attributes as people set them up: merged, titled, and held against what is written."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from kustomer_orm.emulator.answers import Problem, RefusedError

_TYPES = {"Num": "number", "Bool": "boolean", "At": "date"}
_SUFFIX = re.compile(r"(Str|Txt|Num|At|Bool|Url|Id|Tree)\Z")
_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|_")

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


def is_sensitive(facts: Mapping[str, Any]) -> bool:
    """Whether a property is masked for keys without the permission."""
    told = facts.get("sensitive")
    return bool(told.get("enabled")) if isinstance(told, Mapping) else bool(told)


def _title(name: str) -> str:
    """The default display name: title-cased, without the suffix (documented)."""
    return " ".join(
        word[:1].upper() + word[1:] for word in _WORD.split(_SUFFIX.sub("", name)) if word
    )


def refuse_unknown(held: Properties, custom: Mapping[str, Any]) -> None:
    """Refuse custom values that metadata speaks against: words, nodes, ids without metadata."""
    problems = [
        Problem("No enum match", key, f"/custom/{key}", f"/properties/custom/properties/{key}/enum")
        for key, value in custom.items()
        if value is not None and not _is_known(key, value, held)
    ]
    if problems:
        raise RefusedError(400, *problems)


def _is_known(key: str, value: Any, held: Mapping[str, Any]) -> bool:
    facts = held.get(key)
    if facts is None:
        return not key.endswith("Id")  # documented: these need metadata before they are used
    words = facts.get("enumeration") or list(_paths(facts.get("tree") or {}, ""))
    values = value if isinstance(value, list) else [value]
    return not words or all(each in words for each in values)


def _paths(node: Mapping[str, Any], path: str) -> Iterator[str]:
    for child in node.get("children", ()):
        here = f"{path}.{child['id']}" if path else child["id"]
        yield here
        yield from _paths(child, here)
