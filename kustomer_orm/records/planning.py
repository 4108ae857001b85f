"""What goes: from the differences of a record to the requests that carry them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from kustomer_orm import jsonapi
from kustomer_orm._sentinels import MISSING
from kustomer_orm._types import JSONObject
from kustomer_orm.changes import Edit, Extent, Sent, same_json
from kustomer_orm.errors import InvalidValueError, InvalidValuesError, KustomerError
from kustomer_orm.records.core import Core
from kustomer_orm.records.results import Plan, PlannedRequest

# The contract: `maxProperties` of `custom` in one write.
_MOST_CUSTOM = 100


@dataclass(frozen=True, slots=True)
class Step:
    """One request of a save, and what it carries by address."""

    request: PlannedRequest
    sent: dict[str, Sent]
    edits: tuple[Edit, ...]


def edits_of(record: Core, only: Iterable[str] | None = None) -> list[Edit]:
    """List the differences; with `only`, of the attributes named.

    Raises:
        InvalidValueError: values that cannot be sent, all of them named. Nothing was sent.
        UnknownAttributeError: `only` names an attribute that is not there.
    """
    wanted = None if only is None else {record._named(name).address for name in only}
    state = record._state
    problems = state.refusals(wanted)
    if problems:
        raise collected([problem.about(record._label()) for problem in problems])
    edits = list(state.delta(None if wanted is None else wanted.__contains__))
    custom = sum(edit.attribute.address.startswith("custom.") for edit in edits)
    if custom > _MOST_CUSTOM:
        expected = f"at most {_MOST_CUSTOM} custom attributes in one save; use save(only=…)"
        raise InvalidValueError.of(
            f"{record._label()}: custom", expected=expected, got=f"{custom} changed ones"
        )
    return edits


def collected(errors: list[KustomerError]) -> KustomerError:
    """Give one error for several; a single one is itself."""
    if len(errors) == 1:
        return errors[0]
    lines = "\n".join(f"  {error}" for error in errors)
    return InvalidValuesError(f"{len(errors)} problems:\n{lines}", errors=errors)


def steps_of(record: Core, edits: list[Edit]) -> list[Step]:
    """Give the requests in their order: attributes, items added in place, what must go alone."""
    if record._state.extent is Extent.NEW:
        return [_creation(record, edits)]
    added = [edit for edit in edits if _only_adds(edit)]
    alone = [edit for edit in edits if edit.attribute.alone]  # type: ignore[attr-defined]
    rest = [edit for edit in edits if edit not in added and edit not in alone]
    steps = [_update(record, rest)] if rest else []
    steps += [_addition(record, edit) for edit in added]
    return steps + [_update(record, [edit]) for edit in alone]


def plan_of(steps: list[Step]) -> Plan:
    """Give what the user sees of the steps."""
    return Plan(tuple(step.request for step in steps))


def _creation(record: Core, edits: list[Edit]) -> Step:
    names = {edit.attribute.address for edit in edits}
    missing = [name for name in record.required if record._named(name).address not in names]
    if missing:
        expected = "a value: the API refuses a new record without it"
        raise collected(
            [
                InvalidValueError.of(f"{record._label()}: {name}", expected=expected, got="none")
                for name in missing
            ]
        )
    body = _body(edits)
    if record.id is not None:
        body["id"] = record.id
    return _step("POST", record.path, "application/json", body, edits)


def _update(record: Core, edits: list[Edit]) -> Step:
    method, kind = record.update_method, record.update_content_type
    return _step(method, record._url(), kind, _body(edits), edits)


def _addition(record: Core, edit: Edit) -> Step:
    base = edit.base if isinstance(edit.base, list) else []
    added = [item for item in edit.wire if item not in base]
    path = f"{record._url()}/{edit.attribute.append_path}"  # type: ignore[attr-defined]
    return _step("POST", path, "application/json", added, [edit])


def _only_adds(edit: Edit) -> bool:
    """Tell whether items were added in place to a list that has an endpoint for that."""
    attribute: Any = edit.attribute
    if attribute.append_path is None or not edit.in_place or not isinstance(edit.wire, list):
        return False
    base = [] if edit.base is MISSING or edit.base is None else edit.base
    return isinstance(base, list) and all(
        any(same_json(item, kept) for kept in edit.wire) for item in base
    )


def _body(edits: list[Edit]) -> JSONObject:
    """Nest each value at the place where the API takes it."""
    body: JSONObject = {}
    for edit in edits:
        attribute: Any = edit.attribute
        *parents, last = attribute.written_as
        place = body
        for parent in parents:
            place = place.setdefault(parent, {})
        place[last] = edit.payload
    return body


def _step(method: str, path: str, content_type: str, body: Any, edits: list[Edit]) -> Step:
    request = PlannedRequest(method, path, content_type, body, jsonapi.dumps(body))
    sent = {edit.attribute.address: Sent(edit.attribute, edit.wire, edit.entry) for edit in edits}
    return Step(request, sent, tuple(edits))
