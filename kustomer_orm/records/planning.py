"""What goes: from the differences of a record to the requests that carry them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from kustomer_orm import jsonapi
from kustomer_orm._sentinels import MISSING
from kustomer_orm._types import JSON, JSONObject
from kustomer_orm.attributes import ToMany
from kustomer_orm.changes import Edit, Extent
from kustomer_orm.errors import (
    ConfigurationError,
    InvalidValueError,
    InvalidValuesError,
    KustomerError,
    ReadOnlyAttributeError,
)
from kustomer_orm.records.accompanying import companions
from kustomer_orm.records.core import Core
from kustomer_orm.records.results import Plan, PlannedRequest

# The contract: `maxProperties` of `custom` in one write.
_MOST_CUSTOM = 100


class Step(NamedTuple):
    """One request of a save, and the differences that it carries."""

    request: PlannedRequest
    edits: list[Edit]


def edits_of(record: Core, only: Iterable[str] | None = None) -> list[Edit]:
    """List the differences; with `only`, of the attributes named.

    Raises:
        InvalidValueError: values that cannot be sent, all of them named. Nothing was sent.
        ReadOnlyAttributeError: a list or dict that the API only shows was edited in place.
        UnknownAttributeError: `only` names an attribute that is not there.
    """
    if isinstance(only, str):
        raise ConfigurationError(f"only takes several names: only=[{only!r}]")
    wanted = None if only is None else {record._named(name).address for name in only}
    state = record._state
    edits, problems = state.delta(wanted)
    new = state.extent is Extent.NEW
    refused: list[KustomerError] = []
    if problems:
        refused = [problem.about(record._label()) for problem in problems]
    for edit in edits:
        attribute: Any = edit.entry.attribute
        # A list that is only shown can be edited all the same.
        if not (attribute.creatable if new else attribute.updatable):
            refused.append(_refusal(record, attribute))
        if isinstance(attribute, ToMany):  # what was appended was not assigned, so not checked
            attribute.check_items(record, edit.entry.value)
    if record.variants is not None:
        refused += record.variants.problems(record, edits)
    if refused:
        raise collected(refused)
    if len(edits) > _MOST_CUSTOM:
        _check_custom(record, edits)
    return edits


def _refusal(record: Core, attribute: Any) -> ReadOnlyAttributeError:
    refusal = attribute.refusal(record._state.extent)
    return ReadOnlyAttributeError(f"{record._label()}: {refusal}; restore({attribute.name!r})")


def _check_custom(record: Core, edits: list[Edit]) -> None:
    custom = sum(edit.attribute.address.startswith("custom.") for edit in edits)
    if custom > _MOST_CUSTOM:
        expected = f"at most {_MOST_CUSTOM} custom attributes in one save; use save(only=…)"
        raise InvalidValueError.of(
            f"{record._label()}: custom", expected=expected, got=f"{custom} changed ones"
        )


def collected(errors: list[KustomerError]) -> KustomerError:
    """Give one error for several; a single one is itself."""
    if len(errors) == 1:
        return errors[0]
    lines = "\n".join(f"  {error}" for error in errors)
    return InvalidValuesError(f"{len(errors)} problems:\n{lines}", errors=errors)


def steps_of(record: Core, edits: list[Edit]) -> list[Step]:
    """Give the requests in their order: attributes, items added in place, what must go alone."""
    new = record._state.extent is Extent.NEW
    if not new and not edits:
        return []
    if record.read_only:
        record._refuse_read_only()
    if new:
        return [_creation(record, edits)]
    url = record._url()
    together: list[Edit] = []
    steps: list[Step] = []
    alone: list[Step] = []
    for edit in edits:
        attribute: Any = edit.entry.attribute
        if attribute.append_path is not None and _only_adds(edit):
            steps.append(_addition(f"{url}/{attribute.append_path}", edit, attribute.append_key))
        elif attribute.alone:
            alone.append(_update(record, url, [edit]))
        else:
            together.append(edit)
    if together:
        together += companions(record, edits)
        steps.insert(0, _update(record, url, together))
    return steps + alone if alone else steps


def plan_of(steps: list[Step]) -> Plan:
    """Give what the user sees of the steps."""
    return Plan(tuple([step.request for step in steps]))


def refuse_incomplete(record: Core, edits: list[Edit]) -> None:
    """Refuse a new record that lacks what the API requires (documented).

    Raises:
        InvalidValueError: it does, all that it lacks named. Nothing was sent.
    """
    names = {edit.attribute.address for edit in edits}
    implied = frozenset() if record._extra is None else record._extra.implied
    needed = () if record.variants is None else record.variants.needed(record, edits)
    missing = [
        name
        for name in (*record.required, *needed)
        if name not in implied and record._named(name).address not in names
    ]
    if missing:
        expected = "a value: the API refuses a new record without it"
        raise collected(
            [
                InvalidValueError.of(f"{record._label()}: {name}", expected=expected, got="none")
                for name in missing
            ]
        )


def _creation(record: Core, edits: list[Edit]) -> Step:
    refuse_incomplete(record, edits)
    body = body_of(edits)
    if record.id is not None:
        body["id"] = record.id
    return _step("POST", record._creation_path(), "application/json", body, edits)


def _update(record: Core, url: str, edits: list[Edit]) -> Step:
    method, kind = record.update_method, record.update_content_type
    if record.by_put and any(
        str(getattr(edit.attribute, "name", "")) in record.by_put for edit in edits
    ):
        method = "PUT"
    return _step(method, url, kind, body_of(edits), edits)


def _addition(path: str, edit: Edit, key: str | None) -> Step:
    base = edit.base or ()
    added = [item for item in edit.wire if item not in base]
    body: JSON = added if key is None else {key: added}
    return _step("POST", path, "application/json", body, [edit])


def _only_adds(edit: Edit) -> bool:
    """Tell whether items were added in place, and none removed."""
    entry, wire = edit.entry, edit.wire
    base = edit.base or []  # absent or null: nothing there yet
    in_place = not (entry.assigned or entry.touched)
    if not in_place or not isinstance(wire, list) or not isinstance(base, list):
        return False
    if len(wire) <= len(base):
        return False
    known = base if entry.doubt is MISSING else [*base, *(entry.doubt or ())]
    for item in known:  # noqa: SIM110 - a generator costs more than the rest of this function
        if item not in wire:
            return False
    return True


def body_of(edits: list[Edit]) -> JSONObject:
    """Nest each value at the place where the API takes it."""
    body: JSONObject = {}
    for edit in edits:
        attribute: Any = edit.entry.attribute
        place = attribute.written_as
        if len(place) > 1:
            body.setdefault(place[0], {})[place[1]] = edit.payload
        else:
            body[place[0]] = edit.payload
    return body


def _step(method: str, path: str, content_type: str, body: Any, edits: list[Edit]) -> Step:
    request = PlannedRequest(method, path, content_type, body, jsonapi.dumps(body))
    return Step(request, edits)
