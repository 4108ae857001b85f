"""Does what a how-to tells its readers to do, in shells of their own."""

from __future__ import annotations

import shlex
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def running(command: str, environ: dict[str, str], folder: Path) -> Iterator[Iterator[str]]:
    """Run a line of the page until it is left; gives its output, line by line."""
    with subprocess.Popen(
        shlex.split(command),
        cwd=folder,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            yield iter(process.stdout)
        finally:
            process.terminate()  # SIGINT is ignored by what a shell has put into the background
            process.communicate(timeout=20)


def free_port() -> str:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return str(found.getsockname()[1])


def upto(lines: Iterator[str], words: str) -> list[str]:
    seen: list[str] = []
    for line in lines:
        seen.append(line)
        if words in line:
            return seen
    pytest.fail(f"{words!r} was never said: {''.join(seen)}")
