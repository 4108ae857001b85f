"""What the writes of a record do to its client's cache, and to the identity scope that is open."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping

from kustomer_orm._types import JSON, JSONObject, ReadOnlyJSONObject
from kustomer_orm.changes import Extent, State, is_masked, same_json
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
        if isinstance(error, NotFoundError) and _is_about_itself(error):
            forget(record)
        elif not _is_refused(error):
            drop(record)
        raise


def _is_about_itself(error: NotFoundError) -> bool:
    """Tell whether the record is gone, rather than something that it was to refer to."""
    named = {detail.parameter for detail in error.details if detail.parameter}
    return error.method == "DELETE" or not named or "id" in named


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


def wrote(record: Core, before: State, resource: JSONObject | None) -> None:
    """Keep the answer to a save, if it shows all that is known of the record.

    Args:
        record: the record, after the answer was accepted.
        before: its baseline until then.
        resource: what came back, None where that cannot be read.
    """
    cache = record._bound().cache
    if not cache.is_on:
        return
    if resource is None or not _shows_all(record, before, resource):
        drop(record)
    else:
        cache.keep_written(resource, record._extras().begun)


def _shows_all(record: Core, before: State, resource: JSONObject) -> bool:
    """Tell whether an answer says all that the record now takes for true.

    What it leaves out was carried over from an older answer, and nobody knows whether it still
    holds; what it masks was to be seen before. Of a record that was known in part, nobody knows
    what is left out.
    """
    state = record._state
    if state.extent is not Extent.WHOLE:
        return False
    told = resource["attributes"], resource.get("relationships") or {}
    if not same_json(_set(state.attributes), _set(told[0])):
        return False
    hides = _hides(before.attributes, told[0]) or _hides(before.relationships, told[1])
    return same_json(_set(state.relationships), _set(told[1])) and not hides


def _hides(old: ReadOnlyJSONObject, new: ReadOnlyJSONObject) -> bool:
    """Tell whether something was to be seen and is masked now, one custom attribute included."""
    known, custom = old.get("custom"), new.get("custom")
    if isinstance(known, dict) and isinstance(custom, dict) and _hides(known, custom):
        return True
    return any(is_masked(new.get(key)) and not is_masked(value) for key, value in old.items())


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
