"""User: an agent, or the machine user behind an API key.

The published contract has no users: names, and what may be null, are those of the client that its
authors generate ("Access Management"); no limits are known.
"""

from __future__ import annotations

from typing import Self

from kustomer_orm.attributes import (
    Boolean,
    Choice,
    DateTime,
    List,
    Object,
    String,
    ToMany,
    ToOne,
    Url,
)
from kustomer_orm.client import current_client
from kustomer_orm.records import Record, SaveResult


class User(Record):
    """An agent, or the machine user behind an API key.

    Creating one invites it. The API deletes none: `deactivate()` does what there is. Passwords are
    not for this library. The list is filtered by `pending`, `deleted`, `user_type` or `email`, one
    of them at a time.

    >>> from kustomer_orm import Client, User
    >>> from kustomer_orm.emulator import Emulator
    >>> with Emulator() as server, Client(server.api_key, base_url=server.url):
    ...     sam = User.create(name="Sam Agent", email="sam@example.com")
    ...     sam.deactivate().requests[0].body, User.get_by(email="sam@example.com").deleted
    ({'deleted': True}, True)
    """

    type = "user"
    path = "/v1/users"
    update_method = "PUT"
    required = ("name", "email")
    look_ups = {"email": "?email"}  # noqa: RUF012 - a constant of the class
    filters = {  # noqa: RUF012 - likewise
        "pending": "pending",
        "deleted": "deleted",
        "user_type": "userType",
        "email": "email",
    }
    filters_alone = True
    deletes = False
    takes_rev = False

    # -- written and read -----------------------------------------------------------------------
    name = String(min_length=1)
    email = String()
    user_type = Choice("user", "machine", "limited", "hourly")
    display_name = String(nullable=True, null_on_create=True)
    avatar_url = Url(nullable=True, null_on_create=True)
    mobile = String(nullable=True, null_on_create=True)
    email_signature = String(nullable=True, null_on_create=True)
    role_groups = ToMany("role_group", unordered=True)
    roles = List(String(), unordered=True)
    deleted = Boolean(nullable=True, writable="update")

    # -- read -----------------------------------------------------------------------------------
    created_by = ToOne("user", writable=False)
    modified_by = ToOne("user", writable=False)
    org = ToOne("org", writable=False)
    password = Object(writable=False)
    email_verified_at = DateTime(writable=False)
    first_login_at = DateTime(writable=False)
    created_at = DateTime(writable=False)
    updated_at = DateTime(writable=False)
    modified_at = DateTime(writable=False)

    # -- verbs ----------------------------------------------------------------------------------

    @classmethod
    def current(cls) -> Self:
        """Load the user that the current client's key belongs to. One request."""
        return cls.using(current_client()).get_at("current")

    def deactivate(self) -> SaveResult:
        """Have the user log in no more. One request; other changes stay unsaved."""
        self.deleted = True
        return self.save(only=["deleted"])

    def reactivate(self) -> SaveResult:
        """Take that back. One request; other changes stay unsaved."""
        self.deleted = None
        return self.save(only=["deleted"])
