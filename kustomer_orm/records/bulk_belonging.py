"""Whose records a bulk save takes: those of its kind and organisation."""

from __future__ import annotations

from typing import Any

from kustomer_orm.client import Client
from kustomer_orm.errors import ConfigurationError
from kustomer_orm.records.core import Core


def refuse_others(cls: type[Core], client: Client, record: Any) -> None:
    """Refuse what is no record of this kind, or another organisation's.

    Raises:
        ConfigurationError: it is. Nothing of it was sent.
    """
    if not isinstance(record, Core) or record.type != cls.type:
        message = f"{cls.__name__}.save_all takes records of its type, {cls.type!r}"
        raise ConfigurationError(message)
    other = record._client
    if other is None or other is client:
        return
    theirs, ours = other.org, client.org
    if isinstance(other, Client) and other.config.base_url != client.config.base_url:
        theirs, ours = (f"{each.org} at {each.config.base_url}" for each in (other, client))
    if theirs != ours:
        raise ConfigurationError(
            f"{record._label()} is of the organisation {theirs}, and this bulk of {ours}: save it "
            "with its own client"
        )
