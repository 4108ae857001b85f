"""Signs the tokens of forms with Django's SECRET_KEY, by django.core.signing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core import signing

from kustomer_orm._types import JSONObject
from kustomer_orm.errors import ConfigurationError, FormTokenError
from kustomer_orm.forms import MAX_AGE


class FormSigner:
    """The signer of a form class: a token of another one does not pass.

    Keys in SECRET_KEY_FALLBACKS are still taken, and sign nothing.
    """

    def __init__(self, cls: type) -> None:
        self._salt = f"kustomer_orm form {cls.__module__}.{cls.__qualname__}"

    def sign(self, held: JSONObject) -> str:
        """Give the token of an object."""
        return str(signing.dumps(held, salt=self._salt, compress=True))

    def unsign(self, token: str, max_age: float) -> Any:
        """Give the object of a token that is at most so many seconds old."""
        try:
            return signing.loads(token, salt=self._salt, max_age=max_age)
        except signing.SignatureExpired:
            message = "the form was open for too long: show it again"
            raise FormTokenError(message, reason="too old") from None
        except signing.BadSignature:
            message = "the form's token was altered, or signed with another secret key"
            raise FormTokenError(message, reason="altered") from None


def max_age() -> float:
    """Give KUSTOMER_FORM_MAX_AGE, in seconds: how long a form may stay open.

    Raises:
        ConfigurationError: it is neither a number of seconds above 0 nor a timedelta.
    """
    found = getattr(settings, "KUSTOMER_FORM_MAX_AGE", MAX_AGE)
    seconds = found.total_seconds() if isinstance(found, timedelta) else found
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not seconds > 0:
        message = "KUSTOMER_FORM_MAX_AGE must be a number of seconds above 0, or a timedelta"
        raise ConfigurationError(message)
    return seconds
