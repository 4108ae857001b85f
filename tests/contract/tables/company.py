"""The API's table of company attributes."""

from __future__ import annotations

from collections.abc import Mapping

from kustomer_orm import Company
from kustomer_orm.attributes import Boolean, DateTime, Number, String, Url
from tests.contract import contacts
from tests.contract.contacts import elements
from tests.contract.table import NOW, Row, Table

_WRITABLE: Mapping[str, Row] = {
    "name": Row(String, True, True, good=("xyz", "x" * 256), bad=("xy", "x" * 257, 5)),
    "external_id": Row(String, True, True, True, good=("x" * 256,), bad=("x" * 257, 5)),
    "avatar_url": Row(
        Url, True, True, True, good=("https://example.com/a",), bad=("a",), null_on_create=True
    ),
    "default_lang": Row(
        String, True, True, True, good=("en_us",), bad=("x" * 101,), null_on_create=True
    ),
    "employee_count": Row(Number, True, True, good=(12, 0), bad=("12", True)),
    "tags": contacts.TAGS,
    "emails": contacts.EMAILS,
    "phones": contacts.PHONES,
    "whatsapps": contacts.WHATSAPPS,
    "socials": contacts.SOCIALS,
    "urls": contacts.URLS,
    "domains": elements({"domain": "example.com"}, {}, {"domain": 5}),
    "locations": contacts.LOCATIONS,
    "deleted": Row(Boolean, False, True, True, good=(True, False), bad=(1, "true")),
    "created_at": Row(DateTime, True, False, bad=(NOW,)),
    "imported_at": Row(DateTime, True, False, bad=(NOW,)),
}

TABLES = (
    Table(
        cls=Company,
        type="company",
        path="/v1/companies",
        create="POST /companies",
        update="PUT /companies/{id}",
        writable=_WRITABLE,
        read_only=frozenset(("updatedAt", "modifiedAt")),
        relations=frozenset(("createdBy", "modifiedBy", "org")),
        new={"name": "Example Ltd", "domains": [{"domain": "example.com"}]},
    ),
)
