"""`Search`: records by criteria, all of them, past the limits of the API's pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Self, TypeVar

from kustomer_orm import jsonapi
from kustomer_orm._types import JSON, JSONObject
from kustomer_orm.attributes import Attribute
from kustomer_orm.attributes.base import describe
from kustomer_orm.changes import revision
from kustomer_orm.criteria import Criterion, Expression, Order, Raw, groups_of
from kustomer_orm.errors import QueryError, UnexpectedAnswerError
from kustomer_orm.queries import WirePage
from kustomer_orm.queries.pages import page_in
from kustomer_orm.queries.searchable import check_operator, context_of, search_name
from kustomer_orm.queries.windows import MOST_PAGES, WINDOW, Span, Windows
from kustomer_orm.records.core import Core
from kustomer_orm.records.finding import Finder
from kustomer_orm.records.querying import Query, Wanted
from kustomer_orm.transport import Request

R = TypeVar("R", bound=Core)

PLACE = "/v1/customers/search"
ARCHIVE = "/v1/customers/archive/search"
_LARGEST = 500
_MOST = 20


class Search(Query[R]):
    """Records that fulfil criteria, oldest update first, each once.

    Only what was updated in the last two years is found; `archive()` looks at what is older. The
    index is about a minute behind (documented), so a record may be shown as it was: a save notices
    by the revision, as far as its `conflict=` does. `fresh()` reads each one again.

    Going through a search remembers the ids that were given, some 80 bytes each.

    >>> from kustomer_orm import Client, Conversation
    >>> from kustomer_orm.emulator import Emulator
    >>> with Emulator() as server, Client(server.api_key, base_url=server.url):
    ...     for status in ("open", "done", "open"):
    ...         _ = server.world.add("conversation", status=status)
    ...     query = Conversation.search(Conversation.status == "open")
    ...     query.count(), len([conversation.id for conversation in query])
    (2, 2)
    """

    def __init__(self, finder: Finder[R], criteria: Iterable[Expression]) -> None:
        super().__init__(finder, Wanted(PLACE))
        self._criteria = tuple(criteria)
        self._order: tuple[Order, ...] = ()
        self._deleted = False
        self._rereads = False
        self._body(Span())  # what cannot be said is refused on the line that says it

    # -- narrowing ------------------------------------------------------------------------------

    def where(self, *criteria: Expression) -> Self:
        """Add criteria; all of them hold."""
        twin = self._with()
        twin._criteria = (*self._criteria, *criteria)
        twin._body(Span())
        return twin

    def order_by(self, *orders: Order | Attribute[Any, Any]) -> Self:
        """Sort by `Conversation.priority`, the smallest first, or `Conversation.priority.desc()`.

        Up to five; more than one is unreliable (seen). A sorted search gives 10,000 records at
        most; going further raises.

        Raises:
            QueryError: it is no attribute, or the API does not search by it.
        """
        twin = self._with()
        twin._order = tuple(self._ordered(each) for each in orders)
        twin._body(Span())
        return twin

    def include_deleted(self) -> Self:
        """Find what is marked as deleted as well."""
        twin = self._with()
        twin._deleted = True
        return twin

    def archive(self) -> Self:
        """Look at what was not updated in the last two years, by few attributes (documented)."""
        return self._with(path=ARCHIVE)

    def fresh(self) -> Self:
        """Read each record again, since the index is behind. One request more per 100 records."""
        twin = self._with()
        twin._rereads = True
        return twin

    # -- asking ---------------------------------------------------------------------------------

    def count(self) -> int:
        """Tell how many there are. One request."""
        total = self._ask(self._body(Span()), 1, 1).total
        if total is None:
            raise QueryError(f"{self!r}: the answer tells no total; go through it and count")
        return total

    def _wire_pages(self) -> Iterator[WirePage]:
        size = min(self._size() or _LARGEST, _LARGEST)
        found = self._sorted(size) if self._order else self._windowed(size)
        for number, data in enumerate(filter(None, found), start=1):
            yield WirePage(data, number, None, self._wanted.path)

    def _windowed(self, size: int) -> Iterator[list[JSON]]:
        def ask(span: Span, number: int) -> WirePage:
            # Those of one time are asked for by the largest pages: fewer of them can go wrong.
            return self._ask(self._body(span), number, _LARGEST if span.until else size)

        return Windows(ask, repr(self)).pages()

    def _sorted(self, size: int) -> Iterator[list[JSON]]:
        given = 0
        for number in range(1, MOST_PAGES + 1):
            page = self._ask(self._body(Span()), number, size)
            given += len(page.data)
            if page.data:
                yield page.data
            if not page.data or (page.total is not None and given >= page.total):
                return
            if given >= WINDOW:
                break
        message = f"{self!r}: a sorted search ends after {given} records; do without order_by"
        raise QueryError(message)

    def _ask(self, body: JSONObject, number: int, size: int) -> WirePage:
        path = f"{self._wanted.path}?page={number}&pageSize={size}"
        request = Request("POST", path, jsonapi.dumps(body), reads=True)
        answer = self._bound._client.write(request)
        document = None if answer.content is None else jsonapi.parse(answer.content)
        if document is None:
            message = f"POST {path}: {answer.status} with an answer that is not whole JSON"
            raise UnexpectedAnswerError(message, status=answer.status, method="POST", path=path)
        return page_in(document, path, number, "POST")

    # -- the body -------------------------------------------------------------------------------

    def _body(self, span: Span) -> JSONObject:
        groups = groups_of(self._criteria)
        body: JSONObject = {"queryContext": context_of(self._bound._cls.type)}
        for name, group in zip(("and", "or", "not"), groups, strict=True):
            entries = [self._entry(each) for each in group]
            unique = [each for place, each in enumerate(entries) if each not in entries[:place]]
            if len(unique) > _MOST - (name == "and") * 2:
                raise QueryError(f"{self!r}: the API takes {_MOST} criteria of a kind at most")
            if unique:
                body[name] = [*unique]
        updated = f"{self._prefix()}_updated_at"
        times = [{updated: {"gte": span.since}}] if span.since else []
        times += [{updated: {"lte": span.until}}] if span.until else []
        said = body.get("and", [])  # perhaps the very time that the search has come to
        times = [each for each in times if each not in said]
        if times:
            body["and"] = [*said, *times]
        orders = [{self._named(each.attribute): _way(each)} for each in self._order]
        body["sort"] = [*orders] or [{updated: "asc"}]
        if self._deleted:
            body["includeDeleted"] = True
        return body

    def _entry(self, criterion: Any) -> JSONObject:
        if isinstance(criterion, Raw):
            return {criterion.name: {criterion.operator: criterion.value}}
        one: Criterion = criterion
        name = self._named(one.attribute)
        check_operator(name, one.operator, one.attribute)
        return {name: {one.operator: one.value}}

    def _ordered(self, order: Any) -> Order:
        if isinstance(order, Attribute):
            return order.asc()
        if isinstance(order, Order):
            return order
        name = self._bound._cls.__name__
        raise QueryError(
            f"order_by takes attributes, such as {name}.created_at or {name}.created_at.desc(), "
            f"not {describe(order)}"
        )

    def _prefix(self) -> str:
        type_name = self._bound._cls.type
        return "kobject" if type_name.startswith("kobject.") else type_name

    def _named(self, attribute: Any) -> str:
        cls = self._bound._cls
        if not attribute.address:
            raise QueryError(
                f"{attribute!r} is declared in no class: declare it in a class of yours, or search "
                f"by {cls.__name__}.custom[{attribute.key or 'orderNumberStr'!r}]"
            )
        owner = attribute.declared_in
        theirs = getattr(owner, "type", "") or cls.type
        if owner is not None and theirs != cls.type and not issubclass(cls, owner):
            message = (
                f"{attribute.label} is no attribute of {cls.__name__}: {owner.__name__} has it"
            )
            raise QueryError(message)
        known = cls._by_address.get(attribute.address)
        if known is None and not attribute.address.startswith("custom."):
            raise QueryError(f"{attribute.label} is no attribute of {cls.__name__}")
        return search_name(cls.type, attribute)

    # -- records --------------------------------------------------------------------------------

    def _hydrated(self, data: Iterable[JSON], page: WirePage) -> list[R]:
        """Make the records; what the index shows is never kept, and moves nothing back."""
        finder = self._bound
        resources = [finder._resource(item, page.path) for item in data]
        if self._rereads:
            resources = finder.fetch_many([each["id"] for each in resources])
        newer: dict[str, R] = {}
        for each in resources:
            held = finder._held(each["id"])
            if held is not None and _is_newer(held, each):
                newer[each["id"]] = held
        made = finder.hydrate_all([each for each in resources if each["id"] not in newer])
        by_id = {str(record.id): record for record in made} | newer
        return [by_id[each["id"]] for each in resources]


def _way(order: Order) -> str:
    return "desc" if order.descending else "asc"


def _is_newer(held: Core, resource: JSONObject) -> bool:
    mine, theirs = held._rev(), revision(resource["attributes"])
    return mine is not None and theirs is not None and mine > theirs
