"""A real Django project: set up when its tests are collected, and current for them only."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import django
import pytest

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.contrib.django.project_settings"
django.setup()
del os.environ["DJANGO_SETTINGS_MODULE"]  # processes that tests start are other projects

from django.core.cache import caches  # noqa: E402 - models need the project to be set up
from django.core.management import call_command  # noqa: E402
from django.db import connections, transaction  # noqa: E402
from django.test import Client as Browser  # noqa: E402
from django.test import override_settings  # noqa: E402
from django.test.utils import setup_test_environment, teardown_test_environment  # noqa: E402

from kustomer_orm import current  # noqa: E402
from kustomer_orm.contrib.django import clients  # noqa: E402
from kustomer_orm.emulator import Emulator  # noqa: E402

# The project has said where clients are found. The tests of other folders have no project.
_FOUND = list(current._process), list(current._makers)
current._process.clear()
current._makers.clear()


@pytest.fixture(scope="session")
def _project() -> Iterator[None]:
    setup_test_environment(debug=False)
    connection = connections["default"]
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0)
    call_command("migrate", run_syncdb=True, verbosity=0)
    yield
    connection.creation.destroy_test_db(name, verbosity=0)
    teardown_test_environment()


@pytest.fixture(autouse=True)
def project(_project: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Be the project: the database is as it was afterwards, and clients and caches are let go."""
    monkeypatch.setattr(current, "_process", list(_FOUND[0]))
    monkeypatch.setattr(current, "_makers", list(_FOUND[1]))
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    clients.forget()
    for cache in caches.all(initialized_only=True):
        cache.clear()


@pytest.fixture
def other_server() -> Iterator[Emulator]:
    with Emulator(org="other", seed=1) as server:
        yield server


@pytest.fixture
def accounts(server: Emulator, other_server: Emulator) -> dict[str, dict[str, Any]]:
    """The setting KUSTOMER with two organisations, before it is put in force."""
    return {
        "default": {"API_KEY": server.api_key, "BASE_URL": server.url, "ORG": "acme", "RETRY": 0},
        "other": {"API_KEY": other_server.api_key, "BASE_URL": other_server.url, "RETRY": 0},
    }


@pytest.fixture
def kustomer(accounts: dict[str, dict[str, Any]], project: None) -> Iterator[None]:
    with override_settings(KUSTOMER=accounts):
        yield


@pytest.fixture
def browser(kustomer: None) -> Browser:
    """A browser to which an error of a view is a page, as in the world."""
    return Browser(raise_request_exception=False)
