"""The pages of a list: what `links.next` leads to, until there is nothing more.

Documented: `page` counts from 1, a page size that is too large is cut down by the server, and
`next` is null at the end. Most lists tell no total, some have an empty `meta`, and lists with a
cursor have a `next` with `before=…` in it; all of them are followed in the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple
from urllib.parse import urlencode

from kustomer_orm._types import JSON, JSONObject
from kustomer_orm.errors import UnexpectedAnswerError
from kustomer_orm.transport import shown

Read = Callable[[str], JSONObject]


class WirePage(NamedTuple):
    """One page.

    Attributes:
        data: what the server sent for each record; not looked at yet.
        number: which page it is, counted from 1.
        total: how many records there are in all, where the server tells.
        path: what was asked for.
    """

    data: list[JSON]
    number: int
    total: int | None
    path: str


def pages_of(read: Read, path: str, query: Mapping[str, str]) -> Iterator[WirePage]:
    """Give the pages of a list, one request each; nothing is asked for before it is wanted.

    Args:
        read: what GETs a document, such as a client's `read`.
        path: the list's path.
        query: filters, and the page size.

    Raises:
        UnexpectedAnswerError: an answer is no list, or its `next` leads somewhere else.
    """
    here: str | None = f"{path}?{urlencode(query)}" if query else path
    number = 1
    while here is not None:
        document = read(here)
        page = page_in(document, here, number)
        if not page.data:
            return  # documented for none: lists without a total end on null or on nothing
        here = _next(document, here)
        yield page
        number += 1


def page_in(document: JSONObject, path: str, number: int, method: str = "GET") -> WirePage:
    """Give the page that a document is.

    Raises:
        UnexpectedAnswerError: it is no list.
    """
    data = document.get("data")
    if not isinstance(data, list):
        raise _unexpected(method, path, "the answer is not a list")
    meta = document.get("meta")
    total = meta.get("total") if isinstance(meta, dict) else None
    # A bool is an int for Python.
    known = isinstance(total, int) and not isinstance(total, bool)
    return WirePage(data, number, total if known else None, path)


def _next(document: JSONObject, here: str) -> str | None:
    """Give the address of the next page; refuse one that leaves the list or stays where it is."""
    links = document.get("links")
    link = links.get("next") if isinstance(links, dict) else None
    if link is None or link == "":
        return None
    same_list = isinstance(link, str) and link.partition("?")[0] == here.partition("?")[0]
    if not same_list or link == here:
        raise _unexpected("GET", here, "its link to the next page leads somewhere else")
    return str(link)


def _unexpected(method: str, path: str, what: str) -> UnexpectedAnswerError:
    place = shown(path)
    return UnexpectedAnswerError(f"{method} {place}: {what}", status=200, method=method, path=place)
