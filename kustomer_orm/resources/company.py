"""Company: an organisation that customers belong to.

Attributes and limits are those of the published contract (POST /companies, PUT /companies/{id}).
"""

from __future__ import annotations

from kustomer_orm.attributes import Boolean, DateTime, Number, String, ToOne, Url, elements
from kustomer_orm.records import CollectionOfKlass, Record


class Company(Record):
    """An organisation that customers belong to.

    The API deletes none; `deleted = True` marks one. Its list is filtered by `external_id` or by
    `name`, one of them at a time.

    >>> from kustomer_orm import Client, Company
    >>> from kustomer_orm.emulator import Emulator
    >>> with Emulator() as server, Client(server.api_key, base_url=server.url):
    ...     made = Company.create(name="Example Ltd", external_id="C-1")
    ...     made.domains.append({"domain": "example.com"})
    ...     made.save().requests[0].method, Company.get_by(external_id="C-1") == made
    ('PUT', True)
    """

    type = "company"
    path = "/v1/companies"
    update_method = "PUT"
    bulk = ("create", "update")
    required = ("name",)
    look_ups = {"external_id": "?externalId"}  # noqa: RUF012 - a constant of the class
    filters = {"external_id": "externalId", "name": "filter"}  # noqa: RUF012 - likewise
    filters_alone = True  # documented: given both, the server ignores both
    deletes = False
    bookkeeping = frozenset(("rev", "updatedAt", "modifiedAt", "relationships.modifiedBy"))

    kobjects = CollectionOfKlass()

    # -- written and read -----------------------------------------------------------------------
    name = String(min_length=3, max_length=256)
    external_id = String(max_length=256, nullable=True)
    avatar_url = Url(nullable=True, null_on_create=True)
    default_lang = String(max_length=100, nullable=True, null_on_create=True)
    employee_count = Number()
    tags = elements.tags()
    emails = elements.emails()
    phones = elements.phones()
    whatsapps = elements.whatsapps()
    socials = elements.socials()
    urls = elements.urls()
    domains = elements.domains()
    locations = elements.locations()

    # -- written once it exists, or when it is created --------------------------------------------
    deleted = Boolean(nullable=True, writable="update")
    created_at = DateTime(writable="create")
    imported_at = DateTime(writable="create")

    # -- read -----------------------------------------------------------------------------------
    created_by = ToOne("user", writable=False)
    modified_by = ToOne("user", writable=False)
    org = ToOne("org", writable=False)
    updated_at = DateTime(writable=False)
    modified_at = DateTime(writable=False)
