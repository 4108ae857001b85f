"""One record in a bulk job: what it sends, and what is true once its outcome is known."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

from kustomer_orm import jsonapi
from kustomer_orm._sentinels import MISSING
from kustomer_orm._types import JSONObject
from kustomer_orm.changes import Edit, Extent, is_masked, revision
from kustomer_orm.client import Client
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


@dataclass(slots=True, eq=False, repr=False)
class Item:
    """One record of a job, as it was when its request was made.

    Attributes:
        record: whose item it is.
        edits: what it sends.
        body: as it goes.
        size: bytes of the body.
        is_new: whether it makes a record.
        base: the baseline then; another one means that the record was loaded or saved meanwhile.
        settled: whether it was told what became of it.
        is_unknown: whether that is that nobody knows.
    """

    record: Any
    edits: list[Edit]
    body: JSONObject
    size: int
    is_new: bool = field(init=False)
    base: Any = field(init=False)
    settled: bool = field(init=False, default=False)
    is_unknown: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        self.is_new = self.record._state.extent is Extent.NEW
        self.base = self.record._state.attributes

    @property
    def label(self) -> str:
        """How its errors name the record."""
        return str(self.record._label())

    @property
    def has_moved(self) -> bool:
        """Whether another answer has moved the record's baseline since."""
        return self.record._state.attributes is not self.base


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


def refusal(item: Item, words: str, client: Client) -> KustomerError:
    """Give the error of an item that the server refused, in its words.

    They may repeat the key, or what was sent, which is no business of a log's.
    """
    said = client.hushed(words, jsonapi.dumps(item.body)) or "no reason was given"
    kind = (
        ConflictError if "rev" in words.split() or words.startswith("Conflict") else BadRequestError
    )
    return kind(f"{item.record._label()}: refused in bulk: {said}", method="PUT")


def anothers(item: Item, name: str) -> ConflictError:
    """Give the error of a creation whose key belongs to a record of other values."""
    return ConflictError(
        f"{item.record._label()}: there is a {item.record.type} of this {name} already, with other "
        "values: it was there before, or somebody has changed it since; nothing was written to it "
        f"(get_by loads it; another {name} makes another record)",
        method="POST",
        path=item.record.path,
    )


def refused_whole(label: str, error: APIError, count: int) -> APIError:
    """Give the error of one record whose request the server refused, with all that it carried.

    That nothing was done of a request that was answered with an error is inferred.
    """
    message = f"{label}: {error}"
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
    before, now = revision(item.base), revision(resource["attributes"])
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
