"""Django's error pages and mails show the variables of every frame: no key is among them."""

from __future__ import annotations

import logging
from typing import Any

import django
import pytest
from django.core import mail
from django.test import Client, override_settings
from django.utils.log import AdminEmailHandler
from django.views.debug import ExceptionReporter

from kustomer_orm.contrib.django import clients
from kustomer_orm.contrib.django.reporting import KustomerReporterFilter
from kustomer_orm.emulator import Emulator, Fault
from kustomer_orm.errors import ConfigurationError

WEBHOOK_KEY = "whk-0123456789abcdef"
PASSWORD = "passw0rd-of-redis"
REDIS = f"redis://:{PASSWORD}@127.0.0.1:1/0"
MISSING = "5a1f0000000000000000abcd"
ADMIN: Any = "admin@example.com" if django.VERSION >= (6,) else ("Admin", "admin@example.com")


@pytest.fixture
def secrets(server: Emulator) -> list[str]:
    """The key itself and each of its parts, and what else is nobody's business."""
    return [server.api_key, *server.api_key.split("."), WEBHOOK_KEY, PASSWORD]


@pytest.fixture
def page(accounts: Any, secrets: list[str], kustomer: None) -> Any:
    """Get a page in debug mode, with secrets in every option that may hold one."""

    def get(path: str, *, status: int = 500, **options: Any) -> str:
        accounts["default"] |= {"WEBHOOK_KEY": [WEBHOOK_KEY], **options}
        accounts["other"] |= {"WEBHOOK_KEY": WEBHOOK_KEY, "RATE_LIMIT": REDIS}
        with override_settings(KUSTOMER=accounts, DEBUG=True):
            response = Client(raise_request_exception=False).get(path)
            shown = response.content.decode()
        assert response.status_code == status
        assert [secret for secret in secrets if secret in shown] == []
        assert status != 500 or "KUSTOMER" in shown  # it is the page with all the settings
        return str(shown)

    return get


def test_an_error_of_a_view(page: Any, server: Emulator) -> None:
    id_ = server.world.add("conversation", name="Hi")

    shown = page(f"/broken/{id_}/")

    assert "after" in shown
    assert "BASE_URL" in shown
    assert "&lt;Client default" in shown or "request" in shown


def test_a_missing_record(page: Any) -> None:
    assert "NotFoundError" in page(f"/missing/{MISSING}/")
    page(f"/conversations/{MISSING}/", status=404)


@pytest.mark.parametrize(
    "fault",
    [
        Fault.status(401, times=None),
        Fault.status(403, times=None),
        Fault.status(429, times=None),
        Fault.status(500, times=None),
        Fault.html(times=None),
        Fault.cut_before(times=None),
        Fault.cut_after(times=None),
        Fault.truncated_json(times=None),
    ],
    ids=lambda fault: str(fault.kind),
)
def test_whatever_the_server_does(page: Any, server: Emulator, fault: Fault) -> None:
    id_ = server.world.add("conversation", name="Hi")
    server.faults.add(fault)

    page(f"/missing/{id_}/", MAX_WAIT=0)


def test_no_server_at_all(page: Any, server: Emulator) -> None:
    server.stop()
    try:
        assert "ConnectionFailedError" in page(f"/missing/{MISSING}/")
    finally:
        server.start()


def test_a_shared_budget_that_is_not_there(page: Any, server: Emulator) -> None:
    id_ = server.world.add("conversation", name="Hi")

    shown = page(f"/broken/{id_}/", RATE_LIMIT=REDIS)

    assert "RATE_LIMIT" in shown


@pytest.mark.parametrize(
    "options",
    [
        {"TIMEOUT": "soon"},
        {"CASH": 1},
        {"CACHE": "nowhere"},
        {"RATE_LIMIT": f"http://:{PASSWORD}@host"},
        {"BASE_URL": "http://example.com"},
        {"RESOLVE": "no.such"},
    ],
    ids=str,
)
def test_settings_that_are_refused(page: Any, options: dict[str, Any]) -> None:
    """The frames that make a client hold the key: they are not shown."""
    assert "ConfigurationError" in page("/current/", **options)


def reported() -> str:
    """Give what Django would show of an error, with nothing secret in the frame that is shown."""
    try:
        return clients["default"].name
    except ConfigurationError as error:
        reporter = ExceptionReporter(None, type(error), error, error.__traceback__)
        return f"{reporter.get_traceback_text()} {reporter.get_traceback_html()}"


def test_a_report_of_an_error_outside_of_requests(accounts: Any, secrets: list[str]) -> None:
    accounts["default"]["TIMEOUT"] = "soon"
    with override_settings(KUSTOMER=accounts):
        text = reported()

    assert "timeout must be" in text
    assert [secret for secret in secrets if secret in text] == []


def test_a_mail_to_the_admins(accounts: Any, secrets: list[str], server: Emulator) -> None:
    handler = AdminEmailHandler(include_html=True)
    logger = logging.getLogger("django.request")
    logger.addHandler(handler)
    accounts["default"] |= {"RATE_LIMIT": REDIS, "WEBHOOK_KEY": WEBHOOK_KEY}
    id_ = server.world.add("conversation", name="Hi")
    try:
        with override_settings(KUSTOMER=accounts, ADMINS=[ADMIN]):
            Client(raise_request_exception=False).get(f"/broken/{id_}/")
    finally:
        logger.removeHandler(handler)

    (sent,) = mail.outbox
    shown = f"{sent.body} {sent.alternatives}"
    assert "KUSTOMER" in shown
    assert [secret for secret in secrets if secret in shown] == []


def test_a_filter_of_the_projects_own_is_left_alone(page: Any, server: Emulator) -> None:
    own = "tests.contrib.django.desk.routing.OwnFilter"
    id_ = server.world.add("conversation", name="Hi")
    with override_settings(DEFAULT_EXCEPTION_REPORTER_FILTER=own):
        browser = Client(raise_request_exception=False)
        request = browser.get(f"/twice/{id_}/").wsgi_request

    assert not hasattr(request, "exception_reporter_filter")


@pytest.mark.parametrize(
    ("value", "hidden"),
    [
        (f"redis://:{PASSWORD}@host/0", True),
        (f"postgres://user:{PASSWORD}@host", True),
        ("redis://host:6379/0", False),
        ("https://api.kustomerapp.com", False),
        ("plain words: with @ in them", False),
    ],
)
def test_the_filter_hides_addresses_with_a_password(value: str, *, hidden: bool) -> None:
    shown = KustomerReporterFilter().cleanse_setting("WHERE", {"LOCATION": value})

    assert (shown["LOCATION"] == KustomerReporterFilter.cleansed_substitute) is hidden
