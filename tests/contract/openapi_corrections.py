"""How a row of the table of known faults corrects the published file."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

Node: TypeAlias = dict[str, Any]
Correction: TypeAlias = Callable[[Node, str], object]

_MASK = {
    "type": "object",
    "required": ["isMasked", "maskedPresentation"],
    "properties": {
        "isMasked": {"type": "boolean", "enum": [True]},
        "maskedPresentation": {"type": "string"},
    },
    "additionalProperties": False,
}
_RESOURCE = {
    "type": "object",
    "required": ["type", "id", "attributes"],
    "properties": {
        "type": {"type": "string"},
        "id": {"type": "string"},
        "attributes": {"type": "object"},
        "relationships": {"type": "object"},
    },
}


@dataclass(frozen=True)
class Refusal:
    """The API answers 400, with words that match, where the file has nothing against it."""

    said: str

    def matches(self, answer: str) -> bool:
        """Tell whether this answer is the one that is meant."""
        return re.search(self.said, answer) is not None


@dataclass(frozen=True)
class KnownFault:
    """One row of the table.

    Attributes:
        operation: a pattern on `PATCH /conversations/{id}`.
        where: the place in the operation, `a > b`; `*` is each key, `**` is any depth. For a
            refusal the status; empty for a whole operation.
        what: what to do there.
        reason: how it is known.
    """

    operation: str
    where: str
    what: Correction | Refusal
    reason: str

    @property
    def name(self) -> str:
        """How the row is called in messages."""
        return f"{self.operation} | {self.where} | {self.reason}"

    def is_about(self, operation: str) -> bool:
        """Tell whether an operation is meant."""
        return fnmatch.fnmatchcase(operation, self.operation)

    def correct(self, document: Node) -> None:
        """Correct the file."""
        if isinstance(self.what, Refusal):
            return
        if not self.where:
            method, _, template = self.operation.partition(" ")
            self.what(document["paths"].setdefault(template, {}), method.lower())
            return
        for template, operations in document["paths"].items():
            for method, operation in operations.items():
                if self.is_about(f"{method.upper()} {template}"):
                    self._correct(operation)

    def _correct(self, operation: Node) -> None:
        *parents, last = self.where.split(" > ")
        for node in list(_walk(operation, parents)):
            for key in list(node) if last == "*" else [last]:
                # `required` is the one key that is corrected where it is missing.
                if isinstance(self.what, Refusal) or not (key in node or key == "required"):
                    continue
                self.what(node, key)


def _walk(node: Any, steps: list[str]) -> Iterator[Node]:
    if isinstance(node, list) and steps and steps[0] == "**":
        for item in node:
            yield from _walk(item, steps)
    if not isinstance(node, dict):
        return
    if not steps:
        yield node
        return
    step, *rest = steps
    if step == "**":
        yield from _walk(node, rest)
        for child in node.values():
            yield from _walk(child, steps)
        return
    for key in list(node) if step == "*" else [step]:
        yield from _walk(node.get(key), rest)


def put(value: Any) -> Correction:
    """Set the place to this value."""

    def correction(node: Node, key: str) -> None:
        node[key] = value

    return correction


def also(keyword: str, value: Any) -> Correction:
    """Add a keyword to the schema at the place."""

    def correction(node: Node, key: str) -> None:
        node[key] = {**node[key], keyword: value}

    return correction


def like(new: str, old: str) -> Correction:
    """Add a key beside another one, with the same value, to the object at the place."""

    def correction(node: Node, key: str) -> None:
        node[key] = {**node[key], new: node[key][old]}

    return correction


def drop(node: Node, key: str) -> None:
    """Remove the place."""
    del node[key]


def any_branch(node: Node, key: str) -> None:
    """Let several branches match, where one was to."""
    branches = node[key].get("oneOf")
    if branches is not None:
        node[key] = {"anyOf": branches}


def one_part(node: Node, key: str) -> None:
    """Make one closed object of several parts, each of which would refuse what the others take."""
    for schema in list(_walk(node[key], ["**"])):
        parts = schema.pop("allOf", [])
        for part in parts:
            schema.setdefault("properties", {}).update(part["properties"])
            schema["required"] = [*schema.get("required", ()), *part.get("required", ())]
        if parts:
            schema |= {"type": "object", "additionalProperties": False}
            schema["required"] = sorted(set(schema["required"]))


def one_for_many(node: Node, key: str) -> None:
    """Let one object stand for the items of a list; it names no id."""
    branches = node[key]["items"].get("oneOf", [node[key]["items"]])
    node[key] = {"anyOf": [node[key], {"oneOf": [_without_id(branch) for branch in branches]}]}


def _without_id(branch: Node) -> Node:
    left = {name: rule for name, rule in branch["properties"].items() if name != "id"}
    return {
        key: left if key == "properties" else value
        for key, value in branch.items()
        if key != "required"
    }


def either_status(node: Node, key: str) -> None:
    """Let 200 and 201 stand for each other."""
    answers = node[key]
    node[key] = {"200": answers.get("201"), "201": answers.get("200"), **answers}


def null_in_enums(node: Node, key: str) -> None:
    """Name null among the words of each nullable enumeration below the place."""
    for schema in _walk(node[key], ["**"]):
        if schema.get("nullable") is True and isinstance(schema.get("enum"), list):
            schema["enum"] = [*schema["enum"], None]


def every_member_optional(node: Node, key: str) -> None:
    """Require the envelope of a resource, and no member of what is in it."""
    data = node[key].get("properties", {}).get("data", {})
    for name, schema in data.get("items", data).get("properties", {}).items():
        if name in {"attributes", "relationships", "links"}:
            for inner in _walk(schema, ["**"]):
                if isinstance(inner.get("required"), list):
                    del inner["required"]


def may_be_masked(node: Node, key: str) -> None:
    """Let the mask of a sensitive value stand in the place of the value."""
    node[key] = {"anyOf": [node[key], _MASK]}


def may_be_list(node: Node, key: str) -> None:
    """Let a list of the same resources stand in the place of one."""
    one = node[key]
    many = {**one["properties"], "data": {"type": "array", "items": one["properties"]["data"]}}
    node[key] = {"anyOf": [one, {**one, "properties": many}]}


def only_data(node: Node, key: str) -> None:
    """Require the data of an answer, and nothing of what comes along with it."""
    for branch in node[key]:
        branch["required"] = ["data"]
        branch["properties"] = {**branch["properties"], "meta": {"type": "object"}}


def may_be_another(node: Node, key: str) -> None:
    """Let one resource of another type stand in the place of the list."""
    one = {"type": "object", "required": ["data"], "properties": {"data": _RESOURCE}}
    node[key] = {"anyOf": [node[key], one]}


def absent(node: Node, key: str) -> None:
    """Add an operation that the file does not have: it answers one resource or a list of them."""
    schema = {
        "type": "object",
        "required": ["data"],
        "properties": {"data": {"anyOf": [_RESOURCE, {"type": "array", "items": _RESOURCE}]}},
    }
    answer = {"description": "", "content": {"application/json": {"schema": schema}}}
    other: dict[str, Node] = {"post": {"201": answer}, "delete": {"204": {"description": ""}}}
    made = other.get(key, {})
    node[key] = {"responses": {"200": answer, **made}}
