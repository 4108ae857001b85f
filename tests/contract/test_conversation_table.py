"""Conversation, line by line, against the API's table and against the emulator's rules."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest

from kustomer_orm import Conversation
from kustomer_orm.attributes import Attribute, ToOne
from kustomer_orm.errors import InvalidValueError
from tests.contract.conversation_table import ID, READ_ONLY, RELATIONS, WRITABLE

pytestmark = pytest.mark.usefixtures("client")


def test_the_table_of_writable_attributes_is_complete() -> None:
    writable = {
        name
        for name, attribute in Conversation._attributes.items()
        if attribute.creatable or attribute.updatable
    }

    assert writable == set(WRITABLE)


@pytest.mark.parametrize("name", WRITABLE)
def test_a_writable_attribute_is_as_the_api_has_it(name: str) -> None:
    row, attribute = WRITABLE[name], Conversation._attributes[name]

    assert type(attribute) is row.kind
    assert attribute.creatable is row.create
    assert attribute.updatable is row.update
    assert attribute.nullable is row.null


@pytest.mark.parametrize("name", WRITABLE)
def test_a_writable_attribute_takes_what_the_api_takes(name: str) -> None:
    row = WRITABLE[name]
    for value in row.good:
        record = Conversation(id=ID) if row.update else Conversation()
        setattr(record, name, value)
        assert record.plan().requests if row.update else record.is_dirty


@pytest.mark.parametrize("name", WRITABLE)
def test_a_writable_attribute_refuses_what_the_api_refuses(name: str) -> None:
    row = WRITABLE[name]
    for value in row.bad:
        record = Conversation(id=ID) if row.update else Conversation()
        with pytest.raises(InvalidValueError) as caught:
            setattr(record, name, value)
        assert f"Conversation.{name}" in str(caught.value), value
        assert record.changes == {}


@pytest.mark.parametrize("name", WRITABLE)
def test_null_clears_where_the_api_takes_null_and_nowhere_else(name: str) -> None:
    row = WRITABLE[name]
    record = Conversation(id=ID) if row.update else Conversation()

    if row.null:
        setattr(record, name, None)
        assert "null" in record.plan().requests[0].content.decode()
    else:
        with pytest.raises(InvalidValueError):
            setattr(record, name, None)


def test_what_is_read_only_is_there_under_its_wire_name() -> None:
    readable = {
        attribute.key
        for attribute in Conversation._attributes.values()
        if not (attribute.creatable or attribute.updatable or isinstance(attribute, ToOne))
    }

    assert readable == READ_ONLY


def test_relations_are_read_from_the_relationships() -> None:
    linked = {each.key for each in Conversation._attributes.values() if isinstance(each, ToOne)}

    assert linked == RELATIONS


def test_brand_author_and_organisation_cannot_be_written() -> None:
    for name in ("brand", "created_by", "modified_by", "org", "pinned_by", "sla_version"):
        attribute = Conversation._attributes[name]
        assert attribute.creatable is attribute.updatable is False


# -- against the emulator's own rules, written apart from the library's ----------------------------

RULES = json.loads(files("kustomer_orm.emulator").joinpath("data/conversation.json").read_text())
# Keys that are no attribute of a record: its identity, its revision, its custom attributes, and
# what only another endpoint takes.
OTHERWISE = {"id", "rev", "custom", "campaign"}


def rule_of(attribute: Attribute[Any, Any]) -> dict[str, Any]:
    """Give the emulator's rule for the place where a value is written."""
    rule: dict[str, Any] = RULES["attributes"][attribute.written_as[0]]
    return rule


def test_the_library_and_the_emulator_know_the_same_writable_keys() -> None:
    keys = {
        attribute.written_as[0]
        for attribute in Conversation._attributes.values()
        if attribute.creatable or attribute.updatable
    }

    assert keys == set(RULES["attributes"]) - OTHERWISE


@pytest.mark.parametrize("name", WRITABLE)
def test_the_library_and_the_emulator_agree_on_when_and_on_null(name: str) -> None:
    attribute = Conversation._attributes[name]
    rule = rule_of(attribute)

    assert attribute.creatable is bool(rule["create"])
    assert attribute.updatable is bool(rule["update"])
    assert attribute.alone is rule.get("alone_on_update", False)
    if len(attribute.written_as) == 1:
        assert attribute.nullable is ("update" in rule.get("nullable", ()))
        assert attribute.null_on_create is ("create" in rule.get("nullable", ()))
    else:
        member = rule["schema"]["properties"][attribute.written_as[1]]
        assert attribute.nullable is ("null" in member["type"])


def test_what_the_emulator_only_shows_the_library_only_reads() -> None:
    written = {
        attribute.key
        for attribute in Conversation._attributes.values()
        if attribute.updatable and len(attribute.written_as) == 1
    }

    assert set(RULES["read_only"]) & written == set()
    assert set(RULES["read_only"]) | {"externalQueue"} >= READ_ONLY
