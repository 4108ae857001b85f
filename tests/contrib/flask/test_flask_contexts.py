"""A client and an identity scope for each context of an app, and nothing of it afterwards."""

from __future__ import annotations

import asyncio
import gc
import threading
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import click
import pytest
import requests
from flask import Flask, copy_current_request_context, g, stream_with_context
from flask.typing import ResponseReturnValue
from werkzeug.serving import make_server

from kustomer_orm import Conversation, current_client, errors, identity
from kustomer_orm.client import find_current
from kustomer_orm.contrib.flask import KustomerORM
from kustomer_orm.emulator import Emulator


def is_one_object(id_: str) -> bool:
    """Tell whether an identity scope is open."""
    return Conversation.get(id_) is Conversation.get(id_)


def test_a_view_finds_the_client_and_one_object_for_one_record(
    server: Emulator, app: Flask
) -> None:
    id_ = server.world.add("conversation", name="Hi")

    @app.get("/twice/<id_>")
    def twice(id_: str) -> ResponseReturnValue:
        return str(is_one_object(id_))

    assert app.test_client().get(f"/twice/{id_}").text == "True"
    assert len(server.requests) == 1
    assert find_current() is None


def test_the_next_request_reads_anew(server: Emulator, app: Flask) -> None:
    id_ = server.world.add("conversation", name="Hi")
    visitor = app.test_client()
    visitor.get(f"/{id_}")
    server.world.edit("conversation", id_, name="Ho")

    assert visitor.get(f"/{id_}").json == {"name": "Ho"}


def test_an_app_context_has_a_client_as_well(
    server: Emulator, app: Flask, kustomer: KustomerORM
) -> None:
    id_ = server.world.add("conversation", name="Hi")
    with app.app_context():
        assert current_client() is kustomer.client
        assert is_one_object(id_)
    assert find_current() is None


def test_an_app_context_inside_a_request_shares_its_records(server: Emulator, app: Flask) -> None:
    id_ = server.world.add("conversation", name="Hi")
    with app.test_request_context():
        outer = Conversation.get(id_)
        with app.app_context():
            assert Conversation.get(id_) is outer
        assert Conversation.get(id_) is outer
    assert len(server.requests) == 1


def test_a_context_that_is_pushed_twice_ends_with_the_last_pop(
    server: Emulator, app: Flask
) -> None:
    context = app.app_context()
    context.push()
    context.push()
    first = current_client()
    context.pop()
    assert current_client() is first
    context.pop()
    assert find_current() is None


def test_a_view_that_fails_leaves_nothing_open(server: Emulator, app: Flask) -> None:
    @app.get("/fails")
    def fails() -> ResponseReturnValue:
        raise ZeroDivisionError

    assert app.test_client().get("/fails").status_code == 500
    assert find_current() is None
    assert identity._scopes.get() == ()


def test_a_tear_down_of_the_app_may_still_use_the_client(server: Emulator, app: Flask) -> None:
    id_ = server.world.add("conversation", name="Hi")
    seen = []

    @app.teardown_appcontext
    def look(error: BaseException | None) -> None:
        seen.append(Conversation.get(id_).name)

    with app.app_context():
        pass
    assert seen == ["Hi"]


def test_a_tear_down_that_fails_shows_no_record_to_the_next_request(
    server: Emulator, app: Flask
) -> None:
    id_ = server.world.add("conversation", name="Hi")

    @app.teardown_appcontext
    def fail(error: BaseException | None) -> None:
        if "fails" in g:
            raise ZeroDivisionError

    @app.get("/once/<id_>")
    def once(id_: str) -> ResponseReturnValue:
        g.fails = True
        return Conversation.get(id_).name or ""

    visitor = app.test_client()
    with pytest.raises(ZeroDivisionError) as kept:  # as a server's log may keep it
        visitor.get(f"/once/{id_}")
    server.world.edit("conversation", id_, name="Ho")

    assert visitor.get(f"/{id_}").json == {"name": "Ho"}
    assert kept.tb is not None
    assert find_current() is None


def test_a_response_that_is_streamed_with_its_context_keeps_the_client(
    server: Emulator, app: Flask
) -> None:
    ids = [server.world.add("conversation", name=name) for name in ("Hi", "Ho")]

    @app.get("/all")
    def everything() -> ResponseReturnValue:
        def lines() -> Iterator[str]:
            for id_ in ids:
                yield f"{Conversation.get(id_).name}{is_one_object(id_)}\n"

        return app.response_class(stream_with_context(lines()))

    assert app.test_client().get("/all").text == "HiTrue\nHoTrue\n"
    assert find_current() is None


def test_a_stream_that_nobody_reads_to_its_end_is_closed(server: Emulator, app: Flask) -> None:
    @app.get("/all")
    def everything() -> ResponseReturnValue:
        def lines() -> Iterator[str]:
            while True:
                yield current_client().name

        return app.response_class(stream_with_context(lines()))

    response = app.test_client().get("/all", buffered=False)
    next(iter(response.response))
    response.close()
    assert find_current() is None


