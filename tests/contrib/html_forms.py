"""Reads the forms of a page, as a browser does."""

from __future__ import annotations

from html.parser import HTMLParser


class Page(HTMLParser):
    """Reads a form as a browser does: what it would post if nobody touched it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.posted: dict[str, list[str]] = {}
        self.inputs: dict[str, dict[str, str | None]] = {}
        self._name = ""
        self._many = False
        self._text: list[str] | None = None
        self.feed(text.replace("\r\n", "\n"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        name = said.get("name") or ""
        if tag == "input" and said.get("type") != "radio":
            self.posted.setdefault(name, []).append(said.get("value") or "")
        if tag in {"input", "select", "textarea"}:
            self.inputs[name] = said
            self._name = name
        if tag == "option" and "selected" in said:
            self.posted.setdefault(self._name, []).append(said.get("value") or "")
        if tag == "textarea":
            self._text = []

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._text is not None:
            text = "".join(self._text).removeprefix("\n").replace("\n", "\r\n")
            self.posted[self._name] = [text]
            self._text = None
