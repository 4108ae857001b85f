"""The settings of a client: one table of defaults, environment variables and checks.

An argument wins over its variable, a variable over the default.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
import random
import re
import time
from collections.abc import Callable, Mapping, MutableMapping, MutableSequence
from dataclasses import dataclass, field
from typing import Any, NoReturn
from urllib.parse import SplitResult, urlsplit

from kustomer_orm.errors import ConfigurationError, Resolver


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table: the argument, its variable, its default, and how text is read."""

    name: str
    variable: str
    default: Any
    parse: Callable[[str], Any]
    meaning: str


def _flag(text: str) -> bool:
    words = {
        "1": True,
        "true": True,
        "yes": True,
        "0": False,
        "false": False,
        "no": False,
        "": False,
    }
    if text.lower() not in words:
        raise ValueError(text)
    return words[text.lower()]


SETTINGS = (
    Setting("api_key", "KUSTOMER_API_KEY", None, str, "the API key; shown to nobody"),
    Setting("org", "KUSTOMER_ORG", None, str, "the organisation's name, as in its host name"),
    Setting("base_url", "KUSTOMER_BASE_URL", None, str, "another host: a region, or an emulator"),
    Setting(
        "timeout", "KUSTOMER_TIMEOUT", 30.0, float, "seconds to wait for connect and for bytes"
    ),
    Setting("deadline", "KUSTOMER_DEADLINE", 120.0, float, "seconds for a call, retries included"),
    Setting("retry", "KUSTOMER_RETRY", 4, int, "how often a call may be repeated"),
    Setting("rate_limit", "KUSTOMER_RATE_LIMIT", "headers", str, "'headers', 'off' or redis://…"),
    Setting("reserve", "KUSTOMER_RESERVE", 0.02, float, "the share of a budget left to others"),
    Setting("max_wait", "KUSTOMER_MAX_WAIT", None, float, "seconds a call may wait for a budget"),
    Setting("cache", "KUSTOMER_CACHE", None, float, "seconds to keep what was read; off if unset"),
    Setting(
        "conflict",
        "KUSTOMER_CONFLICT",
        "verify",
        str,
        "'none', 'verify', 'careful' or 'strict': see saving beside others",
    ),
    Setting("resolve", "KUSTOMER_RESOLVE", None, str, "'mine' or 'theirs': who wins a conflict"),
    Setting("strict_loading", "KUSTOMER_STRICT_LOADING", False, _flag, "refuse to load on access"),
    Setting("name", "KUSTOMER_NAME", None, str, "the alias that pickled records remember"),
)

CONFLICT_MODES = ("none", "verify", "careful", "strict")
RATE_LIMITS = ("headers", "off")
_REDIS = frozenset(("redis", "rediss", "redis+unix"))

_LOOPBACK = re.compile(r"localhost|127(\.\d{1,3}){3}|::1")
_ORG = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


class APIKey:
    """The key, kept out of every repr, log line and pickle."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Give the key itself: for the `Authorization` header and nothing else."""
        return self._value

    def fingerprint(self, salt: str) -> str:
        """Give 16 digits that tell this key from others and nothing of the key."""
        return hashlib.sha256(f"{salt} {self._value}".encode()).hexdigest()[:16]

    def claims(self) -> dict[str, Any]:
        """Give what the key says of itself, such as `org` and `user`; nothing of it is proven.

        Keys that were seen are signed tokens of three parts; of another one, nothing.
        """
        parts = [_decoded(part) for part in self._value.split(".")[:2]]
        whole = self._value.count(".") == 2 and all(self._value.split("."))
        header, claims = parts if whole else (None, None)
        return {} if header is None or claims is None else claims

    def __repr__(self) -> str:
        return "<api key>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("an API key is not pickled: make the Client anew where it is needed")


def _decoded(part: str) -> dict[str, Any] | None:
    try:
        found = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


