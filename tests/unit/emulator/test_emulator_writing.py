"""What a write does: creating, merging, clearing, versions, times, deleting."""

from collections.abc import Callable
from typing import Any

import pytest
import requests

from kustomer_orm.emulator import Emulator
from kustomer_orm.emulator.behaviour import StaleRev

Send = Callable[..., requests.Response]
ID = "5f0000000000000000000abc"
BEGIN = "2026-03-01T12:00:00.000Z"
LATER = "2026-03-01T12:00:10.000Z"


@pytest.fixture
def ident(server: Emulator) -> str:
    return server.world.add(
        "conversation",
        name="Hi",
        custom={"aStr": "a", "bNum": 1},
        tags=["red"],
        assignedUsers=[ID],
        snooze={"status": "scheduled", "time": "2026-04-01T00:00:00.000Z"},
    )


@pytest.fixture
def patch(send: Send, ident: str) -> Callable[..., dict[str, Any]]:
    """PATCH the conversation; its attributes as answered."""

    def write(**body: Any) -> dict[str, Any]:
        answer = send("PATCH", f"conversations/{ident}", json=body)
        assert answer.status_code == 200, answer.text
        attributes: dict[str, Any] = answer.json()["data"]["attributes"]
        return attributes

    return write


def stored(server: Emulator, ident: str) -> dict[str, Any]:
    attributes: dict[str, Any] = server.world.get("conversation", ident)["attributes"]
    return attributes


def test_what_is_created_can_be_read(server: Emulator, send: Send) -> None:
    customer = server.world.add("customer", name="Nora")

    answer = send("POST", "conversations", json={"customer": customer, "name": "Hi", "id": ID})

    assert answer.status_code == 201
    created = answer.json()["data"]
    assert created["id"] == ID
    assert created["attributes"]["rev"] == 1
    assert created["attributes"]["open"] == {"statusAt": BEGIN}
    author = created["relationships"]["createdBy"]["data"]["id"]
    assert author == server.world.machine_user
    assert send("GET", f"conversations/{ID}").json()["data"] == created


def test_created_at_may_be_chosen(server: Emulator, send: Send) -> None:
    body = {
        "customer": server.world.add("customer", name="Nora"),
        "createdAt": "2020-01-01T00:00:00+01:00",
        "importedAt": "2021-01-01T00:00:00Z",
    }

    attributes = send("POST", "conversations", json=body).json()["data"]["attributes"]

    assert attributes["createdAt"] == "2019-12-31T23:00:00.000Z"
    assert attributes["importedAt"] == "2021-01-01T00:00:00.000Z"
    assert attributes["updatedAt"] == BEGIN


def test_an_id_or_external_id_in_use_is_a_conflict(server: Emulator, send: Send) -> None:
    customer = server.world.add("customer", name="Nora")
    server.world.add("conversation", id=ID, externalId="shop-1")

    for name, value in (("id", ID), ("externalId", "shop-1")):
        answer = send("POST", "conversations", json={"customer": customer, name: value})
        assert answer.status_code == 409
        assert answer.json()["errors"][0] == {
            "status": 409,
            "source": {"parameter": name},
            "code": "conflict",
            "title": "Conflict",
        }


def test_an_external_id_may_be_kept_but_not_taken(server: Emulator, send: Send) -> None:
    mine = server.world.add("conversation", externalId="shop-1")
    server.world.add("conversation", externalId="shop-2")

    assert send("PATCH", f"conversations/{mine}", json={"externalId": "shop-1"}).ok
    taken = send("PATCH", f"conversations/{mine}", json={"externalId": "shop-2"})
    assert taken.status_code == 409


def test_an_update_answers_the_whole_resource(server: Emulator, send: Send, ident: str) -> None:
    answer = send("PATCH", f"conversations/{ident}", json={"priority": 5})

    assert answer.json()["data"] == server.world.get("conversation", ident)
    assert answer.json()["data"]["attributes"]["name"] == "Hi"
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"


def test_the_content_type_of_an_answer_to_patch_is_a_switch(
    server: Emulator, send: Send, ident: str
) -> None:
    server.behaviour.patch_content_type = "application/json-patch+json"

    patched = send("PATCH", f"conversations/{ident}", json={"priority": 5})
    put = send("PUT", f"conversations/{ident}", json={"priority": 5})

    assert patched.headers["Content-Type"] == "application/json-patch+json"
    assert put.headers["Content-Type"] == "application/json; charset=utf-8"


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_absent_keys_stay(server: Emulator, send: Send, ident: str, method: str) -> None:
    before = stored(server, ident)

    send(method, f"conversations/{ident}", json={"priority": 5})

    after = stored(server, ident)
    moved = {name for name in after if after[name] != before[name]}
    assert moved == {"priority", "rev"}


