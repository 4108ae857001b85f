"""What is loaded when, what an unloaded record says, and how revisions are counted."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from kustomer_orm import Client, Conversation, Customer, errors
from kustomer_orm.emulator import Emulator, Fault


def test_reading_everything_of_a_loaded_record_makes_no_request(
    server: Emulator, client: Client
) -> None:
    """Pitfall 90."""
    ids = server.seed_demo()
    conversations = Conversation.get_many(ids)
    server.requests.clear()
    for conversation in conversations:
        for name in Conversation._attributes:
            getattr(conversation, name)
        assert conversation.customer is not None
        assert conversation.customer.id
        repr(conversation)
        conversation.to_dict()
        list(conversation.custom.items())
        hasattr(conversation, "no_such_thing")
    assert server.requests == []


def test_a_related_record_is_loaded_once_and_only_when_more_than_its_id_is_asked_for(
    server: Emulator, client: Client
) -> None:
    """Pitfall 90."""
    jane = server.world.add("customer", name="Jane", username="jane")
    conversation = Conversation.get(server.world.add("conversation", customer=jane))
    server.requests.clear()
    customer = conversation.customer
    assert customer is not None
    assert (customer.id, customer.key[1:]) == (jane, ("customer", jane))
    repr(customer)
    assert server.requests == []
    assert (customer.name, customer.username, customer.external_id) == ("Jane", "jane", None)
    assert conversation.customer is customer
    assert [each.path for each in server.requests] == [f"/v1/customers/{jane}"]


def test_strict_loading_refuses_the_hidden_request(server: Emulator) -> None:
    """Pitfall 90."""
    client = Client(server.api_key, base_url=server.url, strict_loading=True)
    id_ = server.world.add("conversation", customer=server.world.add("customer", name="Jane"))
    customer = Conversation.using(client).get(id_).customer
    assert customer is not None
    server.requests.clear()
    with pytest.raises(errors.NotLoadedError, match="strict_loading"):
        _ = customer.name
    assert server.requests == []
    customer.refresh()
    assert customer.name == "Jane"
    assert len(server.requests) == 1


def test_an_unloaded_record_does_not_look_like_an_empty_one(
    server: Emulator, client: Client
) -> None:
    """Pitfall 91."""
    id_ = server.world.add("conversation", name="Hi", tags=["vip"], custom={"noteTxt": "x"})
    conversation = Conversation(id=id_)
    for read in (
        lambda: conversation.name,
        lambda: conversation.tags,
        lambda: conversation.customer,
        lambda: conversation.custom["noteTxt"],
        lambda: conversation.custom.get("noteTxt"),
        lambda: "noteTxt" in conversation.custom,
        lambda: dict(conversation.custom),
        lambda: len(conversation.custom),
    ):
        with pytest.raises(errors.NotLoadedError):
            read()
    assert server.requests == []
    conversation.name = "Ho"
    assert conversation.name == "Ho"
    conversation.refresh()
    assert (conversation.name, len(conversation.tags)) == ("Ho", 1)


def test_the_custom_attributes_of_an_unloaded_record_never_look_complete(
    server: Emulator, client: Client
) -> None:
    """Pitfall 91."""
    id_ = server.world.add("conversation", name="Hi", custom={"noteTxt": "x"})
    conversation = Conversation(id=id_)
    conversation.custom["refundNum"] = 1
    with pytest.raises(errors.NotLoadedError):
        dict(conversation.custom)
    assert conversation.custom["refundNum"] == 1
    assert repr(conversation.custom) == "<custom attributes refundNum>"
    assert server.requests == []


def test_a_related_record_that_does_not_load_says_so_each_time(
    server: Emulator, client: Client
) -> None:
    """Pitfall 91."""
    id_ = server.world.add("conversation", customer=server.world.add("customer", name="Jane"))
    customer = Conversation.get(id_).customer
    assert customer is not None
    server.faults.add(Fault.status(403), Fault.status(404))
    with pytest.raises(errors.PermissionDeniedError):
        _ = customer.name
    with pytest.raises(errors.NotFoundError):
        _ = customer.name
    assert customer.name == "Jane"


def test_saving_twice_and_refreshing_between_counts_every_revision(
    server: Emulator, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    """Pitfall 92."""
    caplog.set_level(logging.WARNING, "kustomer_orm")
    conversation = Conversation.get(server.world.add("conversation", tags=["a"]))
    for number in range(2, 5):
        conversation.name = f"Nr {number}"
        result = conversation.save()
        assert (result.rev, conversation.rev, result.others_wrote) == (number, number, False)
    conversation.refresh()
    conversation.name = "Once more"
    conversation.tags.append("b")
    result = conversation.save()
    assert (len(result.requests), result.rev, result.others_wrote) == (2, 6, False)
    assert all("rev" not in each.body for each in server.requests if each.method == "PATCH")
    assert caplog.records == []


def test_a_foreign_write_between_two_saves_is_told_once(
    server: Emulator, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    """Pitfall 92."""
    caplog.set_level(logging.WARNING, "kustomer_orm")
    id_ = server.world.add("conversation", name="Hi", priority=1)
    conversation = Conversation.get(id_)
    server.world.edit("conversation", id_, name="Theirs", priority=5)
    conversation.name = "Mine"
    first = conversation.save()
    conversation.name = "Mine again"
    second = conversation.save()
    assert (first.others_wrote, second.others_wrote) == (True, False)
    assert first.foreign == {"priority": (1, 5)}
    assert second.foreign == {}
    assert len(caplog.records) == 1
    assert "Theirs" not in caplog.text
    assert "Mine" not in caplog.text


@pytest.mark.parametrize("fault", [Fault.truncated_json, Fault.empty, Fault.cut_inside])
def test_a_revision_that_was_lost_is_unknown_and_not_guessed(
    server: Emulator, client: Client, fault: Any
) -> None:
    """Pitfall 92."""
    conversation = Conversation.get(server.world.add("conversation"))
    server.faults.add(fault(method="PATCH"))
    conversation.name = "Ho"
    assert conversation.save().rev is None
    assert conversation.rev is None
    conversation.name = "Hey"
    result = conversation.save()
    assert (result.rev, result.others_wrote, result.confirmed) == (3, None, True)


@pytest.mark.parametrize("conflict", ["none", "verify"])
def test_a_conflict_that_the_server_sees_always_raises(
    server: Emulator, client: Client, conflict: str
) -> None:
    """Pitfall 93."""
    id_ = server.world.add("conversation", name="Hi")
    conversation = Conversation.get(id_)
    server.requests.clear()
    server.faults.add(Fault.status(409, method="PATCH"))
    conversation.name = "Ho"

    with pytest.raises(errors.ConflictError) as raised:
        conversation.save(conflict=conflict)

    assert raised.value.status == 409
    assert conversation.changes == {"name": ("Hi", "Ho")}
    assert not conversation.in_doubt
    assert len(server.requests) == 1


def test_two_records_with_one_external_id_are_a_conflict_on_creation(
    server: Emulator, client: Client
) -> None:
    """Pitfall 93."""
    customer = server.world.add("customer")
    server.world.add("conversation", externalId="E-1", customer=customer)
    server.requests.clear()
    conversation = Conversation(customer=Customer(id=customer), external_id="E-1")
    with pytest.raises(errors.ConflictError) as raised:
        conversation.save()
    assert "external_id" in raised.value.attributes
    assert conversation.id is None
    assert conversation.is_dirty
    assert [each.method for each in server.requests] == ["POST"]
