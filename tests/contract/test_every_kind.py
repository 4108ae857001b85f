"""What every attribute kind and custom class must do, declared and through `record.custom`."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from kustomer_orm import Masked, attributes, custom
from kustomer_orm.attributes import Attribute
from kustomer_orm.emulator import Emulator, Fault
from kustomer_orm.errors import InvalidValueError, UnreadableValueError
from tests.contract.faces import Face, shown, typed, ways_of
from tests.contract.kinds import CASES, Case

pytestmark = pytest.mark.usefixtures("client")


FACES = [(case, way) for case in CASES for way in ways_of(case)]


# The API masks attributes, not relationships.
MASKABLE = [(case, way) for case, way in FACES if case.name != "one"]


def name_of(pair: tuple[Case, str]) -> str:
    return "-".join(map(str, pair))


@pytest.fixture(params=FACES, ids=name_of)
def face(request: pytest.FixtureRequest, server: Emulator) -> Face:
    case, way = request.param
    return Face(server, case, way)


def test_the_cases_cover_every_kind_and_every_custom_class() -> None:
    covered = {type(case.attribute).__name__ for case in CASES}
    kinds = set(attributes.__all__) - {"Attribute", "Anything"}  # nothing of which is wrong
    classes = {name for name in custom.__all__ if isinstance(getattr(custom, name), type)}
    assert len(classes) == 9
    assert kinds | classes <= covered
    assert all(issubclass(getattr(attributes, kind), Attribute) for kind in kinds)


# -- the round trip -----------------------------------------------------------------------------


def test_a_value_crosses_the_wire_and_comes_back(face: Face) -> None:
    """Pitfalls 41, 42, 54 and 55."""
    face.load()

    face.assign(face.case.value)
    assert face.read() == shown(face.case.value)
    assert list(face.record.changes) == [face.name]
    face.save()

    assert [each.method for each in face.server.requests] == ["PATCH"]
    assert typed(face.bodies) == typed([face.case.body(face.case.wire)])
    assert face.read() == shown(face.case.value)
    face.server.requests.clear()
    face.saves_nothing()
    face.load(face.case.wire)
    assert face.read() == shown(face.case.value)
    assert type(face.read()) is type(shown(face.case.value))


def test_another_value_is_a_change(face: Face) -> None:
    """Pitfall 8, for every kind."""
    face.load(face.case.wire)

    face.assign(face.case.other)

    change = face.record.changes[face.name]
    assert (shown(change.old), shown(change.new)) == (face.case.value, face.case.other)
    assert shown(face.record.original(face.name)) == face.case.value
    face.save()
    assert typed(face.bodies) == typed([face.case.body(face.case.other_wire)])


def test_an_equal_value_is_no_change(face: Face) -> None:
    """Pitfalls 33, 38 and 39."""
    for wire in (face.case.wire, *face.case.spellings):
        for value in (face.case.value, *face.case.equal):
            face.load(wire)
            if face.way == "undeclared" and isinstance(value, tuple):
                value = list(value)  # noqa: PLW2901 - the kind of an undeclared key is not known
            face.assign(value)
            face.saves_nothing()


def test_set_and_revert_is_no_change(face: Face) -> None:
    """Pitfall 34."""
    face.load(face.case.wire)
    before = face.held()

    face.assign(face.case.other)
    assert face.record.changes
    face.assign(before)

    face.saves_nothing()


def test_restore_takes_an_assignment_back(face: Face) -> None:
    """Pitfall 14."""
    face.load(face.case.wire)
    face.assign(face.case.other)

    face.record.restore(face.name)

    assert face.read() == face.case.value
    face.saves_nothing()


def test_a_revert_while_the_value_is_being_sent_stays_a_change(face: Face) -> None:
    """Pitfall 21, for every kind."""
    face.load(face.case.wire)
    before = face.held()
    face.server.faults.add(Fault.before(lambda _: face.assign(before), method="PATCH"))
    face.assign(face.case.other)

    face.save()
    assert list(face.record.changes) == [face.name]
    face.save()

    assert typed(face.bodies) == typed(
        [face.case.body(face.case.other_wire), face.case.body(face.case.wire)]
    )


# -- refusals and null --------------------------------------------------------------------------


def test_a_wrong_value_is_refused_where_it_is_assigned_and_named(face: Face) -> None:
    """Pitfalls 37, 40, 55 and 68."""
    face.load(face.case.wire)
    label = f"custom.{face.case.key}" if face.way == "undeclared" else f"Everything.{face.name}"

    for value in face.case.wrong:
        if face.way == "undeclared" and is_known_to_declarations_alone(face.case, value):
            continue
        with pytest.raises(InvalidValueError) as caught:
            face.assign(value)
        assert label in str(caught.value), value
        assert face.id in str(caught.value)
        assert isinstance(caught.value.attribute, str)

    face.saves_nothing()


def is_known_to_declarations_alone(case: Case, value: Any) -> bool:
    """Tell what the suffix does not say: choices, whether Id is a list, of which type it is."""
    if case.name == "custom_choice":
        return isinstance(value, str)
    if case.name in {"custom_id", "custom_ids"}:
        return True
    return isinstance(value, list) and case.name in {"custom_str", "custom_txt", "custom_tree"}


def test_none_clears_what_is_nullable_and_is_refused_elsewhere(face: Face) -> None:
    """Pitfalls 12 and 62."""
    face.load(face.case.wire)

    if not face.case.nullable:
        with pytest.raises(InvalidValueError, match=face.name):
            face.assign(None)
        face.saves_nothing()
        return
    face.assign(None)
    assert face.read() is None
    face.save()

    assert face.bodies == [face.case.body(None)]
    assert not face.record.changes
    face.load()
    expected = None if face.way != "declared" else face.case.empty
    if face.case.is_custom:  # the emulator has it, and forgot it
        assert face.read() == expected


@pytest.mark.parametrize("held", ["absent", "null"])
def test_what_is_not_there_reads_as_nothing_and_stays_so(face: Face, held: str) -> None:
    """Pitfalls 31, 44 and 62."""
    face.load(*([None] if held == "null" and face.case.name != "one" else []))
    mapped_to_nothing = face.way == "undeclared" or (face.way == "mapping" and held == "absent")

    assert face.read() == (None if mapped_to_nothing else face.case.empty)
    assert shown(face.record.original(face.name)) is None

    face.saves_nothing()


# -- reading ------------------------------------------------------------------------------------


def test_reading_never_makes_a_change(face: Face) -> None:
    """Pitfalls 31 and 32."""
    for wire in (face.case.wire, *face.case.spellings):
        face.load(wire)

        first = face.read()
        assert face.read() == first
        assert wire in face.case.spellings or first == face.case.value
        assert repr(face.record)
        assert face.record.to_dict()
        assert face.record.snapshot()

        face.saves_nothing()


def test_reading_twice_gives_the_same_object(face: Face) -> None:
    """Pitfall 5."""
    face.load(face.case.wire)

    assert face.held() is face.held()


def test_copies_and_pickles_keep_the_value_and_the_change(face: Face) -> None:
    """Pitfalls 25 and 45."""
    face.load(face.case.wire)
    face.assign(face.case.other)
    original = face.record
    snapshot = face.cls.from_snapshot(original.snapshot())

    for twin in (copy.copy(original), copy.deepcopy(original), repickled(original), snapshot):
        face.record = twin
        assert face.read() == face.case.other
        assert twin.plan() == original.plan()
        assert shown(twin.original(face.name)) == face.case.value


def repickled(record: Any) -> Any:
    return pickle.loads(pickle.dumps(record))


def test_an_edit_in_place_is_sent(face: Face) -> None:
    """Pitfalls 1, 9, 10 and 11."""
    for edit, wire in face.case.edits:
        face.load(face.case.wire)
        held = face.held()

        edit(held)
        face.save()

        assert typed(face.bodies) == typed([face.case.body(wire)])
        assert face.held() is held
        assert not face.record.changes


# -- what cannot be seen, and what cannot be read -----------------------------------------------


@pytest.mark.parametrize("face", MASKABLE, indirect=True, ids=name_of)
def test_a_masked_value_is_never_a_change_and_never_sent(face: Face) -> None:
    """Pitfall 67."""
    face.load(face.case.wire)
    path = f"custom.{face.case.key}" if face.case.is_custom else face.case.key
    face.server.faults.add(Fault.masked([path], method="GET"))
    face.load()

    value = face.read()
    assert isinstance(value, Masked)
    assert "*" not in repr(value)
    face.assign(face.held())
    face.saves_nothing()
    face.record.name = "after"
    face.record.save()
    assert face.bodies == [{"name": "after"}]


@pytest.mark.parametrize("face", MASKABLE, indirect=True, ids=name_of)
def test_a_masked_value_can_be_replaced(face: Face) -> None:
    """Pitfall 67."""
    face.load(face.case.wire)
    path = f"custom.{face.case.key}" if face.case.is_custom else face.case.key
    face.server.faults.add(Fault.masked([path], method="GET"))
    face.load()

    face.assign(face.case.value)  # nobody knows that it is equal
    face.save()

    assert typed(face.bodies) == typed([face.case.body(face.case.wire)])
    assert face.read() == face.case.value


def test_a_value_that_does_not_read_raises_only_where_it_is_read(face: Face) -> None:
    """Pitfall 58."""
    load_corrupt(face)
    lists_are_plain = face.way == "undeclared" and face.case.name == "custom_ids"
    assert face.record.name == "before"
    assert repr(face.record)
    assert face.record.to_dict()["name"] == "before"

    if not lists_are_plain:
        for _ in range(2):
            with pytest.raises(UnreadableValueError, match=rf"\b{face.case.key}|{face.name}"):
                face.read()
    assert repr(face.case.corrupt) in repr(face.record.raw)
    face.saves_nothing()
    face.record.name = "after"
    face.record.save()

    assert face.bodies == [{"name": "after"}]


def test_a_value_that_does_not_read_can_be_replaced(face: Face) -> None:
    """Pitfall 58."""
    load_corrupt(face)

    face.assign(face.case.value)
    assert face.record.changes[face.name].new is not None
    face.save()

    assert typed(face.bodies) == typed([face.case.body(face.case.wire)])


def load_corrupt(face: Face) -> None:
    def corrupt(document: Any) -> Any:
        if face.case.name == "one":
            link = {"type": "user", "id": face.case.corrupt}
            document["data"]["relationships"][face.case.key] = {"data": link}
        else:
            attributes = document["data"]["attributes"]
            place = attributes["custom"] if face.case.is_custom else attributes
            place[face.case.key] = face.case.corrupt
        return document

    face.load(face.case.wire)
    face.server.faults.add(Fault.answer(corrupt, method="GET"))
    face.load()
