"""Team: users who work together.

The published contract has no teams: names are those of the client that its authors generate
("Access Management"); no limits are known.
"""

from __future__ import annotations

from collections.abc import Iterable

from kustomer_orm.attributes import Boolean, DateTime, String, ToMany, ToOne
from kustomer_orm.attributes.relations import Linkable
from kustomer_orm.records import Record, call_for_itself


class Team(Record):
    """Users who work together.

    `members` that are added in place go through the endpoint for that, so that two who add both
    keep theirs; removing or assigning sends the list, and `remove_members` does without it.

    >>> from kustomer_orm import Client, Team, User
    >>> from kustomer_orm.emulator import Emulator
    >>> with Emulator() as server, Client(server.api_key, base_url=server.url):
    ...     sam = User.create(name="Sam Agent", email="sam@example.com")
    ...     team = Team.create(name="Returns")
    ...     team.members.append(sam)
    ...     team.save().requests[0].path == f"/v1/teams/{team.id}/members"
    ...     team.remove_members([sam])
    ...     team.members
    True
    []
    """

    type = "team"
    path = "/v1/teams"
    required = ("name",)
    deletes = False
    takes_rev = False

    name = String(min_length=1)
    display_name = String()
    icon = String()
    external_id = String()
    members = ToMany("user", unordered=True, append_to="members", append_key="members")
    deleted = Boolean(nullable=True, writable="update")
    created_at = DateTime(writable="create")
    imported_at = DateTime(writable="create")

    created_by = ToOne("user", writable=False)
    modified_by = ToOne("user", writable=False)
    org = ToOne("org", writable=False)
    updated_at = DateTime(writable=False)
    modified_at = DateTime(writable=False)

    def add_members(self, users: Iterable[Linkable | str]) -> None:
        """Have users, or their ids, join the team. One request; the other members stay."""
        body = {"members": type(self).members.encode(list(users))}
        call_for_itself(self, "POST", "members", body, repeatable=True)

    def remove_members(self, users: Iterable[Linkable | str]) -> None:
        """Have users, or their ids, leave the team. One request; the other members stay."""
        body = {"members": type(self).members.encode(list(users))}
        call_for_itself(self, "DELETE", "members", body, repeatable=True)
