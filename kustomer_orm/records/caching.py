"""What the writes of a record do to its client's cache, and to the identity scope that is open."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping

from kustomer_orm._types import JSON, JSONObject, ReadOnlyJSONObject
from kustomer_orm.changes import Extent, same_json
from kustomer_orm.errors import APIError, ConnectionFailedError, NotFoundError
from kustomer_orm.identity import leave_scope
from kustomer_orm.records.core import Core

# The API looked at the request and did nothing: what is kept is as true as it was.
_REFUSED = frozenset((400, 401, 403, 413, 422, 429))


@contextlib.contextmanager
def writing(record: Core) -> Iterator[None]:
    """Write in here: what fails and may have been carried out is not kept any longer."""
    client = record._bound()
    if client.cache.is_on:
        record._extras().begun = client.cache.begin()
    try:
        yield
    except BaseException as error:
        if isinstance(error, NotFoundError):
            forget(record)
        elif not _is_refused(error):
            drop(record)
        raise


def _is_refused(error: BaseException) -> bool:
    if isinstance(error, ConnectionFailedError):
        return True
    # After several attempts an earlier one may have been carried out.
    return isinstance(error, APIError) and error.status in _REFUSED and error.attempts <= 1


@contextlib.contextmanager
def deleting(record: Core) -> Iterator[None]:
    """Delete in here."""
    with writing(record):
        yield
    forget(record)


def wrote(record: Core, resource: JSONObject | None) -> None:
    """Keep what a save has left behind, if the answer shows all of it.

    Args:
        record: the record, after the answer was accepted.
        resource: what came back, None where that cannot be read.
    """
    cache = record._bound().cache
    if not cache.is_on:
        return
    state = record._state
    if resource is None or state.extent is not Extent.WHOLE or not _shows_all(record, resource):
        drop(record)
        return
    document = {
        "type": record.type,
        "id": record.id,
        "attributes": state.attributes,
        "relationships": state.relationships,
    }
    cache.keep_written(document, record._extras().begun)


def _shows_all(record: Core, resource: JSONObject) -> bool:
    """Tell whether an answer says all that the record now takes for true.

    What it leaves out or masks was carried over from an older answer: good enough for the record,
    which knows it had it from there, and not for others.
    """
    state = record._state
    told = resource["attributes"], resource.get("relationships") or {}
    return _same(state.attributes, told[0]) and _same(state.relationships, told[1])


def _same(held: ReadOnlyJSONObject, told: ReadOnlyJSONObject) -> bool:
    return same_json(_set(held), _set(told))


def _set(attributes: ReadOnlyJSONObject) -> JSONObject:
    """Leave out nulls, of the custom attributes too: the API leaves out what is unset."""
    found = {key: value for key, value in attributes.items() if value is not None}
    custom: JSON = found.get("custom")
    if isinstance(custom, Mapping):
        found["custom"] = {key: value for key, value in custom.items() if value is not None}
    return found


def drop(record: Core) -> None:
    """Keep the document of a record no longer."""
    if record.id is not None:
        record._bound().cache.drop(record.type, record.id)


def forget(record: Core) -> None:
    """Let go of a record that is not on the server any more."""
    drop(record)
    leave_scope(record._client, record.type, record.id)