def test_custom_merges_key_by_key(patch: Callable[..., dict[str, Any]]) -> None:
    assert patch(custom={"bNum": 2, "cBool": True})["custom"] == {
        "aStr": "a",
        "bNum": 2,
        "cBool": True,
    }


def test_null_clears_a_custom_key(server: Emulator, patch: Callable[..., dict[str, Any]]) -> None:
    assert patch(custom={"aStr": None})["custom"] == {"bNum": 1}
    server.behaviour.cleared_custom = "null"
    assert patch(custom={"bNum": None})["custom"] == {"bNum": None}


def test_null_clears_an_attribute(server: Emulator, patch: Callable[..., dict[str, Any]]) -> None:
    assert "name" not in patch(name=None)
    server.behaviour.cleared_attribute = "null"
    assert patch(name=None)["name"] is None


def test_arrays_and_sub_documents_are_replaced_whole(
    server: Emulator, patch: Callable[..., dict[str, Any]]
) -> None:
    other = "5f0000000000000000000def"

    attributes = patch(
        tags=["blue"], assignedUsers=[other], snooze={"status": "canceled"}, assignedTeams=[]
    )

    assert attributes["tags"] == [server.world.tag_id("blue")]
    assert attributes["assignedUsers"] == [other]
    assert attributes["snooze"] == {"status": "canceled", "statusAt": BEGIN}


def test_dates_come_out_in_one_spelling_but_custom_ones_as_sent(
    patch: Callable[..., dict[str, Any]],
) -> None:
    attributes = patch(
        endedAt="2026-03-01T14:00:00.1234+02:00",
        custom={"dAt": "2016-11-06T13:54:29-05:00"},
        satisfactionLevel={"createdAt": "2026-03-01T12:00:00Z", "status": "rated"},
    )

    assert attributes["endedAt"] == "2026-03-01T12:00:00.123Z"
    assert attributes["custom"]["dAt"] == "2016-11-06T13:54:29-05:00"
    assert attributes["satisfactionLevel"]["createdAt"] == "2026-03-01T12:00:00.000Z"


def test_what_is_written_as_an_id_reads_as_a_relationship(
    server: Emulator, send: Send, ident: str
) -> None:
    queue = server.world.add("queue", name="Billing")
    body = {"queue": {"id": queue}, "subStatus": ID, "endedBy": ID}

    resource = send("PATCH", f"conversations/{ident}", json=body).json()["data"]

    relationships = resource["relationships"]
    assert relationships["queue"] == {
        "links": {"self": f"/v1/routing/queues/{queue}"},
        "data": {"type": "queue", "id": queue},
    }
    assert relationships["subStatus"]["data"] == {"type": "sub_status", "id": ID}
    assert relationships["endedBy"]["data"] == {"type": "user", "id": ID}
    assert {"queue", "subStatus", "endedBy"}.isdisjoint(resource["attributes"])


def test_an_external_queue_reads_as_an_attribute(
    server: Emulator, send: Send, ident: str, patch: Callable[..., dict[str, Any]]
) -> None:
    assert patch(queue={"external": "amazon-connect", "id": ID})["externalQueue"] == (
        "amazon-connect"
    )
    assert "externalQueue" not in patch(queue={"external": None})
    cleared = send("PATCH", f"conversations/{ident}", json={"queue": {"id": None}})
    assert "queue" not in cleared.json()["data"]["relationships"]


def test_a_write_raises_rev_and_moves_the_times(
    server: Emulator, patch: Callable[..., dict[str, Any]], clock: Any, ident: str
) -> None:
    clock.tick(10)

    attributes = patch(name="Other")

    assert attributes["rev"] == 2
    assert attributes["updatedAt"] == attributes["modifiedAt"] == LATER
    assert attributes["createdAt"] == BEGIN
    history = attributes["modificationHistory"]
    assert history["nameAt"] == LATER
    assert history["priorityAt"] == BEGIN
    assert history["brandAt"] is None


@pytest.mark.parametrize(
    ("body", "group"),
    [
        ({"name": "Other"}, "nameAt"),
        ({"priority": 5}, "priorityAt"),
        ({"status": "done"}, "statusAt"),
        ({"tags": ["blue"]}, "tagsAt"),
        ({"custom": {"aStr": "b"}}, "customAt"),
        ({"assignedUsers": []}, "assignedUsersAt"),
        ({"assignedTeams": [ID]}, "assignedTeamsAt"),
        ({"defaultLang": "de"}, "defaultLangAt"),
    ],
)
def test_the_modification_history_tells_which_group_moved(
    patch: Callable[..., dict[str, Any]], clock: Any, body: dict[str, Any], group: str
) -> None:
    clock.tick(10)

    history = patch(**body)["modificationHistory"]

    assert [name for name, moment in history.items() if moment == LATER] == [group]


