"""The views of the desk."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render

from kustomer_orm import Conversation, current_client
from kustomer_orm.contrib.django import get_record_or_404, prefetch_records
from tests.contrib.django.desk.forms import CaseForm, DescribedForm, ShortForm
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


FORMS: dict[str, Any] = {"case": CaseForm, "described": DescribedForm, "short": ShortForm}


def edit(request: Any, id: str | None = None, kind: str = "case") -> Any:
    form = FORMS[kind].from_request(request, id)
    return answer(request, form)


def edit_at_length(request: Any, id: str) -> Any:
    """As people write it who want to see each step."""
    if request.method == "POST":
        form = CaseForm(request.POST, id=id, user=request.user, client=request.kustomer)
    else:
        form = CaseForm(record=get_record_or_404(CaseForm.Meta.record, id), user=request.user)
    return answer(request, form)


def edit_loaded(request: Any, id: str) -> Any:
    """A view that loads the record in any case, for what else it does with it."""
    case = get_record_or_404(CaseForm.Meta.record, id)
    return answer(request, CaseForm(request.POST or None, record=case, user=request.user))


async def async_edit(request: Any, id: str) -> Any:
    user = await request.auser()
    form = await sync_to_async(CaseForm.from_request)(request, id, user=user)
    return await sync_to_async(answer)(request, form)


def edit_two(request: Any, id: str, other: str) -> Any:
    first = ShortForm.from_request(request, id, prefix="first")
    second = ShortForm.from_request(request, other, prefix="second")
    if first.is_valid() and second.is_valid() and first.save() and second.save():
        return redirect("/saved")
    return render(request, "desk/form.html", {"forms": [first, second]})


def edit_and_fail(request: Any, id: str) -> Any:
    form = CaseForm.from_request(request, id)
    form.is_valid()
    raise RuntimeError(f"with a form: {form!r}")


def answer(request: Any, form: Any) -> Any:
    if form.is_valid() and form.save():
        return redirect(f"/saved?{','.join(form.saved)}")
    return render(request, "desk/form.html", {"forms": [form]}, status=form.status)
