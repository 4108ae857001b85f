"""Reads a delivery into an `Event`: the record after the change, and what was changed.

The body is as recorded. Nobody has shown how a change of a relationship is worded, nor one of a
custom attribute, so several spellings are taken, and what cannot be read is left out of `changes`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from kustomer_orm import jsonapi
from kustomer_orm._types import JSON, JSONObject
from kustomer_orm.changes import copy_json, revision
from kustomer_orm.client import Client, find_current
from kustomer_orm.errors import InvalidValueError, WebhookError
from kustomer_orm.records import Change, Record
from kustomer_orm.records.finding import checked_id
from kustomer_orm.records.following import moment
from kustomer_orm.records.telling import told_record
from kustomer_orm.webhooks.naming import changes_of
from kustomer_orm.webhooks.owning import check_organisation, is_own
from kustomer_orm.webhooks.signing import MAX_SIZE, check_size

_NAME = re.compile(r"kustomer(?:\.[\w-]+)+\.(?P<verb>[\w-]+)", re.ASCII)
_TYPE = re.compile(r"[\w.-]{1,200}", re.ASCII)

# What the API stores is a few levels deep; Python's own limit is near a thousand.
_DEEPEST = 100


@dataclass(frozen=True, eq=False, repr=False)
class Event:
    """What Kustomer tells of one write. Its `repr` shows no values.

    Attributes:
        id: the event's id; each attempt to deliver it has the same (inferred).
        name: such as "kustomer.conversation.update".
        type: the record's type, "conversation".
        verb: "create" or "update" (documented); others are handed on as they are.
        record: the record after the change: of the class that is declared for its type, bound to
            the client, and nobody else's. Saving it sends the difference, as ever.
        changes: by Python name, the value before and after. Empty for a creation. What every write
            moves, such as `rev` and `updated_at`, is left out; `raw` has it.
        rev: the record's revision after the change; None for types that have none.
        created_at: when the event was made; None where that cannot be read.
        own: whether a program with the key of the client has written it, as far as an event can
            tell. True is sure; False is not: see the guide.
        client: whose event it is; None where it was read without one.

    >>> from kustomer_orm.webhooks import parse
    >>> event = parse(
    ...     b'{"id": "5f0", "name": "kustomer.conversation.update", "org": "5e0", "data": {"type":'
    ...     b'"conversation", "id": "5f1", "attributes": {"name": "Ho", "rev": 3}}, "changes":'
    ...     b'{"attributes": {"name": {"op": "replace", "before": "Hi", "after": "Ho"}}}}'
    ... )
    >>> event
    <Event kustomer.conversation.update 5f1 rev 3>
    >>> event.record.name, event.changes
    ('Ho', {'name': Change(old='Hi', new='Ho')})
    """

    id: str
    name: str
    type: str
    verb: str
    record: Record
    changes: Mapping[str, Change]
    rev: int | None
    created_at: datetime | None
    own: bool
    client: Client | None
    _document: JSONObject = field(repr=False)

    @property
    def raw(self) -> JSONObject:
        """A copy of the body as it came."""
        copied: JSONObject = copy_json(self._document)
        return copied

    @property
    def resource(self) -> JSONObject:
        """A copy of the resource in the body, as the API would show the record."""
        copied: JSONObject = copy_json(self._document["data"])
        return copied

    @property
    def org(self) -> str:
        """The id of the organisation; "" where the body does not tell."""
        org = self._document.get("org")
        return org if isinstance(org, str) else ""

    def __repr__(self) -> str:
        rev = "" if self.rev is None else f" rev {self.rev}"
        return f"<Event {self.name} {self.record.id}{rev}>"


def parse(body: bytes, client: Client | None = None, *, max_size: int = MAX_SIZE) -> Event:
    """Read a delivery. No request. It is not verified here: see `verify`.

    Args:
        body: the raw bytes.
        client: whose records they are; the current client if not given. Without one the event
            belongs to no client, and `own` is False.
        max_size: bytes of a body above which it is not read.

    Raises:
        WebhookError: `status` is 413 for a body that is too large, 400 for one that is no event,
            403 for an event of another organisation than the client's.
    """
    check_size(body, max_size)
    client = find_current() if client is None else client
    document = jsonapi.parse(body)
    if document is None:
        raise WebhookError("the delivery is no JSON object")
    if _is_too_deep(document):
        raise WebhookError(f"the delivery is nested more than {_DEEPEST} levels deep")
    name, verb = _named(document)
    data = _resource(document)
    if client is not None:
        check_organisation(document, client)
    record = told_record(data, client)
    ident = document.get("id")
    return Event(
        id=ident if isinstance(ident, str) else "",
        name=name,
        type=data["type"],
        verb=verb,
        record=record,
        changes=changes_of(record, document),
        rev=revision(data["attributes"]),
        created_at=moment(document.get("createdAt")),
        own=client is not None and is_own(document, verb, client),
        client=client,
        _document=document,
    )


def _is_too_deep(document: JSON) -> bool:
    """Go down level by level: a recursion could itself be too deep."""
    level = [document]
    for _ in range(_DEEPEST):
        level = [
            inner
            for each in level
            for inner in (each.values() if isinstance(each, dict) else each)
            if isinstance(inner, (dict, list))
        ]
        if not level:
            return False
    return True


def _named(document: JSONObject) -> tuple[str, str]:
    name = document.get("name")
    match = _NAME.fullmatch(name) if isinstance(name, str) else None
    if match is None:
        raise WebhookError("the delivery has no name, such as 'kustomer.conversation.update'")
    return match[0], match["verb"]


def _resource(document: JSONObject) -> JSONObject:
    data = document.get("data")
    if not (jsonapi.is_resource(data) and _is_type(data.get("type"))):
        raise WebhookError("the delivery has no record: 'data' with type, id and attributes")
    try:
        checked_id(Record, data["id"])
    except InvalidValueError:
        raise WebhookError("the id of the delivery's record is none") from None
    return data


def _is_type(name: JSON) -> bool:
    return isinstance(name, str) and _TYPE.fullmatch(name) is not None
