"""Settings: an argument beats its variable, a variable the default; nonsense is refused."""

from __future__ import annotations

import os
from typing import Any

import pytest

from kustomer_orm import Client, connect, errors
from kustomer_orm.config import SETTINGS, APIKey, Clock, Config

KEY = "eyJhbGciOi.secret-part.signature"

# by name: what the variable says, what it then is, an argument, what it then is
CASES: dict[str, tuple[str, object, object, object]] = {
    "api_key": ("env-key", "env-key", "arg-key", "arg-key"),
    "org": ("acme", "acme", "globex", "globex"),
    "base_url": ("https://a.test", "https://a.test", "https://b.test/v1/", "https://b.test"),
    "timeout": ("1.5", 1.5, 2, 2.0),
    "deadline": ("15", 15.0, 20.5, 20.5),
    "retry": ("7", 7, 0, 0),
    "rate_limit": ("off", "off", "headers", "headers"),
    "reserve": ("0.1", 0.1, 0, 0.0),
    "max_wait": ("2.5", 2.5, 0, 0.0),
    "cache": ("60", 60.0, 5, 5.0),
    "conflict": ("none", "none", "verify", "verify"),
    "resolve": ("theirs", "theirs", max, max),
    "strict_loading": ("yes", True, False, False),
    "name": ("from-env", "from-env", "from-arg", "from-arg"),
}


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("KUSTOMER_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr("kustomer_orm.current._process", [])


def seen(config: Config, name: str) -> object:
    value = getattr(config, name)
    return value.reveal() if isinstance(value, APIKey) else value


@pytest.mark.parametrize("name", list(CASES))
def test_an_argument_beats_the_variable_and_the_variable_the_default(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    said, from_variable, argument, from_argument = CASES[name]
    needed: dict[str, Any] = {"api_key": KEY, "base_url": "https://acme.test"}
    if name in {"org", "base_url"}:
        needed.pop("base_url")
    needed.pop(name, None)
    setting = next(setting for setting in SETTINGS if setting.name == name)

    if setting.default is not None:
        assert seen(Client(**needed).config, name) == setting.default
    monkeypatch.setenv(setting.variable, said)
    assert seen(Client(**needed).config, name) == from_variable
    assert seen(Client.from_env(**needed).config, name) == from_variable
    assert seen(Client(**{**needed, name: argument}).config, name) == from_argument


def test_every_row_of_the_table_is_an_argument_a_variable_and_tested_here() -> None:
    assert [setting.name for setting in SETTINGS] == list(CASES)
    assert {setting.variable for setting in SETTINGS} == {
        f"KUSTOMER_{name.upper()}" for name in CASES
    }
    defaults = {setting.name: setting.default for setting in SETTINGS}
    assert defaults["timeout"] is not None
    assert defaults["deadline"] is not None
    assert defaults["conflict"] == "verify"


def test_an_organisation_named_in_the_code_is_not_led_astray_by_a_variable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KUSTOMER_BASE_URL", "https://elsewhere.test")
    assert Client(KEY, org="acme").config.base_url == "https://acme.api.kustomerapp.com"
    client = Client(KEY, org="acme", base_url="https://api.kustomerapp.com")
    assert (client.org, client.config.base_url) == ("acme", "https://api.kustomerapp.com")


def test_the_environment_alone_makes_a_client(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUSTOMER_API_KEY", KEY)
    monkeypatch.setenv("KUSTOMER_ORG", "acme")
    for client in (Client(), Client.from_env(), connect()):
        assert client.config.base_url == "https://acme.api.kustomerapp.com"
        assert (client.org, client.name) == ("acme", "acme")


def test_an_empty_variable_counts_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for setting in SETTINGS:
        monkeypatch.setenv(setting.variable, "")
    with pytest.raises(errors.ConfigurationError, match="KUSTOMER_ORG"):
        Client(KEY)
    with pytest.raises(errors.ConfigurationError, match="KUSTOMER_API_KEY"):
        Client(org="acme")


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("KUSTOMER_TIMEOUT", "soon"),
        ("KUSTOMER_TIMEOUT", "nan"),
        ("KUSTOMER_TIMEOUT", "0"),
        ("KUSTOMER_DEADLINE", "-1"),
        ("KUSTOMER_DEADLINE", "inf"),
        ("KUSTOMER_RETRY", "1.5"),
        ("KUSTOMER_RETRY", "-1"),
        ("KUSTOMER_CACHE", "on"),
        ("KUSTOMER_CACHE", "-1"),
        ("KUSTOMER_CACHE", "nan"),
        ("KUSTOMER_STRICT_LOADING", "maybe"),
        ("KUSTOMER_CONFLICT", "careful?"),
        ("KUSTOMER_BASE_URL", "api.kustomerapp.com"),
        ("KUSTOMER_ORG", "acme.example.com"),
    ],
)
def test_a_variable_that_makes_no_sense_is_refused_by_its_name(
    monkeypatch: pytest.MonkeyPatch, variable: str, text: str
) -> None:
    monkeypatch.setenv("KUSTOMER_ORG", "acme")
    monkeypatch.setenv(variable, text)
    word = variable.removeprefix("KUSTOMER_").lower()
    with pytest.raises(errors.ConfigurationError, match=f"(?i){word}") as raised:
        Client(KEY)
    assert KEY not in str(raised.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("timeout", 0),
        ("timeout", -1),
        ("timeout", float("nan")),
        ("timeout", float("inf")),
        ("timeout", "5"),
        ("timeout", True),
        ("deadline", 0),
        ("deadline", []),
        ("retry", -1),
        ("retry", 1.0),
        ("retry", True),
        ("retry", "3"),
        ("conflict", "overwrite"),
        ("conflict", 1),
        ("org", ""),
        ("org", "a.b"),
        ("org", "acme/v1"),
        ("org", "acme@evil"),
        ("org", 5),
        ("base_url", ""),
        ("base_url", 5),
        ("base_url", "acme"),
        ("base_url", "//acme.test"),
        ("base_url", "ftp://acme.test"),
        ("base_url", "https://"),
        ("base_url", "https://[::1"),
        ("base_url", "https://acme.test:99999999"),
        ("base_url", "https://acme.test:port"),
        ("base_url", "https://me:secret@acme.test"),
        ("base_url", "https://acme.test/v2"),
        ("base_url", "https://acme.test/v1/conversations"),
        ("base_url", "https://acme.test?x=1"),
        ("base_url", "https://acme.test#x"),
        ("api_key", ""),
        ("api_key", "Bearer abc"),
        ("api_key", "abc\n"),
        ("api_key", "schlüssel"),
        ("api_key", b"bytes"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused_when_the_client_is_made(
    name: str, value: object
) -> None:
    settings: dict[str, Any] = {"api_key": KEY, "org": "acme", name: value}
    with pytest.raises(errors.ConfigurationError) as raised:
        Client(**settings)
    assert "secret" not in str(raised.value)
    assert isinstance(raised.value, ValueError)


@pytest.mark.parametrize(
    "host",
    [
        "example.com",
        "127.0.0.1.example.com",
        "localhost.example.com",
        "10.0.0.1",
        "0.0.0.0",
        "[::2]",
        "127.1",
        "host.docker.internal",
    ],
)
def test_plain_http_to_another_machine_is_refused(host: str) -> None:
    with pytest.raises(errors.ConfigurationError, match="plain http"):
        Client(KEY, base_url=f"http://{host}:8000")
    assert Client(KEY, base_url=f"https://{host}:8000").config.base_url == f"https://{host}:8000"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.10", "localhost", "LOCALHOST", "[::1]"])
def test_plain_http_on_this_machine_is_for_emulators(host: str) -> None:
    client = Client(KEY, base_url=f"http://{host}:8000/")
    assert client.config.base_url == f"http://{host}:8000"


def test_the_name_and_the_organisation_follow_from_the_address() -> None:
    client = Client(KEY, base_url="https://api.prod2.kustomerapp.com/v1")
    assert (client.org, client.name) == ("api.prod2.kustomerapp.com",) * 2
    client = Client(KEY, base_url="https://api.prod2.kustomerapp.com", org="acme", name="x")
    assert (client.org, client.name) == ("acme", "x")


def test_no_repr_shows_the_key() -> None:
    client = Client(KEY, org="acme")
    shown = f"{client!r} {client} {client.config!r} {vars(client)} {client._transport!r}"
    assert KEY not in shown
    assert "secret" not in shown


def test_the_clock_of_a_client_is_the_real_one_unless_told() -> None:
    clock = Clock()
    assert clock.now() > 1_700_000_000
    assert clock.monotonic() <= clock.monotonic()
    assert all(0 <= clock.random() < 1 for _ in range(100))
    assert len({clock.random() for _ in range(100)}) > 90
