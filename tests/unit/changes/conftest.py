"""Two kinds of ten lines each: what the tracker asks of an attribute, and nothing more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kustomer_orm import MISSING
from kustomer_orm.changes import Tracked, copy_json, same_json
from kustomer_orm.errors import InvalidValueError, UnreadableValueError


class SmallKind:
    """Free JSON at one key; the word "wrong" cannot be sent, "corrupt" cannot be read."""

    held = True
    null_on_create = True

    def __init__(self, address: str, *, unordered: bool = False) -> None:
        self.address = address
        self.unordered = unordered
        self.encoded = 0

    def read(self, attributes: Any, relationships: Any) -> Any:
        return attributes.get(self.address, MISSING)

    def put(self, attributes: Any, relationships: Any, wire: Any) -> None:
        attributes[self.address] = wire

    def encode(self, value: Any, base: Any = MISSING) -> Any:
        self.encoded += 1
        if value == "wrong":
            raise InvalidValueError.of(self.address, expected="right", got="wrong")
        return copy_json(value)

    def decode(self, wire: Any, owner: Any) -> Any:
        if wire == "corrupt":
            raise UnreadableValueError(self.address)
        return copy_json(wire)

    def same(self, first: Any, second: Any) -> bool:
        if self.unordered:
            return sorted(first) == sorted(second)
        return same_json(first, second)

    def as_read(self, value: Any, wire: Any) -> bool:
        return same_json(value, wire)

    def own(self, wire: Any, base: Any) -> Any:
        return wire

    def outgoing(self, wire: Any, base: Any) -> Any:
        return wire


@pytest.fixture
def kind() -> Callable[..., Tracked]:
    return SmallKind
