"""What a draft takes by its channel, against each of the bodies of contract and emulator."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import pytest
from marshmallow.validate import Length

from kustomer_orm import Customer, Draft
from kustomer_orm.attributes import Attribute, ToOne
from kustomer_orm.emulator import Emulator, rules
from kustomer_orm.errors import InvalidValueError
from kustomer_orm.records.variants import Variants
from tests.contract.declarations import declared_facts, published_facts

CONTRACT = os.environ.get("KUSTOMER_OPENAPI", "")
VARIANTS: Variants = Draft.variants
CHANNELS = sorted(VARIANTS.kinds)

# What these hold differs within one channel, or is printed as several shapes: only the API knows.
_FREE = {"meta", "to", "message_template"}

Body = Mapping[str, Any]


def bodies_of(schema: Mapping[str, Any], channel: str) -> list[Body]:
    """Give the bodies of one channel, each as one object."""
    parts = [body.get("allOf", [body]) for body in schema["oneOf"]]
    found: list[dict[str, Any]] = [
        {
            "properties": {key: rule for part in body for key, rule in part["properties"].items()},
            "required": {key for part in body for key in part.get("required", ())},
        }
        for body in parts
    ]
    return [body for body in found if body["properties"]["channel"]["enum"] == [channel]]


def taken(channel: str, operation: str) -> dict[str, Attribute[Any, Any]]:
    """Give what the library takes with a channel, by wire key."""
    kinds = {
        name: attribute
        for name, attribute in Draft._attributes.items()
        if name not in VARIANTS.special
    } | dict(VARIANTS.kinds[channel])
    return {
        Draft._named(name).written_as[0]: kind
        for name, kind in kinds.items()
        if (kind.creatable if operation == "create" else kind.updatable)
    }


def differences(bodies: list[Body], channel: str, operation: str) -> Iterator[str]:
    """Tell in what the library differs from the bodies of one channel."""
    published = {key: rule for body in reversed(bodies) for key, rule in body["properties"].items()}
    declared = taken(channel, operation)
    if declared.keys() != published.keys():
        yield f"taken: {declared.keys() ^ published.keys()}"
    always = {key for key in bodies[0]["required"] if all(key in b["required"] for b in bodies)}
    needed = {"channel", *VARIANTS.needs.get(channel, ())}
    if len(bodies) > 1:  # one body wants a text, the others a template: that is the API's to tell
        always &= needed
    if always != needed:
        yield f"needed: {always ^ needed}"
    free = {Draft._named(name).key for name in _FREE} | {"channel"}
    for key in (declared.keys() & published.keys()) - free:
        kind = declared[key]
        if isinstance(kind, ToOne):
            continue
        ours, theirs = declared_facts(kind, operation), published_facts(published[key], {})
        same_null = operation == "update" or key not in {"sendAt", "template"}
        if not same_null:  # a new record needs no null to be sent
            ours, theirs = {**ours, "null": None}, {**theirs, "null": None}
        if ours != theirs:
            yield f"{key}: declared {ours}, published {theirs}"


@pytest.mark.parametrize("channel", CHANNELS)
def test_the_emulator_takes_the_same_by_channel(channel: str) -> None:
    for operation, name in (("create", "create_below_customer"), ("update", "update")):
        bodies = bodies_of(rules.schema("draft", name), channel)
        assert list(differences(bodies, channel, operation)) == []


@pytest.mark.skipif(not CONTRACT, reason="KUSTOMER_OPENAPI names no contract")
@pytest.mark.parametrize("channel", CHANNELS)
def test_the_published_contract_takes_the_same_by_channel(channel: str) -> None:
    paths = json.loads(Path(CONTRACT).read_text("utf-8"))["paths"]
    for operation, body in (
        ("create", paths["/customers/{id}/drafts"]["post"]["requestBody"]),
        ("update", paths["/drafts/{id}"]["put"]["requestBody"]),
    ):
        (content,) = body["content"].values()
        bodies = bodies_of(content["schema"], channel)
        assert list(differences(bodies, channel, operation)) == []


def test_the_channels_are_those_that_the_attribute_names() -> None:
    assert sorted(Draft.channel.choices) == CHANNELS


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.usefixtures("client")
def test_a_body_may_be_as_long_as_its_channel_takes_and_no_longer(
    server: Emulator, channel: str
) -> None:
    customer = Customer.get(server.world.add("customer"))
    longest = cast("Length", VARIANTS.kinds[channel]["body"].field.validators[0]).max or 0
    app = dict.fromkeys(VARIANTS.needs.get(channel, ()), "whatsapp")
    server.requests.clear()

    draft = customer.drafts.create(channel=channel, body="x" * longest, **app)
    assert server.requests[-1].body["body"] == "x" * longest

    server.requests.clear()
    with pytest.raises(InvalidValueError, match=r"Draft\.body"):
        customer.drafts.create(channel=channel, body="x" * (longest + 1), **app)
    if longest < 10_240:
        draft.body = "x" * (longest + 1)
        with pytest.raises(InvalidValueError, match=f"with the channel '{channel}'"):
            draft.save()
    assert server.requests == []
