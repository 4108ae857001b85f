"""What nobody can compare is no evidence: such a record is unknown, and never called saved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kustomer_orm import BulkResult, Client, Conversation, Customer, custom, resume_bulk
from kustomer_orm.emulator import Emulator, Fault
from kustomer_orm.errors import ConflictError
from kustomer_orm.records.journal import Journal

TAG = "5f00000000000000000000aa"


class Secretive(Customer):
    """A customer with what the key may write and not read."""

    iban = custom.Str("ibanStr")


def lose_the_request(server: Emulator, method: str = "PUT") -> None:
    server.faults.add(Fault.cut_before(method=method, path="*/bulk*"))


def loaded(server: Emulator, **values: Any) -> Conversation:
    return Conversation.get(server.world.add("conversation", name="A", **values))


def stored(server: Emulator, record: Any) -> Any:
    return server.world.get(record.type, str(record.id))["attributes"]


def is_in_doubt(record: Any, result: BulkResult) -> bool:
    told = [failure.record for failure in result.unknown]
    return told == [record] and result.saved == [] and bool(record.in_doubt and record.is_dirty)


# -- sets ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("names", [["tags"], ["assigned_users"], ["tags", "assigned_users"]])
def test_a_risen_revision_is_no_evidence_for_sets(
    server: Emulator, client: Client, names: list[str]
) -> None:
    record = loaded(server)
    for name in names:
        setattr(record, name, [server.world.machine_user])
    server.world.edit("conversation", str(record.id), name="A colleague's")
    lose_the_request(server)

    result = Conversation.save_all([record])

    assert is_in_doubt(record, result)
    assert not stored(server, record).get("tags")


def test_what_somebody_else_wrote_the_same_does_not_vouch_for_a_set(
    server: Emulator, client: Client
) -> None:
    record = loaded(server)
    record.status, record.tags = "done", [TAG]
    server.world.edit("conversation", str(record.id), status="done")
    lose_the_request(server)

    assert is_in_doubt(record, Conversation.save_all([record]))


def test_a_set_that_others_touched_is_unknown(server: Emulator, client: Client) -> None:
    record = loaded(server, tags=["5f00000000000000000000bb"])
    record.tags = [TAG]
    server.world.edit("conversation", str(record.id), tags=["5f00000000000000000000cc"])
    lose_the_request(server)

    assert is_in_doubt(record, Conversation.save_all([record]))


def test_a_set_that_the_server_shows_arrived(server: Emulator, client: Client) -> None:
    record = loaded(server)
    record.tags = [TAG]
    server.faults.add(Fault.cut_after(method="PUT", path="*/bulk*"))

    assert Conversation.save_all([record]).saved == [record.id]
    assert stored(server, record)["tags"] == [TAG]


def test_a_refused_set_is_not_called_saved(server: Emulator, client: Client) -> None:
    server.behaviour.bulk_client_ref = "refused"
    record, other = loaded(server), loaded(server)
    record.tags, other.priority = [TAG], 2
    server.world.edit("conversation", str(record.id), name="A colleague's")
    server.bulk.refuse = lambda item: "no luck" if item["id"] == record.id else None

    result = Conversation.save_all([record, other])

    assert (result.saved, [failure.record for failure in result.failed]) == ([other.id], [record])


def test_a_set_that_was_never_sent_is_sent_by_resuming(
    server: Emulator, client: Client, tmp_path: Path
) -> None:
    record = loaded(server)
    record.tags = [TAG]
    Journal.of(tmp_path / "j", client).sending("PUT", "/v1/conversations/bulk", [record], "verify")
    server.world.edit("conversation", str(record.id), name="A colleague's")

    assert resume_bulk(tmp_path / "j").saved == [record.id]
    assert stored(server, record)["tags"] == [TAG]


# -- what is masked --------------------------------------------------------------------------------


@pytest.fixture
def masked(server: Emulator, client: Client) -> Secretive:
    """A customer whose number is masked."""
    id_ = server.world.add("customer", name="A", custom={"ibanStr": "old"})
    server.world.describe("customer", ibanStr={"sensitive": {"enabled": True}})
    return Secretive.get(id_)


@pytest.mark.parametrize("revision", ["risen", "unknown"])
def test_what_is_masked_is_unknown(
    server: Emulator, client: Client, masked: Secretive, revision: str
) -> None:
    if revision == "risen":
        server.world.edit("customer", str(masked.id), name="A colleague's")
    else:
        masked.name = "B"
        Secretive.save_all([masked])
    masked.iban = "NEW"
    lose_the_request(server)

    assert is_in_doubt(masked, Secretive.save_all([masked]))
    assert stored(server, masked)["custom"]["ibanStr"] == "old"
    assert Secretive.save_all([masked]).saved == [masked.id]
    assert stored(server, masked)["custom"]["ibanStr"] == "NEW"


def test_a_creation_is_not_taken_over_by_what_nobody_can_compare(
    server: Emulator, client: Client
) -> None:
    jane = server.world.add("customer", name="Jane")
    strangers = {"externalId": "T", "tags": ["5f00000000000000000000bb"]}
    server.world.add("conversation", customer=jane, **strangers)
    lose_the_request(server, "POST")
    record = Conversation(customer=jane, external_id="T", tags=[TAG])

    result = Conversation.save_all([record])

    assert (result.created, record.id) == ([], None)
    assert [failure.record for failure in result.unknown] == [record]


# -- a key that is taken ---------------------------------------------------------------------------


@pytest.mark.parametrize("polling", ["batches", "status", "none"])
@pytest.mark.parametrize("refs", ["accepted", "refused"])
@pytest.mark.parametrize("others", [0, 2])
def test_a_taken_external_id_is_a_conflict_on_every_server(
    server: Emulator, client: Client, polling: Any, refs: Any, others: int
) -> None:
    server.behaviour.bulk_client_ref, server.behaviour.bulk_polling = refs, polling
    strangers = server.world.add("customer", name="Stranger", externalId="T")
    mine = Customer(name="Mine", external_id="T")

    result = Customer.save_all([mine, *(Customer(name=f"N {each}") for each in range(others))])

    (failure,) = result.failed
    assert failure.record is mine
    assert isinstance(failure.error, ConflictError)
    assert server.world.get("customer", strangers)["attributes"]["name"] == "Stranger"


# -- the cache -------------------------------------------------------------------------------------


def test_the_cache_lets_go_of_what_is_unknown(server: Emulator, fake_time: Any) -> None:
    with Client(
        server.api_key, base_url=server.url, clock=fake_time.clock(), cache=600, retry=0
    ) as client:
        record = Customer.get(server.world.add("customer", name="A"))
        record.name = "B"
        server.bulk.stuck = True
        server.faults.add(Fault.status(503, method="GET", times=None))

        assert len(Customer.save_all([record], timeout=1).unknown) == 1

        server.faults.clear()
        server.world.edit("customer", str(record.id), name="B")  # it is carried out after all
        assert Customer.get(str(record.id)).name == "B"
        client.close()


def test_the_cache_lets_go_of_what_may_be_deleted(server: Emulator, fake_time: Any) -> None:
    with Client(
        server.api_key, base_url=server.url, clock=fake_time.clock(), cache=600, retry=0
    ) as client:
        record = Customer.get(server.world.add("customer", name="A"))
        server.bulk.stuck = True
        server.faults.add(Fault.status(503, method="GET", times=None))

        assert len(Customer.delete_all([record], timeout=1).unknown) == 1

        server.faults.clear()
        server.world.edit("customer", str(record.id), name="B")
        assert Customer.get(str(record.id)).name == "B"
        client.close()
