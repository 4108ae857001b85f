"""What every resource must do: one suite for all of them."""

from __future__ import annotations

import copy
import inspect
import json
import pickle

import pytest

from kustomer_orm.emulator import Emulator
from kustomer_orm.errors import (
    InvalidValueError,
    NotFoundError,
    NotLoadedError,
    ReadOnlyAttributeError,
    UnknownAttributeError,
)
from tests.contract.every_table import TABLES
from tests.contract.table import Table

pytestmark = pytest.mark.usefixtures("client")

UNKNOWN_ID = "ffffffffffffffffffffffff"

every_resource = pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
# Those of which GET gives one by its id.
every_found = pytest.mark.parametrize(
    "table", [table for table in TABLES if table.found], ids=lambda table: table.name
)
every_shown = pytest.mark.parametrize(
    "table",
    [table for table in TABLES if table.found and table.shown],
    ids=lambda table: table.name,
)
every_listed = pytest.mark.parametrize(
    "table", [table for table in TABLES if table.listed], ids=lambda table: table.name
)


# -- declarations ----------------------------------------------------------------------------------


@every_resource
def test_a_resource_says_its_type_its_path_and_what_it_is(table: Table) -> None:
    assert table.cls.type == table.type
    assert table.cls.path == table.path
    assert str(inspect.getdoc(table.cls)).count(">>>") >= 2


@every_resource
def test_each_attribute_knows_its_names(table: Table) -> None:
    assert table.cls._attributes != {}
    for name, attribute in table.cls._attributes.items():
        assert attribute.name == name
        assert attribute.label == f"{table.name}.{name}"
        assert attribute.key
        assert attribute.address in {attribute.key, f"relationships.{attribute.key}"}
        assert (
            repr(attribute) == f"<{type(attribute).__name__} {attribute.label} ({attribute.key})>"
        )
        assert inspect.getdoc(type(attribute))


@every_resource
def test_each_attribute_gives_itself_on_the_class(table: Table) -> None:
    for name, attribute in table.cls._attributes.items():
        assert getattr(table.cls, name) is attribute


@every_resource
def test_no_two_attributes_have_one_place(table: Table) -> None:
    places = [attribute.address for attribute in table.cls._attributes.values()]

    assert sorted(set(places)) == sorted(places)


@every_resource
def test_attributes_are_spelled_like_python_and_keys_like_the_wire(table: Table) -> None:
    for name, attribute in table.cls._attributes.items():
        assert name == name.lower()
        assert "_" not in attribute.key


# -- life ------------------------------------------------------------------------------------------


@every_shown
def test_a_record_is_got_read_and_not_dirty(server: Emulator, table: Table) -> None:
    id_ = table.store(server.world)
    record = table.cls.get(id_)
    for name in table.cls._attributes:
        getattr(record, name)

    assert record.id == id_
    assert record[table.shown] == "Hi"
    assert not record.is_dirty
    assert record.changes == {}
    assert len(server.requests) == 1


@every_found
def test_what_is_not_there_is_not_found(server: Emulator, table: Table) -> None:
    table.values(server.world)
    with pytest.raises(NotFoundError) as caught:
        table.cls.get(UNKNOWN_ID)

    assert caught.value.path == f"{table.path}/{UNKNOWN_ID}"


@every_found
@pytest.mark.parametrize("id_", ["", "..", "a/b", "a?b", "a,b", "a b", "a#b", "a%2Fb"])
def test_what_is_no_id_is_refused_unsent(server: Emulator, table: Table, id_: str) -> None:
    with pytest.raises(InvalidValueError):
        table.cls.get(id_)

    assert server.requests == []


@every_listed
def test_several_records_come_in_the_order_that_was_asked(server: Emulator, table: Table) -> None:
    ids = [table.store(server.world) for _ in range(3)]
    wanted = [ids[2], UNKNOWN_ID, ids[0], ids[2]]

    assert [record.id for record in table.cls.get_many(wanted)] == [ids[2], ids[0]]
    assert len(server.requests) == 1
    assert table.cls.get_many([]) == []
    assert len(server.requests) == 1


