"""What a hostile person can send a form's token for, and what a page or a log gives away."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core import checks, signing
from django.test import Client, override_settings

from kustomer_orm.contrib.django.checks import check_form_max_age
from kustomer_orm.contrib.django.form_signing import FormSigner
from kustomer_orm.emulator import Emulator, Fault
from kustomer_orm.errors import ConfigurationError
from tests.contrib.django.desk.forms import CaseForm, ShortForm
from tests.contrib.django.form_pages import Person, stored, writes

SECRET = "the-secret-of-this-test"
WEBHOOK_KEY = "whk-0123456789abcdef"
TYPED = "typed by a customer"


@pytest.fixture(autouse=True)
def secret() -> Any:
    with override_settings(SECRET_KEY=SECRET):
        yield


@pytest.fixture
def id_(server: Emulator) -> str:
    return server.world.add("conversation", name="Hi", custom={"cardStr": "4111"})


@pytest.fixture
def sam(browser: Client) -> Client:
    browser.force_login(User.objects.create_user("sam"))
    return browser


@pytest.fixture
def person(sam: Client, id_: str) -> Person:
    return Person(sam, f"/edit/{id_}/")


def is_refused(person: Person, server: Emulator, name: str = "Hi") -> bool:
    """Post a change: refused by 400 with a fresh form, and nothing is written."""
    answer = person.post(name="forged")
    is_fresh = person.page.posted["name"] == [name] and "saved" in person.text
    return answer.status_code == 400 and is_fresh and writes(server) == []


def token_of(person: Person) -> str:
    [token] = person.page.posted["kustomer_token"]
    return token


def put(person: Person, token: str) -> None:
    person.page.posted["kustomer_token"] = [token]


def held_in(token: str, form: Any = CaseForm) -> Any:
    return FormSigner(form).unsign(token, 60)


# -- tokens ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "alter",
    [
        lambda token: "",
        lambda token: "x",
        lambda token: ":" * 50,
        lambda token: token[:-1] + ("A" if token[-1] != "A" else "B"),
        lambda token: token.replace(":", "", 1),
        lambda token: "A" + token,
        lambda token: token.rsplit(":", 1)[0],
        lambda token: "\x00\ud7ff" + token,
        lambda token: [token, "x"],
    ],
)
def test_a_token_that_was_tampered_with_is_refused(
    person: Person, server: Emulator, alter: Any
) -> None:
    altered = alter(token_of(person))
    person.page.posted["kustomer_token"] = altered if isinstance(altered, list) else [altered]

    assert is_refused(person, server)
    assert person.post(name="Ho").status_code == 302, "the fresh form works"


def test_a_form_without_a_token_is_refused(person: Person, server: Emulator) -> None:
    del person.page.posted["kustomer_token"]
    assert is_refused(person, server)


def test_a_token_of_somebody_s_own_making_is_refused(person: Person, server: Emulator) -> None:
    """It has the right content, and neither the key nor the salt."""
    held = held_in(token_of(person))
    held["record"]["attributes"]["name"] = "what they never saw"
    for token in (
        signing.dumps(held, key="guessed", salt=FormSigner(CaseForm)._salt),
        signing.dumps(held),
        signing.dumps(held, salt="django.contrib.sessions.backends.signed_cookies"),
    ):
        put(person, token)
        assert is_refused(person, server)


def test_a_token_of_another_class_s_form_is_refused(
    person: Person, server: Emulator, sam: Client, id_: str
) -> None:
    """It knows other attributes, and others may be allowed to see that form."""
    put(person, token_of(Person(sam, f"/edit/{id_}/short/")))
    assert is_refused(person, server)


def test_an_object_that_our_own_key_signed_and_that_is_no_token_is_refused(
    person: Person, server: Emulator
) -> None:
    held = held_in(token_of(person))
    signed: list[Any] = [None, [], "text", {}, {**held, "version": 1}, {**held, "record": {}}]
    signed += [{**held, "fields": None}]
    for wrong in signed:
        put(person, FormSigner(CaseForm).sign(wrong))
        assert is_refused(person, server)


def test_a_form_is_refused_once_it_is_too_old(
    sam: Client, server: Emulator, id_: str, monkeypatch: Any
) -> None:
    def at(moment: int) -> None:
        monkeypatch.setattr(signing, "time", SimpleNamespace(time=lambda: moment))

    with override_settings(KUSTOMER_FORM_MAX_AGE=timedelta(minutes=1)):
        at(1_900_000_000)
        person, later = Person(sam, f"/edit/{id_}/"), Person(sam, f"/edit/{id_}/")
        at(1_900_000_061)
        assert is_refused(person, server)
        assert "open for too long" in person.text
        at(1_900_000_060)
        assert later.post(name="in time").status_code == 302


@pytest.mark.parametrize("wrong", [0, -1, True, "soon", None, float("nan"), timedelta()])
def test_an_age_that_is_none_is_told(wrong: Any, sam: Client, id_: str) -> None:
    with override_settings(KUSTOMER_FORM_MAX_AGE=wrong):
        [error] = check_form_max_age(None)
        assert error.id == "kustomer.E009"
        with pytest.raises(ConfigurationError, match="KUSTOMER_FORM_MAX_AGE"):
            CaseForm({}, id=id_)
    assert check_form_max_age(None) == []
    assert check_form_max_age in checks.registry.registry.get_checks()


def test_a_form_sent_twice_writes_once_and_overwrites_nobody(
    sam: Client, server: Emulator, id_: str
) -> None:
    first, again = Person(sam, f"/edit/{id_}/"), Person(sam, f"/edit/{id_}/")
    put(again, token_of(first))
    assert first.post(name="mine").status_code == 302
    assert again.post(name="mine").status_code == 302
    assert len(writes(server)) == 1

    late = Person(sam, f"/edit/{id_}/")
    server.world.edit("conversation", id_, name="theirs")
    assert late.post(name="mine, again").status_code == 409
    assert len(writes(server)) == 1


@pytest.mark.parametrize("name", ["eve", None])
def test_a_form_of_one_person_is_refused_from_another(
    person: Person, server: Emulator, name: str | None, kustomer: None
) -> None:
    person.browser = Client()
    if name is not None:
        person.browser.force_login(User.objects.create_user(name))

    assert is_refused(person, server)
    assert "somebody else" in person.text


def test_a_form_of_nobody_is_refused_from_somebody(
    server: Emulator, id_: str, kustomer: None
) -> None:
    person = Person(Client(), f"/edit/{id_}/")
    person.browser.force_login(User.objects.create_user("sam"))
    assert is_refused(person, server)


def test_a_form_of_one_record_is_refused_for_another(person: Person, server: Emulator) -> None:
    person.url = f"/edit/{server.world.add('conversation', name='another')}/"
    assert is_refused(person, server, "another")


@pytest.mark.parametrize("id_", ["5f0000000000000000000000", "a b"])
def test_a_form_is_refused_for_a_record_that_is_not_there(
    person: Person, server: Emulator, id_: str
) -> None:
    person.url = f"/edit/{id_}/"
    assert person.browser.post(person.url, data=person.page.posted).status_code == 404


def test_a_form_of_one_organisation_is_refused_for_another(
    person: Person, server: Emulator, id_: str, accounts: Any
) -> None:
    router = "tests.contrib.django.desk.routing.by_query"
    other = {**accounts["default"], "ORG": "acme-eu"}
    with override_settings(KUSTOMER={**accounts, "other": other}, KUSTOMER_ROUTER=router):
        person.url += "?org=other"
        assert is_refused(person, server)


def test_an_attribute_that_the_form_does_not_have_cannot_be_set(
    person: Person, server: Emulator
) -> None:
    extra = {"locked": "true", "external_id": "7", "custom.otherStr": "x", "resolve-tags": "theirs"}
    assert person.post(name="Ho", **extra).status_code == 302
    assert writes(server) == [{"name": "Ho"}]


def test_django_s_own_csrf_check_works_with_it(id_: str, kustomer: None, server: Emulator) -> None:
    middleware = "django.middleware.csrf.CsrfViewMiddleware"
    with override_settings(MIDDLEWARE=[middleware, *settings.MIDDLEWARE]):
        person = Person(Client(enforce_csrf_checks=True), f"/edit/{id_}/")
        assert person.post(name="Ho").status_code == 302
        person = Person(Client(enforce_csrf_checks=True), f"/edit/{id_}/")
        assert person.post(csrfmiddlewaretoken="x", name="Hu").status_code == 403
    assert writes(server) == [{"name": "Ho"}]


# -- the secret key -------------------------------------------------------------------------------


def test_forms_survive_a_new_secret_as_long_as_the_old_one_is_a_fallback(
    server: Emulator, id_: str, kustomer: None
) -> None:
    old = {"SECRET_KEY": "old"}
    new = {"SECRET_KEY": "new", "SECRET_KEY_FALLBACKS": ["older", "old"]}
    newest = {"SECRET_KEY": "newest", "SECRET_KEY_FALLBACKS": ["new"]}
    with override_settings(**old):
        first, second = (Person(Client(), f"/edit/{id_}/") for _ in range(2))
    with override_settings(**newest):
        assert is_refused(first, server)
    with override_settings(**new):
        assert second.post(name="Ho").status_code == 302
        third = Person(Client(), f"/edit/{id_}/")
    server.requests.clear()
    with override_settings(**old):  # a fallback signs nothing
        assert is_refused(third, server, "Ho")


# -- what is given away ---------------------------------------------------------------------------


def test_the_token_holds_what_the_page_shows_and_nothing_else(
    sam: Client, server: Emulator, id_: str
) -> None:
    server.world.edit("conversation", id_, custom={"elsewhereStr": "not on the page"})
    held = held_in(token_of(Person(sam, f"/edit/{id_}/")))

    text = json.dumps(held)
    assert held["user"] == str(User.objects.get().pk)
    assert "4111" not in text
    assert "not on the page" not in text
    assert server.api_key not in text
    short = held_in(token_of(Person(sam, f"/edit/{id_}/short/")), ShortForm)
    assert list(short["record"]["attributes"]) == ["name", "priority", "rev"]


@pytest.mark.parametrize("debug", [False, True])
def test_neither_pages_nor_logs_show_a_key_or_what_was_typed(
    sam: Client,
    server: Emulator,
    id_: str,
    caplog: pytest.LogCaptureFixture,
    accounts: Any,
    *,
    debug: bool,
) -> None:
    caplog.set_level(logging.DEBUG)
    accounts["default"] |= {"WEBHOOK_KEY": WEBHOOK_KEY, "MAX_WAIT": 0}
    pages = []
    with override_settings(DEBUG=debug, KUSTOMER=accounts):
        for fault in (401, 403, 404, 429, 500):
            person = Person(sam, f"/edit/{id_}/")
            server.faults.add(Fault.status(fault, times=None))
            person.post(name=TYPED)
            pages += [person.text, sam.get(f"/edit/{id_}/").content.decode()]
            server.faults.clear()
        person = Person(sam, f"/edit/{id_}/")
        put(person, "altered")
        person.post(name=TYPED)
        pages += [person.text, sam.get("/edit/nonsense/").content.decode()]

    secrets = [server.api_key, *server.api_key.split("."), SECRET, WEBHOOK_KEY]
    for text in (*pages, caplog.text):
        assert [secret for secret in secrets if secret in text] == []
    # Django's own, of its debug page: the whole context of the template.
    said = [each.getMessage() for each in caplog.records if each.name != "django.template"]
    assert [text for text in said if TYPED in text] == []
    assert "altered, or signed with another secret key" in caplog.text


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_debug_page_of_a_view_with_a_form_shows_no_key(
    person: Person, server: Emulator, id_: str, accounts: Any, method: str
) -> None:
    """It has all settings, and the variables of every frame."""
    accounts["default"] |= {"WEBHOOK_KEY": WEBHOOK_KEY}
    server.faults.add(Fault.status(401, times=None)) if method == "get" else None
    with override_settings(DEBUG=True, KUSTOMER=accounts):
        answer = getattr(person.browser, method)(
            f"/edit-and-fail/{id_}/", {**person.page.posted, "name": TYPED, "card": "4222"}
        )

    shown = answer.content.decode()
    assert answer.status_code == 500
    assert "KUSTOMER" in shown
    assert "CaseForm bound" in shown or "AuthenticationError" in shown
    secrets = [server.api_key, *server.api_key.split("."), SECRET, WEBHOOK_KEY]
    assert [secret for secret in secrets if secret in shown] == []


@pytest.mark.parametrize(
    "data",
    [
        {"note": "x" * 3_000_000},
        {"kustomer_token": "x" * 3_000_000},
        {f"name{number}": "x" for number in range(2_000)},
    ],
    ids=["text", "token", "fields"],
)
def test_a_post_that_is_too_large_is_refused(person: Person, server: Emulator, data: Any) -> None:
    before = len(server.requests)
    posted = {**person.page.posted, **data}
    assert person.browser.post(person.url, data=posted).status_code == 400
    assert len(server.requests) == before


def test_hundreds_of_inputs_of_one_name_are_no_trouble(
    sam: Client, server: Emulator, id_: str
) -> None:
    server.world.add("tag", name="x")
    person = Person(sam, f"/edit/{id_}/")
    answer = person.post(tags=["x"] * 900, name=["a"] * 50, resolve__name=["mine", "theirs"])

    assert answer.status_code == 422
    assert writes(server) == []


def test_what_people_type_is_escaped_everywhere(sam: Client, server: Emulator, id_: str) -> None:
    evil = '"><script>alert(1)</script>'
    server.world.edit("conversation", id_, name=evil, custom={"noteTxt": f"</textarea>{evil}"})
    server.world.add("user", name=evil)
    server.world.add("tag", name=evil)
    server.world.describe(
        "conversation", refundNum={"displayName": evil, "description": evil, "hint": evil}
    )
    person = Person(sam, f"/edit/{id_}/described/")
    assert "<script>" not in person.text
    server.world.edit("conversation", id_, name=f"theirs {evil}", custom={"noteTxt": evil})
    person.post(name=f"mine {evil}", note=f"mine {evil}")
    assert "theirs" in person.text
    assert "<script>" not in person.text
    person.post(refund=evil, size=evil, tags=[evil])
    assert "<script>" not in person.text


def test_what_was_saved_was_what_the_person_saw(person: Person, server: Emulator, id_: str) -> None:
    """The one thing that all of this is for."""
    server.world.edit("conversation", id_, priority=5)
    person.post(name="Ho")
    assert (stored(server, id_)["name"], stored(server, id_)["priority"]) == ("Ho", 5)
