"""What a hostile person can send a form's token for, and what a page or a log gives away."""

from __future__ import annotations

import base64
import json
import logging
import zlib
from typing import Any

import pytest
from flask import Flask, session
from itsdangerous import URLSafeTimedSerializer
from werkzeug.debug import DebuggedApplication
from werkzeug.test import Client

from kustomer_orm import Conversation, custom
from kustomer_orm.contrib.flask import KustomerORM
from kustomer_orm.emulator import Emulator, Fault
from kustomer_orm.errors import ConfigurationError
from tests.contrib.flask.conftest import MakeApp
from tests.contrib.flask.form_pages import Case, Person, add_form_views

SECRET = "the secret of this test"


class Other(Conversation):
    """Another class of the same records, whose forms are another's."""

    name_of_other = custom.Str()


@pytest.fixture
def app(make_app: MakeApp, kustomer: KustomerORM) -> Flask:
    app = make_app(SECRET_KEY=SECRET)
    add_form_views(app, kustomer)
    return app


@pytest.fixture
def id_(server: Emulator) -> str:
    return server.world.add("conversation", name="Hi", custom={"cardStr": "4111"})


def writes(server: Emulator) -> list[Any]:
    return [each.body for each in server.requests if each.method != "GET"]


def is_refused(person: Person, server: Emulator) -> bool:
    """Post a change: refused by 400, without a request."""
    before = len(server.requests)
    answer = person.post(name="forged")
    return answer.status_code == 400 and len(server.requests) == before


def token_of(person: Person) -> str:
    [token] = person.page.posted["kustomer_token"]
    return token


def put(person: Person, token: str) -> None:
    person.page.posted["kustomer_token"] = [token]


def held_in(token: str) -> Any:
    payload = token.lstrip(".").split(".")[0]
    raw = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    return json.loads(zlib.decompress(raw) if token.startswith(".") else raw)


# -- tokens ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "alter",
    [
        lambda token: "",
        lambda token: "x",
        lambda token: "." * 50,
        lambda token: token[:-5] + ("A" if token[-5] != "A" else "B") + token[-4:],
        lambda token: token.replace(".", "", 1),
        lambda token: "A" + token,
        lambda token: token.rsplit(".", 1)[0],
        lambda token: "\x00\ud7ff" + token,
    ],
)
def test_a_token_that_was_tampered_with_is_refused(
    app: Flask, server: Emulator, id_: str, alter: Any
) -> None:
    person = Person(app, id_)
    put(person, alter(token_of(person)))

    assert is_refused(person, server)


def test_a_form_without_a_token_is_refused(app: Flask, server: Emulator, id_: str) -> None:
    person = Person(app, id_)
    del person.page.posted["kustomer_token"]

    assert is_refused(person, server)


def test_a_token_of_somebody_s_own_making_is_refused(
    app: Flask, server: Emulator, id_: str
) -> None:
    """It has the right content, and neither the key nor the salt."""
    person = Person(app, id_)
    held = held_in(token_of(person))
    held["record"]["attributes"]["name"] = "what they never saw"
    for key, salt in (
        ("guessed", "itsdangerous"),
        (SECRET, "itsdangerous"),
        (SECRET, "cookie-session"),
    ):
        put(person, str(URLSafeTimedSerializer(key, salt=salt).dumps(held)))
        assert is_refused(person, server)


def test_a_session_cookie_is_no_token(app: Flask, server: Emulator, id_: str) -> None:
    """Both are signed by the same key, and apps put what people send into sessions."""

    @app.get("/session/<token>")
    def fill(token: str) -> str:
        session.update(held_in(token))
        return ""

    person = Person(app, id_)
    person.browser.get(f"/session/{token_of(person)}")
    cookie = person.browser.get_cookie("session")
    assert cookie is not None
    put(person, cookie.value)
    assert is_refused(person, server)


def test_a_token_of_another_class_s_form_is_refused(
    app: Flask, make_app: MakeApp, kustomer: KustomerORM, server: Emulator, id_: str
) -> None:
    other = make_app(SECRET_KEY=SECRET)

    @other.get("/<id_>")
    def show(id_: str) -> str:
        return kustomer.form(Other, ["name"], id=id_).token

    person = Person(app, id_)
    put(person, other.test_client().get(f"/{id_}").text)
    assert is_refused(person, server)


