"""A resource that this version only reads: every way of writing it is refused, and none is sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kustomer_orm import Client, Conversation, Queue, Tag, custom, errors
from kustomer_orm.emulator import Emulator

KINDS: dict[str, type[Any]] = {"tag": Tag, "queue": Queue}


class Buyer(Tag):
    note = custom.Txt()
    watchers = custom.Id("user", "watchersId", many=True)


@pytest.fixture(params=KINDS)
def record(request: pytest.FixtureRequest, server: Emulator, client: Client) -> Any:
    kind: str = request.param
    id_ = server.world.add(kind, name="Jane", custom={"noteTxt": "n", "linesTxt": ["a"]})
    found = KINDS[kind].get(id_)
    assert found.custom["noteTxt"] == "n"
    server.requests.clear()
    return found


def set_custom(record: Any) -> None:
    record.custom["noteTxt"] = "m"


def set_new_custom(record: Any) -> None:
    record.custom["otherNum"] = 1


def delete_custom(record: Any) -> None:
    del record.custom["noteTxt"]


def edit_in_place(record: Any) -> None:
    record.custom["linesTxt"].append("b")
    record.save()


WRITES: dict[str, Callable[[Any], object]] = {
    "assignment": lambda record: setattr(record, "name", "Joe"),
    "assign()": lambda record: record.assign(name="Joe"),
    "touch": lambda record: record.touch("name"),
    "delete": lambda record: record.delete(),
    "custom key": set_custom,
    "new custom key": set_new_custom,
    "custom key deleted": delete_custom,
    "custom update": lambda record: record.custom.update(noteTxt="m"),
    "custom pop": lambda record: record.custom.pop("noteTxt"),
    "edit in place": edit_in_place,
    "new": lambda record: type(record)().save(),
    "plan of a new one": lambda record: type(record)().plan(),
    "create": lambda record: type(record).create(),
    "create with an id": lambda record: type(record).create(id="5f00000000000000000000aa"),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_writing_is_refused_and_nothing_is_sent(
    server: Emulator, record: Any, write: Callable[[Any], object]
) -> None:
    before = server.world.get(record.type, record.id)
    with pytest.raises(errors.ReadOnlyAttributeError):
        write(record)
    assert server.requests == []
    assert server.world.get(record.type, record.id) == before


def test_saving_one_that_was_only_read_is_no_request(server: Emulator, record: Any) -> None:
    _ = (record.name, record.custom["linesTxt"], record.to_dict())
    assert not record.save()
    assert not record.plan()
    assert server.requests == []


def test_the_refusal_says_that_it_is_the_version_and_which_record(record: Any) -> None:
    words = f"{record.id}: this version reads a {record.type} and does not write it"
    for write in (set_custom, delete_custom, edit_in_place, lambda record: record.delete()):
        with pytest.raises(errors.ReadOnlyAttributeError, match=words):
            write(record)


def test_a_declared_custom_attribute_of_one_is_not_saved(server: Emulator, client: Client) -> None:
    buyer = Buyer.get(server.world.add("tag", custom={"watchersId": []}))
    server.requests.clear()
    buyer.watchers.append("5f00000000000000000000aa")
    with pytest.raises(errors.ReadOnlyAttributeError, match="reads a tag"):
        buyer.save()
    with pytest.raises(errors.ReadOnlyAttributeError, match="reads a tag"):
        buyer.plan()
    assert server.requests == []
    buyer.restore()
    assert not buyer.save()


def test_a_declared_custom_attribute_is_refused_on_the_line_that_assigns_it(
    server: Emulator, client: Client
) -> None:
    buyer = Buyer.get(server.world.add("tag", name="Jane"))

    with pytest.raises(errors.ReadOnlyAttributeError, match="does not write it"):
        buyer.note = "m"

    assert not buyer.is_dirty


def test_a_record_of_a_type_that_no_class_declares_is_not_written(
    server: Emulator, client: Client
) -> None:
    queue = server.world.add("queue", name="Q")
    found: Any = Conversation.get(server.world.add("conversation", queue={"id": queue})).queue
    server.requests.clear()

    with pytest.raises(errors.ReadOnlyAttributeError):
        found.custom["noteTxt"] = "m"
    with pytest.raises(errors.ReadOnlyAttributeError):
        found.delete()

    assert server.requests == []
