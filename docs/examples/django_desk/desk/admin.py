"""Tickets in Django's admin, their conversations with them."""

from django.contrib import admin

from desk.models import Ticket
from desk.records import Case
from kustomer_orm.contrib.django import record_form
from kustomer_orm.contrib.django.model_admin import RecordAdminMixin, record_value


@admin.register(Ticket)
class TicketAdmin(RecordAdminMixin, admin.ModelAdmin):
    """A list with the conversations' names, and a page that changes both."""

    list_display = (
        "conversation",
        record_value("conversation", "name", label="Name"),
        record_value("conversation", "customer.name", label="Customer"),
        "internal_note",
    )
    record_forms = {"conversation": record_form(Case, ["name", "status", "priority", "refund"])}
