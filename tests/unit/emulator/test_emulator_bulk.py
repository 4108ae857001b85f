"""Bulk requests: many items at once, each of which fails alone."""

from typing import Any

import pytest

from kustomer_orm.emulator import Emulator
from tests.unit.emulator.bulk_sending import (
    Send,
    finished,
    job_of,
    name_of,
    named,
    problems,
)


@pytest.fixture
def idents(server: Emulator) -> list[str]:
    return [server.world.add("conversation", name=f"Number {n}") for n in range(3)]


# -- what is taken -------------------------------------------------------------------------------


def test_a_bulk_request_is_answered_with_a_job_in_the_queue(
    server: Emulator, send: Send, idents: list[str]
) -> None:
    answer = send("PUT", "conversations/bulk", json=named(idents))

    assert answer.status_code == 201
    data = answer.json()["data"]
    assert data["type"] == "bulk"
    assert data["links"]["self"] == f"/v1/bulk/{data['id']}"
    attributes = data["attributes"]
    assert (attributes["status"], attributes["completed"]) == ("queued", False)
    assert attributes["context"] == "api.sobjects.conversations.bulk-update"
    assert attributes["payload"]["api"]["data"] == named(idents)


def test_records_are_created_and_named_by_the_batch(server: Emulator, send: Send) -> None:
    customer = server.world.add("customer", name="Nora")

    answer = send("POST", "conversations/bulk", json=[{"customer": customer, "name": "A"}])

    batch = finished(send, job_of(answer))
    (ident,) = batch["objectIds"]
    assert name_of(server, ident) == "A"
    assert (batch["successCount"], batch["failureCount"]) == (1, 0)
    assert batch["completedAt"] == "2026-03-01T12:00:00.000Z"
    assert "results" not in batch


def test_an_update_names_its_record_and_changes_what_it_says(
    server: Emulator, send: Send, idents: list[str]
) -> None:
    answer = send("PUT", "conversations/bulk", json=named(idents))

    batch = finished(send, job_of(answer))
    assert batch["objectIds"] == idents
    assert [name_of(server, ident) for ident in idents] == ["New"] * 3
    assert server.world.get("conversation", idents[0])["attributes"]["rev"] == 2


def test_one_body_is_written_to_many_records(
    server: Emulator, send: Send, idents: list[str]
) -> None:
    ids = ",".join(idents[:2])

    answer = send("PUT", f"conversations/bulk?ids={ids}", json={"name": "Same"})

    finished(send, job_of(answer))
    assert [name_of(server, ident) for ident in idents] == ["Same", "Same", "Number 2"]


@pytest.mark.parametrize("extra", [{"id": "a" * 24}, {"_clientRef": "a"}])
def test_one_body_for_many_names_no_record(
    send: Send, idents: list[str], extra: dict[str, str]
) -> None:
    answer = send("PUT", f"conversations/bulk?ids={idents[0]}", json={"name": "Same", **extra})

    assert problems(answer) == ["Additional properties not allowed"]


def test_customers_are_deleted_in_bulk(server: Emulator, send: Send) -> None:
    gone, left = (server.world.add("customer", name=name) for name in ("A", "B"))

    answer = send("DELETE", f"customers/bulk?ids={gone},{'f' * 24}")

    assert answer.status_code == 201
    batch = finished(send, job_of(answer))
    assert (batch["successCount"], batch["failureCount"]) == (1, 1)
    assert server.world.ids("customer") == [left]


@pytest.mark.parametrize(
    "query", ["", "?ids=", "?ids=a,a", "?ids=" + ",".join(map(str, range(101)))]
)
def test_a_deletion_names_each_of_at_most_a_hundred_records_once(send: Send, query: str) -> None:
    assert send("DELETE", f"customers/bulk{query}").status_code == 400


def test_conversations_are_not_deleted_in_bulk(send: Send, idents: list[str]) -> None:
    assert send("DELETE", f"conversations/bulk?ids={idents[0]}").status_code == 404


# -- what is refused as a whole ------------------------------------------------------------------


def test_more_than_a_hundred_items_are_refused(send: Send, idents: list[str]) -> None:
    taken = send("PUT", "conversations/bulk", json=named(idents[:1]) * 100)
    refused = send("PUT", "conversations/bulk", json=named(idents[:1]) * 101)

    assert taken.status_code == 201
    assert problems(refused) == ["Array is too long (101), maximum 100"]


def test_more_than_a_hundred_kilobytes_are_refused(send: Send, idents: list[str]) -> None:
    items = [{"id": idents[0], "custom": {f"n{n}Txt": "x" * 1024 for n in range(100)}}]

    assert send("PUT", "conversations/bulk", json=items).status_code == 413


