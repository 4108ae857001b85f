"""`GenericRecord`: what a record of a type becomes that no class declares."""

from __future__ import annotations

from kustomer_orm.records.core import records
from kustomer_orm.records.record import Record


class GenericRecord(Record):
    """A record of a type that no class declares: `record["key"]` and `record.raw` read it.

    It is not written: what the API takes for its type, only a class of that type could say.

    >>> from kustomer_orm import Conversation
    >>> conversation = Conversation(id="58228e05d4e96711004eccb8")
    >>> conversation.sub_status = "58228e05d4e96711004eccb7"
    >>> conversation.sub_status
    <GenericRecord 58228e05d4e96711004eccb7>
    """

    read_only = True

    @property
    def type(self) -> str:  # type: ignore[override]  # pyright: ignore[reportIncompatibleVariableOverride]
        """The API's type string."""
        return self._extra.type if self._extra is not None else ""


records.register_fallback(GenericRecord)
