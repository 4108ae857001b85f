"""Pytest fixtures: an emulator and a client for your own tests.

Installing the package registers them.

def test_closing_a_conversation(kustomer_emulator, kustomer_client):
    id_ = kustomer_emulator.world.add("conversation", status="open")
    close(id_)  # your code
    assert kustomer_emulator.world.get("conversation", id_)["attributes"]["status"] == "done"
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kustomer_orm.client import Client
from kustomer_orm.config import Clock

try:
    from kustomer_orm.emulator import Emulator
except ImportError as error:  # without the `emulator` extra, other projects' tests go on as before
    _missing: str | None = str(error)
else:
    _missing = None


@pytest.fixture
def kustomer_emulator() -> Iterator[Emulator]:
    """An empty Kustomer on loopback, for one test. Fill it through `world`, ask its `requests`."""
    if _missing is not None:
        pytest.skip(f"{_missing}: pip install 'kustomer_orm[emulator]'")
    with Emulator() as server:  # pyright: ignore[reportPossiblyUnboundVariable]
        yield server


@pytest.fixture
def kustomer_clock() -> Clock:
    """The clock of `kustomer_client`: the real one, which waits. Override it not to wait."""
    return Clock()


@pytest.fixture
def kustomer_client(kustomer_emulator: Emulator, kustomer_clock: Clock) -> Iterator[Client]:
    """A client of `kustomer_emulator` by `kustomer_clock`, current for the test."""
    address = kustomer_emulator.url
    with Client(kustomer_emulator.api_key, base_url=address, clock=kustomer_clock) as client:
        yield client
        client.close()
