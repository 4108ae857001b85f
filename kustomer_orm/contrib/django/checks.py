"""System checks: everything that is wrong with the settings, one message for each, never a key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning  # noqa: A004 - Django's name for it
from django.utils.module_loading import import_string

from kustomer_orm.config import SETTINGS, Config
from kustomer_orm.contrib.django.form_signing import max_age
from kustomer_orm.contrib.django.middleware import KustomerMiddleware, router
from kustomer_orm.contrib.django.options import (
    DEFAULT,
    OPTIONS,
    arguments_of,
    cache_of,
    is_sound,
    lacks,
    resolver_of,
    unknown_option,
)
from kustomer_orm.errors import ConfigurationError

_SETTINGS = {setting.name.upper(): setting for setting in SETTINGS}
_WHERE = frozenset(("ORG", "BASE_URL"))
_HTTPS = "An emulator on this machine may be asked by http; everything else needs https."


def check_settings(app_configs: Any, **options: Any) -> list[CheckMessage]:  # noqa: ARG001 - Django's
    """Check the setting KUSTOMER: every option of every alias."""
    found = getattr(settings, "KUSTOMER", {DEFAULT: {}})
    if not is_sound(found):
        hint = "KUSTOMER = {'default': {'API_KEY': …, 'ORG': …}}"
        return [
            Error("The setting KUSTOMER is not a dict of dicts.", hint=hint, id="kustomer.E001")
        ]
    messages: list[CheckMessage] = []
    if DEFAULT not in found:
        hint = "Code that names no alias uses 'default'."
        messages.append(Error("KUSTOMER has no 'default'.", hint=hint, id="kustomer.E002"))
    for alias, given in found.items():
        problems = list(_problems(alias, given))
        messages += problems or _as_a_whole(alias)
    return messages


def _problems(alias: str, given: Mapping[str, Any]) -> Iterator[CheckMessage]:
    """Look at each option by itself: a client would stop at the first that is wrong."""
    place = f"KUSTOMER[{alias!r}]"
    for lacking in lacks(alias, given):
        id_ = "kustomer.E003" if "API_KEY," in lacking else "kustomer.E004"
        yield Error(f"{place}: {lacking}.", id=id_)
    for name, value in given.items():
        if name not in OPTIONS:
            yield Error(f"{place}: {unknown_option(name)}", id="kustomer.E005")
        elif value is not None:
            yield from _refused(f"{place}[{name!r}]", name, value, given)


def _refused(place: str, name: str, value: Any, given: Mapping[str, Any]) -> Iterator[CheckMessage]:
    """Say why the value of one option is refused, if it is."""
    try:
        if name == "WEBHOOK_KEY":
            _refuse_webhook_key(value)
        elif name == "CACHE_TIMEOUT":
            _refuse_seconds(value)
        else:
            _check_alone(name, value, given)
    except ConfigurationError as error:
        if name == "API_KEY":
            yield Error(f"{place}: {error}", id="kustomer.E003")
        elif name in _WHERE:
            hint = _HTTPS if "plain http" in str(error) else None
            yield Error(f"{place}: {error}", hint=hint, id="kustomer.E004")
        else:
            id_ = "kustomer.E007" if name == "CACHE" and isinstance(value, str) else "kustomer.E006"
            yield Error(f"{place}: {error}", id=id_)


def _check_alone(name: str, value: Any, given: Mapping[str, Any]) -> None:
    if name == "CACHE":
        value = cache_of(given)
    if name == "RESOLVE":
        value = resolver_of(value)
    rest = {"api_key": "checked-by-itself", "org": "checked"}
    Config.from_settings({}, **{**rest, _SETTINGS[name].name: value})


def _refuse_webhook_key(value: Any) -> None:
    keys = [value] if isinstance(value, str) else value
    if not isinstance(keys, (list, tuple)) or not keys:
        raise ConfigurationError("must be the token of the webhook, or a list of tokens")
    if not all(isinstance(key, str) and key for key in keys):
        raise ConfigurationError("must be tokens: strings that are not empty")


def _refuse_seconds(value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < 1e9:
        raise ConfigurationError("must be a number of seconds above 0")


def _as_a_whole(alias: str) -> list[CheckMessage]:
    """Look at all the options of an alias together with the environment."""
    try:
        Config.from_settings(**arguments_of(alias))
    except ConfigurationError as error:
        said = str(error)
        ids = {"no API key": "kustomer.E003", "no organisation": "kustomer.E004"}
        id_ = next((id_ for words, id_ in ids.items() if said.startswith(words)), "kustomer.E006")
        hint = "Give API_KEY and ORG there, or in the environment."
        return [Error(f"KUSTOMER[{alias!r}]: {said}", hint=hint, id=id_)]
    return []


def check_middleware(app_configs: Any, **options: Any) -> list[CheckMessage]:  # noqa: ARG001 - Django's
    """Warn where requests get no client and no identity scope of their own."""
    if any(_is_ours(path) for path in settings.MIDDLEWARE):
        return []
    needed = " KUSTOMER_ROUTER has no effect." if getattr(settings, "KUSTOMER_ROUTER", None) else ""
    message = f"KustomerMiddleware is not in MIDDLEWARE: requests have no identity scope.{needed}"
    hint = "Add 'kustomer_orm.contrib.django.middleware.KustomerMiddleware', or silence this."
    return [Warning(message, hint=hint, id="kustomer.W001")]


def _is_ours(path: str) -> bool:
    try:
        found = import_string(path)
    except ImportError:
        return False  # Django says that itself
    return isinstance(found, type) and issubclass(found, KustomerMiddleware)


def check_router(app_configs: Any, **options: Any) -> list[CheckMessage]:  # noqa: ARG001 - Django's
    """Check that KUSTOMER_ROUTER names a function."""
    try:
        router()
    except ConfigurationError as error:
        return [Error(str(error), id="kustomer.E008")]
    return []


def check_form_max_age(app_configs: Any, **options: Any) -> list[CheckMessage]:  # noqa: ARG001 - Django's
    """Check how long forms may stay open."""
    try:
        max_age()
    except ConfigurationError as error:
        return [Error(str(error), id="kustomer.E009")]
    return []
