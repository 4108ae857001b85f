"""A journal of a bulk save: what went out, so that a program that was killed can find out.

Each line is JSON and is on the disk before the request goes out: the records as snapshots, then
the job that took them, then that they are settled, all but those of which nobody knows. The file
holds customers' data, what was loaded and what was to be written, so that somebody else's later
write can be told from both; it is readable by its owner alone.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from kustomer_orm._types import JSONObject
from kustomer_orm.client import Client
from kustomer_orm.errors import ConfigurationError

# What each of the three kinds of lines begins with, and what else it has.
_LINES: dict[str, dict[str, type[Any]]] = {
    "number": {"number": int, "org": str, "records": list},
    "job": {"job": str, "of": int},
    "settled": {"settled": int},
}
_BEGINNINGS = tuple(f'{{"{name}":'.encode() for name in _LINES)


class Entry(NamedTuple):
    """One request of which something is open.

    Attributes:
        number: its number in the journal.
        records: snapshots of all that it carried.
        open: the places of those of which nobody knows what became.
        job: the job that took it, "" where that is not known.
        conflict: what the save did about other people's writes.
    """

    number: int
    records: list[JSONObject]
    open: list[int]
    job: str
    conflict: str


class Journal:
    """Notes what a bulk save sends; nothing, without a file."""

    def __init__(self, path: Path | None, org: str) -> None:
        self._org = org
        self._path = path
        self._count = 0

    @classmethod
    def of(cls, path: Any, client: Client) -> Journal:
        """Give the journal of a file, or none. A file in which nothing is open begins anew.

        Raises:
            ConfigurationError: an earlier save left something open in it, it is no journal or
                another organisation's, or it cannot be written.
        """
        if isinstance(path, Journal):
            return path
        if path is None:
            return cls(None, client.org)
        if not isinstance(path, (str, os.PathLike)):
            raise ConfigurationError(f"journal is the path of a file, not a {type(path).__name__}")
        place = Path(path)
        if "\0" in str(place):
            raise ConfigurationError("journal is the path of a file, which holds no null character")
        if place.exists() and unsettled(place, client.org):
            raise ConfigurationError(
                f"the journal {place} holds what an earlier save has left open: "
                f"kustomer_orm.resume_bulk({str(place)!r}) settles it, then it can be used again; "
                "what stays unknown has to be looked for, and the file removed"
            )
        _begin(place)
        return cls(place, client.org)

    def sending(self, method: str, path: str, records: Iterable[Any], conflict: str) -> int:
        """Note what is about to be sent; give its number."""
        self._count += 1
        if self._path is not None:
            line = {"number": self._count, "method": method, "path": path, "org": self._org}
            snapshots = [record.snapshot() for record in records]
            self._note({**line, "conflict": conflict, "records": snapshots})
        return self._count

    def taken(self, entry: int, job: str) -> None:
        """Note the job that took it."""
        self._note({"job": job, "of": entry})

    def settled(self, entry: int, unknown: Sequence[int]) -> None:
        """Note that its records are settled, all but those at these places."""
        self._note({"settled": entry, **({"but": [*unknown]} if unknown else {})})

    def _note(self, line: dict[str, Any]) -> None:
        if self._path is None:
            return
        text = json.dumps(line, separators=(",", ":")) + "\n"
        try:
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(handle, "rb+") as file:
                if file.seek(0, os.SEEK_END):
                    file.seek(-1, os.SEEK_END)
                    if file.read(1) != b"\n":
                        text = "\n" + text  # the line before was cut short
                file.write(text.encode())
                file.flush()
                os.fsync(handle)
        except OSError as error:
            raise _unwritable(self._path, error) from None


def _unwritable(place: Path, error: OSError) -> ConfigurationError:
    return ConfigurationError(f"the journal {place} cannot be written: {error.strerror or error}")


def _begin(place: Path) -> None:
    """Empty the file, or make it: what cannot be written is found out before anything is sent."""
    try:
        os.close(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    except OSError as error:
        raise _unwritable(place, error) from None


def unsettled(path: Path, org: str) -> list[Entry]:
    """Read a journal: what was sent and is not settled.

    A line that was cut short is a request that was never sent, since it is written before, or
    tells of a job or an outcome, which are asked for again.

    Raises:
        ConfigurationError: it cannot be read, is no journal, or another organisation's.
    """
    entries: dict[int, Entry] = {}
    for place, text in enumerate(_lines(path), start=1):
        line = _line(path, place, text)
        if "records" in line:
            if line["org"] != org:
                raise ConfigurationError(
                    f"{path} is the journal of {line['org']!r}, not of {org!r}"
                )
            records = line["records"]
            everything = list(range(len(records)))
            conflict = line.get("conflict", "verify")
            entries[line["number"]] = Entry(line["number"], records, everything, "", conflict)
        elif "job" in line:
            _replace(entries, line["of"], job=line["job"])
        elif "settled" in line:
            _replace(entries, line["settled"], open=line.get("but", []))
            if not line.get("but"):
                entries.pop(line["settled"], None)
    return [entry for _, entry in sorted(entries.items()) if entry.open]


def _lines(path: Path) -> Iterator[bytes]:
    """Give the lines one at a time: a night's file is large."""
    try:
        with path.open("rb") as file:
            yield from (line.rstrip(b"\n") for line in file)
    except OSError as error:
        raise ConfigurationError(
            f"the journal {path} cannot be read: {error.strerror or error}; it is the file that "
            "save_all(journal=…) was given"
        ) from None


def _replace(entries: dict[int, Entry], number: int, **facts: Any) -> None:
    if number in entries:
        entries[number] = entries[number]._replace(**facts)


def _line(path: Path, place: int, text: bytes) -> JSONObject:
    """Read a line; one that was cut short is empty."""
    try:
        line = json.loads(text)
    except ValueError:
        begun = any(text.startswith(each) or each.startswith(text) for each in _BEGINNINGS)
        line = {} if begun else None
    if line == {} and text != b"{}":
        return {}
    if isinstance(line, dict):
        for kinds in _LINES.values():
            if all(isinstance(line.get(name), kind) for name, kind in kinds.items()):
                return line
    raise _no_journal(path, place)


def _no_journal(path: Path, place: int) -> ConfigurationError:
    return ConfigurationError(
        f"{path}, line {place}: this is no journal of a bulk save; name another file, or remove it"
    )
