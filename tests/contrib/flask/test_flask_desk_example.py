"""The example desk, started by hand: an emulator of its own, a colleague, a quiet end."""

from __future__ import annotations

import re

import requests

from tests.contrib.desk_programs import desk_running, wait_for_webhook


def test_the_desk_starts_without_an_account_and_ends_quietly() -> None:
    with desk_running("flask") as url:
        first = requests.get(f"{url}/", timeout=20).text
        ids = re.findall(r'data-id="(\w+)"', first)
        assert len(ids) == 25
        more = requests.get(f"{url}/?q=&status=&shown=50", timeout=20).text
        assert 'id="more"' in first
        assert more.count("data-id=") == 50
        assert "Nothing found." in requests.get(f"{url}/?q=nosuchword", timeout=20).text
        page = f"{url}/conversations/{ids[0]}"
        assert "Tom was here" in requests.post(f"{url}/colleague/{ids[0]}", timeout=20).text
        wait_for_webhook(f"{page}/changed")
        assert "Tom was here" in requests.get(page, timeout=20).text
        assert requests.get(f"{url}/conversations/nonsense", timeout=20).status_code == 404
