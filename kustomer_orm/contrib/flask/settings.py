"""What `app.config` says of a client: `KUSTOMER_*`, and `KUSTOMER_BINDS` for more of them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from kustomer_orm.config import SETTINGS
from kustomer_orm.errors import ConfigurationError
from kustomer_orm.forms import MAX_AGE

DEFAULT = "default"

# What belongs to one organisation, so that a bind takes none of it from another's settings.
_OWN = frozenset(("api_key", "org", "base_url", "name"))
# What no variable can hold: functions.
_IN_CODE = frozenset(("clock", "on_wait"))
_KNOWN = frozenset(setting.name for setting in SETTINGS) | _IN_CODE

# Our own keys, beside those of the client's settings.
DEFAULTS: Mapping[str, Any] = {
    **{setting.variable: None for setting in SETTINGS},
    "KUSTOMER_BINDS": None,
    "KUSTOMER_CONFLICT_VALUES": False,
    "KUSTOMER_ERROR_HANDLERS": True,
    "KUSTOMER_FORM_MAX_AGE": MAX_AGE,
    "KUSTOMER_IDENTITY_SCOPE": True,
    "KUSTOMER_WEBHOOK_KEY": None,
}


def checked_options(options: Mapping[str, Any], place: str) -> dict[str, Any]:
    """Give the options of a client, all of them known.

    Raises:
        ConfigurationError: there is no such option.
    """
    for name in options:
        if name not in _KNOWN:
            close = get_close_matches(name, _KNOWN, n=1)
            known = ", ".join(sorted(_KNOWN))
            hint = f"did you mean {close[0]!r}?" if close else f"it is one of {known}"
            raise ConfigurationError(f"{place}: no option {name!r}; {hint}")
    return dict(options)


def options_of(
    config: Mapping[str, Any], bind: str, defaults: Mapping[str, Any]
) -> dict[str, Any] | None:
    """Give what a client is made of; None where there is no such bind, or no key for the default.

    Args:
        config: the app's.
        bind: whose: "default", or a key of `KUSTOMER_BINDS`.
        defaults: what the config overrides.

    Raises:
        ConfigurationError: the bind does not say whose it is.
    """
    given = {setting.name: config.get(setting.variable) for setting in SETTINGS}
    options = {**defaults, **{name: value for name, value in given.items() if value is not None}}
    if bind == DEFAULT:
        known = options.get("api_key") or os.environ.get("KUSTOMER_API_KEY")
        return options if known else None
    own = (config.get("KUSTOMER_BINDS") or {}).get(bind)
    return None if own is None else _bound(bind, own, options)


def _bound(bind: str, own: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    place = f"KUSTOMER_BINDS[{bind!r}]"
    own = {name: value for name, value in own.items() if name != "webhook_key"}
    checked = checked_options(own, place)
    if not checked.get("api_key"):
        raise ConfigurationError(
            f"{place} has no 'api_key': each organisation has a key of its own"
        )
    if not checked.get("org"):
        # Without it, the variable KUSTOMER_ORG would name the wrong organisation.
        raise ConfigurationError(f"{place} has no 'org': name the organisation")
    shared = {name: value for name, value in options.items() if name not in _OWN}
    return {**shared, "name": checked["org"], **checked}


def webhook_key_of(config: Mapping[str, Any], bind: str) -> str | Sequence[str]:
    """Give the key, or the keys, that the webhooks of an organisation are signed with.

    Raises:
        ConfigurationError: none is configured.
    """
    if bind == DEFAULT:
        name = "KUSTOMER_WEBHOOK_KEY"
        key = config.get(name) or os.environ.get(name)
        place = f"app.config[{name!r}] or the variable {name}"
    else:
        key = (config.get("KUSTOMER_BINDS") or {}).get(bind, {}).get("webhook_key")
        place = f"KUSTOMER_BINDS[{bind!r}]['webhook_key']"
    if not key:
        raise ConfigurationError(f"no key for webhooks: set {place} to the token of the webhook")
    found: str | Sequence[str] = key
    return found


def bind_names(config: Mapping[str, Any]) -> list[str]:
    """List the binds that the config knows, the default aside.

    Raises:
        ConfigurationError: a bind takes the default's name, or they are no mapping.
    """
    binds = config.get("KUSTOMER_BINDS") or {}
    if not isinstance(binds, Mapping) or not all(
        isinstance(each, Mapping) for each in binds.values()
    ):
        raise ConfigurationError(
            "KUSTOMER_BINDS must be a mapping of names to options: {'eu': {'api_key': …, 'org': …}}"
        )
    if DEFAULT in binds:
        raise ConfigurationError(
            "KUSTOMER_BINDS holds 'default': the default client is set by KUSTOMER_API_KEY and "
            "KUSTOMER_ORG"
        )
    return list(binds)
