"""Sends what was planned, step by step, and has each answer accepted by itself."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import TypeVar

from kustomer_orm import jsonapi
from kustomer_orm.changes import Edit, Extent, rebase, same_json
from kustomer_orm.errors import APIError, KustomerError, OutcomeUnknownError
from kustomer_orm.records.core import Core
from kustomer_orm.records.creating import create
from kustomer_orm.records.planning import Step, edits_of, steps_of
from kustomer_orm.records.results import SaveResult
from kustomer_orm.records.settling import doubt, lost, resource_in, settle
from kustomer_orm.records.verifying import before, verify
from kustomer_orm.transport import Answer, Request

T = TypeVar("T")


def save(record: Core, steps: list[Step], only: Iterable[str] | None, conflict: str) -> SaveResult:
    """Send the steps in order; each is accepted by itself as soon as it succeeded."""
    result = SaveResult(rev=record._rev())
    if steps and record._state.extent is Extent.NEW:
        post = functools.partial(create, record, steps[0], result)
        whole = _guarded(record, steps[0], result, post)
        steps = [] if whole else steps_of(record, edits_of(record, only))
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
            doubt(record, step, error.attempts)  # a refusal does not settle an earlier doubt
        raise
    except KustomerError:
        raise  # nothing was sent
    except BaseException:
        # Ctrl-C, or a worker's time limit, while the server may be at it.
        doubt(record, step, 1 + record._bound().config.retry)
        raise


def _update(record: Core, step: Step, conflict: str, result: SaveResult) -> None:
    request = step.request
    message = Request(request.method, request.path, request.content, request.content_type)
    known = before(record)
    sent = {edit.attribute.address: _rebased(record, edit, step) for edit in step.edits}
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
