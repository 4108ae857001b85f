"""Our errors as answers: their status, as a page or JSON, on the app's own error pages."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, render_template_string
from flask.typing import ResponseReturnValue
from werkzeug.debug import DebuggedApplication
from werkzeug.exceptions import HTTPException, NotFound, TooManyRequests
from werkzeug.test import Client as Browser

from kustomer_orm import Client, Conversation, errors
from kustomer_orm.contrib.flask import KustomerHTTPException
from kustomer_orm.emulator import Emulator, Fault

JSON = {"Accept": "application/json"}
PAGE = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def raising(app: Flask, error: BaseException) -> Any:
    """Give a visitor of a view that raises an error."""

    @app.get("/raises")
    def raises() -> ResponseReturnValue:
        raise error

    return app.test_client()


CASES = [
    (errors.NotFoundError("GET /v1/conversations/secret-id: 404"), 404),
    (errors.ConflictError("x"), 409),
    (errors.RateLimitError("x", retry_after=1.2), 429),
    (errors.ServerError("x"), 502),
    (errors.AuthenticationError("x"), 502),
    (errors.PermissionDeniedError("x"), 502),
    (errors.BadRequestError("x"), 502),
    (errors.ConnectionFailedError("x"), 502),
    (errors.OutcomeUnknownError("x"), 502),
    (errors.BulkError("x"), 502),
    (errors.FormTokenError("x", reason="too old"), 400),
    (errors.InvalidValueError.of("Conversation.name", expected="a string", got="12 digits"), 422),
    (errors.InvalidValueError.of("Conversation.id", expected="an id", got="another"), 404),
]


@pytest.mark.parametrize(("error", "status"), CASES, ids=lambda case: type(case).__name__)
def test_an_error_has_a_status_as_a_page_and_as_json(
    make_app: Callable[..., Flask], error: errors.KustomerError, status: int
) -> None:
    visitor = raising(make_app(), error)

    page = visitor.get("/raises", headers=PAGE)
    told: Any = visitor.get("/raises", headers=JSON)

    assert (page.status_code, page.mimetype) == (status, "text/html")
    assert (told.status_code, told.mimetype) == (status, "application/json")
    assert told.json["status"] == status
    assert "secret-id" not in page.text + told.text


def test_an_app_of_json_is_answered_by_json_without_asking(make_app: Callable[..., Flask]) -> None:
    visitor = raising(make_app(), errors.NotFoundError("x"))

    assert visitor.get("/raises", json={}).mimetype == "application/json"
    assert visitor.get("/raises").mimetype == "text/html"


def test_a_spent_budget_says_when_to_come_again(make_app: Callable[..., Flask]) -> None:
    answer: Any = raising(make_app(), errors.RateLimitError("x", retry_after=1.2)).get(
        "/raises", headers=JSON
    )

    assert answer.headers["Retry-After"] == "2"
    assert answer.json["retry_after"] == 2


def test_an_unknown_outcome_is_not_called_a_failure(make_app: Callable[..., Flask]) -> None:
    answer = raising(make_app(), errors.OutcomeUnknownError("x")).get("/raises")

    assert "may have been saved" in answer.text


def test_refused_values_are_told_attribute_by_attribute(make_app: Callable[..., Flask]) -> None:
    app = make_app()

    @app.post("/change")
    def change() -> ResponseReturnValue:
        Conversation(id="5f00000000000000e0000003").assign(name=5, priority=9, status="closed")
        return "", 204

    answer: Any = app.test_client().post("/change", json={})

    assert answer.status_code == 422
    assert sorted(answer.json["fields"]) == ["name", "priority", "status"]
    assert "from 1 to 5" in answer.json["fields"]["priority"][0]


def test_what_the_server_refuses_by_attribute_is_told_alike(
    server: Emulator, make_app: Callable[..., Flask]
) -> None:
    app = make_app()
    id_ = server.world.add("conversation")
    body = {"errors": [{"status": 400, "title": "badparam", "source": {"parameter": "/name"}}]}
    server.faults.add(Fault.status(400, method="PATCH", body=body))

    @app.post("/change")
    def change() -> ResponseReturnValue:
        conversation = Conversation.get(id_)
        conversation.name = "A customer's text"
        conversation.save()
        return "", 204

    answer: Any = app.test_client().post("/change", json={})

    assert answer.status_code == 422
    assert list(answer.json["fields"]) == ["name"]
    assert "A customer's text" not in answer.text


@pytest.fixture
def conflict(server: Emulator, make_app: Callable[..., Flask]) -> Any:
    """Give what a visitor sees whose change is in conflict with a colleague's."""

    def visit(**config: Any) -> Any:
        app = make_app(KUSTOMER_CONFLICT="careful", **config)
        id_ = server.world.add("conversation", name="Base text")

        @app.post("/change")
        def change() -> ResponseReturnValue:
            conversation = Conversation.get(id_)
            server.world.edit("conversation", id_, name="Their text")
            conversation.name = "My text"
            conversation.save()
            return "", 204

        return app.test_client().post("/change", headers=JSON)

    return visit


def test_a_conflict_names_the_attributes_and_shows_no_values(conflict: Any) -> None:
    answer = conflict()

    assert answer.status_code == 409
    assert answer.json["fields"] == {"name": None}
    assert "text" not in answer.text.replace("text/", "")


def test_a_conflict_shows_the_values_where_the_app_says_so(conflict: Any) -> None:
    answer = conflict(KUSTOMER_CONFLICT_VALUES=True)

    assert answer.json["fields"] == {
        "name": {"base": "Base text", "mine": "My text", "theirs": "Their text"}
    }


