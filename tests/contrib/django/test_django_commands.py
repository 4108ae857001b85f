"""The management commands."""

from __future__ import annotations

import json
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from kustomer_orm.emulator import Emulator
from kustomer_orm.records import records

pytestmark = pytest.mark.usefixtures("kustomer")


@pytest.fixture(autouse=True)
def no_class_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a generated module declares is for its test."""
    monkeypatch.setattr(records, "_classes", dict(records._classes))


def run(*words: str, **options: Any) -> str:
    printed = StringIO()
    call_command(*words, stdout=printed, **options)
    return printed.getvalue()


def test_the_doctor_looks_at_the_default(server: Emulator) -> None:
    said = run("kustomer_doctor")

    assert "accepted" in said
    assert server.api_key not in said
    assert len(server.requests) == 2


def test_the_doctor_looks_at_another_alias_and_prints_json(
    server: Emulator, other_server: Emulator
) -> None:
    found = json.loads(run("kustomer_doctor", "other", "--json"))

    assert found["base_url"] == other_server.url
    assert server.requests == []
    assert len(other_server.requests) == 2


def test_what_fails_ends_the_command_with_one(accounts: Any, server: Emulator) -> None:
    printed = StringIO()
    accounts["default"]["API_KEY"] = "a-wrong-key"
    with override_settings(KUSTOMER=accounts), pytest.raises(CommandError) as caught:
        call_command("kustomer_doctor", stdout=printed)

    assert caught.value.returncode == 1
    assert "refused with 401" in printed.getvalue()


def test_the_doctor_finds_out_about_revisions(server: Emulator) -> None:
    id_ = server.world.add("conversation", name="Hi", status="open")

    assert "stale rev" in run("kustomer_doctor", check_rev=id_)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["kustomer_doctor", "nobody"], "no 'nobody'; it has 'default', 'other'"),
        (["kustomer_doctor", "--check-rev", "a/b"], "expected an id"),
        (["kustomer_models", "generate", "--only", "nothing"], "no type 'nothing'"),
        (["kustomer_models", "check", "--module", "no.such.module"], "cannot be imported"),
    ],
    ids=" ".join,
)
def test_bad_input_ends_the_command_with_two_and_a_line(words: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=said) as caught:
        run(*words)
    assert caught.value.returncode == 2


def test_settings_that_are_refused_end_the_command_with_a_line(accounts: Any) -> None:
    accounts["default"]["TIMEOUT"] = "soon"
    with override_settings(KUSTOMER=accounts), pytest.raises(CommandError, match="timeout must be"):
        run("kustomer_doctor")


def test_models_are_generated_and_checked(server: Emulator, tmp_path: Path) -> None:
    server.seed_demo()
    written = tmp_path / "organisation.py"

    printed = run("kustomer_models", "generate", "--only", "conversation")
    assert "order_number = custom.Str" in printed
    run("kustomer_models", "generate", "--output", str(written), "--no-default")
    assert "default=True" not in written.read_text("utf-8")
    assert "agree" in run("kustomer_models", "check", "--module", str(written))

    server.world.describe("conversation", newNum={"displayName": "New"})
    with pytest.raises(CommandError) as caught:
        run("kustomer_models", "check", "--module", str(written))
    assert caught.value.returncode == 1


def test_models_written_by_hand_are_not_written_over(tmp_path: Path) -> None:
    by_hand = tmp_path / "by_hand.py"
    by_hand.write_text("MINE = 1\n", encoding="utf-8")

    with pytest.raises(CommandError, match="--force"):
        run("kustomer_models", "generate", "--output", str(by_hand))
    run("kustomer_models", "generate", "--output", str(by_hand), "--force")
    assert "MINE" not in by_hand.read_text("utf-8")


@pytest.mark.parametrize("missing", ["click", "rich"])
def test_without_the_extra_the_project_works_and_the_commands_say_so(missing: str) -> None:
    program = f"""
import os, sys
sys.modules[{missing!r}] = None
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.contrib.django.project_settings"
import django
django.setup()
from django.core.management import call_command, execute_from_command_line
call_command("check", "--tag", "kustomer")
execute_from_command_line(["manage.py", "kustomer_doctor"])
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )

    assert done.returncode == 1
    assert f"CommandError: {missing}" in done.stderr
    assert "pip install 'kustomer_orm[cli,django]'" in done.stderr
    assert "Traceback" not in done.stderr
