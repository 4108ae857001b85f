"""The form of a conversation."""

from django import forms

from desk.records import Case
from kustomer_orm.contrib.django import RecordForm


class CaseForm(RecordForm):
    """A conversation, and the note of our own beside it."""

    internal_note = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="It stays here: Kustomer does not get it.",
    )

    class Meta:
        record = Case
        # The attributes that the form shows, and the only ones that it can change.
        fields = [
            "name",
            "status",
            "priority",
            "tags",
            "assigned_users",
            "order_number",
            "refund",
            "due",
            "is_vip",
            "carrier",
            "note",
        ]
        metadata = True  # display names and choices are the organisation's
