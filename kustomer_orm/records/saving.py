"""Sends what was planned, step by step, and has each answer accepted by itself."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

from kustomer_orm import jsonapi
from kustomer_orm._sentinels import MISSING
from kustomer_orm._types import JSONObject
from kustomer_orm.changes import (
    Answered,
    Edit,
    Extent,
    Tracked,
    merge,
    rebase,
    revision,
    same_json,
)
from kustomer_orm.errors import APIError, ConflictError
from kustomer_orm.records.core import Core, name_at
from kustomer_orm.records.creating import create
from kustomer_orm.records.keeping import cleared, take_away
from kustomer_orm.records.merging import Policy, merge_theirs
from kustomer_orm.records.planning import Step, edits_of, steps_of
from kustomer_orm.records.results import PlannedRequest, SaveResult
from kustomer_orm.records.settling import lost, refuse_out, resource_in, sending, settle
from kustomer_orm.records.verifying import (
    Before,
    before,
    gravest,
    moved_between,
    verify,
    wrote_since,
)
from kustomer_orm.transport import Answer, Request

# How often a save begins anew because others wrote in between.
MOST_MERGES = 5


class Run(NamedTuple):
    """One save: what it is about, and what is known of it so far.

    Attributes:
        record: the record.
        policy: what is sent, and what is done about others.
        result: what the save did.
        start: what the record knew when it began.
        verdicts: of each read and write, whether others wrote before it.
    """

    record: Core
    policy: Policy
    result: SaveResult
    start: Before
    verdicts: list[bool | None]

    @property
    def merges(self) -> bool:
        """Whether conflicts are looked for."""
        return self.policy.mode in {"careful", "strict"}


def save(record: Core, steps: list[Step], policy: Policy) -> SaveResult:
    """Send the steps in order; each is accepted by itself as soon as it succeeded."""
    run = Run(record, policy, SaveResult(rev=record._rev()), before(record), [])
    try:
        if record._state.extent is Extent.NEW:
            refuse_out(record)
            whole = create(record, steps[0], run.result)
            run = run._replace(start=before(record))
            steps = [] if whole else steps_of(record, edits_of(record, policy.only))
        elif _reads_first(record, steps, policy):
            steps = _merged(run, record._fetch())
        _send(run, steps)
    except APIError as error:
        error.result = run.result
        error.attributes = error.attributes or _by_attribute(record, error)
        raise
    finally:
        _tell_foreign(run)
    return run.result


def _reads_first(record: Core, steps: list[Step], policy: Policy) -> bool:
    """Tell whether a save begins with a read: by its mode, or where no revision can be sent."""
    if policy.mode == "careful":
        return True
    return policy.mode == "strict" and (
        record._rev() is None or any(not _takes_rev(record, step) for step in steps)
    )


def _send(run: Run, steps: list[Step]) -> None:
    """Send what is left, and begin anew with the rest where the server refuses a stale revision."""
    record, merges = run.record, 0
    while steps:
        step, rev = steps[0], record._rev()
        try:
            told = _update(run, step)
        except ConflictError as error:
            if run.policy.mode != "strict" or rev is None or not _takes_rev(record, step):
                raise
            merges += 1
            steps = _merged(run, _after_refusal(record, rev, error, merges))
            _note_arrived(run, step)
        else:
            steps = _left(run, steps[1:], told)


def _left(run: Run, steps: list[Step], told: Answered | None) -> list[Step]:
    """Give what is left to send; others may have changed the same, as the last answer shows."""
    if not run.merges or told is None:
        return steps
    record, cls = run.record, type(run.record)
    names = [name_at(cls, edit.attribute.address) for step in steps for edit in step.edits]
    document = merge(record._state, {}, told)
    overlaps = merge_theirs(record, document, names, run.policy, told=told)
    run.result.overlaps = {**run.result.overlaps, **overlaps}
    return steps_of(record, edits_of(record, names)) if names else []


def _after_refusal(record: Core, rev: int, error: ConflictError, merges: int) -> JSONObject:
    """Read after a 409.

    Raises:
        ConflictError: the revision was not stale, so it is about something else; or others write
            faster than we do. Nothing was written over theirs.
    """
    if merges > MOST_MERGES:
        error.add_note(f"given up after {MOST_MERGES} merges: others kept writing in between")
        raise error
    record._bound().pause(merges)
    resource = record._fetch()
    if revision(resource["attributes"]) == rev:
        raise error
    return resource


def _merged(run: Run, resource: JSONObject) -> list[Step]:
    """Take what was read, the edits carried over to it, and give what is left to send."""
    record, known = run.record, before(run.record)
    document = (resource["attributes"], resource.get("relationships") or {})
    overlaps = merge_theirs(record, document, run.policy.only, run.policy)
    run.result.overlaps = {**run.result.overlaps, **overlaps}
    run.verdicts.append(wrote_since(record, known))
    run.result.others_wrote = gravest(*run.verdicts)
    run.result.rev = record._rev()
    return steps_of(record, edits_of(record, run.policy.only))


def _note_arrived(run: Run, step: Step) -> None:
    """Count as sent what a lost attempt had written before its repetition was refused."""
    state, cls = run.record._state, type(run.record)
    for edit in step.edits:
        base = state.base(edit.attribute)
        known = base is not MISSING and base is not None and edit.wire is not None
        if edit.attribute.address in {e.attribute.address for e in state.entries() if e.assigned}:
            continue  # still to be sent
        if known and edit.attribute.same(edit.wire, base):
            run.result.sent = {**run.result.sent, name_at(cls, edit.attribute.address): edit.wire}
            run.result.confirmed = False


def _tell_foreign(run: Run) -> None:
    """Name what others moved since the save began, unless it is known that nobody wrote."""
    record, result = run.record, run.result
    if not run.verdicts or result.others_wrote is False:
        return
    sent = [record._named(name).address for name in result.sent]
    result.foreign = moved_between(record, run.start.state, run.start.doubtful.union(sent))


def _takes_rev(record: Core, step: Step) -> bool:
    """Tell whether the API takes a revision with a step: the move of a customer stands alone."""
    if not record.takes_rev:
        return False
    attributes: list[Any] = [edit.attribute for edit in step.edits]
    return step.request.method == "POST" or not any(each.alone for each in attributes)


def _with_rev(record: Core, request: PlannedRequest) -> PlannedRequest:
    """Send the revision along, by PUT: a server may enforce it there only.

    PUT "performs the same update as a PATCH" (documented). Tags that are added need no revision.
    """
    rev = record._rev()
    if request.method == "POST" or rev is None:
        return request
    body = {**request.body, "rev": rev}
    return PlannedRequest("PUT", request.path, "application/json", body, jsonapi.dumps(body))


def _update(run: Run, step: Step) -> Answered | None:
    """Send one step and accept its answer; give what that said, None where it cannot be read."""
    record, request = run.record, step.request
    if run.policy.mode == "strict" and _takes_rev(record, step):
        request = _with_rev(record, request)
    message = Request(request.method, request.path, request.content, request.content_type)
    known = before(record)
    sent = {edit.attribute.address: _rebased(record, edit, step) for edit in step.edits}
    with sending(record, step):
        answer = record._bound().write(message)
        if _is_no_answer_of_the_api(answer):
            raise lost(record, request.method, request.path, answer, "the answer is not the API's")
    resource = resource_in(answer)
    if resource is not None and (resource.get("type"), resource["id"]) != (record.type, record.id):
        resource = None
    settle(record, sent, resource, run.result, _not_sent(run, sent))
    run.result.requests = (*run.result.requests, request)
    if run.policy.mode != "none":
        run.verdicts.append(verify(record, known, answer.attempts, sent, run.result))
        run.result.others_wrote = gravest(*run.verdicts)
    gone = cleared(record, known, sent, resource, answer.attempts)
    if gone:
        _link_again(run, gone)
    if resource is None:
        return None
    return resource["attributes"], resource.get("relationships") or {}


def _link_again(run: Run, gone: list[Edit]) -> None:
    """Set what the server cleared because we left it out, in a request of its own."""
    record = run.record
    record._bound().clears_omitted.add(record.type)
    names = [name_at(type(record), edit.attribute.address) for edit in gone]
    run.result.relinked = (*run.result.relinked, *names)
    for step in steps_of(record, take_away(record, gone)):
        _update(run, step)


def _not_sent(run: Run, sent: Collection[str]) -> list[Tracked]:
    """List what was edited and not sent, where others' changes of it must not go unseen."""
    state = run.record._state
    entries = state.entries() if run.merges else []
    unsent = [entry for entry in entries if entry.attribute.address not in sent]
    return [entry.attribute for entry in unsent if state.is_edited(entry)]


def _is_no_answer_of_the_api(answer: Answer) -> bool:
    """Tell a page of a proxy or a portal from an answer that was cut short."""
    if not answer.content or jsonapi.parse(answer.content) is not None:
        return False
    return "json" not in answer.headers.get("content-type", "json")


def _rebased(record: Core, edit: Edit, step: Step) -> Edit:
    """Say what an addition leaves once an earlier step of the same save has moved the base."""
    base = record._state.base(edit.attribute)
    if step.request.method != "POST" or same_json(base, edit.base) or not isinstance(base, list):
        return edit
    moved = rebase(edit.base, edit.wire, base, unordered=edit.attribute.unordered)
    return edit._replace(wire=moved.wire)


def _by_attribute(record: Core, error: APIError) -> dict[str, str]:
    """Map the server's complaints to attributes, by the wire key that it names."""
    by_key = {attribute.key: attribute.name for attribute in record._attributes.values()}
    return {
        by_key.get(detail.parameter, f"custom.{detail.parameter}"): str(detail)
        for detail in error.details
        if detail.parameter
    }
