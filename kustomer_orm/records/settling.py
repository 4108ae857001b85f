"""What is true after one answer to a save: the baseline, the record's doubts, and the result."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence

from kustomer_orm import jsonapi
from kustomer_orm._types import JSON, JSONObject
from kustomer_orm.changes import Accepted, Edit, Extent, State, Tracked, merge
from kustomer_orm.errors import APIError, KustomerError, OutcomeUnknownError
from kustomer_orm.records.caching import writing, wrote
from kustomer_orm.records.core import Core, name_at, value_at
from kustomer_orm.records.planning import Step
from kustomer_orm.records.results import Adjustment, Change, SaveResult
from kustomer_orm.transport import Answer


def resource_in(answer: Answer) -> JSONObject | None:
    """Give the resource of an answer, or None where it is missing, broken or cut short."""
    document = None if answer.content is None else jsonapi.parse(answer.content)
    data = None if document is None else document.get("data")
    if document is None or not jsonapi.is_resource(data):
        return None
    return {**data, "meta": document["meta"]} if "meta" in document else data


def settle(
    record: Core,
    sent: dict[str, Edit],
    resource: JSONObject | None,
    result: SaveResult,
    held: Sequence[Tracked] = (),
    *,
    known: Extent = Extent.WHOLE,
) -> None:
    """Accept one answer, and add to the result.

    Args:
        record: the record that was saved.
        sent: by address, what the request carried.
        resource: what came back, None where that cannot be read.
        result: the result so far.
        held: what keeps its baseline, whatever the answer says.
        known: how much of a new record is known afterwards.
    """
    record._keep_beside(resource)
    state = record._state
    before = State(state.attributes, state.relationships, state.extent)
    attributes: Mapping[str, JSON] = {} if resource is None else resource["attributes"]
    relationships = {} if resource is None else resource.get("relationships") or {}
    told = (attributes, relationships)
    merged = merge(state, sent, told)
    if "rev" not in attributes:
        # Our own write has moved them: the old ones would make it look like somebody else's.
        merged[0].pop("rev", None)
        merged[0].pop("modificationHistory", None)
    if resource is None:
        result.confirmed = False
    extent = before.extent if before.extent is Extent.PARTIAL else known
    accepted = record._accept(merged, sent, extent=extent, told=told, held=held)
    _report(record, sent, before, accepted, result)
    result.rev = record._rev()
    wrote(record, before, resource)


def _report(
    record: Core,
    sent: dict[str, Edit],
    before: State,
    accepted: Accepted,
    result: SaveResult,
) -> None:
    cls = type(record)
    names = {address: name_at(cls, address) for address in sent}
    result.sent = {**result.sent, **{names[address]: item.wire for address, item in sent.items()}}
    adjusted = {names[address]: Adjustment(*pair) for address, pair in accepted.adjusted.items()}
    result.adjusted = {**result.adjusted, **adjusted}
    overlaps = {
        name_at(cls, address): Change(*(value_at(record, record._at(address), w) for w in pair))
        for address, pair in accepted.overlaps.items()
    }
    result.overlaps = {**result.overlaps, **overlaps}
    if not result.requests:
        record._extras().previous = {}
    previous = record._extras().previous
    for address, item in sent.items():
        old, new = before.base(item.attribute), record._state.base(item.attribute)
        previous[names[address]] = Change(
            value_at(record, item.attribute, old), value_at(record, item.attribute, new)
        )


@contextlib.contextmanager
def sending(record: Core, step: Step) -> Iterator[None]:
    """Put in doubt what goes out in here when nobody gets to know what became of it."""
    try:
        with writing(record):
            yield
    except APIError as error:
        # Refused, or never sent: that does not settle an earlier doubt.
        if error.uncertain or isinstance(error, OutcomeUnknownError):
            doubt(record, step.edits, error.attempts)
        raise
    except KustomerError:
        raise
    except BaseException:
        # Ctrl-C, or a worker's time limit, while the server may be at it.
        doubt(record, step.edits, 1 + record._bound().config.retry)
        raise


def doubt(record: Core, edits: Iterable[Edit], attempts: int) -> None:
    """Remember what was sent without anybody knowing what became of it."""
    extra = record._extras()
    extra.in_doubt = True
    extra.lost += attempts
    working = record._state.working or {}
    for edit in edits:
        for entry in (edit.entry, working.get(edit.attribute.address)):
            if entry is not None:
                entry.put_in_doubt(edit.wire)


def refuse_out(record: Core) -> None:
    """Refuse to make a record that is being made in bulk: it would be made twice.

    Raises:
        OutcomeUnknownError: it is. Nothing was sent this time.
    """
    if record._state.extent is Extent.NEW and record._extra is not None and record._extra.out:
        raise OutcomeUnknownError(
            f"{record._label()} is being saved in bulk, and is not known to be made yet: save it "
            "after the block of that bulk, or after its flush(); nothing was sent this time"
        )


def lost(record: Core, method: str, path: str, answer: Answer, why: str) -> OutcomeUnknownError:
    """Word the error of an answer that does not tell what was done."""
    return OutcomeUnknownError(
        f"{method} {path}: {answer.status}: {why}: {record._label()} is in doubt",
        status=answer.status,
        method=method,
        path=path,
        attempts=answer.attempts,
    )
