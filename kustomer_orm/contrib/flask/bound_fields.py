"""A field of a form as a template shows it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any, NamedTuple

from kustomer_orm.errors import FieldConflict
from kustomer_orm.forms import FormField, options_of, texts_of

TRUTH = (("true", "Yes"), ("false", "No"))

_INPUTS = {"url": "url", "integer": "number", "number": "number", "instant": "datetime-local"}
# What a browser shows in an input of this type; anything else it would drop in silence.
_SHOWN = {
    "number": re.compile(r"-?\d*\.?\d+(?:[eE][-+]?\d+)?"),
    "datetime-local": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?"),
    "url": re.compile(r"\S+"),
}


class Option(NamedTuple):
    """One of the choices of a `BoundField`.

    Attributes:
        value: what is posted.
        label: what is shown.
        chosen: whether it is chosen now.
    """

    value: str
    label: str
    chosen: bool


class Sides(NamedTuple):
    """The three values of a conflict as texts; a tag or a user by its name.

    Attributes:
        base: what the person was shown, None where that is not known any more.
        mine: what the person made of it.
        theirs: what is there now.
    """

    base: str | None
    mine: str
    theirs: str


@dataclass(frozen=True)
class BoundField:
    """A field with its texts, options, errors and conflict, for templates.

    Attributes:
        name: the attribute's name, and that of the input.
        label: the display name.
        kind: see `kustomer_orm.forms.FormField`.
        help: what else there is to say, "" if nothing.
        texts: what it shows: one text, or several where it holds several values.
        options: the choices, of a select; empty where anything goes.
        errors: what is wrong with it, in words.
        conflict: both sides' values, where both have changed it and nobody has decided yet.
        widget: "input", "textarea" or "select".
        attrs: the attributes of the input in HTML, name and id among them.

    >>> from kustomer_orm import Conversation
    >>> from kustomer_orm.contrib.flask import BoundField
    >>> from kustomer_orm.forms import fields_of
    >>> [priority] = fields_of(Conversation, ["priority"])
    >>> bound = BoundField.of(priority, ["3"])
    >>> bound.label, bound.text, bound.attrs["type"], bound.attrs["max"]
    ('Priority', '3', 'number', '5')
    """

    name: str
    label: str
    kind: str
    help: str
    texts: Sequence[str]
    options: Sequence[Option]
    errors: Sequence[str]
    conflict: Sides | None
    widget: str
    attrs: Mapping[str, str]

    @classmethod
    def of(
        cls,
        field: FormField,
        texts: Sequence[str],
        *,
        errors: Sequence[str] = (),
        conflict: Sides | None = None,
        help_text: str | None = None,
    ) -> BoundField:
        """Bind a field to what it shows."""
        said = field.help_text if help_text is None else help_text
        widget = _widget(field, texts)
        attrs = {"id": f"field-{field.name}", "name": field.name, **_attrs(field, widget, texts)}
        described = [f"{attrs['id']}-help"] if said else []
        if errors:
            described.append(f"{attrs['id']}-errors")
            attrs["aria-invalid"] = "true"
        if described:
            attrs["aria-describedby"] = " ".join(described)
        return cls(
            name=field.name,
            label=field.label,
            kind=field.kind,
            help=said,
            texts=list(texts),
            options=_options(field, texts) if widget == "select" else [],
            errors=list(errors),
            conflict=conflict,
            widget=widget,
            attrs=attrs,
        )

    @property
    def id(self) -> str:
        """The id of the input, for its label."""
        return self.attrs["id"]

    @property
    def is_many(self) -> bool:
        """Whether several values can be chosen; then a blank input of its name goes before.

        Without that a browser posts nothing where everything was taken away, as if the field had
        not been shown.
        """
        return self.kind == "choices"

    @property
    def text(self) -> str:
        """What an input or a text area holds."""
        return "\n".join(self.texts)


def sides_of(field: FormField, conflict: FieldConflict, zone: tzinfo) -> Sides:
    """Give the values of a conflict as they are shown."""
    base, mine, theirs = (
        words_of(field, value, zone) for value in (conflict.base, conflict.mine, conflict.theirs)
    )
    return Sides(base, mine, theirs)


def words_of(field: FormField, value: Any, zone: tzinfo) -> str:
    """Give a value as a person reads it, which is a choice by its label."""
    labels = dict(TRUTH if field.kind == "truth" else field.choices)
    words = [labels.get(text, text) for text in texts_of(field, value, zone)]
    if field.kind == "instant":
        words = [text.replace("T", " ") for text in words]
    return ("\n" if field.kind == "lines" else ", ").join(words)


def _widget(field: FormField, texts: Sequence[str]) -> str:
    if field.kind in {"choice", "choices", "truth"}:
        return "select"
    # An input drops line breaks in silence, and that would be a change.
    is_long = field.kind in {"text", "lines"} or any("\n" in text for text in texts)
    return "textarea" if is_long else "input"


def _attrs(field: FormField, widget: str, texts: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    if widget == "input":
        found |= _input_attrs(field, texts)
    if widget == "textarea":
        found["rows"] = "4"
    if field.kind == "choices":
        found["multiple"] = "multiple"
    if field.max_length is not None and widget != "select" and not field.is_many:
        found["maxlength"] = str(field.max_length)
    if texts and not (field.may_be_empty or field.is_secret):
        found["required"] = "required"
    return found


def _input_attrs(field: FormField, texts: Sequence[str]) -> dict[str, str]:
    kind = "password" if field.is_secret else _INPUTS.get(field.kind, "text")
    shown = _SHOWN.get(kind)
    if shown is not None and not all(shown.fullmatch(text) for text in texts):
        return {"type": "text"}
    if kind == "password":
        return {"type": kind, "autocomplete": "off"}
    limits = {"min": field.minimum, "max": field.maximum} if kind == "number" else {}
    steps = {"integer": "1", "number": "any", "instant": "1"}
    step = {"step": steps[field.kind]} if field.kind in steps else {}
    said = {name: str(limit) for name, limit in limits.items() if limit is not None}
    return {"type": kind, **step, **said}


def _options(field: FormField, texts: Sequence[str]) -> list[Option]:
    known = list(TRUTH) if field.kind == "truth" else options_of(field, texts)
    if not field.is_many and (field.may_be_empty or not texts):
        known = [("", "Not set" if field.kind == "truth" else ""), *known]
    chosen = list(texts) or ([] if field.is_many else [""])
    return [Option(value, label, value in chosen) for value, label in known]