@pytest.mark.parametrize(
    "item",
    [
        {"name": "A"},
        {"id": "a" * 24, "nonsense": 1},
        {"id": "a" * 24, "priority": 9},
        {"id": "a" * 24, "suggestedShortcuts": []},
        {"id": "a" * 24, "name": "A", "customer": "b" * 24},
        {"id": "a" * 24, "custom": {"odd": 1}},
        {"id": 7, "name": "A"},
    ],
)
def test_one_malformed_item_refuses_the_whole_request(
    server: Emulator,
    send: Send,
    idents: list[str],
    item: dict[str, Any],
) -> None:
    body = [*named(idents[:1]), item]

    assert send("PUT", "conversations/bulk", json=body).status_code == 400
    assert name_of(server, idents[0]) == "Number 0"


@pytest.mark.parametrize("body", [{}, [1], [[]], "x"])
def test_a_body_that_is_no_list_of_objects_is_refused(send: Send, body: Any) -> None:
    assert send("PUT", "conversations/bulk", json=body).status_code == 400


def test_an_item_with_nothing_but_its_id_is_refused(send: Send, idents: list[str]) -> None:
    answer = send("PUT", "conversations/bulk", json=[{"id": idents[0]}])

    assert len(problems(answer)) == 1


def test_a_customer_moves_in_an_item_of_its_own(
    server: Emulator, send: Send, idents: list[str]
) -> None:
    other = server.world.add("customer", name="Other")

    answer = send("PUT", "conversations/bulk", json=[{"id": idents[0], "customer": other}])

    finished(send, job_of(answer))
    moved = server.world.get("conversation", idents[0])["relationships"]["customer"]["data"]["id"]
    assert moved == other


# -- client references ---------------------------------------------------------------------------


def with_refs(idents: list[str]) -> list[dict[str, str]]:
    return [{**item, "_clientRef": f"crm-{n}"} for n, item in enumerate(named(idents))]


def test_results_tell_what_became_of_each_marked_item(send: Send, idents: list[str]) -> None:
    items = with_refs([idents[0], "f" * 24])

    batch = finished(send, job_of(send("PUT", "conversations/bulk", json=items)))

    assert batch["results"] == [
        {"_clientRef": "crm-0", "objectId": idents[0], "status": "updated"},
        {"_clientRef": "crm-1", "status": "error", "error": "Not Found: id"},
    ]


def test_a_duplicate_is_told_as_documented(server: Emulator, send: Send) -> None:
    customer = server.world.add("customer", name="Nora")
    items = [
        {"customer": customer, "externalId": "same", "_clientRef": f"crm-{n}"} for n in range(2)
    ]

    batch = finished(send, job_of(send("POST", "conversations/bulk", json=items)))

    created, refused = batch["results"]
    assert created["status"] == "created"
    assert batch["objectIds"] == [created["objectId"]]
    assert refused == {"_clientRef": "crm-1", "status": "error", "error": "duplicate detected"}


@pytest.mark.parametrize("refs", [["a", None], ["a", "a"], ["", "b"], ["x" * 256, "b"], [1, 2]])
def test_marks_are_unique_texts_on_all_items_or_none(
    send: Send, idents: list[str], refs: list[Any]
) -> None:
    items = [
        item if ref is None else {**item, "_clientRef": ref}
        for item, ref in zip(named(idents[:2]), refs, strict=True)
    ]

    answer = send("PUT", "conversations/bulk", json=items)

    assert answer.status_code == 400
    assert {error["source"]["parameter"] for error in answer.json()["errors"]} == {"_clientRef"}


def test_a_server_of_the_published_schema_refuses_marks(
    server: Emulator, send: Send, idents: list[str]
) -> None:
    server.behaviour.bulk_client_ref = "refused"

    answer = send("PUT", "conversations/bulk", json=with_refs(idents))

    assert problems(answer) == ["Additional properties not allowed"]
    assert answer.json()["errors"][0]["source"] == {"parameter": "_clientRef"}


# -- items that fail -----------------------------------------------------------------------------


def test_an_item_fails_alone_when_its_revision_is_stale(
    server: Emulator, send: Send, idents: list[str]
) -> None:
    items = [{"id": ident, "name": "New", "rev": 1} for ident in idents[:2]]
    server.world.edit("conversation", idents[0], name="Theirs")

    batch = finished(send, job_of(send("PUT", "conversations/bulk", json=items)))

    assert (batch["successCount"], batch["failureCount"]) == (1, 1)
    assert batch["errors"] == ["Conflict: rev"]
    assert [name_of(server, ident) for ident in idents[:2]] == ["Theirs", "New"]


def test_a_write_between_the_request_and_its_job_makes_the_revision_stale(
    server: Emulator, send: Send, idents: list[str], clock: Any
) -> None:
    server.behaviour.bulk_seconds = 10
    answer = send("PUT", "conversations/bulk", json=[{"id": idents[0], "name": "New", "rev": 1}])
    clock.tick(11)
    server.world.edit("conversation", idents[0], name="Theirs")

    assert finished(send, job_of(answer))["failureCount"] == 1
    assert name_of(server, idents[0]) == "Theirs"


def test_revisions_are_ignored_where_updates_ignore_them(
    server: Emulator, send: Send, idents: list[str]
) -> None:
    server.behaviour.stale_rev = "ignore"

    answer = send("PUT", "conversations/bulk", json=[{"id": idents[0], "name": "N", "rev": 9}])

    assert finished(send, job_of(answer))["failureCount"] == 0


