"""What forms need to know of an organisation, read now and then: choices, metadata."""

from __future__ import annotations

import logging
import threading
import weakref
from collections.abc import Callable
from typing import Any, TypeVar

from kustomer_orm.client import Client
from kustomer_orm.errors import APIError
from kustomer_orm.metadata import Property
from kustomer_orm.records.reflecting import read_properties

T = TypeVar("T")

_log = logging.getLogger("kustomer_orm")

# Seconds. People join and tags are made now and then, and forms are shown all day.
KEPT = 300.0

_held: weakref.WeakKeyDictionary[Client, dict[str, tuple[float, Any]]]
_held = weakref.WeakKeyDictionary()
_lock = threading.Lock()


def kept(client: Client, key: str, read: Callable[[], T]) -> T:
    """Give what was read in the last five minutes, or read it anew. Thread-safe.

    Where it cannot be read anew, what was read before is better than no form.
    """
    now = client.now()
    with _lock:
        facts = _held.setdefault(client, {})
        until, found = facts.get(key, (now, None))
    if until > now:
        return found  # type: ignore[no-any-return] # what `read` gave for this key
    is_known = key in facts
    try:
        found = read()
    except APIError as error:
        if not is_known:
            raise
        _log.warning("forms show %s as it was read before: %s", key, error)
        return found  # type: ignore[no-any-return] # as above
    with _lock:
        facts[key] = (now + KEPT, found)
    return found


def kept_properties(client: Client, type_name: str) -> list[Property]:
    """Give what the organisation's metadata says of a type, for `fields_of(properties=…)`.

    One request; none for what was read in the last five minutes.

    >>> from kustomer_orm import Client, Conversation
    >>> from kustomer_orm.emulator import Emulator
    >>> from kustomer_orm.forms import fields_of, kept_properties
    >>> with Emulator() as server, Client(server.api_key, base_url=server.url) as client:
    ...     server.world.describe("conversation", sizeStr={"displayName": "Size of the parcel"})
    ...     facts = kept_properties(client, "conversation")
    ...     fields_of(Conversation, ["custom.sizeStr"], properties=facts)[0].label
    'Size of the parcel'

    Raises:
        NotFoundError: the API has no metadata of that type.
    """
    return kept(client, f"the metadata of {type_name}", lambda: read_properties(client, type_name))