def test_a_thread_with_the_requests_context_has_the_client_and_records_of_its_own(
    server: Emulator, app: Flask
) -> None:
    id_ = server.world.add("conversation", name="Hi")

    @app.get("/thread")
    def threaded() -> ResponseReturnValue:
        here = Conversation.get(id_)

        @copy_current_request_context
        def there() -> tuple[bool, bool]:
            return is_one_object(id_), Conversation.get(id_) is here

        with ThreadPoolExecutor(1) as pool:
            first = pool.submit(there).result()
            left = pool.submit(find_current).result()
        return f"{first} {left}"

    assert app.test_client().get("/thread").text == "(True, False) None"


def test_a_thread_without_the_context_has_no_client(server: Emulator, app: Flask) -> None:
    with app.app_context(), ThreadPoolExecutor(1) as pool:
        assert pool.submit(find_current).result() is None


def test_what_runs_in_a_copy_of_the_context_has_records_of_its_own(
    server: Emulator, app: Flask
) -> None:
    """As async views do: their coroutine runs in another thread, in a copy of the context."""
    id_ = server.world.add("conversation", name="Hi")
    with app.test_request_context():
        here = Conversation.get(id_)

        def seen() -> tuple[bool, bool]:
            return is_one_object(id_), Conversation.get(id_) is here

        async def view() -> tuple[bool, bool]:
            return await asyncio.to_thread(
                lambda: (is_one_object(id_), here is Conversation.get(id_))
            )

        with asyncio.Runner() as runner:
            assert runner.run(view()) == (True, False)


def test_an_async_view_has_the_client_and_one_object_for_one_record(
    server: Emulator, app: Flask
) -> None:
    id_ = server.world.add("conversation", name="Hi")

    @app.get("/async")
    async def view() -> ResponseReturnValue:
        await asyncio.sleep(0)
        return f"{is_one_object(id_)} {current_client().name}"

    assert app.test_client().get("/async").text == f"True {server.url.removeprefix('http://')}"
    assert find_current() is None


def test_a_test_client_that_keeps_its_context_keeps_the_client(
    server: Emulator, app: Flask, kustomer: KustomerORM
) -> None:
    id_ = server.world.add("conversation", name="Hi")
    with app.test_client() as visitor:
        visitor.get(f"/{id_}")
        assert current_client() is kustomer.client
    assert find_current() is None


def test_a_command_of_the_app_has_the_client(server: Emulator, app: Flask) -> None:
    id_ = server.world.add("conversation", name="Hi")

    @app.cli.command("show")
    def show() -> None:
        click.echo(Conversation.get(id_).name)

    assert app.test_cli_runner().invoke(args=["show"]).output == "Hi\n"
    assert find_current() is None


def test_the_identity_scope_can_be_switched_off(
    server: Emulator, make_app: Callable[..., Flask]
) -> None:
    id_ = server.world.add("conversation", name="Hi")
    with make_app(KUSTOMER_IDENTITY_SCOPE=False).app_context():
        assert not is_one_object(id_)


def test_an_app_without_a_key_has_contexts_without_a_client() -> None:
    app = Flask("bare")
    kustomer = KustomerORM(app)
    with app.app_context():
        assert find_current() is None
        with pytest.raises(errors.ConfigurationError, match=r"app\.config\['KUSTOMER_API_KEY'\]"):
            kustomer.client  # noqa: B018 - reading it is the point


def test_forty_threads_make_one_client(server: Emulator, app: Flask) -> None:
    id_ = server.world.add("conversation", name="Hi")
    gate = threading.Barrier(40)

    def visit(_: int) -> tuple[object, str | None]:
        gate.wait()
        with app.app_context():
            return current_client(), Conversation.get(id_).name

    with ThreadPoolExecutor(40) as pool:
        seen = set(pool.map(visit, range(40)))
    assert {name for _, name in seen} == {"Hi"}
    assert len({client for client, _ in seen}) == 1


def test_a_real_server_with_threads_serves_requests_on_connections_that_stay(
    server: Emulator, app: Flask
) -> None:
    id_ = server.world.add("conversation", name="Hi")
    served = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=served.serve_forever)
    thread.start()
    try:
        address = f"http://127.0.0.1:{served.server_port}/{id_}"
        with ThreadPoolExecutor(4) as pool:
            answers = [
                each.json()
                for each in pool.map(lambda _: requests.get(address, timeout=10), range(12))
            ]
    finally:
        served.shutdown()
        thread.join()
        served.server_close()
    assert answers == [{"name": "Hi"}] * 12


def test_an_app_that_is_dropped_is_forgotten(server: Emulator) -> None:
    app = Flask("short")
    app.config.update(KUSTOMER_API_KEY=server.api_key, KUSTOMER_BASE_URL=server.url)
    kustomer = KustomerORM(app)
    with app.app_context():
        client = weakref.ref(kustomer.client)
    dropped = weakref.ref(app)
    del app
    gc.collect()
    assert (dropped(), client()) == (None, None)
