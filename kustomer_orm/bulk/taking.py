"""What a bulk save takes: several records, and options by their names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from kustomer_orm.errors import ConfigurationError, InvalidValueError

T = TypeVar("T")

OPTIONS = ("conflict", "journal", "progress", "timeout", "total")


def several(verb: str, what: str, given: Iterable[T]) -> Iterable[T]:
    """Refuse one record, id or mapping where several are taken, before anything is sent.

    >>> several("Note.delete_all", "record", "58228e05d4e96711004eccb7")
    Traceback (most recent call last):
        ...
    kustomer_orm.errors.InvalidValueError: Note.delete_all: expected several: \
Note.delete_all([record]), got one
    """
    one = isinstance(given, (str, bytes, Mapping))
    if one or not isinstance(given, Iterable):
        raise InvalidValueError.of(verb, expected=f"several: {verb}([{what}])", got="one")
    return given


def named(values: Mapping[Any, Any]) -> Mapping[str, Any]:
    """Refuse values that have no names, or the one that Python keeps for itself.

    >>> named({1: "Jane"})
    Traceback (most recent call last):
        ...
    kustomer_orm.errors.InvalidValueError: create_all: expected values by their attributes' names, \
got a key of type int
    """
    for key in values:
        if not isinstance(key, str) or key == "self":
            got = "'self'" if key == "self" else f"a key of type {type(key).__name__}"
            expected = "values by their attributes' names"
            raise InvalidValueError.of("create_all", expected=expected, got=got)
    return values


def check_options(options: Mapping[str, Any]) -> None:
    """Refuse an option that a bulk save does not have, or whose value it cannot use.

    Raises:
        ConfigurationError: it does not have it, or takes another value.
    """
    unknown = sorted(options.keys() - set(OPTIONS))
    if unknown:
        names = ", ".join(unknown)
        message = f"bulk takes no option {names}; it takes {', '.join(OPTIONS)}"
        raise ConfigurationError(message)
    for name, kinds in {"timeout": (int, float), "total": (int,)}.items():
        value = options.get(name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, kinds)):
            raise ConfigurationError(f"{name} is a number, not a {type(value).__name__}")
        if value is not None and not value >= 0:
            raise ConfigurationError(f"{name} is 0 or more")
