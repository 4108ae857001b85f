"""A connection that is cut before, after and inside: what each verb sends, and what is true then.

One table for all verbs, each sent once (`retry=0`) and then again by the same call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

from kustomer_orm import Client, Conversation, custom, errors
from kustomer_orm.emulator import Emulator, Fault


class Ticket(Conversation):
    note = custom.Txt()


@pytest.fixture(autouse=True)
def impatient(server: Emulator, fake_time: Any) -> Iterator[Client]:
    """A client that sends everything once, current for the test."""
    with Client(server.api_key, base_url=server.url, retry=0, clock=fake_time.clock()) as made:
        yield made
        made.close()


CUTS: dict[str, Any] = {
    "before": Fault.cut_before,
    "after": Fault.cut_after,
    "inside": Fault.cut_inside,
}


class Story(NamedTuple):
    """What happens with one verb.

    Attributes:
        cut: the method whose answer is lost.
        first: by moment, the requests of the call that was cut.
        second: by moment, the requests of the same call made again.
    """

    cut: str
    first: dict[str, list[str]]
    second: dict[str, list[str]]


def the_same(methods: list[str], *, again: list[str] | None = None) -> Story:
    """A verb that is known to have worked once a status was seen, and is repeated otherwise."""
    lost = methods if again is None else again
    return Story(
        methods[0],
        dict.fromkeys(CUTS, methods),
        {"before": methods, "after": lost, "inside": []},
    )


def sent(server: Emulator) -> list[str]:
    """The methods of the requests since the last call."""
    methods = [each.method for each in server.requests]
    server.requests.clear()
    return methods


def attempt(server: Emulator, moment: str, method: str, act: Callable[[], object]) -> bool:
    """Do it with the connection cut; whether the outcome is unknown."""
    server.faults.add(CUTS[moment](method=method))
    server.requests.clear()
    try:
        act()
    except errors.OutcomeUnknownError:
        return True
    return False


def stored(server: Emulator, ticket: Ticket) -> Any:
    return server.world.get("conversation", str(ticket.id))["attributes"]


UPDATES: dict[str, tuple[str, Story]] = {
    "PATCH": ("verify", the_same(["PATCH"])),
    # The revision of the repetition is stale by our own doing: it is read, and found to be there.
    "PUT": ("strict", the_same(["PUT"], again=["PUT", "GET"])),
}


@pytest.mark.parametrize("moment", CUTS)
@pytest.mark.parametrize(("mode", "story"), UPDATES.values(), ids=UPDATES)
def test_an_update(server: Emulator, mode: str, story: Story, moment: str) -> None:
    ticket = Ticket.get(server.world.add("conversation", name="a", priority=3))
    ticket.name, ticket.note = "b", "n"

    lost = attempt(server, moment, story.cut, lambda: ticket.save(conflict=mode))

    unknown = moment != "inside"  # there the status was seen
    assert sent(server) == story.first[moment]
    assert (lost, ticket.in_doubt, ticket.is_dirty) == (unknown, unknown, unknown)
    assert stored(server, ticket)["name"] == ("a" if moment == "before" else "b")

    server.world.edit("conversation", str(ticket.id), priority=5)
    ticket.save(conflict=mode)

    if mode == "verify":
        assert sent(server) == story.second[moment]
    held = stored(server, ticket)
    assert (held["name"], held["custom"], held["priority"]) == ("b", {"noteTxt": "n"}, 5)
    assert (ticket.in_doubt, ticket.is_dirty, bool(ticket.save())) == (False, False, False)


@pytest.mark.parametrize("moment", CUTS)
def test_a_strict_update_that_nobody_else_wrote_to(server: Emulator, moment: str) -> None:
    story = UPDATES["PUT"][1]
    ticket = Ticket.get(server.world.add("conversation", name="a"))
    ticket.name = "b"
    attempt(server, moment, "PUT", lambda: ticket.save(conflict="strict"))
    sent(server)

    ticket.save(conflict="strict")

    assert sent(server) == story.second[moment]
    assert (stored(server, ticket)["name"], ticket.in_doubt) == ("b", False)


@pytest.mark.parametrize("moment", CUTS)
def test_tags_that_are_added(server: Emulator, moment: str) -> None:
    story = the_same(["POST"])
    ticket = Ticket.get(server.world.add("conversation", tags=["vip"]))
    ticket.tags.append("refund")

    lost = attempt(server, moment, "POST", ticket.save)

    assert sent(server) == story.first[moment]
    assert (lost, ticket.in_doubt) == (moment != "inside", moment != "inside")

    server.world.add_tags("conversation", str(ticket.id), ["theirs"])
    ticket.save()

    assert sent(server) == story.second[moment]
    names = [server.world.tag_name(tag) for tag in stored(server, ticket)["tags"]]
    assert sorted(names) == ["refund", "theirs", "vip"]
    assert (ticket.in_doubt, bool(ticket.save())) == (False, False)


@pytest.mark.parametrize("moment", CUTS)
def test_a_creation_with_an_external_id(server: Emulator, moment: str) -> None:
    """It is looked up at once, so the one call does it all."""
    ticket = Ticket(customer=server.world.add("customer"), external_id="A-1", name="a")

    lost = attempt(server, moment, "POST", ticket.save)

    again = ["POST"] if moment == "before" else []
    assert sent(server) == ["POST", "GET", *again]
    assert (lost, ticket.in_doubt, ticket.is_dirty) == (False, False, False)
    assert server.world.ids("conversation") == [ticket.id]
    assert not ticket.save()
    assert sent(server) == []


@pytest.mark.parametrize("moment", CUTS)
def test_a_creation_without_one_is_never_repeated(server: Emulator, moment: str) -> None:
    ticket = Ticket(customer=server.world.add("customer"), name="a")

    assert attempt(server, moment, "POST", ticket.save)

    assert sent(server) == ["POST"]
    for _ in range(2):
        with pytest.raises(errors.OutcomeUnknownError):
            ticket.save()
    assert sent(server) == []
    assert (ticket.id, ticket.in_doubt, ticket.is_dirty) == (None, True, True)
    assert len(server.world.ids("conversation")) == (0 if moment == "before" else 1)


@pytest.mark.parametrize("moment", ["before", "after"])  # its answer has no inside: no body
def test_a_deletion(server: Emulator, moment: str) -> None:
    ticket = Ticket.get(server.world.add("conversation"))

    lost = attempt(server, moment, "DELETE", ticket.delete)

    assert (sent(server), lost) == (["DELETE"], True)
    assert len(server.world.ids("conversation")) == (1 if moment == "before" else 0)

    if moment == "before":
        ticket.delete()
    else:
        with pytest.raises(errors.NotFoundError):
            ticket.delete()
    assert sent(server) == ["DELETE"]
    assert server.world.ids("conversation") == []


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("verb", ["PATCH", "PUT", "tags", "DELETE"])
def test_with_repetitions_one_call_is_enough(
    server: Emulator, client: Client, verb: str, moment: str
) -> None:
    ticket = Ticket.using(client).get(server.world.add("conversation", name="a", tags=["vip"]))
    if verb == "tags":
        ticket.tags.append("refund")
    elif verb != "DELETE":
        ticket.name = "b"
    acts: dict[str, Callable[[], object]] = {
        "PATCH": ticket.save,
        "PUT": lambda: ticket.save(conflict="strict"),
        "tags": ticket.save,
        "DELETE": ticket.delete,
    }
    method = "POST" if verb == "tags" else verb

    assert not attempt(server, moment, method, acts[verb])

    looked = ["GET"] if (verb, moment) == ("PUT", "after") else []
    assert sent(server) == [method, method, *looked]
    assert not ticket.in_doubt
    if verb == "DELETE":
        assert server.world.ids("conversation") == []
    else:
        assert not ticket.save()
        held = stored(server, ticket)
        assert (held["name"], len(held["tags"])) == (("a", 2) if verb == "tags" else ("b", 1))
