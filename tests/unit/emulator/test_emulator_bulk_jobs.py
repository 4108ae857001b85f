"""The jobs of bulk requests: polled, applied in batches, never finished."""

from typing import Any

import pytest

from kustomer_orm.emulator import Emulator, Fault
from tests.unit.emulator.bulk_sending import (
    Send,
    finished,
    job_of,
    name_of,
    named,
)


@pytest.fixture
def idents(server: Emulator) -> list[str]:
    return [server.world.add("conversation", name=f"Number {n}") for n in range(3)]


def test_a_job_takes_as_many_polls_as_it_is_told(
    server: Emulator, send: Send, idents: list[str]
) -> None:
    server.behaviour.bulk_polls = 3
    job = job_of(send("PUT", "conversations/bulk", json=named(idents)))

    seen = [send("GET", f"bulk/{job}").json()["data"]["attributes"] for _ in range(3)]

    assert [each["status"] for each in seen] == ["running", "running", "complete"]
    assert [each["batches"]["complete"] for each in seen] == [0, 0, 1]
    assert [each["completed"] for each in seen] == [False, False, True]


def test_a_job_takes_its_time(server: Emulator, send: Send, idents: list[str], clock: Any) -> None:
    server.behaviour.bulk_polls = 0
    server.behaviour.bulk_seconds = 10
    job = job_of(send("PUT", "conversations/bulk", json=named(idents)))

    seen = []
    for seconds in (1, 5, 5):
        clock.tick(seconds)
        seen.append(send("GET", f"bulk/{job}").json()["data"]["attributes"]["status"])

    assert seen == ["running", "running", "complete"]


def test_time_moves_a_job_that_nobody_polls(
    server: Emulator, send: Send, idents: list[str], clock: Any
) -> None:
    server.behaviour.bulk_polling = "none"
    server.behaviour.bulk_seconds = 10
    send("PUT", "conversations/bulk", json=named(idents))

    early = send("GET", f"conversations/{idents[0]}").json()["data"]["attributes"]["name"]
    clock.tick(11)
    late = send("GET", f"conversations/{idents[0]}").json()["data"]["attributes"]["name"]

    assert (early, late) == ("Number 0", "New")


def test_batches_are_applied_one_after_the_other(
    server: Emulator, send: Send, idents: list[str]
) -> None:
    server.behaviour.bulk_batch = 1
    server.behaviour.bulk_carried_out = "by_batch"
    job = job_of(send("PUT", "conversations/bulk", json=named(idents)))

    shown = []
    for _ in range(3):
        send("GET", f"bulk/{job}")
        batches = send("GET", f"bulk/{job}/batches").json()["data"]
        shown.append([batch["attributes"]["status"] for batch in batches])

    assert shown[1] == ["complete", "complete", "queued"]
    assert shown[2] == ["complete"] * 3


def test_the_answer_may_show_the_finished_job(
    server: Emulator, send: Send, idents: list[str]
) -> None:
    server.behaviour.bulk_done_at_once = True

    attributes = send("PUT", "conversations/bulk", json=named(idents)).json()["data"]["attributes"]

    assert (attributes["status"], attributes["completed"]) == ("complete", True)
    assert name_of(server, idents[0]) == "New"


@pytest.mark.parametrize(("order", "last"), [("given", "B"), ("reversed", "A")])
def test_items_may_be_applied_in_another_order(
    server: Emulator, send: Send, idents: list[str], order: Any, last: str
) -> None:
    server.behaviour.bulk_order = order
    items = [{"id": idents[0], "name": name} for name in "AB"]

    finished(send, job_of(send("PUT", "conversations/bulk", json=items)))

    assert name_of(server, idents[0]) == last


def test_shuffled_items_are_all_applied(server: Emulator, send: Send, idents: list[str]) -> None:
    server.behaviour.bulk_order = "shuffled"

    batch = finished(send, job_of(send("PUT", "conversations/bulk", json=named(idents))))

    assert sorted(batch["objectIds"]) == idents
    assert [name_of(server, ident) for ident in idents] == ["New"] * 3


def test_a_job_may_never_finish(server: Emulator, send: Send, idents: list[str]) -> None:
    server.bulk.stuck, server.bulk.stuck_after = True, 2
    job = job_of(send("PUT", "conversations/bulk", json=named(idents)))

    statuses = {send("GET", f"bulk/{job}").json()["data"]["attributes"]["status"] for _ in range(9)}

    assert statuses == {"running"}
    assert [name_of(server, ident) for ident in idents] == ["New", "New", "Number 2"]
    (batch,) = send("GET", f"bulk/{job}/batches").json()["data"]
    assert batch["attributes"]["status"] == "queued"
    assert "completedAt" not in batch["attributes"]
    server.bulk.stuck = False
    assert finished(send, job)["successCount"] == 3
    assert server.world.get("conversation", idents[0])["attributes"]["rev"] == 2


@pytest.mark.parametrize(("lookup", "job", "batches"), [("status", 200, 404), ("none", 404, 404)])
def test_what_the_published_file_lacks_may_be_missing(
    server: Emulator, send: Send, idents: list[str], lookup: Any, job: int, batches: int
) -> None:
    server.behaviour.bulk_polling = lookup
    ident = job_of(send("PUT", "conversations/bulk", json=named(idents)))

    assert send("GET", f"bulk/{ident}").status_code == job
    assert send("GET", f"bulk/{ident}/batches").status_code == batches


def test_a_job_that_is_not_there_is_not_found(send: Send) -> None:
    assert send("GET", f"bulk/{'f' * 24}").status_code == 404
    assert send("GET", f"bulk/{'f' * 24}/batches").status_code == 404


def test_the_status_of_the_answer_may_be_another(
    server: Emulator, send: Send, idents: list[str]
) -> None:
    server.behaviour.bulk_status = 200

    assert send("PUT", "conversations/bulk", json=named(idents)).status_code == 200


def test_a_failing_poll_is_a_fault_like_any_other(
    server: Emulator, send: Send, idents: list[str]
) -> None:
    job = job_of(send("PUT", "conversations/bulk", json=named(idents)))
    server.faults.add(Fault.status(503, path="/v1/bulk/*"))

    assert send("GET", f"bulk/{job}").status_code == 503
    assert finished(send, job)["successCount"] == 3


@pytest.mark.parametrize(
    ("held", "writes", "polls"),
    [
        ("org.user.conversation.write", 201, 401),
        ("org.user.bulk.read", 401, 200),
        ("org.permission.bulk.read", 401, 200),
    ],
)
def test_polling_needs_a_role_of_its_own(
    server: Emulator, send: Send, idents: list[str], held: str, writes: int, polls: int
) -> None:
    job = job_of(send("PUT", "conversations/bulk", json=named(idents)))
    server.behaviour.roles = [held]

    assert send("PUT", "conversations/bulk", json=named(idents)).status_code == writes
    assert send("GET", f"bulk/{job}").status_code == polls
    assert send("GET", f"bulk/{job}/batches").status_code == polls
