"""The views of the desk."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render

from kustomer_orm import Conversation, current_client
from kustomer_orm.contrib.django import get_record_or_404, prefetch_records
from tests.contrib.django.desk.models import Ticket


def show_current(request: Any) -> HttpResponse:
    assert current_client() is request.kustomer
    return HttpResponse(f"{current_client().name} {current_client().org}")


def twice(request: HttpRequest, id: str) -> HttpResponse:
    first, second = Conversation.get(id), Conversation.get(id)
    return HttpResponse(f"{first.name} {first is second}")


async def async_twice(request: HttpRequest, id: str) -> HttpResponse:
    first = await sync_to_async(Conversation.get)(id)
    second = await sync_to_async(Conversation.get)(id)
    return HttpResponse(f"{first.name} {first is second}")


async def async_alone(request: HttpRequest, id: str) -> HttpResponse:
    alone = sync_to_async(Conversation.get, thread_sensitive=False)
    first = await sync_to_async(Conversation.get)(id)
    return HttpResponse(f"{first is await alone(id)}")


def conversation(request: HttpRequest, id: str) -> HttpResponse:
    return HttpResponse(get_record_or_404(Conversation, id).name)


def missing(request: HttpRequest, id: str) -> HttpResponse:
    return HttpResponse(Conversation.get(id).name)


def broken(request: HttpRequest, id: str) -> HttpResponse:
    held = Conversation.get(id)
    raise RuntimeError(f"after {held.id}")


def stream(request: HttpRequest) -> StreamingHttpResponse:
    def parts() -> Iterator[str]:
        for _ in range(2):
            yield f"{current_client().name} "

    return StreamingHttpResponse(parts())


async def async_stream(request: HttpRequest) -> StreamingHttpResponse:
    async def parts() -> AsyncIterator[str]:
        for _ in range(2):
            yield f"{current_client().name} "

    return StreamingHttpResponse(parts())


def ticket_list(request: HttpRequest) -> HttpResponse:
    tickets = Ticket.objects.order_by("pk")
    if request.GET.get("prefetch"):
        prefetch_records(tickets, "conversation", "conversation__customer")
    return render(request, "desk/list.html", {"tickets": tickets})
