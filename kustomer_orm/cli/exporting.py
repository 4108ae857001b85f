"""`kustomer-orm export`: records to a file, a page at a time, and on from where it was cut off."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from kustomer_orm import Client, Record, Search
from kustomer_orm.cli import kinds, showing
from kustomer_orm.cli.failing import BadInputError
from kustomer_orm.cli.known import check_klass, warn_of_unknown, with_tag_ids
from kustomer_orm.cli.places import check_writable
from kustomer_orm.errors import QueryError


class Format:
    """How records become lines: JSON, or columns."""

    def __init__(self, name: str, fields: Sequence[str], cls: type[Record]) -> None:
        for field in fields:
            if field != "id":
                kinds.attribute_of(cls, field)
        if name == "csv" and not fields:
            raise BadInputError("a CSV needs its columns: --fields id,name,custom.orderNumberStr")
        self.name = name
        self.fields = fields

    def head(self) -> str:
        """Give the first line."""
        return _row(["id", *self._others()]) if self.name == "csv" else ""

    def line(self, record: Record) -> str:
        """Give the line of a record; its id comes first."""
        values = record.to_dict()
        custom = values.get("custom") or {}
        flat = {**values, **{f"custom.{key}": value for key, value in custom.items()}}
        if self.name == "csv":
            return _row([record.id, *(_cell(flat.get(field)) for field in self._others())])
        if self.fields:
            values = {"id": record.id, **{field: flat.get(field) for field in self._others()}}
        return showing.as_json({"id": record.id, **values}) + "\n"

    def ids(self, text: Iterable[str]) -> Iterator[str]:
        """Read back the ids of what was written."""
        if self.name == "csv":
            rows = csv.reader(text)
            next(rows, None)
            yield from (row[0] for row in rows if row)
        else:
            yield from (json.loads(line)["id"] for line in text)

    def _others(self) -> list[str]:
        return [field for field in self.fields if field != "id"]


def run(
    client: Client,
    cls: type[Record],
    where: Sequence[str],
    form: Format,
    output: Path | None,
) -> None:
    """Export, to a file or to the standard output."""
    criteria = [kinds.criterion(cls, text) for text in where]
    if criteria and not kinds.is_searched(cls):
        raise BadInputError(f"the API does not search {cls.type} records: leave out --where")
    if output is not None:
        _check_place(output)
    check_klass(client, cls)
    warn_of_unknown(client, cls, [*(kinds.parts_of(text)[0] for text in where), *form.fields])
    criteria = [kinds.criterion(cls, text) for text in with_tag_ids(client, where)]
    bound: Any = cls.using(client)
    query = bound.search(*criteria) if kinds.is_searched(cls) else bound.all()
    if output is None:
        click.echo(form.head(), nl=False)
        for record in query:
            click.echo(form.line(record), nl=False)
        return
    _to_file(client, cls, query, form=form, output=output, where=[*where])


def _check_place(output: Path) -> None:
    if output.exists():
        raise BadInputError(f"{output} is there already: name another file, or remove it")
    check_writable(_part_of(output))


def _part_of(output: Path) -> Path:
    return output.with_name(f"{output.name}.part")


def _to_file(
    client: Client,
    cls: type[Record],
    query: Any,
    *,
    form: Format,
    output: Path,
    where: list[str],
) -> None:
    """Write beside the file, and note after each page how far it is."""
    part, note = _part_of(output), output.with_name(f"{output.name}.note")
    wanted = {"org": client.org, "type": cls.type, "where": where, "fields": [*form.fields]}
    wanted["format"] = form.name
    written, since = _resumed(part, note, wanted, form)
    if since is not None and isinstance(query, Search):
        updated = kinds.attribute_of(cls, "updated_at")
        query = query.where(updated >= datetime.fromisoformat(since))
    with part.open("a", encoding="utf-8", newline="") as file, _bar() as bar:
        if not written and file.tell() == 0:
            file.write(form.head())
        task = bar.add_task(cls.type, total=_total(query, len(written)), completed=len(written))
        for page in query.pages():
            since = _write(file, form, page.records, written) or since
            bar.update(task, completed=len(written))
            file.flush()
            _note(note, {**wanted, "since": since, "size": file.tell()})
    part.replace(output)
    note.unlink(missing_ok=True)
    click.echo(f"{output}: {len(written)} records", err=True)


def _note(note: Path, facts: dict[str, Any]) -> None:
    """Write a note beside the old one and put it in its place: one that is cut off is none."""
    beside = note.with_name(f"{note.name}.new")
    beside.write_text(json.dumps(facts), "utf-8")
    beside.replace(note)


def _write(file: IO[str], form: Format, records: Iterable[Any], written: set[str]) -> str | None:
    since: str | None = None
    for record in records:
        moment = record.raw["attributes"].get("updatedAt")
        since = moment if isinstance(moment, str) else since
        if record.id not in written:
            file.write(form.line(record))
            written.add(str(record.id))
    return since


def _resumed(
    part: Path, note: Path, wanted: dict[str, Any], form: Format
) -> tuple[set[str], str | None]:
    """Take up what an earlier run has written; what it wrote after its last note is cut off."""
    if not part.exists() or not note.exists():
        part.unlink(missing_ok=True)
        return set(), None
    try:
        known = json.loads(note.read_text("utf-8"))
    except ValueError:
        known = None
    known = known if isinstance(known, dict) else {}
    if {key: known.get(key) for key in wanted} != wanted:
        raise BadInputError(f"{part} is of another export: remove it, or name another file")
    if part.stat().st_size < known["size"]:
        raise BadInputError(f"{part} has lost lines since: remove it, or name another file")
    with part.open("r+b") as file:
        file.truncate(known["size"])
    text = part.read_text("utf-8")
    return set(form.ids(io.StringIO(text, newline=""))), known["since"]


def _total(query: Any, written: int) -> int | None:
    try:
        return query.count() + written  # type: ignore[no-any-return]
    except QueryError:
        return None


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )


def _cell(value: Any) -> str:
    """Give a value for a spreadsheet: text as it is, nothing for null, JSON for lists."""
    if value is None:
        return ""
    if isinstance(value, (list, dict)):
        return showing.as_json(value)
    return str(showing.shown(value))


def _row(cells: Iterable[Any]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue()
