"""The string formats of the contract, as checkers for jsonschema."""

import re
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit

from jsonschema import FormatChecker

OBJECT_ID = re.compile(r"[0-9a-f]{24}\Z", re.IGNORECASE)
_DATE_TIME = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)\Z", re.ASCII
)
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+\Z")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\Z")
_PHONE = re.compile(r"\+?[0-9][0-9 ().-]{2,30}\Z")


def is_object_id(value: object) -> bool:
    """Whether a value is 24 hex digits."""
    return isinstance(value, str) and OBJECT_ID.match(value) is not None


def parsed_time(text: str) -> datetime | None:
    """The moment an RFC 3339 text names, None if it is none."""
    match = _DATE_TIME.match(text)
    if match is None:
        return None
    fraction = (match[1] or ".")[1:7].ljust(6, "0")
    zone = "+00:00" if match[2] in "Zz" else match[2]
    try:
        return datetime.fromisoformat(f"{text[:10]}T{text[11:19]}.{fraction}{zone}")
    except ValueError:
        return None


def is_uri(text: str) -> bool:
    """Whether a text is an absolute URI."""
    if _URI.match(text) is None:
        return False
    try:
        urlsplit(text)
    except ValueError:
        return False
    return True


def format_checker() -> FormatChecker:
    """Checkers for the formats the contract names; values that are no text are left to `type`.

    The exact rules behind `email-relaxed`, `phone-number` and `whatsapp-number` are not
    published: ours are loose on purpose.
    """
    checker = FormatChecker(formats=())
    rules: dict[str, Callable[[str], bool]] = {
        "object-id": is_object_id,
        "date-time": lambda text: parsed_time(text) is not None,
        "uri": is_uri,
        "url": is_uri,
        "email-relaxed": lambda text: _EMAIL.match(text) is not None,
        "phone-number": lambda text: _PHONE.match(text) is not None,
        "whatsapp-number": lambda text: _PHONE.match(text.removeprefix("whatsapp:")) is not None,
    }
    for name, rule in rules.items():
        checker.checks(name)(_texts_only(rule))
    return checker


def _texts_only(rule: Callable[[str], bool]) -> Callable[[object], bool]:
    return lambda value: not isinstance(value, str) or rule(value)
