"""What may stand in the setting KUSTOMER, and how it becomes the arguments of a client."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeGuard
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from kustomer_orm._names import closest
from kustomer_orm.config import SETTINGS
from kustomer_orm.contrib.django.caching import mapping_of
from kustomer_orm.errors import ConfigurationError

DEFAULT = "default"

_ARGUMENTS = {setting.name.upper(): setting.name for setting in SETTINGS}
# CACHE may be the alias of a Django cache, which keeps documents for CACHE_TIMEOUT seconds;
# WEBHOOK_KEY is the token by which Kustomer signs its webhooks, or a list of them.
OPTIONS = frozenset((*_ARGUMENTS, "CACHE_TIMEOUT", "WEBHOOK_KEY"))


def configured() -> Mapping[str, Mapping[str, Any]]:
    """Give the setting KUSTOMER; without one, a default that the environment says all of.

    Raises:
        ConfigurationError: it is not a dict of dicts.
    """
    found = getattr(settings, "KUSTOMER", {DEFAULT: {}})
    if is_sound(found):
        return found
    raise ConfigurationError("the setting KUSTOMER must be a dict of dicts: {'default': {…}}")


def is_sound(found: Any) -> TypeGuard[Mapping[str, Mapping[str, Any]]]:
    """Tell whether the setting has its shape: dicts by alias."""
    return isinstance(found, Mapping) and all(
        isinstance(alias, str) and isinstance(options, Mapping) for alias, options in found.items()
    )


def is_configured() -> bool:
    """Tell whether the setting has its shape, or is left to the environment."""
    return is_sound(getattr(settings, "KUSTOMER", {}))


def options_of(alias: str) -> Mapping[str, Any]:
    """Give the options of an alias.

    Raises:
        ConfigurationError: no such alias; it names the known ones.
    """
    known = configured()
    if alias in known:
        return known[alias]
    names = ", ".join(map(repr, known)) or "none"
    raise ConfigurationError(f"the setting KUSTOMER has no {alias!r}; it has {names}")


def arguments_of(alias: str) -> dict[str, Any]:
    """Give what `Client` is made with.

    The alias is the name by which pickled records find their client. The environment completes
    the options; who is asked and by what key it tells for "default" only.

    Raises:
        ConfigurationError: no such alias, an option is unknown, or one that is needed is missing.
    """
    options = options_of(alias)
    unknown = [name for name in options if name not in OPTIONS]
    if unknown:
        raise ConfigurationError(f"KUSTOMER[{alias!r}]: {unknown_option(unknown[0])}")
    lacking = lacks(alias, options)
    if lacking:
        raise ConfigurationError(f"KUSTOMER[{alias!r}]: {lacking[0]}")
    arguments = {
        argument: options[name] for name, argument in _ARGUMENTS.items() if name in options
    }
    arguments["name"] = options.get("NAME") or alias
    if alias != DEFAULT and not options.get("ORG"):
        # Else KUSTOMER_ORG, which is that of "default", would be taken.
        arguments["org"] = urlsplit(options["BASE_URL"]).netloc
    if "cache" in arguments:
        arguments["cache"] = cache_of(options)
    if "resolve" in arguments:
        arguments["resolve"] = resolver_of(options["RESOLVE"])
    return arguments


def unknown_option(name: Any) -> str:
    """Say that an option is unknown, and which one may be meant."""
    near = closest(name.upper(), OPTIONS) if isinstance(name, str) else None
    hint = f"; did you mean {near!r}?" if near else ""
    return f"there is no option {name!r}{hint}"


def lacks(alias: str, options: Mapping[str, Any]) -> list[str]:
    """List what an alias must say itself, since the environment speaks of "default"."""
    if alias == DEFAULT:
        return []
    found = []
    if not options.get("API_KEY"):
        found.append("it has no API_KEY, and only 'default' takes KUSTOMER_API_KEY")
    if not options.get("ORG") and not options.get("BASE_URL"):
        found.append("it has neither ORG nor BASE_URL, and only 'default' takes KUSTOMER_ORG")
    return found


def cache_of(options: Mapping[str, Any]) -> Any:
    """Give the `cache` of a client: seconds, a mapping, or that of a Django cache's alias.

    Raises:
        ConfigurationError: there is no cache of that alias.
    """
    cache = options["CACHE"]
    return mapping_of(cache, options.get("CACHE_TIMEOUT")) if isinstance(cache, str) else cache


def resolver_of(value: Any) -> Any:
    """Give the `resolve` of a client: a word, a function, or the one at a dotted path.

    Raises:
        ConfigurationError: nothing is there.
    """
    if not isinstance(value, str) or "." not in value:
        return value
    return imported("RESOLVE", value)


def imported(name: str, path: Any) -> Any:
    """Give what is at a dotted path.

    Raises:
        ConfigurationError: nothing is there.
    """
    try:
        return import_string(path) if isinstance(path, str) else path
    except (ImportError, ImproperlyConfigured) as error:
        raise ConfigurationError(f"{name} cannot be imported: {error}") from error
