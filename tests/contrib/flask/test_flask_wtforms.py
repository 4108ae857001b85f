"""The same round trip as a form of WTForms, with fields and validators of the app beside it."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest
import wtforms
from flask import Flask, jsonify, redirect, render_template_string
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms.validators import ValidationError

from kustomer_orm import Conversation, custom
from kustomer_orm.attributes import String
from kustomer_orm.contrib.flask.wtf import record_form
from kustomer_orm.emulator import Emulator, Fault
from kustomer_orm.errors import ConfigurationError, DeclarationError
from tests.contrib.flask.conftest import MakeApp
from tests.contrib.flask.form_pages import NAMES, Case, Person
from tests.contrib.html_forms import Page

PAGE = """
{% from "kustomer/form.html" import render_conflicts %}
<form method="post">{{ form.kustomer_token }}{{ form.csrf_token }}
{% for error in form.form_errors %}<p class="form-error">{{ error }}</p>{% endfor %}
{{ render_conflicts(form.kustomer) }}
{% for field in form if not field.conflict and field.widget.input_type != "hidden" %}
{{ field.label }}{{ field }}
{% for error in field.errors %}<p class="field-error">{{ error }}</p>{% endfor %}
{% endfor %}</form>
"""


class CaseForm(record_form(Case, NAMES)):  # type: ignore[misc] # made at run time
    reason = wtforms.StringField("Why?")

    def validate_name(self, field: Any) -> None:
        if field.data == "test":
            raise ValidationError("Find a better name.")


class SafeForm(record_form(Case, ["name", "tags"], base=FlaskForm)):  # type: ignore[misc] # as above
    pass


class SmallForm(record_form(Case, ["name", "tags"])):  # type: ignore[misc] # as above
    pass


def add_view(app: Flask, form_class: type[Any]) -> None:
    @app.route("/<id_>", methods=["GET", "POST"])
    def edit(id_: str) -> ResponseReturnValue:
        form = form_class(id=id_, user="sam")
        if form.save():
            return redirect(f"/saved?{','.join(form.kustomer.saved)}")
        return render_template_string(PAGE, form=form), form.kustomer.status


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    app = make_app(SECRET_KEY="k")
    add_view(app, CaseForm)
    return app


@pytest.fixture
def id_(server: Emulator) -> str:
    return server.world.add(
        "conversation",
        name="Hi <b>",
        tags=["damaged", "late"],
        custom={
            "dueAt": "2026-07-01T10:00:00.123Z",
            "noteTxt": "\none\n",
            "refundNum": 12.5,
            "vipBool": True,
            "cardStr": "4111",
        },
    )


def writes(server: Emulator) -> list[Any]:
    return [each.body for each in server.requests if each.method != "GET"]


def test_inputs_are_those_of_wtforms_with_our_limits(app: Flask, id_: str) -> None:
    inputs = Person(app, id_).page.inputs

    assert list(inputs) == ["kustomer_token", *NAMES, "reason"]
    assert (inputs["due"]["type"], inputs["due"]["step"]) == ("datetime-local", "1")
    assert (inputs["priority"]["min"], inputs["priority"]["max"]) == ("1", "5")
    assert inputs["name"]["id"] == "name"
    assert "multiple" in inputs["tags"]


def test_an_untouched_form_sends_nothing(app: Flask, server: Emulator, id_: str) -> None:
    person = Person(app, id_)
    before = len(server.requests)

    assert person.post().location == "/saved"
    assert len(server.requests) == before


def test_changes_are_sent_and_lists_cleared(app: Flask, server: Emulator, id_: str) -> None:
    person = Person(app, id_)
    server.world.edit("conversation", id_, priority=5)

    assert person.post(name="Ho", tags=[""], is_vip="").location == "/saved?name,is_vip,tags"
    assert writes(server) == [{"name": "Ho", "tags": [], "custom": {"vipBool": None}}]


def test_both_sides_validate_and_what_was_typed_stays(
    app: Flask, server: Emulator, id_: str
) -> None:
    person = Person(app, id_)
    answer = person.post(name="test", refund="a lot", site="nowhere", reason="because")

    assert answer.status_code == 422
    assert answer.text.count('class="field-error"') == 3
    assert "Find a better name." in answer.text
    posted = person.page.posted
    assert (posted["name"], posted["refund"]) == (["test"], ["a lot"])
    assert posted["reason"] == ["because"]
    assert person.post(name="test", refund="1", site="").status_code == 422
    assert writes(server) == []
    assert person.post(name="better").status_code == 302
    assert writes(server) == [{"name": "better", "custom": {"refundNum": 1}}]


@pytest.mark.parametrize("choice", ["mine", "theirs"])
def test_a_conflict_is_shown_and_decided(
    app: Flask, server: Emulator, id_: str, choice: str
) -> None:
    person = Person(app, id_)
    server.world.edit("conversation", id_, name="theirs", priority=5)

    assert person.post(name="mine").status_code == 409
    assert "name" not in person.page.posted
    assert person.page.posted["priority"] == ["5"]
    person.post(resolve__name=choice)
    assert server.world.get("conversation", id_)["attributes"]["name"] == choice


def test_trouble_is_an_error_of_the_form(app: Flask, server: Emulator, id_: str) -> None:
    person = Person(app, id_)
    server.faults.add(Fault.status(429, times=None))
    answer = person.post(name="typed")

    assert answer.status_code == 429
    assert 'class="form-error"' in answer.text
    assert person.page.posted["name"] == ["typed"]


def test_data_are_python_values(app: Flask, id_: str) -> None:
    with app.test_request_context():
        form = CaseForm(id=id_)
        assert (form.refund.data, form.is_vip.data, form.card.data) == (12.5, True, None)
        assert form.due.data.isoformat() == "2026-07-01T10:00:00+00:00"
        assert form.save() is False


def test_csrf_of_flask_wtf_is_checked_as_well(
    make_app: MakeApp, server: Emulator, id_: str
) -> None:
    app = make_app(SECRET_KEY="k")
    add_view(app, SafeForm)
    person = Person(app, id_)
    [token] = person.page.posted["csrf_token"]

    assert person.post(name="Ho", csrf_token="").status_code == 422
    assert writes(server) == []
    assert person.post(name="Ho", csrf_token=token).status_code == 302


def test_hidden_tag_of_flask_wtf_holds_the_token(make_app: MakeApp, id_: str) -> None:
    app = make_app(SECRET_KEY="k")
    with app.test_request_context():
        page = Page(str(SafeForm(id=id_).hidden_tag()))
    assert set(page.posted) == {"csrf_token", "kustomer_token"}


def test_a_foreign_token_is_refused(app: Flask, server: Emulator, id_: str) -> None:
    person = Person(app, id_)
    person.page.posted["kustomer_token"] = ["forged"]
    assert person.post(name="Ho").status_code == 400
    assert writes(server) == []


def test_populate_obj_is_for_what_is_the_app_s(app: Flask, id_: str) -> None:
    mine = SimpleNamespace()
    with app.test_request_context():
        form = CaseForm(id=id_)
        form.populate_obj(mine)
        with pytest.raises(ConfigurationError, match=r"form\.save"):
            form.populate_obj(Case.get(id_))
    assert list(vars(mine)) == ["reason"]


def test_an_attribute_that_wtforms_has_a_use_for_is_refused() -> None:
    class Odd(Conversation, registered=False):
        data = custom.Str()
        save_ = String(key="save")

    with pytest.raises(DeclarationError, match="another name"):
        record_form(Odd, ["data"])


def test_without_wtforms_the_error_says_what_to_install() -> None:
    program = "import sys; sys.modules['wtforms'] = None; import kustomer_orm.contrib.flask.wtf"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert "pip install wtforms" in done.stderr.splitlines()[-1]


def test_two_forms_of_one_page_are_told_apart_by_their_prefix(
    make_app: MakeApp, server: Emulator
) -> None:
    app = make_app(SECRET_KEY="k")
    ids = {name: server.world.add("conversation", name=name) for name in ("left", "right")}

    @app.route("/both", methods=["GET", "POST"])
    def edit() -> ResponseReturnValue:
        forms = [SmallForm(id=id_, prefix=prefix) for prefix, id_ in ids.items()]
        saved = [form.kustomer.saved for form in forms if form.save()]
        page = "".join(render_template_string(PAGE, form=form) for form in forms)
        return (jsonify(saved) if saved else page), max(form.kustomer.status for form in forms)

    def left_of(answer: Any) -> dict[str, list[str]]:
        posted = Page(answer.text).posted
        return {name: texts for name, texts in posted.items() if name.startswith("left-")}

    with app.test_client() as browser:
        posted = left_of(browser.get("/both"))
        assert sorted(posted) == ["left-kustomer_token", "left-name", "left-tags"]
        server.world.edit("conversation", ids["left"], name="theirs")
        answer = browser.post("/both", data={**posted, "left-name": ["mine"]})
        assert answer.status_code == 409
        assert 'name="left-resolve-name"' in answer.text
        posted = left_of(answer)
        answer = browser.post("/both", data={**posted, "left-resolve-name": "mine"})
        assert answer.json == [["name"]]
    names = [server.world.get("conversation", each)["attributes"]["name"] for each in ids.values()]
    assert names == ["mine", "right"]
