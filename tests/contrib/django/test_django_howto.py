"""The page docs/howto/django.md, done word for word by somebody new, in a fresh folder."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import requests

from tests.contrib.howto_steps import free_port, running, upto
from tests.contrib.html_forms import Page

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs" / "howto" / "django.md").read_text("utf-8")
SHELL = re.findall(r"^```sh\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
# The sentence before each file of the page ends with its name, and says whether it is new.
FILES = re.findall(
    r"^([^\n]*)`([\w/.]+\.(?:py|html))`[^\n]*:\n\n```[\w+]+\n(.*?)^```",
    TEXT,
    re.MULTILINE | re.DOTALL,
)


def run(lines: str, environ: dict[str, str], folder: Path) -> None:
    """Run the lines of a block that end by themselves; `cd` is in the folder already."""
    for line in lines.splitlines():
        if line.split()[0] not in {"mkdir", "cd", "."}:
            done = subprocess.run(
                shlex.split(line),
                env=environ,
                cwd=folder,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stdout + done.stderr


def post(browser: Any, address: str, form: Page, **changed: Any) -> Any:
    data = {**form.posted, **{name.replace("__", "-"): text for name, text in changed.items()}}
    return browser.post(address, data=data, timeout=20)


def test_the_extras_that_are_installed_are_there() -> None:
    [extras] = re.findall(r"pip install -q '\.\[([\w,]+)\]'", SHELL[0])
    declared = (ROOT / "setup.cfg").read_text("utf-8")
    assert [name for name in extras.split(",") if f"\n{name} =\n" not in declared] == []


def test_the_page_works_word_for_word(tmp_path: Path) -> None:
    _, emulate, _, make, check, serve, colleague, _ = SHELL
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    modules = os.pathsep.join(filter(None, (os.environ.get("PYTHONPATH"), str(ROOT))))
    environ = {"PATH": path, "PYTHONPATH": modules, "PYTHONUNBUFFERED": "1"}
    kustomer_port, desk_port = free_port(), free_port()
    folder = tmp_path / "helpdesk"
    folder.mkdir()
    with ExitStack() as stack:
        begin = stack.enter_context
        said = begin(running(emulate.replace("8001", kustomer_port), environ, tmp_path))
        lines = [line for line in upto(said, "Ctrl-C") if line.startswith("export ")]
        assert len(lines) == 3
        shell = {**environ, **dict(shlex.split(line)[1].split("=", 1) for line in lines)}
        run(make, shell, folder)
        assert len(FILES) == 5
        for words, name, content in FILES:
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            before = file.read_text("utf-8") if "end of" in words else ""
            assert file.exists() is ("new file" not in words), name
            file.write_text(before + content, "utf-8")
        run(check, shell, folder)
        migrate, runserver = serve.splitlines()
        run(migrate, shell, folder)
        log = begin(running(runserver.replace("5000", desk_port), shell, folder))
        upto(log, "development server at")
        [address] = re.findall(r"open <(http://[^>]+)>", TEXT)
        address = address.replace("5000", desk_port)
        browser = begin(requests.Session())

        form = Page(browser.get(address, timeout=20).text)
        assert form.posted["name"] == ["Hi"]
        answer = post(browser, address, form, name="Mug, refunded")
        assert "Saved: name." in answer.text
        answer = post(browser, address, Page(answer.text))
        assert "Saved: nothing." in answer.text

        form = Page(answer.text)
        run(colleague, shell, folder)
        answer = post(browser, address, form, name="Mug, lost", priority="5")
        assert answer.status_code == 409
        assert "Mug, on its way" in answer.text
        form = Page(answer.text)
        assert (form.posted["status"], form.posted["priority"]) == (["done"], ["5"])
        answer = post(browser, address, form, resolve__name="mine")
        assert "Saved: name, priority." in answer.text
        form = Page(answer.text)
        assert [form.posted[name] for name in ("name", "status")] == [["Mug, lost"], ["done"]]
