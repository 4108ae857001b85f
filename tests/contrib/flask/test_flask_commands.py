"""`flask kustomer`: the commands of `kustomer-orm` with a client of the app."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from kustomer_orm.contrib.flask import KustomerORM
from kustomer_orm.emulator import Emulator


def run(app: Flask, *words: str) -> Any:
    return app.test_cli_runner().invoke(args=["kustomer", *words])


def test_the_doctor_examines_the_apps_client(server: Emulator, app: Flask) -> None:
    done = run(app, "doctor", "--json")

    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["base_url"] == server.url


def test_the_doctor_examines_the_client_of_a_bind(server: Emulator) -> None:
    eu = {"api_key": "a-wrong-key", "org": "acme-eu", "base_url": server.url}
    app = Flask("desk")
    app.config.update(KUSTOMER_BINDS={"eu": eu})
    KustomerORM(app)

    done = run(app, "--bind", "eu", "doctor", "--json")

    assert done.exit_code == 1
    assert not json.loads(done.stdout)["ok"]


def test_models_are_generated_and_checked(server: Emulator, app: Flask, tmp_path: Path) -> None:
    server.world.describe("conversation", orderNumberStr={"displayName": "Order"})
    models = tmp_path / "models.py"
    # The check imports it into this process, whose other tests have their own default class.
    words = ("generate", str(models), "--only", "conversation", "--no-default")

    assert run(app, "models", *words).exit_code == 0
    assert "orderNumberStr" in models.read_text("utf-8").replace("order_number", "orderNumberStr")
    checked = run(app, "models", "check", str(models), "--only", "conversation")
    assert checked.exit_code == 0, checked.output
    server.world.describe("conversation", otherStr={"displayName": "Other"})
    assert run(app, "models", "check", str(models), "--only", "conversation").exit_code == 1


def test_the_group_names_its_commands(app: Flask) -> None:
    done = run(app, "--help")

    assert done.exit_code == 0
    assert "doctor" in done.output
    assert "models" in done.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("doctor",), "Error: no API key: set app.config['KUSTOMER_API_KEY']"),
        (("--bind", "eu", "doctor"), "Error: no bind 'eu' in KUSTOMER_BINDS; there is none"),
    ],
)
def test_what_is_missing_ends_a_command_with_a_line(words: tuple[str, ...], said: str) -> None:
    app = Flask("bare")
    KustomerORM(app)
    done = run(app, *words)

    assert done.exit_code == 2
    assert said in done.output


def test_a_web_server_needs_nothing_of_the_command_line(tmp_path: Path) -> None:
    program = """
import sys
sys.modules["rich"] = sys.modules["jsonschema"] = None
from flask import Flask
from kustomer_orm.contrib.flask import KustomerORM
app = Flask("desk")
KustomerORM(app)
assert "kustomer_orm.cli" not in sys.modules and "kustomer_orm.emulator" not in sys.modules
done = app.test_cli_runner().invoke(args=["kustomer", "doctor"])
assert done.exit_code == 1, done.output
print(done.output)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "pip install 'kustomer_orm[cli,flask]'" in done.stdout


def test_flask_itself_finds_the_group(server: Emulator, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(
        "from flask import Flask\n"
        "from kustomer_orm.contrib.flask import KustomerORM\n"
        "app = Flask(__name__)\n"
        f"app.config['KUSTOMER_API_KEY'] = {server.api_key!r}\n"
        f"app.config['KUSTOMER_BASE_URL'] = {server.url!r}\n"
        "KustomerORM(app)\n",
        "utf-8",
    )
    done = subprocess.run(
        [sys.executable, "-m", "flask", "kustomer", "doctor", "--json"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["ok"]
