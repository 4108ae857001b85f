"""A Flask app with the form of a conversation, and a person at it."""

from __future__ import annotations

from typing import Any

from flask import Flask, redirect, render_template_string, request
from flask.testing import FlaskClient
from flask.typing import ResponseReturnValue
from werkzeug.test import TestResponse

from kustomer_orm import Conversation, custom
from kustomer_orm.contrib.flask import KustomerORM
from tests.contrib.html_forms import Page

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
