"""What is no id never becomes a path: at every entrance, the server's own answers included."""

from __future__ import annotations

from typing import Any

import pytest

from kustomer_orm import Client, Conversation, Customer, custom, errors
from kustomer_orm.emulator import Emulator, Fault

GOOD = "5f0000000000000000000001"

WRONG: list[Any] = [
    "",
    " ",
    ".",
    "..",
    "../users/x",
    "/v1/users/x",
    "a/b",
    "a\\b",
    "a,b",
    "a?replace=true",
    "a#b",
    "%2e%2e",
    "externalId=x",
    "a b",
    "a\nb",
    "a\x00b",
    "a\u200bb",
    "x" * 257,
    5,
    b"5f0000000000000000000001",
    ["5f0000000000000000000001"],
]


class Claim(Conversation):
    buyer = custom.Id("customer")


@pytest.mark.parametrize("id_", WRONG)
def test_what_is_no_id_is_refused_at_every_entrance_without_a_request(
    server: Emulator, client: Client, id_: Any
) -> None:
    for attempt in (
        lambda: Claim.get(id_),
        lambda: Claim.get_many([GOOD, id_]),
        lambda: Claim(id=id_),
        lambda: Claim(id=id_, name="x").save(),
        lambda: Claim.create(id=id_, customer=GOOD),
        lambda: Claim.using(client).new(id_, customer=GOOD),
    ):
        with pytest.raises(errors.InvalidValueError) as raised:
            attempt()
        assert "Claim.id" in str(raised.value)
        assert "users" not in str(raised.value)
    assert server.requests == []


def test_none_is_no_id_to_get(server: Emulator, client: Client) -> None:
    none: Any = None
    with pytest.raises(errors.InvalidValueError):
        Claim.get(none)
    with pytest.raises(errors.InvalidValueError):
        Claim.get_many([none])
    assert server.requests == []


# Control characters are no danger in a body, and are encoded in a path: the server refuses them.
UNRELATED = [wrong for wrong in WRONG if wrong not in ("a\x00b", "a\u200bb")]


@pytest.mark.parametrize("id_", UNRELATED)
def test_what_is_no_id_cannot_be_related(server: Emulator, client: Client, id_: Any) -> None:
    claim = Claim(id=GOOD)
    for name, value in (
        ("customer", id_),
        ("queue", id_),
        ("ended_by", id_),
        ("buyer", id_),
        ("assigned_users", [id_]),
    ):
        with pytest.raises(errors.InvalidValueError, match=name):
            setattr(claim, name, value)
    assert not claim.is_dirty
    assert server.requests == []


@pytest.mark.parametrize("id_", ["..", ".", "../users/current", "a?b", "", "a/b"])
def test_an_id_from_the_server_cannot_climb_the_path_either(
    server: Emulator, client: Client, id_: str
) -> None:
    wanted = server.world.add("conversation")

    def bend(document: Any) -> Any:
        document["data"]["relationships"]["customer"]["data"]["id"] = id_
        return document

    server.faults.add(Fault.answer(bend))
    customer = Conversation.get(wanted).customer
    server.requests.clear()
    assert customer is not None
    with pytest.raises(errors.KustomerError):
        _ = customer.name
    for request in server.requests:
        assert request.path.startswith("/v1/customers/")
        assert request.path.count("/") == 3
        assert not request.query


def test_a_record_without_an_id_has_no_place(server: Emulator, client: Client) -> None:
    claim = Claim(customer=GOOD)
    for call in (claim.delete, claim.refresh, lambda: claim.refresh(local="discard")):
        with pytest.raises(errors.NotLoadedError, match="save it first"):
            call()
    assert claim.is_dirty
    with pytest.raises(errors.InvalidValueError, match="saved already"):
        Claim(id=GOOD, customer=Customer())
    assert server.requests == []
