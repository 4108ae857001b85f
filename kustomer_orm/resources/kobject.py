"""KObject: a custom object, of a klass that the organisation has set up.

Attributes and limits are those of the published contract (POST /klasses/{name}, PUT
/klasses/{name}/{id}); the last ones are read of klasses that are assignable.
"""

from __future__ import annotations

import re
import threading
from typing import Any, ClassVar

from kustomer_orm.attributes import DateTime, Integer, List, Object, String, ToOne, Url, elements
from kustomer_orm.errors import DeclarationError
from kustomer_orm.records import Record, records

_FAMILY = "kobject."
_NAME = re.compile(r"[0-9a-zA-Z_-]{1,255}")


class KObject(Record):
    """A custom object. Each klass has a class of its own: `class Order(KObject, klass="order")`.

    `KObject.of("order")` gives the class of a klass for which you need none of your own. `data` is
    free JSON, replaced whole; what is to be searched must be in custom attributes. Customer and
    company are set when it is created, and `customer.kobjects("order")` has those of a customer.
    The list is filtered by `from_date`.

    >>> from kustomer_orm import Client, KObject, custom
    >>> from kustomer_orm.emulator import Emulator
    >>> class Order(KObject, klass="order"):
    ...     total = custom.Num("totalPriceNum")
    >>> with Emulator() as server, Client(server.api_key, base_url=server.url):
    ...     klass = server.world.add("klass", name="order")
    ...     order = Order.create(title="Order 1059", external_id="1059", total=64.67)
    ...     order.data = {"items": 3}
    ...     order.save().requests[0].body, Order.get_by(external_id="1059").total
    ({'data': {'items': 3}}, 64.67)
    """

    klass: ClassVar[str] = ""
    update_method = "PUT"
    bulk = ("create", "update", "delete")
    required = ("title",)
    look_ups = {"external_id": "externalId"}  # noqa: RUF012 - a constant of the class
    filters = {"from_date": "fromDate"}  # noqa: RUF012 - likewise
    abstract = (
        'declare `class Order(KObject, klass="order")` for the klass `order`, or use '
        'KObject.of("order")'
    )
    bookkeeping = frozenset(("rev", "updatedAt", "modifiedAt", "relationships.modifiedBy"))

    # -- written and read -----------------------------------------------------------------------
    title = String(min_length=1, max_length=256)
    description = String(max_length=10240)
    external_id = String(min_length=1, max_length=256)
    icon = String(max_length=64)
    images = List(Url(), max_items=20, unique=True)
    data = Object()
    tags = elements.tags()
    created_at = DateTime()
    imported_at = DateTime()

    # -- written when it is created -------------------------------------------------------------
    customer = ToOne("customer", writable="create")
    company = ToOne("company", writable="create")

    # -- read -----------------------------------------------------------------------------------
    created_by = ToOne("user", writable=False)
    modified_by = ToOne("user", writable=False)
    org = ToOne("org", writable=False)
    updated_at = DateTime(writable=False)
    modified_at = DateTime(writable=False)
    role_group_versions = List(String(), writable=False)

    status = String(writable=False)
    queue = String(writable=False)
    assigned_user = String(writable=False)
    first_done = Object(writable=False)
    last_done = Object(writable=False)
    done_count = Integer(writable=False)
    reopen_count = Integer(writable=False)
    reopen_from_done_count = Integer(writable=False)

    def __init_subclass__(cls, *, klass: str | None = None, **options: Any) -> None:
        if klass is not None:
            cls.klass = _checked(cls.__name__, klass)
            cls.type = f"{_FAMILY}{klass}"
            cls.path = f"/v1/klasses/{klass}"
        super().__init_subclass__(**options)

    @staticmethod
    def of(klass: str) -> type[KObject]:
        """Give the class of a klass: the one that was declared, else one without custom attributes.

        No request.

        Raises:
            DeclarationError: no klass can have this name.
        """
        found: type[KObject] = records.find(f"{_FAMILY}{_checked('KObject', klass)}")
        return found


def _checked(name: str, klass: Any) -> str:
    if isinstance(klass, str) and _NAME.fullmatch(klass):
        return klass
    message = (
        f"{name}: the name of a klass is 1 to 255 of the letters a-z and A-Z, digits, '_' and '-'"
    )
    raise DeclarationError(message)


_made: dict[str, type[KObject]] = {}
_making = threading.Lock()


def _undeclared(type_name: str) -> type[KObject]:
    """Give the class of a klass that nobody declared: always the same one, so that records equal.

    It is not registered: a class that is declared later takes its place.
    """
    klass = type_name.removeprefix(_FAMILY)
    with _making:
        if klass not in _made:
            about = {
                "__module__": __name__,
                "__qualname__": f"of {klass}",
                "__doc__": KObject.__doc__,
            }
            make: Any = type(KObject)
            _made[klass] = make("KObject", (KObject,), about, klass=klass, registered=False)
        return _made[klass]


def __getattr__(name: str) -> Any:
    """Give the class of an undeclared klass to pickle, which knows it by its qualified name."""
    klass = name.removeprefix("of ")
    if klass != name and _NAME.fullmatch(klass):
        return _undeclared(klass)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


records.register_family(_FAMILY, _undeclared)
