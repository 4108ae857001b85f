"""Klass: a kind of custom object that the organisation has set up.

Attributes and limits are those of the published contract (POST /klasses, PUT /klasses/{id}).
"""

from __future__ import annotations

from kustomer_orm.attributes import Boolean, Choice, DateTime, List, Object, String, ToOne
from kustomer_orm.records import Record


class Klass(Record):
    """A kind of custom object that the organisation has set up, such as `order`.

    Its objects are records of a `KObject` class. The API refuses to delete one that has objects.

    >>> from kustomer_orm import Client, Klass
    >>> from kustomer_orm.emulator import Emulator
    >>> with Emulator() as server, Client(server.api_key, base_url=server.url):
    ...     klass = Klass.create(name="order", display_name="Order")
    ...     klass.display_name = "Orders"
    ...     klass.save().requests[0].method, [each.name for each in Klass.all(status="enabled")]
    ('PUT', ['order'])
    """

    type = "klass"
    path = "/v1/klasses"
    update_method = "PUT"
    required = ("name",)
    filters = {"status": "status"}  # noqa: RUF012 - a constant of the class
    takes_rev = False

    name = String(max_length=255, pattern=r"^[0-9a-zA-Z_-]+$", writable="create")
    display_name = String(max_length=255)
    icon = String(max_length=64)
    color = String(max_length=64)
    status = Choice("enabled", "disabled")
    mixins = List(Choice("commentable", "assignable", "editable", "creatable"))
    klass_schema = Choice("task")
    json_schema = Object()

    org = ToOne("org", writable=False)
    app_disabled = Boolean(writable=False)
    created_at = DateTime(writable=False)
    updated_at = DateTime(writable=False)
