"""A person at a form of the Django project."""

from __future__ import annotations

from typing import Any

from django.test import Client

from kustomer_orm.emulator import Emulator
from tests.contrib.html_forms import Page


class Person:
    """Somebody with a form open."""

    def __init__(self, browser: Client, url: str) -> None:
        self.browser = browser
        self.url = url
        self._take(browser.get(url))

    def _take(self, answer: Any) -> None:
        self.answer = answer
        self.text: str = answer.content.decode()
        self.page = Page(self.text)

    def post(self, **changed: str | list[str] | None) -> Any:
        """Send the form with some inputs changed (None: as if it had not been there)."""
        posted: dict[str, Any] = dict(self.page.posted)
        posted.update({name.replace("__", "-"): texts for name, texts in changed.items()})
        data = {name: texts for name, texts in posted.items() if texts is not None}
        self._take(self.browser.post(self.url, data=data))
        return self.answer


def writes(server: Emulator) -> list[Any]:
    return [each.body for each in server.requests if each.method != "GET"]


def stored(server: Emulator, id_: str) -> dict[str, Any]:
    attributes: dict[str, Any] = server.world.get("conversation", id_)["attributes"]
    return attributes