def test_a_form_is_refused_once_it_is_too_old(
    make_app: MakeApp, kustomer: KustomerORM, server: Emulator, id_: str, monkeypatch: Any
) -> None:
    app = make_app(SECRET_KEY=SECRET, KUSTOMER_FORM_MAX_AGE=60)
    add_form_views(app, kustomer)
    made_at = 1_900_000_000
    monkeypatch.setattr("itsdangerous.timed.TimestampSigner.get_timestamp", lambda _: made_at)
    person = Person(app, id_)
    monkeypatch.setattr("itsdangerous.timed.TimestampSigner.get_timestamp", lambda _: made_at + 61)

    assert is_refused(person, server)
    monkeypatch.setattr("itsdangerous.timed.TimestampSigner.get_timestamp", lambda _: made_at + 60)
    assert person.post(name="in time") is not None


def test_a_form_sent_twice_writes_once_and_overwrites_nobody(
    app: Flask, server: Emulator, id_: str
) -> None:
    first, again = Person(app, id_), Person(app, id_)
    put(again, token_of(first))
    assert first.post(name="mine").status_code == 302
    assert again.post(name="mine").status_code == 302
    assert len(writes(server)) == 1

    late = Person(app, id_)
    server.world.edit("conversation", id_, name="theirs")
    assert late.post(name="mine, again").status_code == 409
    assert len(writes(server)) == 1


@pytest.mark.parametrize("other", ["", "?user=eve", "?user="])
def test_a_form_of_one_person_is_refused_from_another(
    app: Flask, server: Emulator, id_: str, other: str
) -> None:
    person = Person(app, id_, "?user=sam")
    person.url = f"/{id_}{other}"

    assert is_refused(person, server)
    person.url = f"/{id_}?user=sam"
    assert person.post(name="Ho").status_code in {302, 400}


def test_a_form_of_one_record_is_refused_for_another(
    app: Flask, server: Emulator, id_: str
) -> None:
    person = Person(app, id_)
    person.url = f"/{server.world.add('conversation', name='another')}"

    assert is_refused(person, server)


def test_a_form_of_one_organisation_is_refused_for_another(
    make_app: MakeApp, kustomer: KustomerORM, server: Emulator, id_: str
) -> None:
    binds = {"eu": {"api_key": server.api_key, "org": "acme-eu", "base_url": server.url}}
    app = make_app(SECRET_KEY=SECRET, KUSTOMER_BINDS=binds)
    add_form_views(app, kustomer)
    person = Person(app, id_)
    person.url = f"/{id_}?bind=eu"

    assert is_refused(person, server)


def test_an_attribute_that_the_form_does_not_have_cannot_be_set(
    app: Flask, server: Emulator, id_: str
) -> None:
    person = Person(app, id_)
    answer = person.post(name="Ho", locked="true", external_id="7", **{"custom.otherStr": "x"})

    assert answer.status_code == 302
    assert writes(server) == [{"name": "Ho"}]


# -- the secret key -------------------------------------------------------------------------------


def test_forms_survive_a_new_secret_as_long_as_the_old_one_is_a_fallback(
    make_app: MakeApp, kustomer: KustomerORM, server: Emulator, id_: str
) -> None:
    old = make_app(SECRET_KEY="old")
    new = make_app(SECRET_KEY="new", SECRET_KEY_FALLBACKS=["older", "old"])
    newest = make_app(SECRET_KEY="newest", SECRET_KEY_FALLBACKS=["new"])
    for app in (old, new, newest):
        add_form_views(app, kustomer)

    person = Person(old, id_)
    person.browser = newest.test_client()
    assert is_refused(person, server)
    person = Person(old, id_)
    person.browser = new.test_client()
    assert person.post(name="Ho").status_code == 302
    # A fallback signs nothing: what `new` shows is not taken by an app that knows but the old key.
    person = Person(new, id_)
    person.browser = old.test_client()
    assert is_refused(person, server)


def test_without_a_secret_key_no_form_is_shown(make_app: MakeApp, kustomer: KustomerORM) -> None:
    app = make_app()
    with app.test_request_context(), pytest.raises(ConfigurationError, match="SECRET_KEY"):
        kustomer.form(Case, ["name"], id="5f0000000000000000000000")


