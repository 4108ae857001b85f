"""Real Flask apps on the emulator, and a detector of what a test leaves open."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask, jsonify
from flask.typing import ResponseReturnValue

from kustomer_orm import Conversation, identity
from kustomer_orm.client import find_current
from kustomer_orm.contrib.flask import KustomerORM
from kustomer_orm.emulator import Emulator

MakeApp = Callable[..., Flask]


@pytest.fixture(autouse=True)
def nothing_stays_open() -> Iterator[None]:
    """As Flask's own `leak_detector`: no client is current and no scope open after a test."""
    yield
    assert find_current() is None
    assert identity._scopes.get() == ()


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KUSTOMER_API_KEY", "KUSTOMER_ORG", "KUSTOMER_BASE_URL", "KUSTOMER_NAME"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def kustomer() -> KustomerORM:
    return KustomerORM()


@pytest.fixture
def make_app(server: Emulator, kustomer: KustomerORM) -> Iterator[MakeApp]:
    """Make an app of the emulator; keywords are config keys."""
    made: list[Flask] = []

    def make(**config: Any) -> Flask:
        app = Flask(f"desk{len(made)}")
        app.config.update(KUSTOMER_API_KEY=server.api_key, KUSTOMER_BASE_URL=server.url)
        app.config.update(KUSTOMER_RATE_LIMIT="off", KUSTOMER_RETRY=0, **config)
        kustomer.init_app(app)
        made.append(app)
        return app

    yield make
    for app in made:
        with app.app_context():
            for client in kustomer.clients.values():
                client.close()


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    """A desk that shows a conversation and changes it by JSON."""
    app = make_app()
    add_views(app)
    return app


def add_views(app: Flask) -> None:
    @app.get("/<id_>")
    def show(id_: str) -> ResponseReturnValue:
        return jsonify(name=Conversation.get(id_).name)
