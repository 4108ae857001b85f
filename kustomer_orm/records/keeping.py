"""Notices what a server cleared because a save left it out (decision 0012)."""

from __future__ import annotations

from collections.abc import Collection

from kustomer_orm._sentinels import MISSING
from kustomer_orm._types import JSONObject
from kustomer_orm.changes import Edit, Entry, Extent
from kustomer_orm.records.accompanying import unedited
from kustomer_orm.records.core import Core
from kustomer_orm.records.verifying import Before, others_wrote


def cleared(
    record: Core,
    known: Before,
    sent: Collection[str],
    resource: JSONObject | None,
    attempts: int,
) -> list[Edit]:
    """List what was there before a write of ours and is gone though we did not send it.

    Only where that is certain: the answer shows the whole resource, and nobody else wrote.

    Args:
        record: the record, after the answer was accepted; its baseline still has what is gone.
        known: what it knew before.
        sent: the addresses of what the request carried.
        resource: the answer.
        attempts: how often the request was sent.
    """
    if not record.kept or resource is None or known.state.extent is not Extent.WHOLE:
        return []
    told = resource["attributes"], resource.get("relationships") or {}
    attributes = [record._named(name) for name in record.kept]
    gone = [
        attribute
        for attribute in attributes
        if attribute.address not in sent
        and known.state.base(attribute) not in (MISSING, None)
        and attribute.read(*told) in (MISSING, None)
    ]
    others = known.state.relationships.keys() - {attribute.key for attribute in attributes}
    whole = bool(others) and others <= told[1].keys()
    if not gone or not whole or others_wrote(record, known, attempts, sent) is not False:
        return []
    found = (unedited(record, attribute.name) for attribute in gone)
    return [edit for edit in found if edit is not None]


def take_away(record: Core, gone: list[Edit]) -> list[Edit]:
    """Have the baseline say that these are gone, and give the edits that set them again.

    They are the record's own edits from here on, so that they stay if the request fails.
    """
    state = record._state
    baseline = dict(state.attributes), dict(state.relationships)
    for edit in gone:
        edit.attribute.put(*baseline, MISSING)
    record._accept(baseline, {}, extent=state.extent)
    again = []
    for edit in gone:
        entry = edit.entry
        held = None if state.working is None else state.working.get(edit.attribute.address)
        if held is None or not state.is_edited(held):  # an edit of the user's own stays
            entry = Entry(edit.attribute, entry.value, assigned=True)
            state.keep(entry)
        again.append(edit._replace(entry=entry, base=MISSING))
    return again
