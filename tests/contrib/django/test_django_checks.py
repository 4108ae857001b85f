"""System checks: everything that is wrong, one message for each, never a key."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import checks
from django.db import models
from django.test import override_settings
from django.test.utils import isolate_apps

from kustomer_orm import Conversation
from kustomer_orm.contrib.django import RecordField
from kustomer_orm.contrib.django.middleware import KustomerMiddleware

SECRET = "s3cret-key-of-the-desk"
GOOD = {"API_KEY": SECRET, "ORG": "acme"}


def found(**settings: Any) -> list[tuple[str, str]]:
    """Run the checks; whatever they find, the key is not in it."""
    with override_settings(**settings):
        messages = checks.run_checks(tags=["kustomer"])
    assert SECRET not in "".join(f"{each} {each.hint}" for each in messages)
    return [(str(each.id), each.msg) for each in messages]


def ids(**settings: Any) -> list[str]:
    return [id_ for id_, _ in found(**settings)]


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("API_KEY", "ORG", "BASE_URL", "TIMEOUT"):
        monkeypatch.delenv(f"KUSTOMER_{name}", raising=False)


def test_good_settings_pass() -> None:
    everything = {
        **GOOD,
        "BASE_URL": "https://api.prod2.kustomerapp.com",
        "TIMEOUT": 10,
        "RETRY": 2,
        "RATE_LIMIT": "redis://:password@redis:6379/0",
        "CACHE": "records",
        "CACHE_TIMEOUT": 60,
        "CONFLICT": "careful",
        "RESOLVE": "kustomer_orm.contrib.django.get_record_or_404",
        "WEBHOOK_KEY": ["new", "old"],
        "MAX_WAIT": None,
    }
    assert found(KUSTOMER={"default": everything, "other": {**GOOD, "CACHE": 60}}) == []


@pytest.mark.parametrize("setting", [None, [], "acme", {"default": None}, {"default": "key"}])
def test_a_setting_that_is_no_dict_of_dicts_is_one_error(setting: Any) -> None:
    assert ids(KUSTOMER=setting) == ["kustomer.E001"]
    with override_settings(KUSTOMER=setting):  # which a model's field is no reason to crash at
        assert [each.id for each in checks.run_checks() if each.id and "kustomer.E" in each.id] == [
            "kustomer.E001"
        ]


@pytest.mark.parametrize(
    ("options", "id_", "words"),
    [
        ({"ORG": "acme"}, "E003", "no API key"),
        ({"API_KEY": "", "ORG": "acme"}, "E003", "no API key"),
        ({"API_KEY": f"Bearer {SECRET}", "ORG": "acme"}, "E003", "without 'Bearer'"),
        ({"API_KEY": SECRET}, "E004", "no organisation"),
        ({**GOOD, "ORG": "acme.example.com"}, "E004", "first part of your Kustomer host name"),
        ({**GOOD, "BASE_URL": "http://api.kustomerapp.com"}, "E004", "plain http"),
        ({**GOOD, "API_KEYS": "x"}, "E005", "did you mean 'API_KEY'"),
        ({**GOOD, "api_key": SECRET}, "E005", "did you mean 'API_KEY'"),
        ({"API_KEY": SECRET, "ORG": "acme", 5: "x"}, "E005", "no option 5"),
        ({**GOOD, "TIMEOUT": "soon"}, "E006", "timeout must be"),
        ({**GOOD, "CONFLICT": "brave"}, "E006", "conflict must be one of"),
        ({**GOOD, "RATE_LIMIT": f"http://{SECRET}@host"}, "E006", "address of a Redis"),
        ({**GOOD, "CACHE": True}, "E006", "seconds"),
        ({**GOOD, "CACHE": ["records"]}, "E006", "mutable mapping"),
        ({**GOOD, "CACHE": "nowhere"}, "E007", "CACHES has no 'nowhere'; it has 'default', 'rec"),
        ({**GOOD, "CACHE_TIMEOUT": 0}, "E006", "seconds above 0"),
        ({**GOOD, "RESOLVE": "no.such.function"}, "E006", "RESOLVE cannot be imported"),
        ({**GOOD, "WEBHOOK_KEY": ["", SECRET]}, "E006", "not empty"),
        ({**GOOD, "WEBHOOK_KEY": 5}, "E006", "token of the webhook"),
    ],
)
def test_each_mistake_has_one_message(options: dict[Any, Any], id_: str, words: str) -> None:
    messages = found(KUSTOMER={"default": options})

    assert [each for each, _ in messages] == [f"kustomer.{id_}"]
    assert words in messages[0][1]
    assert "KUSTOMER['default']" in messages[0][1]


def test_the_environment_completes_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUSTOMER_API_KEY", SECRET)
    monkeypatch.setenv("KUSTOMER_ORG", "acme")
    assert found(KUSTOMER={"default": {}}) == []

    monkeypatch.setenv("KUSTOMER_TIMEOUT", "soon")
    assert ids(KUSTOMER={"default": {}}) == ["kustomer.E006"]


def test_the_environment_completes_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUSTOMER_API_KEY", SECRET)
    monkeypatch.setenv("KUSTOMER_ORG", "acme")

    assert ids(KUSTOMER={"default": {}, "other": {}}) == ["kustomer.E003", "kustomer.E004"]


def test_all_problems_of_all_aliases_are_told() -> None:
    setting = {
        "one": {**GOOD, "TIMEOUT": -1, "DEADLINE": -1, "CASH": 5},
        "two": {"BASE_URL": "http://example.com", "CACHE": "nowhere"},
    }
    assert sorted(ids(KUSTOMER=setting)) == sorted(
        f"kustomer.{id_}" for id_ in ("E002", "E006", "E006", "E005", "E003", "E004", "E007")
    )


def test_a_missing_middleware_is_a_warning_and_a_subclass_will_do() -> None:
    assert ids(KUSTOMER={"default": GOOD}, MIDDLEWARE=[]) == ["kustomer.W001"]
    assert ids(KUSTOMER={"default": GOOD}, MIDDLEWARE=[f"{__name__}.NoSuch"]) == ["kustomer.W001"]


def test_a_subclass_of_the_middleware_is_the_middleware(monkeypatch: pytest.MonkeyPatch) -> None:
    class Ours(KustomerMiddleware):
        pass

    monkeypatch.setattr("tests.contrib.django.desk.routing.Ours", Ours, raising=False)
    path = "tests.contrib.django.desk.routing.Ours"

    assert ids(KUSTOMER={"default": GOOD}, MIDDLEWARE=[path]) == []


def test_a_router_without_the_middleware_is_said_to_have_no_effect() -> None:
    route = "tests.contrib.django.desk.routing.by_query"
    ((id_, said),) = found(KUSTOMER={"default": GOOD}, MIDDLEWARE=[], KUSTOMER_ROUTER=route)

    assert id_ == "kustomer.W001"
    assert "KUSTOMER_ROUTER has no effect" in said


@pytest.mark.parametrize("router", ["no.such.function", "django.VERSION", 5])
def test_a_router_that_is_no_function_is_an_error(router: Any) -> None:
    assert ids(KUSTOMER={"default": GOOD}, KUSTOMER_ROUTER=router) == ["kustomer.E008"]


@isolate_apps("tests.contrib.django.desk")
def test_fields_are_checked_for_their_class_and_their_alias() -> None:
    class Wrong(models.Model):
        one = RecordField("no.such.Record")
        two = RecordField("django.VERSION")
        three = RecordField(Conversation, using="nobody")
        good = RecordField(Conversation)

        class Meta:
            app_label = "desk"

    messages = Wrong.check()

    assert [each.id for each in messages] == ["kustomer.E101", "kustomer.E101", "kustomer.E102"]
    assert "desk.Wrong.one" in messages[0].msg
    assert "'nobody'; it has 'default'" in messages[2].msg
