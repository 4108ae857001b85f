"""A record in a form that stays open: shown, posted, merged, decided."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask, render_template_string
from flask.typing import ResponseReturnValue
from jinja2 import DictLoader

from kustomer_orm import Conversation
from kustomer_orm.contrib.flask import KustomerORM
from kustomer_orm.emulator import Emulator, Fault
from kustomer_orm.errors import APIError, ConfigurationError
from tests.contrib.flask.conftest import MakeApp
from tests.contrib.flask.form_pages import NAMES, PAGE, Case, Person, add_form_views
from tests.contrib.html_forms import Page

VALUES = {
    "sizeStr": "XXL",
    "cardStr": "4111",
    "dueAt": "2026-07-01T10:00:00.123Z",
    "vipBool": True,
    "refundNum": 12.5,
    "noteTxt": "\none <b>\ntwo\n",
    "colorsStr": ["red", "blue"],
    "siteUrl": "https://example.com/a",
}


@pytest.fixture
def app(make_app: MakeApp, kustomer: KustomerORM) -> Flask:
    app = make_app(SECRET_KEY="a secret of the test")
    add_form_views(app, kustomer)
    return app


@pytest.fixture
def id_(server: Emulator) -> str:
    user = server.world.add("user", name="Sam <Agent>")
    server.world.add("user", name="Ada")
    server.behaviour.text_lists = True
    return server.world.add(
        "conversation",
        name="Hi <b>\nthere",
        tags=["damaged", "late"],
        assignedUsers=[user],
        custom=VALUES,
    )


def writes(server: Emulator) -> list[Any]:
    return [each.body for each in server.requests if each.method != "GET"]


def stored(server: Emulator, id_: str) -> dict[str, Any]:
    attributes: dict[str, Any] = server.world.get("conversation", id_)["attributes"]
    return attributes


# -- shown ----------------------------------------------------------------------------------------


def test_every_kind_has_its_input_with_a_label_and_limits(app: Flask, id_: str) -> None:
    person = Person(app, id_)
    inputs = person.page.inputs

    assert list(inputs) == ["kustomer_token", *NAMES]
    assert inputs["due"]["type"] == "datetime-local"
    assert inputs["due"]["step"] == "1"
    assert (inputs["priority"]["min"], inputs["priority"]["max"]) == ("1", "5")
    assert inputs["refund"]["step"] == "any"
    assert inputs["site"]["type"] == "url"
    assert "required" in inputs["status"]
    assert "multiple" in inputs["tags"]
    assert "rows" in inputs["name"], "an input would drop the line break"
    assert all(f'<label for="field-{name}">' in person.answer.text for name in NAMES)
    assert "Sam &lt;Agent&gt;</option>" in person.answer.text
    assert "<b>" not in person.answer.text
    assert "4111" not in person.answer.text
    assert person.page.posted["size"] == ["XXL"], "a word that the code does not know"


def test_a_form_that_nobody_touched_saves_without_a_request(
    app: Flask, server: Emulator, id_: str
) -> None:
    person = Person(app, id_)
    before = len(server.requests)

    assert person.post().location == "/saved"
    assert len(server.requests) == before


def test_what_is_shown_costs_a_request_for_each_kind_once(
    app: Flask, server: Emulator, id_: str
) -> None:
    Person(app, id_)
    assert [each.path for each in server.requests] == [
        f"/v1/conversations/{id_}",
        "/v1/tags",
        "/v1/users",
    ]
    Person(app, id_)
    assert len(server.requests) == 4


def test_instants_are_those_of_the_person_s_zone(
    make_app: MakeApp, kustomer: KustomerORM, server: Emulator, id_: str
) -> None:
    app = make_app(SECRET_KEY="k")
    add_form_views(app, kustomer, zone=ZoneInfo("Europe/Berlin"))
    person = Person(app, id_)

    assert person.page.posted["due"] == ["2026-07-01T12:00:00"]
    assert "Time zone: Europe/Berlin." in person.answer.text
    person.post(due="2026-07-01T13:00")
    assert writes(server) == [{"custom": {"dueAt": "2026-07-01T11:00:00.000Z"}}]


def test_metadata_gives_the_organisation_s_names_and_choices(
    make_app: MakeApp, kustomer: KustomerORM, server: Emulator, id_: str
) -> None:
    server.world.describe("conversation", sizeStr={"displayName": "Größe", "enumeration": ["XS"]})
    app = make_app(SECRET_KEY="k")
    add_form_views(app, kustomer, metadata=True)

    text = Person(app, id_).answer.text
    assert "Größe" in text
    assert '<option value="XS">XS</option>' in text
    Person(app, id_)
    assert sum(each.path.startswith("/v1/metadata") for each in server.requests) == 1


def test_a_record_that_is_gone_is_a_404(app: Flask, server: Emulator) -> None:
    assert Person(app, "5f0000000000000000000000").answer.status_code == 404


def test_an_app_s_own_template_of_the_name_wins(
    make_app: MakeApp, kustomer: KustomerORM, id_: str
) -> None:
    app = make_app(SECRET_KEY="k")
    vars(app)["jinja_loader"] = DictLoader(
        {"kustomer/form.html": "{% macro render_form(f) %}ours{% endmacro %}"}
    )
    add_form_views(app, kustomer)
    assert Person(app, id_).answer.text == '<form method="post">ours</form>'


# -- saved ----------------------------------------------------------------------------------------


def test_what_was_changed_is_sent_and_nothing_else(app: Flask, server: Emulator, id_: str) -> None:
    person = Person(app, id_)
    server.world.edit("conversation", id_, priority=5)

    answer = person.post(name="Ho", refund="30", is_vip="", site="")

    assert answer.location == "/saved?name,is_vip,refund,site"
    assert writes(server) == [
        {"name": "Ho", "custom": {"refundNum": 30, "vipBool": None, "siteUrl": None}}
    ]
    assert stored(server, id_)["priority"] == 5


def test_lists_are_cleared_by_choosing_nothing(app: Flask, server: Emulator, id_: str) -> None:
    person = Person(app, id_)
    assert person.page.posted["tags"][0] == ""

    person.post(tags=[""], assigned_users=[""], colors="")

    now = stored(server, id_)
    assert (now["tags"], now["assignedUsers"], now["custom"]["colorsStr"]) == ([], [], [])


def test_a_sensitive_value_is_kept_or_replaced(app: Flask, server: Emulator, id_: str) -> None:
    person = Person(app, id_)
    person.post(name="Ho")
    assert stored(server, id_)["custom"]["cardStr"] == "4111"
    person = Person(app, id_)
    person.post(card="4222")
    assert stored(server, id_)["custom"]["cardStr"] == "4222"


def test_what_is_wrong_is_said_at_the_field_and_what_was_typed_stays(
    app: Flask, server: Emulator, id_: str
) -> None:
    person = Person(app, id_)
    answer = person.post(
        name="typed", refund="a lot", due="tomorrow", site="a b", tags=[""], card="4222"
    )

    assert answer.status_code == 422
    assert writes(server) == []
    posted, inputs = person.page.posted, person.page.inputs
    assert (posted["name"], posted["refund"], posted["due"]) == (["typed"], ["a lot"], ["tomorrow"])
    assert posted["tags"] == [""], "what was taken away stays away"
    assert {inputs[name]["type"] for name in ("refund", "due", "site")} == {"text"}, (
        "a browser would drop it"
    )
    assert inputs["refund"]["aria-invalid"] == "true"
    assert inputs["refund"]["aria-describedby"] == "field-refund-errors"
    assert answer.text.count('class="field-error"') == 4
    assert "Enter this again" in answer.text, "a secret is not echoed, and that is said"
    assert "4222" not in answer.text
    assert person.post(refund="30", due="", site="", card="4222").location is not None
    assert stored(server, id_)["name"] == "typed"


# -- conflicts ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("choice", "name"), [("mine", "mine"), ("theirs", "theirs")])
def test_a_conflict_is_shown_decided_and_saved(
    app: Flask, server: Emulator, id_: str, choice: str, name: str
) -> None:
    person = Person(app, id_)
    server.world.edit("conversation", id_, name="theirs", priority=5)

    answer = person.post(name="mine", refund="30")

    assert answer.status_code == 409
    assert writes(server) == []
    assert 'data-field="name"' in answer.text
    assert "name" not in person.page.posted
    assert person.page.posted["priority"] == ["5"], "merged"
    assert person.page.posted["refund"] == ["30"]
    person.post(resolve__name=choice)
    assert stored(server, id_)["name"] == name
    assert stored(server, id_)["custom"]["refundNum"] == 30


def test_a_conflict_names_records_and_words_and_not_ids(
    app: Flask, server: Emulator, id_: str
) -> None:
    person = Person(app, id_)
    server.world.edit("conversation", id_, custom={"vipBool": None, "colorsStr": ["green"]})

    text = person.post(is_vip="false", colors="pink").text

    assert '<td class="base">Yes</td>' in text
    assert "\u2013</label>" in text
    assert "required>No</label>" in text.replace("required> ", "required>")
    assert "red\nblue" in text


def test_what_nobody_decided_is_asked_again(app: Flask, server: Emulator, id_: str) -> None:
    person = Person(app, id_)
    server.world.edit("conversation", id_, name="theirs")
    person.post(name="mine")

    answer = person.post(refund="30")

    assert answer.status_code == 409
    assert writes(server) == []
    assert 'value="theirs" required' in answer.text
    assert person.page.posted["refund"] == ["30"]
    person.post(resolve__name="mine")
    assert stored(server, id_)["name"] == "mine"


@pytest.mark.parametrize("choice", ["mine", "theirs"])
def test_a_decision_survives_something_wrong_elsewhere(
    app: Flask, server: Emulator, id_: str, choice: str
) -> None:
    person = Person(app, id_)
    server.world.edit("conversation", id_, name="theirs")
    person.post(name="mine")

    assert person.post(resolve__name=choice, refund="a lot").status_code == 422
    assert person.page.posted["name"] == [choice]
    assert person.post(refund="30").status_code == 302
    assert stored(server, id_)["name"] == choice


# -- trouble --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (lambda: Fault.status(401, times=None), 502),
        (lambda: Fault.status(404, times=None), 404),
        (lambda: Fault.status(429, times=None), 429),
        (lambda: Fault.status(503, times=None), 502),
        (lambda: Fault.cut_after(method="PATCH", times=None), 502),
    ],
)
def test_trouble_is_told_on_the_page_and_nothing_typed_is_lost(
    app: Flask, server: Emulator, id_: str, fault: Any, status: int
) -> None:
    person = Person(app, id_)
    server.faults.add(fault())

    answer = person.post(name="typed", tags=[""])

    assert answer.status_code == status
    assert 'class="form-error' in answer.text
    assert person.page.posted["name"] == ["typed"]
    assert person.page.posted["tags"] == [""]
    server.faults.clear()
    assert person.post().status_code == 302
    assert stored(server, id_)["name"] == "typed"
    assert stored(server, id_)["tags"] == []


def test_a_form_is_taken_by_a_process_that_has_read_no_choices(
    app: Flask, make_app: MakeApp, kustomer: KustomerORM, server: Emulator, id_: str
) -> None:
    """The process that showed the form has ended since, and Kustomer is away."""
    person = Person(app, id_)
    other = make_app(SECRET_KEY="a secret of the test")
    add_form_views(other, kustomer, metadata=True)
    person.browser = other.test_client()
    server.faults.add(Fault.status(503, times=None))

    answer = person.post(name="typed")

    assert answer.status_code == 502
    assert person.page.posted["name"] == ["typed"]
    server.faults.clear()
    assert person.post().status_code == 302
    assert stored(server, id_)["tags"] != []


def test_showing_a_form_without_kustomer_is_the_app_s_error(
    app: Flask, server: Emulator, id_: str
) -> None:
    server.faults.add(Fault.status(503, times=None))
    assert Person(app, id_).answer.status_code == 502


def test_an_app_without_a_secret_key_is_told_how_to_get_one(
    make_app: MakeApp, kustomer: KustomerORM, id_: str
) -> None:
    app = make_app()
    with app.test_request_context(), pytest.raises(ConfigurationError, match="token_hex"):
        kustomer.form(Case, NAMES, id=id_)


# -- more -----------------------------------------------------------------------------------------


def test_a_form_makes_a_record(app: Flask, kustomer: KustomerORM, server: Emulator) -> None:
    customer = server.world.add("customer", name="Jane")

    @app.route("/", methods=["GET", "POST"])
    def new() -> ResponseReturnValue:
        form = kustomer.form(Case, ["name", "note"], id=None)
        form.record.customer = customer
        if form.save():
            return str(form.record.id)
        return render_template_string(PAGE, form=form), form.status

    browser = app.test_client()
    page = Page(browser.get("/").text)
    made = browser.post("/", data={**page.posted, "name": "New"}).text

    assert stored(server, made)["name"] == "New"
    assert writes(server)[-1] == {"name": "New", "customer": customer}


def test_a_view_looks_at_the_changes_before_it_saves(
    app: Flask, kustomer: KustomerORM, server: Emulator, id_: str
) -> None:
    person = Person(app, id_)
    data = {**person.page.posted, "name": "Ho"}
    with app.test_request_context(f"/{id_}", method="POST", data=data):
        form = kustomer.form(Case, NAMES, id=id_)
        assert list(form.record.changes) == ["name"]
        assert form.save()
        assert (form["name"].text, form.saved, form.status) == ("Ho", ["name"], 200)
        with pytest.raises(KeyError):
            form["nothing"]


def test_what_the_server_says_about_another_attribute_is_told_with_its_name(
    app: Flask, server: Emulator, id_: str
) -> None:
    person = Person(app, id_)
    body = {"errors": [{"status": 400, "source": {"pointer": "/queue"}, "title": "is closed"}]}
    server.faults.add(Fault.status(400, method="PATCH", body=body))

    answer = person.post(name="Ho")

    assert answer.status_code in {422, 502}
    assert 'class="form-error' in answer.text


def test_errors_are_ours_when_a_view_asks_too_much(app: Flask, kustomer: KustomerORM) -> None:
    with app.test_request_context(), pytest.raises(APIError):
        kustomer.form(Conversation, ["name"], id="5f0000000000000000000000")


def test_a_view_may_have_loaded_the_record_itself(
    app: Flask, kustomer: KustomerORM, server: Emulator, id_: str
) -> None:
    """To see who may edit it, for instance: one object for one record is no hindrance."""
    person = Person(app, id_)
    with app.test_request_context(f"/{id_}"):
        case = Case.get(id_)
        before = len(server.requests)
        assert kustomer.form(Case, NAMES, id=id_).record is case
        assert len(server.requests) == before
    server.world.edit("conversation", id_, priority=5)
    data = {**person.page.posted, "name": "Ho"}
    with app.test_request_context(f"/{id_}", method="POST", data=data):
        case = Case.get(id_)
        assert kustomer.form(Case, NAMES, id=id_).save()
        assert (stored(server, id_)["name"], stored(server, id_)["priority"]) == ("Ho", 5)
        assert Case.get(id_, fresh=True).name == "Ho"
        assert case.name == "Ho"
