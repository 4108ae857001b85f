"""The forms of the desk."""

from __future__ import annotations

from typing import Any

from django import forms

from kustomer_orm import Conversation, custom
from kustomer_orm.contrib.django import RecordForm, record_form


class Case(Conversation):
    size = custom.Str(choices=("S", "M"))
    card = custom.Str("cardStr", sensitive=True)
    due = custom.At()
    is_vip = custom.Bool("vipBool")
    refund = custom.Num()
    note = custom.Txt()
    colors = custom.Strs()
    site = custom.Url()


class CaseForm(RecordForm):
    tell_the_customer = forms.BooleanField(required=False)

    class Meta:
        record = Case
        fields = [
            "name",
            "status",
            "priority",
            "tags",
            "assigned_users",
            "size",
            "card",
            "due",
            "is_vip",
            "refund",
            "note",
            "colors",
            "site",
        ]
        labels = {"site": "Web site"}
        help_texts = {"refund": "In <b>euros</b>."}
        widgets = {"note": forms.Textarea(attrs={"rows": 7, "class": "wide"})}

    def clean_name(self) -> Any:
        name = self.cleaned_data["name"]
        if name == "test":
            raise forms.ValidationError("Find a better name.", code="poor")
        return name.strip("!") if name else name


class DescribedForm(CaseForm):
    class Meta(CaseForm.Meta):
        metadata = True


ShortForm = record_form(Case, ["name", "priority"])
