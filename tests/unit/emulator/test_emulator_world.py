"""Arranging the world by hand: adding, a colleague's writes, raw values, the demo."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import requests

from kustomer_orm.emulator import Emulator
from kustomer_orm.emulator.rules import problems

Send = Callable[..., requests.Response]
ID = "5f0000000000000000000abc"


def test_a_conversation_without_customer_gets_one(server: Emulator) -> None:
    ident = server.world.add("conversation")

    owner = server.world.get("conversation", ident)["relationships"]["customer"]["data"]

    assert owner["id"] in server.world.ids("customer")


def test_every_attribute_may_be_arranged(server: Emulator) -> None:
    arranged = {
        "rev": 7,
        "messageCount": 3,
        "status": "done",
        "doneCount": 5,
        "updatedAt": "2020-01-01T00:00:00.000Z",
        "modificationHistory": {"nameAt": None},
        "notKnownYet": [1],
    }

    ident = server.world.add("conversation", id=ID, createdBy=ID, **arranged)

    resource = server.world.get("conversation", ident)
    assert ident == ID
    assert {name: resource["attributes"][name] for name in arranged} == arranged
    assert resource["relationships"]["createdBy"]["data"]["id"] == ID


def test_what_is_got_is_a_copy(server: Emulator) -> None:
    custom = {"tagsTxt": "x"}
    ident = server.world.add("conversation", custom=custom, channels=["email"])

    custom["tagsTxt"] = "y"
    server.world.get("conversation", ident)["attributes"]["channels"].append("sms")

    attributes = server.world.get("conversation", ident)["attributes"]
    assert attributes["custom"] == {"tagsTxt": "x"}
    assert attributes["channels"] == ["email"]


def test_an_edit_is_a_colleagues_write(server: Emulator, send: Send) -> None:
    ada = server.world.add("user", name="Ada")
    ident = server.world.add("conversation", custom={"aStr": "x", "bStr": "y"})

    server.world.edit("conversation", ident, by=ada, custom={"aStr": None}, tags=["red"])

    resource = send("GET", f"conversations/{ident}").json()["data"]
    assert resource["attributes"]["custom"] == {"bStr": "y"}
    assert resource["attributes"]["rev"] == 2
    assert resource["attributes"]["tags"] == [server.world.tag_id("red")]
    assert resource["relationships"]["modifiedBy"]["data"]["id"] == ada
    assert resource["relationships"]["createdBy"]["data"]["id"] == server.world.machine_user


def test_raw_values_are_stored_as_they_are(server: Emulator, send: Send) -> None:
    ident = server.world.add("conversation", custom={"aStr": "x"})

    server.world.put_raw(
        "conversation", ident, priority="high", custom={"dueAt": "garbage"}, customer=None, rev=9
    )

    resource = send("GET", f"conversations/{ident}").json()["data"]
    assert resource["attributes"]["priority"] == "high"
    assert resource["attributes"]["custom"] == {"aStr": "x", "dueAt": "garbage"}
    assert resource["attributes"]["rev"] == 9
    assert "customer" not in resource["relationships"]


@pytest.mark.parametrize(
    "body",
    [
        {"priority": 1},
        {"custom": {"aStr": "y"}},
        {"snooze": {"status": "scheduled"}},
        {"status": "done"},
        {"tags": ["red"]},
    ],
)
def test_corrupt_values_do_not_hinder_other_writes(
    server: Emulator, send: Send, body: dict[str, Any]
) -> None:
    ident = server.world.add("conversation")
    server.world.put_raw("conversation", ident, snooze="soon", status=5, tags=None, rev="many")
    server.world.put_raw("conversation", ident, custom=[], sentiment=None, name={"deep": [1]})

    assert send("PATCH", f"conversations/{ident}", json=body).status_code == 200
    assert send("POST", f"conversations/{ident}/tags", json=["blue"]).status_code == 200
    assert send("DELETE", f"conversations/{ident}/tags", json=["blue"]).status_code == 200


def test_an_edit_by_nobody_in_particular_is_not_by_the_key(server: Emulator) -> None:
    ident = server.world.add("conversation")

    server.world.edit("conversation", ident, name="One")
    server.world.edit("conversation", ident, name="Two")

    author = server.world.get("conversation", ident)["relationships"]["modifiedBy"]["data"]["id"]
    assert author in server.world.ids("user")
    assert author != server.world.machine_user
    assert len(server.world.ids("user")) == 2


def test_a_deleted_record_is_gone_and_an_unknown_one_an_error(server: Emulator, send: Send) -> None:
    ident = server.world.add("conversation")

    server.world.delete("conversation", ident)

    assert send("GET", f"conversations/{ident}").status_code == 404
    assert server.world.ids("conversation") == []
    for verb in (server.world.get, server.world.edit, server.world.delete, server.world.put_raw):
        with pytest.raises(KeyError, match="no conversation"):
            verb("conversation", ident)


def test_tags_are_added_and_removed_as_the_endpoint_does(server: Emulator, send: Send) -> None:
    world = server.world
    ident = world.add("conversation", tags=["red"])

    world.add_tags("conversation", ident, ["blue", "red"])
    world.remove_tags("conversation", ident, ["red", "none"])

    attributes = world.get("conversation", ident)["attributes"]
    assert attributes["tags"] == [world.tag_id("blue")]
    assert attributes["rev"] == 3


def test_a_tag_is_created_once(server: Emulator) -> None:
    ident = server.world.tag_id("red")

    assert server.world.tag_id("red") == ident
    assert server.world.tag_id(ident) == ident
    assert server.world.tag_name(ident) == "red"
    assert server.world.ids("tag") == [ident]


def test_the_demo_holds_a_record_of_each_custom_suffix(server: Emulator, send: Send) -> None:
    idents = server.seed_demo()

    listed = send("GET", "conversations").json()["data"]
    assert {each["id"] for each in listed} == set(idents)
    keys = {key for each in listed for key in each["attributes"].get("custom", {})}
    for suffix in ("Str", "Txt", "Num", "At", "Bool", "Url", "Id", "Tree"):
        assert any(key.endswith(suffix) for key in keys), suffix
    assert {"open", "done", "snoozed"} == {each["attributes"]["status"] for each in listed}
    first = send("GET", "conversations/58228e05d4e96711004eccb7").json()["data"]
    assert first["attributes"]["name"] == "Hi"
    owner = first["relationships"]["customer"]["links"]["self"].removeprefix("/v1/")
    assert send("GET", owner).json()["data"]["attributes"]["emails"][0]["email"]
    queue = first["relationships"]["queue"]["links"]["self"].removeprefix("/v1/")
    assert send("GET", queue).json()["data"]["attributes"]["displayName"] == "Billing"
    agent = first["attributes"]["assignedUsers"][0]
    assert send("GET", f"users/{agent}").json()["data"]["attributes"]["name"] == "Ada Reyes"


def test_the_demo_would_pass_its_own_rules(server: Emulator) -> None:
    for ident in server.seed_demo():
        attributes = server.world.get("conversation", ident)["attributes"]
        written = {name: attributes[name] for name in ("name", "priority", "tags", "assignedUsers")}
        written["custom"] = attributes.get("custom", {})
        assert problems("conversation", "update", written) == []


def test_two_worlds_with_the_same_history_are_the_same() -> None:
    def history() -> str:
        server = Emulator()
        server.seed_demo()
        every = [server.world.ids(kind) for kind in ("conversation", "customer", "tag", "user")]
        return json.dumps(every)

    assert history() == history()
