"""Whether the organisation has what a command names: a search by what it lacks finds nothing.

A key that may not look at klasses, metadata or tags is not held up by it: the command goes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import click

from kustomer_orm import Client, Record, Tag
from kustomer_orm._names import closest
from kustomer_orm.cli import kinds
from kustomer_orm.cli.failing import BadInputError
from kustomer_orm.cli.showing import printable
from kustomer_orm.errors import APIError, NotFoundError, PermissionDeniedError
from kustomer_orm.records.reflecting import read_properties

_CUSTOM = "custom."
_NOTHING = ("", "null")


def check_klass(client: Client, cls: type[Record]) -> None:
    """Refuse a klass that is not there: a search for its objects says nothing. One request.

    Raises:
        BadInputError: the API has no such klass.
    """
    if not cls.type.startswith("kobject."):
        return
    bound: Any = cls.using(client)
    try:
        bound.all(limit=1).first()
    except NotFoundError:
        klass = cls.type.removeprefix("kobject.")
        raise BadInputError(
            f"no klass {klass!r}: it does not exist, or is out of this key's sight"
        ) from None
    except PermissionDeniedError:
        return


def warn_of_unknown(client: Client, cls: type[Record], names: Iterable[str]) -> None:
    """Say which custom attributes the organisation has not set up. One request if any is named."""
    keys = [name.removeprefix(_CUSTOM) for name in names if name.startswith(_CUSTOM)]
    if not keys:
        return
    try:
        known = [one.key for one in read_properties(client, cls.type)]
    except APIError:
        return
    for key in dict.fromkeys(keys):
        if key not in known:
            near = closest(key, known)
            hint = f"; did you mean custom.{near}?" if near else ""
            click.echo(
                printable(
                    f"Warning: the organisation has set up no custom.{key} for {cls.type}{hint}"
                ),
                err=True,
            )


def with_tag_ids(client: Client, where: Sequence[str]) -> list[str]:
    """Put the ids of tags in the place of their names. One request per 100 tags, if any is named.

    Records hold ids (documented), so that they are searched by these is inferred.

    Raises:
        BadInputError: no tag has this name, nor this id.
    """
    named = [parts for text in where if (parts := kinds.parts_of(text))[0] == "tags"]
    if all(value in _NOTHING for _, _, value in named):
        return list(where)
    try:
        tags = sorted(Tag.using(client).all(), key=lambda tag: not tag.deleted)
    except APIError:
        return list(where)
    ids = {str(tag.name): str(tag.id) for tag in tags}  # of two of a name, the one in use
    return [_with_id(text, ids) for text in where]


def _with_id(text: str, ids: dict[str, str]) -> str:
    name, sign, value = kinds.parts_of(text)
    if name != "tags" or value in _NOTHING or value in ids.values():
        return text
    if value in ids:
        return f"{name}{sign}{ids[value]}"
    near = closest(value, ids)
    hint = f"; did you mean {near!r}?" if near else ""
    raise BadInputError(f"no tag is called {value!r}, and none has this id{hint}")
