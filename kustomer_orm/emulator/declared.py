"""What an organisation declares of its attributes: names, choices, trees, targets and masks."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from kustomer_orm.emulator.answers import Problem
from kustomer_orm.emulator.behaviour import Behaviour
from kustomer_orm.emulator.rules import data
from kustomer_orm.emulator.store import copied

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^A-Z_\s]+")
_DECLARED_LISTS = ("multi", "array")


class Declared:
    """The metadata of every resource; the caller holds the world's lock.

    One property is one of the mapping's values: `{"type": …, "displayName": …, …}`.
    """

    def __init__(self) -> None:
        self._properties: dict[str, dict[str, dict[str, Any]]] = {}
        self._others: dict[str, dict[str, Any]] = {}

    def properties(self, resource: str) -> dict[str, dict[str, Any]]:
        """The properties of a resource by their system names; a copy."""
        found: dict[str, dict[str, Any]] = copied(self._properties.get(resource, {}))
        return found

    def attributes(self, resource: str) -> dict[str, Any]:
        """The attributes of a resource's metadata as they are answered; a copy."""
        others: dict[str, Any] = copied(self._others.get(resource, {}))
        return {"properties": self.properties(resource), **others}

    def change(
        self, resource: str, properties: Mapping[str, Any], *, now: str, by: str | None
    ) -> None:
        """Merge properties by name, and the options of each; None takes one away.

        That the properties that are not named stay was seen; that the options of a named one do
        is inferred. How the API takes one away is unknown.
        """
        mine = self._properties.setdefault(resource, {})
        for name, options in properties.items():
            if options is None:
                mine.pop(name, None)
                continue
            known = mine.get(name) or {"type": type_of(name), "displayName": display_name_of(name)}
            stamp = {"modifiedAt": now, "updatedAt": now}
            mine[name] = {**known, **copied(options), **stamp}
            if by is not None:
                mine[name]["modifiedBy"] = by

    def change_others(self, resource: str, values: Mapping[str, Any]) -> None:
        """Merge what metadata holds beside the properties: `standardProperties` and the like."""
        mine = self._others.setdefault(resource, {})
        for name, value in values.items():
            both = isinstance(value, dict) and isinstance(mine.get(name), dict)
            mine[name] = {**mine[name], **copied(value)} if both else copied(value)

    def sensitive(self, resource: str) -> Iterator[str]:
        """The paths of the attributes that are masked: `name`, `custom.noteTxt`."""
        for name, options in self._properties.get(resource, {}).items():
            if _is_sensitive(options):
                yield f"custom.{name}"
        followers = data("metadata")["inherits"].get(resource, {})
        standard = self._others.get(resource, {}).get("standardProperties", {})
        for name, options in standard.items():
            if _is_sensitive(options):
                yield name
                yield from followers.get(name, ())

    def takes_lists(self, resource: str, custom: object) -> bool:
        """Whether one of these values is a list that its declaration asks for."""
        mine = self._properties.get(resource, {})
        return isinstance(custom, dict) and any(
            isinstance(value, list) and _is_multi(mine.get(name, {}))
            for name, value in custom.items()
        )

    def problems(
        self,
        resource: str,
        custom: object,
        *,
        behaviour: Behaviour,
        exists: Callable[[str, str], bool],
    ) -> list[Problem]:
        """What the declarations have against these values; `exists` knows types and ids."""
        if not isinstance(custom, dict):
            return []
        mine = self._properties.get(resource, {})
        # The schema lets no text be a list, or all: where one may, the others are told here.
        lists = behaviour.text_lists or not self.takes_lists(resource, custom)
        found = []
        for name, value in custom.items():
            options = mine.get(name, {})
            wrong = None
            if isinstance(value, list) and not (lists or name.endswith("Id") or _is_multi(options)):
                wrong = "Invalid type: array (expected string/null)"
            elif not options or options.get("deletedAt") is not None:
                wrong = _undeclared(name, value, behaviour)
            elif behaviour.declared_values == "checked" and value is not None:
                wrong = _against(name, value, options, exists)
            if wrong is not None:
                found.append(Problem(wrong, name, f"/custom/{name}", f"/metadata/{name}"))
        return found


def type_of(name: str) -> str | None:
    """The type that the suffix of a system name tells; None when it has none that is known."""
    suffixes: dict[str, str] = data("metadata")["suffixes"]
    return next((kind for suffix, kind in suffixes.items() if name.endswith(suffix)), None)


def display_name_of(name: str) -> str:
    """The default name to show: the words of the system name without the suffix (documented)."""
    suffix = next((each for each in data("metadata")["suffixes"] if name.endswith(each)), "")
    words = _WORD.findall(name.removesuffix(suffix)) or [name]
    return " ".join(word[:1].upper() + word[1:] for word in words)


def _is_sensitive(options: object) -> bool:
    sensitive = options.get("sensitive") if isinstance(options, Mapping) else None
    return isinstance(sensitive, Mapping) and sensitive.get("enabled") is True


def _is_multi(options: Mapping[str, Any]) -> bool:
    return any(options.get(key) is True for key in _DECLARED_LISTS)


def _undeclared(name: str, value: Any, behaviour: Behaviour) -> str | None:
    if behaviour.undeclared_ids == "refused" and name.endswith("Id") and value is not None:
        return "Metadata is required"
    return None


def _against(
    name: str,
    value: Any,
    options: Mapping[str, Any],
    exists: Callable[[str, str], bool],
) -> str | None:
    """What is wrong with one value, which is not None."""
    values = value if isinstance(value, list) else [value]
    if name.endswith("Id") and isinstance(value, list) is not _is_multi(options):
        return "Array expected" if _is_multi(options) else "One id expected"
    for each in values:
        if options.get("enumeration") and each not in options["enumeration"]:
            return f"No enum match for: {each}"
        if options.get("tree") and not _is_node(each, options):
            return f"No node of the tree: {each}"
        if options.get("target") and not exists(options["target"], str(each)):
            return f"There is no {options['target']} {each}"
    return None


def _is_node(path: object, options: Mapping[str, Any]) -> bool:
    """Whether a path of ids leads to a node, or to a last one where that is asked for."""
    ends = _paths(options["tree"], "")
    leaf = ends.get(path) if isinstance(path, str) else None
    return leaf is True or (leaf is False and options.get("lastNodeRequired") is not True)


def _paths(node: Mapping[str, Any], above: str) -> dict[str, bool]:
    """Every path below a node, and whether it is one of the last."""
    found: dict[str, bool] = {}
    for child in node.get("children") or ():
        path = f"{above}.{child['id']}" if above else child["id"]
        found[path] = not child.get("children")
        found |= _paths(child, path)
    return found
