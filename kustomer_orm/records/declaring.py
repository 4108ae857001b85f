"""What makes a class a record class: what it declares, and the table of its attributes."""

from __future__ import annotations

from typing import Any, ClassVar

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


class Declared(metaclass=RecordMeta):
    """What a resource file says of its noun, beside the attributes."""

    type: ClassVar[str] = ""
    path: ClassVar[str] = ""
    update_method: ClassVar[str] = "PATCH"
    update_content_type: ClassVar[str] = "application/json"
    required: ClassVar[tuple[str, ...]] = ()
    read_only: ClassVar[bool] = False
    abstract: ClassVar[str] = ""  # of a class without a path: what to use in its place
    deletes: ClassVar[bool] = True
    takes_rev: ClassVar[bool] = True
    together: ClassVar[tuple[str, ...]] = ()  # what an update takes only with the others of them
    always: ClassVar[tuple[str, ...]] = ()  # what every update takes along
    kept: ClassVar[tuple[str, ...]] = ()  # what some servers clear when it is left out
    by_put: ClassVar[tuple[str, ...]] = ()  # what only PUT takes where PATCH is the update
    variants: ClassVar[Any] = None  # the `Variants` that differ in what they take
    shows_ids: ClassVar[bool] = True  # whether each one in every list tells its id
    keeps_beside: ClassVar[bool] = False  # whether links and meta of an answer are kept
    look_ups: ClassVar[dict[str, str]] = {}
    filters: ClassVar[dict[str, str]] = {}
    filters_alone: ClassVar[bool] = False
    size_key: ClassVar[str] = "pageSize"
    bulk: ClassVar[tuple[str, ...]] = ()  # of "create", "update" and "delete", what bulk does
    bulk_lacks: ClassVar[tuple[str, ...]] = ()  # the attributes that an update in bulk lacks
    history: ClassVar[dict[str, str]] = {}
    bookkeeping: ClassVar[frozenset[str]] = frozenset(("rev", "updatedAt", "modifiedAt"))


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
