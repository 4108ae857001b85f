"""A bulk save that was cut off is taken up again: nothing is lost, and nothing goes twice."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kustomer_orm import Client, Conversation, Customer, custom, resume_bulk
from kustomer_orm.emulator import Emulator, Exchange, Fault
from kustomer_orm.errors import ConfigurationError


class Case(Conversation):
    """A conversation with a refund."""

    refund = custom.Num()


@pytest.fixture(autouse=True)
def default_class(monkeypatch: pytest.MonkeyPatch) -> None:
    from_registry = "kustomer_orm.records.core.records._classes"
    monkeypatch.setattr(from_registry, {"conversation": Case})


SAVER = Path(__file__).parents[1] / "workers" / "bulk_saver.py"


def killed_at(server: Emulator, ids: list[str], journal: Path, fault: Any) -> None:
    """Run a program that saves 250 records, and kill it while a request is in flight."""
    running: list[subprocess.Popen[bytes]] = []

    def kill(_: Exchange) -> None:
        running[0].kill()
        running[0].wait()

    server.faults.add(fault(kill))
    environment = {**os.environ, "SAVER_URL": server.url, "SAVER_KEY": server.api_key}
    running.append(subprocess.Popen([sys.executable, SAVER, journal, *ids], env=environment))
    assert running[0].wait(30) == -signal.SIGKILL


KILLS = {
    "before the first job is taken": lambda kill: Fault.before(kill, method="PUT"),
    "after the first job is taken": lambda kill: Fault.after(kill, method="PUT"),
    "before the second job is taken": lambda kill: Fault.before(kill, method="PUT", skip=1),
    "between post and poll": lambda kill: Fault.before(kill, path="/v1/bulk/*"),
    "between poll and outcomes": lambda kill: Fault.before(kill, path="/v1/bulk/*/batches"),
    "after the first outcomes": lambda kill: Fault.after(kill, path="/v1/bulk/*/batches"),
}


@pytest.mark.parametrize("moment", KILLS)
def test_a_program_that_was_killed_is_taken_up(
    server: Emulator, client: Client, tmp_path: Path, moment: str
) -> None:
    ids = [server.world.add("conversation") for _ in range(250)]
    journal = tmp_path / "save.jsonl"
    killed_at(server, ids, journal, KILLS[moment])

    result = resume_bulk(journal)
    rest = Case.get_many(ids, fresh=True)
    for record in rest:
        record.refund = 1
    again = Case.save_all(rest)

    assert result.ok
    assert again.ok
    revisions = {server.world.get("conversation", id_)["attributes"]["rev"] for id_ in ids}
    assert revisions == {2}  # each was written once
    assert resume_bulk(journal).requests == 0


def test_the_journal_is_its_owners_alone(server: Emulator, client: Client, tmp_path: Path) -> None:
    record = Case.get(server.world.add("conversation"))
    record.refund = 1
    journal = tmp_path / "save.jsonl"

    Case.save_all([record], journal=journal)

    assert stat.S_IMODE(journal.stat().st_mode) == 0o600
    lines = [json.loads(line) for line in journal.read_text("utf-8").splitlines()]
    assert [sorted(line) for line in lines] == [
        ["conflict", "method", "number", "org", "path", "records"],
        ["job", "of"],
        ["settled"],
    ]
    assert server.api_key not in journal.read_text("utf-8")


def left_open(server: Emulator, journal: Path, *, jobs: int = 1) -> list[str]:
    """Write the journal of a program that ended before its jobs were taken."""
    ids = [server.world.add("conversation") for _ in range(jobs)]
    for number, id_ in enumerate(ids, start=1):
        record = Case.get(id_)
        record.refund = 1
        line = {"number": number, "method": "PUT", "path": "/v1/conversations/bulk"}
        line |= {"org": record._bound().org, "records": [record.snapshot()]}
        with journal.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
    return ids


def test_a_journal_with_something_open_is_settled_before_it_is_used_again(
    server: Emulator, client: Client, tmp_path: Path
) -> None:
    journal = tmp_path / "save.jsonl"
    left_open(server, journal)
    before = journal.read_text("utf-8")

    with pytest.raises(ConfigurationError, match=r"kustomer_orm\.resume_bulk"):
        Case.save_all([], journal=journal)
    assert journal.read_text("utf-8") == before
    assert len(resume_bulk(journal).saved) == 1
    assert Case.save_all([], journal=journal).ok


def test_one_path_serves_every_night(server: Emulator, client: Client, tmp_path: Path) -> None:
    journal = tmp_path / "nightly.jsonl"
    record = Case.get(server.world.add("conversation"))

    for night in range(3):
        record.refund = night
        assert len(Case.save_all([record], journal=str(journal)).saved) == 1
        assert resume_bulk(journal).requests == 0

    lines = [json.loads(line) for line in journal.read_text("utf-8").splitlines()]
    assert len(lines) == 3  # of the last night alone


def test_a_collector_notes_all_kinds_in_one_journal(
    server: Emulator, client: Client, tmp_path: Path
) -> None:
    journal = tmp_path / "save.jsonl"
    case = Case.get(server.world.add("conversation"))
    customer = Customer.get(server.world.add("customer", name="Jane"))
    case.refund, customer.name = 1, "Jim"

    with client.bulk(journal=journal) as bulk:
        bulk.save_all([case, customer])

    lines = [json.loads(line) for line in journal.read_text("utf-8").splitlines()]
    assert sorted(line["number"] for line in lines if "records" in line) == [1, 2]
    assert sorted(line["settled"] for line in lines if "settled" in line) == [1, 2]


def test_a_line_that_was_cut_short_does_not_spoil_those_after_it(
    server: Emulator, client: Client, tmp_path: Path
) -> None:
    journal = tmp_path / "save.jsonl"
    ids = left_open(server, journal, jobs=2)
    with journal.open("a", encoding="utf-8") as file:
        file.write('{"sett')

    assert sorted(resume_bulk(journal).saved) == sorted(ids)
    assert resume_bulk(journal).requests == 0


@pytest.mark.parametrize("path", ["nosuch/save.jsonl", "."])
def test_a_place_that_cannot_be_written_is_refused_before_anything_is_sent(
    server: Emulator, client: Client, tmp_path: Path, path: str
) -> None:
    record = Case.get(server.world.add("conversation"))
    record.refund = 1
    server.requests.clear()

    with pytest.raises(ConfigurationError, match="journal"):
        Case.save_all([record], journal=tmp_path / path)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        resume_bulk(tmp_path / path)
    assert server.requests == []


def test_a_journal_is_a_path(server: Emulator, client: Client) -> None:
    with pytest.raises(ConfigurationError, match="path of a file"):
        Case.save_all([], journal=True)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nonsense\n{}\n", "line 1: this is no journal"),
        ("hello", "line 1: this is no journal"),
        ("{}\n", "line 1: this is no journal"),
        ("[1]\n", "line 1: this is no journal"),
        (json.dumps({"records": [], "org": "other", "number": 1}) + "\n", "of 'other'"),
    ],
)
def test_another_file_is_refused(
    server: Emulator, client: Client, tmp_path: Path, text: str, words: str
) -> None:
    journal = tmp_path / "save.jsonl"
    journal.write_text(text, "utf-8")

    with pytest.raises(ConfigurationError, match=words):
        resume_bulk(journal)
    with pytest.raises(ConfigurationError, match=words):
        Case.save_all([], journal=journal)
    assert journal.read_text("utf-8") == text


def test_bytes_that_are_no_text_are_no_journal(client: Client, tmp_path: Path) -> None:
    journal = tmp_path / "save.jsonl"
    journal.write_bytes(b"{\xff}\n")

    with pytest.raises(ConfigurationError, match="no journal"):
        resume_bulk(journal)


def test_a_line_that_was_cut_short_was_never_sent(
    server: Emulator, client: Client, tmp_path: Path
) -> None:
    journal = tmp_path / "save.jsonl"
    journal.write_text('{"number":1,"records":[', "utf-8")

    assert resume_bulk(journal).requests == 0
    assert server.requests == []


def test_a_new_record_that_cannot_be_found_is_not_sent_twice(
    server: Emulator, client: Client, tmp_path: Path
) -> None:
    jane = server.world.add("customer", name="Jane")
    journal = tmp_path / "save.jsonl"
    made = [Case(customer=jane, name="A"), Case(customer=jane, name="B", external_id="B 1")]
    server.faults.add(Fault.cut_after(method="POST"))

    result = Case.create_all(made, journal=journal)

    assert result.created == [made[1].id]
    assert [failure.record for failure in result.unknown] == [made[0]]
    assert len(server.world.ids("conversation")) == 2
