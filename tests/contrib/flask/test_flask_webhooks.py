"""The webhook blueprint: what it takes, what it refuses, and whom it tells."""

from __future__ import annotations

import io
import json
import logging
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from werkzeug.serving import make_server
from werkzeug.test import create_environ, run_wsgi_app

from kustomer_orm import Conversation, current_client, errors
from kustomer_orm.contrib.flask import KustomerORM
from kustomer_orm.emulator import Emulator
from kustomer_orm.webhooks import Event, sign

KEY = "the-token-of-the-hook"
PLACE = "/kustomer/webhooks"


def body_of(
    id_: str = "5f00000000000000e0000003", rev: int = 2, type_: str = "conversation"
) -> bytes:
    attributes = {"name": "Ho", "rev": rev}
    return json.dumps(
        {
            "id": f"{id_}-{rev}",
            "name": "kustomer.conversation.update",
            "data": {"type": "conversation", "id": id_, "attributes": attributes},
            "changes": {"attributes": {"name": {"op": "replace", "before": "Hi", "after": "Ho"}}},
        }
    ).encode()


def post(app: Flask, body: bytes, *, key: str = KEY, **options: Any) -> Any:
    headers = {"X-Kustomer-Webhook-Signature": sign(body, key)}
    return app.test_client().post(PLACE, data=body, headers=headers, **options)


@pytest.fixture
def hooked(make_app: Callable[..., Flask], kustomer: KustomerORM) -> Flask:
    app = make_app(KUSTOMER_WEBHOOK_KEY=KEY)
    app.register_blueprint(kustomer.webhooks_blueprint())
    return app


@pytest.fixture
def told(kustomer: KustomerORM) -> list[Event]:
    """What the handlers are told."""
    events: list[Event] = []
    kustomer.on("*")(events.append)
    return events


def test_a_delivery_is_told_to_the_handlers_of_its_name(
    hooked: Flask, kustomer: KustomerORM
) -> None:
    names: list[str] = []
    for pattern in ("conversation.update", "conversation.*", "*.update", "*", "customer.*"):
        kustomer.on(pattern)(lambda event, pattern=pattern: names.append(pattern))

    @kustomer.on("customer.create", "conversation.update")
    def several(event: Event) -> None:
        names.append(event.name)

    assert post(hooked, body_of()).status_code == 204
    assert names == [
        "conversation.update",
        "conversation.*",
        "*.update",
        "*",
        "kustomer.conversation.update",
    ]


def test_a_handler_works_with_the_client_of_the_app(
    server: Emulator, hooked: Flask, kustomer: KustomerORM
) -> None:
    id_ = server.world.add("conversation", name="Hi")
    seen: list[Any] = []

    @kustomer.on("conversation.update")
    def look(event: Event) -> None:
        seen.extend((Conversation.get(id_).name, current_client() is kustomer.client))

    post(hooked, body_of(id_))
    assert seen == ["Hi", True]


def test_a_handler_may_be_async(hooked: Flask, kustomer: KustomerORM) -> None:
    names: list[str] = []

    @kustomer.on("*")
    async def look(event: Event) -> None:
        names.append(event.name)

    assert post(hooked, body_of()).status_code == 204
    assert names == ["kustomer.conversation.update"]


def test_an_event_of_a_bind_is_handled_with_its_client(
    server: Emulator, kustomer: KustomerORM
) -> None:
    eu = {"api_key": server.api_key, "org": "acme-eu", "base_url": server.url, "webhook_key": "eu"}
    app = Flask("desk")
    app.config.update(KUSTOMER_BINDS={"eu": eu})
    kustomer.init_app(app)
    app.register_blueprint(kustomer.webhooks_blueprint(bind="eu"))
    orgs: list[str] = []
    kustomer.on("*")(lambda event: orgs.append(current_client().org))

    assert post(app, body_of(), key="eu").status_code == 204
    assert orgs == ["acme-eu"]