def test_a_write_of_equal_values_bumps_rev_by_choice(
    server: Emulator, patch: Callable[..., dict[str, Any]], clock: Any, ident: str
) -> None:
    same = {"name": "Hi", "custom": {"aStr": "a"}, "tags": ["red"]}
    snooze = {"status": "scheduled", "time": "2026-04-01T01:00:00+01:00"}
    clock.tick(10)
    server.behaviour.noop_bumps_rev = False
    before = stored(server, ident)

    assert patch(**same, snooze=snooze) == before
    server.behaviour.noop_bumps_rev = True
    after = patch(**same, snooze=snooze)
    assert after["rev"] == 2
    assert after["modifiedAt"] == LATER
    assert after["modificationHistory"] == before["modificationHistory"]


@pytest.mark.parametrize(
    ("mode", "method", "status", "rev", "name"),
    [
        ("conflict", "PATCH", 409, 5, "Hi"),
        ("conflict", "PUT", 409, 5, "Hi"),
        ("ignore", "PATCH", 200, 6, "Mine"),
        ("ignore", "PUT", 200, 6, "Mine"),
        ("store", "PATCH", 200, 3, "Mine"),
        ("conflict_on_put", "PATCH", 200, 6, "Mine"),
        ("conflict_on_put", "PUT", 409, 5, "Hi"),
    ],
)
def test_a_stale_rev_is_treated_as_the_switch_says(
    server: Emulator, send: Send, mode: StaleRev, method: str, status: int, rev: int, name: str
) -> None:
    server.behaviour.stale_rev = mode
    ident = server.world.add("conversation", name="Hi", rev=5)

    answer = send(method, f"conversations/{ident}", json={"name": "Mine", "rev": 3})

    assert answer.status_code == status
    assert stored(server, ident)["rev"] == rev
    assert stored(server, ident)["name"] == name
    if status == 409:
        assert answer.json()["errors"][0]["source"] == {"parameter": "rev"}


@pytest.mark.parametrize("mode", ["conflict", "ignore", "conflict_on_put"])
def test_the_current_rev_is_welcome(server: Emulator, send: Send, mode: StaleRev) -> None:
    server.behaviour.stale_rev = mode
    ident = server.world.add("conversation", rev=5)

    for method in ("PATCH", "PUT"):
        current = stored(server, ident)["rev"]
        answer = send(method, f"conversations/{ident}", json={"name": method, "rev": current})
        assert answer.json()["data"]["attributes"]["rev"] == current + 1


def test_a_body_is_checked_before_its_rev(server: Emulator, send: Send) -> None:
    ident = server.world.add("conversation")

    assert send("PATCH", f"conversations/{ident}", json={"rev": 9, "nmae": 1}).status_code == 400


def test_a_change_of_status_leaves_its_traces(
    patch: Callable[..., dict[str, Any]], clock: Any
) -> None:
    clock.tick(10)
    done = patch(status="done")
    assert done["doneCount"] == 1
    assert done["firstDone"] == done["lastDone"]
    assert done["lastDone"]["createdAt"] == LATER

    clock.tick(10)
    reopened = patch(status="open")
    assert (reopened["reopenCount"], reopened["reopenFromDoneCount"]) == (1, 1)
    assert reopened["open"] == {"statusAt": "2026-03-01T12:00:20.000Z"}

    assert patch(status="snoozed")["snoozeCount"] == 1
    again = patch(status="done")
    assert again["doneCount"] == 2
    assert again["firstDone"]["createdAt"] == LATER
    assert again["lastDone"]["createdAt"] == "2026-03-01T12:00:20.000Z"


def test_a_deleted_conversation_is_gone(server: Emulator, send: Send, ident: str) -> None:
    answer = send("DELETE", f"conversations/{ident}")

    assert answer.status_code == 204
    assert answer.content == b""
    assert "Content-Length" not in answer.headers
    for method in ("GET", "PATCH", "DELETE"):
        assert send(method, f"conversations/{ident}", json={"name": "x"}).status_code == 404


def test_soft_deletion_is_an_attribute(send: Send, ident: str) -> None:
    assert send("PATCH", f"conversations/{ident}", json={"deleted": True}).ok
    assert send("GET", f"conversations/{ident}").json()["data"]["attributes"]["deleted"] is True
