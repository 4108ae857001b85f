"""Customer: a person who writes to the organisation.

Attributes and limits are those of the published contract (POST, PUT and PATCH of /customers take
the same ones); the read-only ones were seen in recorded answers and events.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Self

from kustomer_orm.attributes import (
    Boolean,
    Choice,
    DateTime,
    Integer,
    List,
    Number,
    Object,
    String,
    ToOne,
    Url,
    elements,
)
from kustomer_orm.records import Collection, CollectionOfKlass, Record, call, drop


class Customer(Record):
    """A person who writes to the organisation.

    The lists of emails, phones and so on are lists of dicts, replaced whole by the API: what it
    only shows of an element is left out of requests, and a list with a masked value in it is not
    sent at all. A WhatsApp number is `+…` here, though the API shows it as `whatsapp:+…`.

    A save that leaves `company` out keeps it (recorded). Where a server clears it, as the contract
    prints, it is linked again in the same save, and `SaveResult.relinked` tells so; of a customer
    that was not loaded nobody could know.

    >>> from kustomer_orm import Client, Customer
    >>> from kustomer_orm.emulator import Emulator
    >>> with Emulator() as server, Client(server.api_key, base_url=server.url):
    ...     jane = Customer.create(name="Jane Doe", emails=[{"email": "jane@example.com"}])
    ...     jane.emails.append({"email": "doe@example.com", "type": "work"})
    ...     jane.save()
    ...     Customer.get_by(email="doe@example.com").name
    <SaveResult requests=1 sent=[emails] adjusted=[emails]>
    'Jane Doe'
    """

    type = "customer"
    path = "/v1/customers"
    bulk = ("create", "update", "delete")
    look_ups = {"external_id": "externalId", "email": "email", "phone": "phone"}  # noqa: RUF012
    kept = ("company",)
    bookkeeping = frozenset(
        ("rev", "updatedAt", "modifiedAt", "relationships.modifiedBy", "lastActivityAt")
    )

    # -- below it -------------------------------------------------------------------------------
    conversations = Collection(
        "conversation", creates=True, implied=("customer",), filters={"from_date": "fromDate"}
    )
    messages = Collection("message", creates=True, implied=("customer", "direction"))
    notes = Collection("note")
    drafts = Collection("draft", creates=True, implied=("customer",))
    merges = Collection("customer_merge")
    kobjects = CollectionOfKlass(creates=True, implied=("customer",))

    # -- written and read -----------------------------------------------------------------------
    name = String(max_length=256, nullable=True, null_on_create=True)
    company = ToOne("company", nullable=True, null_on_create=True)
    external_id = String(min_length=1, max_length=256, nullable=True, null_on_create=True)
    username = String(max_length=256, nullable=True, null_on_create=True)
    signed_up_at = DateTime(nullable=True, null_on_create=True)
    last_activity_at = DateTime(nullable=True, null_on_create=True)
    last_customer_activity_at = DateTime(nullable=True, null_on_create=True)
    last_seen_at = DateTime(nullable=True, null_on_create=True)
    birthday_at = DateTime(nullable=True, null_on_create=True)
    created_at = DateTime()
    imported_at = DateTime()
    avatar_url = Url(nullable=True, null_on_create=True)
    locale = String(max_length=16, nullable=True, null_on_create=True)
    time_zone = String(max_length=64, nullable=True, null_on_create=True)
    gender = Choice("m", "f", nullable=True, null_on_create=True)
    default_lang = String(max_length=100, nullable=True, null_on_create=True)
    tags = elements.tags()
    sentiment = Object(
        {"polarity": Integer(min=-1, max=1), "confidence": Number(min=-1, max=1)},
        required=("polarity", "confidence"),
    )
    external_ids = elements.external_ids()
    shared_external_ids = elements.external_ids()
    emails = elements.emails()
    shared_emails = elements.emails()
    phones = elements.phones()
    shared_phones = elements.phones()
    whatsapps = elements.whatsapps()
    facebook_ids = elements.facebook_ids()
    instagram_ids = elements.instagram_ids()
    socials = elements.socials()
    shared_socials = elements.socials()
    urls = elements.urls()
    locations = elements.locations()

    # -- read -----------------------------------------------------------------------------------
    created_by = ToOne("user", writable=False)
    modified_by = ToOne("user", writable=False)
    org = ToOne("org", writable=False)

    display_name = String(writable=False)
    first_name = String(writable=False)
    last_name = String(writable=False)
    company_name = String(writable=False)
    display_color = String(writable=False)
    display_icon = String(writable=False)
    presence = String(writable=False)
    progressive_status = String(writable=False)
    updated_at = DateTime(writable=False)
    modified_at = DateTime(writable=False)
    last_message_at = DateTime(writable=False)

    conversation_counts = Object(writable=False)
    recent_location = Object(writable=False)
    preview = Object(writable=False)
    last_message_in = Object(writable=False)
    last_message_out = Object(writable=False)
    last_conversation = Object(writable=False)
    satisfaction_level = Object(writable=False)
    unmasking_window = Object(writable=False)

    verified = Boolean(writable=False)
    deleted = Boolean(writable=False)
    active_users = List(Object(), writable=False)
    watchers = List(Object(), writable=False)
    recent_items = List(Object(), writable=False)
    access_override = List(String(), writable=False)
    role_group_versions = List(String(), writable=False)

    # -- verbs ----------------------------------------------------------------------------------

    def merge(self, other: Customer | str) -> CustomerMerge:
        """Merge another customer into this one; what becomes of it. One request.

        Emails, phones, tags and custom attributes are put together, and those of this customer win
        (documented). `refresh()` this customer once the merge has its status "success". What the
        API answers to a look at the other one afterwards is not known.

        Args:
            other: the customer that goes into this one, or its id.
        """
        client = self._bound()
        made = CustomerMerge.using(client).create(source=other, target=self)
        for id_ in (other if isinstance(other, str) else other.id, self.id):
            client.cache.drop(self.type, str(id_))
        return made

    def unmask(self) -> None:
        """Open a window in which nothing of this customer is masked, and load it. Two requests.

        It covers the conversations, messages and custom objects of the customer too, and lasts as
        the organisation has set up; `unmasking_window` tells. Opening it again restarts it.
        """
        call(self, "POST", "unmasking-windows", repeatable=True)
        self.refresh()

    def end_unmasking(self) -> None:
        """Close that window. One request; what was read in it stays readable in this record."""
        call(self, "DELETE", "unmasking-windows", repeatable=True)
        drop(self)

    @contextlib.contextmanager
    def unmasked(self) -> Iterator[Self]:
        """Have nothing of this customer masked in here: `with customer.unmasked():`.

        Two requests to begin with and one at the end, that of an exception too.
        """
        self.unmask()
        try:
            yield self
        finally:
            self.end_unmasking()


class CustomerMerge(Record):
    """The merge of a customer, the source, into another one, the target.

    Creating one is the merge; `refresh()` tells how far it is.

    >>> from kustomer_orm import Client, Customer
    >>> from kustomer_orm.emulator import Emulator
    >>> with Emulator() as server, Client(server.api_key, base_url=server.url):
    ...     jane, twin = Customer.create(name="Jane"), Customer.create(username="doe")
    ...     merge = jane.merge(twin)
    ...     merge.status, merge.target == jane
    ('success', True)
    """

    type = "customer_merge"
    path = "/v1/customers/merges"
    required = ("source", "target")
    deletes = False

    source = ToOne("customer", writable="create")
    target = ToOne("customer", writable="create")

    created_by = ToOne("user", writable=False)
    org = ToOne("org", writable=False)
    status = String(writable=False)
    created_at = DateTime(writable=False)
    updated_at = DateTime(writable=False)
