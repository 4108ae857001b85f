"""Takes unsaved changes back; what went out before may have arrived, so then the original goes."""

from __future__ import annotations

from kustomer_orm._sentinels import MISSING
from kustomer_orm.changes import Entry, Extent, adopt, is_masked
from kustomer_orm.records.core import Core, value_at


def give_back(record: Core, entry: Entry) -> None:
    """Take a change back; a container that was handed out goes back in place."""
    entry.touched = False
    if entry.assigned:
        record._state.drop(entry.attribute.address)
    else:
        adopt(record._state, entry, record)


def send_original(record: Core, entry: Entry) -> None:
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
