"""`Findable`: the ways from a class to its records, each bound to the current client."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

from kustomer_orm.attributes import Attribute
from kustomer_orm.bulk import BulkResult
from kustomer_orm.client import Client, current_client
from kustomer_orm.criteria import Expression
from kustomer_orm.records.bound import Bound
from kustomer_orm.records.core import Core
from kustomer_orm.records.prefetching import named, prefetch
from kustomer_orm.records.querying import Query
from kustomer_orm.records.reflecting import reflect
from kustomer_orm.records.saving_many import Saver
from kustomer_orm.records.searching import Search


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
    def search(
        cls, *criteria: Expression, limit: int | None = None, page_size: int | None = None
    ) -> Search[Self]:
        """Give a search for records that fulfil all of these criteria. No request yet.

        `Conversation.search(Conversation.status == "open", Conversation.updated_at >= since)`.

        Args:
            *criteria: made of attributes; without one it finds all.
            limit: how many records to give at most.
            page_size: how many to ask for at once.

        Raises:
            QueryError: the API has no such criterion.
        """
        return cls.using(current_client()).search(*criteria, limit=limit, page_size=page_size)

    @classmethod
    def prefetch(cls, records: Iterable[Core], *names: str | Attribute[Any, Any]) -> None:
        """Load related records of these records, one request per 100 of a type.

        Args:
            records: what was loaded, of one class or several.
            *names: relations, such as "customer" or `Conversation.customer`; "customer.company" for
                those of the related.

        Raises:
            QueryError: a name is no relation.
        """
        prefetch(list(records), named(names))

    @classmethod
    def create(cls, *, id: str | None = None, **values: Any) -> Self:
        """Make a record and save it. One request.

        Args:
            id: an id of your own choice, where the API lets the caller choose.
            **values: attributes by their Python names.
        """
        return cls.using(current_client()).create(id=id, **values)

    @classmethod
    def save_all(cls, records: Iterable[Core], **options: Any) -> BulkResult:
        """Save records in bulk: one request for 100 that have changed, none for the others.

        Polling comes on top. Any iterable will do; records are looked at one by one and let go of
        once their job is done. One that is given again before it was sent goes once. What bulk
        cannot carry (a move to another customer, attributes that it lacks) is saved singly. Lists
        such as `tags` go whole, not through the endpoint that adds. An answer shows no records: of
        those that were saved the revision is unknown, and whether others wrote in between cannot be
        told.

        Args:
            records: of this class and its subclasses.
            **options: `progress`: True for a bar (needs rich), or a function of a `Progress`.
                `journal`: a file that notes what goes, for `resume_bulk` after a crash.
                `conflict`: "strict" sends revisions along, so that a server that enforces them
                refuses stale items, and reads first those whose revision is unknown; "careful"
                saves each record singly, with its read; with "none" and "verify" the last writer
                wins, per attribute. `timeout`: seconds to wait for one job, 300 if not given.
                `total`: how many records there are, for the progress of an iterator.

        Raises:
            InvalidValueError: one record was given instead of several. Nothing was sent.
            ConfigurationError: an option is unknown, a record is another organisation's, or the
                journal cannot be used: it is no journal, cannot be written, or holds what an
                earlier save has left open.
            BaseException: whatever the iterable, a function of the progress or Ctrl-C raises. Jobs
                that are out are settled first (on Ctrl-C asked once), or their records are in
                doubt, and it carries what was done, a `BulkResult`, as `error.result`.

        >>> from kustomer_orm import Client, Conversation
        >>> from kustomer_orm.emulator import Emulator
        >>> with Emulator() as server, Client(server.api_key, base_url=server.url):
        ...     found = [Conversation.get(server.world.add("conversation")) for _ in range(3)]
        ...     for conversation in found[:2]:
        ...         conversation.status = "done"
        ...     Conversation.save_all(found)
        <BulkResult saved=2 unchanged=1 requests=1>
        """
        return cls.using(current_client()).save_all(records, **options)

    @classmethod
    def create_all(cls, values: Iterable[Any], **options: Any) -> BulkResult:
        """Make records in bulk, one request for 100: of mappings of values, or of new records.

        Give them an `external_id` where there is one: it is how a lost answer is looked up. What
        `create` would refuse is not sent, and fails by itself: the others go. Takes the options of
        `save_all`.
        """
        return cls.using(current_client()).create_all(values, **options)

    @classmethod
    def delete_all(cls, records: Iterable[Any], **options: Any) -> BulkResult:
        """Delete records, or those of these ids, in bulk: one request for 100, one to look.

        What the server tells was not there fails; where it does not tell, what is gone is deleted.

        Raises:
            ConfigurationError: a record is of another type or organisation. Nothing was sent of it.
            QueryError: the API deletes none of this type in bulk. Nothing was sent.
        """
        return cls.using(current_client()).delete_all(records, **options)

    @classmethod
    def _bulk_key(cls) -> str:
        return cls.type

    @classmethod
    def _saver(cls, client: Client, result: BulkResult, options: dict[str, Any]) -> Saver:
        return Saver(cls, client, result, options)

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
