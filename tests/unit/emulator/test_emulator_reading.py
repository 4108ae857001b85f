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


@pytest.mark.parametrize(("method", "path"), [("PUT", "users/{}"), ("DELETE", "tags/{}")])
def test_a_verb_the_path_does_not_know_is_a_404(
    server: Emulator, send: Send, method: str, path: str
) -> None:
    answer = send(method, path.format(server.world.machine_user), json={"name": "x"})

    assert answer.status_code == 404


def test_a_list_comes_in_pages_with_relative_links(server: Emulator, send: Send) -> None:
    idents = [server.world.add("conversation") for _ in range(5)]

    document = send("GET", "conversations?page=2&pageSize=2").json()

    assert document["meta"] == {"pageSize": 2, "page": 2}
    assert [each["id"] for each in document["data"]] == idents[2:4]
    assert document["links"] == {
        "self": "/v1/conversations?page=2&pageSize=2",
        "first": "/v1/conversations?page=1&pageSize=2",
        "prev": "/v1/conversations?page=1&pageSize=2",
        "next": "/v1/conversations?page=3&pageSize=2",
    }


def test_the_links_end_with_null(server: Emulator, send: Send) -> None:
    server.world.add("conversation")

    links = send("GET", "conversations").json()["links"]

    assert links["prev"] is None
    assert links["next"] is None
    assert links["self"] == "/v1/conversations?page=1&pageSize=100"


def test_following_next_visits_every_record_once(server: Emulator, send: Send) -> None:
    idents = [server.world.add("conversation") for _ in range(7)]
    seen: list[str] = []
    path: str | None = "/v1/conversations?pageSize=3&sort=desc"

    while path is not None:
        document = send("GET", path.removeprefix("/v1/")).json()
        seen += [each["id"] for each in document["data"]]
        path = document["links"]["next"]

    assert seen == idents[::-1]


def test_a_page_beyond_the_end_is_empty(server: Emulator, send: Send) -> None:
    server.world.add("conversation")

    document = send("GET", "conversations?page=9").json()

    assert document["data"] == []
    assert document["links"]["next"] is None


def test_a_list_of_customers_tells_the_total(server: Emulator, send: Send) -> None:
    for number in range(3):
        server.world.add("customer", name=f"Customer {number}")

    document = send("GET", "customers?pageSize=2").json()

    assert document["meta"] == {"pageSize": 2, "page": 1, "total": 3, "totalPages": 2}
    assert document["links"]["last"] == "/v1/customers?page=2&pageSize=2"


@pytest.mark.parametrize(("path", "size"), [("conversations", 100), ("users", 500)])
def test_a_page_size_that_is_too_large_is_clamped(send: Send, path: str, size: int) -> None:
    assert send("GET", f"{path}?pageSize=1000").json()["meta"]["pageSize"] == size


def test_the_largest_page_size_is_a_switch(server: Emulator, send: Send) -> None:
    server.behaviour.max_page_size = 7

    assert send("GET", "conversations?pageSize=1000").json()["meta"]["pageSize"] == 7


@pytest.mark.parametrize("query", ["page=0", "page=x", "pageSize=-1", "pageSize=²"])
def test_a_page_that_is_no_positive_number_is_refused(send: Send, query: str) -> None:
    answer = send("GET", f"conversations?{query}")

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["source"] == {"parameter": query.partition("=")[0]}


def test_several_ids_come_as_a_list_in_the_order_asked_for(server: Emulator, send: Send) -> None:
    first, second, third = (server.world.add("conversation") for _ in range(3))

    document = send("GET", f"conversations/{third},{first},{third}").json()

    assert [each["id"] for each in document["data"]] == [third, first]
    assert document["meta"] == {"pageSize": 100, "page": 1}
    assert document["links"]["next"] is None
    assert second not in str(document["data"])


def test_a_missing_id_among_several_is_skipped_or_not_found(server: Emulator, send: Send) -> None:
    ident = server.world.add("conversation")
    path = f"conversations/{ident},5f0000000000000000000000"

    assert [each["id"] for each in send("GET", path).json()["data"]] == [ident]
    server.behaviour.missing_ids = "not_found"
    assert send("GET", path).status_code == 404


def test_more_ids_than_the_switch_allows_are_refused(server: Emulator, send: Send) -> None:
    server.behaviour.max_ids = 2
    idents = [server.world.add("conversation") for _ in range(3)]

    assert send("GET", f"conversations/{','.join(idents[:2])}").status_code == 200
    assert send("GET", f"conversations/{','.join(idents)}").status_code == 400


def test_more_than_a_page_of_ids_come_at_once(server: Emulator, send: Send) -> None:
    idents = [server.world.add("conversation") for _ in range(150)]

    document = send("GET", f"conversations/{','.join(idents)}").json()

    assert [each["id"] for each in document["data"]] == idents
    assert document["links"]["next"] is None


def test_the_conversations_of_a_customer_are_a_list(server: Emulator, send: Send) -> None:
    customer = server.world.add("customer", name="Nora")
    mine = [server.world.add("conversation", customer=customer) for _ in range(2)]
    server.world.add("conversation")

    document = send("GET", f"customers/{customer}/conversations").json()

    assert [each["id"] for each in document["data"]] == mine
    assert document["links"]["self"] == (
        f"/v1/customers/{customer}/conversations?page=1&pageSize=100"
    )
    assert send("GET", "customers/none/conversations").status_code == 404


def test_from_date_leaves_out_what_is_older(server: Emulator, send: Send) -> None:
    customer = server.world.add("customer", name="Nora")
    server.world.add("conversation", customer=customer, createdAt="2020-01-01T00:00:00.000Z")
    late = server.world.add("conversation", customer=customer)

    document = send(
        "GET",
        f"customers/{customer}/conversations",
        params={"fromDate": "2021-01-01T00:00:00+01:00"},
    ).json()

    assert [each["id"] for each in document["data"]] == [late]
    assert "fromDate=2021-01-01T00%3A00%3A00%2B01%3A00" in document["links"]["self"]


def test_messages_of_a_conversation_are_a_list(server: Emulator, send: Send) -> None:
    ident = server.world.add("conversation")
    message = server.world.add("message", conversation=ident, preview="Hello")

    document = send("GET", f"conversations/{ident}/messages").json()

    assert [each["id"] for each in document["data"]] == [message]
    assert send("GET", f"messages/{message}").json()["data"]["attributes"]["preview"] == "Hello"


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


def test_users_are_filtered(server: Emulator, send: Send) -> None:
    ada = server.world.add("user", name="Ada", email="ada@example.com")
    tom = server.world.add("user", name="Tom", email="tom@example.com", deleted=True)

    def found(query: str) -> list[str]:
        return [each["id"] for each in send("GET", f"users?{query}").json()["data"]]

    assert found("email=ada%40example.com") == [ada]
    assert found("userType=machine") == [server.world.machine_user]
    assert found("deleted=true") == [tom]
    assert tom not in found("deleted=false")


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


def test_tags_read_as_ids_or_names(server: Emulator, send: Send) -> None:
    ident = server.world.add("conversation", tags=["refund"])

    def tags() -> Any:
        return send("GET", f"conversations/{ident}").json()["data"]["attributes"]["tags"]

    assert tags() == [server.world.tag_id("refund")]
    server.behaviour.tags_read_as = "names"
    assert tags() == ["refund"]


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
