"""Edit in several places, save once: `with record.edit():`."""

from __future__ import annotations

from collections.abc import Iterable
from types import TracebackType
from typing import Any

from kustomer_orm.errors import ConfigurationError, Resolver
from kustomer_orm.records.results import SaveResult


class Editing:
    """An edit that is under way: what `record.edit()` gives.

    Attributes:
        result: what the save did; None before it, and where an exception has kept it from being
            made.

    >>> from kustomer_orm import Client, Conversation
    >>> from kustomer_orm.emulator import Emulator
    >>> with Emulator() as server, Client(server.api_key, base_url=server.url):
    ...     conversation = Conversation.get(server.world.add("conversation"))
    ...     with conversation.edit() as editing:
    ...         conversation.status = "done"
    ...         conversation.priority = 5
    ...     editing.result
    <SaveResult requests=1 sent=[status, priority]>
    """

    __slots__ = ("_options", "_outer", "_record", "result")

    def __init__(
        self,
        record: Any,
        only: Iterable[str] | None,
        conflict: str | None,
        resolve: Resolver | None,
    ) -> None:
        if only is not None and not isinstance(only, str):  # a string is refused by the save
            only = tuple(only)
        self.result: SaveResult | None = None
        self._record = record  # a `Record`, which is made of this module
        self._options = {"only": only, "conflict": conflict, "resolve": resolve}
        self._outer = self

    def __enter__(self) -> Editing:  # noqa: PYI034 - the outermost one, often another
        extra = self._record._extras()
        if extra.editing is None:
            extra.editing = []
        blocks: list[Editing] = extra.editing
        outer = blocks[0] if blocks else self
        outer._refuse_other(self._options)
        blocks.append(self)
        self._outer = outer
        return outer

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # Generators end when they like, so it need not be the last one opened that ends. Whoever
        # is the first of those still open saves: what others do after that, they save themselves.
        blocks: list[Editing] = self._record._extras().editing
        is_first = blocks[0] is self
        del blocks[len(blocks) - 1 - blocks[::-1].index(self)]
        if not is_first or self in blocks:
            return
        if self._outer is not self and kind is None and not self._record.is_dirty:
            return  # the outermost has saved it all, and told so
        self.result = self._outer.result = None
        if kind is None:
            self.result = self._outer.result = self._record.save(**self._options)

    def _refuse_other(self, options: dict[str, Any]) -> None:
        """Refuse options that the one save at the end would not heed."""
        for name, value in options.items():
            if value is not None and value != self._options[name]:
                message = (
                    f"{self._record._label()} is being edited already, and is saved once, at the "
                    f"outermost exit: give {name}= to the outermost edit()"
                )
                raise ConfigurationError(message)

    def __repr__(self) -> str:
        return f"<Editing {self._record!r}>"
