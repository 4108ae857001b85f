"""The example desk, started by hand: an emulator of its own, a colleague, a quiet end."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import requests

from tests.contrib.html_forms import Page

ROOT = Path(__file__).parents[3]
PROGRAM = ROOT / "docs" / "examples" / "django_desk" / "run.py"


def test_the_desk_starts_without_an_account_and_ends_quietly() -> None:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    environ = {name: value for name, value in os.environ.items() if "KUSTOMER" not in name}
    with subprocess.Popen(
        [sys.executable, str(PROGRAM), "--port", str(port)],
        env={**environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line)
            if line.startswith("Desk: "):
                break
        assert said[-1] == f"Desk: http://127.0.0.1:{port}/\n", said

        url = f"http://127.0.0.1:{port}"
        first = requests.get(f"{url}/", timeout=20).text
        ids = re.findall(r'data-id="(\w+)"', first)
        assert len(ids) == 25
        more = requests.get(f"{url}/?q=&status=&shown=50", timeout=20).text
        assert 'id="more"' in first
        assert more.count("data-id=") == 50
        assert "Nothing found." in requests.get(f"{url}/?q=nosuchword", timeout=20).text
        page = f"{url}/conversations/{ids[0]}/"
        with requests.Session() as browser:
            form = Page(browser.get(page, timeout=20).text)
            token = {"csrfmiddlewaretoken": form.posted["csrfmiddlewaretoken"]}
            answer = browser.post(f"{url}/colleague/{ids[0]}/", data=token, timeout=20)
            assert "Tom was here" in answer.text
            assert "Tom was here" in browser.get(page, timeout=20).text
            noted = {**form.posted, "internal_note": "A regular."}
            assert "Saved: internal_note." in browser.post(page, data=noted, timeout=20).text
            assert "A regular." in browser.get(f"{url}/tickets/", timeout=20).text
            assert "Log in" in browser.get(f"{url}/admin/", timeout=20).text
            assert ".css" in browser.get(f"{url}/", timeout=20).text
            assert browser.get(f"{url}/static/desk/desk.css", timeout=20).status_code == 200
            missing = browser.get(f"{url}/conversations/nonsense/", timeout=20)
            assert (missing.status_code, "Not found" in missing.text) == (404, True)
            assert browser.get(f"{url}/nowhere", timeout=20).status_code == 404

        process.send_signal(signal.SIGTERM)
        rest = process.stdout.read()
        assert process.wait(timeout=20) == 0
        assert "Traceback" not in rest
