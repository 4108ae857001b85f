"""Taking up what was cut off: nothing is written over anybody, and what is unknown stays open."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kustomer_orm import Client, Conversation, Customer, resume_bulk
from kustomer_orm.emulator import Emulator, Fault
from kustomer_orm.errors import ConfigurationError, ConflictError, NotFoundError
from kustomer_orm.records.journal import Journal


def loaded(server: Emulator, count: int = 1) -> list[Customer]:
    return Customer.get_many([server.world.add("customer", name="A") for _ in range(count)])


def name(server: Emulator, record: Any) -> Any:
    return server.world.get("customer", str(record.id))["attributes"]["name"]


def sent(server: Emulator) -> list[str]:
    return [each.path for each in server.requests if each.method in {"POST", "PUT", "PATCH"}]


def cut_off(journal: Path, records: list[Any], client: Client, **facts: Any) -> None:
    """Write the journal of a program that ended before it knew whether a request went out."""
    path = f"{type(records[0]).path}/bulk"
    conflict = facts.pop("conflict", "verify")
    noting = Journal.of(journal, client)
    noting.sending("PUT", path, records, conflict)
    for job in facts.values():
        noting.taken(1, job)


# -- somebody wrote after the crash ----------------------------------------------------------------


@pytest.mark.parametrize("arrived", [True, False])
def test_a_third_value_is_not_written_over(
    server: Emulator, client: Client, tmp_path: Path, *, arrived: bool
) -> None:
    (record,) = loaded(server)
    record.name = "Mine"
    cut_off(tmp_path / "j", [record], client)
    if arrived:
        server.world.edit("customer", str(record.id), name="Mine")
    server.world.edit("customer", str(record.id), name="A colleague's, later")
    server.requests.clear()

    result = resume_bulk(tmp_path / "j")

    (failure,) = result.failed
    assert isinstance(failure.error, ConflictError)
    assert failure.error.fields["name"].theirs == "A colleague's, later"
    assert name(server, record) == "A colleague's, later"
    assert sent(server) == []
    assert resume_bulk(tmp_path / "j").failed == []  # it is known what became of it


def test_a_save_that_did_not_mind_others_does_not_mind_them_now(
    server: Emulator, client: Client, tmp_path: Path
) -> None:
    (record,) = loaded(server)
    record.name = "Mine"
    cut_off(tmp_path / "j", [record], client, conflict="none")
    server.world.edit("customer", str(record.id), name="A colleague's, later")

    assert resume_bulk(tmp_path / "j").saved == [record.id]
    assert name(server, record) == "Mine"


def test_the_journal_notes_what_the_save_did_about_others(
    server: Emulator, client: Client, tmp_path: Path
) -> None:
    (record,) = loaded(server)
    record.name = "Mine"

    Customer.save_all([record], journal=tmp_path / "j", conflict="none")

    assert json.loads((tmp_path / "j").read_text("utf-8").splitlines()[0])["conflict"] == "none"


def test_what_others_wrote_elsewhere_stays(
    server: Emulator, client: Client, tmp_path: Path
) -> None:
    (record,) = loaded(server)
    record.name, record.tags = "Mine", ["vip"]
    cut_off(tmp_path / "j", [record], client)
    server.world.edit("customer", str(record.id), tags=["5f00000000000000000000aa"])

    assert resume_bulk(tmp_path / "j").saved == [record.id]
    stored = server.world.get("customer", str(record.id))["attributes"]
    assert stored["name"] == "Mine"
    assert "5f00000000000000000000aa" in stored["tags"]
    assert len(stored["tags"]) == 2


def test_what_was_written_without_being_read_is_sent_again(
    server: Emulator, client: Client, tmp_path: Path
) -> None:
    blind = Customer(id=server.world.add("customer", name="A"), name="Mine")
    cut_off(tmp_path / "j", [blind], client)

    assert resume_bulk(tmp_path / "j").saved == [blind.id]
    assert name(server, blind) == "Mine"


def test_what_is_gone_fails(server: Emulator, client: Client, tmp_path: Path) -> None:
    (record,) = loaded(server)
    record.name = "Mine"
    cut_off(tmp_path / "j", [record], client)
    Customer.get(str(record.id)).delete()

    (failure,) = resume_bulk(tmp_path / "j").failed
    assert isinstance(failure.error, NotFoundError)


def test_what_arrived_is_not_sent_again(server: Emulator, client: Client, tmp_path: Path) -> None:
    records = loaded(server, 3)
    for record in records:
        record.name = "Mine"
    cut_off(tmp_path / "j", records, client)
    server.world.edit("customer", str(records[0].id), name="Mine")

    result = resume_bulk(tmp_path / "j")

    assert sorted(result.saved) == sorted(str(record.id) for record in records)
    revisions = [
        server.world.get("customer", str(record.id))["attributes"]["rev"] for record in records
    ]
    assert revisions == [2, 2, 2]


# -- what nobody knows stays open ------------------------------------------------------------------


@pytest.mark.parametrize("job", ["", "known"])
def test_resuming_while_the_server_is_down_settles_nothing(
    server: Emulator, client: Client, tmp_path: Path, job: str
) -> None:
    records = loaded(server, 3)
    for record in records:
        record.name = "B"
    if job:
        server.bulk.refuse = lambda item: "no" if item["id"] == records[0].id else None
        Customer.save_all(records, journal=tmp_path / "j")
        lines = (tmp_path / "j").read_text("utf-8").splitlines(keepends=True)
        (tmp_path / "j").write_text("".join(lines[:2]), "utf-8")
    else:
        cut_off(tmp_path / "j", records, client)
    down = Fault.status(503, times=None)
    server.faults.add(down)
    server.requests.clear()

    result = resume_bulk(tmp_path / "j")

    assert (len(result.unknown), sent(server)) == (3, [])
    server.faults.clear()
    again = resume_bulk(tmp_path / "j")
    assert (len(again.saved), len(again.failed)) == ((2, 1) if job else (3, 0))
    assert [name(server, record) for record in records] == ["A" if job else "B", "B", "B"]
    assert resume_bulk(tmp_path / "j").requests == 0


def test_a_save_leaves_open_what_it_does_not_know_and_that_alone(
    server: Emulator, client: Client, tmp_path: Path
) -> None:
    server.behaviour.bulk_client_ref = "refused"
    server.behaviour.bulk_polling = "none"
    made = [Customer(name="A", external_id="X 1"), Customer(name="B")]

    result = Customer.save_all(made, journal=tmp_path / "j")

    assert [failure.record for failure in result.unknown] == [made[1]]
    with pytest.raises(ConfigurationError, match="holds what an earlier save has left open"):
        Customer.save_all([], journal=tmp_path / "j")
    again = resume_bulk(tmp_path / "j")
    assert again.created == []
    assert [failure.record.name for failure in again.unknown] == ["B"]
    assert len(server.world.ids("customer")) == 2


def test_a_save_that_a_server_left_in_the_middle_can_be_taken_up(
    server: Emulator, client: Client, tmp_path: Path
) -> None:
    records = loaded(server, 250)
    for record in records:
        record.name = "B"
    server.faults.add(Fault.status(503, method="GET", times=None))

    result = Customer.save_all(records, journal=tmp_path / "j", timeout=1)

    assert len(result.unknown) == 250
    server.faults.clear()
    assert len(resume_bulk(tmp_path / "j").saved) == 250
    assert {server.world.get("customer", str(r.id))["attributes"]["rev"] for r in records} == {2}


def test_creations_are_looked_up_before_they_are_sent_again(
    server: Emulator, client: Client, tmp_path: Path
) -> None:
    made = [Customer(name=f"N {number}", external_id=f"X {number}") for number in range(3)]
    server.world.add("customer", name="N 0", externalId="X 0")
    server.world.add("customer", name="Somebody else", externalId="X 1")
    cut_off(tmp_path / "j", made, client)

    result = resume_bulk(tmp_path / "j")

    assert len(result.created) == 2
    (failure,) = result.failed
    assert isinstance(failure.error, ConflictError)
    assert len(server.world.ids("customer")) == 3


def test_creations_that_cannot_be_looked_up_stay_open(
    server: Emulator, client: Client, tmp_path: Path
) -> None:
    cut_off(tmp_path / "j", [Customer(name="N", external_id="X 1")], client)
    server.faults.add(Fault.status(403, method="GET", times=None))

    assert len(resume_bulk(tmp_path / "j").unknown) == 1
    server.faults.clear()
    assert len(resume_bulk(tmp_path / "j").created) == 1


def test_what_was_settled_before_is_not_taken_for_what_is_open(
    server: Emulator, client: Client, tmp_path: Path
) -> None:
    server.behaviour.bulk_client_ref = "refused"
    made = [Customer(name="Jane"), Customer(name="Jim")]
    Customer.save_all(made, journal=tmp_path / "j")
    lines = (tmp_path / "j").read_text("utf-8").splitlines(keepends=True)
    (tmp_path / "j").write_text("".join(lines[:2]) + '{"settled":1,"but":[1]}\n', "utf-8")

    assert resume_bulk(tmp_path / "j").created == [made[1].id]


def test_ctrl_c_while_resuming_settles_nothing(
    server: Emulator, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (record,) = loaded(server)
    record.name = "B"
    cut_off(tmp_path / "j", [record], client)

    def interrupted(*_: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(client, "write", interrupted)
        with pytest.raises(KeyboardInterrupt) as caught:
            resume_bulk(tmp_path / "j")

    assert len(vars(caught.value)["result"].unknown) == 1
    assert resume_bulk(tmp_path / "j").saved == [record.id]


# -- a job that the server does not know, or does not tell about -----------------------------------


def forgotten(server: Emulator, journal: Path, records: list[Any], *, polling: Any) -> None:
    """Leave the journal of a job that was taken, never carried out, and is not known any more."""
    server.behaviour.bulk_polling = polling
    server.bulk.stuck = True
    server.faults.add(Fault.status(503, method="GET", times=None))
    type(records[0]).save_all(records, journal=journal, timeout=1)
    server.faults.clear()
    lines = journal.read_text("utf-8").splitlines(keepends=True)
    journal.write_text("".join(lines[:2]), "utf-8")
    server.bulk.stuck = False
    server.bulk._jobs.clear()


@pytest.mark.parametrize("polling", ["batches", "none"])
def test_what_a_forgotten_job_did_not_change_is_sent_again(
    server: Emulator, client: Client, tmp_path: Path, polling: str
) -> None:
    records = loaded(server, 3)
    for record in records:
        record.name = "Mine"
    forgotten(server, tmp_path / "j", records, polling=polling)
    server.world.edit("customer", str(records[0].id), name="A colleague's, later")

    result = resume_bulk(tmp_path / "j")

    assert sorted(result.saved) == sorted(str(record.id) for record in records[1:])
    (failure,) = result.failed
    assert isinstance(failure.error, ConflictError)
    names = ["A colleague's, later", "Mine", "Mine"]
    assert [name(server, record) for record in records] == names
    assert resume_bulk(tmp_path / "j").requests == 0
    assert Customer.save_all([], journal=tmp_path / "j").ok


@pytest.mark.parametrize("polling", ["batches", "none"])
def test_what_a_forgotten_job_did_not_make_is_looked_up_and_made(
    server: Emulator, client: Client, tmp_path: Path, polling: str
) -> None:
    made = [Customer(name="N", external_id=f"X {number}") for number in range(2)]
    made.append(Customer(name="nobody can tell"))
    forgotten(server, tmp_path / "j", made, polling=polling)
    server.world.add("customer", name="N", externalId="X 0")  # that one it made

    result = resume_bulk(tmp_path / "j")

    assert len(result.created) == 2
    assert [failure.record.name for failure in result.unknown] == ["nobody can tell"]
    assert len(server.world.ids("customer")) == 2


@pytest.mark.parametrize(
    ("refs", "polling"), [("refused", "batches"), ("accepted", "status"), ("accepted", "none")]
)
def test_a_third_value_after_a_job_that_is_done_is_a_conflict(
    server: Emulator, client: Client, tmp_path: Path, refs: Any, polling: Any
) -> None:
    server.behaviour.bulk_client_ref, server.behaviour.bulk_polling = refs, polling
    records = loaded(server, 3)
    for record in records:
        record.name = "Mine"
    server.bulk.refuse = lambda item: "no luck" if item["id"] == records[2].id else None
    Customer.save_all(records, journal=tmp_path / "j")
    lines = (tmp_path / "j").read_text("utf-8").splitlines(keepends=True)
    (tmp_path / "j").write_text("".join(lines[:2]), "utf-8")
    server.bulk.refuse = None
    server.world.edit("customer", str(records[0].id), name="A colleague's, later")

    result = resume_bulk(tmp_path / "j")

    errors = {str(failure.record.id): failure.error for failure in result.failed}
    assert isinstance(errors[str(records[0].id)], ConflictError)
    assert (records[1].id in result.saved, result.unknown) == (True, [])
    assert name(server, records[0]) == "A colleague's, later"
    assert resume_bulk(tmp_path / "j").requests == 0


def test_a_job_that_still_runs_is_waited_for_another_time(
    server: Emulator, client: Client, tmp_path: Path
) -> None:
    (record,) = loaded(server)
    record.name = "Mine"
    server.bulk.stuck = True
    Customer.save_all([record], journal=tmp_path / "j", timeout=1)

    assert len(resume_bulk(tmp_path / "j").unknown) == 1
    assert name(server, record) == "A"
    server.bulk.stuck = False
    assert resume_bulk(tmp_path / "j").saved == [record.id]


# -- what was refused for the moment ---------------------------------------------------------------


@pytest.mark.parametrize("status", [401, 403, 429, 503])
@pytest.mark.parametrize("is_new", [True, False])
def test_what_is_refused_for_the_moment_stays_open(
    server: Emulator, fake_time: Any, tmp_path: Path, status: int, *, is_new: bool
) -> None:
    with Client(server.api_key, base_url=server.url, clock=fake_time.clock(), retry=0) as client:
        record = Customer(name="A", external_id="X 1") if is_new else loaded(server)[0]
        record.name = "Mine"
        cut_off(tmp_path / "j", [record], client)
        for method in ("PUT", "POST"):
            server.faults.add(Fault.status(status, method=method, times=None))

        assert not resume_bulk(tmp_path / "j").ok

        server.faults.clear()
        assert resume_bulk(tmp_path / "j").ok
        made = server.world.ids("customer")
        assert [server.world.get("customer", id_)["attributes"]["name"] for id_ in made] == ["Mine"]
        assert resume_bulk(tmp_path / "j").requests == 0
        client.close()


# -- lines -----------------------------------------------------------------------------------------


TORN = ['{"number":3,"method":"PUT","path":"/v1/custo', '{"sett', '{"job":"5f', "{"]


@pytest.mark.parametrize("torn", TORN)
def test_a_torn_journal_can_be_taken_up_as_often_as_it_takes(
    server: Emulator, client: Client, tmp_path: Path, torn: str
) -> None:
    records = loaded(server, 2)
    for record in records:
        record.name = "B"
    cut_off(tmp_path / "j", records, client)
    with (tmp_path / "j").open("a", encoding="utf-8") as file:
        file.write(torn)
    server.faults.add(Fault.status(503, times=None))

    for _ in range(3):
        assert len(resume_bulk(tmp_path / "j").unknown) == 2
    server.faults.clear()

    assert len(resume_bulk(tmp_path / "j").saved) == 2
    assert resume_bulk(tmp_path / "j").requests == 0
    assert Customer.save_all([], journal=tmp_path / "j").ok


def test_a_journal_that_cannot_be_written_stops_before_the_next_request(
    server: Emulator, client: Client, tmp_path: Path
) -> None:
    records = loaded(server, 150)
    for record in records:
        record.name = "B"
    journal = tmp_path / "folder" / "j"
    journal.parent.mkdir()

    def full(_: object) -> None:
        journal.unlink()
        journal.parent.rmdir()

    server.faults.add(Fault.before(full, method="PUT"))

    with pytest.raises(ConfigurationError, match="cannot be written") as caught:
        Customer.save_all(records, journal=journal)

    assert len([path for path in sent(server) if path.endswith("/bulk")]) == 1
    assert len(vars(caught.value)["result"].saved) == 100
    assert sum(record.is_dirty for record in records) == 50


def test_what_the_journal_cannot_note_waits_on(
    server: Emulator, client: Client, tmp_path: Path
) -> None:
    records, refused = loaded(server, 300), 0
    journal = tmp_path / "folder" / "j"
    journal.parent.mkdir()

    with client.bulk(journal=journal) as bulk:
        for number, record in enumerate(records):
            record.name = "B"
            if number == 50:
                journal.unlink()
                journal.parent.rmdir()
            if number == 150:
                journal.parent.mkdir()
            try:
                bulk.save(record)
            except ConfigurationError:
                refused += 1

    assert refused == 51
    assert sorted(bulk.result.saved) == sorted(str(record.id) for record in records)
    assert {server.world.get("customer", str(r.id))["attributes"]["rev"] for r in records} == {2}


def test_what_the_journal_could_not_note_until_the_end_is_told(
    server: Emulator, client: Client, tmp_path: Path
) -> None:
    records = loaded(server, 150)
    for record in records:
        record.name = "B"
    journal = tmp_path / "folder" / "j"
    journal.parent.mkdir()

    def block() -> None:
        with client.bulk(journal=journal) as bulk:
            bulk.save_all(records[:100])
            bulk.flush()
            journal.unlink()
            journal.parent.rmdir()
            bulk.save_all(records[100:])

    with pytest.raises(ConfigurationError, match="cannot be written") as caught:
        block()

    result = vars(caught.value)["result"]
    assert len(result.saved) == 100
    assert [failure.record for failure in result.failed] == records[100:]
    assert all(record.is_dirty for record in records[100:])


WRONG: dict[str, dict[str, Any]] = {
    "no records": {"records": [{}]},
    "another kind": {"records": [{"type": "nonsense"}]},
    "no snapshot": {"records": [{"type": "customer", "version": 1}]},
    "no number": {"number": "1", "records": []},
    "numbers": {"records": [1]},
}


@pytest.mark.parametrize("what", WRONG)
def test_a_journal_of_something_else_is_refused_with_an_error_of_ours(
    server: Emulator, client: Client, tmp_path: Path, what: str
) -> None:
    line = {"number": 1, "org": client.org, "method": "PUT", "path": "/x"} | WRONG[what]
    (tmp_path / "j").write_text(json.dumps(line) + "\n", "utf-8")

    with pytest.raises(ConfigurationError, match=r"j(,|:)"):
        resume_bulk(tmp_path / "j")
    assert server.requests == []


def test_a_kind_that_the_program_does_not_know_is_named(
    server: Emulator, client: Client, tmp_path: Path
) -> None:
    line = {"number": 1, "org": client.org, "records": [{"type": "kettle"}]}
    (tmp_path / "j").write_text(json.dumps(line) + "\n", "utf-8")

    with pytest.raises(ConfigurationError, match="no class declares the type 'kettle': import"):
        resume_bulk(tmp_path / "j")


def test_the_journal_of_conversations_is_its_owners_alone_after_resuming(
    server: Emulator, client: Client, tmp_path: Path
) -> None:
    record = Conversation.get(server.world.add("conversation", name="A"))
    record.name = "B"
    cut_off(tmp_path / "j", [record], client)

    resume_bulk(tmp_path / "j")

    assert (tmp_path / "j").stat().st_mode & 0o077 == 0
