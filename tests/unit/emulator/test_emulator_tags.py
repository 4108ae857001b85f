"""Tags of a conversation: names in, ids out, added and removed."""

from collections.abc import Callable
from typing import Any

import pytest
import requests

from kustomer_orm.emulator import Emulator

Send = Callable[..., requests.Response]

BEGIN = "2026-03-01T12:00:00.000Z"
LATER = "2026-03-01T12:00:10.000Z"


@pytest.fixture
def ident(server: Emulator) -> str:
    return server.world.add("conversation", tags=["red"])


def stored(server: Emulator, ident: str) -> dict[str, Any]:
    attributes: dict[str, Any] = server.world.get("conversation", ident)["attributes"]
    return attributes


def test_tags_are_written_as_names_or_ids_and_read_as_ids(
    server: Emulator, send: Send, ident: str
) -> None:
    red = server.world.tag_id("red")

    answer = send("PATCH", f"conversations/{ident}", json={"tags": ["new", red, "red"]})

    tags = answer.json()["data"]["attributes"]["tags"]
    assert tags == [server.world.tag_id("new"), red]
    assert server.world.tag_name(tags[0]) == "new"


def test_appended_tags_are_a_union(server: Emulator, send: Send, ident: str) -> None:
    answer = send("POST", f"conversations/{ident}/tags", json=["blue", "red"])

    assert answer.status_code == 200
    tags = answer.json()["data"]["attributes"]["tags"]
    assert tags == [server.world.tag_id("red"), server.world.tag_id("blue")]
    assert answer.json()["data"]["attributes"]["rev"] == 2


def test_appending_tags_moves_updated_at_but_not_modified_at(
    send: Send, ident: str, clock: Any
) -> None:
    clock.tick(10)

    answer = send("POST", f"conversations/{ident}/tags", json=["blue"])

    attributes = answer.json()["data"]["attributes"]
    assert attributes["updatedAt"] == LATER
    assert attributes["modifiedAt"] == BEGIN
    assert attributes["modificationHistory"]["tagsAt"] == LATER


def test_appending_tags_that_are_there_is_a_write_that_changes_nothing(
    server: Emulator, send: Send, ident: str
) -> None:
    server.behaviour.noop_bumps_rev = False

    send("POST", f"conversations/{ident}/tags", json=["red"])

    assert stored(server, ident)["rev"] == 1


def test_twenty_tags_are_the_limit_of_the_union(server: Emulator, send: Send, ident: str) -> None:
    nineteen = [f"t{number}" for number in range(19)]
    path = f"conversations/{ident}/tags"

    assert send("POST", path, json=nineteen).status_code == 200
    refused = send("POST", path, json=["one too many"])
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["source"] == {"parameter": "tags"}
    assert len(stored(server, ident)["tags"]) == 20
    assert send("POST", path, json=["red", "t3"]).status_code == 200


def test_removed_tags_are_gone_and_unknown_ones_ignored(
    server: Emulator, send: Send, ident: str
) -> None:
    send("POST", f"conversations/{ident}/tags", json=["blue"])
    names = ["red", "never seen"]

    answer = send("DELETE", f"conversations/{ident}/tags", json=names)

    assert answer.json()["data"]["attributes"]["tags"] == [server.world.tag_id("blue")]
    assert send("GET", "tags").json()["data"][-1]["attributes"]["name"] == "blue"


@pytest.mark.parametrize("method", ["POST", "DELETE"])
@pytest.mark.parametrize(
    "body", [{}, None, "red", ["a", "a"], [1], [""], ["x" * 65], [f"t{n}" for n in range(21)]]
)
def test_a_body_that_is_no_list_of_tags_is_refused(
    server: Emulator, send: Send, ident: str, method: str, body: Any
) -> None:
    answer = send(method, f"conversations/{ident}/tags", json=body)

    assert answer.status_code == 400
    assert stored(server, ident)["rev"] == 1


def test_tags_of_an_unknown_conversation_are_not_found(send: Send) -> None:
    assert send("POST", "conversations/none/tags", json=["red"]).status_code == 404


def test_tags_read_as_ids_or_names(server: Emulator, send: Send) -> None:
    ident = server.world.add("conversation", tags=["refund"])

    def tags() -> Any:
        return send("GET", f"conversations/{ident}").json()["data"]["attributes"]["tags"]

    assert tags() == [server.world.tag_id("refund")]
    server.behaviour.tags_read_as = "names"
    assert tags() == ["refund"]


def test_tags_read_in_another_order_than_they_were_written(server: Emulator, send: Send) -> None:
    ident = server.world.add("conversation", tags=["refund", "vip"])
    written = [server.world.tag_id("refund"), server.world.tag_id("vip")]

    def tags() -> Any:
        return send("GET", f"conversations/{ident}").json()["data"]["attributes"]["tags"]

    assert tags() == written
    server.behaviour.tags_order = "reversed"
    assert tags() == written[::-1]
