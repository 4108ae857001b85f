"""Webhooks of the emulator: what is told, how it is signed, and what happens to failures."""

import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from kustomer_orm.emulator import Behaviour, Emulator
from tests.unit.webhook_receiver import Receiver

Send = Callable[..., requests.Response]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as listening:
        yield listening


def names(receiver: Receiver) -> list[str]:
    return [each.headers["X-Kustomer-Webhook-Event"] for each in receiver.posts]


# -- the API -------------------------------------------------------------------------------------


def test_a_hook_is_made_listed_read_with_its_token_and_deleted(
    server: Emulator, send: Send, receiver: Receiver
) -> None:
    body = {
        "name": "ours",
        "url": receiver.url,
        "events": ["kustomer.customer.update"],
        "headers": [{"name": "X-Team", "value": "support"}],
    }
    made = send("POST", "outbound-webhooks", json=body)
    ident = made.json()["data"]["id"]
    listed = send("GET", "outbound-webhooks")
    read = send("GET", f"outbound-webhooks/{ident}")
    deleted = send("DELETE", f"outbound-webhooks/{ident}")

    assert (made.status_code, read.status_code, deleted.status_code) == (201, 200, 204)
    assert made.json()["data"]["attributes"].items() >= body.items()
    assert len(made.json()["data"]["attributes"]["token"]) == 64
    assert listed.json()["data"] == [made.json()["data"]]
    assert read.json() == made.json()
    assert send("GET", f"outbound-webhooks/{ident}").status_code == 404
    assert send("DELETE", f"outbound-webhooks/{ident}").status_code == 404
    assert server.webhooks.hooks == []


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"name": ""}, "name"),
        ({"name": None}, "name"),
        ({"url": 5}, "url"),
        ({"url": "https://example.com/hook"}, "url"),
        ({"url": "http://127.0.0.1.example.com/"}, "url"),
        ({"url": "http://127.0.0.1:99999/"}, "url"),
        ({"url": "ftp://127.0.0.1/"}, "url"),
        ({"events": []}, "events"),
        ({"events": ["kustomer.customer.delete"]}, "events"),
        ({"events": [["kustomer.customer.update"]]}, "events"),
        ({"headers": {"X-Team": "support"}}, "headers"),
        ({"headers": [{"name": "X", "value": "a\r\nb"}]}, "headers"),
        ({"secret": "x"}, "secret"),
    ],
)
def test_a_hook_that_makes_no_sense_is_refused(
    send: Send, change: dict[str, Any], named: str
) -> None:
    good = {"name": "ours", "url": "http://127.0.0.1:9/", "events": ["kustomer.tag.create"]}

    answer = send("POST", "outbound-webhooks", json={**good, **change})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["source"]["parameter"] == named


@pytest.mark.parametrize("missing", ["name", "url", "events"])
def test_a_hook_without_one_of_its_parts_is_refused(send: Send, missing: str) -> None:
    good = {"name": "ours", "url": "http://127.0.0.1:9/", "events": ["kustomer.tag.create"]}
    del good[missing]

    assert send("POST", "outbound-webhooks", json=good).status_code == 400


def test_a_sixth_hook_is_refused(server: Emulator, send: Send) -> None:
    body = {"name": "ours", "url": "http://127.0.0.1:9/", "events": ["kustomer.tag.create"]}

    statuses = [send("POST", "outbound-webhooks", json=body).status_code for _ in range(6)]

    assert statuses == [201, 201, 201, 201, 201, 400]


def test_a_hook_may_lead_away_only_where_that_is_switched_on(server: Emulator) -> None:
    with pytest.raises(ValueError, match="loopback"):
        server.webhooks.add("https://example.com/hook")
    with pytest.raises(ValueError, match=r"kustomer\.cat\.create"):
        server.webhooks.add("http://localhost:9/", "kustomer.cat.create")

    server.webhooks.anywhere = True
    assert server.webhooks.add("https://example.com/hook").url == "https://example.com/hook"


