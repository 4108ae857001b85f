"""Customers: created, changed, checked, found and counted."""

from collections.abc import Callable
from typing import Any

import pytest
import requests

from kustomer_orm.emulator import Emulator

Send = Callable[..., requests.Response]


def test_a_customer_is_created_read_updated_and_deleted(server: Emulator, send: Send) -> None:
    created = send("POST", "customers", json={"name": "Nora Whitfield", "externalId": "crm-1"})
    assert created.status_code == 201
    ident = created.json()["data"]["id"]
    attributes = created.json()["data"]["attributes"]
    assert attributes["displayName"] == "Nora Whitfield"
    assert (attributes["firstName"], attributes["lastName"]) == ("Nora", "Whitfield")
    assert attributes["conversationCounts"] == {"all": 0, "snoozed": 0, "open": 0, "done": 0}

    for method in ("PATCH", "PUT"):
        changed = send(method, f"customers/{ident}", json={"locale": method})
        assert changed.json()["data"]["attributes"]["locale"] == method
        assert changed.json()["data"]["attributes"]["name"] == "Nora Whitfield"
    assert server.world.get("customer", ident)["attributes"]["rev"] == 3
    assert send("POST", "customers", json={"externalId": "crm-1"}).status_code == 409
    assert send("DELETE", f"customers/{ident}").status_code == 204
    assert send("GET", f"customers/{ident}").status_code == 404


def test_an_empty_update_of_a_customer_is_taken(server: Emulator, send: Send) -> None:
    ident = server.world.add("customer", name="Nora")

    assert send("PATCH", f"customers/{ident}", json={}).status_code == 200


def test_a_customer_is_found_by_email_phone_and_external_id(server: Emulator, send: Send) -> None:
    ident = server.world.add(
        "customer",
        externalId="crm/1",
        emails=[{"email": "nora+1@example.com"}],
        phones=[{"phone": "+442079460101"}],
    )

    for look_up in ("email=nora%2B1%40example.com", "phone=%2B442079460101", "externalId=crm%2F1"):
        assert send("GET", f"customers/{look_up}").json()["data"]["id"] == ident
    missing = send("GET", "customers/email=none")
    assert missing.status_code == 404
    assert missing.json()["errors"][0]["source"] == {"parameter": "email"}


def test_elements_of_a_customer_read_with_more_keys_than_they_are_written(
    server: Emulator, send: Send
) -> None:
    ident = server.world.add("customer", name="Nora")
    body = {
        "emails": [{"type": "home", "email": "a@example.com"}],
        "whatsapps": [{"phone": "+18005551212"}],
    }

    attributes = send("PATCH", f"customers/{ident}", json=body).json()["data"]["attributes"]

    assert attributes["emails"] == [
        {"type": "home", "email": "a@example.com", "verified": False, "id": None}
    ]
    assert attributes["whatsapps"] == [{"phone": "whatsapp:+18005551212"}]
    echoed = send("PATCH", f"customers/{ident}", json={"emails": attributes["emails"]})
    assert echoed.status_code == 400


def test_a_company_is_linked_and_unlinked(server: Emulator, send: Send) -> None:
    company = server.world.add("company", name="Lark")
    ident = server.world.add("customer", name="Felix")
    path = f"customers/{ident}"

    linked = send("PATCH", path, json={"company": company}).json()["data"]
    untouched = send("PATCH", path, json={"name": "Felix B"}).json()["data"]
    unlinked = send("PATCH", path, json={"company": None}).json()["data"]

    assert linked["relationships"]["company"]["data"] == {"type": "company", "id": company}
    assert untouched["relationships"]["company"]["data"]["id"] == company
    assert "company" not in unlinked["relationships"]


@pytest.mark.parametrize(
    "body",
    [
        {"displayName": "x"},
        {"emails": [{"email": "no address"}]},
        {"emails": [{"type": "home"}]},
        {"phones": [{"phone": "call me"}]},
        {"urls": [{"url": "example.com"}]},
        {"gender": "x"},
        {"birthdayAt": "1990"},
        {"externalId": ""},
        {"locations": [{"countryCode": "DEU"}]},
        {"conversationCounts": {}},
        {"socials": [{"type": "myspace", "username": "x"}]},
        {"custom": {"plain": "x"}},
        {"tags": None},
    ],
)
def test_a_customer_is_checked_against_the_contract(
    server: Emulator, send: Send, body: dict[str, Any]
) -> None:
    ident = server.world.add("customer", name="Nora")

    assert send("PATCH", f"customers/{ident}", json=body).status_code == 400
    assert send("POST", "customers", json=body).status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        {"gender": None, "birthdayAt": None, "locale": None, "avatarUrl": None},
        {"locations": [{"type": None, "countryCode": "DE", "latitude": 53.1}]},
        {"urls": [{"url": "https://example.com"}], "timeZone": "Europe/Berlin"},
        {"rev": 1},
    ],
)
def test_a_customer_takes_what_the_contract_allows(
    server: Emulator, send: Send, body: dict[str, Any]
) -> None:
    ident = server.world.add("customer", name="Nora")

    assert send("PATCH", f"customers/{ident}", json=body).status_code == 200
    assert send("POST", "customers", json=body).status_code == 201


def test_a_customer_counts_its_conversations(server: Emulator, send: Send) -> None:
    customer = server.world.add("customer", name="Nora")
    for status in ("open", "open", "done"):
        server.world.add("conversation", customer=customer, status=status)

    counts = send("GET", f"customers/{customer}").json()["data"]["attributes"]["conversationCounts"]

    assert counts == {"all": 3, "snoozed": 0, "open": 2, "done": 1}


def test_a_write_to_a_customer_is_activity(server: Emulator, send: Send, clock: Any) -> None:
    ident = server.world.add("customer", name="Nora")
    clock.tick(10)

    attributes = send("PATCH", f"customers/{ident}", json={"name": "N"}).json()["data"][
        "attributes"
    ]
    assert attributes["lastActivityAt"] == attributes["updatedAt"] == "2026-03-01T12:00:10.000Z"

    chosen = {"lastActivityAt": "2020-01-01T00:00:00Z"}
    attributes = send("PATCH", f"customers/{ident}", json=chosen).json()["data"]["attributes"]
    assert attributes["lastActivityAt"] == "2020-01-01T00:00:00.000Z"
