"""What every contender does: the same steps, over the records of one page.

A step takes the whole list of records, so that the loop is inside the contender and the price of
calling into it is paid once a page. The attributes are the same for all: ``name``, ``createdAt``,
``tags`` and ``custom.refundAmountNum``. There are two pairs of edits: a text and a number set, and
a number set and a tag appended.
"""

import json
from abc import ABC, abstractmethod
from datetime import datetime
from typing import Any, ClassVar, Final, TypeAlias

Reading: TypeAlias = tuple[str, datetime, list[str], float]
"""The four attributes of a first read: name, createdAt, tags, refundAmountNum."""

REPEATS: Final = range(10)
NEW_AMOUNT: Final = 12.5
NEW_NAME: Final = "Refund for order 1234"
NEW_TAG: Final = "refund"


class Contender(ABC):
    """One library, doing every step of the benchmark with records of its own."""

    name: str
    notes: ClassVar[tuple[str, ...]] = ()

    def parse(self, page: bytes) -> list[Any]:
        """Parse a page and keep the parts of it that the records are made from, nothing more."""
        resources = json.loads(page)["data"]
        return [part for r in resources for part in (r["id"], r["attributes"])]

    @abstractmethod
    def hydrate(self, page: bytes) -> list[Any]:
        """Make the records of a page, the parsing included."""

    @abstractmethod
    def read(self, records: list[Any]) -> list[Reading]:
        """Read four attributes of each record, decoded."""

    @abstractmethod
    def read_text_again(self, records: list[Any]) -> None:
        """Read the name of each record once for each of ``REPEATS``."""

    @abstractmethod
    def read_time_again(self, records: list[Any]) -> None:
        """Read the creation time of each record once for each of ``REPEATS``."""

    @abstractmethod
    def set_two(self, records: list[Any]) -> None:
        """Set the name to ``NEW_NAME`` and the amount to ``NEW_AMOUNT`` in each record."""

    @abstractmethod
    def edit(self, records: list[Any]) -> None:
        """Set the amount to ``NEW_AMOUNT`` and append ``NEW_TAG`` to the tags of each record."""


class Tracker(Contender):
    """A contender whose records know what has changed in them."""

    @abstractmethod
    def tags(self, record: Any) -> list[str]:
        """Give the list that the record hands out, to be changed in place."""

    @abstractmethod
    def dirty(self, records: list[Any]) -> list[bool]:
        """Ask each record whether a save would have something to send."""

    @abstractmethod
    def delta(self, records: list[Any]) -> list[bytes]:
        """Make the bytes that a save of each record would send."""

    @abstractmethod
    def sent(self, body: bytes) -> dict[str, Any]:
        """Say what a body of ``delta`` sets: wire names to values, custom ones as custom.<name>.

        Tags sent as an addition, not as the whole list, go by the name "tags, added".
        """
