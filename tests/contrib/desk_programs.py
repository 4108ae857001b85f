"""The example desks, started by hand as their readers do, and ended whatever a test finds."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from tests.contrib.howto_steps import free_port, upto

ROOT = Path(__file__).parents[2]


@contextmanager
def desk_running(name: str) -> Iterator[str]:
    """Start a desk without an account, give its address, and see it end quietly."""
    port = free_port()
    program = ROOT / "docs" / "examples" / f"{name}_desk" / "run.py"
    environ = {name: value for name, value in os.environ.items() if "KUSTOMER" not in name}
    with subprocess.Popen(
        [sys.executable, str(program), "--port", port],
        env={**environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            upto(process.stdout, f"Desk: http://127.0.0.1:{port}/\n")
            yield f"http://127.0.0.1:{port}"
            process.terminate()
            said, _ = process.communicate(timeout=20)
        finally:
            process.kill()
    assert process.returncode == 0, said
    assert "Traceback" not in said


def wait_for_webhook(address: str) -> None:
    """Ask a conversation's page until the webhook has come: then no cache holds what was."""
    for _ in range(2_000):
        if requests.get(address, params={"rev": 0}, timeout=20).json()["changed"]:
            return
    raise AssertionError("the webhook never came")
