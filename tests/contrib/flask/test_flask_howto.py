"""The page docs/howto/flask.md, done word for word by somebody new, in a fresh folder."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import requests

from tests.contrib.howto_steps import free_port, running, upto
from tests.contrib.html_forms import Page

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs" / "howto" / "flask.md").read_text("utf-8")
SHELL = re.findall(r"^```sh\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
PYTHON = re.findall(r"^```python\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
ID = "58228e05d4e96711004eccb7"


def test_the_extras_that_are_installed_are_there() -> None:
    [extras] = re.findall(r"pip install -q '\.\[([\w,]+)\]'", SHELL[0])
    declared = (ROOT / "setup.cfg").read_text("utf-8")
    assert [name for name in extras.split(",") if f"\n{name} =\n" not in declared] == []


def test_the_page_works_word_for_word(tmp_path: Path) -> None:
    emulate, exports, run, colleague = SHELL[1:5]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    modules = os.pathsep.join(filter(None, (os.environ.get("PYTHONPATH"), str(ROOT))))
    environ = {"PATH": path, "PYTHONPATH": modules, "PYTHONUNBUFFERED": "1"}
    kustomer_port, desk_port = free_port(), free_port()
    (tmp_path / "app.py").write_text(PYTHON[0], "utf-8")
    with ExitStack() as stack:
        begin = stack.enter_context
        said = begin(running(emulate.replace("8001", kustomer_port), environ, tmp_path))
        lines = [line for line in upto(said, "Ctrl-C") if line.startswith("export ")]
        assert len(lines) == 3
        [secret] = re.findall(r'export FLASK_SECRET_KEY="\$\((.*)\)"', exports)
        made = subprocess.run(shlex.split(secret), capture_output=True, text=True, check=True)
        account = dict(shlex.split(line)[1].split("=", 1) for line in lines)
        shell = {**environ, **account, "FLASK_SECRET_KEY": made.stdout.strip()}
        log = begin(running(run.replace("5000", desk_port), shell, tmp_path))
        upto(log, "Running on")
        [address] = re.findall(r"open <(http://[^>]+)>", TEXT)
        address = address.replace("5000", desk_port)
        browser = begin(requests.Session())

        form = Page(browser.get(address, timeout=20).text)
        assert form.posted["name"] == ["Hi"]
        answer = browser.post(address, data={**form.posted, "name": "Mug, refunded"}, timeout=20)
        assert "Saved: name." in answer.text
        answer = browser.post(address, data=Page(answer.text).posted, timeout=20)
        assert "Saved: nothing." in answer.text

        form = Page(answer.text)
        interfering = shlex.split(colleague.splitlines()[1])
        subprocess.run(interfering, env=shell, cwd=tmp_path, check=True, capture_output=True)
        mine = {**form.posted, "name": "Mug, lost", "priority": "5"}
        answer = browser.post(address, data=mine, timeout=20)
        assert answer.status_code == 409
        assert "Mug, on its way" in answer.text
        form = Page(answer.text)
        assert (form.posted["status"], form.posted["priority"]) == (["done"], ["5"])
        answer = browser.post(address, data={**form.posted, "resolve-name": "mine"}, timeout=20)
        assert "Saved: name, priority." in answer.text
        form = Page(answer.text)
        assert [form.posted[name] for name in ("name", "status")] == [["Mug, lost"], ["done"]]
