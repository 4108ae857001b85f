"""Bodies as a whole: their form, their content type, the shape of the errors."""

from collections.abc import Callable

import pytest
import requests

from kustomer_orm.emulator import Emulator

Send = Callable[..., requests.Response]

ID = "5f0000000000000000000abc"


def test_all_errors_come_in_the_order_of_the_keys(server: Emulator, send: Send) -> None:
    ident = server.world.add("conversation")
    body = {"zzz": 1, "priority": 9, "custom": {"aNum": "x", "bad": 1}, "name": 5}

    errors = send("PATCH", f"conversations/{ident}", json=body).json()["errors"]

    assert [each["source"]["parameter"] for each in errors] == [
        "zzz",
        "priority",
        "aNum",
        "bad",
        "name",
    ]
    assert [each["title"] for each in errors][1] == "Value 9 is greater than maximum 5"


def test_one_error_only_is_a_switch(server: Emulator, send: Send) -> None:
    server.behaviour.all_errors = False
    ident = server.world.add("conversation")

    answer = send("PATCH", f"conversations/{ident}", json={"a": 1, "b": 2})

    assert len(answer.json()["errors"]) == 1


def test_the_error_source_may_be_a_pointer(server: Emulator, send: Send) -> None:
    server.behaviour.error_source = "pointer"
    ident = server.world.add("conversation")

    answer = send("PATCH", f"conversations/{ident}", json={"tags": ["a", "\n"], "custom": {"b": 1}})

    sources = [each["source"] for each in answer.json()["errors"]]
    assert sources == [{"pointer": "/tags/1"}, {"pointer": "/custom/b"}]


def test_the_newer_error_shape_has_code_message_and_meta(server: Emulator, send: Send) -> None:
    server.behaviour.error_shape = "newer"
    ident = server.world.add("conversation")

    bad = send("PATCH", f"conversations/{ident}", json={"nmae": 1}).json()
    missing = send("GET", "conversations/none").json()

    message = "Additional properties not allowed: nmae"
    assert bad == {"errors": [{"code": "bad_request", "message": message, "meta": {}}]}
    assert missing["errors"][0]["code"] == "notfound"


@pytest.mark.parametrize("path", ["conversations/{}", "customers/{}"])
@pytest.mark.parametrize("raw", ["", "{", "null", "[]", '"text"', '{"a": NaN}', "[" * 100_000])
def test_a_body_that_is_no_json_object_is_refused(
    server: Emulator, send: Send, path: str, raw: str
) -> None:
    ident = server.world.add("conversation")
    owner = server.world.get("conversation", ident)["relationships"]["customer"]["data"]["id"]
    where = path.format(ident if "conversations" in path else owner)

    answer = send("PATCH", where, data=raw, headers={"Content-Type": "application/json"})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == "badparam"


def test_a_json_patch_document_is_refused(server: Emulator, send: Send) -> None:
    ident = server.world.add("conversation")

    answer = send(
        "PATCH",
        f"conversations/{ident}",
        json=[{"op": "replace", "path": "/name", "value": "x"}],
        headers={"Content-Type": "application/json-patch+json"},
    )

    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("method", "content_type", "status"),
    [
        ("PATCH", "application/json", 200),
        ("PATCH", "application/json; charset=utf-8", 200),
        ("PATCH", "application/json-patch+json", 200),
        ("PUT", "application/json", 200),
        ("PUT", "application/json-patch+json", 400),
        ("PATCH", "text/plain", 400),
        ("PATCH", None, 400),
    ],
)
def test_which_content_types_are_taken(
    server: Emulator, send: Send, method: str, content_type: str | None, status: int
) -> None:
    ident = server.world.add("conversation")
    headers = {"Content-Type": content_type}

    answer = send(method, f"conversations/{ident}", data=b'{"name": "x"}', headers=headers)

    assert answer.status_code == status


def test_an_empty_update_of_a_conversation_is_refused(server: Emulator, send: Send) -> None:
    ident = server.world.add("conversation")

    answer = send("PATCH", f"conversations/{ident}", json={})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["detail"] == "/oneOf"
    assert server.world.get("conversation", ident)["attributes"]["rev"] == 1


def test_a_customer_must_come_alone(server: Emulator, send: Send) -> None:
    ident = server.world.add("conversation")
    other = server.world.add("customer", name="Felix")
    path = f"conversations/{ident}"

    assert send("PATCH", path, json={"customer": other, "name": "x"}).status_code == 400
    assert send("PATCH", path, json={"customer": None}).status_code == 400
    assert send("PATCH", path, json={"customer": "felix"}).status_code == 400
    moved = send("PATCH", path, json={"customer": other})
    assert moved.status_code == 200
    assert moved.json()["data"]["relationships"]["customer"]["data"]["id"] == other


def test_an_unknown_customer_is_not_found(server: Emulator, send: Send) -> None:
    ident = server.world.add("conversation")

    moved = send("PATCH", f"conversations/{ident}", json={"customer": ID})
    created = send("POST", "conversations", json={"customer": ID})

    for answer in (moved, created):
        assert answer.status_code == 404
        assert answer.json()["errors"][0]["source"] == {"parameter": "customer"}


def test_a_replacing_put_is_refused(server: Emulator, send: Send) -> None:
    ident = server.world.add("conversation")

    answer = send("PUT", f"conversations/{ident}?replace=true", json={"name": "x"})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["source"] == {"parameter": "replace"}
    assert send("PUT", f"conversations/{ident}?replace=false", json={"name": "x"}).ok
