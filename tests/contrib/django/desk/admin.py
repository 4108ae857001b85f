"""The desk in Django's admin."""

from django.contrib import admin

from kustomer_orm.contrib.django import record_form
from kustomer_orm.contrib.django.model_admin import RecordAdminMixin, record_value
from tests.contrib.django.desk.forms import Case
from tests.contrib.django.desk.models import Refund, Ticket


@admin.register(Ticket)
class TicketAdmin(RecordAdminMixin, admin.ModelAdmin):
    list_display = (
        "subject",
        "conversation",
        record_value(
            "conversation", "name", label="What", url=lambda record: f"https://desk/{record.id}"
        ),
        record_value("conversation", "customer.name"),
        record_value("conversation", "tags"),
        record_value("conversation", "customer"),
    )
    fields = ("subject", "conversation", "state", "customer_name")
    readonly_fields = ("state", "customer_name")
    search_fields = ("subject", "=conversation")
    state = record_value("conversation", "status")
    customer_name = record_value("conversation", "customer.name")


@admin.register(Refund)
class RefundAdmin(RecordAdminMixin, admin.ModelAdmin):
    record_forms = {"conversation": record_form(Case, ["name", "priority", "refund", "card"])}
