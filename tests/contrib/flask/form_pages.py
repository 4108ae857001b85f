"""A Flask app with the form of a conversation, and a person at it."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from flask import Flask, redirect, render_template_string, request
from flask.testing import FlaskClient
from flask.typing import ResponseReturnValue
from werkzeug.test import TestResponse

from kustomer_orm import Conversation, custom
from kustomer_orm.contrib.flask import KustomerORM

PAGE = (
    '{% from "kustomer/form.html" import render_form %}'
    '<form method="post">{{ render_form(form) }}</form>'
)


class Case(Conversation):
    size = custom.Str(choices=("S", "M"))
    card = custom.Str("cardStr", sensitive=True)
    due = custom.At()
    is_vip = custom.Bool("vipBool")
    refund = custom.Num()
    note = custom.Txt()
    colors = custom.Strs()
    site = custom.Url()


NAMES = (
    "name",
    "status",
    "priority",
    "tags",
    "assigned_users",
    "size",
    "card",
    "due",
    "is_vip",
    "refund",
    "note",
    "colors",
    "site",
)


def add_form_views(
    app: Flask, kustomer: KustomerORM, cls: type[Conversation] = Case, **options: Any
) -> None:
    """Add `/<id>`; the person is named by `?user=`, the organisation by `?bind=`."""

    @app.route("/<id_>", methods=["GET", "POST"])
    def edit(id_: str) -> ResponseReturnValue:
        user, bind = request.args.get("user"), request.args.get("bind", "default")
        form = kustomer.form(cls, NAMES, id=id_, user=user, bind=bind, **options)
        if form.save():
            return redirect(f"/saved?{','.join(form.saved)}")
        return render_template_string(PAGE, form=form), form.status


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


class Person:
    """Somebody with a form open."""

    def __init__(self, app: Flask, id_: str, query: str = "") -> None:
        self.browser: FlaskClient = app.test_client()
        self.url = f"/{id_}{query}"
        self.answer: TestResponse = self.browser.get(self.url)
        self.page = Page(self.answer.text)

    def post(self, **changed: str | list[str]) -> TestResponse:
        """Send the form with some inputs changed, and look at what comes then."""
        posted: dict[str, Any] = dict(self.page.posted)
        posted.update({name.replace("__", "-"): texts for name, texts in changed.items()})
        self.answer = self.browser.post(self.url, data=posted)
        self.page = Page(self.answer.text)
        return self.answer
