"""What a bulk save takes, and what it refuses before anything is sent."""

from __future__ import annotations

from typing import Any

import pytest

from kustomer_orm import Client, Conversation, Customer, Progress, Team
from kustomer_orm.emulator import Emulator, Fault
from kustomer_orm.errors import (
    BadRequestError,
    BulkError,
    ConfigurationError,
    InvalidValueError,
    PermissionDeniedError,
    UnknownAttributeError,
)


def posts(server: Emulator) -> list[Any]:
    return [each for each in server.requests if each.method == "POST"]


def conversations(server: Emulator, count: int) -> list[Conversation]:
    found = Conversation.get_many([server.world.add("conversation") for _ in range(count)])
    for conversation in found:
        conversation.priority = 5
    server.requests.clear()
    return found


# -- new records -----------------------------------------------------------------------------------


def test_a_new_record_that_lacks_something_fails_alone(server: Emulator, client: Client) -> None:
    jane = server.world.add("customer", name="Jane")
    good = [{"customer": jane, "name": f"Good {number}"} for number in range(99)]

    result = Conversation.create_all([*good, {"name": "bad"}])

    assert len(result.created) == 99
    assert [len(each.body) for each in posts(server)] == [99]
    (failure,) = result.failed
    assert failure.record.name == "bad"
    with pytest.raises(BulkError, match=r"new Conversation: customer: expected a value"):
        result.raise_for_failures()


def test_a_record_made_before_fails_as_its_values_do(server: Emulator, client: Client) -> None:
    bad = Conversation(name="bad")

    result = Conversation.save_all([bad])

    assert [(each.record, type(each.error)) for each in result.failed] == [(bad, InvalidValueError)]
    assert server.requests == []


def test_values_of_which_no_record_can_be_made_fail_alone(server: Emulator, client: Client) -> None:
    wrong = [{"nmae": "Jim"}, {"name": 5}]

    result = Customer.create_all([wrong[0], {"name": "Jane"}, wrong[1]])

    assert len(result.created) == 1
    assert [failure.record for failure in result.failed] == wrong
    assert isinstance(result.failed[0].error, UnknownAttributeError)
    assert isinstance(result.failed[1].error, InvalidValueError)


# -- a request that is refused whole ---------------------------------------------------------------


def test_a_request_that_is_refused_whole_is_counted_and_names_each_record(
    server: Emulator, client: Client
) -> None:
    found = conversations(server, 3)
    server.faults.add(Fault.status(400, path="/v1/conversations/bulk"))

    result = Conversation.save_all(found)

    assert (len(result.failed), result.requests) == (3, 1)
    for failure in result.failed:
        assert isinstance(failure.error, BadRequestError)
        assert failure.error.status == 400
        assert f"Conversation {failure.record.id}: " in str(failure.error)
        assert "all its 3 records" in str(failure.error)
        assert failure.record.is_dirty


def test_one_record_alone_is_to_blame_itself(server: Emulator, client: Client) -> None:
    found = conversations(server, 1)
    server.faults.add(Fault.status(403, path="/v1/conversations/bulk"))

    (failure,) = Conversation.save_all(found).failed

    assert isinstance(failure.error, PermissionDeniedError)
    assert "all its" not in str(failure.error)


def test_a_save_by_itself_that_fails_is_counted(server: Emulator, client: Client) -> None:
    team = Team.get(server.world.add("team", name="Support"))
    team.name = "Sales"
    server.faults.add(Fault.status(403, method="PUT"))

    assert Team.save_all([team]).requests == 1


# -- what is taken ---------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["save_all", "create_all", "delete_all"])
@pytest.mark.parametrize("one", [Customer(name="Jane"), "58210c3db0f09110006b7953", {"name": "J"}])
def test_one_is_not_taken_for_several(
    server: Emulator, client: Client, verb: str, one: object
) -> None:
    with pytest.raises(InvalidValueError, match=rf"several: Customer\.{verb}\(\["):
        getattr(Customer, verb)(one)

    assert server.requests == []


