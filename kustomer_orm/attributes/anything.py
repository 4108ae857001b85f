"""A kind for JSON of whatever shape: `Anything`."""

from __future__ import annotations

from typing import Any

from kustomer_orm._types import JSON
from kustomer_orm.attributes.base import Attribute, describe
from kustomer_orm.attributes.fields import FreeJSON
from kustomer_orm.changes import Entry, holds_masked
from kustomer_orm.errors import InvalidValueError


class Anything(Attribute[Any, Any]):
    """JSON of whatever shape: what the API itself shows in several.

    >>> from kustomer_orm import Record
    >>> from kustomer_orm.attributes import Anything
    >>> class Ticket(Record):
    ...     type, path = "ticket", "/v1/tickets"
    ...     sent_to = Anything()
    >>> ticket = Ticket(sent_to=["jane@example.com"])
    >>> ticket.sent_to.append({"email": "jim@example.com"})
    >>> ticket.plan().requests[0].body
    {'sentTo': ['jane@example.com', {'email': 'jim@example.com'}]}
    """

    held = True

    def __init__(self, **options: Any) -> None:
        super().__init__(FreeJSON(), **options)

    def present(self, owner: Any, wire: JSON) -> Any:
        """Give the value; a list or dict is kept: what the reader does to it is seen."""
        value = super().present(owner, wire)
        if isinstance(value, (list, dict)):
            owner._state.keep(Entry(self, value))
        return value

    def outgoing(self, wire: JSON, base: JSON) -> JSON:
        """Refuse what holds a masked value: the API replaces it whole."""
        if holds_masked(wire):
            expected = "a value without masked parts (the API replaces it whole)"
            raise InvalidValueError.of(self.label, expected=expected, got=describe(wire))
        return wire
