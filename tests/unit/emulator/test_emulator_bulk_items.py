"""Which single request each item of a bulk request stands for."""

from typing import Any

import pytest

from kustomer_orm.emulator.bulk_items import table_of


@pytest.mark.parametrize(
    ("path", "method", "item", "request_"),
    [
        ("companies", "POST", {"name": "Lark"}, ("POST", "companies", {"name": "Lark"})),
        (
            "messages",
            "POST",
            {"channel": "chat", "app": "x"},
            ("POST", "messages", {"direction": "in", "channel": "chat", "app": "x"}),
        ),
        (
            "notes",
            "POST",
            {"conversation": "c" * 24, "body": "Hi"},
            (
                "POST",
                f"conversations/{'c' * 24}/notes",
                {"conversation": "c" * 24, "body": "Hi"},
            ),
        ),
        ("notes", "PUT", {"id": "a b", "body": "Ho"}, ("PATCH", "notes/a%20b", {"body": "Ho"})),
        (
            "klasses/order",
            "PUT",
            {"id": "1", "title": "T"},
            ("PUT", "klasses/order/1", {"title": "T"}),
        ),
        ("klasses/order", "DELETE", {"id": "1"}, ("DELETE", "klasses/order/1", None)),
    ],
)
def test_an_item_is_carried_out_as_the_single_request_of_its_kind(
    path: str, method: str, item: dict[str, Any], request_: tuple[str, str, Any]
) -> None:
    table = table_of([*path.split("/"), "bulk"])
    assert table is not None
    assert table.takes(method)

    sent = table.request_of(method, {**item, "_clientRef": "crm-1"})

    assert (sent.method, sent.path.removeprefix("/v1/"), sent.body) == request_


@pytest.mark.parametrize("path", ["bulk", "users/bulk", "klasses/bulk", "a/b/c/bulk", "customers"])
def test_there_is_no_bulk_request_elsewhere(path: str) -> None:
    assert table_of(path.split("/")) is None
