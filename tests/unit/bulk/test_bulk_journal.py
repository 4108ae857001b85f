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

from kustomer_orm import Client, Conversation, custom, resume_bulk
from kustomer_orm.emulator import Emulator, Exchange, Fault
from kustomer_orm.errors import ConfigurationError


class Case(Conversation, default=True):
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
        ["method", "number", "org", "path", "records"],
        ["job", "of"],
        ["settled"],
    ]
    assert server.api_key not in journal.read_text("utf-8")


def test_a_journal_that_is_there_is_not_written_over(
    server: Emulator, client: Client, tmp_path: Path
) -> None:
    journal = tmp_path / "save.jsonl"
    journal.write_text("{}\n", "utf-8")

    with pytest.raises(ConfigurationError, match="resume_bulk"):
        Case.save_all([], journal=journal)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nonsense\n{}\n", "no journal"),
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
