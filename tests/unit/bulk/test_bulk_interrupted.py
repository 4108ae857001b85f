"""Whatever exception passes, no job is lost: it is settled, or its records are in doubt."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from typing import Any

import pytest

from kustomer_orm import BulkResult, Client, Customer, Progress, SaveResult
from kustomer_orm.emulator import Emulator, Fault
from kustomer_orm.errors import ConfigurationError, PermissionDeniedError


def new(count: int) -> list[Customer]:
    return [Customer(name=f"N {number}") for number in range(count)]


def result_of(error: BaseException) -> BulkResult:
    found = vars(error)["result"]
    assert isinstance(found, BulkResult)
    return found


def interrupt_reads(client: Client, monkeypatch: pytest.MonkeyPatch, *, times: int) -> None:
    """Have Ctrl-C come while jobs are asked about."""
    left = [times]
    read = client.read

    def interrupted(path: str) -> Any:
        if path.startswith("/v1/bulk/") and left[0]:
            left[0] -= 1
            raise KeyboardInterrupt
        return read(path)

    monkeypatch.setattr(client, "read", interrupted)


def test_ctrl_c_asks_each_job_once(
    server: Emulator, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = new(300)
    interrupt_reads(client, monkeypatch, times=1)

    with pytest.raises(KeyboardInterrupt) as caught:
        Customer.save_all(records)

    assert len(result_of(caught.value).created) == 300
    assert not any(record.is_dirty or record.in_doubt for record in records)
    assert Customer.save_all(records).unchanged == 300
    assert len(server.world.ids("customer")) == 300


def test_a_second_ctrl_c_leaves_all_that_is_out_in_doubt(
    server: Emulator, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = new(300)
    interrupt_reads(client, monkeypatch, times=2)

    with pytest.raises(KeyboardInterrupt) as caught:
        Customer.save_all(records)

    assert len(result_of(caught.value).unknown) == 300
    assert all(record.in_doubt for record in records)
    again = Customer.save_all(records)
    assert len(again.unknown) == 300
    assert len(server.world.ids("customer")) == 300  # none is made a second time


def test_a_job_that_still_runs_is_not_waited_for_in_a_hurry(
    server: Emulator, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.bulk.stuck = True
    records = new(1)
    interrupt_reads(client, monkeypatch, times=1)

    with pytest.raises(KeyboardInterrupt):
        Customer.save_all(records)

    asked = [each for each in server.requests if each.path.startswith("/v1/bulk/")]
    assert len(asked) == 1
    assert records[0].in_doubt


def test_a_server_that_does_not_answer_is_asked_once(
    server: Emulator, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = new(300)
    interrupt_reads(client, monkeypatch, times=1)
    server.faults.add(Fault.status(403, method="GET", times=None))

    with pytest.raises(KeyboardInterrupt):
        Customer.save_all(records)

    assert len([each for each in server.requests if each.path.startswith("/v1/bulk/")]) == 1
    assert all(record.in_doubt for record in records)


def test_an_exception_between_records_settles_what_is_out(server: Emulator, client: Client) -> None:
    records = new(250)

    def given() -> Iterator[Customer]:
        yield from records
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError) as caught:
        Customer.save_all(given())

    assert len(result_of(caught.value).created) == 200
    assert [record.id is None for record in records] == [False] * 200 + [True] * 50
    assert not any(record.in_doubt for record in records)


def test_a_function_of_the_progress_that_raises_loses_no_job(
    server: Emulator, client: Client
) -> None:
    records = new(120)

    def tell(progress: Progress) -> None:
        if progress.waiting == 20:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError) as caught:
        Customer.save_all(records, progress=tell)

    made = len(server.world.ids("customer"))
    assert len(result_of(caught.value).created) == made == sum(bool(each.id) for each in records)


def test_a_block_settles_the_jobs_of_all_kinds(
    server: Emulator, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    jane = server.world.add("customer", name="Jane")
    gone = server.world.add("customer", name="Gone")
    records = new(200)
    bulk = client.bulk()

    def block() -> None:
        with bulk:
            bulk.save_all(records)
            bulk.delete(Customer.get(gone))
            bulk.flush()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        block()

    assert result_of(caught.value) is bulk.result
    assert (len(bulk.result.created), bulk.result.deleted) == (200, [gone])
    assert server.world.ids("customer")[0] == jane


def test_a_deletion_that_is_refused_at_the_end_is_a_failure_among_others(
    server: Emulator, client: Client
) -> None:
    gone = server.world.add("customer", name="Gone")
    records = new(200)
    server.faults.add(Fault.status(403, method="DELETE"))

    with client.bulk() as bulk:
        bulk.save_all(records)
        bulk.delete(Customer.get(gone))

    assert len(bulk.result.created) == 200
    assert len(bulk.result.failed) == 1
    assert not any(record.is_dirty for record in records)


def test_who_goes_on_after_ctrl_c_has_every_record_told_once(
    server: Emulator, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = new(150)
    interrupt_reads(client, monkeypatch, times=1)

    with client.bulk() as bulk:
        bulk.save_all(records)
        with pytest.raises(KeyboardInterrupt):
            bulk.flush()

    assert sorted(bulk.result.created) == sorted(server.world.ids("customer"))
    assert len(bulk.result.created) == 150


def test_the_result_of_a_single_save_in_a_block_stays(server: Emulator, client: Client) -> None:
    (record,) = new(1)
    server.faults.add(Fault.status(403, method="POST"))

    def block() -> None:
        with client.bulk():
            record.save()

    with pytest.raises(PermissionDeniedError) as caught:
        block()

    assert isinstance(caught.value.result, SaveResult)


def test_the_pickle_of_an_error_leaves_the_result_out(server: Emulator, client: Client) -> None:
    def given() -> Iterator[Customer]:
        yield from new(100)
        raise ConfigurationError("enough")

    with pytest.raises(ConfigurationError) as caught:
        Customer.save_all(given())

    assert result_of(caught.value).created
    assert "result" not in vars(pickle.loads(pickle.dumps(caught.value)))


def test_an_alarm_between_the_answer_and_the_note_of_it_leaves_no_record_clean(
    server: Emulator, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The job was posted, and nobody has its id."""
    records = new(2)
    write = client.write

    def interrupted(request: Any) -> Any:
        write(request)
        raise KeyboardInterrupt

    monkeypatch.setattr(client, "write", interrupted)

    with pytest.raises(KeyboardInterrupt) as caught:
        Customer.save_all(records)

    assert len(result_of(caught.value).unknown) == 2
    assert all(record.in_doubt for record in records)
    monkeypatch.undo()
    Customer.save_all(records)
    assert len(server.world.ids("customer")) == 2
