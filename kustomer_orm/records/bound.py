"""`Bound`: a record class with a client, and every way from there to records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from kustomer_orm._types import JSONObject
from kustomer_orm.bulk import BulkResult
from kustomer_orm.criteria import Expression
from kustomer_orm.errors import InvalidValueError
from kustomer_orm.records.core import Core
from kustomer_orm.records.filtering import query_of
from kustomer_orm.records.finding import Finder
from kustomer_orm.records.portable import restored
from kustomer_orm.records.querying import Query, Wanted
from kustomer_orm.records.saving_many import create_many, delete_many, save_many
from kustomer_orm.records.searching import Search

R = TypeVar("R", bound=Core)
Q = TypeVar("Q", bound=Query[Any])


class Bound(Finder[R]):
    """A record class with a client: what `Conversation.using(client)` gives.

    >>> from kustomer_orm import Client, Conversation
    >>> from kustomer_orm.emulator import Emulator
    >>> with Emulator() as server:
    ...     client = Client(server.api_key, base_url=server.url)
    ...     id_ = server.world.add("conversation", name="Hi")
    ...     Conversation.using(client).get(id_).name
    'Hi'
    """

    def all(
        self, *, limit: int | None = None, page_size: int | None = None, **filters: object
    ) -> Query[R]:
        """Give a query of all records. No request before somebody goes through it.

        Args:
            limit: how many records to give at most.
            page_size: how many to ask for at once.
            **filters: what the API filters this list by, see the class.

        Raises:
            QueryError: the API has no such filter, or none of these together.
        """
        query = Query(self, Wanted(self._cls.path, query_of(self._cls, filters)))
        return _narrowed(query, limit, page_size)

    def search(
        self, *criteria: Expression, limit: int | None = None, page_size: int | None = None
    ) -> Search[R]:
        """Give a search for records that fulfil all of these criteria. No request yet.

        Raises:
            QueryError: the API has no such criterion.
        """
        return _narrowed(Search(self, criteria), limit, page_size)

    def save_all(self, records: Iterable[Core], **options: Any) -> BulkResult:
        """Save records in bulk: one request for 100 that have changed, none for the others.

        See `Record.save_all`.
        """
        return save_many(self._cls, self._client, records, options)

    def create_all(self, values: Iterable[Mapping[str, Any] | R], **options: Any) -> BulkResult:
        """Make records in bulk, one request for 100. See `Record.create_all`."""
        return create_many(self._cls, self._client, values, options, self.new)

    def delete_all(self, records: Iterable[R | str], **options: Any) -> BulkResult:
        """Delete records, or those of these ids, in bulk. See `Record.delete_all`."""
        return delete_many(self._cls, self._client, records, options)

    def from_snapshot(self, snapshot: JSONObject) -> R:
        """Make the record of a snapshot, on its original baseline and bound to this client.

        No request.

        Raises:
            InvalidValueError: it is not a snapshot of this class, or one of another organisation.
        """
        record: R = restored(self._cls, snapshot)
        org = record.key[0]
        if org not in (None, self._client.org):
            raise InvalidValueError.of(
                f"{self._cls.__name__}.from_snapshot",
                expected=f"a snapshot of {self._client.org}",
                got=f"one of {org}",
            )
        object.__setattr__(record, "_client", self._client)
        return record


def _narrowed(query: Q, limit: int | None, page_size: int | None) -> Q:
    if limit is not None:
        query = query.limit(limit)
    return query if page_size is None else query.page_size(page_size)
