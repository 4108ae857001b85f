"""What a command finds out before it sends anything, or before it finds nothing in silence."""

from __future__ import annotations

import csv
import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from kustomer_orm.emulator import Emulator, Fault

Run = Callable[..., Result]


@pytest.fixture
def ids(server: Emulator) -> list[str]:
    made = [server.world.add("conversation", name=f"Number {number}") for number in range(3)]
    server.requests.clear()
    return made


def update(run: Run, place: Path, *words: str) -> Result:
    return run("update", "conversations", "--from", str(place), *words)


# -- tables ----------------------------------------------------------------------------------------

ID = "5f0000000000000000000abc"
OTHER = "5f0000000000000000000abd"

TABLES: dict[str, tuple[bytes, str]] = {
    "a cell too many": (
        f"id,name\n{ID},x\n{OTHER},y,z\n".encode(),
        "line 3: more cells than the 2",
    ),
    "a cell too few": (f"id,name,priority\n{ID},x\n".encode(), "line 2: 2 cells, not as many"),
    "an id twice": (
        f"id,name\n{ID},x\n{OTHER},y\n{ID},z\n".encode(),
        f"lines 2 and 4 have the same id, {ID}",
    ),
    "an id that is none": (f"id,name\n{ID},x\n../evil,y\n".encode(), "line 3: Conversation.id"),
    "a column twice": (f"id,name,name\n{ID},x,y\n".encode(), "the column name is twice"),
    "Latin-1": (f"id,name\n{ID},Zoë\n".encode("latin-1"), "iconv -f WINDOWS-1252 -t UTF-8"),
    "UTF-16": (f"id,name\n{ID},Zoë\n".encode("utf-16"), "iconv -f UTF-16 -t UTF-8"),
    "a column that is only read": (
        f"id,name,created_by\n{ID},x,y\n".encode(),
        "column created_by: Conversation.created_by is read-only",
    ),
    "a cell too large": (f"id,name\n{ID},{'x' * 200_000}\n".encode(), "after line 1: field larger"),
}


@pytest.mark.parametrize("table", TABLES)
def test_a_table_is_looked_at_before_anything_is_sent(
    run: Run, server: Emulator, tmp_path: Path, table: str
) -> None:
    text, said = TABLES[table]
    place = tmp_path / "changes.csv"
    place.write_bytes(text)

    result = update(run, place)

    assert result.exit_code == 2, result.output
    assert said in result.output
    assert server.requests == []


def test_the_problems_of_a_large_table_are_not_all_printed(run: Run, tmp_path: Path) -> None:
    place = tmp_path / "changes.csv"
    place.write_text("id,name\n" + f"{ID},x\n" * 50, "utf-8")

    result = update(run, place)

    assert result.output.count("have the same id") == 10
    assert "and 39 lines more" in result.output


def test_records_that_are_only_read_have_no_table(run: Run, tmp_path: Path) -> None:
    place = tmp_path / "changes.csv"
    place.write_text(f"id,name\n{ID},x\n", "utf-8")

    result = run("update", "tags", "--from", str(place))

    assert result.exit_code == 2
    assert "tag records are only read" in result.output


def test_excels_mark_and_a_pipe_are_read(
    run: Run, server: Emulator, ids: list[str], tmp_path: Path
) -> None:
    place = tmp_path / "pipe"
    os.mkfifo(place)
    text = f"id,name\r\n{ids[0]},Zoë\r\n".encode("utf-8-sig")
    writer = threading.Thread(target=place.write_bytes, args=(text,))
    writer.start()

    result = update(run, place)

    writer.join()
    assert result.exit_code == 0, result.output
    assert server.world.get("conversation", ids[0])["attributes"]["name"] == "Zoë"


# -- places ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["nodir/failed.csv", "."])
def test_failures_that_cannot_be_written_hold_nothing_back(
    run: Run, server: Emulator, ids: list[str], tmp_path: Path, place: str
) -> None:
    table = tmp_path / "changes.csv"
    table.write_text(f"id,name\n{ID},bad\n{ids[0]},good\n", "utf-8")

    result = update(run, table, "--failures", str(tmp_path / place))

    assert result.exit_code == 2
    assert "cannot be written" in result.output
    assert server.requests == []


def test_failures_are_not_written_over_the_table(
    run: Run, server: Emulator, ids: list[str], tmp_path: Path
) -> None:
    table = tmp_path / "changes.csv"
    table.write_text(f"id,name\n{ID},bad\n", "utf-8")

    result = update(run, table, "--failures", str(table))

    assert result.exit_code == 2
    assert "name another file" in result.output
    assert table.read_text("utf-8") == f"id,name\n{ID},bad\n"


def test_failures_are_those_of_the_last_run(run: Run, ids: list[str], tmp_path: Path) -> None:
    table, failures = tmp_path / "changes.csv", tmp_path / "failed.csv"
    table.write_text(f"id,name\n{ID},bad\n", "utf-8")
    assert update(run, table, "--failures", str(failures)).exit_code == 1
    table.write_text(f"id,name\n{ids[0]},good\n", "utf-8")

    assert update(run, table, "--failures", str(failures)).exit_code == 0

    with failures.open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == [["id", "name", "error"]]


