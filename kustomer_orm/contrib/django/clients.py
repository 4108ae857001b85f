"""`clients`: the client of each alias in the setting KUSTOMER, made once per process."""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Iterator
from typing import Any

from kustomer_orm.client import Client
from kustomer_orm.contrib.django.options import DEFAULT, arguments_of, configured


class Clients:
    """The clients of a project by alias, like `django.db.connections`.

    Each is made on first use, once per process however many threads ask, and sends nothing by
    that. They survive forks, and a change of the settings (`override_settings`) makes them anew.
    """

    def __init__(self) -> None:
        self._made: dict[str, Client] = {}
        self._lock = threading.RLock()

    def __getitem__(self, alias: str) -> Client:
        """Give the client of an alias.

        Raises:
            ConfigurationError: no such alias, or its options are refused.
        """
        made = self._made.get(alias)
        if made is not None:
            return made
        _survive_forks(self._lock)
        with self._lock:
            made = self._made.get(alias)
            if made is None:
                made = self._made[alias] = _make(alias)
            return made

    def __iter__(self) -> Iterator[str]:
        return iter(configured())

    def __len__(self) -> int:
        return len(configured())

    def __contains__(self, alias: object) -> bool:
        return alias in configured()

    def close_all(self) -> None:
        """Close the connections of every client that was made. A later request opens new ones."""
        with self._lock:
            made = list(self._made.values())
        for client in made:
            client.close()

    def forget(self) -> None:
        """Close all, and make each anew from the settings when it is needed again."""
        with self._lock:
            self.close_all()
            self._made.clear()

    def find_default(self) -> Client | None:
        """Give the client of "default"; None where the settings have none."""
        return self[DEFAULT] if DEFAULT in self else None  # noqa: SIM401 - there is no `get`

    def find_named(self, name: str, org: str) -> Client | None:
        """Give the client that a pickled record remembers, made for this if need be, or None."""
        for alias, options in configured().items():
            if (options.get("NAME") or alias) == name and self[alias].org == org:
                return self[alias]
        return None

    def __repr__(self) -> str:
        return f"<Clients {', '.join(self)}>"


def _make(alias: str) -> Client:
    try:
        return Client(**arguments_of(alias))
    except Exception as error:  # noqa: BLE001 - it is raised again
        # The frames below hold the key, and Django's debug page shows the variables of frames.
        raise error.with_traceback(None) from None


@functools.cache
def _survive_forks(lock: Any) -> None:
    """Have the lock held over a fork, so that a child gets it free."""
    if hasattr(os, "register_at_fork"):  # not on Windows, which has no forks
        os.register_at_fork(
            before=lock.acquire, after_in_parent=lock.release, after_in_child=lock.release
        )


clients = Clients()
