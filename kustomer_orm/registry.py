"""Which record class stands for which of the API's type strings."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

C = TypeVar("C")


class Registry(Generic[C]):
    """Type strings to classes: the first class of a type, until one is declared its default."""

    def __init__(self) -> None:
        self._classes: dict[str, C] = {}
        self._families: dict[str, Callable[[str], C]] = {}
        self._fallback: C | None = None
        self._lock = threading.Lock()

    def register(self, type_name: str, cls: C, *, default: bool) -> None:
        """Add a class; `default` puts it before those of the same type."""
        with self._lock:
            if default or type_name not in self._classes:
                self._classes[type_name] = cls

    def register_family(self, prefix: str, make: Callable[[str], C]) -> None:
        """Say what makes the class of a type that nobody declared and that begins like this."""
        self._families[prefix] = make

    def register_fallback(self, cls: C) -> None:
        """Say which class stands for the types that nobody declared."""
        self._fallback = cls

    def find(self, type_name: str) -> C:
        """Give the class of a type, else what its family makes, else the fallback.

        Raises:
            LookupError: there is no fallback either.
        """
        found = self._classes.get(type_name)
        if found is not None:
            return found
        for prefix, make in self._families.items():
            if type_name.startswith(prefix):
                return make(type_name)
        found = self._fallback
        if found is None:
            raise LookupError(type_name)
        return found