def test_items_count_against_the_limit_of_their_record_and_fail_there(
    server: Emulator, send: Send, idents: list[str]
) -> None:
    server.behaviour.object_limit = 1

    items = [{"id": idents[0], "name": "First"}, {"id": idents[0], "name": "Second"}]
    batch = finished(send, job_of(send("PUT", "conversations/bulk", json=items)))

    assert batch["errors"] == ["Too Many Requests"]
    assert name_of(server, idents[0]) == "First"


def test_a_bulk_request_is_one_unit_of_the_limit(send: Send, idents: list[str]) -> None:
    first = send("PUT", "conversations/bulk", json=named(idents))
    second = send("GET", f"bulk/{job_of(first)}")

    assert first.headers["X-Ratelimit-Remaining"] == "999"
    assert second.headers["X-Ratelimit-Remaining"] == "998"


@pytest.mark.parametrize("told", ["all", "written"])
def test_a_batch_names_all_records_or_those_that_were_written(
    server: Emulator, send: Send, idents: list[str], told: Any
) -> None:
    server.behaviour.bulk_object_ids = told
    server.bulk.refuse = lambda item: "no" if item["id"] == idents[1] else None

    batch = finished(send, job_of(send("PUT", "conversations/bulk", json=named(idents))))

    assert batch["objectIds"] == (idents if told == "all" else [idents[0], idents[2]])


def test_chosen_items_are_refused(server: Emulator, send: Send, idents: list[str]) -> None:
    server.bulk.refuse = lambda item: "no room" if item["_clientRef"] == "crm-0" else None

    batch = finished(send, job_of(send("PUT", "conversations/bulk", json=with_refs(idents))))

    assert batch["results"][0] == {"_clientRef": "crm-0", "status": "error", "error": "no room"}
    assert batch["successCount"] == 2
    assert [name_of(server, ident) for ident in idents] == ["Number 0", "New", "New"]


# -- other records -------------------------------------------------------------------------------


def test_customers_are_created_and_updated_in_bulk(server: Emulator, send: Send) -> None:
    made = finished(send, job_of(send("POST", "customers/bulk", json=[{"name": "A"}, {}])))
    first, second = made["objectIds"]

    items = [{"id": first, "name": "B"}, {"id": second, "externalId": None}]
    changed = finished(send, job_of(send("PUT", "customers/bulk", json=items)))

    assert changed["successCount"] == 2
    assert server.world.get("customer", first)["attributes"]["name"] == "B"


@pytest.mark.parametrize("ident", ["", "a/b", "tags", "bulk", "a?b=c", "externalId=x", "é"])
def test_an_id_that_cannot_be_one_fails_alone(
    server: Emulator, send: Send, idents: list[str], ident: str
) -> None:
    items = [{"id": ident, "name": "X"}, {"id": idents[0], "name": "New"}]

    batch = finished(send, job_of(send("PUT", "conversations/bulk", json=items)))

    assert (batch["successCount"], batch["failureCount"]) == (1, 1)
    assert name_of(server, idents[0]) == "New"


@pytest.mark.parametrize(
    ("path", "kind", "item", "change", "status"),
    [
        ("companies", "company", {"name": "Lark & Sons"}, {"name": "Lark"}, (201, 201)),
        (
            "messages",
            "message",
            {"channel": "email", "app": "postmark", "preview": "Hello"},
            {"preview": "Ho"},
            (200, 200),
        ),
        ("notes", "note", {"body": "Call back"}, {"body": "Called"}, (201, 201)),
        ("klasses/order", "kobject.order", {"title": "Order 1"}, {"title": "Order 2"}, (201, 200)),
    ],
)
def test_other_records_are_created_and_updated_in_bulk(
    server: Emulator,
    send: Send,
    idents: list[str],
    path: str,
    kind: str,
    item: dict[str, str],
    change: dict[str, str],
    status: tuple[int, int],
) -> None:
    server.world.add("klass", name="order")
    given = {**item, "conversation": idents[0]} if kind == "note" else item

    made = send("POST", f"{path}/bulk", json=[given])
    (ident,) = finished(send, job_of(made))["objectIds"]
    changed = send("PUT", f"{path}/bulk", json=[{"id": ident, **change}])

    assert finished(send, job_of(changed))["failureCount"] == 0
    assert (made.status_code, changed.status_code) == status
    stored = server.world.get(kind, ident)["attributes"]
    assert {name: stored[name] for name in change} == change


def test_custom_objects_are_deleted_in_bulk(server: Emulator, send: Send) -> None:
    idents = [server.world.add("kobject.order", title=title) for title in "AB"]

    batch = finished(send, job_of(send("DELETE", f"klasses/orders/bulk?ids={','.join(idents)}")))

    assert batch["successCount"] == 2
    assert server.world.ids("kobject.order") == []


def test_the_bulk_request_of_a_klass_that_is_not_there_is_not_found(send: Send) -> None:
    assert send("POST", "klasses/nothing/bulk", json=[{"title": "A"}]).status_code == 404
