"""Custom keys that no class declares: typed by their suffix."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from kustomer_orm._sentinels import MISSING
from kustomer_orm._types import JSON
from kustomer_orm.attributes.base import Attribute, describe
from kustomer_orm.attributes.fields import FreeJSON
from kustomer_orm.changes import Entry, copy_json, is_masked, same_json
from kustomer_orm.custom.place import SUFFIXES, InCustom, suffix_of
from kustomer_orm.custom.scalars import At, Bool, Num
from kustomer_orm.custom.texts import Str, Tree, Txt, Url
from kustomer_orm.errors import InvalidValueError

_BY_SUFFIX: dict[str, Callable[[], Attribute[Any, Any]]] = {
    "Str": Str,
    "Txt": Txt,
    "Num": Num,
    "At": At,
    "Bool": Bool,
    "Url": Url,
    "Tree": Tree,
    "Id": Str,  # the type of an undeclared id is not known, so it stays an id
}

MAY_BE_LISTS = frozenset(("Str", "Txt", "Id", "Tree"))


class Undeclared(InCustom, Attribute[Any, Any]):
    """A custom key that no class declares: typed by its suffix, raw JSON without one."""

    held = True

    def __init__(self, key: str) -> None:
        super().__init__(FreeJSON(), key=key, nullable=True, null_on_create=True)
        self.suffix_found = suffix_of(key)
        self.bind("custom", key)
        self.name = self.label = f"custom.{key}"
        self.kind: Attribute[Any, Any] | None = None
        if self.suffix_found is not None:
            self.kind = _BY_SUFFIX[self.suffix_found]()
            self.kind.bind("custom", key)
            self.kind.label = self.label

    def infer_key(self, name: str) -> str:
        """Give the key as it was asked for: it may be empty."""
        return name

    def present(self, owner: Any, wire: JSON) -> Any:
        """Give the value; a list or dict is kept, since the reader may edit it."""
        value = super().present(owner, wire)
        if isinstance(value, (list, dict)):
            owner._state.keep(Entry(self, value))
        return value

    def encode(self, value: Any, base: JSON = MISSING) -> JSON:
        """Give the wire value; a key without a known suffix cannot be written."""
        if value is None:
            return None
        if self.kind is None:
            expected = f"a key that ends in one of {', '.join(SUFFIXES)}"
            raise InvalidValueError.of(self.label, expected=expected, got=describe(value))
        if isinstance(value, list) and self.suffix_found in MAY_BE_LISTS:
            if None in value:
                expected = "a list without None"
                raise InvalidValueError.of(self.label, expected=expected, got=describe(value))
            return [self.kind.encode(item) for item in value]
        return self.kind.encode(value)

    def decode(self, wire: JSON, owner: Any) -> Any:
        """Give the value by its suffix; a list, or a key without a suffix, as raw JSON."""
        if self.kind is None and not is_masked(wire):
            return copy_json(wire)
        if isinstance(wire, list):  # a multi-choice attribute: one list whatever the suffix
            return copy_json(wire)
        if self.kind is None:
            return super().decode(wire, owner)
        return self.kind.decode(wire, owner)

    def same(self, first: JSON, second: JSON) -> bool:
        """Compare by the suffix's kind."""
        if self.kind is None or isinstance(first, list) or isinstance(second, list):
            return same_json(first, second)
        return self.kind.same(first, second)


@functools.lru_cache(maxsize=4096)
def undeclared(key: str) -> Undeclared:
    """Give the attribute of a custom key that no class declares; the same one for the same key."""
    return Undeclared(key)
