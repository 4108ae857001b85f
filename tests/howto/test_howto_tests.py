"""The tests that the page on testing shows are those of the example desks: they are run as such."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs" / "examples"
COMMANDS = {
    "flask_desk": [
        "-m",
        "pytest",
        "-q",
        "-c",
        os.devnull,
        "--rootdir",
        ".",
        "--confcutdir",
        ".",
        "test_desk.py",
    ],
    "django_desk": ["manage.py", "test"],
}


@pytest.mark.parametrize("desk", COMMANDS)
def test_the_desk_s_own_tests_pass(desk: str) -> None:
    command = [sys.executable, *COMMANDS[desk]]
    environ = {name: text for name, text in os.environ.items() if "PYTEST" not in name}
    done = subprocess.run(
        command,
        cwd=EXAMPLES / desk,
        env={**environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )

    assert done.returncode == 0, done.stdout + done.stderr