class RedisURL:
    """The address of a Redis; its password is kept out of every repr, log line and pickle."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Give the address itself, password included: for the connection and nothing else."""
        return self._value

    def __str__(self) -> str:
        parts = urlsplit(self._value)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"

    def __repr__(self) -> str:
        return f"<{self}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("the address of a Redis is not pickled: it may hold a password")


@dataclass(frozen=True, slots=True)
class Clock:
    """Time and chance, so that tests bring their own.

    Attributes:
        monotonic: seconds that only rise.
        now: seconds since the epoch, UTC.
        sleep: waits a number of seconds.
        random: a number from 0 to 1, for jitter.

    >>> from kustomer_orm import Clock
    >>> waits = []
    >>> clock = Clock(sleep=waits.append, random=lambda: 0.5)  # Client(…, clock=clock)
    >>> clock.sleep(30.0)
    >>> waits
    [30.0]
    """

    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    random: Callable[[], float] = field(default_factory=lambda: random.SystemRandom().random)


@dataclass(frozen=True, slots=True)
class Config:
    """The checked settings of one client."""

    api_key: APIKey
    base_url: str
    org: str
    name: str
    timeout: float
    deadline: float
    retry: int
    rate_limit: str | RedisURL
    reserve: float
    max_wait: float | None
    # It holds customers' data, and is neither hashable nor to be compared.
    cache: float | MutableMapping[Any, Any] | None = field(repr=False, compare=False)
    conflict: str
    resolve: Resolver | None
    strict_loading: bool

    @classmethod
    def from_settings(cls, environ: Mapping[str, str] | None = None, **arguments: Any) -> Config:
        """Take each setting from its argument, its variable or the table, and check it.

        Raises:
            ConfigurationError: a setting is missing or refused; it says which and what to do.
        """
        environ = os.environ if environ is None else environ
        values = {setting.name: _value(setting, arguments, environ) for setting in SETTINGS}
        if arguments.get("org") is not None and arguments.get("base_url") is None:
            values["base_url"] = None  # the code names the organisation: no variable leads astray
        base_url = _base_url(values["base_url"], values["org"])
        org = values["org"] or urlsplit(base_url).netloc
        return cls(
            api_key=_api_key(values["api_key"]),
            base_url=base_url,
            org=org,
            name=values["name"] or org,
            timeout=_positive("timeout", values["timeout"]),
            deadline=_positive("deadline", values["deadline"]),
            retry=_count("retry", values["retry"]),
            rate_limit=_rate_limit(values["rate_limit"]),
            reserve=_share("reserve", values["reserve"]),
            max_wait=_seconds_or_none("max_wait", values["max_wait"]),
            cache=_cache(values["cache"]),
            conflict=conflict_mode(values["conflict"]),
            resolve=checked_resolver(values["resolve"]),
            strict_loading=bool(values["strict_loading"]),
        )


def _value(setting: Setting, arguments: Mapping[str, Any], environ: Mapping[str, str]) -> Any:
    given = arguments.get(setting.name)
    if given is not None:
        return given
    text = environ.get(setting.variable)
    if not text:
        return setting.default
    try:
        return setting.parse(text)
    except ValueError:
        pass
    message = f"{setting.variable} is not readable as a setting: {setting.meaning}"
    raise ConfigurationError(message)


def _api_key(value: Any) -> APIKey:
    if isinstance(value, APIKey):
        return value
    if not isinstance(value, str) or not value:
        raise ConfigurationError("no API key: pass Client(api_key) or set KUSTOMER_API_KEY")
    if not value.isascii() or not value.isprintable() or " " in value:
        raise ConfigurationError(
            "the API key holds a space, a line break or a sign that no key has: pass the key "
            "alone, without 'Bearer'"
        )
    return APIKey(value)


