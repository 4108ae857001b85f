"""Sends what was planned, step by step, and has each answer accepted by itself."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from kustomer_orm import jsonapi
from kustomer_orm._types import JSONObject
from kustomer_orm.changes import Edit, Extent, rebase, revision, same_json
from kustomer_orm.errors import APIError, ConflictError
from kustomer_orm.records.core import Core
from kustomer_orm.records.creating import create
from kustomer_orm.records.merging import Policy, merge_theirs
from kustomer_orm.records.planning import Step, edits_of, steps_of
from kustomer_orm.records.results import PlannedRequest, SaveResult
from kustomer_orm.records.settling import lost, resource_in, sending, settle
from kustomer_orm.records.verifying import before, moved_between, verify
from kustomer_orm.transport import Answer, Request

# How often a save begins anew because others wrote in between.
MOST_MERGES = 5


def save(record: Core, steps: list[Step], policy: Policy) -> SaveResult:
    """Send the steps in order; each is accepted by itself as soon as it succeeded."""
    result = SaveResult(rev=record._rev())
    try:
        if record._state.extent is Extent.NEW:
            whole = create(record, steps[0], result)
            steps = [] if whole else steps_of(record, edits_of(record, policy.only))
        elif _reads_first(record, steps, policy):
            steps = _merged(record, record._fetch(), policy, result)
        _send(record, steps, policy, result)
    except APIError as error:
        error.result = result
        error.attributes = error.attributes or _by_attribute(record, error)
        raise
    return result


def _reads_first(record: Core, steps: list[Step], policy: Policy) -> bool:
    """Tell whether a save begins with a read: by its mode, or where no revision can be sent."""
    if policy.mode == "careful":
        return True
    return policy.mode == "strict" and (
        record._rev() is None or any(not _takes_rev(step) for step in steps)
    )


def _send(record: Core, steps: list[Step], policy: Policy, result: SaveResult) -> None:
    """Send what is left, and begin anew with the rest where the server refuses a stale revision."""
    merges = 0
    while steps:
        step, rev = steps[0], record._rev()
        try:
            _update(record, step, policy, result)
        except ConflictError as error:
            if policy.mode != "strict" or rev is None or not _takes_rev(step):
                raise
            merges += 1
            resource = _after_refusal(record, rev, error, merges)
            # An attempt whose answer was lost may be what has moved them.
            ours = {edit.attribute.address for edit in step.edits} if error.attempts > 1 else ()
            steps = _merged(record, resource, policy, result, ours)
            if not steps and ours:
                result.confirmed = False  # what had been sent is there
        else:
            del steps[0]


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


def _merged(
    record: Core,
    resource: JSONObject,
    policy: Policy,
    result: SaveResult,
    ours: Collection[str] = (),
) -> list[Step]:
    """Take what was read, the edits carried over to it, and give what is left to send."""
    known = before(record)
    merge_theirs(record, resource, policy)
    moved = moved_between(record, known.state, known.doubtful.union(ours))
    result.foreign = {**result.foreign, **moved}
    result.rev = record._rev()
    return steps_of(record, edits_of(record, policy.only))


def _takes_rev(step: Step) -> bool:
    """Tell whether the API takes a revision with a step: the move of a customer stands alone."""
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


def _update(record: Core, step: Step, policy: Policy, result: SaveResult) -> None:
    request = step.request
    if policy.mode == "strict" and _takes_rev(step):
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
    settle(record, sent, resource, result)
    result.requests = (*result.requests, request)
    if policy.mode != "none":
        verify(record, known, answer.attempts, sent, result)


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
