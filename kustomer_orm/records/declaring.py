"""What makes a class a record class: no instance dict, and the table of its attributes."""

from __future__ import annotations

from typing import Any

from kustomer_orm._sentinels import MISSING
from kustomer_orm.attributes import Attribute
from kustomer_orm.errors import DeclarationError


class RecordMeta(type):
    """Gives every record class empty `__slots__`: no instance dict, so no stray attribute."""

    def __new__(
        mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **options: Any
    ) -> RecordMeta:
        """Make the class."""
        namespace.setdefault("__slots__", ())
        return super().__new__(mcs, name, bases, namespace, **options)


def collect(cls: type) -> dict[str, Attribute[Any, Any]]:
    """Gather the attributes of a class, those of its bases and mixins included."""
    found: dict[str, Attribute[Any, Any]] = {}
    for base in reversed(cls.__mro__):
        for name, value in vars(base).items():
            if isinstance(value, Attribute):
                found[name] = value
            else:
                found.pop(name, None)
    for name in found:
        if name.startswith("_") or any(_takes(base, name) for base in cls.__mro__):
            message = f"{cls.__name__}.{name}: the name is taken by the record itself"
            raise DeclarationError(message)
    return found


def _takes(base: type, name: str) -> bool:
    own = vars(base).get(name, MISSING)
    return own is not MISSING and isinstance(base, RecordMeta) and not isinstance(own, Attribute)
