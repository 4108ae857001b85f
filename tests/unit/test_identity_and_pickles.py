"""What makes two records the same, and what a copy, a pickle and a snapshot carry along."""

from __future__ import annotations

import copy
import gc
import json
import pickle
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from kustomer_orm import Client, Conversation, Customer, Record, User, custom, errors
from kustomer_orm.emulator import Emulator, Fault

Copier = Callable[[Any], Any]


class Errand(Conversation):
    note = custom.Txt()
    due = custom.At()
    refund = custom.Num()


def pickled(record: Any) -> Any:
    return pickle.loads(pickle.dumps(record))


def through_json(record: Any) -> Any:
    return Errand.from_snapshot(json.loads(json.dumps(record.snapshot())))


COPIERS = [copy.copy, copy.deepcopy, pickled, through_json]


@pytest.fixture(params=COPIERS, ids=["copy", "deepcopy", "pickle", "snapshot"])
def copier(request: pytest.FixtureRequest) -> Any:
    return request.param


# -- identity ---------------------------------------------------------------------------------


def test_records_of_two_types_with_one_id_are_two(server: Emulator, client: Client) -> None:
    """Pitfall 82."""
    id_ = server.world.add("conversation")
    same: list[Record] = [Errand(id=id_), Customer(id=id_), User(id=id_)]
    assert len(set(same)) == 3
    assert Customer(id=id_) != User(id=id_)
    assert Errand(id=id_) == Conversation.get(id_)
    assert hash(Errand(id=id_)) == hash(Conversation.get(id_))
    assert Errand(id=id_) != id_


def test_records_of_two_organisations_with_one_id_are_two(server: Emulator) -> None:
    """Pitfall 82."""
    with Emulator() as other:
        id_ = server.world.add("conversation")
        other.world.add("conversation", id=id_)
        records = {
            Conversation.using(Client(each.api_key, base_url=each.url)).get(id_)
            for each in (server, other)
        }
        assert len(records) == 2


def test_a_new_record_has_no_hash_until_it_has_its_id_and_keeps_it_then(
    server: Emulator, client: Client
) -> None:
    """Pitfall 83."""
    errand = Errand(customer=server.world.add("customer"))
    with pytest.raises(TypeError, match="save it first"):
        hash(errand)
    assert errand != Errand(customer=errand.customer)
    assert errand == errand

    errand.save()
    kept = {errand}
    errand.name = "Hi"
    errand.save()
    errand.refresh()
    assert errand in kept
    assert Errand.get(str(errand.id)) in kept


def test_a_record_with_an_id_can_be_a_key(server: Emulator, client: Client) -> None:
    """Pitfall 84."""
    errand = Errand.get(server.world.add("conversation"))
    assert {errand: "mine"}[Errand(id=errand.id)] == "mine"


# -- copies -----------------------------------------------------------------------------------


def test_a_copy_keeps_the_edits_the_baseline_and_the_class(
    server: Emulator, client: Client, copier: Copier
) -> None:
    """Pitfall 85."""
    id_ = server.world.add("conversation", name="Hi", tags=["vip"], custom={"noteTxt": ""})
    errand = Errand.get(id_)
    errand.name = ""
    errand.due = datetime(2026, 1, 1, tzinfo=UTC)
    errand.tags.append("refund")
    del errand.custom["noteTxt"]

    twin = copier(copier(errand))

    assert type(twin) is Errand
    assert twin == errand
    assert (twin.changes, twin.raw, twin.rev) == (errand.changes, errand.raw, errand.rev)
    assert twin.original("name") == "Hi"
    assert twin.plan() == errand.plan()
    twin.save()
    stored = server.world.get("conversation", id_)["attributes"]
    assert (stored["name"], stored["custom"]) == ("", {"dueAt": "2026-01-01T00:00:00.000Z"})


def test_a_clean_record_is_clean_after_the_journey(
    server: Emulator, client: Client, copier: Copier
) -> None:
    """Pitfall 85."""
    errand = Errand.get(server.world.add("conversation", name="Hi", tags=["vip"]))
    assert (errand.name, len(errand.tags), errand.snooze) == ("Hi", 1, None)
    server.requests.clear()
    twin = copier(errand)
    assert not twin.is_dirty
    assert not twin.save()
    assert server.requests == []


