"""`record.custom`: the custom attributes as a mapping by key, declared or not."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from typing import Any, Never, overload

from kustomer_orm._sentinels import MISSING
from kustomer_orm.attributes import Attribute
from kustomer_orm.changes import Entry, Extent, is_masked
from kustomer_orm.errors import UnknownAttributeError
from kustomer_orm.records.core import Core


class CustomAttributes(MutableMapping[str, Any]):
    """A view of a record's custom attributes by wire key. It holds nothing of its own.

    Reading gives the declared type, else the type of the suffix, else raw JSON. Writing a key
    without a known suffix is refused. `del` sends null, which clears the key.

    >>> from kustomer_orm import Conversation
    >>> conversation = Conversation(customer="58210c3db0f09110006b7953")
    >>> conversation.custom["refundNum"] = 12.5
    >>> dict(conversation.custom)
    {'refundNum': 12.5}
    """

    __slots__ = ("_record",)

    def __init__(self, record: Core) -> None:
        self._record = record

    def __getitem__(self, key: str) -> Any:
        attribute = self._attribute(key)
        if not self._has(attribute):
            raise KeyError(key)
        return attribute.__get__(self._record, type(self._record))

    def __setitem__(self, key: str, value: Any) -> None:
        self._attribute(key).__set__(self._record, value)

    def __delitem__(self, key: str) -> None:
        self._record._refuse_read_only()
        attribute = self._attribute(key)
        if not self._has(attribute):
            raise KeyError(key)
        # Also where the server has no such key: it may be getting one from a save under way.
        gone = Entry(attribute, MISSING, assigned=True)
        held = (self._record._state.working or {}).get(attribute.address)
        if held is not None:
            gone.doubt = held.doubt
        self._record._state.keep(gone)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self._has(self._attribute(key))

    def __iter__(self) -> Iterator[str]:
        state = self._record._state
        held = state.attributes.get("custom", MISSING)
        if held is MISSING and state.extent is Extent.PARTIAL:
            self._record._load_once("custom")
        for key in self._known():
            if key in self:
                yield key

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        return f"<custom attributes {', '.join(key for key in self._known() if key in self)}>"

    def _known(self) -> list[str]:
        """List the keys that are known here, deleted ones too. No request."""
        state = self._record._state
        held = state.attributes.get("custom")
        held = None if is_masked(held) else held
        touched = [
            entry.attribute.address.removeprefix("custom.")
            for entry in state.entries()
            if entry.attribute.address.startswith("custom.")
        ]
        return list(dict.fromkeys([*(held if isinstance(held, dict) else ()), *touched]))

    def _attribute(self, key: object) -> Attribute[Any, Any]:
        if not isinstance(key, str):
            message = f"the keys of {self._record._label()}.custom are strings"
            raise UnknownAttributeError(message)
        return self._record._at("custom." + str.__str__(key))

    def _has(self, attribute: Attribute[Any, Any]) -> bool:
        """Tell whether the key is there now: on the server and not deleted, or assigned."""
        state = self._record._state
        entry = None if state.working is None else state.working.get(attribute.address)
        if entry is not None and (entry.assigned or state.is_edited(entry)):
            return entry.value is not MISSING
        base = state.base(attribute)
        if base is MISSING and state.extent is Extent.PARTIAL:
            base = self._record._load_missing(attribute)
        return base is not MISSING


class CustomKeys:
    """The custom attributes of a class by wire key, declared or not: for searches.

    >>> from kustomer_orm import Conversation
    >>> Conversation.custom["refundAmountNum"] >= 5
    <custom.refundAmountNum gte 5>
    """

    __slots__ = ("_cls",)

    def __init__(self, cls: type[Core]) -> None:
        self._cls = cls

    def __getitem__(self, key: str) -> Attribute[Any, Any]:
        if not isinstance(key, str):
            raise UnknownAttributeError(f"the keys of {self._cls.__name__}.custom are strings")
        return self._cls._named(f"custom.{key}")

    # `keys["key"]` alone does not make it a container: Python would ask for key 0.
    __iter__ = None

    def __repr__(self) -> str:
        return f"<custom attributes of {self._cls.__name__}>"


class CustomPlace:
    """The custom attributes by wire key, declared or not: on a class, those to search by."""

    @overload
    def __get__(self, record: None, owner: type) -> CustomKeys: ...

    @overload
    def __get__(self, record: object, owner: type) -> CustomAttributes: ...

    def __get__(self, record: Any, owner: Any) -> Any:
        return CustomKeys(owner) if record is None else CustomAttributes(record)

    def __set__(self, record: object, value: Never) -> None:
        raise AttributeError("custom")  # the record says what to do instead
