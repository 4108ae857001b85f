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


def operations_of(method: str, path: str) -> set[str]:
    """Name the operation that a request makes: of those that fit, what says most.

    There are two of them where the contract prints one path twice, as `/klasses/{id}` and
    `/klasses/{name}`; the request itself where the contract does not have it.
    """
    fitting = {
        row.operation: len(re.sub(r"\{[^}]+\}", "", row.operation))
        for row in ROWS
        if row.operation.startswith(f"{method} ")
        and pattern(row.operation.partition(" ")[2]).match(path)
    }
    said = max(fitting.values(), default=0)
    return {each for each in fitting if fitting[each] == said} or {f"{method} {path}"}


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row.run is not None], ids=lambda row: str(row.operation)
)
def test_each_call_makes_its_operation(server: Emulator, client: Client, row: Row) -> None:
    scene = Scene(server)
    assert row.run is not None

    row.run(scene)

    wanted = [
        each for each in server.requests if row.operation in operations_of(each.method, each.path)
    ]
    others = [each for each in server.requests if each not in wanted]
    assert wanted != [], server.requests
    assert [each for each in wanted if each.status is None or each.status >= 300] == []
    assert [each for each in server.requests if "replace" in each.query] == []
    # On the way a call may read what it is about, and poll what it began; it writes nothing else.
    assert [each for each in others if each.method != "GET"] == []


def test_a_request_is_known_by_the_operation_that_says_most() -> None:
    for request, operations in {
        "GET /v1/schedules/default": {"GET /schedules/default"},
        "GET /v1/schedules/5f0": {"GET /schedules/{id}"},
        "PUT /v1/klasses/order/bulk": {"PUT /klasses/{name}/bulk"},
        "GET /v1/customers/email=a": {"GET /customers/email={email}"},
        "GET /v1/klasses/order": {"GET /klasses/{id}", "GET /klasses/{name}"},
        "GET /v1/bulk/5f0": {"GET /v1/bulk/5f0"},
    }.items():
        assert operations_of(*request.split(" ")) == operations


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
