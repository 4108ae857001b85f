"""`kustomer-orm export` and `update`: records to a table and back, on from where it was cut off."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from kustomer_orm.emulator import Emulator, Fault

Run = Callable[..., Result]


@pytest.fixture
def ids(server: Emulator) -> list[str]:
    customer = server.world.add("customer", name="Jane")
    server.world.describe("conversation", refundNum={})
    return [
        server.world.add(
            "conversation",
            customer=customer,
            name=f"Number {number}",
            status="open" if number % 2 else "done",
            custom={"refundNum": number},
        )
        for number in range(5)
    ]


def lines(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


# -- export ----------------------------------------------------------------------------------------


def test_records_are_printed_a_line_each(run: Run, ids: list[str]) -> None:
    result = run("export", "conversations", "--where", "status=open")

    found = lines(result.output)
    assert result.exit_code == 0
    assert [line["name"] for line in found] == ["Number 1", "Number 3"]
    assert found[0]["custom"] == {"refundNum": 1}


@pytest.mark.parametrize(
    ("words", "count"),
    [
        ("custom.refundNum>=3", 2),
        ("custom.refundNum>3", 1),
        ("custom.refundNum<1", 1),
        ("custom.refundNum<=1", 2),
        ("status!=open", 3),
        ("name~Number", 5),
        ("name~Nothing", 0),
    ],
)
def test_criteria_are_said_with_signs(run: Run, ids: list[str], words: str, count: int) -> None:
    result = run("export", "conversations", "--where", words)

    assert result.exit_code == 0, result.output
    assert len(lines(result.output)) == count


def test_a_table_has_the_columns_that_were_asked_for(
    run: Run, ids: list[str], tmp_path: Path
) -> None:
    output = tmp_path / "out.csv"

    result = run(
        *("export", "conversations", "--format", "csv", "--fields", "name,custom.refundNum,tags"),
        *("--output", str(output)),
    )

    assert result.exit_code == 0, result.output
    with output.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["id"] for row in rows] == ids
    assert rows[2] == {"id": ids[2], "name": "Number 2", "custom.refundNum": "2", "tags": "[]"}
    assert list(tmp_path.iterdir()) == [output]


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_an_export_that_was_cut_off_goes_on(
    run: Run, server: Emulator, ids: list[str], tmp_path: Path, form: str
) -> None:
    for number, id_ in enumerate(ids):
        server.world.put_raw("conversation", id_, updatedAt=f"2026-01-01T00:00:0{number}.000Z")
    output = tmp_path / "out"
    command = [*("export", "conversations", "--format", form, "--fields", "id,name")]
    command += ["--output", str(output)]
    server.behaviour.max_page_size = 2
    server.faults.add(Fault.status(403, path="/v1/customers/search", skip=2))

    failed = run(*command)
    server.requests.clear()
    result = run(*command)

    assert failed.exit_code == 1
    assert result.exit_code == 0, result.output
    text = output.read_text("utf-8")
    assert [text.count(id_) for id_ in ids] == [1] * 5


def cut_off(run: Run, server: Emulator, output: Path, form: str) -> None:
    server.behaviour.max_page_size = 2
    server.faults.add(Fault.status(403, path="/v1/customers/search", skip=2))
    assert run(*export_of(output, form)).exit_code == 1


def export_of(output: Path, form: str) -> list[str]:
    words = ["export", "conversations", "--format", form, "--fields", "id,name"]
    return [*words, "--output", str(output)]


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_an_export_that_has_lost_lines_since_is_not_filled_up(
    run: Run, server: Emulator, ids: list[str], tmp_path: Path, form: str
) -> None:
    output = tmp_path / "out"
    cut_off(run, server, output, form)
    part = tmp_path / "out.part"
    part.write_bytes(part.read_bytes()[:-5])

    result = run(*export_of(output, form))

    assert result.exit_code == 2
    assert "has lost lines" in result.output
    assert not output.exists()


def test_an_export_goes_on_in_its_own_format_only(
    run: Run, server: Emulator, ids: list[str], tmp_path: Path
) -> None:
    output = tmp_path / "out"
    cut_off(run, server, output, "jsonl")

    result = run(*export_of(output, "csv"))

    assert result.exit_code == 2
    assert "is of another export" in result.output


def test_another_export_is_not_mixed_in(
    run: Run, server: Emulator, ids: list[str], tmp_path: Path
) -> None:
    output = tmp_path / "out"
    (tmp_path / "out.part").write_text("{}\n", "utf-8")
    (tmp_path / "out.note").write_text('{"org":"other"}', "utf-8")

    assert run("export", "conversations", "--output", str(output)).exit_code == 2
    output.write_text("mine", "utf-8")
    refused = run("export", "conversations", "--output", str(output))
    assert refused.exit_code == 2
    assert output.read_text("utf-8") == "mine"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("export", "conversation"), "no kind 'conversation'; did you mean 'conversations'?"),
        (("export", "kobjects/"), "kobjects/KLASS"),
        (("export", "conversations", "--where", "status"), "no criterion"),
        (("export", "conversations", "--where", "stauts=open"), "status"),
        (("export", "conversations", "--where", "locked=true"), "does not search"),
        (("export", "users", "--where", "name=Sam"), "leave out --where"),
        (("export", "conversations", "--format", "csv"), "--fields"),
        (("export", "conversations", "--fields", "nmae"), "name"),
    ],
)
def test_what_cannot_be_exported_is_said(
    run: Run, server: Emulator, words: tuple[str, ...], said: str
) -> None:
    result = run(*words)

    assert result.exit_code == 2
    assert said in result.output
    assert server.requests == []


def test_lists_and_custom_objects_are_exported_too(run: Run, server: Emulator) -> None:
    server.world.add("kobject.order", title="One")

    assert [line["title"] for line in lines(run("export", "kobjects/order").output)] == ["One"]
    assert len(lines(run("export", "users").output)) == 1


# -- update ----------------------------------------------------------------------------------------


@pytest.fixture
def table(ids: list[str], tmp_path: Path) -> Path:
    path = tmp_path / "changes.csv"
    rows = [
        ["id", "name", "custom.refundNum"],
        [ids[0], "New 0", "10"],
        [ids[1], "", "11"],
        [ids[2], "Number 2", "2"],
        [ids[3], "null", ""],
    ]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def writes(server: Emulator) -> list[Any]:
    return [each.body for each in server.requests if each.method == "PUT"]


def test_a_table_is_saved_in_bulk_and_a_second_run_sends_nothing(
    run: Run, server: Emulator, ids: list[str], table: Path
) -> None:
    result = run("update", "conversations", "--from", str(table))

    assert result.exit_code == 0, result.output
    assert "3 saved in 1 request, 1 as they were, 0 failed" in result.output
    assert [{k: v for k, v in item.items() if k != "_clientRef"} for item in writes(server)[0]] == [
        {"id": ids[0], "name": "New 0", "custom": {"refundNum": 10}},
        {"id": ids[1], "custom": {"refundNum": 11}},
        {"id": ids[3], "name": None},
    ]
    server.requests.clear()
    again = run("update", "conversations", "--from", str(table))
    assert "0 saved, 4 as they were" in again.output
    assert writes(server) == []


def test_a_plan_saves_nothing(run: Run, server: Emulator, ids: list[str], table: Path) -> None:
    result = run("update", "conversations", "--from", str(table), "--plan")

    assert f"{ids[0]}: name, custom.refundNum" in result.output
    assert "3 to save" in result.output
    assert writes(server) == []


def test_what_failed_is_a_table_that_can_be_used_again(
    run: Run, server: Emulator, ids: list[str], table: Path, tmp_path: Path
) -> None:
    failures = tmp_path / "failed.csv"
    with table.open("a", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            [["ffffffffffffffffffffffff", "x", ""], ["", "x", ""], [ids[4], "", "much"]]
        )
    server.bulk.refuse = lambda item: "out of luck" if item["id"] == ids[0] else None

    result = run("update", "conversations", "--from", str(table), "--failures", str(failures))

    assert result.exit_code == 1
    assert "4 failed" in result.output
    with failures.open(encoding="utf-8", newline="") as file:
        rows = {row["id"]: row["error"] for row in csv.DictReader(file)}
    assert "no such conversation" in rows["ffffffffffffffffffffffff"]
    assert rows[""] == "no id"
    assert "number" in rows[ids[4]]
    assert "out of luck" in rows[ids[0]]
    server.bulk.refuse = None
    again = run("update", "conversations", "--from", str(failures))
    assert "1 saved" in again.output


@pytest.mark.parametrize("text", ["", "name\nx\n", "id\n1\n", "id,nmae\n1,x\n"])
def test_a_table_without_its_columns_is_refused(
    run: Run, server: Emulator, tmp_path: Path, text: str
) -> None:
    table = tmp_path / "changes.csv"
    table.write_text(text, "utf-8")

    assert run("update", "conversations", "--from", str(table)).exit_code == 2
    assert server.requests == []
