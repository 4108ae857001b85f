"""The command line, run in this process or in one of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from kustomer_orm.cli.commands import command_line
from kustomer_orm.config import SETTINGS
from kustomer_orm.emulator import Emulator

CONVERSATION = "58228e05d4e96711004eccb7"

Run = Callable[..., Result]
Spawn = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def seeded(server: Emulator) -> Emulator:
    """An emulator with the demo's records."""
    server.seed_demo()
    return server


@pytest.fixture
def run(server: Emulator) -> Run:
    """Run a command against `server`; whatever it does, the key is not in what it prints."""
    settings: dict[str, str | None] = {setting.variable: None for setting in SETTINGS}
    settings |= {
        "KUSTOMER_API_KEY": server.api_key,
        "KUSTOMER_BASE_URL": server.url,
        "KUSTOMER_RETRY": "0",
    }

    def invoke(*words: str, **environ: str | None) -> Result:
        result = CliRunner().invoke(command_line, words, env=settings | environ)
        assert server.api_key not in result.output
        return result

    return invoke


@pytest.fixture
def spawn() -> Spawn:
    """Run `python ...` in a process of its own, with an environment that holds no settings."""

    def start(*words: str, **environ: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *words],
            env=bare_environment() | environ,
            capture_output=True,
            encoding="utf-8",
            timeout=30,
            check=False,
        )

    return start


def bare_environment() -> dict[str, str]:
    unwanted = {setting.variable for setting in SETTINGS}
    unwanted |= {"COLUMNS", "FORCE_COLOR", "NO_COLOR", "PYTHONIOENCODING", "TTY_COMPATIBLE"}
    return {name: value for name, value in os.environ.items() if name not in unwanted}
