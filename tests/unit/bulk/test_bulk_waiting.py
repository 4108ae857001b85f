"""A record that waits is sent as it is when it is sent, once, and to its own organisation."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from kustomer_orm import Client, Conversation, Customer
from kustomer_orm.emulator import Emulator, Fault
from kustomer_orm.errors import ConfigurationError, ConflictError, PermissionDeniedError


def loaded(server: Emulator, count: int = 1) -> list[Customer]:
    found = Customer.get_many([server.world.add("customer", name="A") for _ in range(count)])
    server.requests.clear()
    return found


def bulk_bodies(server: Emulator) -> list[Any]:
    return [each.body for each in server.requests if each.path.endswith("/bulk")]


def stored(server: Emulator, record: Customer) -> Any:
    return server.world.get("customer", str(record.id))["attributes"]


# -- the same record again -------------------------------------------------------------------------


def test_a_new_record_that_is_given_twice_is_made_once(server: Emulator, client: Client) -> None:
    jane = Customer(name="Jane")

    result = Customer.save_all([jane, jane])

    assert (result.created, result.failed) == ([jane.id], [])
    assert len(bulk_bodies(server)) == 1


def test_a_record_that_waits_already_goes_once_as_it_is_then(
    server: Emulator, client: Client
) -> None:
    (record,) = loaded(server)

    def edited() -> Iterator[Customer]:
        for name in ("B", "C"):
            record.name = name
            yield record

    assert Customer.save_all(edited()).saved == [record.id]
    assert [body[0]["name"] for body in bulk_bodies(server)] == ["C"]


def test_an_edit_that_was_taken_back_does_not_go(server: Emulator, client: Client) -> None:
    (record,) = loaded(server)

    with client.bulk() as bulk:
        for name in ("B", "A"):
            record.name = name
            bulk.save(record)

    assert (bulk.result.unchanged, server.requests) == (1, [])
    assert stored(server, record)["name"] == "A"


def test_a_record_that_is_out_is_settled_before_it_goes_again(
    server: Emulator, client: Client
) -> None:
    records = loaded(server, 100)

    with client.bulk() as bulk:
        for record in records:
            record.name = "B"
            bulk.save(record)
        records[0].name = "C"
        bulk.save(records[0])

    assert [len(body) for body in bulk_bodies(server)] == [100, 1]
    assert stored(server, records[0])["name"] == "C"
    assert len(bulk.result.saved) == 101


def test_a_record_is_saved_before_it_is_deleted(server: Emulator, client: Client) -> None:
    (record,) = loaded(server)

    with client.bulk() as bulk:
        record.name = "B"
        bulk.save(record)
        bulk.delete(record)

    assert (bulk.result.saved, bulk.result.deleted) == ([record.id], [record.id])


# -- what happens to it while it waits -------------------------------------------------------------


def test_a_newer_save_is_not_overwritten_by_what_waited(server: Emulator, client: Client) -> None:
    (record,) = loaded(server)

    with client.bulk() as bulk:
        record.name = "E"
        bulk.save(record)
        record.name = "F"
        record.save()

    assert not bulk_bodies(server)
    assert (record.name, stored(server, record)["name"]) == ("F", "F")


def test_what_was_restored_while_it_waited_does_not_go(server: Emulator, client: Client) -> None:
    (record,) = loaded(server)

    with client.bulk() as bulk:
        record.name = "B"
        bulk.save(record)
        record.restore()

    assert bulk.result.unchanged == 1
    assert stored(server, record)["name"] == "A"


def test_a_later_edit_goes_along(server: Emulator, client: Client) -> None:
    (record,) = loaded(server)

    with client.bulk() as bulk:
        record.name = "B"
        bulk.save(record)
        record.name = "C"

    assert stored(server, record)["name"] == "C"
    assert not record.is_dirty


def test_a_new_record_that_was_saved_by_itself_meanwhile_is_not_made_again(
    server: Emulator, client: Client
) -> None:
    jane = Customer(name="Jane")

    with client.bulk() as bulk:
        bulk.save(jane)
        jane.save()
        jane.name = "Janet"

    assert bulk.result.saved == [jane.id]
    assert len(server.world.ids("customer")) == 1
    assert stored(server, jane)["name"] == "Janet"


def test_two_objects_of_what_was_made_meanwhile_keep_their_order(
    server: Emulator, client: Client
) -> None:
    jane = Customer(name="Jane")

    with client.bulk() as bulk:
        bulk.save(jane)
        jane.save()
        twin = Customer.get(str(jane.id))
        jane.name, twin.name = "First", "Second"
        bulk.save(twin)

    assert len(bulk.result.saved) == 2
    assert [body[0]["name"] for body in bulk_bodies(server)] == ["Second", "First"]


def test_what_is_no_longer_for_bulk_goes_by_itself(server: Emulator, client: Client) -> None:
    record = Conversation.get(server.world.add("conversation", name="A"))
    other = server.world.add("customer", name="Jane")

    with client.bulk() as bulk:
        record.name = "B"
        bulk.save(record)
        record.customer = other

    assert bulk.result.saved == [record.id]
    assert not bulk_bodies(server)
    assert not record.is_dirty


def test_what_can_no_longer_be_sent_fails_alone(server: Emulator, client: Client) -> None:
    first, second = loaded(server, 2)

    with client.bulk() as bulk:
        for record in (first, second):
            record.name = "B"
            bulk.save(record)
        first.tags.append("not a tag!")

    assert [failure.record for failure in bulk.result.failed] == [first]
    assert bulk.result.saved == [second.id]


def test_a_record_that_was_saved_by_itself_while_its_job_ran_shows_what_the_server_holds(
    server: Emulator, client: Client
) -> None:
    (record,) = loaded(server)
    record.name = "E"

    def save_again(_: object) -> None:
        record.name = "F"
        record.save()

    server.faults.add(Fault.after(save_again, method="PUT", path="*/bulk"))

    Customer.save_all([record])

    assert record.name == stored(server, record)["name"]
    assert not record.is_dirty


# -- strict ----------------------------------------------------------------------------------------


def test_strict_reads_first_where_it_has_no_revision_to_send(
    server: Emulator, client: Client
) -> None:
    records = loaded(server, 150)
    for record in records:
        record.name = "B"
    Customer.save_all(records)
    server.world.edit("customer", str(records[0].id), name="Theirs")
    for record in records:
        record.name = "C"
    server.requests.clear()

    result = Customer.save_all(records, conflict="strict")

    (failure,) = result.failed
    assert failure.record is records[0]
    assert isinstance(failure.error, ConflictError)
    assert stored(server, records[0])["name"] == "Theirs"
    assert len(result.saved) == 149
    bodies = [each.body for each in server.requests if each.method == "PUT"]
    assert {item["rev"] for body in bodies for item in body} == {2}
    reads = [each for each in server.requests if each.path.startswith("/v1/customers/5f")]
    assert len(reads) == 2  # one for each hundred


def test_strict_sends_nothing_that_it_could_not_read(server: Emulator, client: Client) -> None:
    record = Customer(id=server.world.add("customer", name="A"), name="B")
    server.faults.add(Fault.status(403, method="GET"))

    (failure,) = Customer.save_all([record], conflict="strict").failed

    assert isinstance(failure.error, PermissionDeniedError)
    assert not bulk_bodies(server)


# -- whose it is -----------------------------------------------------------------------------------


@pytest.fixture
def other() -> Iterator[tuple[Emulator, Client]]:
    with Emulator() as server:
        client = Client(server.api_key, base_url=server.url, org="other", name="other")
        yield server, client
        client.close()


@pytest.mark.parametrize("verb", ["save_all", "create_all", "delete_all", "bulk"])
def test_a_record_of_another_organisation_is_refused_before_anything_is_sent(
    server: Emulator, client: Client, other: tuple[Emulator, Client], verb: str
) -> None:
    mine = Customer.get(server.world.add("customer", name="A"))
    theirs = Customer.using(other[1]).get(other[0].world.add("customer", name="A"))
    assert mine.id == theirs.id
    mine.name = theirs.name = "B"
    server.requests.clear()
    other[0].requests.clear()

    def bulk() -> None:
        with client.bulk() as bulk:
            bulk.save(theirs)

    with pytest.raises(ConfigurationError, match=r"of the organisation other .*this bulk of "):
        bulk() if verb == "bulk" else getattr(Customer, verb)([*[mine] * 100, theirs])

    assert (server.requests, other[0].requests) == ([], [])
    assert theirs.is_dirty


def test_a_record_of_another_client_of_the_organisation_goes_along(
    server: Emulator, client: Client
) -> None:
    second = Client(server.api_key, base_url=server.url, name="second", cache=60)
    record = Customer.using(second).get(server.world.add("customer", name="A"))
    record.name = "B"

    assert Customer.save_all([record]).saved == [record.id]
    assert Customer.using(second).get(str(record.id)).name == "B"
    second.close()


def test_the_cache_of_whoever_sends_lets_go_too(server: Emulator, fake_time: Any) -> None:
    clock = fake_time.clock()
    with Client(server.api_key, base_url=server.url, cache=60, clock=clock) as client:
        id_ = server.world.add("customer", name="A")
        Customer.get(id_)
        second = Client(server.api_key, base_url=server.url, name="second", clock=clock)
        record = Customer.using(second).get(id_)
        record.name = "B"

        Customer.using(client).save_all([record])

        assert Customer.get(id_).name == "B"
        second.close()


def test_a_record_that_travelled_goes_with_the_client_that_saves_it(
    server: Emulator, client: Client
) -> None:
    (record,) = loaded(server)
    record.name = "B"
    held = record.snapshot() | {"client": ["gone", client.org]}

    assert Customer.save_all([Customer.from_snapshot(held)]).saved == [record.id]


def test_threads_share_a_collector(server: Emulator, client: Client) -> None:
    records = loaded(server, 250)

    def save(some: list[Customer]) -> None:
        for record in some:
            record.name = "B"
            bulk.save(record)

    with client.bulk() as bulk:
        threads = [threading.Thread(target=save, args=(records[n::5],)) for n in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert sorted(bulk.result.saved) == sorted(str(record.id) for record in records)
    assert {stored(server, record)["rev"] for record in records} == {2}


# -- what the server says --------------------------------------------------------------------------


def test_no_failure_shows_the_key(server: Emulator, client: Client) -> None:
    (record,) = loaded(server)
    record.name = "B"
    server.bulk.refuse = lambda item: f"no such key: {server.api_key}"

    (failure,) = Customer.save_all([record]).failed

    said = repr(failure.error) + repr(vars(failure.error))
    assert not any(part in said for part in server.api_key.split("."))
    assert "no such key: …" in said
