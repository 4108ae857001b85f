"""`with record.edit():` saves once, on a clean exit; on an exception everything stays dirty."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from kustomer_orm import Client, Conversation, Editing, errors
from kustomer_orm.emulator import Emulator, Fault


@pytest.fixture
def conversation(server: Emulator, client: Client) -> Conversation:
    found = Conversation.get(server.world.add("conversation", name="Hi", priority=1))
    server.requests.clear()
    return found


def bodies(server: Emulator) -> list[Any]:
    return [each.body for each in server.requests]


def rename_and_raise(
    editing: Editing, record: Conversation, error: BaseException | type[BaseException]
) -> None:
    with editing:
        record.name = "Ho"
        raise error


def test_edits_in_several_places_are_one_save(server: Emulator, conversation: Conversation) -> None:
    def rename(record: Conversation) -> None:
        record.name = "Ho"

    def refund(record: Conversation) -> None:
        record.custom["refundNum"] = 5

    with conversation.edit() as editing:
        rename(conversation)
        conversation.priority = 2
        refund(conversation)
        assert server.requests == []
    assert bodies(server) == [{"name": "Ho", "priority": 2, "custom": {"refundNum": 5}}]
    assert editing.result is not None
    assert list(editing.result.sent) == ["name", "priority", "custom.refundNum"]
    assert not conversation.is_dirty


def test_nothing_changed_is_nothing_sent(server: Emulator, conversation: Conversation) -> None:
    with conversation.edit() as editing:
        conversation.name = "Ho"
        conversation.name = "Hi"
    assert server.requests == []
    assert not editing.result
    assert editing.result is not None


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, GeneratorExit])
def test_an_exception_leaves_everything_dirty_and_saves_nothing(
    server: Emulator, conversation: Conversation, error: type[BaseException]
) -> None:
    editing = conversation.edit()
    with pytest.raises(error):
        rename_and_raise(editing, conversation, error)
    assert server.requests == []
    assert list(conversation.changes) == ["name"]
    assert editing.result is None
    with conversation.edit() as editing:
        conversation.priority = 2
    assert bodies(server) == [{"name": "Ho", "priority": 2}]


def test_an_edit_within_an_edit_saves_once_at_the_outermost_exit(
    server: Emulator, conversation: Conversation
) -> None:
    with conversation.edit() as outer:
        conversation.name = "Ho"
        with conversation.edit() as inner:
            conversation.priority = 2
            with conversation.edit():
                conversation.status = "done"
        assert server.requests == []
        assert inner is outer
    assert bodies(server) == [{"name": "Ho", "priority": 2, "status": "done"}]
    assert inner.result is outer.result is not None


def test_an_exception_that_stays_within_the_outer_edit_is_the_outer_ones_business(
    server: Emulator, conversation: Conversation
) -> None:
    with conversation.edit() as editing:
        conversation.priority = 2
        with pytest.raises(ValueError, match="half"):
            rename_and_raise(conversation.edit(), conversation, ValueError("half done"))
        conversation.restore("name")
    assert bodies(server) == [{"priority": 2}]
    assert editing.result


def test_two_records_are_edited_side_by_side(server: Emulator, conversation: Conversation) -> None:
    other = Conversation.get(str(conversation.id))
    server.requests.clear()
    with conversation.edit() as one, other.edit() as two:
        conversation.name, other.priority = "Ho", 2
    assert one is not two
    assert bodies(server) == [{"priority": 2}, {"name": "Ho"}]


def test_the_options_are_those_of_save(server: Emulator, conversation: Conversation) -> None:
    server.world.edit("conversation", str(conversation.id), status="done")
    with conversation.edit(only=(name for name in ["name"]), conflict="none") as editing:
        conversation.name = "Ho"
        conversation.priority = 2
    assert bodies(server) == [{"name": "Ho"}]
    assert list(conversation.changes) == ["priority"]
    assert editing.result is not None
    assert editing.result.others_wrote is None


def test_options_that_the_one_save_would_not_heed_are_refused(
    server: Emulator, conversation: Conversation
) -> None:
    with conversation.edit(only=["name"], conflict="none") as editing:
        conversation.name = "Ho"
        with conversation.edit(conflict="none"):
            pass
        with conversation.edit(only=["name"]):
            pass
        with (
            pytest.raises(errors.ConfigurationError, match="outermost"),
            conversation.edit(conflict="verify"),
        ):
            pass
    assert editing.result
    with (
        pytest.raises(errors.ConfigurationError, match="several names"),
        conversation.edit(only="name"),
    ):
        conversation.name = "Hey"
    assert conversation.is_dirty


def test_a_save_that_fails_raises_and_keeps_the_changes(
    server: Emulator, conversation: Conversation
) -> None:
    server.faults.add(Fault.status(403))
    editing = conversation.edit()
    with pytest.raises(errors.PermissionDeniedError), editing:
        conversation.name = "Ho"
    assert (editing.result, conversation.is_dirty) == (None, True)
    with editing:  # and it can be had again
        pass
    assert editing.result
    assert not conversation.is_dirty


def test_a_save_of_ones_own_inside_is_made_at_once(
    server: Emulator, conversation: Conversation
) -> None:
    with conversation.edit() as editing:
        conversation.name = "Ho"
        conversation.save()
        conversation.priority = 2
    assert bodies(server) == [{"name": "Ho"}, {"priority": 2}]
    assert editing.result is not None
    assert list(editing.result.sent) == ["priority"]


def test_a_new_record_is_created_on_exit(server: Emulator, client: Client) -> None:
    new = Conversation(customer=server.world.add("customer"))
    with new.edit() as editing:
        new.name = "New"
    assert editing.result is not None
    assert editing.result.created
    assert new.id is not None


def test_a_handle_that_was_not_entered_does_nothing(
    server: Emulator, conversation: Conversation
) -> None:
    first, second = conversation.edit(), conversation.edit()
    conversation.name = "Ho"
    with first as outer, second as inner:
        assert outer is inner is first
    assert len(server.requests) == 1
    assert repr(first) == f"<Editing <Conversation {conversation.id}>>"
    assert isinstance(first, Editing)


def test_a_record_that_is_being_edited_travels_without_its_edit(
    server: Emulator, conversation: Conversation
) -> None:
    with conversation.edit():
        twin = pickle.loads(pickle.dumps(conversation))
        with twin.edit():
            twin.name = "Ho"
        assert bodies(server) == [{"name": "Ho"}]
