"""Tells Kustomer's deliveries from everybody else's: size first, then the signature.

Documented: `X-Kustomer-Webhook-Signature` is the lower-case hex HMAC-SHA256 of the raw body, keyed
with the `token` of the webhook.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable
from typing import NoReturn

from kustomer_orm.errors import ConfigurationError, WebhookError

SIGNATURE_HEADER = "X-Kustomer-Webhook-Signature"
EVENT_HEADER = "X-Kustomer-Webhook-Event"

# Nothing is documented. A record that the API takes is below 100 kB, and `changes` may show it
# twice more.
MAX_SIZE = 1_000_000

_HEX = re.compile(rb"[0-9a-f]{64}")


class Keys:
    """The keys of a webhook, kept out of every repr, log line and pickle."""

    __slots__ = ("_keys",)

    def __init__(self, key: str | Iterable[str]) -> None:
        keys = [key] if isinstance(key, str) else list(key)
        good = bool(keys) and all(isinstance(each, str) and each.strip() for each in keys)
        self._keys = [each.encode() for each in keys] if good else []

    def refuse_none(self) -> None:
        """Refuse to work without a key, or with an empty one, by which anybody could sign.

        Raises:
            ConfigurationError: there is none, or one of them is no key.
        """
        if not self._keys:
            raise ConfigurationError(
                "the key of a webhook is its token, a text that is not empty, or several of them "
                "while it is changed: KUSTOMER_WEBHOOK_KEY in Flask and in the environment, "
                "WEBHOOK_KEY in Django's setting KUSTOMER"
            )

    def check(self, body: bytes, signature: str | None, max_size: int) -> None:
        """Refuse a body that is too large or not signed with one of the keys.

        Raises:
            WebhookError: 413 or 403.
        """
        check_size(body, max_size)
        given = signature.encode("utf-8", "replace") if isinstance(signature, str) else b""
        good = _HEX.fullmatch(given) is not None and self._fits(body, given)
        if not good:
            raise WebhookError(
                f"the delivery is not signed with the webhook's key: is {SIGNATURE_HEADER} handed "
                "on, and is the body the raw bytes as they came?",
                status=403,
            )

    def _fits(self, body: bytes, given: bytes) -> bool:
        # Every key is tried, so that the time it takes does not tell which one it was.
        matches = [hmac.compare_digest(_signed(body, key), given) for key in self._keys]
        return any(matches)

    def __repr__(self) -> str:
        return f"<{len(self._keys)} webhook keys>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("the keys of a webhook are not pickled: take them from the settings")


def verify(
    body: bytes,
    signature: str | None,
    key: str | Iterable[str],
    *,
    max_size: int = MAX_SIZE,
) -> None:
    """Refuse a delivery that is too large or not signed with one of the keys. No request.

    The size is looked at before anything else, and digests are compared in constant time. It says
    nothing of a delivery that was caught and is sent again: `Receiver` discards those.

    Args:
        body: the raw bytes of the request's body, before anybody has parsed them.
        signature: the value of `X-Kustomer-Webhook-Signature`; None where the header is missing.
        key: the webhook's token, or several while one takes the place of another.
        max_size: bytes of a body above which nothing is computed.

    Raises:
        WebhookError: `status` is 413 for a body that is too large, 403 for a wrong signature. It
            shows neither key nor body.
        ConfigurationError: there is no key, an empty one, or the body is no bytes.

    >>> from kustomer_orm.webhooks import sign, verify
    >>> verify(b"{}", sign(b"{}", "token"), "token")
    >>> verify(b"{} ", sign(b"{}", "token"), "token")
    Traceback (most recent call last):
    ...
    kustomer_orm.errors.WebhookError: the delivery is not signed with the webhook's key: is
    X-Kustomer-Webhook-Signature handed on, and is the body the raw bytes as they came?
    """
    keys = Keys(key)
    del key  # an error page shows the local variables of every function on the way
    keys.refuse_none()
    keys.check(body, signature, max_size)


def sign(body: bytes, key: str) -> str:
    """Give the signature of a body, as Kustomer makes it: for your own tests.

    >>> sign(b"{}", "token")[:8]
    '5c88aa97'
    """
    return _signed(body, key.encode()).decode()


def check_size(body: bytes, max_size: int) -> None:
    """Refuse what is no bytes, and what is too large.

    Raises:
        ConfigurationError: it is no bytes.
        WebhookError: 413.
    """
    if not isinstance(body, bytes):
        raise ConfigurationError(
            "a delivery is verified by its raw bytes, as they came: request.body in Django, "
            "request.get_data() in Flask"
        )
    if len(body) > max_size:
        raise WebhookError(
            f"the delivery has {len(body)} bytes and at most {max_size} are taken", status=413
        )


def _signed(body: bytes, key: bytes) -> bytes:
    return hmac.digest(key, body, hashlib.sha256).hex().encode()
