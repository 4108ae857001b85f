"""Signs the tokens of forms with the app's secret key, by itsdangerous."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import Flask
from itsdangerous import BadData, SignatureExpired, URLSafeTimedSerializer

from kustomer_orm._types import JSONObject
from kustomer_orm.errors import ConfigurationError, FormTokenError
from kustomer_orm.records import Record


class FormSigner:
    """The signer of an app for the forms of one record class.

    The salt is of this class, so that neither a session cookie nor a form of another one passes.
    Keys in `SECRET_KEY_FALLBACKS` are still taken, and sign nothing.
    """

    def __init__(self, app: Flask, cls: type[Record]) -> None:
        self._serializer = URLSafeTimedSerializer(
            _keys(app),
            salt=f"kustomer_orm form of {cls.type} {cls.__name__}",
            signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
        )

    def sign(self, held: JSONObject) -> str:
        """Give the token of an object."""
        token = self._serializer.dumps(held)
        return token if isinstance(token, str) else token.decode()

    def unsign(self, token: str, max_age: float) -> Any:
        """Give the object of a token that is at most so many seconds old."""
        try:
            return self._serializer.loads(token, max_age=int(max_age))
        except SignatureExpired:
            message = "the form was open for too long: show it again"
            raise FormTokenError(message, reason="too old") from None
        except BadData:
            message = "the form's token was altered, or signed with another secret key"
            raise FormTokenError(message, reason="altered") from None


def _keys(app: Flask) -> list[bytes]:
    """Give the keys, the one that signs last.

    Raises:
        ConfigurationError: the app has none.
    """
    if not app.secret_key:
        raise ConfigurationError(
            f"the app {app.name!r} has no secret key to sign forms with: set "
            "app.config['SECRET_KEY'] to what `python -c 'import secrets; "
            "print(secrets.token_hex())'` prints, the same in every process"
        )
    keys = [*(app.config.get("SECRET_KEY_FALLBACKS") or ()), app.secret_key]
    return [key.encode() if isinstance(key, str) else key for key in keys]
