"""Reads records before they are saved in bulk, and carries their edits over to what is there.

The same check as that of a single save that reads first, for a hundred records in one request.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from kustomer_orm._types import JSONObject
from kustomer_orm.bulk import BulkFailure, BulkResult
from kustomer_orm.client import Client
from kustomer_orm.errors import APIError, KustomerError, NotFoundError, Resolver
from kustomer_orm.records.core import Core
from kustomer_orm.records.finding import Finder
from kustomer_orm.records.merging import Policy, merge_theirs


def read_first(
    cls: type[Core], client: Client, records: Collection[Core], result: BulkResult
) -> list[Core]:
    """Take what the server holds now, and give the records that can be saved on top of it.

    One request for 100 records. Where they cannot be read, they fail, and nothing is sent.

    Args:
        cls: the class of the records.
        client: the client.
        records: records that are on the server, each once.
        result: where the failures are noted.
    """
    if not records:
        return []
    try:
        fetched = Finder(cls, client).fetch_many([str(record.id) for record in records])
    except APIError as error:
        result.failed += [BulkFailure(record, error) for record in records]
        return []
    return carry_over(records, {each["id"]: each for each in fetched}, client, result)


def carry_over(
    records: Iterable[Core],
    found: Mapping[str, JSONObject],
    client: Client,
    result: BulkResult,
    resolve: Resolver | None = None,
) -> list[Core]:
    """Carry the edits of records over to what was read, and give those that can be saved now.

    Those that others changed as well, with nobody to decide, fail with a `ConflictError`, and those
    that are gone with a `NotFoundError`; they are as they were.

    Args:
        records: the records.
        found: what was read, by id.
        client: the client.
        result: where the failures are noted.
        resolve: what decides conflicts before all else.
    """
    policy = Policy(None, "strict", resolve, client.config.resolve)
    good: list[Core] = []
    for record in records:
        try:
            resource = found.get(str(record.id))
            if resource is None:
                message = f"{record._label()}: it is not on the server any more"
                raise NotFoundError(message, method="GET")
            record._keep_beside(resource)
            document = resource["attributes"], resource.get("relationships") or {}
            merge_theirs(record, document, None, policy)
        except KustomerError as error:
            result.failed.append(BulkFailure(record, error))
        else:
            good.append(record)
    return good
