"""The middleware: a client and an identity scope for each request, sync and async."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpResponse
from django.test import AsyncClient, Client, RequestFactory, override_settings

from kustomer_orm import Conversation, current_client
from kustomer_orm.contrib.django import clients
from kustomer_orm.contrib.django.middleware import KustomerMiddleware
from kustomer_orm.emulator import Emulator
from kustomer_orm.identity import find_scope

BY_QUERY = "tests.contrib.django.desk.routing.by_query"
BY_QUERY_ASYNC = "tests.contrib.django.desk.routing.by_query_async"


def ask_async(path: str, **options: Any) -> Any:
    """Ask as an ASGI server does."""

    async def ask() -> Any:
        browser = AsyncClient(raise_request_exception=False)
        response = await browser.get(path, **options)
        if response.streaming:
            parts = [part async for part in response.streaming_content]
            return HttpResponse(b"".join(parts))
        return response

    return asyncio.run(ask())


def test_a_view_has_the_default_client(browser: Client) -> None:
    assert browser.get("/current/").content == b"default acme"


def test_a_view_under_asgi_has_the_default_client(browser: Client) -> None:
    assert ask_async("/current/").content == b"default acme"


def test_after_a_request_nothing_is_current(browser: Client) -> None:
    with override_settings(KUSTOMER_ROUTER=BY_QUERY):
        assert browser.get("/current/?org=other").status_code == 200

    assert current_client() is clients["default"]


@pytest.mark.parametrize("router", [BY_QUERY, BY_QUERY_ASYNC])
def test_a_function_of_the_project_chooses_the_organisation(browser: Client, router: str) -> None:
    with override_settings(KUSTOMER_ROUTER=router):
        assert browser.get("/current/").content == b"default acme"
        assert browser.get("/current/?org=other").content[:5] == b"other"
        assert ask_async("/current/").content == b"default acme"
        assert ask_async("/current/?org=other").content[:5] == b"other"


def test_in_a_request_one_record_is_one_object(browser: Client, server: Emulator) -> None:
    id_ = server.world.add("conversation", name="Hi")

    assert browser.get(f"/twice/{id_}/").content == b"Hi True"
    assert len(server.requests) == 1
    assert browser.get(f"/twice/{id_}/").content == b"Hi True"
    assert len(server.requests) == 2


def test_under_asgi_too_in_sync_and_in_async_views(browser: Client, server: Emulator) -> None:
    id_ = server.world.add("conversation", name="Hi")

    assert ask_async(f"/twice/{id_}/").content == b"Hi True"
    assert ask_async(f"/async-twice/{id_}/").content == b"Hi True"
    assert browser.get(f"/async-twice/{id_}/").content == b"Hi True"
    assert len(server.requests) == 3


def test_threads_of_their_own_share_no_record(browser: Client, server: Emulator) -> None:
    id_ = server.world.add("conversation", name="Hi")

    assert ask_async(f"/async-alone/{id_}/").content == b"False"


def test_two_requests_at_once_share_no_record(browser: Client, server: Emulator) -> None:
    id_ = server.world.add("conversation", name="Hi")

    async def ask_both() -> list[Any]:
        paths = [f"/async-twice/{id_}/"] * 2
        return await asyncio.gather(*(AsyncClient().get(path) for path in paths))

    assert [each.content for each in asyncio.run(ask_both())] == [b"Hi True"] * 2
    assert len(server.requests) == 2


def test_the_scope_ends_when_a_view_fails(server: Emulator, kustomer: None) -> None:
    id_ = server.world.add("conversation", name="Hi")
    seen: list[Any] = []

    def view(request: Any) -> HttpResponse:
        seen.append((find_scope(request.kustomer), Conversation.get(id_)))
        raise RuntimeError("a view of the project fails")

    with pytest.raises(RuntimeError, match="a view of the project"):
        KustomerMiddleware(view)(RequestFactory().get("/"))

    scope, _ = seen[0]
    assert scope is not None
    assert not scope.is_open
    assert scope._held == {}
    assert find_scope(clients["default"]) is None


def test_the_scope_ends_when_an_async_view_fails(server: Emulator, kustomer: None) -> None:
    seen: list[Any] = []

    async def view(request: Any) -> HttpResponse:
        seen.append(find_scope(request.kustomer))
        raise RuntimeError("a view of the project fails")

    async def ask() -> None:
        answer: Any = KustomerMiddleware(view)(RequestFactory().get("/"))
        with pytest.raises(RuntimeError, match="a view of the project"):
            await answer
        assert find_scope(clients["default"]) is None

    async_to_sync(ask)()

    assert not seen[0].is_open


@pytest.mark.parametrize("name", ["default", "other"])
def test_a_stream_has_the_requests_client_while_it_is_sent(browser: Client, name: str) -> None:
    with override_settings(KUSTOMER_ROUTER=BY_QUERY):
        response: Any = browser.get(f"/stream/?org={name}")
        streamed = b"".join(response.streaming_content)
        under_asgi = ask_async(f"/async-stream/?org={name}").content

    assert streamed == under_asgi == f"{name} {name} ".encode()
    assert current_client() is clients["default"]


def test_connections_are_kept_from_one_request_to_the_next(
    browser: Client, server: Emulator
) -> None:
    id_ = server.world.add("conversation", name="Hi")
    session: Any = clients["default"]._transport._sessions.get()
    for _ in range(3):
        browser.get(f"/twice/{id_}/")

    pools: Any = session.get_adapter(server.url).poolmanager.pools
    assert [pools[key].num_connections for key in pools.keys()] == [1]  # noqa: SIM118 - no mapping


def test_a_missing_record_is_the_views_to_explain(browser: Client) -> None:
    id_ = "5a1f0000000000000000abcd"

    assert browser.get(f"/conversations/{id_}/").status_code == 404
    assert browser.get("/conversations/a,b/").status_code == 404
    assert browser.get(f"/missing/{id_}/").status_code == 500


def test_it_is_no_middleware_that_opts_out() -> None:
    assert KustomerMiddleware.sync_capable
    assert KustomerMiddleware.async_capable
    assert not issubclass(KustomerMiddleware, MiddlewareNotUsed)
