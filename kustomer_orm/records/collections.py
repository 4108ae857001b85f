"""`Collection`: the records below another one, such as the notes of a conversation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from collections.abc import Collection as Several
from functools import partial
from typing import Any, Self, cast, overload
from urllib.parse import quote

from kustomer_orm._names import camel
from kustomer_orm.attributes.base import describe
from kustomer_orm.changes import Extent, State
from kustomer_orm.client import Client
from kustomer_orm.errors import InvalidValueError, QueryError, ReadOnlyAttributeError
from kustomer_orm.queries import WirePage
from kustomer_orm.records.core import Core, records
from kustomer_orm.records.facts import Extra
from kustomer_orm.records.filtering import parameters
from kustomer_orm.records.finding import Finder, checked_id
from kustomer_orm.records.querying import Query, Wanted
from kustomer_orm.transport import Request

_FAMILY = "kobject."


class Collection:
    """Records below another one: on the class itself, on a record a `Below` of it.

    Args:
        type_name: the API's type string of what is there.
        path: the last part of its path; the camelCase of the Python name if not given.
        creates: whether the API makes new ones there.
        lists: whether the API lists what is there.
        implied: the attributes that the path says already, so that `create` does not take them.
        filters: Python's names to the API's query parameters.

    >>> from kustomer_orm import Client, Conversation
    >>> from kustomer_orm.emulator import Emulator
    >>> with Emulator() as server, Client(server.api_key, base_url=server.url):
    ...     conversation = Conversation.get(server.world.add("conversation"))
    ...     note = conversation.notes.create(body="Called back")
    ...     [note.body for note in conversation.notes]
    ['Called back']
    """

    def __init__(
        self,
        type_name: str,
        path: str | None = None,
        *,
        creates: bool = False,
        lists: bool = True,
        implied: Several[str] = (),
        filters: Mapping[str, str] | None = None,
    ) -> None:
        self.type_name = type_name
        self.path = path or ""
        self.creates = creates
        self.lists = lists
        self.implied = frozenset(implied)
        self.filters = filters or {}
        self.label = ""
        self.cls: type[Core] | None = None  # of a klass that was named by its class

    def __set_name__(self, owner: type, name: str) -> None:
        self.label = f"{owner.__name__}.{name}"
        self.path = self.path or camel(name)

    @overload
    def __get__(self, record: None, owner: type) -> Self: ...

    @overload
    def __get__(self, record: object, owner: type) -> Below: ...

    def __get__(self, record: Any, owner: type) -> Any:
        return self if record is None else Below(self, record)

    def __set__(self, record: object, value: object) -> None:
        message = f"{self.label} is a list of the server's: create() adds to it"
        raise ReadOnlyAttributeError(message)

    def __repr__(self) -> str:
        return f"<Collection {self.label} of {self.type_name}>"


class CollectionOfKlass:
    """Custom objects below a record, told apart by their klass: `customer.kobjects("order")`.

    A class that was declared for the klass will do as well: `customer.kobjects(Order)`.

    Args:
        creates: whether the API makes new ones there.
        implied: the attributes that the path says already, so that `create` does not take them.

    >>> from kustomer_orm import Client, Customer
    >>> from kustomer_orm.emulator import Emulator
    >>> with Emulator() as server, Client(server.api_key, base_url=server.url):
    ...     klass = server.world.add("klass", name="order")
    ...     customer = Customer.get(server.world.add("customer"))
    ...     order = customer.kobjects("order").create(title="Order 1059")
    ...     [each.title for each in customer.kobjects("order")]
    ['Order 1059']
    """

    def __init__(self, *, creates: bool = False, implied: Several[str] = ()) -> None:
        self.creates = creates
        self.implied = implied
        self.label = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.label = f"{owner.__name__}.{name}"

    @overload
    def __get__(self, record: None, owner: type) -> Self: ...

    @overload
    def __get__(self, record: object, owner: type) -> Callable[[str | type[Core]], Below]: ...

    def __get__(self, record: Any, owner: type) -> Any:
        return self if record is None else partial(self._below, record)

    def __set__(self, record: object, value: object) -> None:
        message = f"{self.label} are lists of the server's: create() adds to one"
        raise ReadOnlyAttributeError(message)

    def _below(self, record: Core, klass: Any) -> Below:
        cls: Any = klass if isinstance(klass, type) and issubclass(klass, Core) else None
        if cls is not None and cls.type.startswith(_FAMILY):
            klass = cls.type.removeprefix(_FAMILY)
        if not isinstance(klass, str):
            got = f"the class {klass.__name__}" if isinstance(klass, type) else describe(klass)
            raise InvalidValueError.of(
                self.label, expected="a klass, 'order' or a class declared with klass=", got=got
            )
        collection = Collection(
            f"{_FAMILY}{klass}",  # the family of such types refuses what cannot be a name
            f"klasses/{klass}",
            creates=self.creates,
            implied=self.implied,
            filters={"from_date": "fromDate"},
        )
        collection.cls = cls
        collection.label = f"{self.label}({klass!r})"
        return Below(collection, record)


class Below(Query[Any]):
    """A query of what lies below a record. No request before somebody goes through it."""

    def __init__(self, collection: Collection, parent: Core, wanted: Wanted | None = None) -> None:
        self._collection = collection
        self._parent = parent
        cls: type[Core] = collection.cls or records.find(collection.type_name)
        place = f"{parent._url()}/{collection.path}"
        super().__init__(Finder(cls, parent._bound()), wanted or Wanted(place))

    def _wire_pages(self) -> Iterator[WirePage]:
        if not self._collection.lists:
            message = f"{self._collection.label}: the API lists none there; get(id) loads one"
            raise QueryError(message)
        return super()._wire_pages()

    def where(self, **filters: Any) -> Self:
        """Give only what the API lets through these filters.

        Raises:
            QueryError: the API does not filter this list by one of them.
        """
        more = parameters(self._collection.label, self._collection.filters, filters)
        return self._with(filters=(*self._wanted.filters, *more))

    def get(self, id_: str) -> Any:
        """Load one record that lies here, by its id. One request.

        Raises:
            NotFoundError: there is none here.
        """
        finder = self._bound
        path = f"{self._wanted.path}/{quote(checked_id(finder._cls, id_), safe='')}"
        return finder.hydrate(finder._resource(finder._client.read(path).get("data"), path))

    def remove(self, id_: str) -> None:
        """Delete one record that lies here, by its id, where the API deletes it here. One request.

        Raises:
            NotFoundError: there is none here, or the API deletes none here.
        """
        finder = self._bound
        path = f"{self._wanted.path}/{quote(checked_id(finder._cls, id_), safe='')}"
        finder._client.write(Request("DELETE", path))
        finder._client.cache.drop(finder._cls.type, id_)

    def new(self, **values: Any) -> Any:
        """Make a record that is created here when it is saved. No request.

        Raises:
            QueryError: the API makes none here.
        """
        if not self._collection.creates:
            raise QueryError(f"{self._collection.label}: the API creates nothing there")
        return _new(
            self._bound._cls, self._bound._client, self._wanted.path, self._collection, values
        )

    def create(self, **values: Any) -> Any:
        """Make a record below this one and save it. One request.

        Raises:
            InvalidValueError: a value is refused; nothing was sent.
            QueryError: the API makes none here.
            OutcomeUnknownError: no answer came, and without an external id nobody can tell
                whether the record was made; it is not sent twice.
        """
        record = self.new(**values)
        record.save()
        return record


def _new(
    cls: type[Core], client: Client, place: str, collection: Collection, values: dict[str, Any]
) -> Any:
    extra = Extra()
    extra.made_at, extra.implied = place, collection.implied
    record: Any = cls._make(None, State({}, {}, Extent.NEW), client, extra)
    record.assign(**values)
    return cast("Any", record)
