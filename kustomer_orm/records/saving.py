"""Sends what was planned, and says what is true afterwards."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar
from urllib.parse import quote

from kustomer_orm import jsonapi
from kustomer_orm._sentinels import MISSING
from kustomer_orm._types import JSON, JSONObject
from kustomer_orm.changes import (
    Accepted,
    Edit,
    Extent,
    State,
    copy_json,
    is_masked,
    merge,
    rebase,
    same_json,
)
from kustomer_orm.errors import (
    APIError,
    ConflictError,
    KustomerError,
    NotFoundError,
    OutcomeUnknownError,
)
from kustomer_orm.records.core import Core, name_at, revision, value_at
from kustomer_orm.records.planning import Step, edits_of, steps_of
from kustomer_orm.records.results import Adjustment, Change, SaveResult
from kustomer_orm.transport import Answer, Request, shown

T = TypeVar("T")

_log = logging.getLogger("kustomer_orm")


def save(record: Core, steps: list[Step], only: Iterable[str] | None, conflict: str) -> SaveResult:
    """Send the steps in order; each is accepted by itself as soon as it succeeded."""
    result = SaveResult(rev=record._rev())
    if steps and record._state.extent is Extent.NEW:
        create = functools.partial(_create, record, steps[0], result)
        steps = (
            []
            if _guarded(record, steps[0], result, create)
            else steps_of(record, edits_of(record, only))
        )
    for step in steps:
        update = functools.partial(_update, record, step, conflict, result)
        _guarded(record, step, result, update)
    return result


def _guarded(record: Core, step: Step, result: SaveResult, send: Callable[[], T]) -> T:
    """Let an error carry what was saved before it, and say which attributes it is about."""
    try:
        return send()
    except APIError as error:
        error.result = result
        error.attributes = _by_attribute(record, error)
        if isinstance(error, OutcomeUnknownError):
            _doubt(record, step)  # a refusal does not settle an earlier doubt
        raise
    except KustomerError:
        raise  # nothing was sent
    except BaseException:
        _doubt(record, step)  # Ctrl-C, or a worker's time limit, while the server may be at it
        raise


def _doubt(record: Core, step: Step) -> None:
    """Remember what was sent without anybody knowing what became of it."""
    record._extras().in_doubt = True
    working = record._state.working or {}
    for edit in step.edits:
        for entry in (edit.entry, working.get(edit.attribute.address)):
            if entry is not None and entry.doubt is MISSING:
                entry.doubt = edit.wire


def _update(record: Core, step: Step, conflict: str, result: SaveResult) -> None:
    request = step.request
    message = Request(request.method, request.path, request.content, request.content_type)
    before = State(record._state.attributes, record._state.relationships, record._state.extent)
    sent = {edit.attribute.address: _rebased(record, edit, step) for edit in step.edits}
    answer = record._bound().write(message)
    if _is_no_answer_of_the_api(answer):
        raise _lost(record, request.method, request.path, answer, "the answer is not the API's")
    resource = _resource(answer)
    if resource is not None and (resource.get("type"), resource["id"]) != (record.type, record.id):
        resource = None
    _settle(record, sent, resource, before, result)
    result.requests = (*result.requests, request)
    if conflict == "verify":
        _verify(record, before, answer, sent, result)


def _create(record: Core, step: Step, result: SaveResult) -> bool:
    """POST a new record once; look it up before it is sent again.

    Returns:
        Whether everything went; False when the record was found instead, and may differ.
    """
    before = State(record._state.attributes, record._state.relationships, record._state.extent)
    known = _known_place(record, step)
    if record.in_doubt and _found(record, known, None, result):
        return False
    # The bytes are frozen by now; `_rebased` has nothing to do for a record without a base.
    message = Request("POST", record.path, step.request.content, repeatable=False)
    resource, lost = _post(record, message)
    if resource is None:
        _doubt(record, step)
        if _found(record, known, lost, result):
            return False
        resource, lost = _post(record, message)
        if resource is None:
            raise lost
    record._adopt_id(resource["id"])
    result.created = True
    sent = {edit.attribute.address: edit for edit in step.edits}
    _settle(record, sent, resource, before, result)
    result.requests = (*result.requests, step.request)
    return True


def _post(record: Core, message: Request) -> tuple[JSONObject | None, OutcomeUnknownError]:
    try:
        answer = record._bound().write(message)
    except OutcomeUnknownError as error:
        return None, error
    resource = _resource(answer)
    if resource is not None and resource.get("type") != record.type:
        resource = None
    why = "created, but the answer does not tell its id"
    return resource, _lost(record, "POST", record.path, answer, why)


def _known_place(record: Core, step: Step) -> str | None:
    """Give the path where the new record will be found, if that is known beforehand."""
    if record.id is not None:
        return record._url()
    for name, key in record.look_ups.items():
        for edit in step.edits:
            if edit.attribute is record._named(name) and edit.wire is not None:
                return f"{record.path}/{key}={quote(edit.wire, safe='')}"
    return None


def _found(
    record: Core, place: str | None, lost: OutcomeUnknownError | None, result: SaveResult
) -> bool:
    """Look whether a creation in doubt was carried out, and if so take the record as it is."""
    if place is None:
        raise lost or OutcomeUnknownError(
            f"{record._label()}: an earlier creation is in doubt, and nothing says how to look it "
            "up (no external_id): look for it, and if it is not there save a new record object",
            method="POST",
            path=record.path,
        )
    try:
        document = record._bound().read(place)
    except NotFoundError:
        record._extras().in_doubt = False
        return False
    data: JSON = document.get("data")
    if not jsonapi.is_resource(data) or data.get("type") != record.type:
        why = "the look-up of an earlier creation gave no such record"
        raise lost or _lost(record, "GET", record.path, Answer(200, None, {}), why)
    _refuse_anothers(record, place, data)
    record._adopt_id(data["id"])
    record._accept(data["attributes"], data.get("relationships") or {}, {})
    result.created, result.confirmed, result.rev = True, False, record._rev()
    return True


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
            record._extras().in_doubt = False
            path = shown(place)
            raise ConflictError(
                f"{record._label()}: {path} exists already, with another {name!r}: it is not the "
                "one that was being created; nothing was written to it",
                method="POST",
                path=record.path,
            )


def _is_no_answer_of_the_api(answer: Answer) -> bool:
    """Tell a page of a proxy or a portal from an answer that was cut short."""
    if not answer.content or jsonapi.parse(answer.content) is not None:
        return False
    return "json" not in answer.headers.get("content-type", "json")


def _lost(record: Core, method: str, path: str, answer: Answer, why: str) -> OutcomeUnknownError:
    return OutcomeUnknownError(
        f"{method} {path}: {answer.status}: {why}: {record._label()} is in doubt",
        status=answer.status,
        method=method,
        path=path,
        attempts=answer.attempts,
    )


def _resource(answer: Answer) -> JSONObject | None:
    document = None if answer.content is None else jsonapi.parse(answer.content)
    data = None if document is None else document.get("data")
    return data if jsonapi.is_resource(data) else None


def _rebased(record: Core, edit: Edit, step: Step) -> Edit:
    """Say what an addition leaves once an earlier step of the same save has moved the base."""
    base = record._state.base(edit.attribute)
    if step.request.method != "POST" or same_json(base, edit.base) or not isinstance(base, list):
        return edit
    moved = rebase(edit.base, edit.wire, base, unordered=edit.attribute.unordered)
    return edit._replace(wire=moved.wire)


def _settle(
    record: Core,
    sent: dict[str, Edit],
    resource: JSONObject | None,
    before: State,
    result: SaveResult,
) -> None:
    """Accept one answer and add to the result."""
    attributes: Mapping[str, JSON] = {} if resource is None else resource["attributes"]
    relationships = {} if resource is None else resource.get("relationships") or {}
    merged = merge(record._state, sent, attributes, relationships)
    if resource is None:
        merged[0].pop("rev", None)
        result.confirmed = False
    extent = before.extent if before.extent is Extent.PARTIAL else Extent.WHOLE
    accepted = record._accept(*merged, sent, extent=extent)
    _report(record, sent, before, accepted, result)
    result.rev = record._rev()


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


def _verify(
    record: Core, before: State, answer: Answer, sent: dict[str, Edit], result: SaveResult
) -> None:
    """Compare revisions: one save adds one. Report what others moved."""
    old, new = revision(before.attributes), record._rev()
    others: bool | None = None
    if old is not None and new is not None and new > old:
        # An attempt whose answer was lost may have added one of its own.
        others = False if new == old + 1 else None if new <= old + answer.attempts else True
    earlier = result.others_wrote if len(result.requests) > 1 else False
    result.others_wrote = _gravest(earlier, others)
    if others is False:
        return
    moved = moved_between(record, before, sent)
    result.foreign = {**result.foreign, **moved}
    if others:
        _log.warning(
            "%s: others wrote between the read and this save (rev %s, expected %s); moved: %s; "
            "a newer value may have been overwritten: %s",
            record._label(),
            new,
            (old or 0) + 1,
            ", ".join(moved) or "nothing else",
            ", ".join(name_at(type(record), address) for address in sent),
        )


def _gravest(*verdicts: bool | None) -> bool | None:
    """Of several requests: one sure sign of others is enough, one doubt leaves doubt."""
    if any(verdicts):
        return True
    return None if None in verdicts else False


def moved_between(
    record: Core, before: State, sent: Mapping[str, Edit] | None = None
) -> dict[str, Change]:
    """Name what moved between two baselines, what was sent and what always moves left out."""
    after = record._state
    moved: dict[str, Change] = {}
    places = _places(before)
    if before.extent is not Extent.PARTIAL:  # of what was never loaded nobody knows that it moved
        places |= _places(after)
    for address in places:
        if (sent and address in sent) or address in record.bookkeeping:
            continue
        attribute: Any = record._by_address.get(address)
        if attribute is None and address.startswith("custom."):
            attribute = record._at(address)
        if attribute is None:
            old, new = (state.attributes.get(address, MISSING) for state in (before, after))
            changed, values = not same_json(old, new), (copy_json(old), copy_json(new))
        else:
            old, new = before.base(attribute), after.base(attribute)
            changed = not _same(attribute, old, new)
            values = (value_at(record, attribute, old), value_at(record, attribute, new))
        if changed:
            moved[name_at(type(record), address)] = Change(
                *(None if value is MISSING else value for value in values)
            )
    return dict(sorted(moved.items()))


def _same(attribute: Any, old: JSON, new: JSON) -> bool:
    old, new = (None if wire is MISSING else wire for wire in (old, new))
    if old is None or new is None:
        return old is new
    hidden = is_masked(old) or is_masked(new)  # what cannot be seen cannot be said to have moved
    return hidden or bool(attribute.same(old, new))


def _places(state: State) -> set[str]:
    held = state.attributes.get("custom")
    shown = isinstance(held, dict) and not is_masked(held)
    custom = {f"custom.{key}" for key in held or ()} if shown else set()
    linked = {
        f"relationships.{name}"
        for name, relation in state.relationships.items()
        if isinstance(relation, dict) and "data" in relation
    }
    return {key for key in state.attributes if key != "custom"} | custom | linked


def _by_attribute(record: Core, error: APIError) -> dict[str, str]:
    """Map the server's complaints to attributes, by the wire key that it names."""
    by_key = {attribute.key: attribute.name for attribute in record._attributes.values()}
    return {
        by_key.get(detail.parameter, f"custom.{detail.parameter}"): str(detail)
        for detail in error.details
        if detail.parameter
    }
