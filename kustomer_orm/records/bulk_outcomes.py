"""Settles the records of one bulk job: by what the job tells, and else by what the server holds."""

from __future__ import annotations

from typing import Any

from kustomer_orm._types import JSONObject
from kustomer_orm.bulk import BulkFailure, BulkResult, Job, Outcome
from kustomer_orm.client import Client
from kustomer_orm.errors import APIError, KustomerError, OutcomeUnknownError
from kustomer_orm.records.bulk_items import (
    Item,
    accept_done,
    match_new,
    put_in_doubt,
    refusal,
    wrote,
)
from kustomer_orm.records.core import Core
from kustomer_orm.records.finding import Finder

# How often records are looked at where no job tells.
MOST_LOOKS = 4


def settle_job(
    cls: type[Core],
    client: Client,
    items: list[Item],
    job: Job,
    result: BulkResult,
    *,
    error: KustomerError | None = None,
) -> None:
    """Settle every record of a job; a baseline moves only where the item succeeded.

    Args:
        cls: the class of the records.
        client: the client.
        items: what the job carried, in order.
        job: what it told.
        result: where it is noted.
        error: why nobody knows of the job, where no answer came.
    """
    left: list[Item] = []
    for place, item in enumerate(items):
        outcome = job.outcomes[place]
        id_ = job.ids.get(place)
        if outcome is Outcome.FAILED:
            failure = refusal(item, job.errors.get(place, ""))
            result.failed.append(BulkFailure(item.record, failure))
        elif outcome is Outcome.DONE and not (item.is_new and id_ is None):
            _done(item, id_, result)
        else:
            left.append(item)
    updates = [item for item in left if not item.is_new]
    if not job.complete:
        updates = _wait_for_updates(cls, client, updates, result)
    _look_at_updates(cls, client, updates, result, error or _unfinished(job))
    _look_for_new(cls, client, [item for item in left if item.is_new], job, result, error=error)


def _done(
    item: Item, id_: str | None, result: BulkResult, resource: JSONObject | None = None
) -> None:
    new = item.is_new
    accept_done(item, id_, resource)
    (result.created if new else result.saved).append(str(item.record.id))


def _unknown(item: Item, result: BulkResult, error: KustomerError | None) -> None:
    result.unknown.append(BulkFailure(item.record, put_in_doubt(item, error)))


def _unfinished(job: Job) -> KustomerError | None:
    """Say that a job may still be at it, unless it is done."""
    if job.complete:
        return None
    return OutcomeUnknownError(f"bulk job {job.id or 'without an id'} does not say that it is done")


def _wait_for_updates(
    cls: type[Core], client: Client, items: list[Item], result: BulkResult
) -> list[Item]:
    """Look a few times, further apart, where no job tells; give the items that did not arrive."""
    for attempt in range(1, MOST_LOOKS):
        if not items:
            break
        found = _read(cls, client, [str(item.record.id) for item in items]) or {}
        left: list[Item] = []
        for item in items:
            resource = found.get(str(item.record.id))
            if resource is not None and wrote(item, resource):
                _done(item, None, result, resource)
            else:
                left.append(item)
        items = left
        if items:
            client.pause(attempt)
    return items


def _look_at_updates(
    cls: type[Core],
    client: Client,
    items: list[Item],
    result: BulkResult,
    error: KustomerError | None,
) -> None:
    """Read the records back, one request for 100, and compare them with what was sent."""
    if not items:
        return
    found = _read(cls, client, [str(item.record.id) for item in items]) or {}
    for item in items:
        resource = found.get(str(item.record.id))
        written = None if resource is None else wrote(item, resource)
        if written and resource is not None:
            _done(item, None, result, resource)
        elif written is False and error is None:
            failure = refusal(item, "the job is done, and the record is as it was")
            result.failed.append(BulkFailure(item.record, failure))
        else:
            _unknown(item, result, error)


def _read(cls: type[Core], client: Client, ids: list[str]) -> dict[str, JSONObject] | None:
    """Read records by their ids; None where that went wrong."""
    try:
        return {each["id"]: each for each in Finder(cls, client).fetch_many(ids)}
    except APIError:
        return None


def _look_for_new(
    cls: type[Core],
    client: Client,
    items: list[Item],
    job: Job,
    result: BulkResult,
    *,
    error: KustomerError | None,
) -> None:
    """Find what creations made: among the objects that the job names, else by external id."""
    found = _read(cls, client, job.objects) if items and job.objects else None
    matched = match_new(items, list((found or {}).values()))
    for place, item in enumerate(items):
        resource = matched.get(place) or _by_key(cls, client, item)
        if resource is not None:
            _done(item, resource["id"], result, resource)
        elif job.complete and job.objects and place not in matched:
            failure = refusal(item, "the job is done, and made no such record")
            result.failed.append(BulkFailure(item.record, failure))
        else:
            _unknown(item, result, error)


def _by_key(cls: type[Core], client: Client, item: Item) -> JSONObject | None:
    """Look a creation up by the key that it sent, where it sent one. One request."""
    for name in cls.look_ups:
        if name not in cls._attributes:
            continue
        attribute: Any = cls._named(name)
        value = item.body.get(attribute.key)
        if isinstance(value, str) and value:
            try:
                return Finder(cls, client).fetch_by(name, value)
            except APIError:
                return None
    return None
