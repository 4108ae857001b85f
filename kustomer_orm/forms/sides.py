"""Both sides of a conflict, as a person reads them."""

from __future__ import annotations

from datetime import UTC, tzinfo
from typing import Any, NamedTuple

from kustomer_orm.errors import FieldConflict
from kustomer_orm.forms.fields import FormField
from kustomer_orm.forms.inputs import TRUTH
from kustomer_orm.forms.texts import texts_of
from kustomer_orm.records import Record


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


def sides_of(field: FormField, conflict: FieldConflict, zone: tzinfo = UTC) -> Sides:
    """Give the values of a conflict as they are shown."""
    base, mine, theirs = (
        words_of(field, value, zone) for value in (conflict.base, conflict.mine, conflict.theirs)
    )
    return Sides(base, mine, theirs)


def undecided_sides(record: Record, field: FormField, zone: tzinfo = UTC) -> Sides:
    """Give both sides of a field whose conflict came back without a decision.

    The record's baseline is theirs since it was brought up to date; what the person began with is
    not known any more.
    """
    theirs, mine = (words_of(field, each, zone) for each in record.changes[field.name])
    return Sides(None, mine, theirs)


def words_of(field: FormField, value: Any, zone: tzinfo = UTC) -> str:
    """Give a value as a person reads it, which is a choice by its label."""
    labels = dict(TRUTH if field.kind == "truth" else field.choices)
    words = [labels.get(text, text) for text in texts_of(field, value, zone)]
    if field.kind == "instant":
        words = [text.replace("T", " ") for text in words]
    return ("\n" if field.kind == "lines" else ", ").join(words)
