"""Every test here runs in the planted world, with every logger at its most talkative."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from kustomer_orm import Client
from kustomer_orm.emulator import Emulator
from tests.unit.canary.canary_world import MAIL, TEXT, Lines, World, assert_no_token


@pytest.fixture
def world(server: Emulator, client: Client) -> World:
    add = server.world.add
    person = add("customer", name=TEXT, emails=[{"email": MAIL, "type": "home"}], externalId=TEXT)
    tags = [TEXT, f"{TEXT} two"]
    values = {"noteTxt": TEXT, "undeclaredStr": TEXT, "orderNumberStr": TEXT}
    id_ = add("conversation", customer=person, name=TEXT, externalId=TEXT, tags=tags, custom=values)
    return World(server, client, id_, person)


@pytest.fixture(autouse=True)
def no_log_line_shows_a_canary(server: Emulator) -> Iterator[Lines]:
    """Every logger at its most talkative, urllib3's as well."""
    handler, root = Lines(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler
    root.setLevel(level)
    root.removeHandler(handler)
    for logger, line in handler.lines:
        assert_no_token(server, line)
        # At DEBUG, urllib3 writes the address of each request, with the value of a look-up.
        assert TEXT not in line or (logger.startswith("urllib3") and "=" in line), line