def test_no_repr_shows_a_token(server: Emulator) -> None:
    hook = server.webhooks.add("http://127.0.0.1:9/", headers={"X-Secret": "s3cret"})

    assert hook.token not in repr(hook)
    assert "s3cret" not in repr(hook)


# -- what is told --------------------------------------------------------------------------------


def test_an_update_is_told_as_it_was_recorded(
    server: Emulator, send: Send, receiver: Receiver
) -> None:
    ident = server.world.add("conversation", name="Hi", custom={"oldStr": "a"})
    hook = server.webhooks.add(receiver.url, headers={"X-Team": "support"})

    send("PATCH", f"conversations/{ident}", json={"name": "Ho", "custom": {"newNum": 1}})

    assert server.webhooks.wait(1)
    post = receiver.posts[0]
    event = json.loads(post.body)
    stored = server.world.get("conversation", ident)
    assert list(event) == [
        *("id", "name", "org", "partition", "orgName", "data", "createdAt", "changes"),
        *("persist", "client", "dataId", "meta", "snsFilters"),
    ]
    assert event["name"] == post.headers["X-Kustomer-Webhook-Event"]
    assert (event["org"], event["orgName"]) == (server.world.org_id, "demo")
    assert event["data"] == stored
    assert event["dataId"] == ident
    assert (event["client"], event["persist"]) == ("api-gw", True)
    assert event["meta"] == {"customChanged": True}
    moved = event["changes"]["attributes"]
    assert moved["name"] == {"op": "replace", "before": "Hi", "after": "Ho"}
    assert moved["rev"] == {"op": "replace", "before": 1, "after": 2}
    assert moved["custom"]["after"] == {"oldStr": "a", "newNum": 1}
    assert event["changes"]["relationships"] == {}
    assert post.body == json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
    signed = hmac.new(hook.token.encode(), post.body, hashlib.sha256).hexdigest()
    assert post.headers["X-Kustomer-Webhook-Signature"] == signed
    assert post.headers["X-Team"] == "support"
    assert post.headers["Content-Type"] == "application/json"


def test_a_creation_is_told_without_changes(server: Emulator, receiver: Receiver) -> None:
    server.webhooks.add(receiver.url, "kustomer.customer.create")

    server.world.add("customer", name="Ada")

    assert server.webhooks.wait()
    event = json.loads(receiver.posts[0].body)
    assert "changes" not in event
    assert event["data"]["attributes"]["name"] == "Ada"


def test_a_hook_is_told_of_what_it_asked_for_and_nothing_else(
    server: Emulator, receiver: Receiver
) -> None:
    server.webhooks.add(receiver.url, "kustomer.tag.create", "kustomer.team.update")

    team = server.world.add("team", name="Support")
    server.world.edit("team", team, name="Care")
    server.world.add("note", body="x")
    server.world.tag_id("vip")

    assert server.webhooks.wait()
    assert names(receiver) == ["kustomer.team.update", "kustomer.tag.create"]


def test_colleagues_tags_and_bulk_are_told(
    server: Emulator, send: Send, receiver: Receiver
) -> None:
    ident = server.world.add("conversation", name="Hi")
    server.world.edit("conversation", ident, priority=5)  # makes the colleague up
    server.webhooks.add(receiver.url, "kustomer.conversation.update")

    server.world.edit("conversation", ident, name="Ho")
    server.world.add_tags("conversation", ident, ["vip"])
    send("PUT", "conversations/bulk", json=[{"id": ident, "name": "Bulk"}])
    send("POST", f"conversations/{ident}/tags", json=["late"])
    send("GET", f"conversations/{ident}")
    server.world.put_raw("conversation", ident, name=5)

    assert server.webhooks.wait()
    revs = [json.loads(post.body)["data"]["attributes"]["rev"] for post in receiver.posts]
    assert revs == [3, 4, 5, 6]
    assert len(set(names(receiver))) == 1


def test_a_message_moves_its_conversation_and_both_are_told(
    server: Emulator, send: Send, receiver: Receiver
) -> None:
    ident = server.world.add("conversation")
    server.webhooks.add(receiver.url)

    body = {"channel": "email", "app": "postmark", "direction": "in"}
    send("POST", f"conversations/{ident}/messages", json=body)

    assert server.webhooks.wait()
    assert names(receiver) == ["kustomer.message.create", "kustomer.conversation.update"]


