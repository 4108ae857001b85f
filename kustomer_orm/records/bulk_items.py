"""One record in a bulk job: what it sends, and what is true once its outcome is known."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kustomer_orm import jsonapi
from kustomer_orm._sentinels import MISSING
from kustomer_orm._types import JSONObject
from kustomer_orm.changes import Edit, Extent, is_masked
from kustomer_orm.errors import (
    APIError,
    BadRequestError,
    ConflictError,
    InvalidValueError,
    KustomerError,
    OutcomeUnknownError,
)
from kustomer_orm.records.core import Core
from kustomer_orm.records.planning import body_of
from kustomer_orm.records.results import SaveResult
from kustomer_orm.records.settling import doubt, settle


@dataclass(slots=True)
class Item:
    """One record of a job.

    Attributes:
        record: whose item it is; of a deletion by id, the id.
        edits: what it sends.
        body: as it goes.
        size: bytes of the body.
    """

    record: Any
    edits: list[Edit]
    body: JSONObject
    size: int

    @property
    def key(self) -> object:
        """What tells its record from others: the id, or the object itself while it has none."""
        return id(self.record) if self.is_new else self.record.id

    @property
    def is_new(self) -> bool:
        """Whether it makes a record."""
        return bool(self.record._state.extent is Extent.NEW)


def item_of(record: Core, edits: list[Edit], rev: int | None, most: int) -> Item:
    """Give the item that carries edits.

    Raises:
        InvalidValueError: it is too large for any request. Nothing was sent.
    """
    body = body_of(edits)
    if record.id is not None:
        body = {"id": record.id, **body}
    if rev is not None:
        body["rev"] = rev
    size = len(jsonapi.dumps(body))
    if size > most:
        expected = f"changes of at most {most} bytes together; use save(only=…)"
        raise InvalidValueError.of(record._label(), expected=expected, got=f"{size} bytes")
    return Item(record, edits, body, size)


def sent_of(item: Item) -> dict[str, Edit]:
    """Give what an item sent, by address."""
    return {edit.attribute.address: edit for edit in item.edits}


def accept_done(item: Item, id_: str | None, resource: JSONObject | None = None) -> None:
    """Move the baseline of a record whose item succeeded; a new one gets its id.

    No answer shows the record, so of a new one only what was sent is known.
    """
    record: Core = item.record
    if record.id is None and id_ is not None:
        record._adopt_id(id_)
    known = Extent.PARTIAL if resource is None else Extent.WHOLE
    settle(record, sent_of(item), resource, SaveResult(), known=known)


def put_in_doubt(item: Item, error: KustomerError | None = None) -> OutcomeUnknownError:
    """Remember that nobody knows what became of an item; give the error that says so."""
    doubt(item.record, item.edits, 1)
    why = "" if error is None else f": {error}"
    return OutcomeUnknownError(
        f"{item.record._label()}: sent in bulk, and nothing tells what became of it; it is in "
        f"doubt, and saving it again is harmless{why}"
    )


def refusal(item: Item, words: str) -> KustomerError:
    """Give the error of an item that the server refused."""
    label = item.record._label() if isinstance(item.record, Core) else f"{item.record}"
    said = words or "no reason was given"
    # What the server says may repeat what was sent to it, which is no business of a log's.
    for text in jsonapi.texts_of(jsonapi.dumps(item.body)):
        said = said.replace(text, "…")
    kind = (
        ConflictError if "rev" in words.split() or words.startswith("Conflict") else BadRequestError
    )
    return kind(f"{label}: refused in bulk: {said}", status=None, method="PUT")


def refused_whole(item: Item, error: APIError, count: int) -> APIError:
    """Give the error of a record whose request the server refused, with all that it carried.

    That nothing was done of a request that was answered with an error is inferred.
    """
    message = f"{item.record._label()}: {error}"
    if count > 1:
        message += (
            f" (this answers the request with all its {count} records, none was saved; where the "
            "answer does not tell which is at fault, save() of each by itself does)"
        )
    twin = copy.copy(error)
    twin.args = (message,)
    return twin


# -- where the job does not tell -------------------------------------------------------------------


def holds(item: Item, resource: JSONObject) -> bool:
    """Tell whether a record on the server holds all that an item sent, as far as it shows."""
    attributes, relationships = resource["attributes"], resource.get("relationships") or {}
    for edit in item.edits:
        stored = edit.attribute.read(attributes, relationships)
        absent = stored is MISSING or stored is None
        if is_masked(stored) or edit.attribute.unordered:
            continue  # nobody can tell: hidden, or names that are stored as ids
        if (edit.wire is not None) if absent else edit.wire is None:
            return False
        if not absent and edit.wire is not None and not edit.attribute.same(edit.wire, stored):
            return False
    return True


def wrote(item: Item, resource: JSONObject) -> bool | None:
    """Tell from a record on the server whether an item was carried out; None if nothing tells.

    Nothing was written where the revision is the one that the record was loaded with.
    """
    record: Core = item.record
    before, now = record._rev(), resource["attributes"].get("rev")
    if before is not None and before == now:
        return False
    if not holds(item, resource):
        return None if before is None else False if _as_before(item, resource) else None
    telling = any(not edit.attribute.unordered for edit in item.edits)
    return True if telling or (before is not None and now == before + 1) else None


def _as_before(item: Item, resource: JSONObject) -> bool:
    """Tell whether everything that an item sent still is as it was loaded."""
    attributes, relationships = resource["attributes"], resource.get("relationships") or {}
    pairs = [(edit, edit.attribute.read(attributes, relationships)) for edit in item.edits]
    return all(
        stored == edit.base or (_unset(stored) and _unset(edit.base)) for edit, stored in pairs
    )


def _unset(wire: Any) -> bool:
    return wire is MISSING or wire is None


def match_new(items: Sequence[Item], found: Sequence[JSONObject]) -> dict[int, JSONObject]:
    """Find the record that each creation made among those that the job names, each once."""
    left = list(found)
    matched: dict[int, JSONObject] = {}
    for place, item in enumerate(items):
        fit = next((resource for resource in left if holds(item, resource)), None)
        if fit is not None:
            matched[place] = fit
            left.remove(fit)
    return matched
