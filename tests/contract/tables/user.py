"""The API's tables of users and teams: names of the generated client, no published limits."""

from __future__ import annotations

from collections.abc import Mapping

from kustomer_orm import Team, User
from kustomer_orm.attributes import Boolean, Choice, DateTime, List, String, ToMany, Url
from tests.contract.table import ID, NOW, Row, Table

_TEXT = Row(String, True, True, True, good=("x",), bad=(5,), null_on_create=True)
_DELETED = Row(Boolean, False, True, True, good=(True, False), bad=("yes", 1))

_USER: Mapping[str, Row] = {
    "name": Row(String, True, True, good=("Sam",), bad=("", 5)),
    "email": Row(String, True, True, good=("sam@example.com",), bad=(5,)),
    "user_type": Row(
        Choice, True, True, good=("user", "machine", "limited", "hourly"), bad=("robot",)
    ),
    "display_name": _TEXT,
    "avatar_url": Row(
        Url, True, True, True, good=("https://example.com/a",), bad=("a",), null_on_create=True
    ),
    "mobile": _TEXT,
    "email_signature": _TEXT,
    "role_groups": Row(ToMany, True, True, good=([], [ID]), bad=([ID, ID], ["a b"])),
    "roles": Row(List, True, True, good=([], ["org.user"]), bad=(["org.user"] * 2, [5])),
    "deleted": _DELETED,
}

_TEAM: Mapping[str, Row] = {
    "name": Row(String, True, True, good=("Returns",), bad=("", 5)),
    "display_name": Row(String, True, True, good=("x",), bad=(5,)),
    "icon": Row(String, True, True, good=("x",), bad=(5,)),
    "external_id": Row(String, True, True, good=("x",), bad=(5,)),
    "members": Row(ToMany, True, True, good=([], [ID]), bad=([ID, ID], ["a b"])),
    "deleted": _DELETED,
    "created_at": Row(DateTime, True, False, bad=(NOW,)),
    "imported_at": Row(DateTime, True, False, bad=(NOW,)),
}

TABLES = (
    Table(
        cls=User,
        type="user",
        path="/v1/users",
        create="POST /users",
        update="PUT /users/{id}",
        writable=_USER,
        read_only=frozenset(
            (
                "password",
                "emailVerifiedAt",
                "firstLoginAt",
                "createdAt",
                "updatedAt",
                "modifiedAt",
            )
        ),
        relations=frozenset(("createdBy", "modifiedBy", "org")),
        new={"name": "Sam", "email": "sam@example.com"},
        limited=False,
    ),
    Table(
        cls=Team,
        type="team",
        path="/v1/teams",
        create="POST /teams",
        update="PATCH /teams/{id}",
        writable=_TEAM,
        read_only=frozenset(("updatedAt", "modifiedAt")),
        relations=frozenset(("createdBy", "modifiedBy", "org")),
        new={"name": "Returns", "members": [ID]},
        limited=False,
    ),
)
