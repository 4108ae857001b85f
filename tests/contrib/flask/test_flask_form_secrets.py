"""What a page keeps to itself when it comes back: secrets, and what its person was not shown."""

from __future__ import annotations

from typing import Any

from flask import Flask, redirect, render_template_string
from flask.typing import ResponseReturnValue

from kustomer_orm import Conversation, custom
from kustomer_orm.contrib.flask import KustomerORM
from kustomer_orm.contrib.flask.signing import FormSigner
from kustomer_orm.emulator import Emulator, Fault
from tests.contrib.flask.conftest import MakeApp
from tests.contrib.flask.form_pages import PAGE, Person

SECRET = "the secret of this test"


class Safe(Conversation):
    pin = custom.Str("pinStr", sensitive=True)


def add_safe(app: Flask, kustomer: KustomerORM, names: list[str], **options: Any) -> None:
    @app.route("/<id_>", methods=["GET", "POST"])
    def edit(id_: str) -> ResponseReturnValue:
        form = kustomer.form(Safe, names, id=id_, **options)
        if form.save():
            return redirect(f"/saved?{','.join(form.saved)}")
        return render_template_string(PAGE, form=form), form.status


def held_in(app: Flask, person: Person) -> str:
    [token] = person.page.posted["kustomer_token"]
    return str(FormSigner(app, Safe).unsign(token, 60))


def test_a_secret_that_was_typed_into_a_form_in_conflict_is_asked_for_again(
    make_app: MakeApp, kustomer: KustomerORM, server: Emulator
) -> None:
    app = make_app(SECRET_KEY=SECRET)
    add_safe(app, kustomer, ["name", "pin"])
    id_ = server.world.add("conversation", name="Hi", custom={"pinStr": "old"})
    person = Person(app, id_)
    server.world.edit("conversation", id_, name="theirs")

    answer = person.post(name="mine", pin="n3w")

    assert answer.status_code == 409
    assert "resolve-pin" not in answer.text
    assert "Enter this again: it is not shown." in answer.text
    assert person.page.posted["pin"] == [""]
    assert "n3w" not in answer.text + held_in(app, person)
    answer = person.post(resolve__name="mine", pin="n3w")
    assert answer.location == "/saved?name,pin"
    assert server.world.get("conversation", id_)["attributes"]["custom"] == {"pinStr": "n3w"}


def test_a_token_of_a_form_with_other_fields_is_refused(
    make_app: MakeApp, kustomer: KustomerORM, server: Emulator
) -> None:
    app = make_app(SECRET_KEY=SECRET)
    names = ["name"]
    add_safe(app, kustomer, names)
    id_ = server.world.add("conversation", name="Hi", priority=2)
    person = Person(app, id_)
    names.append("priority")

    assert person.post(name="mine", priority="1").status_code == 400
    assert all(each.method == "GET" for each in server.requests)


def test_what_the_organisation_keeps_secret_stays_so_where_its_metadata_cannot_be_read(
    make_app: MakeApp, kustomer: KustomerORM, server: Emulator
) -> None:
    """The form comes back to another process, and is in conflict, which reads the record."""
    server.behaviour.reads_sensitive = True
    server.behaviour.text_lists = True
    server.world.describe("conversation", codeStr={"sensitive": True})
    server.world.describe("conversation", tintStr={"multi": True, "enumeration": ["red", "blue"]})
    id_ = server.world.add("conversation", name="Hi")
    held = {"codeStr": "t0p", "tintStr": ["blue", "red"]}
    server.world.put_raw("conversation", id_, custom=held)
    app, other = [make_app(SECRET_KEY=SECRET) for _ in range(2)]
    for each in (app, other):
        add_safe(each, kustomer, ["name", "custom.codeStr", "custom.tintStr"], metadata=True)
    person = Person(app, id_)
    assert person.page.posted["custom.tintStr"] == ["", "red", "blue"]
    server.world.edit("conversation", id_, name="theirs")
    server.faults.add(Fault.status(503, path="*metadata*", times=None))
    person.browser = other.test_client()

    answer = person.post(name="mine")

    assert answer.status_code == 409
    assert "t0p" not in answer.text + held_in(app, person)
    assert person.post(resolve__name="mine").location == "/saved?name"
    assert server.world.get("conversation", id_)["attributes"]["custom"] == held
