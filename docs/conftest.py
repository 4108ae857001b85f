"""Runs every example of the documentation: `pytest docs README.md kustomer_orm`.

Examples are written as somebody with an account would write them. What they need beforehand is
made here: an emulator with the demo's records, whose address and key stand in the `KUSTOMER_*`
variables that `Client.from_env()` and `connect()` read. On a page, `server` is that emulator, and
`docs` this folder.

A page is run from top to bottom, one namespace a page. Docstrings bring what they need with them.
"""

import doctest
import os
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from sybil import Sybil
from sybil.parsers.myst import PythonCodeBlockParser, SkipParser
from sybil.parsers.rest import DocTestParser

from kustomer_orm import client as clients
from kustomer_orm import current
from kustomer_orm.emulator import Emulator
from kustomer_orm.records.core import records

ROOT = Path(__file__).parent.parent

collect_ignore = ["_build", "examples"]

# An error's message may be longer than a line of this project: it may be broken where it has
# a space. Nothing else is let through; what changes from run to run says ELLIPSIS itself.
OPTIONS = doctest.NORMALIZE_WHITESPACE


def with_account(namespace: dict[str, Any]) -> None:
    """Give a page its emulator, at nine o'clock on the first of January 2026."""
    restored(namespace)
    stack = namespace["_stack"]
    server = stack.enter_context(Emulator(clock=lambda: datetime(2026, 1, 1, 9, tzinfo=UTC)))
    server.seed_demo()
    account = {
        "KUSTOMER_API_KEY": server.api_key,
        "KUSTOMER_ORG": server.org,
        "KUSTOMER_BASE_URL": server.url,
    }
    stack.enter_context(mock.patch.dict(os.environ, account))
    namespace["server"] = server
    namespace["docs"] = ROOT / "docs"


def restored(namespace: dict[str, Any]) -> None:
    """Have what a page does to the process undone: default classes and the default client."""
    stack = namespace["_stack"] = ExitStack()
    stack.enter_context(mock.patch.dict(records._classes))  # noqa: SLF001 - nothing public unregisters
    stack.callback(current._process.clear)  # noqa: SLF001 - nor disconnects


def tear_down(namespace: dict[str, Any]) -> None:
    """Close the clients and the emulator of a page."""
    for value in list(namespace.values()):
        if isinstance(value, clients.Client):
            value.close()
    namespace["_stack"].close()
    namespace.clear()


PAGES = Sybil(
    name="page",
    path=str(ROOT),
    parsers=[PythonCodeBlockParser(doctest_optionflags=OPTIONS), SkipParser()],
    patterns=["README.md", "docs/*.md", "docs/**/*.md"],
    setup=with_account,
    teardown=tear_down,
)
DOCSTRINGS = Sybil(
    name="docstring",
    path=str(ROOT),
    parsers=[DocTestParser(optionflags=OPTIONS)],
    patterns=["kustomer_orm/*.py", "kustomer_orm/**/*.py"],
    setup=restored,
    teardown=tear_down,
)


class Examples:
    """A plugin of its own: the hooks of a conftest see nothing outside its folder."""

    pytest_collect_file = staticmethod((PAGES + DOCSTRINGS).pytest())


def pytest_configure(config: pytest.Config) -> None:
    """Collect all the examples."""
    config.pluginmanager.register(Examples(), "examples")
