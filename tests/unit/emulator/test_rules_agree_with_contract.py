"""The rules data against the published contract, where the machine has a copy of it."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from kustomer_orm.emulator.rules import STRICT_END, Operation, attributes, schema

OPENAPI = os.environ.get("KUSTOMER_OPENAPI", "")

pytestmark = pytest.mark.skipif(
    not Path(OPENAPI).is_file(),
    reason="KUSTOMER_OPENAPI names no file: no contract to compare with",
)

# The contract prints only `additionalProperties: false` here; the suffixes stand in its prose.
UNPRINTED = frozenset({"custom"})
# The contract's two branches of a queue overlap, so that as printed they refuse nearly all.
READ_LOOSELY = frozenset({"queue"})


def published(path: str, method: str) -> dict[str, Any]:
    """The properties and required keys of a request body; of several branches, together."""
    contract = json.loads(Path(OPENAPI).read_text("utf-8"))
    content = contract["paths"][path][method]["requestBody"]["content"]
    body = next(iter(content.values()))["schema"]
    branches = body.get("oneOf", [body])
    properties: dict[str, Any] = {}
    for branch in branches:
        assert branch["additionalProperties"] is False
        properties |= branch["properties"]
    return {"properties": properties, "required": branches[0].get("required", [])}


def normal(rule: Any, shared: dict[str, Any]) -> Any:
    """A schema without references and with null spelled in one way."""
    if isinstance(rule, list):
        return [normal(each, shared) for each in rule]
    if not isinstance(rule, dict):
        return rule
    if "$ref" in rule:
        return normal(shared[rule["$ref"].rpartition("/")[2]], shared)
    if isinstance(rule.get("pattern"), str):
        rule = rule | {"pattern": rule["pattern"].replace(STRICT_END, "$")}
    flat = {key: normal(each, shared) for key, each in rule.items() if key != "nullable"}
    types = flat.get("type")
    if isinstance(types, list):
        flat["type"] = next(each for each in types if each != "null")
    if isinstance(flat.get("enum"), list):
        flat["enum"] = [each for each in flat["enum"] if each is not None]
    if rule.get("nullable") is True or (isinstance(types, list) and "null" in types):
        flat["null"] = True
    return flat


CASES: list[tuple[str, Operation, str, str]] = [
    ("conversation", "create", "/conversations", "post"),
    ("conversation", "create_below_customer", "/customers/{id}/conversations", "post"),
    ("conversation", "update", "/conversations/{id}", "patch"),
    ("conversation", "update", "/conversations/{id}", "put"),
    ("customer", "create", "/customers", "post"),
    ("customer", "update", "/customers/{id}", "patch"),
    ("customer", "update", "/customers/{id}", "put"),
]


@pytest.mark.parametrize(("kind", "operation", "path", "method"), CASES)
def test_each_attribute_is_as_published(
    kind: str, operation: Operation, path: str, method: str
) -> None:
    ours = schema(kind, operation)
    theirs = published(path, method)
    taken = dict(ours["properties"])
    if operation == "update":
        rules = attributes(kind)
        alone = {name: rule for name, rule in rules.items() if rule.get("alone_on_update")}
        taken |= {name: rule["schema"] for name, rule in alone.items()}

    assert set(taken) == set(theirs["properties"])
    assert ours["required"] == theirs["required"]
    for name in set(taken) - UNPRINTED - READ_LOOSELY:
        mine = normal(taken[name], ours["$defs"])
        assert mine == normal(theirs["properties"][name], {}), name


@pytest.mark.parametrize(("kind", "operation", "path", "method"), CASES)
def test_what_is_not_printed_agrees_as_far_as_it_is(
    kind: str, operation: Operation, path: str, method: str
) -> None:
    ours = schema(kind, operation)
    custom = ours["$defs"]["custom"]
    theirs = published(path, method)["properties"]["custom"]

    assert theirs["maxProperties"] == custom["maxProperties"]
    assert theirs["additionalProperties"] is custom["additionalProperties"] is False


def test_the_queue_takes_what_either_published_branch_names() -> None:
    ours = schema("conversation", "update")["properties"]["queue"]
    for path, method in (("/conversations", "post"), ("/conversations/{id}", "patch")):
        theirs = published(path, method)["properties"]["queue"]
        for branch in theirs.get("oneOf", [theirs]):
            assert set(branch["properties"]) == set(ours["properties"])
            assert branch["anyOf"] == ours["anyOf"]


def test_the_tags_endpoint_takes_what_is_published() -> None:
    contract = json.loads(Path(OPENAPI).read_text("utf-8"))
    ours = schema("conversation", "tags")
    for method in ("post", "delete"):
        operation = contract["paths"]["/conversations/{id}/tags"][method]
        theirs = operation["requestBody"]["content"]["application/json"]["schema"]
        assert normal({"$ref": ours["$ref"]}, ours["$defs"]) == theirs