@pytest.mark.parametrize("place", ["nodir/out.jsonl", "shut/out.jsonl"])
def test_an_export_that_cannot_be_written_asks_for_nothing(
    run: Run, server: Emulator, tmp_path: Path, place: str
) -> None:
    (tmp_path / "shut").write_text("a file, not a folder", "utf-8")

    result = run("export", "conversations", "--output", str(tmp_path / place))

    assert result.exit_code == 2
    assert "cannot be written" in result.output
    assert server.requests == []


def test_a_note_that_does_not_read_is_of_another_export(run: Run, tmp_path: Path) -> None:
    (tmp_path / "out.part").write_text("{}\n", "utf-8")
    (tmp_path / "out.note").write_text("{", "utf-8")

    result = run("export", "conversations", "--output", str(tmp_path / "out"))

    assert result.exit_code == 2
    assert "is of another export" in result.output


# -- what the organisation has ---------------------------------------------------------------------


def test_a_klass_that_is_not_there_is_said(run: Run, server: Emulator, tmp_path: Path) -> None:
    output = tmp_path / "out"
    for words in ([], ["--output", str(output)]):
        result = run("export", "kobjects/nosuch", *words)
        assert result.exit_code == 2
        assert "no klass 'nosuch'" in result.output
    assert list(tmp_path.iterdir()) == []


def test_a_custom_attribute_that_is_not_there_is_said(
    run: Run, server: Emulator, ids: list[str], tmp_path: Path
) -> None:
    server.world.describe("conversation", refundNum={})
    table = tmp_path / "changes.csv"
    table.write_text(f"id,custom.refunNum\n{ids[0]},1\n", "utf-8")
    said = "no custom.refunNum for conversation; did you mean custom.refundNum?"

    searched = run("export", "conversations", "--where", "custom.refunNum>=1")
    shown = run("export", "conversations", "--fields", "id,custom.refunNum")
    saved = update(run, table, "--plan")

    for result in (searched, shown, saved):
        assert said in result.stderr
        assert said not in result.stdout
    assert "Warning" not in run("export", "conversations", "--fields", "custom.refundNum").stderr


def test_a_key_that_may_not_look_is_not_held_up(run: Run, server: Emulator, ids: list[str]) -> None:
    server.faults.add(Fault.status(403, path="/v1/metadata/conversation"))
    server.faults.add(Fault.status(403, path="/v1/tags"))

    result = run(
        *("export", "conversations", "--where", "custom.refundNum>=1", "--where", "tags=damaged")
    )

    assert (result.exit_code, result.output) == (0, "")


@pytest.mark.parametrize(("sign", "count"), [("=", 1), ("~", 1), ("!=", 2)])
def test_tags_are_searched_by_their_names(
    run: Run, server: Emulator, ids: list[str], sign: str, count: int
) -> None:
    server.world.edit("conversation", ids[0], tags=["damaged"])
    tag = server.world.tag_id("damaged")

    by_name = run("export", "conversations", "--where", f"tags{sign}damaged")
    by_id = run("export", "conversations", "--where", f"tags{sign}{tag}")

    assert by_name.exit_code == by_id.exit_code == 0
    assert len(by_name.stdout.splitlines()) == count
    assert by_name.stdout == by_id.stdout


def test_a_tag_that_is_not_there_is_said(run: Run, server: Emulator) -> None:
    server.world.tag_id("damaged")

    result = run("export", "conversations", "--where", "tags=damagd")

    assert result.exit_code == 2
    assert "no tag is called 'damagd'" in result.output
    assert "did you mean 'damaged'?" in result.output
    assert run("export", "conversations", "--where", "tags=null").exit_code == 0


# -- modules ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import nosuch\n", "line 1 cannot be imported: ModuleNotFoundError"),
        ("\n1 / 0\n", "line 2 cannot be imported: ZeroDivisionError"),
        ("def\n", "line 1: invalid syntax"),
    ],
)
def test_a_module_that_cannot_be_imported_is_no_drift(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, said: str
) -> None:
    module = tmp_path / "unimportable_models.py"
    module.write_text(text, "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))

    by_path = run("models", "check", str(module))
    by_name = run("models", "check", "unimportable_models")

    assert (by_path.exit_code, by_name.exit_code) == (2, 2)
    assert said in by_path.output
    assert said.partition("line")[2].partition(":")[2] in by_name.output


def test_a_dash_is_the_standard_output(
    run: Run, server: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    result = run("models", "generate", "-")

    assert "Written by `kustomer-orm models generate`" in result.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_refuses_is_a_line(run: Run, ids: list[str], tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    (folder / "out.note").mkdir(parents=True)

    result = run("export", "conversations", "--output", str(folder / "out"))

    assert result.exit_code == 1
    assert result.output.count("Error: ") == 1
    assert stat.S_ISDIR((folder / "out.note").stat().st_mode)
