"""mypy and pyright know the types: right uses pass, wrong ones are flagged."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDER = Path(__file__).parent
USES = [FOLDER / "right_uses.py", FOLDER / "wrong_uses.py"]

Checker = Callable[[list[Path]], tuple[int, str]]


@pytest.fixture(scope="module", params=["mypy", "pyright"])
def check(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Checker:
    """Run a checker on files, with the project's settings; its status and what it said."""
    cache = str(tmp_path_factory.mktemp("cache"))
    commands = {
        "mypy": ["mypy", "--strict", "--explicit-package-bases", "--cache-dir", cache],
        "pyright": ["pyright"],
    }

    def run(files: list[Path]) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-m", *commands[request.param], *map(str, files)],
            cwd=ROOT,
            env={**os.environ, "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    return run


def test_right_uses_pass_and_every_wrong_one_is_flagged(check: Checker) -> None:
    status, said = check(USES)

    assert status == 0, said


def test_each_flagged_line_is_needed_by_both() -> None:
    lines = [line for line in USES[1].read_text("utf-8").splitlines() if "ignore[" in line]

    assert len(lines) >= 30
    assert [line for line in lines if "# type: ignore[" not in line] == []
    assert [line for line in lines if "# pyright: ignore[" not in line] == []


@pytest.mark.parametrize(
    "line",
    [
        "    record.name = 5",
        "    record.refund = 'much'",
        "    record.nmae = 'Hi'",
        "    wanted: int = record.name",
        "    record.name = 'Hi'  # type: ignore[assignment]  # pyright: ignore",
    ],
)
def test_a_wrong_use_that_nobody_ignores_fails(check: Checker, tmp_path: Path, line: str) -> None:
    wrong = tmp_path / "wrong.py"
    head = "from kustomer_orm import Conversation, custom\n\n\nclass Support(Conversation):\n"
    body = f'    refund = custom.Num("refundNum")\n\n\ndef use(record: Support) -> None:\n{line}\n'
    wrong.write_text(head + body, "utf-8")

    status, said = check([wrong])

    assert status != 0
    assert "wrong.py:9" in said