def _base_url(value: Any, org: Any) -> str:
    if value is None:
        if org is None:
            raise ConfigurationError(
                "no organisation: pass Client(org=…) or base_url=…, or set KUSTOMER_ORG"
            )
        if not (isinstance(org, str) and _ORG.fullmatch(org)):
            raise ConfigurationError(
                "org is the first part of your Kustomer host name, such as 'acme' of "
                "acme.api.kustomerapp.com; pass a whole address as base_url"
            )
        return f"https://{org}.api.kustomerapp.com"
    parts = _address(value)
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ConfigurationError("base_url must not hold a user, a password, a query or a fragment")
    if parts.scheme == "http" and not _LOOPBACK.fullmatch(parts.hostname or ""):
        raise ConfigurationError(
            f"plain http to {parts.hostname} would show the API key to the network: use https "
            "(http is for an emulator on this machine)"
        )
    if parts.path.rstrip("/") not in {"", "/v1"}:
        raise ConfigurationError("base_url ends with the host (or /v1): the paths are added to it")
    return f"{parts.scheme}://{parts.netloc}"


def _address(value: Any) -> SplitResult:
    parts = whole = None
    if isinstance(value, str):
        with contextlib.suppress(ValueError):  # a broken IPv6 address, or an impossible port
            parts = urlsplit(value)
            whole = parts.hostname and parts.port != 0
    if parts is None or not whole or parts.scheme not in {"http", "https"}:
        raise ConfigurationError(
            "base_url must be an address such as 'https://api.kustomerapp.com'"
        )
    return parts


def _positive(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < 1e9:
        raise ConfigurationError(f"{name} must be a number of seconds above 0")
    return float(value)


def _count(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ConfigurationError(f"{name} must be a whole number, 0 or above")
    return value


def _cache(value: Any) -> float | MutableMapping[Any, Any] | None:
    """Check the cache: seconds, of which 0 is none, or whatever works as a mutable mapping."""
    if value is None or (value == 0 and type(value) in {int, float}):
        return None
    verbs = ("__getitem__", "__setitem__", "__delitem__", "__iter__")
    works = all(callable(getattr(type(value), verb, None)) for verb in verbs)
    if works and not isinstance(value, MutableSequence):
        return value  # type: ignore[no-any-return]
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < 1e9:
        raise ConfigurationError(
            "cache must be a number of seconds (0 is off) or a mutable mapping, such as a dict or "
            "a cachetools.TTLCache"
        )
    return float(value)


def _share(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < 1:
        raise ConfigurationError(f"{name} must be a share: a number from 0 to below 1")
    return float(value)


def _seconds_or_none(name: str, value: Any) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < 1e9:
        raise ConfigurationError(f"{name} must be a number of seconds, 0 or above")
    return float(value)


def _rate_limit(value: Any) -> str | RedisURL:
    if isinstance(value, RedisURL):
        return value
    if value in RATE_LIMITS:
        return str(value)
    parts = None
    if isinstance(value, str):
        with contextlib.suppress(ValueError):  # a broken IPv6 address, or an impossible port
            parts = urlsplit(value)
            parts = parts if parts.port != 0 else None
    there = parts and (parts.path if parts.scheme == "redis+unix" else parts.hostname)
    if parts is None or not there or parts.scheme not in _REDIS:
        # The value is not repeated: it may hold a password.
        raise ConfigurationError(
            "rate_limit must be 'headers', 'off' or the address of a Redis, such as "
            "'redis://host:6379/0' (rediss:// and redis+unix:// too)"
        )
    return RedisURL(str(value))


def conflict_mode(value: Any) -> str:
    """Check the name of a conflict mode."""
    if value not in CONFLICT_MODES:
        known = ", ".join(map(repr, CONFLICT_MODES))
        raise ConfigurationError(f"conflict must be one of {known}")
    return str(value)


def checked_resolver(value: Any) -> Resolver | None:
    """Check what decides conflicts: a word, a function, or nothing."""
    if not (value is None or callable(value) or value in ("mine", "theirs")):
        raise ConfigurationError(
            "resolve must be 'mine', 'theirs' or a function that takes a FieldConflict and gives "
            "the value to save"
        )
    found: Resolver | None = value
    return found
