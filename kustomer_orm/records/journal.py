"""A journal of a bulk save: what went out, so that a program that was killed can find out.

Each line is JSON and is on the disk before the request goes out: the records as snapshots, then
the job that took them, then that they are settled. The file holds customers' data, and is readable
by its owner alone.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self

from kustomer_orm._types import JSONObject
from kustomer_orm.client import Client
from kustomer_orm.errors import ConfigurationError


class Journal:
    """Notes what a bulk save sends; nothing, without a file."""

    def __init__(self, path: Path | None, org: str) -> None:
        self._org = org
        self._path = path
        self._count = 0

    @classmethod
    def of(cls, path: Any, client: Client) -> Self:
        """Give the journal of a file that is not there yet, or none.

        Raises:
            ConfigurationError: the file is there: it may hold what is not settled yet.
        """
        if path is None:
            return cls(None, client.org)
        place = Path(path)
        if place.exists() and place.stat().st_size:
            message = f"the journal {place} is there already: client.resume_bulk(…) settles it"
            raise ConfigurationError(message)
        return cls(place, client.org)

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


def unsettled(path: Path, org: str) -> list[tuple[JSONObject, str]]:
    """Read a journal: what was sent and not settled, each with the job that took it, or "".

    A last line that was cut short is a request that was never sent: it is written before.

    Raises:
        ConfigurationError: it is no journal, or another organisation's.
    """
    entries: dict[int, JSONObject] = {}
    jobs: dict[int, str] = {}
    lines = path.read_text("utf-8").splitlines()
    for place, text in enumerate(lines):
        try:
            line = json.loads(text)
        except ValueError:
            if place == len(lines) - 1:
                break
            raise ConfigurationError(f"{path}, line {place + 1}: this is no journal") from None
        if "records" in line:
            if line.get("org") != org:
                raise ConfigurationError(
                    f"{path} is the journal of {line.get('org')!r}, not of {org!r}"
                )
            entries[line["number"]] = line
        elif "job" in line:
            jobs[line["of"]] = line["job"]
        else:
            entries.pop(line.get("settled", 0), None)
    return [(entry, jobs.get(number, "")) for number, entry in sorted(entries.items())]
