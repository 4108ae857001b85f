"""Within a scope, a fresh read of a held record never moves the base under an edit of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kustomer_orm import Client, Conversation, errors
from kustomer_orm.emulator import Emulator, Fault

WAYS: dict[str, Callable[[str], object]] = {
    "get fresh": lambda id_: Conversation.get(id_, fresh=True),
    "get_many fresh": lambda id_: Conversation.get_many([id_], fresh=True),
    "get_by": lambda id_: Conversation.get_by(external_id="E-1"),
}


@pytest.fixture(params=WAYS)
def read(request: pytest.FixtureRequest) -> Callable[[str], object]:
    return WAYS[request.param]


def test_a_colleagues_value_under_an_edit_is_told_and_not_swallowed(
    server: Emulator, client: Client, read: Callable[[str], object]
) -> None:
    id_ = server.world.add("conversation", name="Hi", priority=1, externalId="E-1")
    with client.identity_scope():
        record = Conversation.get(id_)
        record.name, record.status = "Mine", "done"
        server.world.edit("conversation", id_, name="Theirs", priority=5)
        with pytest.raises(errors.UnsavedChangesError, match=r"name.*refresh\(\).*careful") as told:
            read(id_)
        assert "status" not in str(told.value)
        assert record.original("name") == "Hi"
        assert (record.name, record.priority, list(record.changes)) == (
            "Mine",
            1,
            ["name", "status"],
        )
        with pytest.raises(errors.ConflictError) as conflict:
            record.save(conflict="careful")
        assert conflict.value.fields["name"] == ("Hi", "Mine", "Theirs", "name")
        assert server.world.get("conversation", id_)["attributes"]["name"] == "Theirs"


def test_each_of_the_ways_out_leads_out(
    server: Emulator, client: Client, read: Callable[[str], object]
) -> None:
    id_ = server.world.add("conversation", name="Hi", externalId="E-1")
    with client.identity_scope():
        record = Conversation.get(id_)
        record.name = "Mine"
        server.world.edit("conversation", id_, name="Theirs")
        with pytest.raises(errors.UnsavedChangesError):
            read(id_)
        assert record.refresh() == {"name": ("Mine", "Theirs")}
        assert read(id_) in (record, [record])
        server.world.edit("conversation", id_, name="Theirs again")
        with pytest.raises(errors.UnsavedChangesError):
            read(id_)
        record.refresh("discard")
        assert read(id_) in (record, [record])
        assert (record.name, record.is_dirty) == ("Theirs again", False)


def test_edits_that_meet_nobodys_are_carried_over(
    server: Emulator, client: Client, read: Callable[[str], object]
) -> None:
    id_ = server.world.add(
        "conversation", name="Hi", priority=1, tags=["vip"], status="open", externalId="E-1"
    )
    with client.identity_scope():
        record = Conversation.get(id_)
        tags = record.tags
        tags.append("mine")
        record.name, record.status = "Mine", "done"
        server.world.edit("conversation", id_, priority=5, tags=["vip", "theirs"], status="done")
        assert read(id_) in (record, [record])
        assert record.tags is tags
        assert set(tags) == {*server.world.get("conversation", id_)["attributes"]["tags"], "mine"}
        assert (record.priority, set(record.changes)) == (5, {"name", "tags"})


def test_of_several_none_moves_when_one_cannot(server: Emulator, client: Client) -> None:
    ids = [server.world.add("conversation", name="Hi", priority=1) for _ in range(150)]
    with client.identity_scope():
        records = Conversation.get_many(ids)
        records[-1].name = "Mine"
        for id_ in (ids[0], ids[-1]):
            server.world.edit("conversation", id_, name="Theirs", priority=5)
        with pytest.raises(errors.UnsavedChangesError, match=ids[-1]):
            Conversation.get_many(ids, fresh=True)
        assert [each.priority for each in (records[0], records[-1])] == [1, 1]


def test_a_write_in_doubt_is_no_colleague(server: Emulator, client: Client) -> None:
    """What was sent may have arrived, or not, and was edited again since: nobody else wrote."""
    for fault in (Fault.cut_after, Fault.cut_before):
        id_ = server.world.add("conversation", name="Hi")
        with client.identity_scope():
            record = Conversation.get(id_)
            record.name = "Sent"
            server.faults.add(fault(method="PATCH", times=None))
            with pytest.raises(errors.APIError):
                record.save()
            server.faults.clear()
            record.name = "Sent later"
            assert Conversation.get(id_, fresh=True) is record
            assert record.name == "Sent later"


def test_what_was_written_without_having_been_read_is_carried_over(
    server: Emulator, client: Client
) -> None:
    jane = server.world.add("conversation", name="Jane")
    with client.identity_scope():
        record: Any = Conversation.get(server.world.add("conversation"))
        stub = record._related(Conversation, jane, None)
        stub.name = "Mine"
        assert Conversation.get(jane) is stub
        assert stub.name == "Mine"
