"""A field of a form as a template shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from kustomer_orm.forms import FormField, Sides
from kustomer_orm.forms.inputs import attrs_of, select_of, widget_of
from kustomer_orm.forms.posting import RESOLVE


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


@dataclass(frozen=True)
class BoundField:
    """A field with its texts, options, errors and conflict, for templates.

    Attributes:
        name: the attribute's name.
        label: the display name.
        kind: see `kustomer_orm.forms.FormField`.
        help: what else there is to say, "" if nothing.
        texts: what it shows: one text, or several where it holds several values.
        options: the choices, of a select; empty where anything goes.
        errors: what is wrong with it, in words.
        conflict: both sides' values, where both have changed it and nobody has decided yet.
        widget: "input", "textarea" or "select".
        attrs: the attributes of the input in HTML, name and id among them.
        resolve_name: the name of the radio buttons `mine` and `theirs` that decide a conflict.

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
    resolve_name: str

    @classmethod
    def of(
        cls,
        field: FormField,
        texts: Sequence[str],
        *,
        errors: Sequence[str] = (),
        conflict: Sides | None = None,
        help_text: str | None = None,
        prefix: str = "",
    ) -> BoundField:
        """Bind a field to what it shows."""
        said = field.help_text if help_text is None else help_text
        widget = widget_of(field, texts)
        name = prefix + field.name
        attrs = {"id": f"field-{name}", "name": name, **attrs_of(field, texts)}
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
            resolve_name=f"{prefix}{RESOLVE}{field.name}",
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


def _options(field: FormField, texts: Sequence[str]) -> list[Option]:
    chosen = list(texts) or ([] if field.is_many else [""])
    return [Option(value, label, value in chosen) for value, label in select_of(field, texts)]
