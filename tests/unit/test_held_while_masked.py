"""A list or dict in somebody's hands stays the record's own, whatever an answer hides or reorders.

Pitfall 30.
"""

from __future__ import annotations

from typing import Any

import pytest

from kustomer_orm import Client, Conversation
from kustomer_orm.emulator import Emulator, Fault


def conversation_of(server: Emulator, **values: Any) -> Conversation:
    return Conversation.get(server.world.add("conversation", **values))


def stored(server: Emulator, conversation: Conversation) -> Any:
    return server.world.get("conversation", str(conversation.id))["attributes"]


def names(server: Emulator, conversation: Conversation) -> list[str]:
    return [server.world.tag_name(ident) for ident in stored(server, conversation)["tags"]]


def test_a_list_that_an_answer_hides_is_still_the_one_that_is_sent(
    server: Emulator, client: Client
) -> None:
    conversation = conversation_of(server, tags=["a"])
    tags = conversation.tags
    conversation.name = "b"
    server.faults.add(Fault.masked(["tags"]))
    conversation.save()

    tags.append("c")
    conversation.save()

    assert conversation.tags is tags
    assert names(server, conversation) == ["a", "c"]


def test_a_list_emptied_in_flight_stays_an_edit_though_the_answers_hide_it(
    server: Emulator, client: Client
) -> None:
    """Pitfall 20."""
    conversation = conversation_of(server)
    tags = conversation.tags
    tags.append("a")
    conversation.name = "b"
    server.world.mask("conversation", "tags")
    server.faults.add(Fault.after(lambda _: tags.clear()))

    conversation.save()

    assert (conversation.tags, conversation.tags is tags) == ([], True)
    assert conversation.changes["tags"].new == []
    server.world.unmask("conversation", "tags")
    conversation.save()
    assert names(server, conversation) == []


def test_the_result_and_the_baseline_are_apart_where_the_answer_hides_what_was_sent(
    server: Emulator, client: Client
) -> None:
    conversation = conversation_of(server, suggestedTags=[{"tag": "a", "confidence": 0.1}])
    server.faults.add(Fault.masked(["suggestedTags"], method="PATCH"))
    conversation.suggested_tags[0]["confidence"] = 0.5
    result = conversation.save()
    before = conversation.raw

    result.sent["suggested_tags"].clear()

    assert conversation.raw == before


@pytest.mark.parametrize("order", ["written", "reversed"])
def test_a_tag_taken_out_in_flight_is_not_another_one(
    server: Emulator, client: Client, order: Any
) -> None:
    """Pitfall 51: which id is whose nobody says, so nothing is taken out by guessing."""
    server.behaviour.tags_order = order
    conversation = conversation_of(server)
    conversation.tags += ["a", "b"]
    server.faults.add(Fault.after(lambda _: conversation.tags.remove("a")))

    result = conversation.save()

    assert list(result.overlaps) == ["tags"]
    assert set(names(server, conversation)) == {"a", "b"}
    assert not conversation.is_dirty


@pytest.mark.parametrize("order", ["written", "reversed"])
def test_all_tags_taken_out_in_flight_are_taken_out(
    server: Emulator, client: Client, order: Any
) -> None:
    """Pitfall 20."""
    server.behaviour.tags_order = order
    conversation = conversation_of(server, tags=["x"])
    conversation.tags += ["a", "b"]
    kept = conversation.tags[:1]
    server.faults.add(Fault.after(lambda _: conversation.tags.__setitem__(slice(None), kept)))

    conversation.save()
    conversation.save()

    assert names(server, conversation) == ["x"]


def test_a_key_that_was_deleted_is_gone_though_the_answer_hides_it(
    server: Emulator, client: Client
) -> None:
    conversation = conversation_of(server, custom={"noteTxt": "n"})
    del conversation.custom["noteTxt"]
    server.faults.add(Fault.masked(["custom.noteTxt"], method="PATCH"))
    server.behaviour.cleared_custom = "null"

    conversation.save()

    assert ("noteTxt" in conversation.custom, conversation.is_dirty) == (False, False)


@pytest.mark.parametrize("way", ["careful", "refresh"])
def test_a_list_that_a_read_hides_is_still_the_records_own(
    server: Emulator, client: Client, way: str
) -> None:
    conversation = conversation_of(server, tags=["a"])
    tags = conversation.tags
    server.faults.add(Fault.masked(["tags"], method="GET"))
    if way == "refresh":
        conversation.refresh()
    else:
        conversation.name = "b"
        conversation.save(conflict="careful")

    tags.append("late")
    conversation.save()

    assert conversation.tags is tags
    assert names(server, conversation) == ["a", "late"]
