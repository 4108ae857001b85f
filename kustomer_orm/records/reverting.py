"""Takes unsaved changes back; what may have arrived on the server is sent back."""

from __future__ import annotations

from collections.abc import Collection

from kustomer_orm._sentinels import MISSING
from kustomer_orm.changes import Entry, Extent, adopt, is_masked
from kustomer_orm.records.core import Core, value_at


def revert(record: Core, wanted: Collection[str] | None) -> None:
    """Take back the changes at these addresses, or all of them."""
    for entry in record._state.entries():
        if wanted is None or entry.attribute.address in wanted:
            give_back(record, entry)
            if entry.doubt is not MISSING:
                _send_original(record, entry)


def give_back(record: Core, entry: Entry) -> None:
    """Have the baseline's value again: in place for a list or dict that was handed out."""
    entry.touched = False
    if entry.assigned:
        record._state.drop(entry.attribute.address)
    else:
        adopt(record._state, entry, record)


def _send_original(record: Core, entry: Entry) -> None:
    """Have the original sent after all: what went out before may have arrived."""
    attribute, state = entry.attribute, record._state
    base = state.base(attribute)
    if entry in state.entries():  # a container that was handed out is back already
        if state.is_unsendable(entry):
            entry.doubt = MISSING
        return
    unknown = base is MISSING and state.extent is not Extent.WHOLE
    if unknown or is_masked(base):
        return
    made = Entry(attribute, value_at(record, attribute, base), assigned=True)
    made.doubt = entry.doubt
    if not state.is_unsendable(made):  # else nothing can be done about it by sending
        state.keep(made)