@pytest.mark.parametrize("name", [None, "support"])
def test_no_pickle_and_no_snapshot_holds_the_key(server: Emulator, name: str | None) -> None:
    """Pitfall 85."""
    client = Client(server.api_key, base_url=server.url, name=name)
    id_ = server.world.add("conversation", customer=server.world.add("customer", name="Jane"))
    errand = Errand.using(client).get(id_)
    assert errand.customer is not None
    assert errand.customer.name == "Jane"
    errand.name = "Ho"
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert server.api_key.encode() not in pickle.dumps(errand, protocol)
    assert server.api_key not in json.dumps(errand.snapshot())
    assert server.api_key not in repr((errand, client, client.config, vars(client)))


@pytest.mark.parametrize("secret", ["client", "config", "api_key"])
def test_what_holds_the_key_cannot_be_pickled(client: Client, secret: str) -> None:
    """Pitfall 85."""
    held = {"client": client, "config": client.config, "api_key": client.config.api_key}
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(held[secret])


def test_a_pickle_finds_its_client_by_name_where_it_arrives(server: Emulator) -> None:
    """Pitfall 85."""
    client = Client(server.api_key, base_url=server.url, name="support")
    id_ = server.world.add("conversation", name="Hi")
    errand = Errand.using(client).get(id_)
    errand.name = "Ho"
    traveller = pickle.dumps(errand)
    key = errand.key
    del client, errand
    gc.collect()

    arrived = pickle.loads(traveller)
    assert (arrived.key, arrived.name) == (key, "Ho")
    with pytest.raises(errors.NoClientError, match="'support'"):
        arrived.save()
    assert arrived.is_dirty

    home = Client(server.api_key, base_url=server.url, name="support")
    arrived.save()
    assert arrived.key == key
    assert server.world.get("conversation", id_)["attributes"]["name"] == "Ho"
    home.close()


def test_a_doubt_travels_with_the_pickle(server: Emulator, client: Client, copier: Copier) -> None:
    """Pitfall 85."""
    errand = Errand.get(server.world.add("conversation"))
    errand.name = "Ho"
    server.faults.add(Fault.cut_after(times=None))
    with pytest.raises(errors.OutcomeUnknownError):
        errand.save()
    assert copier(errand).in_doubt


def test_editing_a_copy_leaves_the_original_alone(
    server: Emulator, client: Client, copier: Copier
) -> None:
    """Pitfall 86."""
    snooze = {"status": "scheduled", "time": "2026-01-01T00:00:00.000Z"}
    errand = Errand.get(server.world.add("conversation", name="Hi", tags=["vip"], snooze=snooze))
    assert errand.snooze is not None
    held = errand.tags
    twin = copier(errand)

    twin.name = "Ho"
    twin.tags.append("refund")
    twin.snooze["status"] = "canceled"
    assert not errand.is_dirty
    assert set(twin.changes) == {"name", "tags", "snooze"}

    twin.save()
    assert not errand.is_dirty
    assert (errand.name, errand.rev) == ("Hi", 1)
    held.append("mine")
    assert set(errand.changes) == {"tags"}
    assert not twin.is_dirty


def test_a_copy_works_after_every_attribute_was_read(
    server: Emulator, client: Client, copier: Copier
) -> None:
    """Pitfall 87."""
    server.seed_demo()
    for id_ in server.world.ids("conversation"):
        errand = Errand.get(id_)
        for name in Errand._attributes:
            getattr(errand, name)
        twin = copier(errand)
        assert twin.to_dict() == errand.to_dict()
        assert not twin.is_dirty


def test_a_copy_does_not_carry_the_client_or_its_connections_along(
    server: Emulator, client: Client
) -> None:
    """Pitfall 88."""
    errand = Errand.get(server.world.add("conversation", tags=["vip"]))
    assert errand.customer is not None
    errand.tags.append("refund")
    twins = copy.deepcopy([errand, {"a": errand}])
    assert len(pickle.dumps(errand)) < 4_000
    assert isinstance(twins[0], Errand)
    assert twins[0].tags is not errand.tags
    server.requests.clear()
    twins[0].save()
    assert [each.body for each in server.requests] == [["refund"]]


def test_a_snapshot_is_checked_before_it_becomes_a_record(client: Client) -> None:
    errand = Errand(id="5f0000000000000000000001", name="Hi")
    whole = errand.snapshot()
    wrong: list[Any] = [
        None,
        [],
        {},
        {**whole, "version": 2},
        {**whole, "type": "customer"},
        {**whole, "id": "../users/x"},
        {**whole, "extent": "everything"},
        {**whole, "edits": [{"at": "name"}]},
        *({key: value for key, value in whole.items() if key != left_out} for left_out in whole),
    ]
    for snapshot in wrong:
        with pytest.raises(errors.InvalidValueError):
            Errand.from_snapshot(snapshot)
    assert Errand.from_snapshot(whole).changes == errand.changes
