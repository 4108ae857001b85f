"""Which clients an app has: config keys, options, binds, several apps in a process."""

from __future__ import annotations

import os
import sys
from typing import Any

import pytest
from flask import Flask

from kustomer_orm import Conversation, current_client, errors
from kustomer_orm.config import SETTINGS
from kustomer_orm.contrib.flask import KustomerORM
from kustomer_orm.emulator import Emulator


def app_with(**config: Any) -> Flask:
    app = Flask("desk")
    app.config.update(config)
    return app


def client_of(kustomer: KustomerORM, app: Flask, bind: str = "default") -> Any:
    with app.app_context():
        return kustomer.clients[bind]


def test_every_setting_has_a_config_key_that_is_not_set_over() -> None:
    app = app_with(KUSTOMER_TIMEOUT=7)
    KustomerORM(app)

    assert {setting.variable for setting in SETTINGS} <= set(app.config)
    assert app.config["KUSTOMER_TIMEOUT"] == 7


def test_config_wins_over_options_and_options_over_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("TIMEOUT", "DEADLINE", "RETRY"):
        monkeypatch.setenv(f"KUSTOMER_{name}", "1")
    app = app_with(KUSTOMER_API_KEY="a-key", KUSTOMER_ORG="acme", KUSTOMER_TIMEOUT=3)
    config = client_of(KustomerORM(app, timeout=2, deadline=2), app).config

    assert (config.timeout, config.deadline, config.retry) == (3, 2, 1)


def test_the_environment_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUSTOMER_API_KEY", "a-key")
    monkeypatch.setenv("KUSTOMER_ORG", "acme")
    app = app_with()

    assert client_of(KustomerORM(app), app).org == "acme"
    assert app.config["KUSTOMER_API_KEY"] is None


def test_a_second_set_up_of_an_app_is_refused() -> None:
    app = app_with()
    kustomer = KustomerORM(app)
    for again in (kustomer, KustomerORM()):
        with pytest.raises(errors.ConfigurationError, match="'desk' has a KustomerORM already"):
            again.init_app(app)


def test_an_app_that_was_not_set_up_is_told_how() -> None:
    with app_with().app_context(), pytest.raises(errors.ConfigurationError, match="init_app"):
        KustomerORM().client  # noqa: B018 - reading it is the point


def test_without_an_app_flask_says_so() -> None:
    with pytest.raises(RuntimeError, match="outside of application context"):
        KustomerORM().client  # noqa: B018 - reading it is the point


def test_an_option_that_is_mistyped_is_refused() -> None:
    with pytest.raises(errors.ConfigurationError, match="did you mean 'timeout'"):
        KustomerORM(timout=3)


def test_apps_of_one_process_have_clients_of_their_own() -> None:
    kustomer = KustomerORM()
    apps = [app_with(KUSTOMER_API_KEY="a-key", KUSTOMER_ORG=org) for org in ("acme", "globex")]
    for app in apps:
        kustomer.init_app(app)
    with apps[0].app_context():
        assert current_client().org == "acme"
        with apps[1].app_context():
            assert kustomer.client.org == current_client().org == "globex"
        assert kustomer.client.org == current_client().org == "acme"


# -- binds ---------------------------------------------------------------------------------------

BINDS = {"eu": {"api_key": "an-eu-key", "org": "acme-eu", "timeout": 9}}


def test_a_bind_is_an_organisation_with_the_other_settings_of_the_app(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in (("ORG", "env"), ("BASE_URL", "https://env.example"), ("NAME", "env")):
        monkeypatch.setenv(f"KUSTOMER_{name}", value)
    app = app_with(KUSTOMER_API_KEY="a-key", KUSTOMER_DEADLINE=5, KUSTOMER_BINDS=BINDS)
    client = client_of(KustomerORM(app), app, "eu")

    assert (client.org, client.name) == ("acme-eu", "acme-eu")
    assert client.config.base_url == "https://acme-eu.api.kustomerapp.com"
    assert (client.config.timeout, client.config.deadline) == (9, 5)
    assert client.config.api_key.reveal() == "an-eu-key"


def test_the_clients_of_an_app_are_listed() -> None:
    kustomer = KustomerORM()
    app = app_with(KUSTOMER_API_KEY="a-key", KUSTOMER_ORG="acme", KUSTOMER_BINDS=BINDS)
    kustomer.init_app(app)
    with app.app_context():
        assert list(kustomer.clients) == ["default", "eu"]
        assert len(kustomer.clients) == 2
        assert "eu" in kustomer.clients
        assert "us" not in kustomer.clients
        assert repr(kustomer.clients) == "<Clients default, eu>"
        assert kustomer.clients["eu"] is kustomer.clients["eu"]
        with pytest.raises(errors.ConfigurationError, match=r"no bind 'us'.*'default', 'eu'"):
            kustomer.clients["us"]


def test_another_organisation_is_current_for_a_block(server: Emulator) -> None:
    eu = {"api_key": server.api_key, "org": "acme-eu", "base_url": server.url}
    app = app_with(KUSTOMER_API_KEY="a-key", KUSTOMER_ORG="acme", KUSTOMER_BINDS={"eu": eu})
    kustomer = KustomerORM(app)
    id_ = server.world.add("conversation", name="Hi")
    with app.app_context():
        with kustomer.using("eu") as client:
            assert current_client() is client
            assert Conversation.get(id_) is Conversation.get(id_)
            client.close()
        assert current_client().org == "acme"


@pytest.mark.parametrize(
    ("binds", "said"),
    [
        ({"eu": {"org": "acme"}}, r"KUSTOMER_BINDS\['eu'\] has no 'api_key'"),
        ({"eu": {"api_key": "secret-key"}}, r"KUSTOMER_BINDS\['eu'\] has no 'org'"),
        ({"eu": {"api_key": "secret-key", "orgs": "acme"}}, "did you mean 'org'"),
        ({"default": {}}, "set by KUSTOMER_API_KEY"),
        ({"eu": "secret-key"}, "must be a mapping"),
        (["eu"], "must be a mapping"),
    ],
)
def test_a_wrong_bind_is_refused_without_its_key(binds: Any, said: str) -> None:
    app = app_with(KUSTOMER_BINDS=binds)
    with pytest.raises(errors.ConfigurationError, match=said) as caught:
        client_of(KustomerORM(app), app, "eu")
    assert "secret-key" not in str(caught.value)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
def test_a_client_that_was_made_before_a_fork_serves_the_child(
    server: Emulator, kustomer: KustomerORM, app: Flask
) -> None:
    id_ = server.world.add("conversation", name="Hi")
    assert app.test_client().get(f"/{id_}").status_code == 200
    child = os.fork()
    if not child:
        answered = app.test_client().get(f"/{id_}").json == {"name": "Hi"}
        os._exit(0 if answered else 1)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert app.test_client().get(f"/{id_}").status_code == 200
