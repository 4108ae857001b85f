"""What the contract allows in a body: rules as data, checked by jsonschema.

The rules live in `data/*.json`, written from the published contract, and know nothing of the
library's own attribute tables. The sentences of the errors follow the validator whose wording
and path style was recorded ("Additional properties not allowed", a JSON path into the schema);
that it is this validator throughout is inferred.
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from kustomer_orm.emulator.answers import Problem
from kustomer_orm.emulator.formats import format_checker

STRICT_END = r"\Z"
Operation = str  # "create", "create_below_customer", "update", "tags" and others, see the data

# Their rules tell each attribute; those of the others tell whole bodies.
BY_ATTRIBUTE = frozenset({"conversation", "customer", "user"})

# The first was recorded; the others are inferred from the wording of the same validator.
TITLES = {
    "additionalProperties": "Additional properties not allowed",
    "required": "Missing required property",
    "type": "Invalid type: {type} (expected {limit})",
    "enum": "No enum match for: {value}",
    "maxLength": "String is too long ({count} chars), maximum {limit}",
    "minLength": "String is too short ({count} chars), minimum {limit}",
    "minimum": "Value {value} is less than minimum {limit}",
    "maximum": "Value {value} is greater than maximum {limit}",
    "maxItems": "Array is too long ({count}), maximum {limit}",
    "uniqueItems": "Array items are not unique",
    "maxProperties": "Too many properties defined ({count}), maximum {limit}",
    "pattern": "String does not match pattern: {limit}",
    "format": "Format validation failed ({limit} expected)",
}


@cache
def data(name: str) -> dict[str, Any]:
    """One data file of this package."""
    text = files("kustomer_orm.emulator").joinpath("data", f"{name}.json").read_text("utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def attributes(kind: str) -> dict[str, dict[str, Any]]:
    """The rules of a resource's writable attributes, by wire name."""
    rules: dict[str, dict[str, Any]] = data(kind)["attributes"]
    return rules


@cache
def bodies(kind: str) -> dict[str, dict[str, Any]]:
    """The bodies that a kind of resource takes, by operation."""
    found: dict[str, dict[str, Any]] = data(f"bodies/{kind}")["bodies"]
    return found


@cache
def schema(kind: str, operation: Operation, *, text_lists: bool = False) -> dict[str, Any]:
    """The JSON schema of a body.

    An update's attributes that must come alone are left out, see `alone_on_update`.
    """
    shared: dict[str, Any] = _with_strict_ends(data("shared")["$defs"])
    if text_lists:
        for pattern in (rf"Str{STRICT_END}", rf"Txt{STRICT_END}"):
            _allow_list(shared["custom"]["patternProperties"][pattern])
    if operation == "tags":
        return {"$ref": "#/$defs/tags", "$defs": shared}
    if kind not in BY_ATTRIBUTE or kind == "user":
        own: dict[str, Any] = _with_strict_ends(bodies(kind)[operation])
        return {**own, "$defs": shared}
    taken = {
        name: _attribute_schema(rule, operation)
        for name, rule in attributes(kind).items()
        if _is_taken(rule, operation)
    }
    required = [name for name in taken if attributes(kind)[name].get("required_on_create")]
    return {
        "type": "object",
        "properties": taken,
        "required": required if operation == "create" else [],
        "additionalProperties": False,
        "$defs": shared,
    }


def alone_on_update(kind: str) -> frozenset[str]:
    """Attributes that an update takes only in a body of their own."""
    return frozenset(name for name, rule in attributes(kind).items() if rule.get("alone_on_update"))


def problems(
    kind: str, operation: Operation, body: Any, *, text_lists: bool = False
) -> list[Problem]:
    """Everything that is wrong with a body, in the order of its keys."""
    if operation == "update" and isinstance(body, dict) and kind in BY_ATTRIBUTE:
        found = _branch_problems(kind, body)
        if found is not None:
            return found
    errors = _validator(kind, operation, text_lists=text_lists).iter_errors(body)
    ordered = list(body) if isinstance(body, dict) else []
    found = [problem for error in errors for problem in _problems_of(error)]
    # jsonschema reports each missing key by itself, and so do we for each: keep one of a kind.
    return sorted(dict.fromkeys(found), key=lambda problem: _rank(problem, ordered))


@cache
def _validator(kind: str, operation: Operation, *, text_lists: bool) -> Draft202012Validator:
    built = schema(kind, operation, text_lists=text_lists)
    return Draft202012Validator(built, format_checker=format_checker())