def test_what_is_neither_values_nor_record_is_refused(server: Emulator, client: Client) -> None:
    wrong: Any = ["58210c3db0f09110006b7953"]

    with pytest.raises(InvalidValueError, match="create_all: expected a mapping"):
        Customer.create_all(wrong)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"progres": True}, "no option progres"),
        ({"reporter": None}, "no option reporter"),
        ({"timeout": "soon"}, "timeout is a number"),
        ({"total": True}, "total is a number"),
        ({"timeout": -1}, "timeout is 0 or more"),
        ({"timeout": float("nan")}, "timeout is 0 or more"),
    ],
)
def test_an_option_is_refused_where_it_is_written(
    client: Client, options: dict[str, Any], said: str
) -> None:
    with pytest.raises(ConfigurationError, match=said):
        client.bulk(**options)
    with pytest.raises(ConfigurationError, match=said):
        Conversation.save_all([], **options)
    with pytest.raises(ConfigurationError, match=said):
        Customer.delete_all([], **options)


def test_a_collector_takes_records_in_its_block_only(server: Emulator, client: Client) -> None:
    found = conversations(server, 2)
    bulk = client.bulk()
    with pytest.raises(ConfigurationError, match=r"with client\.bulk"):
        bulk.save(found[0])

    with bulk:
        bulk.save(found[0])

    with pytest.raises(ConfigurationError, match=r"with client\.bulk"):
        bulk.save(found[1])
    with pytest.raises(ConfigurationError, match=r"with client\.bulk"):
        bulk.delete(found[1])
    assert bulk.result.saved == [found[0].id]


def test_a_collector_takes_records_and_nothing_else(server: Emulator, client: Client) -> None:
    (found,) = conversations(server, 1)
    wrong: Any = found
    with client.bulk() as bulk:
        with pytest.raises(InvalidValueError, match="expected a record"):
            bulk.save(str(found.id))
        with pytest.raises(InvalidValueError, match=r"several: bulk.save_all\(\[record\]\)"):
            bulk.save_all(wrong)


def test_a_total_is_told_of_an_iterator(server: Emulator, client: Client) -> None:
    totals: list[int | None] = []
    found = conversations(server, 2)

    Conversation.save_all(iter(found), total=2, progress=lambda each: totals.append(each.total))

    assert set(totals) == {2}


# -- odd values, odd answers -----------------------------------------------------------------------


@pytest.mark.parametrize("odd", [{1: 2}, {"self": 1}, {None: "x"}])
def test_values_without_names_fail_alone(server: Emulator, client: Client, odd: Any) -> None:
    result = Customer.create_all([{"name": "A"}, odd, {"name": "B"}])

    (failure,) = result.failed
    assert failure.record is odd
    assert isinstance(failure.error, InvalidValueError)
    assert len(result.created) == 2


ODD: dict[str, dict[str, Any]] = {
    "results that are no list": {"results": 5},
    "ids that are no list": {"objectIds": 5},
    "errors that are no list": {"errors": 7, "successCount": 0, "failureCount": 2},
    "a status that is a list": {"results": [{"_clientRef": "0", "status": []}]},
    "a huge reference": {"results": [{"_clientRef": "9" * 5000, "status": "updated"}]},
    "an empty id": {"results": [{"_clientRef": "0", "status": "created", "objectId": ""}]},
}


@pytest.mark.parametrize("what", ODD)
def test_an_odd_answer_to_a_job_leaves_its_records_told(
    server: Emulator, client: Client, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    read = client.read

    def odd(path: str) -> Any:
        if path.endswith("/batches"):
            return {"data": [{"attributes": ODD[what]}]}
        return read(path)

    monkeypatch.setattr(client, "read", odd)

    result = Customer.create_all([{"name": "A"}, {"name": "B"}])

    assert result.created == []
    assert len(result.failed) + len(result.unknown) == 2


def test_a_journal_that_can_be_no_path_is_refused(server: Emulator, client: Client) -> None:
    with pytest.raises(ConfigurationError, match="null character"):
        Customer.save_all([], journal="a\0b")


def test_the_progress_ends_where_all_were_refused_or_given_twice(
    server: Emulator, client: Client
) -> None:
    told: list[Progress] = []

    Conversation.save_all([Conversation(name="nobody's") for _ in range(3)], progress=told.append)
    assert told[-1][:4] == (3, 3, 3, 0)

    (record,) = conversations(server, 1)
    Conversation.save_all([record, record, record], progress=told.append)
    assert told[-1][:4] == (3, 3, 3, 0)
