"""Every operation of the contract is reachable, or it is said why not; the table cannot lie."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from kustomer_orm import Client
from kustomer_orm.emulator import Emulator
from tests.contract.operations import ROWS, Row, Scene, page

OPENAPI = os.environ.get("KUSTOMER_OPENAPI", "")
PAGE = Path(__file__).parents[2] / "docs" / "reference" / "operations.md"


def pattern(template: str) -> re.Pattern[str]:
    """Give what the paths of a template look like."""
    plain = template.replace(":externalId", "{externalId}")
    parts = re.split(r"\{[^}]+\}", plain)
    return re.compile("/v1" + "[^/]+".join(map(re.escape, parts)) + r"\Z")


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row.run is not None], ids=lambda row: str(row.operation)
)
def test_each_call_makes_its_operation(server: Emulator, client: Client, row: Row) -> None:
    scene = Scene(server)
    assert row.run is not None

    row.run(scene)

    method, template = row.operation.split(" ")
    wanted = pattern(template)
    crossed = [(each.method, each.path, each.status) for each in server.requests]
    assert any(
        method == verb and wanted.match(path) and status is not None and status < 300
        for verb, path, status in crossed
    ), crossed


def test_each_operation_is_listed_once() -> None:
    operations = [row.operation for row in ROWS]

    assert sorted(set(operations)) == sorted(operations)


@pytest.mark.skipif(not OPENAPI, reason="KUSTOMER_OPENAPI names no contract")
def test_the_list_is_that_of_the_contract() -> None:
    contract = json.loads(Path(OPENAPI).read_text("utf-8"))
    published = {
        f"{method.upper()} {path}"
        for path, operations in contract["paths"].items()
        for method in operations
        if method in {"get", "post", "put", "patch", "delete"}
    }

    assert {row.operation for row in ROWS} == published


def test_the_page_is_up_to_date() -> None:
    """With KUSTOMER_REWRITE=1 it is written."""
    if os.environ.get("KUSTOMER_REWRITE"):
        PAGE.write_text(page(), "utf-8")

    assert PAGE.read_text("utf-8") == page()
