"""Carries the edits of a record over to what others wrote meanwhile, or says where it cannot."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from kustomer_orm._sentinels import MISSING, UNSET
from kustomer_orm._types import JSON
from kustomer_orm.attributes import Attribute
from kustomer_orm.changes import Answered, copy_json, sync
from kustomer_orm.errors import ConfigurationError, ConflictError, FieldConflict, Resolver
from kustomer_orm.records.core import Core, value_at
from kustomer_orm.records.overlapping import Overlap, overlaps_of
from kustomer_orm.records.results import Change
from kustomer_orm.records.reverting import give_back


class Policy(NamedTuple):
    """What a save sends, and what it does about other people's writes.

    Attributes:
        only: the names of the attributes to send; None for all.
        mode: "none", "verify", "careful" or "strict".
        resolve: what decides conflicts in this save, before all else; None if nothing was said.
        otherwise: the client's resolver, which comes after those of attributes.
    """

    only: Collection[str] | None
    mode: str
    resolve: Resolver | None
    otherwise: Resolver | None


def merge_theirs(
    record: Core,
    document: Answered,
    wanted: Collection[str] | None,
    policy: Policy,
    *,
    told: Answered | None = None,
) -> dict[str, Change]:
    """Take what the server holds now, with the edits of the record carried over to it.

    Args:
        record: the record that is being saved.
        document: what was read just now.
        wanted: the names of what is (still) to be sent; all if None. An overlap elsewhere stops
            nothing, and keeps its baseline, so that a later save finds it.
        policy: who decides.
        told: what the answer itself said, where the document holds more than that.

    Returns:
        By name, the overlaps in what is not to be sent: the value here, and the server's.

    Raises:
        ConflictError: both sides changed the same, and nobody decides. The record is as it was.
    """
    found = overlaps_of(record, document)
    elsewhere = [each for each in found if wanted is not None and each.conflict.name not in wanted]
    decisions = _decisions(record, [each for each in found if each not in elsewhere], policy)
    record._accept(document, {}, told=told, held=[each.attribute for each in elsewhere])
    for attribute, value in decisions:
        _carry_out(record, attribute, value)
    sides = (each.conflict for each in elsewhere)
    return {side.name: Change(side.mine, side.theirs) for side in sides}


def _decisions(
    record: Core, overlaps: Iterable[Overlap], policy: Policy
) -> list[tuple[Attribute[Any, Any], Any]]:
    """Have each overlap decided, before anything moves."""
    decisions: list[tuple[Attribute[Any, Any], Any]] = []
    still_open: dict[str, FieldConflict] = {}
    before = record._state.attributes, record._state.delta()[0]
    for attribute, conflict, theirs_first in overlaps:
        value = _decided(record, attribute, conflict, theirs_first, policy)
        if value is NotImplemented:
            still_open[conflict.name] = conflict
        else:
            decisions.append((attribute, value))
    if still_open:
        raise _conflict_error(record, still_open)
    now = record._state.attributes, record._state.delta()[0]
    if now[0] is not before[0] or [e[1:] for e in now[1]] != [e[1:] for e in before[1]]:
        message = f"{record._label()}: resolve= gives a value; it must not touch or save the record"
        raise ConfigurationError(message)
    return decisions


def _decided(
    record: Core,
    attribute: Attribute[Any, Any],
    conflict: FieldConflict,
    theirs_first: JSON,
    policy: Policy,
) -> Any:
    """Give the value to save; MISSING for mine, UNSET for theirs, NotImplemented for neither."""
    for resolver in (policy.resolve, attribute.resolve, policy.otherwise):
        if resolver == "mine":
            return MISSING
        if resolver == "theirs":
            merged = isinstance(theirs_first, dict) and isinstance(conflict.mine, dict)
            return value_at(record, attribute, theirs_first) if merged else UNSET
        if resolver is not None:
            value = resolver(conflict)
            if value is not NotImplemented:
                attribute.accept(record, value)  # refused before anything has moved
                return value
    return NotImplemented


def _carry_out(record: Core, attribute: Attribute[Any, Any], value: Any) -> None:
    """Put what was decided; in place where a list or dict is in somebody's hands."""
    entry = (record._state.working or {}).get(attribute.address)
    if value is MISSING or entry is None:
        return
    if value is UNSET:
        give_back(record, entry)
    elif not sync(entry.value, copy_json(value)):
        attribute.__set__(record, value)


def _conflict_error(record: Core, fields: Mapping[str, FieldConflict]) -> ConflictError:
    names = ", ".join(fields)
    error = ConflictError(
        f"{record._label()}: others changed as well: {names}; nothing was written over that. Look "
        "at error.fields, then refresh() and save, or save(resolve=…) with 'mine', 'theirs' or a "
        "function",
        path=record._url(),
    )
    error.fields = dict(fields)
    error.attributes = dict.fromkeys(fields, "changed here and by somebody else")
    return error
