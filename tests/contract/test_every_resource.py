"""What every resource must do: one suite for all of them."""

from __future__ import annotations

import copy
import inspect
import json
import pickle
from typing import Any

import pytest

from kustomer_orm import Conversation, Customer, Record, User
from kustomer_orm.emulator import Emulator
from kustomer_orm.errors import (
    InvalidValueError,
    NotFoundError,
    NotLoadedError,
    ReadOnlyAttributeError,
    UnknownAttributeError,
)

pytestmark = pytest.mark.usefixtures("client")

RESOURCES: tuple[type[Record], ...] = (Conversation, Customer, User)
UNKNOWN_ID = "ffffffffffffffffffffffff"


@pytest.fixture(params=RESOURCES, ids=lambda cls: cls.__name__)
def resource(request: pytest.FixtureRequest) -> type[Record]:
    cls: type[Record] = request.param
    return cls


def stored(server: Emulator, resource: type[Record], **values: Any) -> str:
    return server.world.add(resource.type, **{"name": "Hi", **values})


# -- declarations ----------------------------------------------------------------------------------


def test_a_resource_says_its_type_its_path_and_what_it_is(resource: type[Record]) -> None:
    assert resource.type == resource.__name__.lower()
    assert resource.path == f"/v1/{resource.type}s"
    assert inspect.cleandoc(vars(resource)["__doc__"]).count(">>>") >= 2


def test_each_attribute_knows_its_names(resource: type[Record]) -> None:
    assert resource._attributes != {}
    for name, attribute in resource._attributes.items():
        assert attribute.name == name
        assert attribute.label == f"{resource.__name__}.{name}"
        assert attribute.key
        assert attribute.address in {attribute.key, f"relationships.{attribute.key}"}
        assert (
            repr(attribute) == f"<{type(attribute).__name__} {attribute.label} ({attribute.key})>"
        )
        assert inspect.getdoc(type(attribute))


def test_each_attribute_gives_itself_on_the_class(resource: type[Record]) -> None:
    for name, attribute in resource._attributes.items():
        assert getattr(resource, name) is attribute


def test_no_two_attributes_have_one_place(resource: type[Record]) -> None:
    places = [attribute.address for attribute in resource._attributes.values()]

    assert sorted(set(places)) == sorted(places)


def test_attributes_are_spelled_like_python_and_keys_like_the_wire(resource: type[Record]) -> None:
    for name, attribute in resource._attributes.items():
        assert name == name.lower()
        assert "_" not in attribute.key


# -- life ------------------------------------------------------------------------------------------


def test_a_record_is_got_read_and_not_dirty(server: Emulator, resource: type[Record]) -> None:
    id_ = stored(server, resource)
    record = resource.get(id_)
    for name in resource._attributes:
        getattr(record, name)

    assert record.id == id_
    assert record["name"] == "Hi"
    assert not record.is_dirty
    assert record.changes == {}
    assert len(server.requests) == 1


def test_what_is_not_there_is_not_found(resource: type[Record]) -> None:
    with pytest.raises(NotFoundError) as caught:
        resource.get(UNKNOWN_ID)

    assert caught.value.path == f"{resource.path}/{UNKNOWN_ID}"


@pytest.mark.parametrize("id_", ["", "..", "a/b", "a?b", "a,b", "a b", "a#b", "a%2Fb"])
def test_what_is_no_id_is_refused_unsent(
    server: Emulator, resource: type[Record], id_: str
) -> None:
    with pytest.raises(InvalidValueError):
        resource.get(id_)

    assert server.requests == []


def test_several_records_come_in_the_order_that_was_asked(
    server: Emulator, resource: type[Record]
) -> None:
    ids = [stored(server, resource) for _ in range(3)]
    wanted = [ids[2], UNKNOWN_ID, ids[0], ids[2]]

    assert [record.id for record in resource.get_many(wanted)] == [ids[2], ids[0]]
    assert len(server.requests) == 1
    assert resource.get_many([]) == []
    assert len(server.requests) == 1


def test_a_record_of_another_type_is_no_answer(server: Emulator, resource: type[Record]) -> None:
    other = next(cls for cls in RESOURCES if cls is not resource)
    id_ = stored(server, other)

    with pytest.raises(NotFoundError):
        resource.get(id_)


def test_refreshing_takes_the_new_values(server: Emulator, resource: type[Record]) -> None:
    id_ = stored(server, resource)
    record = resource.get(id_)
    server.world.edit(resource.type, id_, name="Hello")

    assert record["name"] == "Hi"
    record.refresh()
    assert record["name"] == "Hello"
    assert not record.is_dirty


def test_a_record_survives_pickle_and_copies(server: Emulator, resource: type[Record]) -> None:
    record = resource.get(stored(server, resource))
    server.requests.clear()

    for twin in (pickle.loads(pickle.dumps(record)), copy.copy(record), copy.deepcopy(record)):
        assert type(twin) is resource
        assert twin == record
        assert twin is not record
        assert twin["name"] == "Hi"
        assert twin.raw == record.raw
    assert resource.from_snapshot(json.loads(json.dumps(record.snapshot()))) == record
    assert server.requests == []


def test_equality_is_organisation_type_and_id(server: Emulator, resource: type[Record]) -> None:
    id_ = stored(server, resource)
    one, same, other = resource.get(id_), resource.get(id_), resource.get(stored(server, resource))

    assert one == same
    assert hash(one) == hash(same)
    assert one != other
    assert {one, same, other} == {one, other}
    assert one != id_
    for cls in RESOURCES:
        assert (resource(id=UNKNOWN_ID) == cls(id=UNKNOWN_ID)) is (cls is resource)
    assert resource() != resource()
    with pytest.raises(TypeError):
        hash(resource())


def test_a_mistyped_attribute_is_refused_with_the_right_one(
    server: Emulator, resource: type[Record]
) -> None:
    record = resource.get(stored(server, resource))

    with pytest.raises(UnknownAttributeError, match="name") as caught:
        record.nmae = "Hi"  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
    assert caught.value.suggestion == "name"
    assert not hasattr(record, "nmae")
    with pytest.raises(UnknownAttributeError):
        record.assign(createdAtt=None)
    assert not record.is_dirty


def test_read_only_attributes_refuse_assignment(server: Emulator, resource: type[Record]) -> None:
    record, new = resource.get(stored(server, resource)), resource()
    read_only = {
        name: attribute
        for name, attribute in resource._attributes.items()
        if not attribute.updatable
    }

    assert {"created_at", "updated_at", "modified_at"} <= set(read_only)
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


def test_a_record_made_by_hand_is_not_guessed_at(server: Emulator, resource: type[Record]) -> None:
    with pytest.raises(NotLoadedError):
        _ = resource(id=UNKNOWN_ID)["name"]

    assert server.requests == []
