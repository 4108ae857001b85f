"""What the desk keeps itself."""

from django.db import models

from desk.records import Case
from kustomer_orm.contrib.django import RecordField


class Ticket(models.Model):
    """What colleagues note on a conversation, and Kustomer is not to see."""

    conversation = RecordField(Case, unique=True)
    internal_note = models.TextField(blank=True)

    def __str__(self):
        return f"Ticket of {self.conversation_id}"
