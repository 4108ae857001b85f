"""Creates a record once: what was lost on the way is looked up before it is sent again."""

from __future__ import annotations

from typing import NamedTuple

from kustomer_orm import jsonapi
from kustomer_orm._sentinels import MISSING
from kustomer_orm._types import JSON, JSONObject
from kustomer_orm.changes import is_masked
from kustomer_orm.errors import APIError, ConflictError, NotFoundError, OutcomeUnknownError
from kustomer_orm.records.core import Core, name_at
from kustomer_orm.records.looking_up import look_up_path, looked_up
from kustomer_orm.records.planning import Step
from kustomer_orm.records.results import SaveResult
from kustomer_orm.records.settling import lost, resource_in, sending, settle
from kustomer_orm.transport import Answer, Request, shown


def create(record: Core, step: Step, result: SaveResult) -> bool:
    """POST a new record once; look it up before it is sent again.

    Returns:
        Whether everything went; False when the record was found instead, and may differ.
    """
    if record.in_doubt and _found(record, None, result):
        return False
    try:
        resource = _post(record, step)
    except OutcomeUnknownError as failure:
        if _found(record, failure, result):
            result.requests = (step.request,)
            result.sent = {name_at(type(record), e.attribute.address): e.wire for e in step.edits}
            return False
        resource = _post(record, step)
    record._adopt_id(resource["id"])
    result.created = True
    settle(record, {edit.attribute.address: edit for edit in step.edits}, resource, result)
    result.requests = (step.request,)
    return True


def _post(record: Core, step: Step) -> JSONObject:
    # The bytes are frozen by now; nothing is rebased in a record without a base.
    message = Request("POST", step.request.path, step.request.content, repeatable=False)
    with sending(record, step):
        answer = record._bound().write(message)
        resource = resource_in(answer)
        if resource is None or resource.get("type") != record.type:
            why = "created, but the answer does not tell its id"
            raise lost(record, "POST", step.request.path, answer, why)
    return resource


class _Place(NamedTuple):
    """Where a record must be if its creation was carried out, and by which key it is found."""

    path: str
    name: str = ""
    value: str = ""


def _place(record: Core) -> _Place | None:
    """Give the place where the record must be if its creation was carried out.

    By the key that was sent then: one that was set since leads to nothing, or to somebody else's.
    """
    if record.id is not None:
        return _Place(record._url())
    working = record._state.working or {}
    for name in [name for name in record.look_ups if name in record._attributes]:
        entry = working.get(record._named(name).address)
        if entry is not None and isinstance(entry.doubt, str):
            return _Place(look_up_path(type(record), name, entry.doubt), name, entry.doubt)
    return None


def _found(record: Core, failure: OutcomeUnknownError | None, result: SaveResult) -> bool:
    """Look whether a creation in doubt was carried out, and if so take the record as it is."""
    place = _place(record)
    if place is None:
        raise failure or OutcomeUnknownError(
            f"{record._label()}: an earlier creation is in doubt, and nothing says how to look it "
            "up (it had no external_id): look for it, and if it is not there save a new record "
            "object",
            method="POST",
            path=record.path,
        )
    cache = record._bound().cache
    begun = cache.begin()
    try:
        document = record._bound().read(place.path)
        data: JSON = document.get("data")
        if place.name:
            data = looked_up(type(record), place.name, place.value, document)
    except NotFoundError:
        _settle_doubt(record)
        return False
    except APIError as error:
        if failure is None:
            raise  # nothing was sent this time
        raise failure from error
    if not jsonapi.is_resource(data) or data.get("type") != record.type:
        why = "the look-up of an earlier creation gave no such record"
        raise failure or lost(record, "GET", record.path, Answer(200, None, {}), why)
    _refuse_anothers(record, place.path, data)
    record._adopt_id(data["id"])
    record._take(data)
    cache.keep_read(data, begun)
    result.created, result.confirmed, result.rev = True, False, record._rev()
    return True


def _settle_doubt(record: Core) -> None:
    """Forget what was in doubt: it is known now that it did not arrive."""
    extra = record._extras()
    extra.in_doubt, extra.lost = False, 0
    for entry in record._state.entries():
        entry.doubt = MISSING


def _refuse_anothers(record: Core, place: str, data: JSONObject) -> None:
    """Refuse to take over a record that was there before: it holds other values than were sent."""
    relationships = data.get("relationships") or {}
    for entry in record._state.entries():
        attribute, sent = entry.attribute, entry.doubt
        stored = attribute.read(data["attributes"], relationships)
        if sent is MISSING or attribute.unordered or is_masked(stored):
            continue  # never sent, or names that are stored as ids
        absent = stored is MISSING or stored is None
        if (sent is not None) if absent else (sent is None or not attribute.same(sent, stored)):
            name = name_at(type(record), attribute.address)
            _settle_doubt(record)
            raise ConflictError(
                f"{record._label()}: {shown(place)} exists already, with another {name!r}: it was "
                "there before, or somebody has changed it since; nothing was written to it (get_by "
                "loads it; another external_id makes another record)",
                method="POST",
                path=record.path,
            )
