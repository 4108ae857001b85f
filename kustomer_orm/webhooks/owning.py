"""Whose event it is: of which organisation, and whether a program with our key has written it.

What is known of ourselves without a request is what the API key says: keys that were seen are
signed tokens with the ids of the organisation and of the key's machine user.
"""

from __future__ import annotations

from kustomer_orm._types import JSON, JSONObject
from kustomer_orm.changes import revision
from kustomer_orm.client import Client
from kustomer_orm.errors import WebhookError
from kustomer_orm.webhooks.naming import before_and_after


def check_organisation(document: JSONObject, client: Client) -> None:
    """Refuse an event of another organisation than the client's, where that can be told.

    By the id that the key names; a key that names none leaves the name, where the event has one
    and the client was made with it (that both are spelled alike is inferred).

    Raises:
        WebhookError: 403.
    """
    ours, theirs = client.config.api_key.claims().get("org"), document.get("org")
    if not (isinstance(ours, str) and isinstance(theirs, str)):
        ours, theirs = client.org, document.get("orgName")
        if not isinstance(theirs, str) or "." in ours or ":" in ours:  # a host, and no name
            return
        ours, theirs = ours.casefold(), theirs.casefold()
    if ours != theirs:
        message = f"the delivery is about another organisation than that of client {client.name!r}"
        raise WebhookError(message, status=403)


def is_own(document: JSONObject, verb: str, client: Client) -> bool:
    """Tell whether the user of the client's key wrote it. True is sure, False is not.

    `modifiedBy` alone does not tell: it stays when somebody adds a tag or a message arrives
    (documented of `modifiedAt`). So `modifiedAt` must have moved, and `rev` by one.
    """
    claims = client.config.api_key.claims()
    user = claims.get("user") or claims.get("id")
    if not isinstance(user, str):
        return False
    if verb == "create":
        return bool(_author(document, "createdBy") == user)
    if before_and_after(document, "modifiedAt") is None:
        return False
    moved = before_and_after(document, "rev")
    if moved is not None:
        old, new = (revision({"rev": side}) for side in moved)
        if old is None or new is None or new != old + 1:
            return False
    elif revision(document["data"]["attributes"]) is not None:
        return False
    return bool(_author(document, "modifiedBy") == user)


def _author(document: JSONObject, name: str) -> JSON:
    found: JSON = document["data"]
    for key in ("relationships", name, "data", "id"):
        found = found.get(key) if isinstance(found, dict) else None
    return found
