"""What records remember beside their values: a client by its name, and the rarer facts."""

from __future__ import annotations

from typing import Any, NamedTuple

from kustomer_orm._types import JSONObject
from kustomer_orm.errors import NotFoundError
from kustomer_orm.records.results import Change


class Alias(NamedTuple):
    """A client by its name, for copies that travel: never the client, never its key."""

    name: str
    org: str


class Extra:
    """The rarer facts of a record, made when one of them is needed."""

    __slots__ = (
        "begun",
        "beside",
        "editing",
        "implied",
        "in_doubt",
        "lazy",
        "link",
        "lost",
        "made_at",
        "missing",
        "out",
        "previous",
        "type",
    )

    def __init__(self, *, lazy: bool = False, link: str | None = None, type: str = "") -> None:
        self.lazy = lazy
        self.link = link
        self.type = type
        self.made_at: str | None = None  # of a new record: the path that makes it, if another
        self.implied: frozenset[str] = frozenset()  # what that path says already
        self.beside: JSONObject = {}  # links and meta of the last answer: no copy takes them
        self.in_doubt = False
        self.lost = 0  # attempts of which nobody knows whether they raised the revision
        self.previous: dict[str, Change] = {}
        self.missing: NotFoundError | None = None  # a prefetch found that: no copy takes it along
        self.out = False  # of a new record: it is being made in bulk, and nobody knows yet
        self.begun = 0  # where the cache stood when the latest write went out
        self.editing: list[Any] | None = None  # the blocks of `edit()` that are open, in order
