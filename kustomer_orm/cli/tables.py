"""A table of changes: looked at as a whole before anything is sent, then given row by row.

Text is UTF-8, with or without a mark at its beginning. An id that comes twice is refused: which of
the two lines should win nobody says.
"""

from __future__ import annotations

import contextlib
import csv
import io
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, TextIO

from kustomer_orm import Record
from kustomer_orm.changes import Extent
from kustomer_orm.cli import kinds
from kustomer_orm.cli.failing import BadInputError
from kustomer_orm.cli.showing import printable
from kustomer_orm.errors import InvalidValueError
from kustomer_orm.records.finding import checked_id

ERROR = "error"  # the column that a table of failures has more than its original

_MOST_PROBLEMS = 10
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


class Row(NamedTuple):
    """One line of the table."""

    number: int
    id: str
    cells: dict[str, str]


class Table:
    """A table that was looked at, and can be gone through once.

    Attributes:
        columns: the names of what is to change.
    """

    def __init__(self, columns: list[str], file: TextIO) -> None:
        self.columns = columns
        self._file = file

    def __iter__(self) -> Iterator[Row]:
        self._file.seek(0)
        reader = csv.DictReader(self._file)
        for cells in reader:
            yield Row(reader.line_num, cells.pop("id").strip(), cells)


@contextlib.contextmanager
def opened(cls: type[Record], place: Path) -> Iterator[Table]:
    """Open a table and look at all of it.

    Raises:
        BadInputError: it is not UTF-8, its first line does not name the id and attributes that can
            be changed, or lines have too many cells, too few, or the id of another one.
    """
    with place.open(encoding="utf-8-sig", newline="") as file:
        try:
            # A pipe cannot be gone through twice.
            whole = file if file.seekable() else io.StringIO(file.read(), newline="")
            table = _looked_at(cls, place, whole)
        except UnicodeDecodeError as error:
            raise BadInputError(_not_utf_8(place, error)) from None
        yield table


def _looked_at(cls: type[Record], place: Path, file: TextIO) -> Table:
    reader = csv.DictReader(file)
    try:
        columns = _columns(cls, place, reader)
        problems = list(_problems(cls, reader))
    except csv.Error as error:
        raise BadInputError(f"{place}, after line {reader.line_num}: {error}") from None
    if problems:
        more = len(problems) - _MOST_PROBLEMS
        rest = [f"and {more} lines more"] if more > 0 else []
        raise BadInputError(*problems[:_MOST_PROBLEMS], *rest, "nothing was sent")
    return Table(columns, file)


def _columns(cls: type[Record], place: Path, reader: csv.DictReader[str]) -> list[str]:
    names = list(reader.fieldnames or ())
    columns = [name for name in names if name not in {"id", ERROR}]
    if "id" not in names or not columns:
        raise BadInputError(f"{place}: the first line names the columns: id, and what is to change")
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise BadInputError(*(f"{place}: the column {printable(name)} is twice" for name in twice))
    if cls.read_only:
        raise BadInputError(f"{cls.type} records are only read: the API changes none")
    refused: list[str] = []
    for name in columns:
        attribute = kinds.attribute_of(cls, name)
        if not attribute.updatable:
            refused.append(f"column {name}: {attribute.refusal(Extent.WHOLE)}; leave it out")
    if refused:
        raise BadInputError(*refused)
    return columns


def _problems(cls: type[Record], reader: csv.DictReader[str]) -> Iterator[str]:
    lines: dict[str, int] = {}
    width = len(reader.fieldnames or ())
    for cells in reader:
        number, many = reader.line_num, "columns as the first line names"
        values = list(cells.values())
        # Python puts what is too much under None, and None where something is missing.
        if None in cells:
            yield f"line {number}: more cells than the {width} {many}"
        elif None in values:
            yield f"line {number}: {values.index(None)} cells, not as many as the {width} {many}"
        id_ = (cells.get("id") or "").strip()
        first = lines.setdefault(id_, number) if id_ else number
        if first != number:
            yield f"lines {first} and {number} have the same id, {printable(id_)}: make it one line"
        elif id_:
            try:
                checked_id(cls, id_)
            except InvalidValueError as error:
                yield f"line {number}: {error}"


def _not_utf_8(place: Path, error: UnicodeDecodeError) -> str:
    if error.start == 0 and error.object[:2] in _UTF_16:
        coding, name = "UTF-16", "UTF-16"
    else:
        coding, name = "Windows-1252 or Latin-1 (as Excel writes a plain CSV)", "WINDOWS-1252"
    return (
        f"{place} is not UTF-8, but perhaps {coding}: save it as 'CSV UTF-8', or turn it into that "
        f"with: iconv -f {name} -t UTF-8 {place}"
    )
