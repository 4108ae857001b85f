"""The command line: `kustomer-orm demo`, `get`, `set`, `doctor` and `emulate`."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable

__all__ = ["main"]

_command: Callable[..., int] | None = None
_missing = ""
try:
    from kustomer_orm.cli.commands import command_line
except ModuleNotFoundError as error:  # the `cli` extra is optional
    _missing = (error.name or "").partition(".")[0]
    if _missing in {"", "kustomer_orm"}:
        raise
else:
    _command = command_line


def main() -> int:
    """Run the command line; 2 without the packages of the `cli` extra."""
    if _command is None:
        sys.stderr.write(f"kustomer-orm needs {_missing}: pip install 'kustomer_orm[cli]'\n")
        return 2
    for stream in (sys.stdout, sys.stderr):  # names have letters that not every terminal has
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    return _command(prog_name="kustomer-orm")  # which ends the process by itself