def test_what_a_write_of_no_check_has_set_is_no_change_of_the_next_one(
    server: Emulator, receiver: Receiver
) -> None:
    ident = server.world.add("conversation", name="Hi")
    server.webhooks.add(receiver.url)

    server.world.put_raw("conversation", ident, name="raw")
    server.world.edit("conversation", ident, by=server.world.machine_user, priority=5)

    assert server.webhooks.wait()
    (post,) = receiver.posts
    assert "name" not in json.loads(post.body)["changes"]["attributes"]


# -- switches ------------------------------------------------------------------------------------


def test_what_is_unknown_of_a_body_is_a_switch(server: Emulator, receiver: Receiver) -> None:
    switches = server.behaviour
    switches.webhook_org_name = False
    switches.webhook_client = "web"
    switches.webhook_custom = "keys"
    ident = server.world.add("conversation", custom={"aStr": "1", "bStr": "2"})
    server.webhooks.add(receiver.url, "kustomer.conversation.update")

    server.world.edit("conversation", ident, custom={"aStr": None, "cStr": "3"})

    assert server.webhooks.wait()
    event = json.loads(receiver.posts[0].body)
    moved = event["changes"]["attributes"]
    assert "orgName" not in event
    assert event["client"] == "web"
    assert moved["custom.aStr"] == {"op": "remove", "before": "1"}
    assert moved["custom.cStr"] == {"op": "add", "after": "3"}
    assert "custom.bStr" not in moved
    assert "custom" not in moved


@pytest.mark.parametrize("masks", [True, False])
def test_sensitive_values_are_hidden_or_not(
    server: Emulator, receiver: Receiver, *, masks: bool
) -> None:
    server.behaviour.webhook_masks = masks
    ident = server.world.add("customer", name="Ada Lovelace")
    server.world.mask("customer", "name")
    server.webhooks.add(receiver.url, "kustomer.customer.update")

    server.world.edit("customer", ident, name="Ada King")

    assert server.webhooks.wait()
    event = json.loads(receiver.posts[0].body)
    assert (event["data"]["attributes"]["name"] == "Ada King") is not masks
    assert ("name" in event["changes"]["attributes"]) is not masks


def test_what_gathers_goes_in_the_order_of_the_switch(server: Emulator, receiver: Receiver) -> None:
    server.behaviour.webhook_order = "reversed"
    server.behaviour.webhook_copies = 2
    server.webhooks.add(receiver.url, "kustomer.tag.create")

    with server.webhooks.held():
        for name in ("a", "b"):
            server.world.tag_id(name)
        assert len(server.webhooks.pending) == 4
        assert not server.webhooks.wait(1, timeout=0.0)

    assert server.webhooks.wait(4)
    told = [json.loads(post.body)["data"]["attributes"]["name"] for post in receiver.posts]
    assert told == ["b", "b", "a", "a"]


def test_a_shuffled_order_loses_nothing(server: Emulator, receiver: Receiver) -> None:
    server.behaviour.webhook_order = "shuffled"
    server.webhooks.add(receiver.url, "kustomer.tag.create")

    with server.webhooks.held():
        made = [server.world.tag_id(f"t{number}") for number in range(10)]

    assert server.webhooks.wait()
    told = [json.loads(post.body)["dataId"] for post in receiver.posts]
    assert told != made
    assert sorted(told) == made


# -- failures ------------------------------------------------------------------------------------


def test_a_failed_delivery_goes_again_with_the_same_bytes(
    server: Emulator, receiver: Receiver
) -> None:
    receiver.statuses += [500, 302]
    server.webhooks.add(receiver.url, "kustomer.tag.create")
    server.webhooks.delays = (0.0, 0.0)

    server.world.tag_id("vip")

    assert server.webhooks.wait(3)
    assert server.webhooks.wait()
    log = [(each.attempt, each.status, each.taken) for each in server.webhooks.deliveries]
    assert log == [(1, 500, False), (2, 302, False), (3, 200, True)]
    assert len({post.body for post in receiver.posts}) == 1


