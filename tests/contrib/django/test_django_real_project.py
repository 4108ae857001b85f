"""A project as `django-admin startproject` makes it, in processes of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kustomer_orm.emulator import Emulator

ROOT = Path(__file__).parents[3]
SETTINGS = """
INSTALLED_APPS += ["kustomer_orm.contrib.django", "tickets"]
MIDDLEWARE += ["kustomer_orm.contrib.django.middleware.KustomerMiddleware"]
KUSTOMER = {"default": {"RETRY": 0}}
"""
MODELS = """
from django.db import models
from kustomer_orm import Conversation
from kustomer_orm.contrib.django import RecordField

class Ticket(models.Model):
    conversation = RecordField(Conversation)
"""

Manage = Callable[..., str]


@pytest.fixture
def manage(tmp_path: Path, server: Emulator) -> Manage:
    """Run a command of a new project, and give what it printed."""
    environ = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)]),
        "KUSTOMER_API_KEY": server.api_key,
        "KUSTOMER_BASE_URL": server.url,
        "DJANGO_SETTINGS_MODULE": "shop.settings",
    }

    def run(*words: str, status: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "django", *words],
            cwd=tmp_path,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == status, done.stderr
        assert server.api_key not in done.stdout + done.stderr
        return done.stdout + done.stderr

    environ.pop("DJANGO_SETTINGS_MODULE")
    run("startproject", "shop", ".")
    run("startapp", "tickets")
    environ["DJANGO_SETTINGS_MODULE"] = "shop.settings"
    with (tmp_path / "shop/settings.py").open("a", encoding="utf-8") as settings:
        settings.write(SETTINGS)
    (tmp_path / "tickets/models.py").write_text(MODELS, encoding="utf-8")
    return run


def test_the_field_is_migrated_and_asked_for_its_record(
    manage: Manage, server: Emulator, tmp_path: Path
) -> None:
    id_ = server.world.add("conversation", name="Hi")
    manage("check", "--fail-level", "WARNING")
    manage("makemigrations", "tickets")
    manage("migrate")
    said = manage("makemigrations", "--check", "--dry-run")
    assert "No changes detected" in said
    written = (tmp_path / "tickets/migrations/0001_initial.py").read_text("utf-8")
    assert "RecordField(record='kustomer_orm.Conversation')" in written
    assert '"conversation_id" varchar(255) NOT NULL' in manage("sqlmigrate", "tickets", "0001")

    program = (
        "from tickets.models import Ticket; "
        f"Ticket.objects.create(conversation={id_!r}); "
        "print('read', Ticket.objects.get().conversation.name)"
    )
    assert "read Hi" in manage("shell", "-c", program)
    assert len(server.requests) == 1


def test_a_mistake_in_the_settings_stops_the_check(manage: Manage, tmp_path: Path) -> None:
    with (tmp_path / "shop/settings.py").open("a", encoding="utf-8") as settings:
        settings.write('KUSTOMER["default"]["TIMEOUTS"] = 5\nMIDDLEWARE.pop()\n')

    said = manage("check", status=1)

    assert "(kustomer.E005) KUSTOMER['default']: there is no option 'TIMEOUTS'; did you" in said
    assert "(kustomer.W001)" in said
