"""Who may pass: size, region, token, budget and roles of a request, checked in this order.

That order is inferred from the request diagram of the rewritten documentation.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Collection
from fnmatch import fnmatchcase

from kustomer_orm.emulator.answers import TITLES, Problem, RefusedError
from kustomer_orm.emulator.behaviour import Behaviour
from kustomer_orm.emulator.exchange import Exchange
from kustomer_orm.emulator.limits import Limits
from kustomer_orm.emulator.rules import data


class Gate:
    """Lets a request through or refuses it."""

    def __init__(self, *, api_key: str, behaviour: Behaviour, limits: Limits) -> None:
        self._api_key = api_key
        self._behaviour = behaviour
        self._limits = limits

    def check_size(self, exchange: Exchange) -> None:
        """Refuse an address or a body that is too long."""
        if len(exchange.target) > self._behaviour.max_url:
            raise RefusedError(414)
        if len(exchange.raw) > self._behaviour.max_body:
            raise RefusedError(413)

    def check_token(self, exchange: Exchange) -> None:
        """Refuse another key than ours, and a key of another region with its own sentence."""
        here, there = self._behaviour.pod, self._behaviour.token_pod
        if here != there:
            text = f"Auth token associated with pod {there} but request is being handled by {here}"
            raise RefusedError(self._behaviour.wrong_pod_status, Problem(text))
        given = exchange.headers.get("Authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {self._api_key}".encode()):
            raise RefusedError(401)
        self._limits.take()
        if exchange.is_search:
            self._limits.take_search()

    def check_roles(self, exchange: Exchange, path: str) -> None:
        """Refuse a key that holds none of the roles the route asks for."""
        held = self._behaviour.roles
        if held is None:
            return
        needed = _needed_roles(exchange.method, path)
        if needed and not any(_holds(held, role) for role in needed):
            status = self._behaviour.missing_role_status
            raise RefusedError(status, Problem(TITLES[status], detail=f"any of {needed}"))


def make_api_key(*, org: str, org_id: str, user_id: str, roles: Collection[str]) -> str:
    """A key that looks like the real ones: a signed token of a machine user."""
    claims = {
        "id": user_id,
        "user": user_id,
        "org": org_id,
        "orgName": org,
        "userType": "machine",
        "roles": sorted(roles),
        "aud": "urn:consumer",
        "iss": "urn:api",
        "sub": user_id,
    }
    signed = f"{_part({'alg': 'HS256', 'typ': 'JWT'})}.{_part(claims)}"
    digest = hmac.digest(b"kustomer_orm emulator", signed.encode(), hashlib.sha256)
    return f"{signed}.{_text(digest)}"


def _part(claims: object) -> str:
    return _text(json.dumps(claims, separators=(",", ":")).encode())


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _needed_roles(method: str, path: str) -> list[str]:
    for row in data("roles")["rows"]:
        if method in row["methods"] and fnmatchcase(path, row["path"]):
            roles: list[str] = row["roles"]
            return roles
    return []


def _holds(held: Collection[str], role: str) -> bool:
    return any(role == mine or role.startswith(f"{mine}.") for mine in held)
