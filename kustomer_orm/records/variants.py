"""`Variants`: what the API takes of a record may depend on one of its attributes.

The attributes of a class are what all its variants together take. Of those that are not alike
everywhere, a variant says which it takes, and as what.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from kustomer_orm._types import JSON
from kustomer_orm.attributes import Attribute
from kustomer_orm.changes import Edit, Extent
from kustomer_orm.errors import InvalidValueError
from kustomer_orm.records.core import Core

Kind = Attribute[Any, Any]


class Variants:
    """The variants of a class.

    Args:
        by: the attribute that tells them apart.
        kinds: by its words: the attributes that are not alike everywhere, and what they are here.
            One that is not named is not taken.
        needs: by its words: the attributes without which a body is refused.
    """

    def __init__(
        self,
        by: str,
        kinds: Mapping[str, Mapping[str, Kind]],
        needs: Mapping[str, tuple[str, ...]] | None = None,
    ) -> None:
        self.by = by
        self.kinds = kinds
        self.needs = needs or {}
        self.special = frozenset(name for each in kinds.values() for name in each)

    def __set_name__(self, owner: type, name: str) -> None:
        for kinds in self.kinds.values():
            for attribute, kind in kinds.items():
                kind.bind(owner.__name__, attribute)

    def needed(self, record: Core, edits: Iterable[Edit] = ()) -> tuple[str, ...]:
        """Name what a body of this record is refused without."""
        return self.needs.get(self._word(record, edits), ())

    def problems(self, record: Core, edits: Collection[Edit]) -> list[InvalidValueError]:
        """List what is not taken of these edits; of a word that is new, only the API knows."""
        word = self._word(record, edits)
        kinds = self.kinds.get(word)
        if kinds is None:
            return []
        found: list[InvalidValueError] = []
        for edit in edits:
            attribute: Any = edit.attribute
            if attribute.name in self.special:
                found += _problems(record, edit, kinds.get(attribute.name), f"{self.by} {word!r}")
        return found

    def _word(self, record: Core, edits: Iterable[Edit]) -> str:
        attribute = record._named(self.by)
        known: JSON = record._state.base(attribute)
        for edit in edits:
            if edit.attribute is attribute:
                known = edit.wire
        return known if isinstance(known, str) else ""


def _problems(record: Core, edit: Edit, kind: Kind | None, where: str) -> list[InvalidValueError]:
    attribute: Any = edit.attribute
    new = record._state.extent is Extent.NEW
    place, expected, got = attribute.label, "no value", "one"
    if kind is not None and (kind.creatable if new else kind.updatable):
        try:
            kind.accept(record, edit.entry.value)
        except InvalidValueError as error:
            place, expected, got = error.attribute, error.expected, error.got
        else:
            return []
    problem = InvalidValueError.of(place, expected=f"{expected} (with the {where})", got=got)
    return [problem.about(record._label())]
