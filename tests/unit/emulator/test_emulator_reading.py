"""What the emulator answers to GET."""

from collections.abc import Callable
from typing import Any

import pytest
import requests

from kustomer_orm.emulator import Emulator

Send = Callable[..., requests.Response]


def test_a_conversation_is_a_json_api_resource(server: Emulator, send: Send) -> None:
    customer = server.world.add("customer", name="Nora Whitfield")
    ident = server.world.add("conversation", customer=customer, name="Hi")

    answer = send("GET", f"conversations/{ident}")

    assert answer.status_code == 200
    resource = answer.json()["data"]
    assert resource["type"] == "conversation"
    assert resource["id"] == ident
    assert resource["links"] == {"self": f"/v1/conversations/{ident}"}
    assert resource["relationships"]["customer"] == {
        "links": {"self": f"/v1/customers/{customer}"},
        "data": {"type": "customer", "id": customer},
    }
    assert resource["relationships"]["messages"] == {
        "links": {"self": f"/v1/conversations/{ident}/messages"}
    }
    assert resource["relationships"]["org"]["data"] == {"type": "org", "id": server.world.org_id}


def test_a_new_conversation_has_the_recorded_defaults(server: Emulator, send: Send) -> None:
    ident = server.world.add("conversation")

    attributes = send("GET", f"conversations/{ident}").json()["data"]["attributes"]

    expected = {
        "name": "",
        "channels": [],
        "status": "open",
        "messageCount": 0,
        "noteCount": 0,
        "satisfaction": 0,
        "tags": [],
        "suggestedTags": [],
        "sentiment": {},
        "lastMessageIn": {},
        "assignedUsers": [],
        "assignedTeams": [],
        "firstResponse": {},
        "direction": "in",
        "outboundMessageCount": 0,
        "priority": 3,
        "rev": 1,
        "createdAt": "2026-03-01T12:00:00.000Z",
        "updatedAt": "2026-03-01T12:00:00.000Z",
        "modifiedAt": "2026-03-01T12:00:00.000Z",
    }
    assert {name: attributes[name] for name in expected} == expected


def test_attributes_that_were_never_set_are_absent(server: Emulator, send: Send) -> None:
    ident = server.world.add("conversation")

    attributes = send("GET", f"conversations/{ident}").json()["data"]["attributes"]

    assert {"externalId", "replyChannel", "custom", "snooze", "endedAt"}.isdisjoint(attributes)


def test_an_unknown_record_is_not_found(send: Send) -> None:
    answer = send("GET", "conversations/5f0000000000000000000000")

    assert answer.status_code == 404
    assert answer.json() == {
        "errors": [
            {
                "status": 404,
                "source": {"parameter": "id"},
                "code": "notfound",
                "title": "Not Found",
            }
        ]
    }


def test_a_look_up_by_external_id_decodes_its_value(server: Emulator, send: Send) -> None:
    ident = server.world.add("conversation", externalId="shop/12 34,5=é")

    answer = send("GET", "conversations/externalId=shop%2F12%2034%2C5%3D%C3%A9")

    assert answer.json()["data"]["id"] == ident


def test_a_look_up_that_finds_nothing_names_the_parameter(send: Send) -> None:
    answer = send("GET", "conversations/externalId=none")

    assert answer.status_code == 404
    assert answer.json()["errors"][0]["source"] == {"parameter": "externalId"}


@pytest.mark.parametrize(
    "path", ["nothing", "conversations/1/2/3", "orgs", "orgs/1", "conversations/x/y", ""]
)
def test_an_unknown_route_is_a_404_in_the_recorded_shape(send: Send, path: str) -> None:
    answer = send("GET", path)

    assert answer.status_code == 404
    assert answer.json()["errors"][0]["code"] == "notfound"


def test_another_version_of_the_api_is_not_found(server: Emulator) -> None:
    headers = {"Authorization": f"Bearer {server.api_key}"}

    answer = requests.get(f"{server.url}/v2/conversations", headers=headers, timeout=5)

    assert answer.status_code == 404


