"""`kustomer-orm update`: a table of changes, saved in bulk; a second run sends what is missing.

Each hundred records are loaded before they are changed, so what is there already is not sent.
"""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from kustomer_orm import Bulk, Client, Record
from kustomer_orm.cli import values
from kustomer_orm.cli.failing import BadInputError
from kustomer_orm.cli.known import warn_of_unknown
from kustomer_orm.cli.places import check_writable
from kustomer_orm.cli.showing import printable
from kustomer_orm.cli.tables import ERROR, Row, Table

_CHUNK = 100


class Failures:
    """What could not be saved, and why, in the form of the table itself."""

    def __init__(self, path: Path | None, columns: Sequence[str]) -> None:
        self._path = path
        self._columns = columns
        self.count = 0
        if path is not None:
            check_writable(path)
            self._write("w", ["id", *columns, ERROR])

    def add(self, row: Row, why: str) -> None:
        """Note one."""
        self.count += 1
        click.echo(f"line {row.number}, {printable(row.id)}: {printable(why)}", err=True)
        self._write("a", [row.id, *(row.cells.get(name, "") for name in self._columns), why])

    def _write(self, mode: str, cells: Sequence[str]) -> None:
        if self._path is not None:
            with self._path.open(mode, encoding="utf-8", newline="") as file:
                csv.writer(file).writerow(cells)


def run(
    screen: Console,
    client: Client,
    cls: type[Record],
    table: Table,
    failures: Path | None,
    *,
    only_plan: bool,
) -> int:
    """Save the changes of a table, or only tell them; 1 where something failed."""
    failed = Failures(failures, table.columns)
    warn_of_unknown(client, cls, table.columns)
    planned = unchanged = 0
    lines: dict[int, Row] = {}
    with client.bulk() as bulk:
        for chunk in _chunks(table):
            for row, record in _loaded(client, cls, chunk, failed):
                try:
                    values.apply(record, _assignments(row))
                except BadInputError as error:
                    failed.add(row, "; ".join(error.problems))
                    continue
                if not record.is_dirty:
                    unchanged += 1
                elif only_plan:
                    planned += 1
                    names = ", ".join(record.changes)
                    screen.print(Text(printable(f"{row.id}: {names}")), soft_wrap=True)
                else:
                    lines[id(record)] = row
                    bulk.save(record)
            _tell(bulk, failed, lines)
    _tell(bulk, failed, lines)
    done = f"{planned} to save" if only_plan else f"{len(bulk.result.saved)} saved"
    requests = bulk.result.requests
    sent = f" in {requests} request{'s' * (requests > 1)}" if requests else ""
    screen.print(f"{done}{sent}, {unchanged} as they were, {failed.count} failed.")
    return 1 if failed.count else 0


def _chunks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    iterator = iter(rows)
    while chunk := list(itertools.islice(iterator, _CHUNK)):
        yield chunk


def _loaded(
    client: Client, cls: type[Record], chunk: list[Row], failed: Failures
) -> Iterator[tuple[Row, Any]]:
    """Load the records of some rows, one request."""
    named = [row for row in chunk if row.id]
    for row in chunk:
        if not row.id:
            failed.add(row, "no id")
    found = {record.id: record for record in cls.using(client).get_many(row.id for row in named)}
    for row in named:
        record = found.get(row.id)
        if record is None:
            failed.add(row, f"there is no such {cls.type}")
        else:
            yield row, record


def _assignments(row: Row) -> list[values.Assignment]:
    """Give what a row changes: an empty cell leaves the attribute alone, `null` clears it."""
    return [
        values.Assignment(name, "=", text)
        for name, text in row.cells.items()
        if text and name != ERROR
    ]


def _tell(bulk: Bulk, failed: Failures, lines: dict[int, Row]) -> None:
    """Note what failed so far, and forget it."""
    for failure in (*bulk.result.failed, *bulk.result.unknown):
        failed.add(lines[id(failure.record)], str(failure.error))
    bulk.result.failed.clear()
    bulk.result.unknown.clear()
