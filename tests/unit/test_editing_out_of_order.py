"""Blocks of `edit()` that do not end in the order in which they began: nothing is left unsaved."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from kustomer_orm import Client, Conversation, errors
from kustomer_orm.emulator import Emulator


@pytest.fixture
def conversation(server: Emulator, client: Client) -> Conversation:
    found = Conversation.get(server.world.add("conversation", name="Hi", priority=1))
    server.requests.clear()
    return found


def bodies(server: Emulator) -> list[Any]:
    return [each.body for each in server.requests]


def edits(record: Conversation, *names: str, **options: Any) -> Generator[Any, None, None]:
    """Rename a record within one edit, a pause after each name."""
    with record.edit(**options) as editing:
        for name in names:
            record.name = name
            yield editing


def test_the_outer_block_saves_while_a_generators_is_open(
    server: Emulator, conversation: Conversation
) -> None:
    generator = edits(conversation, "Ho", "Hey")
    with conversation.edit() as outer:
        conversation.priority = 2
        next(generator)
    assert bodies(server) == [{"priority": 2, "name": "Ho"}]
    assert outer.result
    next(generator)
    assert conversation.is_dirty
    assert next(generator, None) is None
    assert bodies(server)[1:] == [{"name": "Hey"}]
    assert outer.result is not None
    assert list(outer.result.sent) == ["name"]
    assert not conversation.is_dirty


def test_a_block_that_is_left_with_nothing_to_save_keeps_the_result(
    server: Emulator, conversation: Conversation
) -> None:
    generator = edits(conversation, "Ho")
    with conversation.edit() as outer:
        next(generator)
    result = outer.result
    assert result
    next(generator, None)
    assert outer.result is result
    assert len(server.requests) == 1


def test_a_block_saves_when_the_generator_that_was_first_is_gone(
    server: Emulator, conversation: Conversation
) -> None:
    generator = edits(conversation, "Ho")
    next(generator)
    with conversation.edit() as joined:
        conversation.priority = 2
        generator.close()  # an exception leaves the generator's block, so that saves nothing
        with conversation.edit():
            conversation.status = "done"
        assert server.requests == []
    assert bodies(server) == [{"name": "Ho", "priority": 2, "status": "done"}]
    assert joined.result


def test_a_generator_that_ends_first_saves_and_the_block_saves_the_rest(
    server: Emulator, conversation: Conversation
) -> None:
    generator = edits(conversation, "Ho")
    next(generator)
    with conversation.edit():
        conversation.priority = 2
        next(generator, None)
        conversation.status = "done"
    assert bodies(server) == [{"name": "Ho", "priority": 2}, {"status": "done"}]


def test_what_remains_is_saved_by_the_options_of_the_block_that_remains(
    server: Emulator, conversation: Conversation
) -> None:
    generator = edits(conversation, "Ho", "Hey", only=["name"])
    with conversation.edit(only=["name"]):
        next(generator)
        conversation.priority = 2
    next(generator)
    with (
        pytest.raises(errors.ConfigurationError, match="outermost"),
        conversation.edit(only=["priority"]),
    ):
        pass
    next(generator, None)
    assert bodies(server) == [{"name": "Ho"}, {"name": "Hey"}]
    assert list(conversation.changes) == ["priority"]


def test_a_block_after_an_outer_one_that_failed_saves_at_its_own_exit(
    server: Emulator, conversation: Conversation
) -> None:
    generator = edits(conversation, "Ho", "Hey")

    def fail() -> None:
        with conversation.edit():
            next(generator)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert server.requests == []
    next(generator)
    next(generator, None)
    assert bodies(server) == [{"name": "Hey"}]


def test_one_handle_may_be_entered_again_inside(
    server: Emulator, conversation: Conversation
) -> None:
    with conversation.edit() as editing:
        conversation.name = "Ho"
        with editing:
            conversation.priority = 2
        assert server.requests == []
    assert bodies(server) == [{"name": "Ho", "priority": 2}]
