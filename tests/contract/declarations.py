"""Holds declarations against JSON schemas of bodies: the emulator's, or the published contract's.

Both sides are put into the same few words (kind, null, limits, members), and compared as such.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import validate

from kustomer_orm import Record
from kustomer_orm.attributes import (
    Attribute,
    Boolean,
    Choice,
    DateTime,
    Integer,
    List,
    Number,
    Object,
    String,
    ToOne,
    Url,
)

Facts = dict[str, Any]

_LIMITS = ("minLength", "maxLength", "minimum", "maximum", "maxItems")
# Formats that are a kind of ours; the rules of the others are not published, so nobody can check.
_FORMATS = {"date-time": "date-time", "uri": "uri", "url": "uri"}


def differences(
    cls: type[Record],
    operation: str,
    schema: Mapping[str, Any],
    otherwise: frozenset[str],
    *,
    limited: bool = True,
) -> list[str]:
    """List in what the declarations of a class differ from the schema of a body.

    Args:
        cls: the class.
        operation: "create" or "update".
        schema: of the body; references are to its own `$defs`.
        otherwise: keys of the body that are no attribute.
        limited: whether the limits are to be the same.
    """
    defs = schema.get("$defs", {})
    taken = _properties(schema)
    declared = {
        attribute.written_as: attribute
        for attribute in cls._attributes.values()
        if (attribute.creatable if operation == "create" else attribute.updatable)
        and attribute.written_as[0] != "custom"
    }
    keys = {place[0] for place in declared}
    found = [f"{key}: the body takes it, nothing declares it" for key in taken.keys() - keys]
    found = [line for line in found if line.split(":")[0] not in otherwise]
    for place, attribute in declared.items():
        if place[0] not in taken:
            found.append(f"{attribute.label}: the body does not take it")
            continue
        rule = _at(taken[place[0]], place[1:], defs)
        ours, theirs = _declared(attribute, operation), _published(rule, defs)
        if isinstance(attribute, ToOne):  # of some ids the contract says only that they are text
            ours, theirs = ({"kind": "id", "null": each["null"]} for each in (ours, theirs))
        if not limited:
            ours, theirs = _without_limits(ours), _without_limits(theirs)
        if theirs["kind"] != "anything" and ours != theirs:
            found.append(f"{attribute.label}: declared {ours}, published {theirs}")
    return sorted(found)


def _without_limits(facts: Facts) -> Facts:
    return {name: value for name, value in facts.items() if name not in {*_LIMITS, "pattern"}}


def required_of(schema: Mapping[str, Any]) -> set[str]:
    """Give the keys without which a body is refused."""
    return set(schema.get("required", ()))


def _properties(schema: Mapping[str, Any]) -> dict[str, Any]:
    branches = [schema, *schema.get("oneOf", ()), *schema.get("anyOf", ())]
    return {name: rule for each in branches for name, rule in each.get("properties", {}).items()}


def _at(rule: Mapping[str, Any], place: tuple[str, ...], defs: Mapping[str, Any]) -> Any:
    for key in place:
        rule = _properties(_resolved(rule, defs))[key]
    return rule


def _resolved(rule: Mapping[str, Any], defs: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = rule.get("$ref")
    return rule if reference is None else defs[reference.rpartition("/")[2]]


# -- what is published -----------------------------------------------------------------------------


def _published(rule: Mapping[str, Any], defs: Mapping[str, Any]) -> Facts:
    rule = _resolved(rule, defs)
    kinds = rule.get("type", "string" if "enum" in rule else "anything")
    kinds = [kinds] if isinstance(kinds, str) else list(kinds)
    facts: Facts = {
        "kind": next(kind for kind in kinds if kind != "null"),
        "null": rule.get("nullable", False) or "null" in kinds,
        **{name: rule[name] for name in _LIMITS if name in rule},
    }
    words = [word for word in rule.get("enum", ()) if word is not None]
    if words and all(isinstance(word, int) for word in words):
        return {**facts, "kind": "integer", "minimum": min(words), "maximum": max(words)}
    if words:
        facts["words"] = sorted(words)
    if rule.get("format") in _FORMATS:
        facts["kind"] = _FORMATS[rule["format"]]
    if "pattern" in rule:
        facts["pattern"] = rule["pattern"].replace("{1}", "").replace(r"\Z", "$")
    if "items" in rule:
        facts |= {"items": _published(rule["items"], defs)}
        facts |= {"unique": rule.get("uniqueItems", False)}
    if rule.get("properties"):
        facts["required"] = required_of(rule)
        facts["members"] = {
            name: _published(each, defs) for name, each in rule["properties"].items()
        }
    return facts


# -- what is declared ------------------------------------------------------------------------------

_KINDS: tuple[tuple[type[Attribute[Any, Any]], str], ...] = (
    (Url, "uri"),
    (DateTime, "date-time"),
    (Boolean, "boolean"),
    (Integer, "integer"),
    (Number, "number"),
    (List, "array"),
    (Object, "object"),
    (Choice, "string"),
    (String, "string"),
)


def _declared(attribute: Attribute[Any, Any], operation: str) -> Facts:
    kinds = (name for kind, name in _KINDS if isinstance(attribute, kind))
    # Within an object null is a value like others; a new record needs none to be sent.
    nested = len(attribute.written_as) > 1
    null = attribute.nullable and (operation != "create" or attribute.null_on_create or nested)
    facts: Facts = {"kind": next(kinds, "string"), "null": null}
    if isinstance(attribute, Choice):
        facts["words"] = sorted(attribute.on_create if operation == "create" else attribute.choices)
    if isinstance(attribute, List):
        facts["items"] = _member(attribute.kind)
        facts["unique"] = attribute.unique
        facts |= {} if attribute.max_items is None else {"maxItems": attribute.max_items}
    elif isinstance(attribute, Object) and attribute.members:
        facts["required"] = set(attribute.required)
        facts["members"] = {key: _member(each) for key, each in attribute.members.items()}
    else:
        facts |= _limits(attribute)
    return facts


def _member(attribute: Attribute[Any, Any]) -> Facts:
    """Give the facts of what stands within another one; ids are plain text there."""
    facts = _declared(attribute, "update")
    is_id = not isinstance(attribute, tuple(kind for kind, _ in _KINDS))
    return {"kind": "string", "null": False} if is_id else facts


def _limits(attribute: Attribute[Any, Any]) -> Facts:
    found: Facts = {}
    for rule in attribute.field.validators:
        if isinstance(rule, validate.Length):
            found |= {"minLength": rule.min, "maxLength": rule.max}
        elif isinstance(rule, validate.Range):
            found |= {"minimum": rule.min, "maximum": rule.max}
        elif isinstance(rule, validate.Regexp):
            found["pattern"] = rule.regex.pattern
    return {name: value for name, value in found.items() if value is not None}