# -- what is given away ---------------------------------------------------------------------------


def test_the_token_holds_what_the_page_shows_and_nothing_else(
    app: Flask, server: Emulator, id_: str
) -> None:
    server.world.edit("conversation", id_, custom={"elsewhereStr": "not on the page"})
    held = held_in(token_of(Person(app, id_, "?user=sam")))

    text = json.dumps(held)
    assert held["user"] == "sam"
    assert "4111" not in text
    assert "not on the page" not in text
    assert server.api_key not in text


@pytest.mark.parametrize("debug", [False, True])
def test_neither_pages_nor_logs_show_a_key_or_what_was_typed(
    make_app: MakeApp,
    kustomer: KustomerORM,
    server: Emulator,
    id_: str,
    caplog: pytest.LogCaptureFixture,
    *,
    debug: bool,
) -> None:
    caplog.set_level(logging.DEBUG)
    app = make_app(SECRET_KEY=SECRET, DEBUG=debug, PROPAGATE_EXCEPTIONS=False)
    add_form_views(app, kustomer)
    pages = []
    for fault in (401, 403, 404, 429, 500):
        person = Person(app, id_)
        server.faults.add(Fault.status(fault, times=None))
        pages.append(person.post(name="typed by a customer").text)
        pages.append(Person(app, id_).answer.text)
        server.faults.clear()
    person = Person(app, id_)
    put(person, "altered")
    pages.append(person.post(name="typed by a customer").text)
    pages.append(Person(app, "nonsense").answer.text)

    for text in (*pages, caplog.text):
        assert server.api_key not in text
        assert SECRET not in text
    assert "typed by a customer" not in caplog.text
    assert "typed by a customer" not in pages[-2]


def test_a_broken_view_shows_no_key_either(
    make_app: MakeApp, kustomer: KustomerORM, server: Emulator, id_: str
) -> None:
    """The page of werkzeug's debugger, with the message and the source of each frame."""
    app = make_app(SECRET_KEY=SECRET, DEBUG=True, KUSTOMER_ERROR_HANDLERS=False)
    add_form_views(app, kustomer)
    app.config["TRAP_HTTP_EXCEPTIONS"] = True
    server.faults.add(Fault.status(401, times=None))

    answer = Client(DebuggedApplication(app, evalex=True)).get(f"/{id_}?user=sam")

    assert answer.status_code == 500
    assert "AuthenticationError" in answer.text
    assert server.api_key not in answer.text
    assert SECRET not in answer.text


@pytest.mark.parametrize("config", [{}, {"MAX_CONTENT_LENGTH": 10_000}])
def test_a_post_that_is_too_large_is_refused(
    make_app: MakeApp, kustomer: KustomerORM, server: Emulator, id_: str, config: Any
) -> None:
    """Flask itself has a limit for multipart forms only, unless the app says otherwise."""
    app = make_app(SECRET_KEY=SECRET, **config)
    add_form_views(app, kustomer)
    person = Person(app, id_)
    before = len(server.requests)

    assert person.post(note="x" * 3_000_000).status_code == 413
    assert len(server.requests) == before


def test_a_thousand_inputs_of_one_name_are_no_trouble(
    app: Flask, server: Emulator, id_: str
) -> None:
    person = Person(app, id_)
    answer = person.post(tags=["x"] * 900, name=["a"] * 50, resolve__name=["mine", "theirs"])

    assert answer.status_code == 422
    assert writes(server) == []


def test_what_people_type_is_escaped_everywhere(app: Flask, server: Emulator, id_: str) -> None:
    evil = '"><script>alert(1)</script>'
    server.world.edit("conversation", id_, name=evil, custom={"noteTxt": f"</textarea>{evil}"})
    server.world.add("user", name=evil)
    server.world.add("tag", name=evil)
    person = Person(app, id_)
    assert "<script>" not in person.answer.text
    server.world.edit("conversation", id_, name=f"theirs {evil}", custom={"noteTxt": evil})
    assert "<script>" not in person.post(name=f"mine {evil}", note=f"mine {evil}").text
    assert "<script>" not in person.post(refund=evil, size=evil, tags=[evil]).text
