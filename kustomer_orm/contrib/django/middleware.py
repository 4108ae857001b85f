"""`KustomerMiddleware`: a client and an identity scope for each request."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from asgiref.sync import (
    async_to_sync,
    iscoroutinefunction,
    markcoroutinefunction,
    sync_to_async,
)
from django.conf import global_settings, settings

from kustomer_orm.client import Client
from kustomer_orm.contrib.django.clients import clients
from kustomer_orm.contrib.django.options import DEFAULT, imported
from kustomer_orm.contrib.django.reporting import KustomerReporterFilter
from kustomer_orm.errors import ConfigurationError
from kustomer_orm.identity import open_spread_scope


class KustomerMiddleware:
    """Makes the request's client current, gives it as `request.kustomer`, and opens a scope.

    The client is that of "default", or of the alias that the function at `KUSTOMER_ROUTER` gives
    for the request. Errors of the library pass through: what a missing record means is for the
    view to say, see `get_record_or_404`.

    In the scope one record is one object, in every thread of the request for itself: an async view
    reaches records through `sync_to_async`, and all those calls share one thread, so one scope.
    While a streaming response is sent the client is current and no scope is open.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[Any], Any]) -> None:
        self.get_response = get_response
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)

    def __call__(self, request: Any) -> Any:
        """Answer a request."""
        _hide_passwords(request)
        if self._is_async:
            return self._answer(request)
        with _serving(request, clients[_alias(request)]) as client:
            response = self.get_response(request)
        return _streamed(response, client)

    async def _answer(self, request: Any) -> Any:
        with _serving(request, clients[await _alias_async(request)]) as client:
            response = await self.get_response(request)
        return _streamed(response, client)


def _hide_passwords(request: Any) -> None:
    """Have error pages use our filter, where the project has none of its own."""
    stock = global_settings.DEFAULT_EXCEPTION_REPORTER_FILTER
    if stock == settings.DEFAULT_EXCEPTION_REPORTER_FILTER:
        request.exception_reporter_filter = KustomerReporterFilter()


@contextlib.contextmanager
def _serving(request: Any, client: Client) -> Iterator[Client]:
    request.kustomer = client
    with client.as_current(), open_spread_scope(client):
        yield client


# -- which client ------------------------------------------------------------------------------


def router() -> Any:
    """Give the function that KUSTOMER_ROUTER names, sync or async, or None.

    Raises:
        ConfigurationError: it cannot be imported, or is no function.
    """
    found = imported("KUSTOMER_ROUTER", getattr(settings, "KUSTOMER_ROUTER", None))
    if found is not None and not callable(found):
        raise ConfigurationError("KUSTOMER_ROUTER must name a function: request -> alias or None")
    return found


def _alias(request: Any) -> str:
    route = router()
    if route is None:
        return DEFAULT
    if iscoroutinefunction(route):
        route = async_to_sync(route)
    return route(request) or DEFAULT


async def _alias_async(request: Any) -> str:
    route = router()
    if route is None:
        return DEFAULT
    if not iscoroutinefunction(route):
        route = sync_to_async(route)  # it may ask the database who this is
    return await route(request) or DEFAULT


# -- streams -----------------------------------------------------------------------------------


def _streamed(response: Any, client: Client) -> Any:
    """Have the client current whenever a part of a streaming response is made.

    Else the default one would answer for it, which may be another organisation's.
    """
    file = getattr(response, "file_to_stream", None)  # the server may send it without us
    if getattr(response, "streaming", False) and file is None:
        made = _each_async if response.is_async else _each
        response.streaming_content = made(response.streaming_content, client)
    return response


def _each(content: Any, client: Client) -> Iterator[Any]:
    parts = iter(content)
    while True:
        with client.as_current():
            try:
                part = next(parts)
            except StopIteration:
                return
        yield part


async def _each_async(content: Any, client: Client) -> AsyncIterator[Any]:
    parts = aiter(content)
    while True:
        with client.as_current():
            try:
                part = await anext(parts)
            except StopAsyncIteration:
                return
        yield part