@pytest.mark.parametrize(("method", "path"), [("PUT", "tags/{}"), ("DELETE", "tags/{}")])
def test_a_verb_the_path_does_not_know_is_a_404(
    server: Emulator, send: Send, method: str, path: str
) -> None:
    answer = send(method, path.format(server.world.machine_user), json={"name": "x"})

    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("user", "users"),
        ("team", "teams"),
        ("queue", "routing/queues"),
        ("sub_status", "sub-statuses"),
        ("brand", "brands"),
        ("company", "companies"),
        ("sla", "slas"),
        ("tag", "tags"),
    ],
)
def test_what_a_relation_points_at_can_be_read(
    server: Emulator, send: Send, kind: str, path: str
) -> None:
    ident = server.world.add(kind, name="Something")

    resource = send("GET", f"{path}/{ident}").json()["data"]

    assert (resource["type"], resource["id"]) == (kind, ident)
    assert resource["links"] == {"self": f"/v1/{path}/{ident}"}
    assert resource["attributes"]["name"] == "Something"
    assert ident in [each["id"] for each in send("GET", path).json()["data"]]


def test_relations_link_to_where_they_can_be_read(server: Emulator, send: Send) -> None:
    world = server.world
    ident = world.add(
        "conversation",
        queue=world.add("queue", name="Billing"),
        subStatus=world.add("sub_status", label="Waiting"),
        brand=world.add("brand", name="Default"),
        endedBy=world.add("user", name="Ada"),
    )

    relationships: dict[str, Any] = send("GET", f"conversations/{ident}").json()["data"][
        "relationships"
    ]

    for name in ("customer", "queue", "subStatus", "brand", "endedBy", "createdBy", "modifiedBy"):
        found = send("GET", relationships[name]["links"]["self"].removeprefix("/v1/"))
        assert found.json()["data"]["id"] == relationships[name]["data"]["id"]


def test_who_the_key_is_can_be_asked(server: Emulator, send: Send) -> None:
    assert send("GET", "users/current").json()["data"]["id"] == server.world.machine_user
    # One client asks with a slash at the end.
    assert send("GET", "users/current/").json()["data"]["attributes"]["userType"] == "machine"
    assert send("GET", "orgs/current").json()["data"]["attributes"] == {"name": "demo"}
    token = send("GET", "auth/tokens/current").json()["data"]
    assert token["attributes"]["roles"] == ["org"]
    assert token["relationships"]["user"]["data"]["id"] == server.world.machine_user


def test_a_domain_is_told_without_a_key(server: Emulator) -> None:
    answer = requests.get(f"{server.url}/v1/domains/demo", timeout=5)

    assert answer.json()["data"]["attributes"] == {
        "name": "demo",
        "orgId": server.world.org_id,
        "pod": "prod1",
    }
    assert requests.get(f"{server.url}/v1/domains/other", timeout=5).status_code == 404


def test_answers_carry_the_recorded_headers(server: Emulator, send: Send) -> None:
    ident = server.world.add("conversation")

    headers = send("GET", f"conversations/{ident}").headers

    assert headers["Content-Type"] == "application/json; charset=utf-8"
    assert headers["X-Ratelimit-Limit"] == "1000"
    assert headers["X-Ratelimit-Remaining"] == "999"
    assert headers["X-Kustomer-Pod"] == "prod1"
    assert headers["Cache-Control"] == "no-cache,private"
    assert headers["Etag"].startswith('W/"')
    assert "X-Ratelimit-Reset" not in headers
    assert "X-Ratelimit-Object-Limit" not in headers


def test_the_etag_changes_with_the_body_only(server: Emulator, send: Send) -> None:
    ident = server.world.add("conversation")

    first = send("GET", f"conversations/{ident}").headers["Etag"]
    again = send("GET", f"conversations/{ident}").headers["Etag"]
    server.world.edit("conversation", ident, name="Other")

    assert first == again
    assert send("GET", f"conversations/{ident}").headers["Etag"] != first


def test_masked_attributes_read_as_the_documented_object(server: Emulator, send: Send) -> None:
    masked = {"isMasked": True, "maskedPresentation": "********"}
    ident = server.world.add("conversation", name="Secret", custom={"noteTxt": "x", "aNum": 1})
    server.world.mask("conversation", "name")
    server.world.mask("conversation", "custom.noteTxt")
    server.world.mask("conversation", "custom.absentStr")

    one = send("GET", f"conversations/{ident}").json()["data"]["attributes"]
    listed = send("GET", "conversations").json()["data"][0]["attributes"]

    assert one == listed
    assert one["name"] == masked
    assert one["custom"] == {"noteTxt": masked, "aNum": 1}
    assert server.world.get("conversation", ident)["attributes"]["name"] == "Secret"
    server.world.unmask("conversation", "name")
    shown = send("GET", f"conversations/{ident}").json()["data"]["attributes"]
    assert shown["name"] == "Secret"
