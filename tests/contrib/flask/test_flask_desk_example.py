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

ROOT = Path(__file__).parents[3]
PROGRAM = ROOT / "docs" / "examples" / "flask_desk" / "run.py"


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
        assert "Tom was here" in requests.post(f"{url}/colleague/{ids[0]}", timeout=20).text
        assert "Tom was here" in requests.get(f"{url}/conversations/{ids[0]}", timeout=20).text
        assert requests.get(f"{url}/conversations/nonsense", timeout=20).status_code == 404

        process.send_signal(signal.SIGTERM)
        rest = process.stdout.read()
        assert process.wait(timeout=20) == 0
        assert "Traceback" not in rest