def test_a_repeated_and_a_stale_delivery_are_taken_and_told_to_nobody(
    hooked: Flask, told: list[Event]
) -> None:
    assert [post(hooked, body_of(rev=rev)).status_code for rev in (3, 3, 2)] == [204] * 3
    assert [event.rev for event in told] == [3]


def test_a_retry_that_overtakes_a_failing_attempt_is_to_come_again(
    hooked: Flask, kustomer: KustomerORM
) -> None:
    statuses: list[int] = []

    @kustomer.on("*")
    def overtaken(event: Event) -> None:
        if not statuses:
            statuses.append(0)
            statuses[0] = post(hooked, body_of()).status_code
            raise RuntimeError("the app is broken")
        statuses.append(event.rev or 0)

    assert [post(hooked, body_of()).status_code for _ in range(3)] == [500, 204, 204]
    assert statuses == [503, 2]


@pytest.mark.parametrize("length", ["\xb2", "9" * 5000, "-1", "x"])
def test_a_length_that_is_none_is_no_error_of_ours(hooked: Flask, length: str) -> None:
    environ = create_environ(PLACE, method="POST", data=body_of())
    environ["CONTENT_LENGTH"] = length

    _, status, _ = run_wsgi_app(hooked, environ)

    assert status[:3] in {"400", "403", "413"}


@pytest.mark.parametrize("key", ["", "another"])
def test_a_forged_delivery_is_refused(
    hooked: Flask, told: list[Event], caplog: pytest.LogCaptureFixture, key: str
) -> None:
    with caplog.at_level(logging.WARNING, hooked.logger.name):
        answer = post(hooked, body_of(), key=key)

    assert (answer.status_code, told) == (403, [])
    assert "WebhookError" in caplog.text
    assert KEY not in caplog.text + answer.text
    assert hooked.test_client().post(PLACE, data=body_of()).status_code == 403


def test_a_body_that_is_too_large_is_refused_before_it_is_read(
    make_app: Callable[..., Flask], kustomer: KustomerORM, told: list[Event]
) -> None:
    app = make_app(KUSTOMER_WEBHOOK_KEY=KEY)
    app.register_blueprint(kustomer.webhooks_blueprint(max_size=100))

    class Unread:
        """A body that nobody may touch."""

        def read(self, size: int = -1) -> bytes:
            raise AssertionError("it was read")

    environ = create_environ(PLACE, method="POST")
    environ |= {"wsgi.input": Unread(), "CONTENT_LENGTH": "102"}
    _, status, _ = run_wsgi_app(app, environ)

    assert (status, told) == ("413 REQUEST ENTITY TOO LARGE", [])
    assert post(app, body_of()).status_code == 413


def test_a_body_without_a_length_is_read_up_to_the_limit(
    make_app: Callable[..., Flask], kustomer: KustomerORM, told: list[Event]
) -> None:
    app = make_app(KUSTOMER_WEBHOOK_KEY=KEY)
    app.register_blueprint(kustomer.webhooks_blueprint(max_size=100))
    read: list[int] = []

    class Endless(io.RawIOBase):
        """A chunked body that does not end."""

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            read.append(len(buffer))
            return len(buffer)

    environ = create_environ(PLACE, method="POST")
    environ |= {"wsgi.input": Endless(), "wsgi.input_terminated": True}
    _, status, _ = run_wsgi_app(app, environ)

    assert (status, told) == ("413 REQUEST ENTITY TOO LARGE", [])
    assert sum(read) < 1_000_000


def test_the_apps_own_limit_counts_where_it_is_lower(hooked: Flask, told: list[Event]) -> None:
    hooked.config["MAX_CONTENT_LENGTH"] = 50

    assert (post(hooked, body_of()).status_code, told) == (413, [])


def test_a_signed_body_that_is_no_event_is_refused(hooked: Flask, told: list[Event]) -> None:
    assert (post(hooked, b"[1]").status_code, told) == (400, [])


