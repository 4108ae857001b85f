"""The pages of the desk."""

from django.contrib import messages
from django.http import JsonResponse
from django.shortcuts import redirect, render

from desk.forms import CaseForm
from desk.live import last_write
from desk.models import Ticket
from desk.records import Case
from kustomer_orm.contrib.django import prefetch_records
from kustomer_orm.forms import fields_of, related_choices

PAGE = 25
MOST = 500
STATUSES = ("open", "snoozed", "done")


def conversations(request):
    """List conversations, those updated last on top. Two requests at most, however many there are.

    The search is up to a minute behind, says Kustomer's documentation.
    """
    words, status = request.GET.get("q", ""), request.GET.get("status", "")
    shown = number(request.GET.get("shown"), PAGE, most=MOST)
    criteria = [Case.name.contains(word) for word in words.split()]
    if status in STATUSES:
        criteria.append(Case.status == status)
    found = Case.search(*criteria).order_by(Case.updated_at.desc()).limit(shown + 1)
    cases = list(found.prefetch("customer"))  # all customers in one request, not one for each
    names = choices(request, "tags")
    context = {
        "cases": [
            (case, [names.get(tag, tag) for tag in case.tags or ()]) for case in cases[:shown]
        ],
        "more": shown + PAGE if cases[shown:] else None,
        "q": words,
        "status": status,
        "statuses": STATUSES,
    }
    return render(request, "desk/list.html", context)


def edit(request, id):
    """Show a conversation, or save what its form brings back."""
    ticket = Ticket.objects.filter(conversation=id).first()
    form = CaseForm.from_request(
        request,
        id,
        user=request.session["id"],
        initial={"internal_note": ticket.internal_note if ticket else ""},
        label_suffix="",
    )
    if form.is_valid() and form.save():
        saved = form.saved
        if "internal_note" in form.changed_data:
            noted = {"internal_note": form.cleaned_data["internal_note"]}
            Ticket.objects.update_or_create(conversation=id, defaults=noted)
            saved.append("internal_note")
        messages.success(request, f"Saved: {', '.join(saved)}." if saved else "Nothing to save.")
        return redirect("edit", id)
    context = {"form": form, "case": form.record, "title": form.record.original("name")}
    return render(request, "desk/edit.html", context, status=form.status)


def tickets(request):
    """List what colleagues have noted. Two requests, however many there are."""
    noted = Ticket.objects.exclude(internal_note="").order_by("-pk")[:MOST]
    found = prefetch_records(noted, "conversation", "conversation__customer")
    return render(request, "desk/tickets.html", {"tickets": found})


def changed(request, id):
    """Tell an open page whether its conversation has changed. Asks Kustomer for nothing."""
    rev, by = last_write(id)
    is_changed = rev > number(request.GET.get("rev"), 0)
    name = choices(request, "assigned_users").get(by) if is_changed else None
    return JsonResponse({"changed": is_changed, "by": name})


def name(request):
    """Let people say who they are; shown in the header, and nothing else."""
    if request.method == "POST":
        request.session["name"] = request.POST.get("name", "").strip()[:40] or "Guest"
        return redirect("conversations")
    return render(request, "desk/name.html")


def choices(request, attribute):
    """Give the names of the records that an attribute can hold, by id; read now and then."""
    [field] = related_choices(fields_of(Case, [attribute]), request.kustomer)
    return dict(field.choices)


def number(text, otherwise, most=None):
    """Read a number of the address; what is none counts as not given."""
    found = int(text) if text and text.isascii() and text.isdigit() else otherwise
    return max(1 if most else 0, min(found, most or found))
