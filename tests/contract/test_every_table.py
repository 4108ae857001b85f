"""Every resource, line by line, against the API's table and the rules of emulator and contract."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from kustomer_orm import Record
from kustomer_orm.attributes import ToOne
from kustomer_orm.emulator import Emulator, rules
from kustomer_orm.errors import InvalidValueError, ReadOnlyAttributeError
from tests.contract.declarations import differences, required_of
from tests.contract.every_table import TABLES
from tests.contract.table import ID, Row, Table

pytestmark = pytest.mark.usefixtures("client")

CONTRACT = os.environ.get("KUSTOMER_OPENAPI", "")


class Line(NamedTuple):
    """One attribute of one table."""

    table: Table
    name: str

    @property
    def row(self) -> Row:
        """What the API takes."""
        return self.table.writable[self.name]

    def record(self, *, new: bool | None = None) -> Record:
        """Give a record to assign it on: one that is there, where it may be updated."""
        cls = self.table.cls
        made_new = not self.row.update if new is None else new
        return cls() if made_new else cls(id=ID)


LINES = [Line(table, name) for table in TABLES for name in table.writable]
WRITTEN = [table for table in TABLES if table.create or table.update]


def named(value: Any) -> str:
    return f"{value.table.name}.{value.name}" if isinstance(value, Line) else value.name


every_table = pytest.mark.parametrize("table", TABLES, ids=named)
every_line = pytest.mark.parametrize("line", LINES, ids=named)


# -- the table ----------------------------------------------------------------------------------


@every_table
def test_the_table_of_writable_attributes_is_complete(table: Table) -> None:
    writable = {
        name
        for name, attribute in table.cls._attributes.items()
        if attribute.creatable or attribute.updatable
    }

    assert writable == set(table.writable)


@every_line
def test_a_writable_attribute_is_as_the_api_has_it(line: Line) -> None:
    row, attribute = line.row, line.table.cls._attributes[line.name]

    assert type(attribute) is row.kind
    assert attribute.creatable is row.create
    assert attribute.updatable is row.update
    assert attribute.nullable is row.null
    assert attribute.null_on_create is row.null_on_create


@every_line
def test_a_writable_attribute_takes_what_the_api_takes(line: Line) -> None:
    for value in line.row.good:
        record = line.record()
        record.assign(**{name: line.table.new[name] for name in line.table.cls.together})
        setattr(record, line.name, value)
        assert record.plan().requests if line.row.update else record.is_dirty


@every_line
def test_a_writable_attribute_refuses_what_the_api_refuses(line: Line) -> None:
    for value in line.row.bad:
        record = line.record()
        with pytest.raises(InvalidValueError) as caught:
            setattr(record, line.name, value)
        assert f"{line.table.name}.{line.name}" in str(caught.value), value
        assert record.changes == {}


@every_line
def test_null_clears_where_the_api_takes_null_and_nowhere_else(line: Line) -> None:
    record = line.record()

    if not line.row.null:
        with pytest.raises(InvalidValueError):
            setattr(record, line.name, None)
        return
    setattr(record, line.name, None)
    if line.row.update:
        assert "null" in record.plan().requests[0].content.decode()


@every_line
def test_an_attribute_is_written_only_when_the_api_takes_it(line: Line) -> None:
    value = line.row.good[0] if line.row.good else None
    for new in (True, False):
        if line.row.create if new else line.row.update:
            continue
        with pytest.raises(ReadOnlyAttributeError):
            setattr(line.record(new=new), line.name, value)


@every_table
def test_what_is_read_only_is_there_under_its_wire_name(table: Table) -> None:
    readable = {
        attribute.key
        for attribute in table.cls._attributes.values()
        if not (attribute.creatable or attribute.updatable or isinstance(attribute, ToOne))
    }

    assert readable == table.read_only


@every_table
def test_relations_are_read_from_the_relationships(table: Table) -> None:
    linked = {each.key for each in table.cls._attributes.values() if isinstance(each, ToOne)}

    assert linked == table.relations


# -- over the wire ------------------------------------------------------------------------------


def world_with_all(server: Emulator) -> None:
    """Put in what the good values point at: the API looks whether these are there."""
    for kind in ("customer", "conversation"):
        if ID not in server.world.ids(kind):
            server.world.add(kind, id=ID)


UPDATES = [each for each in LINES if each.row.update and each.row.good and each.table.update]


@pytest.mark.parametrize("line", UPDATES, ids=named)
def test_the_server_takes_each_value_that_the_table_calls_good(
    server: Emulator, line: Line
) -> None:
    world_with_all(server)
    attribute = line.table.cls._attributes[line.name]
    method = line.table.update.partition(" ")[0]
    for value in line.row.good:
        record = line.table.cls.get(line.table.store(server.world))
        setattr(record, line.name, value)
        server.requests.clear()
        record.save()
        if not server.requests:
            continue  # it has this value already
        assert len(server.requests) == 1
        assert server.requests[0].method == method
        assert server.requests[0].path == f"{line.table.path}/{record.id}"
        assert attribute.written_as[0] in server.requests[0].body
        assert not record.is_dirty


@pytest.mark.parametrize("table", [each for each in TABLES if each.create and each.new], ids=named)
def test_a_new_record_goes_to_its_path_and_back(server: Emulator, table: Table) -> None:
    world_with_all(server)
    table.values(server.world)
    record = table.cls.create(**table.new)

    assert [(each.method, each.path) for each in server.requests] == [("POST", table.path)]
    assert record.id in server.world.ids(table.type)
    assert not record.is_dirty
    again = table.cls.get(str(record.id))
    shown, kept = (
        {name: value for name, value in each.to_dict().items() if value is not None}
        for each in (again, record)
    )
    assert shown == kept


@pytest.mark.parametrize("table", [each for each in TABLES if each.delete], ids=named)
def test_a_record_is_deleted_with_one_request(server: Emulator, table: Table) -> None:
    record = table.cls.get(table.store(server.world))
    server.requests.clear()
    record.delete()

    assert [(each.method, each.path) for each in server.requests] == [
        ("DELETE", f"{table.path}/{record.id}")
    ]
    assert record.id not in server.world.ids(table.type)


@pytest.mark.parametrize("table", [each for each in TABLES if not each.update], ids=named)
def test_what_the_api_does_not_update_is_not_sent(server: Emulator, table: Table) -> None:
    assert not any(row.update for row in table.writable.values())
    assert not any(attribute.updatable for attribute in table.cls._attributes.values())


# -- against rules that were written apart from the library's --------------------------------------


def operations(table: Table) -> Iterator[tuple[str, str]]:
    yield from (
        (name, each) for name, each in (("create", table.create), ("update", table.update)) if each
    )


@pytest.mark.parametrize("table", WRITTEN, ids=named)
def test_the_library_and_the_emulator_know_the_same_bodies(table: Table) -> None:
    ruled_by = table.type.partition(".")[0]
    for operation, _ in operations(table):
        schema = rules.schema(ruled_by, operation)
        if ruled_by in rules.BY_ATTRIBUTE and operation == "update":
            alone = {
                name: rule["schema"]
                for name, rule in rules.attributes(ruled_by).items()
                if rule.get("alone_on_update")
            }
            schema = {**schema, "properties": {**schema["properties"], **alone}}
        assert (
            differences(table.cls, operation, schema, table.otherwise, limited=table.limited) == []
        )


@pytest.mark.skipif(not CONTRACT, reason="KUSTOMER_OPENAPI names no contract")
@pytest.mark.parametrize("table", WRITTEN, ids=named)
def test_the_library_and_the_published_contract_know_the_same_bodies(table: Table) -> None:
    paths = json.loads(Path(CONTRACT).read_text("utf-8"))["paths"]
    for operation, name in operations(table):
        method, _, template = name.partition(" ")
        if template not in paths:
            assert template.split("/")[1] not in {path.split("/")[1] for path in paths}
            continue  # of the whole noun the published contract knows nothing
        content = paths[template][method.lower()]["requestBody"]["content"]
        (schema,) = (each["schema"] for each in content.values())
        assert (
            differences(table.cls, operation, schema, table.otherwise, limited=table.limited) == []
        )
        if operation == "create":
            needed = {table.cls._named(each).written_as[0] for each in table.cls.required}
            assert needed == required_of(schema)
