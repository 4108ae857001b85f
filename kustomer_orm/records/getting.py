"""`Findable`: the ways from a class to its records, each bound to the current client."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

from kustomer_orm.client import Client, current_client
from kustomer_orm.records.bound import Bound
from kustomer_orm.records.core import Core
from kustomer_orm.records.prefetching import prefetch
from kustomer_orm.records.querying import Query
from kustomer_orm.records.reflecting import reflect


class Findable(Core):
    """A record class that gives its records; what `Record` has before it has a state."""

    @classmethod
    def using(cls, client: Client) -> Bound[Self]:
        """Bind the class to a client: `Conversation.using(client).get(id)`. No request.

        Raises:
            DeclarationError: the class is no resource of the API by itself.
        """
        cls._checked_path()
        return Bound(cls, client)

    @classmethod
    def get(cls, id: str, *, fresh: bool = False) -> Self:
        """Load one record. One request; none where the client's cache or identity scope has it.

        Args:
            id: its id.
            fresh: ask the server in any case.

        Raises:
            InvalidValueError: the id cannot be one; nothing was sent.
            NotFoundError: no such record.
        """
        return cls.using(current_client()).get(id, fresh=fresh)

    @classmethod
    def get_many(cls, ids: Iterable[str], *, fresh: bool = False) -> list[Self]:
        """Load several records, in the order of their ids; one request per 100 ids.

        Records that do not exist are left out. What the client's cache or identity scope has is
        not asked for, unless `fresh`.
        """
        return cls.using(current_client()).get_many(ids, fresh=fresh)

    @classmethod
    def get_by(cls, **look_up: str) -> Self:
        """Load one record by another key: `get_by(external_id="A-1")`. One request."""
        return cls.using(current_client()).get_by(**look_up)

    @classmethod
    def all(
        cls, *, limit: int | None = None, page_size: int | None = None, **filters: Any
    ) -> Query[Self]:
        """Give a query of all records. No request before somebody goes through it.

        Args:
            limit: how many records to give at most.
            page_size: how many to ask for at once.
            **filters: what the API filters this list by, such as `email=` for users.

        Raises:
            QueryError: the API has no such filter, or does not take these together.
        """
        return cls.using(current_client()).all(limit=limit, page_size=page_size, **filters)

    @classmethod
    def prefetch(cls, records: Iterable[Core], *names: str) -> None:
        """Load related records of these records, one request per 100 of a type.

        Args:
            records: what was loaded, of one class or several.
            *names: relations, such as "customer"; "customer.company" for those of the related.

        Raises:
            QueryError: a name is no relation.
        """
        prefetch(list(records), names)

    @classmethod
    def create(cls, *, id: str | None = None, **values: Any) -> Self:
        """Make a record and save it. One request.

        Args:
            id: an id of your own choice, where the API lets the caller choose.
            **values: attributes by their Python names.
        """
        return cls.using(current_client()).create(id=id, **values)

    @classmethod
    def reflect(cls, client: Client | None = None) -> type[Self]:
        """Give a subclass with the custom attributes that the organisation has set up. One request.

        Their names are those that `kustomer-orm models generate` writes; what the class declares
        already stays as it is. Type checkers do not know them: a generated module is better where
        that counts. A record of such a class is pickled as one of the class it came from.

        >>> from kustomer_orm import Client, Conversation
        >>> from kustomer_orm.emulator import Emulator
        >>> with Emulator() as server, Client(server.api_key, base_url=server.url) as client:
        ...     server.seed_demo()[:0]
        ...     Reflected = Conversation.reflect(client)
        ...     Reflected.order_number.key
        []
        'orderNumberStr'

        Args:
            client: the client to ask; the current one if not given.
        """
        return reflect(cls, client or current_client())  # type: ignore[no-any-return]
