"""Takes up a bulk save that was cut off, by the journal that it kept."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import Any

from kustomer_orm._types import JSONObject
from kustomer_orm.bulk import MOST_BYTES, BulkResult, Job, Jobs
from kustomer_orm.client import Client, current_client
from kustomer_orm.errors import OutcomeUnknownError
from kustomer_orm.records.bulk_items import Item, item_of
from kustomer_orm.records.bulk_outcomes import settle_job
from kustomer_orm.records.core import Core, records
from kustomer_orm.records.journal import Journal, unsettled
from kustomer_orm.records.planning import edits_of
from kustomer_orm.records.saving_many import TIMEOUT, Saver


def resume_bulk(path: str | PathLike[str], client: Client | None = None) -> BulkResult:
    """Find out what became of a bulk save that was cut off, and send what did not arrive.

    What a job has taken is asked for; what may never have been sent is read, 100 records a request,
    and sent again only where the server does not hold it. A new record without an external id that
    cannot be found stays unknown: it is not sent twice. Afterwards nothing is open in the journal,
    and the next `save_all` may be given the same file. No other program may be at it meanwhile.

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
    jobs = Jobs(client, timeout=TIMEOUT)
    entries = unsettled(place, client.org)
    journal = Journal.taken_up(place, client.org) if entries else Journal(None, client.org)
    for entry, job_id in entries:
        items = [_item(snapshot, client) for snapshot in entry["records"]]
        _resume(client, jobs, items, job_id, result)
        journal.settled(entry["number"])
    return result


def _item(snapshot: JSONObject, client: Client) -> Item:
    """Make a record as it was, with what it sent."""
    cls: Any = records.find(snapshot["type"])
    record: Core = cls.from_snapshot(snapshot)
    object.__setattr__(record, "_client", client)
    return item_of(record, edits_of(record), None, MOST_BYTES)


def _resume(client: Client, jobs: Jobs, items: list[Item], job_id: str, result: BulkResult) -> None:
    job = Job(job_id, len(items), refs=True, since=client.now())
    jobs.wait(job)
    error = None if job_id else OutcomeUnknownError("the program ended before an answer came")
    cls = type(items[0].record)
    settle_job(cls, client, items, job, result, error=error)
    if job_id:
        return
    again = [failure.record for failure in result.unknown]
    result.unknown.clear()
    saver = Saver(cls, client, result, {})
    for record in again:
        saver.save(record)
    saver.finish()
