"""One record in a bulk job: what it sends, and what is true once its outcome is known."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

from kustomer_orm import jsonapi
from kustomer_orm._sentinels import MISSING
from kustomer_orm._types import JSONObject
from kustomer_orm.changes import Edit, Extent, is_masked, revision, same_json
from kustomer_orm.client import Client
from kustomer_orm.errors import (
    APIError,
    BadRequestError,
    ConflictError,
    InvalidValueError,
    KustomerError,
)
from kustomer_orm.records.core import Core
from kustomer_orm.records.planning import body_of

# Documented: "duplicate detected" is what a job says of an item whose key is taken.
_DUPLICATE = "duplicate"


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


def refusal(item: Item, words: str, client: Client) -> KustomerError:
    """Give the error of an item that the server refused, in its words.

    They may repeat the key, or what was sent, which is no business of a log's.
    """
    said = client.hushed(words, jsonapi.dumps(item.body)) or "no reason was given"
    conflict = "rev" in words.split() or words.startswith("Conflict") or _DUPLICATE in words.lower()
    kind = ConflictError if conflict else BadRequestError
    return kind(f"{item.record._label()}: refused in bulk: {said}", method="PUT")


def anothers(item: Item, name: str) -> ConflictError:
    """Give the error of a creation whose key belongs to a record of other values."""
    return ConflictError(
        f"{item.record._label()}: there is a {item.record.type} of this {name} already, not of "
        "this save: it was there before, or somebody has changed it since; nothing was written to "
        f"it (get_by loads it; another {name} makes another record)",
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
    """Tell whether a record on the server may be what an item sent: nothing says otherwise."""
    return False not in _compared(item, resource)


def shows(item: Item, resource: JSONObject) -> bool | None:
    """Tell whether a record on the server shows all that an item sent; None if nobody can tell."""
    compared = _compared(item, resource)
    return False if False in compared else None if None in compared else True


def wrote(item: Item, resource: JSONObject) -> bool | None:
    """Tell from a record on the server whether an item was carried out; None if nothing tells.

    Nothing was written where the revision is the one that the record was loaded with. One that
    has risen is no evidence: that may have been anybody.
    """
    before, now = revision(item.base), revision(resource["attributes"])
    if before is not None and before == now:
        return False
    if shows(item, resource):
        return True
    return False if before is not None and _as_before(item, resource) else None


def _compared(item: Item, resource: JSONObject) -> list[bool | None]:
    attributes, relationships = resource["attributes"], resource.get("relationships") or {}
    return [_same(edit, edit.attribute.read(attributes, relationships)) for edit in item.edits]


def _same(edit: Edit, stored: Any) -> bool | None:
    """Compare what was sent with what is stored; None where that tells nothing.

    What is hidden tells nothing, and neither does a set that differs: it may hold ids for the names
    that were sent, and others add to it.
    """
    if is_masked(stored):
        return None
    if edit.attribute.unordered:
        sent, there = edit.wire or [], [] if _unset(stored) else stored
        if not (isinstance(sent, list) and isinstance(there, list)) or len(sent) != len(there):
            return None
        return all(_is_among(each, there) for each in sent) or None
    if _unset(stored) or edit.wire is None:
        return _unset(stored) and edit.wire is None
    return bool(edit.attribute.same(edit.wire, stored))


def _is_among(wire: Any, others: list[Any]) -> bool:
    return any(same_json(wire, other) for other in others)


def _as_before(item: Item, resource: JSONObject) -> bool:
    """Tell whether everything that an item sent, and that is to be seen, is as it was loaded."""
    attributes, relationships = resource["attributes"], resource.get("relationships") or {}
    pairs = [(edit, edit.attribute.read(attributes, relationships)) for edit in item.edits]
    seen = [(edit, stored) for edit, stored in pairs if not is_masked(stored)]
    return bool(seen) and all(
        stored == edit.base or (_unset(stored) and _unset(edit.base)) for edit, stored in seen
    )


def _unset(wire: Any) -> bool:
    return wire is MISSING or wire is None