def test_a_wait_for_the_next_attempt_can_be_cut_short(server: Emulator, receiver: Receiver) -> None:
    receiver.statuses.append(503)
    server.webhooks.add(receiver.url, "kustomer.tag.create")

    server.world.tag_id("vip")
    assert server.webhooks.wait(1)
    assert [each.status for each in server.webhooks.pending] == [503]
    server.webhooks.retry_now()

    assert server.webhooks.wait()
    assert [each.status for each in server.webhooks.deliveries] == [503, 200]


@pytest.mark.parametrize("switches_off", [True, False])
def test_after_the_last_attempt_the_hook_is_switched_off(
    server: Emulator, receiver: Receiver, *, switches_off: bool
) -> None:
    server.behaviour.webhook_switches_off = switches_off
    receiver.statuses += [500, 500]
    hook = server.webhooks.add(receiver.url, "kustomer.tag.create")
    server.webhooks.delays = (0.0,)

    server.world.tag_id("vip")
    assert server.webhooks.wait()
    server.world.tag_id("vap")
    assert server.webhooks.wait()

    assert hook.is_on is not switches_off
    assert len(receiver.posts) == (2 if switches_off else 3)


def test_a_receiver_that_is_not_there_is_logged_with_the_reason(server: Emulator) -> None:
    with Receiver() as gone:
        url = gone.url
    server.webhooks.add(url, "kustomer.tag.create")

    server.world.tag_id("vip")

    assert server.webhooks.wait(1)
    (tried,) = server.webhooks.deliveries
    assert (tried.status, tried.error) == (None, "ConnectionRefusedError")


def test_a_receiver_may_ask_the_api_while_it_is_told(
    server: Emulator, send: Send, receiver: Receiver
) -> None:
    asked: list[int] = []
    receiver.act = lambda post: asked.append(
        send("GET", f"tags/{json.loads(post.body)['dataId']}").status_code
    )
    server.webhooks.add(receiver.url, "kustomer.tag.create")

    server.world.tag_id("vip")

    assert server.webhooks.wait()
    assert asked == [200]


def test_stopping_ends_the_thread_at_once_and_loses_nothing(receiver: Receiver) -> None:
    arrived, let_go = threading.Event(), threading.Event()

    def stall(_: object) -> None:
        arrived.set()
        let_go.wait(10)

    receiver.act = stall
    server = Emulator()
    server.start()
    server.webhooks.add(receiver.url, "kustomer.tag.create")
    server.world.tag_id("a")
    server.world.tag_id("b")
    assert arrived.wait(5)

    server.stop()

    assert [each.name for each in threading.enumerate() if "webhooks" in each.name] == []
    assert len(server.webhooks.pending) == 2
    let_go.set()
    receiver.act = None
    with server:
        assert server.webhooks.wait()
        told = [json.loads(each.body)["data"]["attributes"]["name"] for each in _taken(server)]
    assert told == ["a", "b"]


def _taken(server: Emulator) -> list[Any]:
    return [each for each in server.webhooks.deliveries if each.taken]


def test_what_waits_for_a_deleted_hook_is_not_sent(server: Emulator, receiver: Receiver) -> None:
    hook = server.webhooks.add(receiver.url, "kustomer.tag.create")

    with server.webhooks.held():
        server.world.tag_id("vip")
        server.webhooks.remove(hook.id)

    assert server.webhooks.wait()
    assert receiver.posts == []


def test_what_is_written_before_the_start_goes_at_the_start(receiver: Receiver) -> None:
    server = Emulator(behaviour=Behaviour())
    server.webhooks.add(receiver.url, "kustomer.tag.create")
    server.world.tag_id("vip")

    with server:
        assert server.webhooks.wait()

    assert names(receiver) == ["kustomer.tag.create"]


def test_an_emulator_without_hooks_has_no_thread_for_them(server: Emulator) -> None:
    server.world.tag_id("vip")

    assert [each.name for each in threading.enumerate() if "webhooks" in each.name] == []
