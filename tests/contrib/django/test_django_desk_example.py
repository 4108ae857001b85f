"""The example desk, started by hand: an emulator of its own, a colleague, a quiet end."""

from __future__ import annotations

import re

import requests

from tests.contrib.desk_programs import desk_running, wait_for_webhook
from tests.contrib.html_forms import Page


def test_the_desk_starts_without_an_account_and_ends_quietly() -> None:
    with desk_running("django") as url, requests.Session() as browser:
        first = browser.get(f"{url}/", timeout=20).text
        ids = re.findall(r'data-id="(\w+)"', first)
        assert len(ids) == 25
        more = browser.get(f"{url}/?q=&status=&shown=50", timeout=20).text
        assert 'id="more"' in first
        assert more.count("data-id=") == 50
        assert "Nothing found." in browser.get(f"{url}/?q=nosuchword", timeout=20).text

        page = f"{url}/conversations/{ids[0]}/"
        form = Page(browser.get(page, timeout=20).text)
        token = {"csrfmiddlewaretoken": form.posted["csrfmiddlewaretoken"]}
        answer = browser.post(f"{url}/colleague/{ids[0]}/", data=token, timeout=20)
        assert "Tom was here" in answer.text
        wait_for_webhook(f"{page}changed/")
        assert "Tom was here" in browser.get(page, timeout=20).text

        noted = {**form.posted, "internal_note": "A regular."}
        assert "Saved: internal_note." in browser.post(page, data=noted, timeout=20).text
        assert "A regular." in browser.get(f"{url}/tickets/", timeout=20).text
        assert "Log in" in browser.get(f"{url}/admin/", timeout=20).text
        assert browser.get(f"{url}/static/desk/desk.css", timeout=20).status_code == 200
        missing = browser.get(f"{url}/conversations/nonsense/", timeout=20)
        assert (missing.status_code, "Not found" in missing.text) == (404, True)
        assert browser.get(f"{url}/nowhere", timeout=20).status_code == 404
