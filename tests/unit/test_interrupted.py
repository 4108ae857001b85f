"""A save that is interrupted may have arrived: the record is in doubt and keeps every change."""

from __future__ import annotations

from typing import Any

import pytest

from kustomer_orm import Client, Conversation, errors
from kustomer_orm.emulator import Emulator, Fault


def interrupting(server: Emulator, fake_time: Any, kind: type[BaseException]) -> Client:
    """A client whose first wait before a repetition ends in an error."""

    waits, to_raise = fake_time.sleep, [kind]

    def sleep(seconds: float) -> None:
        if to_raise:
            raise to_raise.pop()
        waits(seconds)  # what a 429 held back

    fake_time.sleep = sleep
    return Client(server.api_key, base_url=server.url, clock=fake_time.clock())


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, TimeoutError])
def test_a_save_that_is_interrupted_is_in_doubt_and_keeps_every_change(
    server: Emulator, fake_time: Any, kind: type[BaseException]
) -> None:
    client = interrupting(server, fake_time, kind)
    errand = Conversation.using(client).get(server.world.add("conversation", name="a"))
    errand.name = "b"
    server.faults.add(Fault.cut_after())
    with pytest.raises(kind):
        errand.save()

    assert (errand.in_doubt, errand.changes) == (True, {"name": ("a", "b")})
    assert server.world.get("conversation", str(errand.id))["attributes"]["name"] == "b"

    errand.name = "a"
    server.requests.clear()
    errand.save()
    assert [each.body for each in server.requests] == [{"name": "a"}]
    settled: bool = not errand.in_doubt
    assert settled
    assert not errand.is_dirty


def test_a_creation_that_is_interrupted_is_looked_up_before_it_is_sent_again(
    server: Emulator, fake_time: Any
) -> None:
    client = interrupting(server, fake_time, KeyboardInterrupt)
    customer = server.world.add("customer")
    errand = Conversation.using(client).new(customer=customer, external_id="A-1")
    server.faults.add(Fault.status(429))
    with pytest.raises(KeyboardInterrupt):
        errand.save()
    doubt = (errand.in_doubt, errand.id)
    assert doubt == (True, None)

    server.requests.clear()
    errand.save()

    assert [each.method for each in server.requests] == ["GET", "POST"]
    assert not errand.in_doubt
    assert not errand.save()


def test_a_save_without_a_client_sends_nothing_and_leaves_no_doubt(
    server: Emulator, client: Client
) -> None:
    errand = Conversation.get(server.world.add("conversation", name="a"))
    errand.name = "b"
    lost = Conversation.from_snapshot(errand.snapshot() | {"client": ["nobody", "nowhere"]})
    with pytest.raises(errors.NoClientError):
        lost.save(conflict="none")
    assert (lost.in_doubt, lost.changes) == (False, {"name": ("a", "b")})
