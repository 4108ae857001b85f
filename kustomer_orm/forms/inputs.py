"""What HTML takes to show a field: which element, and with which attributes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, TypeAlias

from kustomer_orm.forms.fields import FormField
from kustomer_orm.forms.related import options_of
from kustomer_orm.forms.texts import FALSE, TRUE

Widget: TypeAlias = Literal["input", "textarea", "select"]

TRUTH = ((TRUE, "Yes"), (FALSE, "No"))

_INPUTS = {"url": "url", "integer": "number", "number": "number", "instant": "datetime-local"}
_STEPS = {"integer": "1", "number": "any", "instant": "1"}
# What a browser shows in an input of this type; anything else it would drop in silence.
_SHOWN = {
    "number": re.compile(r"-?\d*\.?\d+(?:[eE][-+]?\d+)?"),
    "datetime-local": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?"),
    "url": re.compile(r"\S+"),
}


def widget_of(field: FormField, texts: Sequence[str]) -> Widget:
    """Name the element that shows a field with these texts."""
    if field.kind in {"choice", "choices", "truth"}:
        return "select"
    # An input drops line breaks in silence, and that would be a change.
    is_long = field.kind in {"text", "lines"} or any("\n" in text or "\r" in text for text in texts)
    return "textarea" if is_long else "input"


def attrs_of(field: FormField, texts: Sequence[str]) -> dict[str, str]:
    """Give the element's attributes, but for its name, its id and its content."""
    widget = widget_of(field, texts)
    found: dict[str, str] = {}
    if widget == "input":
        found |= _input_attrs(field, texts)
    if widget == "textarea":
        found["rows"] = "4"
    if field.kind == "choices":
        found["multiple"] = "multiple"
    if field.max_length is not None and widget != "select" and not field.is_many:
        found["maxlength"] = str(field.max_length)
    if is_required(field, texts):
        found["required"] = "required"
    return found


def is_required(field: FormField, texts: Sequence[str]) -> bool:
    """Tell whether a browser is to insist on a value: there is one, and it cannot be cleared."""
    return bool(texts) and not (field.may_be_empty or field.is_secret)


def _input_attrs(field: FormField, texts: Sequence[str]) -> dict[str, str]:
    kind = "password" if field.is_secret else _INPUTS.get(field.kind, "text")
    shown = _SHOWN.get(kind)
    if shown is not None and not all(shown.fullmatch(text) for text in texts):
        return {"type": "text"}
    if kind == "password":
        return {"type": kind, "autocomplete": "off"}
    limits = {"min": field.minimum, "max": field.maximum} if kind == "number" else {}
    step = {"step": _STEPS[field.kind]} if field.kind in _STEPS else {}
    said = {name: str(limit) for name, limit in limits.items() if limit is not None}
    return {"type": kind, **step, **said}


def select_of(field: FormField, texts: Sequence[str]) -> list[tuple[str, str]]:
    """Give values and labels of a select, with a blank one where nothing may be chosen."""
    known = list(TRUTH) if field.kind == "truth" else options_of(field, texts)
    if not field.is_many and (field.may_be_empty or not texts):
        return [("", "Not set" if field.kind == "truth" else ""), *known]
    return known
