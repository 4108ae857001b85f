"""Lists: pages, links, several ids, what lies below a record."""

from collections.abc import Callable

import pytest
import requests

from kustomer_orm.emulator import Emulator

Send = Callable[..., requests.Response]


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


def test_users_are_filtered(server: Emulator, send: Send) -> None:
    ada = server.world.add("user", name="Ada", email="ada@example.com")
    tom = server.world.add("user", name="Tom", email="tom@example.com", deleted=True)

    def found(query: str) -> list[str]:
        return [each["id"] for each in send("GET", f"users?{query}").json()["data"]]

    assert found("email=ada%40example.com") == [ada]
    assert found("userType=machine") == [server.world.machine_user]
    assert found("deleted=true") == [tom]
    assert tom not in found("deleted=false")