def test_a_handler_that_fails_is_told_again_with_the_next_delivery(
    hooked: Flask, kustomer: KustomerORM
) -> None:
    tries: list[int] = []

    @kustomer.on("conversation.update")
    def fail_once(event: Event) -> None:
        tries.append(1)
        if len(tries) == 1:
            raise ZeroDivisionError

    assert [post(hooked, body_of()).status_code for _ in range(3)] == [500, 204, 204]
    assert len(tries) == 2


def test_each_app_remembers_what_has_come_to_it(
    make_app: Callable[..., Flask], kustomer: KustomerORM, told: list[Event]
) -> None:
    blueprint = kustomer.webhooks_blueprint()
    for _ in range(2):
        app = make_app(KUSTOMER_WEBHOOK_KEY=[KEY, "the-next-token"])
        app.register_blueprint(blueprint)
        assert post(app, body_of()).status_code == 204
        assert post(app, body_of(), key="the-next-token").status_code == 204

    assert len(told) == 2


def test_processes_may_share_what_has_come(
    make_app: Callable[..., Flask], kustomer: KustomerORM, told: list[Event]
) -> None:
    shared: dict[str, str] = {}
    for name in ("one", "two"):
        app = make_app(KUSTOMER_WEBHOOK_KEY=KEY)
        app.register_blueprint(kustomer.webhooks_blueprint(name=name, seen=shared))
        assert post(app, body_of()).status_code == 204

    assert len(told) == 1


def test_a_blueprint_without_a_key_is_refused_when_it_is_registered(
    make_app: Callable[..., Flask], kustomer: KustomerORM
) -> None:
    with pytest.raises(errors.ConfigurationError, match="KUSTOMER_WEBHOOK_KEY"):
        make_app().register_blueprint(kustomer.webhooks_blueprint())
    with pytest.raises(errors.ConfigurationError, match=r"KUSTOMER_BINDS\['eu'\]"):
        make_app().register_blueprint(kustomer.webhooks_blueprint(bind="eu"))


def test_a_key_of_the_environment_is_enough(
    make_app: Callable[..., Flask],
    kustomer: KustomerORM,
    told: list[Event],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KUSTOMER_WEBHOOK_KEY", KEY)
    app = make_app()
    app.register_blueprint(kustomer.webhooks_blueprint())

    assert post(app, body_of()).status_code == 204


@pytest.mark.parametrize("patterns", [(), ("",), ("conversation",)])
def test_a_pattern_that_fits_nothing_is_refused(
    kustomer: KustomerORM, patterns: tuple[str, ...]
) -> None:
    with pytest.raises(errors.ConfigurationError, match="a pattern is"):
        kustomer.on(*patterns)


@pytest.fixture
def address(hooked: Flask) -> Iterator[str]:
    """The app behind a real server."""
    served = make_server("127.0.0.1", 0, hooked, threaded=True)
    thread = threading.Thread(target=served.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{served.server_port}{PLACE}"
    served.shutdown()
    thread.join()
    served.server_close()


def test_what_the_emulator_sends_arrives_and_drops_what_was_cached(
    server: Emulator, hooked: Flask, address: str, told: list[Event]
) -> None:
    hook = server.webhooks.add(address, "kustomer.conversation.update")
    hooked.config["KUSTOMER_WEBHOOK_KEY"] = hook.token
    hooked.config["KUSTOMER_CACHE"] = 60
    id_ = server.world.add("conversation", name="Hi")
    for _ in range(2):
        with hooked.app_context():
            assert Conversation.get(id_).name == "Hi"
    assert len(server.requests) == 1

    server.world.edit("conversation", id_, name="Ho")
    assert server.webhooks.wait(1)

    assert [event.changes["name"].new for event in told] == ["Ho"]
    assert server.webhooks.deliveries[0].status == 204
    with hooked.app_context():
        assert Conversation.get(id_).name == "Ho"