# -- the app's own pages -------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [404, NotFound, HTTPException, KustomerHTTPException, Exception])
def test_the_apps_own_page_is_shown(make_app: Callable[..., Flask], kind: Any) -> None:
    app = make_app()

    @app.errorhandler(kind)
    def own(error: Any) -> ResponseReturnValue:
        named = type(error.original_exception).__name__
        return render_template_string(
            "Own {{ error.code }} of {{ name }}", error=error, name=named
        ), 404

    answer = raising(app, errors.NotFoundError("x")).get("/raises")

    assert (answer.status_code, answer.text) == (404, "Own 404 of NotFoundError")


def test_the_apps_own_page_of_429_knows_how_long_to_wait(make_app: Callable[..., Flask]) -> None:
    app = make_app()

    @app.errorhandler(TooManyRequests)
    def own(error: TooManyRequests) -> ResponseReturnValue:
        return f"wait {error.retry_after}", 429

    answer = raising(app, errors.RateLimitError("x", retry_after=7)).get("/raises")

    assert answer.text == "wait 7"


@pytest.mark.parametrize("kind", [errors.NotFoundError, errors.APIError])
@pytest.mark.parametrize("when", ["before", "after"])
def test_the_apps_own_handler_of_our_error_wins(
    server: Emulator, kustomer: Any, kind: Any, when: str
) -> None:
    app = Flask("own")
    app.config.update(KUSTOMER_API_KEY=server.api_key, KUSTOMER_BASE_URL=server.url)

    def own(error: Any) -> ResponseReturnValue:
        return "own", 418

    if when == "before":
        app.register_error_handler(kind, own)
    kustomer.init_app(app)
    if when == "after":
        app.register_error_handler(kind, own)

    assert raising(app, errors.NotFoundError("x")).get("/raises").status_code == 418


@pytest.mark.parametrize(("setting", "statuses"), [(False, (500, 500)), ([404], (404, 500))])
def test_the_handlers_can_be_switched_off(
    make_app: Callable[..., Flask], setting: Any, statuses: tuple[int, int]
) -> None:
    app = make_app(KUSTOMER_ERROR_HANDLERS=setting)

    @app.get("/<kind>")
    def raises(kind: str) -> ResponseReturnValue:
        raise getattr(errors, kind)("x")

    visitor = app.test_client()
    seen = (visitor.get("/NotFoundError").status_code, visitor.get("/ServerError").status_code)

    assert seen == statuses


@pytest.mark.parametrize("setting", [[418], "404", 404])
def test_a_switch_that_means_nothing_is_refused(
    make_app: Callable[..., Flask], setting: Any
) -> None:
    with pytest.raises(errors.ConfigurationError, match="KUSTOMER_ERROR_HANDLERS must be"):
        make_app(KUSTOMER_ERROR_HANDLERS=setting)


def test_errors_of_the_programmer_stay_errors_of_the_server(make_app: Callable[..., Flask]) -> None:
    answer = raising(make_app(), errors.NoClientError("no client")).get("/raises")

    assert answer.status_code == 500


def test_what_is_hidden_from_the_visitor_is_in_the_log(
    make_app: Callable[..., Flask], caplog: pytest.LogCaptureFixture
) -> None:
    app = make_app()
    error = errors.ServerError("GET /v1/conversations/1: 503")
    with caplog.at_level(logging.INFO, app.logger.name):
        raising(app, error).get("/raises")

    assert ("ERROR", "ServerError: GET /v1/conversations/1: 503") in [
        (each.levelname, each.getMessage()) for each in caplog.records
    ]


def test_the_key_is_in_no_page_and_no_log_when_kustomer_refuses_it(
    server: Emulator, kustomer: Any, caplog: pytest.LogCaptureFixture
) -> None:
    app = Flask("wrong")
    app.config.update(KUSTOMER_API_KEY="a-wrong-and-secret-key", KUSTOMER_BASE_URL=server.url)
    app.config.update(DEBUG=True, PROPAGATE_EXCEPTIONS=False)
    kustomer.init_app(app)

    @app.get("/")
    def show() -> ResponseReturnValue:
        return Conversation.get("5f00000000000000e0000003").name or ""

    with caplog.at_level(logging.DEBUG):
        answer = app.test_client().get("/")

    assert answer.status_code == 502
    assert not re.search("a-wrong-and", answer.text + caplog.text + repr(app.extensions))
    with app.app_context():
        assert isinstance(kustomer.client, Client)
        kustomer.client.close()


def test_the_debuggers_page_shows_no_key(server: Emulator, kustomer: Any) -> None:
    app = Flask("debugged")
    app.config.update(KUSTOMER_API_KEY="a-secret-key", KUSTOMER_BASE_URL=server.url)
    app.config.update(KUSTOMER_WEBHOOK_KEY="a-secret-token", KUSTOMER_ERROR_HANDLERS=False)
    app.config.update(PROPAGATE_EXCEPTIONS=True, KUSTOMER_RETRY=0)
    kustomer.init_app(app)

    @app.get("/")
    def show() -> ResponseReturnValue:
        return Conversation.get("5f00000000000000e0000003").name or ""

    page = Browser(DebuggedApplication(app)).get("/")

    assert page.status_code == 500
    assert "AuthenticationError" in page.text
    assert "a-secret" not in page.text
    with app.app_context():
        kustomer.client.close()
