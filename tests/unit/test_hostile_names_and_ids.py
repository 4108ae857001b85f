"""Names and ids that cannot be meant: each is refused in words that say what to do."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any

import pytest

from kustomer_orm import Client, Conversation, User, custom, errors
from kustomer_orm.emulator import Emulator

ID = "5f0000000000000000000001"


class Case(Conversation):
    note = custom.Txt()


class Known(str, enum.Enum):  # noqa: UP042 - the old way, on purpose
    """An id as a member of an enumeration; its `str()` is not its text."""

    FIRST = ID


# -- ids -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ids", [ID, "", Known.FIRST])
def test_one_id_in_the_place_of_several_is_refused(
    server: Emulator, client: Client, ids: str
) -> None:
    with pytest.raises(errors.InvalidValueError, match=r"get_many\(\[id\]\)"):
        Case.get_many(ids)
    assert server.requests == []


def test_an_id_of_a_class_of_its_own_is_its_text(server: Emulator, client: Client) -> None:
    server.world.add("conversation", id=ID, name="Hi")
    case = Case(id=Known.FIRST, name="Ho")
    assert (type(case.id), case.id) == (str, ID)
    case.save()
    assert [found.name for found in Case.get_many([Known.FIRST])] == ["Ho"]
    assert [each.path for each in server.requests] == [f"/v1/conversations/{ID}"] * 2


@pytest.mark.parametrize(
    ("id_", "got"),
    [
        ("", "an empty string"),
        ("jane@example.com/..", "a string of 19 characters"),
        (4111111111111111, "a number of more than nine digits"),
        (5, "got 5"),
        (b"abc", "a bytes"),
        (["abc"], "a list of 1"),
    ],
)
def test_what_is_no_id_is_described_and_not_shown(
    server: Emulator, client: Client, id_: Any, got: str
) -> None:
    for call in (Case.get, lambda id_: Case(id=id_), lambda id_: Case.get_many([id_])):
        with pytest.raises(errors.InvalidValueError, match=got) as raised:
            call(id_)
        assert "jane" not in str(raised.value)
        assert "4111" not in str(raised.value)
    assert server.requests == []


# -- names -----------------------------------------------------------------------------------------

BY_NAME: dict[str, Callable[[Case, Any], object]] = {
    "restore": lambda case, name: case.restore(name),
    "touch": lambda case, name: case.touch(name),
    "original": lambda case, name: case.original(name),
    "save": lambda case, name: case.save(only=[name]),
    "plan": lambda case, name: case.plan(only=[name]),
}


@pytest.mark.parametrize("call", BY_NAME.values(), ids=BY_NAME)
@pytest.mark.parametrize("name", [None, 5, b"name", ("name",), ["name"], Case.name])
def test_a_name_that_is_no_string_is_an_unknown_attribute(
    server: Emulator, client: Client, call: Callable[[Case, Any], object], name: Any
) -> None:
    case = Case(id=ID, name="Ho")
    with pytest.raises(errors.UnknownAttributeError, match="names of attributes are strings"):
        call(case, name)
    assert list(case.changes) == ["name"]
    assert server.requests == []


def test_custom_as_a_whole_cannot_be_assigned_and_the_error_shows_the_way() -> None:
    case = Case(id=ID)
    whole: Any = {"noteTxt": "n"}
    for call in (
        lambda: case.assign(custom=whole),
        lambda: Case(id=ID, custom=whole),
        lambda: case.touch("custom"),
    ):
        with pytest.raises(errors.UnknownAttributeError, match=r"mapping: set custom\["):
            call()
    with pytest.raises(errors.ReadOnlyAttributeError, match=r"record\.custom\['refundNum'\] = …"):
        case.custom = whole
    assert not case.is_dirty


@pytest.mark.parametrize("name", ["name", "id", "note", "custom", "nothing", "_state"])
def test_an_attribute_that_is_deleted_is_refused_with_the_way_to_clear_it(name: str) -> None:
    case = Case(id=ID, name="Ho")
    with pytest.raises(errors.ReadOnlyAttributeError, match=r"assign None to clear it"):
        delattr(case, name)
    assert case.changes == {"name": (None, "Ho")}


def test_an_edit_of_an_attribute_that_the_class_has_no_more_does_not_go_elsewhere() -> None:
    snapshot = Case(id=ID, name="Ho").snapshot()
    snapshot["edits"][0]["at"] = "nameOfLastYear"
    with pytest.raises(errors.UnknownAttributeError, match="nameOfLastYear"):
        Case.from_snapshot(snapshot)


# -- a record is no container ----------------------------------------------------------------------


def test_a_record_is_neither_iterated_nor_searched(server: Emulator, client: Client) -> None:
    case: Any = Case(id=server.world.add("conversation"))
    for call in (
        lambda: iter(case),
        lambda: list(case),
        lambda: "name" in case,
        lambda: dict(case),
        lambda: [*case],
    ):
        with pytest.raises(TypeError):
            call()
    assert server.requests == []


def test_without_a_client_in_this_thread_it_is_said_that_threads_have_their_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("kustomer_orm.current._process", [])
    with pytest.raises(errors.NoClientError, match=r"in this thread.*once for all threads"):
        User.get(ID)
