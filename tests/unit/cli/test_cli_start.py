"""How the command starts: what it needs, where it takes its settings from, and how it logs."""

from __future__ import annotations

import logging
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import pytest
from click.testing import Result

from kustomer_orm.emulator import Emulator

ID = "58228e05d4e96711004eccb7"
Run = Callable[..., Result]
Spawn = Callable[..., Any]


@pytest.mark.parametrize("package", ["click", "rich", "werkzeug", "jsonschema"])
def test_a_missing_package_is_named_in_one_line(spawn: Spawn, package: str) -> None:
    code = f"import sys; sys.modules[{package!r}] = None\n"
    done = spawn("-c", code + "from kustomer_orm.cli import main; sys.exit(main())")
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        f"kustomer-orm needs {package}: pip install 'kustomer_orm[cli]'"
    ]


def test_a_fault_of_our_own_is_not_taken_for_a_missing_package(spawn: Spawn) -> None:
    code = "import sys; sys.modules['kustomer_orm.records'] = None\nimport kustomer_orm.cli"
    done = spawn("-c", code)
    assert done.returncode == 1
    assert "kustomer_orm.records" in done.stderr


def test_the_version_is_that_of_the_package(run: Run) -> None:
    assert run("--version").stdout == f"kustomer-orm {version('kustomer_orm')}\n"


def test_what_is_missing_is_said_all_at_once(server: Emulator, run: Run) -> None:
    result = run("get", "user", ID, KUSTOMER_API_KEY=None, KUSTOMER_BASE_URL=None)
    assert result.exit_code == 2
    key, place = result.stderr.splitlines()
    assert "set KUSTOMER_API_KEY" in key
    assert "--org or --base-url" in place
    assert server.requests == []


def test_an_option_wins_over_the_environment(seeded: Emulator, run: Run) -> None:
    away = "http://127.0.0.1:9"
    result = run("--base-url", seeded.url, "get", "conversation", ID, KUSTOMER_BASE_URL=away)
    assert result.exit_code == 0
    assert len(seeded.requests) == 1


def test_a_setting_that_is_refused_is_bad_input(run: Run) -> None:
    result = run("--base-url", "http://example.com", "get", "conversation", ID)
    assert result.exit_code == 2
    assert "would show the API key to the network" in result.stderr


def test_no_option_takes_the_key(run: Run) -> None:
    assert run("--api-key", "x", "get", "user", ID).exit_code == 2
    for command in ("demo", "get", "set", "doctor", "emulate"):
        assert "--api-key" not in run(command, "--help").stdout


def test_verbose_logs_each_request_on_the_error_stream(seeded: Emulator, run: Run) -> None:
    logger = logging.getLogger("kustomer_orm")
    before = (logger.level, list(logger.handlers))
    result = run("-v", "set", "conversation", ID, "name=Refund")
    get, patch = result.stderr.splitlines()
    assert get.startswith(f"GET /v1/conversations/{ID} 200")
    assert patch.startswith(f"PATCH /v1/conversations/{ID} 200")
    assert run("get", "conversation", ID).stderr == ""
    assert (logger.level, logger.handlers) == before


def test_a_name_beyond_the_terminals_letters_is_escaped(server: Emulator, spawn: Spawn) -> None:
    id_ = server.world.add("conversation", name="Grüße, 東京")
    done = spawn(
        *("-m", "kustomer_orm.cli", "get", "conversation", id_),
        KUSTOMER_API_KEY=server.api_key,
        KUSTOMER_BASE_URL=server.url,
        PYTHONIOENCODING="ascii",
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert r"Gr\xfc\xdfe, \u6771\u4eac" in done.stdout
