"""Sends what was planned, step by step, and has each answer accepted by itself."""

from __future__ import annotations

from collections.abc import Iterable

from kustomer_orm import jsonapi
from kustomer_orm.changes import Edit, Extent, rebase, same_json
from kustomer_orm.errors import APIError
from kustomer_orm.records.core import Core
from kustomer_orm.records.creating import create
from kustomer_orm.records.planning import Step, edits_of, steps_of
from kustomer_orm.records.results import SaveResult
from kustomer_orm.records.settling import lost, resource_in, sending, settle
from kustomer_orm.records.verifying import before, verify
from kustomer_orm.transport import Answer, Request


def save(record: Core, steps: list[Step], only: Iterable[str] | None, conflict: str) -> SaveResult:
    """Send the steps in order; each is accepted by itself as soon as it succeeded."""
    result = SaveResult(rev=record._rev())
    try:
        if steps and record._state.extent is Extent.NEW:
            whole = create(record, steps[0], result)
            steps = [] if whole else steps_of(record, edits_of(record, only))
        for step in steps:
            _update(record, step, conflict, result)
    except APIError as error:
        error.result = result
        error.attributes = _by_attribute(record, error)
        raise
    return result


def _update(record: Core, step: Step, conflict: str, result: SaveResult) -> None:
    request = step.request
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
    if conflict == "verify":
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