@every_found
def test_a_record_of_another_type_is_no_answer(server: Emulator, table: Table) -> None:
    other = next(each for each in TABLES if each.cls.type != table.type)
    table.values(server.world)
    id_ = other.store(server.world)

    with pytest.raises(NotFoundError):
        table.cls.get(id_)


@every_shown
def test_refreshing_takes_the_new_values(server: Emulator, table: Table) -> None:
    id_ = table.store(server.world)
    record = table.cls.get(id_)
    server.world.edit(table.type, id_, **{table.shown: "Hello"})

    assert record[table.shown] == "Hi"
    record.refresh()
    assert record[table.shown] == "Hello"
    assert not record.is_dirty


@every_shown
def test_a_record_survives_pickle_and_copies(server: Emulator, table: Table) -> None:
    record = table.cls.get(table.store(server.world))
    server.requests.clear()

    for twin in (pickle.loads(pickle.dumps(record)), copy.copy(record), copy.deepcopy(record)):
        assert type(twin) is table.cls
        assert twin == record
        assert twin is not record
        assert twin[table.shown] == "Hi"
        assert twin.raw == record.raw
    assert table.cls.from_snapshot(json.loads(json.dumps(record.snapshot()))) == record
    assert server.requests == []


@every_found
def test_equality_is_organisation_type_and_id(server: Emulator, table: Table) -> None:
    id_ = table.store(server.world)
    one, same, other = (
        table.cls.get(id_),
        table.cls.get(id_),
        table.cls.get(table.store(server.world)),
    )

    assert one == same
    assert hash(one) == hash(same)
    assert one != other
    assert {one, same, other} == {one, other}
    assert one != id_
    for each in TABLES:
        same_type = each.type == table.type
        assert (table.cls(id=UNKNOWN_ID) == each.cls(id=UNKNOWN_ID)) is same_type
    assert table.cls() != table.cls()
    with pytest.raises(TypeError):
        hash(table.cls())


@every_shown
def test_a_mistyped_attribute_is_refused_with_the_right_one(server: Emulator, table: Table) -> None:
    record = table.cls.get(table.store(server.world))

    right = table.cls._by_address[table.shown].name
    wrong = f"{right[:-2]}{right[-1]}{right[-2]}"

    with pytest.raises(UnknownAttributeError, match=right) as caught:
        setattr(record, wrong, "Hi")
    assert caught.value.suggestion == right
    assert not hasattr(record, wrong)
    with pytest.raises(UnknownAttributeError):
        record.assign(createdAtt=None)
    assert not record.is_dirty


@every_found
def test_read_only_attributes_refuse_assignment(server: Emulator, table: Table) -> None:
    record, new = table.cls.get(table.store(server.world)), table.cls()
    read_only = {
        name: attribute
        for name, attribute in table.cls._attributes.items()
        if not attribute.updatable
    }

    for name, attribute in read_only.items():
        with pytest.raises(ReadOnlyAttributeError, match=name):
            setattr(record, name, None)
        with pytest.raises(ReadOnlyAttributeError, match=name):
            record.touch(name)
        if not attribute.creatable:
            with pytest.raises(ReadOnlyAttributeError, match=name):
                setattr(new, name, None)
    for name in ("id", "rev", "raw", "is_dirty", "changes", "custom", "key"):
        with pytest.raises(ReadOnlyAttributeError):
            setattr(record, name, None)
    assert not record.is_dirty


@every_found
def test_a_record_made_by_hand_is_not_guessed_at(server: Emulator, table: Table) -> None:
    with pytest.raises(NotLoadedError):
        _ = table.cls(id=UNKNOWN_ID)["anything"]

    assert server.requests == []