def _with_strict_ends(rule: Any) -> Any:
    """A copy whose patterns end at the end: Python's `$` forgives a newline, the contract's not."""
    if isinstance(rule, list):
        return [_with_strict_ends(each) for each in rule]
    if not isinstance(rule, dict):
        return rule
    copy = {_strict(key): _with_strict_ends(each) for key, each in rule.items()}
    if isinstance(copy.get("pattern"), str):
        copy["pattern"] = _strict(copy["pattern"])
    return copy


def _strict(pattern: str) -> str:
    return pattern[:-1] + STRICT_END if pattern.endswith("$") else pattern


def _allow_list(rule: dict[str, Any]) -> None:
    rule["items"] = {"type": "string", "maxLength": rule["maxLength"]}
    rule["type"] = [*rule["type"], "array"]


def _is_taken(rule: Mapping[str, Any], operation: Operation) -> bool:
    if operation == "update":
        return bool(rule["update"]) and not rule.get("alone_on_update")
    if operation == "create_below_customer":
        return bool(rule["create"]) and not rule.get("required_on_create")
    return bool(rule["create"]) and not rule.get("only_below_customer")


def _attribute_schema(rule: Mapping[str, Any], operation: Operation) -> dict[str, Any]:
    side = "update" if operation == "update" else "create"
    own: dict[str, Any] = rule["schema"] if rule[side] is True else rule[side]
    if side not in rule.get("nullable", ()):
        return own
    nullable = {**own, "type": [own["type"], "null"]}
    if "enum" in own:
        nullable["enum"] = [*own["enum"], None]
    return nullable


def _branch_problems(kind: str, body: dict[str, Any]) -> list[Problem] | None:
    """What only an update can do wrong: it is one of two closed forms, never both."""
    alone = alone_on_update(kind)
    if not alone:
        return None
    if not body:
        # An empty object satisfies both forms (inferred: refused by a strict validator).
        title = 'Data is valid against more than one schema from "oneOf": indices 0 and 1'
        return [Problem(title, detail="/oneOf")]
    found = [name for name in body if name in alone]
    if not found:
        return None
    if len(found) < len(body):
        title = 'Data does not match any schemas from "oneOf"'
        return [Problem(title, found[0], f"/{found[0]}", "/oneOf")]
    rule = _attribute_schema(attributes(kind)[found[0]], "update")
    validator = Draft202012Validator(
        {"properties": {found[0]: rule}}, format_checker=format_checker()
    )
    return [problem for error in validator.iter_errors(body) for problem in _problems_of(error)]


def _rank(problem: Problem, ordered: list[str]) -> int:
    top = (problem.pointer or "/").split("/")[1]
    return ordered.index(top) if top in ordered else len(ordered)


def _problems_of(error: ValidationError) -> Iterator[Problem]:
    where = [str(step) for step in error.absolute_path]
    path = [str(step) for step in error.absolute_schema_path if step != "$ref"]
    detail = ("/" + "/".join(path)).replace(STRICT_END, "$")
    for key in _offending_keys(error):
        steps = [*where, key] if key is not None else where
        named = [step for step in steps if not step.isdigit()]
        parameter = named[-1] if named else None
        yield Problem(_title(error), parameter, "/" + "/".join(steps), detail)


def _offending_keys(error: ValidationError) -> list[str | None]:
    """Keys the error speaks of below its own path; None stands for the path itself."""
    instance: Any = error.instance
    limit: Any = error.validator_value
    closed = error.schema if isinstance(error.schema, Mapping) else {}
    if error.validator == "additionalProperties":
        known = closed.get("properties", {})
        patterns = [re.compile(pattern) for pattern in closed.get("patternProperties", {})]
        return [
            key
            for key in instance
            if key not in known and not any(pattern.search(key) for pattern in patterns)
        ]
    if error.validator == "required":
        return [key for key in limit if key not in instance]
    return [None]


def _title(error: ValidationError) -> str:
    value: Any = error.instance
    limit: Any = error.validator_value
    template = TITLES.get(str(error.validator), 'Data does not match any schemas from "{rule}"')
    return template.format(
        rule=error.validator,
        limit="/".join(map(str, limit)) if isinstance(limit, list) else limit,
        value=json.dumps(value, ensure_ascii=False),
        count=len(value) if isinstance(value, str | list | dict) else 0,
        type=_type_name(value),
    )


def _type_name(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"
