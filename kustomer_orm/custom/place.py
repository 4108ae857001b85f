"""The place of a custom attribute: one key of the `custom` object, typed by its ending."""

from __future__ import annotations

from typing import Any, ClassVar

from kustomer_orm._names import camel
from kustomer_orm._sentinels import MISSING
from kustomer_orm._types import JSON, JSONObject, ReadOnlyJSONObject
from kustomer_orm.changes import is_masked
from kustomer_orm.errors import DeclarationError, Resolver

SUFFIXES = ("Str", "Txt", "Num", "At", "Bool", "Url", "Id", "Tree")

# The published limit of Str and Txt; of Txt it is doubtful, so `Txt(max_length=…)` overrides it.
MAX_LENGTH = 1024


def suffix_of(key: str) -> str | None:
    """Give the suffix that types a custom key, or None.

    >>> suffix_of("refundAmountNum")
    'Num'
    """
    return next((suffix for suffix in SUFFIXES if key.endswith(suffix) and key != suffix), None)


class InCustom:
    """The place of a custom attribute: one key of the `custom` object, by itself."""

    suffix: ClassVar[str]
    key: str

    def infer_key(self, name: str) -> str:
        """Give the key of a Python name: camelCase with the suffix, which is not doubled."""
        key = camel(name)
        return key if suffix_of(key) == self.suffix else key + self.suffix

    def make_address(self) -> str:
        """Give the place in the working set."""
        return f"custom.{self.key}"

    def make_path(self) -> tuple[str, ...]:
        """Give the place in a request body."""
        return ("custom", self.key)

    def read(self, attributes: ReadOnlyJSONObject, relationships: ReadOnlyJSONObject) -> JSON:
        """Give the wire value, or MISSING; `custom` may be an object, null or absent."""
        held = attributes.get("custom")
        if type(held) is not dict:
            return MISSING
        hidden = "isMasked" in held and is_masked(held)  # a call less on every read
        return held if hidden else held.get(self.key, MISSING)

    def put(self, attributes: JSONObject, relationships: JSONObject, wire: JSON) -> None:
        """Set the wire value in a document of our own; MISSING takes the key away."""
        held = attributes.get("custom")
        shown = isinstance(held, dict) and not is_masked(held)
        custom: JSONObject = {**(held or {}), self.key: wire} if shown else {self.key: wire}
        if wire is MISSING:
            del custom[self.key]
        attributes["custom"] = custom


def options_of(
    cls: type[InCustom], key: str | None, resolve: Resolver | None, *, sensitive: bool
) -> dict[str, Any]:
    """Give the options of an attribute that every custom one has; refuse a key of another kind."""
    if key is not None and suffix_of(key) != cls.suffix:
        message = (
            f"custom.{cls.__name__}({key!r}): the key of this class ends in {cls.suffix!r}, "
            f"such as {_without_suffix(key) + cls.suffix!r}"
        )
        raise DeclarationError(message)
    free = {"nullable": True, "null_on_create": True}
    return {"key": key, "resolve": resolve, "sensitive": sensitive, **free}


def _without_suffix(key: str) -> str:
    suffix = suffix_of(key)
    return key.removesuffix(suffix) if suffix else key
