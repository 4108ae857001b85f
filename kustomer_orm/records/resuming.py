"""Takes up a bulk save that was cut off, by the journal that it kept."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import Any

from kustomer_orm._types import JSONObject
from kustomer_orm.bulk import MOST_BYTES, BulkResult, Job, Jobs, landed
from kustomer_orm.client import Client, current_client
from kustomer_orm.errors import (
    AuthenticationError,
    ConfigurationError,
    ConnectionFailedError,
    KustomerError,
    OutcomeUnknownError,
    PermissionDeniedError,
    RateLimitError,
    Resolver,
    ServerError,
)
from kustomer_orm.records.bulk_items import Item, item_of
from kustomer_orm.records.bulk_outcomes import MOST_LOOKS, Outcomes
from kustomer_orm.records.bulk_reading import carry_over
from kustomer_orm.records.core import Core, records
from kustomer_orm.records.journal import Entry, Journal, unsettled
from kustomer_orm.records.planning import edits_of
from kustomer_orm.records.saving_many import TIMEOUT, Saver
from kustomer_orm.records.settling import doubt


def resume_bulk(path: str | PathLike[str], client: Client | None = None) -> BulkResult:
    """Find out what became of a bulk save that was cut off, and send what did not arrive.

    What a job has taken is asked for. What may never have been sent, and what a job does not tell
    that is done or that the server does not know any more, is read, 100 records a request: where
    the server holds what was to be written, it arrived; where it holds what was loaded, it is sent
    again; where others have written a third value since, the record fails with a `ConflictError`,
    as a save that reads first does, unless the save was one with `conflict="none"`. What was to be
    written without having been loaded is sent again. A new record without an external id that
    cannot be found stays unknown: it is not sent twice.

    What is unknown stays open in the journal, and so does what was refused for the moment (401,
    403, 429, 5xx); both can be asked for again. Once nothing is open, the next `save_all` may be
    given the same file. No other program may be at it meanwhile.

    Args:
        path: the journal that `save_all(journal=…)` kept.
        client: the client; the current one if not given.

    Raises:
        ConfigurationError: the file is not there, no journal, or another organisation's.

    >>> import tempfile
    >>> from kustomer_orm import Client, Conversation, resume_bulk
    >>> from kustomer_orm.emulator import Emulator
    >>> with Emulator() as server, Client(server.api_key, base_url=server.url):
    ...     conversation = Conversation.get(server.world.add("conversation"))
    ...     conversation.status = "done"
    ...     with tempfile.TemporaryDirectory() as folder:
    ...         _ = Conversation.save_all([conversation], journal=f"{folder}/save.jsonl")
    ...         resume_bulk(f"{folder}/save.jsonl")  # it was not cut off: there is nothing to do
    <BulkResult requests=0>
    """
    client = client or current_client()
    place, result = Path(path), BulkResult()
    entries = [(entry, _records(place, entry, client)) for entry in unsettled(place, client.org)]
    journal = Journal(place, client.org)
    savers: list[Saver] = []
    with landed(lambda: savers, result):
        for entry, held in entries:
            unknown, failed = len(result.unknown), len(result.failed)
            saver = Saver(type(held[0]), client, result, {"conflict": entry.conflict})
            savers[:] = [saver]
            _resume(saver, entry, held)
            left = {id(each.record) for each in result.unknown[unknown:]}
            left |= {id(each.record) for each in result.failed[failed:] if _passes(each.error)}
            journal.settled(entry.number, [at for at in entry.open if id(held[at]) in left])
    return result


def _records(place: Path, entry: Entry, client: Client) -> list[Core]:
    """Make the records of a request as they were, with their edits.

    Raises:
        ConfigurationError: nobody has written them, or this program lacks their class.
    """
    try:
        return [_record(snapshot, client) for snapshot in entry.records]
    except (KustomerError, LookupError, TypeError, AttributeError) as error:
        why = str(error) if isinstance(error, KustomerError) else "they are no snapshots"
        raise ConfigurationError(
            f"{place}: the records of request {entry.number} cannot be made here: {why}"
        ) from None


def _record(snapshot: JSONObject, client: Client) -> Core:
    cls: Any = records.find(snapshot["type"])
    if cls.type != snapshot["type"]:
        what = f"no class declares the type {snapshot['type']!r}: import the module that does"
        raise ConfigurationError(what)
    record: Core = cls.from_snapshot(snapshot)
    object.__setattr__(record, "_client", client)
    return record


def _resume(saver: Saver, entry: Entry, held: list[Core]) -> None:
    """Settle the records of one request."""
    client, cls = saver.client, saver.cls
    outcomes = Outcomes(cls, client, saver.result)
    items = [item_of(record, edits_of(record), None, MOST_BYTES) for record in held]
    for place, item in enumerate(items):
        item.settled = place not in entry.open
    if all(item.settled for item in items):
        return
    job = Job(entry.job, len(items), refs=True, since=client.now())
    Jobs(client, timeout=TIMEOUT).wait(job)
    if entry.job and not (job.complete or job.gone):  # it is at it, or does not tell for now
        outcomes.of_job(items, job)
        return
    left = [item for item in items if not item.settled]
    if job.complete:
        left = outcomes.left_by(items, job)
    elif not left[0].is_new:  # one request changes records, or makes them
        left = outcomes.look(left, patient=True, whole=False)
    _save_again(saver, outcomes, [item for item in left if not item.is_new])
    new = [item for item in left if item.is_new]
    if new and not job.complete:
        client.pause(MOST_LOOKS)  # as long as updates are looked at: it may be made just now
    for item in new:
        doubt(item.record, item.edits, 1)
        saver.save(item.record)  # by itself: it is looked up before it is sent again
    saver.finish()


def _passes(error: KustomerError) -> bool:
    """Tell whether what was refused may go later: it lacked the right, the budget or a server.

    The edit is nowhere but in the journal and in this result.
    """
    if isinstance(error, (AuthenticationError, PermissionDeniedError, RateLimitError, ServerError)):
        return True
    return isinstance(error, ConnectionFailedError)


def _save_again(saver: Saver, outcomes: Outcomes, items: list[Item]) -> None:
    """Send again what the server does not hold, on top of what it does."""
    found = outcomes.read([str(item.record.id) for item in items])
    if found is None:
        error = OutcomeUnknownError("the program ended before an answer came")
        for item in items:
            outcomes.unknown(item, error)
        return
    mine: Resolver | None = "mine" if saver.mode == "none" else None
    again = [item.record for item in items]
    for record in carry_over(again, found, saver.client, saver.result, mine):
        if record._state.is_dirty():
            saver.save(record)
        else:
            saver.result.saved.append(str(record.id))
