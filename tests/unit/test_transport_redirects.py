"""Redirects: followed on the same host by reads, never to another, and the key stays here."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kustomer_orm import Client, Conversation, errors
from kustomer_orm.emulator import Emulator, Fault


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["GET", "PATCH", "POST", "DELETE"])
def test_a_redirect_to_another_host_is_refused_and_the_key_is_not_sent_there(
    server: Emulator, client: Client, status: int, method: str
) -> None:
    id_ = server.world.add("conversation", name="Hi")
    conversation = Conversation(id=id_, name="Ho")
    calls: dict[str, Callable[[], object]] = {
        "GET": conversation.refresh,
        "PATCH": conversation.save,
        "POST": Conversation(customer=id_).save,
        "DELETE": conversation.delete,
    }
    with Emulator() as other:
        server.faults.add(Fault.redirect(f"{other.url}/v1/conversations/{id_}", status=status))

        with pytest.raises(errors.UnexpectedAnswerError, match="another host") as raised:
            calls[method]()

        assert other.requests == []
    assert [each.method for each in server.requests] == [method]
    assert (raised.value.status, raised.value.method) == (status, method)
    assert conversation.is_dirty
    assert not conversation.in_doubt
    assert server.world.get("conversation", id_)["attributes"]["name"] == "Hi"


@pytest.mark.parametrize(
    "location",
    [
        "//example.com/v1",
        "https://example.com/",
        "http://example.com:80/",
        "https://127.0.0.1:{port}/v1",
        "http://127.0.0.1:{port}@example.com/",
        "http://user@127.0.0.1:{port}/",
        "http://[",
        "http://127.0.0.1:{port}:x/",
        "ftp://127.0.0.1:{port}/",
        "file:///etc/passwd",
        "javascript:alert(1)",
    ],
)
def test_whatever_a_redirect_says_only_the_same_host_is_asked_again(
    server: Emulator, client: Client, location: str
) -> None:
    server.faults.add(Fault.redirect(location.format(port=server.port)))
    with pytest.raises(errors.UnexpectedAnswerError, match="refused to follow"):
        Conversation.get("5f0000000000000000000001")
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_read_follows_a_redirect_on_the_same_host(
    server: Emulator, client: Client, status: int
) -> None:
    id_ = server.world.add("conversation", name="Hi")
    server.faults.add(Fault.redirect(f"/v1/conversations/{id_}/", status=status))

    assert Conversation.get(id_).name == "Hi"

    paths = [each.path for each in server.requests]
    assert paths == [f"/v1/conversations/{id_}", f"/v1/conversations/{id_}/"]
    assert {each.headers["Authorization"] for each in server.requests} == {
        f"Bearer {server.api_key}"
    }


@pytest.mark.parametrize("status", [307, 308])
def test_a_write_follows_a_redirect_that_keeps_its_method_and_body(
    server: Emulator, client: Client, status: int
) -> None:
    id_ = server.world.add("conversation", name="Hi")
    server.faults.add(Fault.redirect(f"{server.url}/v1/conversations/{id_}/", status=status))
    Conversation(id=id_, name="Ho").save()
    assert [(each.method, each.body) for each in server.requests] == [
        ("PATCH", {"name": "Ho"}),
        ("PATCH", {"name": "Ho"}),
    ]


@pytest.mark.parametrize("status", [301, 302, 303])
def test_a_write_does_not_become_a_read_by_a_redirect(
    server: Emulator, client: Client, status: int
) -> None:
    id_ = server.world.add("conversation", name="Hi")
    conversation = Conversation(id=id_, name="Ho")
    server.faults.add(Fault.redirect(f"/v1/conversations/{id_}", status=status))
    with pytest.raises(errors.UnexpectedAnswerError, match="would become a read"):
        conversation.save()
    assert [each.method for each in server.requests] == ["PATCH"]
    assert conversation.is_dirty


def test_redirects_in_a_circle_end(server: Emulator, client: Client) -> None:
    server.faults.add(Fault.redirect("/v1/conversations/a", times=None))
    with pytest.raises(errors.UnexpectedAnswerError, match="over and over"):
        Conversation.get("a")
    assert len(server.requests) == 3


def test_a_redirect_to_another_record_is_not_taken_for_the_one_asked_for(
    server: Emulator, client: Client
) -> None:
    ids = [server.world.add("conversation") for _ in range(2)]
    server.faults.add(Fault.redirect(f"/v1/conversations/{ids[1]}"))
    with pytest.raises(errors.UnexpectedAnswerError):
        Conversation.get(ids[0])
