"""The house keeps its arrows, and import-linter sees when it does not."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter on the package of a folder."""
    program = "import sys; from importlinter.cli import lint_imports_command as run; run()"
    return subprocess.run(
        [sys.executable, "-c", program, "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of the package and its contracts."""
    shutil.copy(ROOT / "setup.cfg", tmp_path)
    unwanted = shutil.ignore_patterns("__pycache__", "*.json")
    shutil.copytree(ROOT / "kustomer_orm", tmp_path / "kustomer_orm", ignore=unwanted)
    return tmp_path


def test_the_package_keeps_every_contract(house: Path) -> None:
    linted = lint(house)

    assert linted.returncode == 0, linted.stdout
    assert " 0 broken" in linted.stdout


@pytest.mark.parametrize(
    ("module", "line", "broken"),
    [
        ("errors.py", "import kustomer_orm.client", "Arrows go down only"),
        ("changes/wire.py", "from kustomer_orm import attributes", "Arrows go down only"),
        ("attributes/fields.py", "from kustomer_orm.records import Record", "Arrows go down only"),
        ("client.py", "from kustomer_orm.resources import User", "Arrows go down only"),
        ("transport/retry.py", "from kustomer_orm.jsonapi import parse", "Arrows go down only"),
        ("cache/documents.py", "import kustomer_orm.transport", "Arrows go down only"),
        ("cache/shelf.py", "from kustomer_orm.registry import Registry", "Arrows go down only"),
        ("transport/http.py", "from kustomer_orm.cache import shelf", "Arrows go down only"),
        ("identity.py", "from kustomer_orm.client import Client", "Arrows go down only"),
        ("webhooks/events.py", "from kustomer_orm import reflection", "Arrows go down only"),
        ("records/telling.py", "from kustomer_orm.webhooks import parse", "Arrows go down only"),
        ("webhooks/receiving.py", "import cachetools", "cachetools is known in cache only"),
        ("unplaced.py", "X = 1", "Arrows go down only"),
        ("emulator/rules.py", "from kustomer_orm._names import camel", "The emulator imports"),
        ("resources/user.py", "import kustomer_orm.resources.customer", "Sibling resources"),
        ("client.py", "import requests", "HTTP is spoken in transport only"),
        ("emulator/wire.py", "import requests", "HTTP is spoken in transport only"),
        ("records/saving.py", "from urllib3 import Retry", "HTTP is spoken in transport only"),
        ("custom.py", "from marshmallow import fields", "marshmallow is known in attributes"),
        ("records/record.py", "import marshmallow", "marshmallow is known in attributes"),
        ("client.py", "import cachetools", "cachetools is known in cache only"),
        ("cache/shelf.py", "import cachetools", "cachetools is known in cache only"),
        ("records/results.py", "import rich", "What an extra installs"),
        ("config.py", "import click", "What an extra installs"),
        ("client.py", "import orjson", "What an extra installs"),
        ("attributes/scalars.py", "import jsonschema", "What an extra installs"),
        ("transport/http.py", "import werkzeug", "What an extra installs"),
        ("client.py", "from flask import g", "What an extra installs"),
        ("client.py", "from django.conf import settings", "What an extra installs"),
        ("contrib/django/clients.py", "import rich", "What an extra installs"),
        ("contrib/django/clients.py", "from kustomer_orm.contrib import flask", "Django's part"),
        ("contrib/flask/state.py", "import rich", "What an extra installs"),
        ("cli/doctor.py", "from kustomer_orm.contrib import flask", "Arrows go down only"),
    ],
)
def test_a_wrong_import_breaks_the_contract(
    house: Path, module: str, line: str, broken: str
) -> None:
    place = house / "kustomer_orm" / module
    written = place.read_text("utf-8") if place.exists() else '"""A room that nobody planned."""\n'
    place.write_text(f"{written}\n{line}\n", "utf-8")

    linted = lint(house)

    assert linted.returncode != 0
    said = linted.stdout + linted.stderr
    assert f"{broken}" in said
    verdicts = [each for each in said.splitlines() if each.startswith(broken)]
    assert any("BROKEN" in each for each in verdicts) or "unplaced" in said
