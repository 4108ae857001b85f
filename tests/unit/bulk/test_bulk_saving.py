"""Bulk saving: what crosses the wire, and what each record knows afterwards."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from typing import Any

import pytest

from kustomer_orm import Client, Conversation, Customer, KObject, Note, Progress, Team, custom
from kustomer_orm.emulator import Emulator, Fault
from kustomer_orm.errors import (
    BadRequestError,
    BulkError,
    ConfigurationError,
    ConflictError,
    InvalidValueError,
    OutcomeUnknownError,
    QueryError,
)


class Case(Conversation):
    """A conversation with two custom attributes."""

    refund = custom.Num()
    note = custom.Txt(max_length=200_000)


def cases(server: Emulator, count: int) -> list[Case]:
    ids = [server.world.add("conversation", name=f"Case {number}") for number in range(count)]
    found = Case.get_many(ids)
    server.requests.clear()
    return found


def sent(server: Emulator) -> list[tuple[str, str]]:
    return [(each.method, each.path) for each in server.requests]


def bulk_requests(server: Emulator) -> list[Any]:
    return [
        each for each in server.requests if each.path.endswith("/bulk") and each.method != "GET"
    ]


# -- what goes -------------------------------------------------------------------------------------


def test_a_hundred_changes_are_one_request_and_clean_records_none(
    server: Emulator, client: Client
) -> None:
    found = cases(server, 250)
    for record in found[::2]:
        record.refund = 12.5

    result = Case.save_all(found)

    sizes = [len(each.body) for each in bulk_requests(server)]
    assert sizes == [100, 25]
    assert (len(result.saved), result.unchanged, result.requests) == (125, 125, 2)
    assert result.ok
    assert not any(record.is_dirty for record in found)
    for record in found:
        stored = server.world.get("conversation", str(record.id))["attributes"]
        assert (stored["rev"] == 2) == (record in found[::2])


def test_only_clean_records_make_no_request(server: Emulator, client: Client) -> None:
    assert Case.save_all(cases(server, 3)).unchanged == 3
    assert server.requests == []


def test_an_item_is_the_difference_alone(server: Emulator, client: Client) -> None:
    (record,) = cases(server, 1)
    record.refund, record.status = 3, "done"
    record.tags.append("vip")

    Case.save_all([record])

    (item,) = bulk_requests(server)[0].body
    assert item == {
        "id": record.id,
        "custom": {"refundNum": 3},
        "status": "done",
        "tags": ["vip"],
        "_clientRef": "0",
    }


def test_a_batch_is_cut_before_it_is_too_large(server: Emulator, client: Client) -> None:
    found = cases(server, 10)
    for record in found:
        record.note = "x" * 30_000

    result = Case.save_all(found)

    # The server refuses them whole, since a Txt is to have 1024 characters: not the point here.
    assert [len(each.raw) < 100_000 for each in bulk_requests(server)] == [True, True, True, True]
    assert len(result.failed) == 10


def test_an_item_too_large_for_any_request_fails_unsent(server: Emulator, client: Client) -> None:
    first, second = cases(server, 2)
    first.note = "x" * 120_000
    second.refund = 1

    result = Case.save_all([first, second])

    (failure,) = result.failed
    assert failure.record is first
    assert isinstance(failure.error, InvalidValueError)
    assert result.saved == [second.id]
    assert first.is_dirty


def test_what_bulk_cannot_carry_goes_singly(server: Emulator, client: Client) -> None:
    first, second = cases(server, 2)
    first.customer = server.world.add("customer", name="Jane")
    second.suggested_shortcuts = [{"shortcutId": "5f00000000000000000000aa", "confidence": 1}]

    result = Case.save_all([first, second])

    assert sent(server) == [
        ("PATCH", f"/v1/conversations/{first.id}"),
        ("PATCH", f"/v1/conversations/{second.id}"),
    ]
    assert result.saved == [first.id, second.id]


def test_a_type_without_bulk_is_saved_singly(server: Emulator, client: Client) -> None:
    team = server.world.add("team", name="A")
    found = Team.get(team)
    found.name = "B"

    result = Team.save_all([found])

    assert result.saved == [team]
    assert not bulk_requests(server)


def test_a_value_that_cannot_be_sent_fails_by_itself(server: Emulator, client: Client) -> None:
    first, second = cases(server, 2)
    first.tags.append("not a tag!")
    second.refund = 1

    result = Case.save_all([first, second])

    assert [failure.record for failure in result.failed] == [first]
    assert result.saved == [second.id]


def test_two_objects_of_one_record_keep_their_order(server: Emulator, client: Client) -> None:
    (record,) = cases(server, 1)
    twin = Case.get(str(record.id))
    record.refund, twin.refund = 1, 2

    result = Case.save_all([record, twin])

    assert [each.body[0]["custom"] for each in bulk_requests(server)] == [
        {"refundNum": 1},
        {"refundNum": 2},
    ]
    assert len(result.saved) == 2
    assert server.world.get("conversation", str(record.id))["attributes"]["custom"] == {
        "refundNum": 2
    }


def test_a_generator_is_let_go_of_while_it_goes(server: Emulator, client: Client) -> None:
    found = cases(server, 3)

    def changed() -> Iterator[Case]:
        for record in found:
            record.refund = 1
            yield record

    assert len(Case.save_all(changed()).saved) == 3


@pytest.mark.parametrize("wrong", ["text", 5, None])
def test_what_is_no_record_is_refused(server: Emulator, client: Client, wrong: Any) -> None:
    with pytest.raises(ConfigurationError, match="save_all takes records"):
        Case.save_all([wrong])


def test_an_option_that_is_mistyped_is_refused(server: Emulator, client: Client) -> None:
    with pytest.raises(ConfigurationError, match="no option progres"):
        Case.save_all([], progres=True)


# -- what comes of it ------------------------------------------------------------------------------


def test_a_refused_item_keeps_its_changes_and_says_why(server: Emulator, client: Client) -> None:
    found = cases(server, 3)
    for number, record in enumerate(found):
        record.refund = number + 1
    server.bulk.refuse = lambda item: "out of luck" if item["id"] == found[1].id else None

    result = Case.save_all(found)

    (failure,) = result.failed
    assert failure.record is found[1]
    assert isinstance(failure.error, BadRequestError)
    assert "out of luck" in str(failure.error)
    assert found[1].changes["refund"].new == 2
    assert [record.is_dirty for record in found] == [False, True, False]
    with pytest.raises(BulkError, match="1 failed") as caught:
        result.raise_for_failures()
    assert len(pickle.loads(pickle.dumps(caught.value)).errors) == 1


def test_an_edit_made_while_the_job_runs_stays(server: Emulator, client: Client) -> None:
    (record,) = cases(server, 1)
    record.refund = 1
    server.faults.add(Fault.before(lambda _: setattr(record, "refund", 2), method="PUT"))

    Case.save_all([record])

    assert record.changes["refund"] == (1, 2)


def test_a_revision_is_unknown_afterwards(server: Emulator, client: Client) -> None:
    (record,) = cases(server, 1)
    record.refund = 1

    Case.save_all([record])

    assert record.rev is None
    assert record.refund == 1
    record.refresh()
    assert record.rev == 2


def test_strict_sends_revisions_and_a_stale_item_is_a_conflict(
    server: Emulator, client: Client
) -> None:
    first, second = cases(server, 2)
    server.world.edit("conversation", str(first.id), name="Theirs")
    first.refund = second.refund = 1

    result = Case.save_all([first, second], conflict="strict")

    assert [item["rev"] for item in bulk_requests(server)[0].body] == [1, 1]
    assert result.saved == [second.id]
    assert isinstance(result.failed[0].error, ConflictError)


def test_careful_saves_each_with_its_read(server: Emulator, client: Client) -> None:
    first, second = cases(server, 2)
    server.world.edit("conversation", str(first.id), custom={"refundNum": 9})
    first.refund = second.refund = 1

    result = Case.save_all([first, second], conflict="careful")

    assert not bulk_requests(server)
    assert result.saved == [second.id]
    assert isinstance(result.failed[0].error, ConflictError)


def test_the_cache_lets_go_of_what_was_saved(server: Emulator, fake_time: Any) -> None:
    with Client(server.api_key, base_url=server.url, cache=60, clock=fake_time.clock()):
        id_ = server.world.add("conversation", name="Hi")
        record = Case.get(id_)
        record.refund = 1
        Case.save_all([record])

        assert Case.get(id_).refund == 1


# -- creating and deleting -------------------------------------------------------------------------


def test_records_are_made_in_bulk_and_know_their_ids(server: Emulator, client: Client) -> None:
    jane = server.world.add("customer", name="Jane")
    made = [Case(customer=jane, name=f"New {number}") for number in range(3)]

    result = Case.create_all(made)

    assert len(bulk_requests(server)) == 1
    assert [record.id for record in made] == result.created
    stored = server.world.get("conversation", str(made[1].id))
    assert stored["attributes"]["name"] == "New 1"
    assert not any(record.is_dirty for record in made)


def test_values_are_made_into_records(server: Emulator, client: Client) -> None:
    result = Customer.create_all({"name": name} for name in ("Jane", "Jim"))

    assert len(result.created) == 2
    assert server.world.get("customer", result.created[1])["attributes"]["name"] == "Jim"


def test_customers_and_custom_objects_are_deleted_in_bulk(server: Emulator, client: Client) -> None:
    ids = [server.world.add("customer", name="x") for _ in range(3)]

    result = Customer.delete_all([Customer.get(ids[0]), *ids[1:]])

    assert result.deleted == ids
    assert not set(ids) & set(server.world.ids("customer"))
    order = server.world.add("kobject.order", title="One")
    assert KObject.of("order").delete_all([order]).deleted == [order]


def test_others_are_not_deleted_in_bulk(server: Emulator, client: Client) -> None:
    with pytest.raises(QueryError, match="deletes no conversation"):
        Case.delete_all(["5f00000000000000000000aa"])
    assert server.requests == []


# -- the collector ---------------------------------------------------------------------------------


def test_a_collector_takes_records_of_several_kinds(server: Emulator, client: Client) -> None:
    (record,) = cases(server, 1)
    jane = Customer.get(server.world.add("customer", name="Jane"))

    with client.bulk() as bulk:
        record.refund, jane.name = 1, "Jane D."
        bulk.save_all([record, jane])
        assert not bulk_requests(server)

    assert sorted(bulk.result.saved) == sorted([str(record.id), str(jane.id)])


def test_a_block_that_raises_sends_no_more(server: Emulator, client: Client) -> None:
    (record,) = cases(server, 1)
    record.refund = 1

    bulk = client.bulk()

    def block() -> None:
        with bulk:
            bulk.save(record)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        block()

    assert server.requests == []
    assert record.is_dirty
    assert bulk.result.saved == []


def test_progress_is_told(server: Emulator, client: Client) -> None:
    found = cases(server, 120)
    for record in found:
        record.refund = 1
    seen: list[Progress] = []

    Case.save_all(found, progress=seen.append)

    assert seen[-1].settled == 120
    assert seen[-1].total == 120
    assert seen[-1].waiting == 0


def test_a_bar_is_shown(
    server: Emulator, client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    found = cases(server, 2)
    found[0].refund = 1

    Case.save_all(found, progress=True)

    assert "saving" in capsys.readouterr().out


def test_a_collector_shows_one_bar_for_all_kinds(
    server: Emulator, client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    (record,) = cases(server, 1)
    jane = Customer.get(server.world.add("customer", name="Jane"))
    record.refund, jane.name = 1, "Jane D."

    with client.bulk(progress=True) as bulk:
        bulk.save_all([record, jane])

    assert "saving" in capsys.readouterr().out
    assert len(bulk.result.saved) == 2


def test_ctrl_c_while_a_job_is_sent_leaves_its_records_in_doubt(
    server: Emulator, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    (record,) = cases(server, 1)
    record.refund = 1

    def interrupted(*_: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(client, "write", interrupted)

    with pytest.raises(KeyboardInterrupt):
        Case.save_all([record])

    assert record.in_doubt
    assert record.is_dirty


def test_progress_of_another_kind_is_refused(server: Emulator, client: Client) -> None:
    with pytest.raises(ConfigurationError, match="progress"):
        Case.save_all([], progress="yes")


# -- servers that differ ---------------------------------------------------------------------------


def test_a_server_that_knows_no_references_is_served_without(
    server: Emulator, client: Client
) -> None:
    server.behaviour.bulk_client_ref = "refused"
    found = cases(server, 2)
    for record in found:
        record.refund = 1

    result = Case.save_all(found)

    assert len(result.saved) == 2
    assert "_clientRef" not in bulk_requests(server)[-1].body[0]


def test_counts_that_leave_it_open_are_settled_by_reading_back(
    server: Emulator, client: Client
) -> None:
    server.behaviour.bulk_client_ref = "refused"
    found = cases(server, 3)
    for record in found:
        record.refund = 1
    server.bulk.refuse = lambda item: "no" if item["id"] == found[0].id else None

    result = Case.save_all(found)

    assert result.saved == [found[1].id, found[2].id]
    assert [failure.record for failure in result.failed] == [found[0]]
    assert found[1].rev == 2  # it was read back


@pytest.mark.parametrize("polling", ["status", "none"])
def test_a_server_without_the_polling_paths_is_read_back(
    server: Emulator, client: Client, polling: Any
) -> None:
    server.behaviour.bulk_polling = polling
    found = cases(server, 2)
    for record in found:
        record.refund = 1

    result = Case.save_all(found)

    assert len(result.saved) == 2
    assert result.ok


def test_a_job_that_is_complete_at_once_is_not_polled(server: Emulator, client: Client) -> None:
    server.behaviour.bulk_done_at_once = True
    (record,) = cases(server, 1)
    record.refund = 1

    Case.save_all([record])

    assert [path.rpartition("/")[2] for _, path in sent(server)] == ["bulk", "batches"]


def test_creations_without_references_are_found_again(server: Emulator, client: Client) -> None:
    server.behaviour.bulk_client_ref = "refused"
    jane = server.world.add("customer", name="Jane")
    made = [Case(customer=jane, name=f"New {number}") for number in range(3)]
    server.bulk.refuse = lambda item: "no" if item["name"] == "New 1" else None
    server.behaviour.bulk_order = "reversed"

    result = Case.create_all(made)

    names = [server.world.get("conversation", id_)["attributes"]["name"] for id_ in result.created]
    assert names == ["New 0", "New 2"]
    assert [failure.record for failure in result.failed] == [made[1]]
    assert made[1].id is None


def test_a_job_that_never_ends_leaves_its_records_in_doubt(
    server: Emulator, client: Client, fake_time: Any
) -> None:
    server.bulk.stuck = True
    (record,) = cases(server, 1)
    record.refund = 1

    result = Case.save_all([record], timeout=30)

    (failure,) = result.unknown
    assert isinstance(failure.error, OutcomeUnknownError)
    assert record.in_doubt
    assert record.is_dirty
    server.bulk.stuck = False
    record.save()
    assert not record.in_doubt


def test_a_poll_that_fails_is_repeated(server: Emulator, client: Client) -> None:
    (record,) = cases(server, 1)
    record.refund = 1
    server.faults.add(Fault.status(500, path="/v1/bulk/*", method="GET", times=8))

    assert Case.save_all([record]).saved == [record.id]


@pytest.mark.parametrize("acts", [True, False])
def test_an_answer_that_is_lost_is_looked_up_and_nothing_goes_twice(
    server: Emulator, client: Client, *, acts: bool
) -> None:
    (record,) = cases(server, 1)
    record.refund = 1
    fault = Fault.cut_after(method="PUT") if acts else Fault.cut_before(method="PUT")
    server.faults.add(fault)

    result = Case.save_all([record])

    assert len(bulk_requests(server)) == 1
    if acts:
        assert result.saved == [record.id]
        assert not record.is_dirty
    else:
        assert [failure.record for failure in result.unknown] == [record]
        assert record.in_doubt


def test_a_job_that_is_refused_whole_fails_every_record(server: Emulator, client: Client) -> None:
    found = cases(server, 2)
    for record in found:
        record.refund = 1
    server.faults.add(Fault.status(403, method="PUT"))

    result = Case.save_all(found)

    assert len(result.failed) == 2
    assert all(record.is_dirty and not record.in_doubt for record in found)


def test_notes_and_objects_go_in_bulk_too(server: Emulator, client: Client) -> None:
    conversation = server.world.add("conversation")
    note = Note.get(server.world.add("note", body="a", conversation=conversation))
    note.body = "b"
    order = KObject.of("order").get(server.world.add("kobject.order", title="One"))
    order.title = "Two"

    assert Note.save_all([note]).saved == [note.id]
    assert type(order).save_all([order]).saved == [order.id]
    assert [each.path for each in bulk_requests(server)] == [
        "/v1/notes/bulk",
        "/v1/klasses/order/bulk",
    ]
