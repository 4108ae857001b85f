"""`Query`: records of a list, asked for page by page while somebody goes through them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Generic, NoReturn, Self, TypeVar

from kustomer_orm._types import JSON, JSONObject
from kustomer_orm.attributes import Attribute
from kustomer_orm.errors import InvalidValueError, QueryError
from kustomer_orm.queries import WirePage, pages_of
from kustomer_orm.records.core import Core
from kustomer_orm.records.finding import Finder
from kustomer_orm.records.prefetching import named, prefetch

R = TypeVar("R", bound=Core)


@dataclass(frozen=True)
class Page(Generic[R]):
    """One page of a query.

    Attributes:
        records: what is on it.
        number: which page it is, counted from 1.
        total: how many records the query has in all, where the API tells.

    >>> from kustomer_orm import Client, Conversation
    >>> from kustomer_orm.emulator import Emulator
    >>> with Emulator() as server, Client(server.api_key, base_url=server.url):
    ...     _ = [server.world.add("conversation") for _ in range(3)]
    ...     [(page.number, len(page)) for page in Conversation.all(page_size=2).pages()]
    [(1, 2), (2, 1)]
    """

    records: list[R]
    number: int
    total: int | None

    def __iter__(self) -> Iterator[R]:
        return iter(self.records)

    def __len__(self) -> int:
        return len(self.records)


@dataclass(frozen=True)
class Wanted:
    """What a query asks for.

    Attributes:
        path: the list's path.
        filters: its query parameters.
        size: records a page, the server's own if None.
        most: how many records to give; all if None.
        related: the relations to load along.
    """

    path: str
    filters: tuple[tuple[str, str], ...] = ()
    size: int | None = None
    most: int | None = None
    related: tuple[str, ...] = ()


class Query(Generic[R]):
    """Records of a list. Nothing is asked for before it is wanted, nothing is kept that was passed.

    Going through it again asks again. Each method gives a new query and changes nothing.

    A list is a moving thing: a record that is created or deleted while you go through it moves the
    pages, so one may come twice or not at all. `search()` does not have that fault.

    >>> from kustomer_orm import Client, Conversation
    >>> from kustomer_orm.emulator import Emulator
    >>> with Emulator() as server, Client(server.api_key, base_url=server.url):
    ...     for number in range(5):
    ...         _ = server.world.add("conversation", name=f"Number {number}")
    ...     names = [conversation.name for conversation in Conversation.all().page_size(2)]
    ...     names[-1], len(server.requests)
    ('Number 4', 3)
    """

    def __init__(self, bound: Finder[R], wanted: Wanted) -> None:
        self._bound = bound
        self._wanted = wanted

    # -- narrowing ------------------------------------------------------------------------------

    def limit(self, most: int) -> Self:
        """Give at most so many records, and ask for no more pages than they need."""
        return self._with(most=_counted("limit", most))

    def page_size(self, size: int) -> Self:
        """Ask for pages of this size; the server cuts down what is too large (documented)."""
        return self._with(size=_counted("page_size", size))

    def prefetch(self, *names: str | Attribute[Any, Any]) -> Self:
        """Load related records along with each page: one request per 100 of a type.

        Args:
            *names: relations, such as "customer" or `Conversation.customer`; "customer.company" for
                those of the related.

        Raises:
            QueryError: something else was named.
        """
        return self._with(related=(*self._wanted.related, *named(names)))

    # -- asking ---------------------------------------------------------------------------------

    def __iter__(self) -> Iterator[R]:
        """Go through the records. One request a page."""
        for page in self.pages():
            yield from page.records

    def pages(self) -> Iterator[Page[R]]:
        """Go through the pages. One request each.

        Raises:
            APIError: one of its kinds, when a page is asked for.
        """
        left = self._wanted.most
        for page in self._wire_pages():
            data = page.data if left is None else page.data[:left]
            found = self._hydrated(data, page)
            prefetch(found, self._wanted.related)
            yield Page(found, page.number, page.total)
            if left is not None:
                left -= len(data)
                if left <= 0:
                    return

    def first(self) -> R | None:
        """Give the first record, or None. One request."""
        return next(iter(self.limit(1)), None)

    def ids(self) -> Iterator[str]:
        """Go through the ids. As many requests as going through the records."""
        for record in self._with(related=()):
            yield str(record.id)

    def count(self) -> int:
        """Tell how many records there are, whatever `limit` says. One request.

        Raises:
            QueryError: the API tells no total of this list.
        """
        page = next(self._with(size=1, most=None)._wire_pages(), None)
        if page is None:
            return 0
        if page.total is None:
            message = (
                f"{self!r}: the API tells no total of this list; go through it and count, one "
                "request per 100 records, or search, which tells one"
            )
            raise QueryError(message)
        return page.total

    def __bool__(self) -> NoReturn:
        raise QueryError(f"{self!r} is neither true nor false: first() tells whether there is one")

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._bound._cls.__name__} {self._wanted.path}>"

    # -- pages ----------------------------------------------------------------------------------

    def _with(self, **changes: Any) -> Self:
        twin: Self = object.__new__(type(self))
        twin.__dict__.update(self.__dict__)
        twin._wanted = replace(self._wanted, **changes)
        return twin

    def _size(self) -> int | None:
        size, most = self._wanted.size, self._wanted.most
        if most is None or (size is not None and size <= most):
            return size
        # Fewer than a page are wanted: 100 is the size that every list takes.
        return most if most < (size or 100) else size

    def _wire_pages(self) -> Iterator[WirePage]:
        query = dict(self._wanted.filters)
        size = self._size()
        if size is not None:
            query[self._bound._cls.size_key] = str(size)
        client, finder = self._bound._client, self._bound
        begun = 0

        def read(path: str) -> JSONObject:
            nonlocal begun
            begun = client.cache.begin()
            return client.read(path)

        for page in pages_of(read, self._wanted.path, query):
            for item in page.data:
                resource = finder._resource(item, page.path)
                if finder._cls.shows_ids:
                    client.cache.keep_read(resource, begun)
            yield page

    def _hydrated(self, data: Iterable[JSON], page: WirePage) -> list[R]:
        finder = self._bound
        return finder.hydrate_all([finder._resource(item, page.path) for item in data])


def _counted(name: str, value: int) -> int:
    good = isinstance(value, int) and not isinstance(value, bool) and value >= 1
    if not good:
        raise InvalidValueError.of(f"{name}()", expected="a whole number from 1 on", got="another")
    return value
