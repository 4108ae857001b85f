"""A journal of a bulk save: what went out, so that a program that was killed can find out.

Each line is JSON and is on the disk before the request goes out: the records as snapshots, then
the job that took them, then that they are settled. The file holds customers' data, and is readable
by its owner alone.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Self

from kustomer_orm._types import JSONObject
from kustomer_orm.client import Client
from kustomer_orm.errors import ConfigurationError

# What each of the three kinds of lines has.
_LINES = (
    frozenset(("number", "org", "records")),
    frozenset(("job", "of")),
    frozenset(("settled",)),
)


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
        if place.exists() and unsettled(place, client.org):
            raise ConfigurationError(
                f"the journal {place} holds what an earlier save has left open: "
                f"kustomer_orm.resume_bulk({str(place)!r}) settles it, then it can be used again"
            )
        _begin(place)
        return cls(place, client.org)

    @classmethod
    def taken_up(cls, place: Path, org: str) -> Self:
        """Give a journal to go on with; a line that was cut short is taken away before."""
        size = sum(map(len, _whole_lines(place)))
        if size < place.stat().st_size:
            os.truncate(place, size)
        return cls(place, org)

    def sending(self, method: str, path: str, records: Iterable[Any]) -> int:
        """Note what is about to be sent; give its number."""
        self._count += 1
        if self._path is not None:
            snapshots = [record.snapshot() for record in records]
            self._note({"method": method, "path": path, "org": self._org, "records": snapshots})
        return self._count

    def taken(self, entry: int, job: str) -> None:
        """Note the job that took it."""
        self._note({"job": job, "of": entry})

    def settled(self, entry: int) -> None:
        """Note that its records are settled."""
        self._note({"settled": entry})

    def _note(self, line: dict[str, Any]) -> None:
        if self._path is None:
            return
        number = {"number": self._count} if "records" in line else {}
        handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "a", encoding="utf-8") as file:
            file.write(json.dumps({**number, **line}, separators=(",", ":")) + "\n")
            file.flush()
            os.fsync(file.fileno())


def _begin(place: Path) -> None:
    """Empty the file, or make it: what cannot be written is found out before anything is sent."""
    try:
        os.close(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    except OSError as error:
        message = f"the journal {place} cannot be written: {error.strerror or error}"
        raise ConfigurationError(message) from None


def unsettled(path: Path, org: str) -> list[tuple[JSONObject, str]]:
    """Read a journal: what was sent and not settled, each with the job that took it, or "".

    A last line that was cut short is a request that was never sent: it is written before.

    Raises:
        ConfigurationError: it cannot be read, is no journal, or another organisation's.
    """
    entries: dict[int, JSONObject] = {}
    jobs: dict[int, str] = {}
    for place, text in enumerate(_whole_lines(path), start=1):
        line = _line(path, place, text)
        if "records" in line:
            if line["org"] != org:
                raise ConfigurationError(
                    f"{path} is the journal of {line['org']!r}, not of {org!r}"
                )
            entries[line["number"]] = line
        elif "job" in line:
            jobs[line["of"]] = line["job"]
        else:
            entries.pop(line["settled"], None)
            jobs.pop(line["settled"], None)
    return [(entry, jobs.get(number, "")) for number, entry in sorted(entries.items())]


def _whole_lines(path: Path) -> Iterator[bytes]:
    """Give the lines that were written to their end, one at a time: a night's file is large."""
    try:
        with path.open("rb") as file:
            for place, text in enumerate(file, start=1):
                if text.endswith(b"\n"):
                    yield text
                elif not text.startswith(b"{"):
                    raise _no_journal(path, place)
    except OSError as error:
        raise ConfigurationError(
            f"the journal {path} cannot be read: {error.strerror or error}; it is the file that "
            "save_all(journal=…) was given"
        ) from None


def _line(path: Path, place: int, text: bytes) -> JSONObject:
    try:
        line = json.loads(text)
    except ValueError:
        line = None
    if isinstance(line, dict) and any(keys <= line.keys() for keys in _LINES):
        return line
    raise _no_journal(path, place)


def _no_journal(path: Path, place: int) -> ConfigurationError:
    return ConfigurationError(
        f"{path}, line {place}: this is no journal of a bulk save; name another file, or remove it"
    )
