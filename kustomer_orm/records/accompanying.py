"""What an update carries beside its edits, because the API takes or keeps it only so."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from kustomer_orm._sentinels import MISSING
from kustomer_orm.changes import Edit, Entry, is_masked
from kustomer_orm.client import Client
from kustomer_orm.errors import InvalidValueError
from kustomer_orm.records.core import Core


def companions(record: Core, edits: Collection[Edit]) -> list[Edit]:
    """List what goes along with these edits, as it was loaded.

    Raises:
        InvalidValueError: an attribute that the API wants along was never loaded.
    """
    if not edits or not (record.together or record.kept or record.always):
        return []
    sent = {edit.attribute.address for edit in edits}
    return [*_wanted_along(record, sent), *_cleared_otherwise(record, sent)]


def _wanted_along(record: Core, sent: Collection[str]) -> Iterable[Edit]:
    group = [record._named(name) for name in record.together]
    if not any(attribute.address in sent for attribute in group):
        group = []
    for attribute in (*group, *(record._named(name) for name in record.always)):
        if attribute.address in sent:
            continue
        along = unedited(record, attribute.name)
        if along is None:
            names = " and ".join((*record.together, *record.always))
            expected = (
                f"a value too: the API takes {names} only together, and this one is not known"
            )
            raise InvalidValueError.of(attribute.label, expected=expected, got="none").about(
                record._label()
            )
        yield along


def _cleared_otherwise(record: Core, sent: Collection[str]) -> Iterable[Edit]:
    """Send along what this server was seen to clear when it is left out (decision 0012)."""
    client = record._client
    if not isinstance(client, Client) or record.type not in client.clears_omitted:
        return
    for name in record.kept:
        along = unedited(record, name)
        if along is not None and along.attribute.address not in sent:
            yield along


def unedited(record: Core, name: str) -> Edit | None:
    """Give what sends the loaded value of an attribute, None where it has or shows none."""
    attribute = record._named(name)
    wire = record._state.base(attribute)
    if wire is MISSING or wire is None or is_masked(wire):
        return None
    return Edit(Entry(attribute, attribute.decode(wire, record)), wire, wire, wire)
