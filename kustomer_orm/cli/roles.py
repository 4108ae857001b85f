"""What the roles of a key allow, by the table that the API's contract prints."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import NamedTuple

from kustomer_orm.cli.findings import Check, Verdict


class Right(NamedTuple):
    """Something that a key may do: any one of the roles is enough (documented)."""

    name: str
    roles: Sequence[str]
    breaks: str  # empty where the library does not need it


RIGHTS = (
    Right(
        "may read",
        ("org.permission.conversation.read", "org.user.conversation.read"),
        "get, get_by, all and refresh of conversations are refused",
    ),
    Right(
        "may create",
        ("org.permission.conversation.create", "org.user.conversation.write"),
        "Conversation.create and the first save of a new one are refused",
    ),
    Right(
        "may update, add tags",
        ("org.permission.conversation.update", "org.user.conversation.write"),
        "every save is refused",
    ),
    Right(
        "may delete",
        ("org.permission.conversation.delete", "org.user.conversation.delete"),
        "delete() is refused",
    ),
    Right(
        "may remove tags",
        # Printed so in the contract: the right to delete, not to update.
        ("org.permission.conversation.delete", "org.user.conversation.write"),
        "",  # a save that takes a tag away sends the whole list
    ),
    Right(
        "may search",
        (
            "org.permission.search.create",
            "org.permission.search.update",
            "org.permission.search_global.create",
            "org.permission.search_preview.create",
            "org.user.search.read",
            "org.admin.search.read",
        ),
        "searches are refused",
    ),
    Right(
        "may follow bulk",
        ("org.permission.bulk.read", "org.user.bulk.read"),
        "how a bulk request ended cannot be read",
    ),
)
_VITAL = "may read"
_NAMES = frozenset(right.name for right in RIGHTS)


def checks(held: Collection[str] | None) -> list[Check]:
    """Give a check for each right; `held` is None where the roles are not known."""
    return [_check(right, held) for right in RIGHTS]


def merged(checks: Sequence[Check]) -> list[Check]:
    """Give one check in the place of those about rights, where all say the same."""
    rights = [check for check in checks if check.name in _NAMES]
    if len({(check.verdict, check.seen, check.advice) for check in rights}) != 1:
        return list(checks)
    names = ", ".join(check.name.removeprefix("may ") for check in rights)
    one = replace(rights[0], name="roles", seen=f"{rights[0].seen}: {names}")
    first = checks.index(rights[0])
    others = [check for check in checks if check not in rights]
    return [*others[:first], one, *others[first:]]


def _check(right: Right, held: Collection[str] | None) -> Check:
    if held is None:
        return Check(right.name, Verdict.UNKNOWN, "the roles of the key are not known")
    exact = [role for role in right.roles if role in held]
    if exact:
        return Check(right.name, Verdict.OK, f"by {exact[0]}")
    coarse = [mine for mine in sorted(held) if any(_holds(mine, role) for role in right.roles)]
    if coarse:
        return Check(right.name, Verdict.OK, f"by {coarse[0]} (inferred: it is above the fine one)")
    if not right.breaks:
        said = "no role for that endpoint; this library sends the list of tags instead"
        return Check(right.name, Verdict.OK, said)
    return Check(
        right.name,
        Verdict.FAIL if right.name == _VITAL else Verdict.WARN,
        f"no role for it: {right.breaks}",
        f"where that is needed, make a key with {right.roles[0]}: roles are fixed when it is made",
    )


def _holds(mine: str, role: str) -> bool:
    return role.startswith(f"{mine}.")
