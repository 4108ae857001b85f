"""The models of the desk."""

from django.db import models

from kustomer_orm import Conversation, Customer
from kustomer_orm.contrib.django import RecordField


class Ticket(models.Model):
    subject = models.CharField(max_length=100, blank=True)
    conversation = RecordField(Conversation, null=True, blank=True)
    customer = RecordField(Customer, using="other", null=True, blank=True)

    def __str__(self) -> str:
        return f"ticket {self.pk}"


class Refund(models.Model):
    conversation = RecordField("tests.contrib.django.desk.records.DeskConversation", unique=True)
    reason = models.CharField(max_length=40, blank=True)
