"""What settles a doubt, what does not, and what is said of others while one lasts."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from kustomer_orm import Client, Conversation, custom, errors
from kustomer_orm.emulator import Emulator, Fault


class Errand(Conversation):
    note = custom.Txt()


@pytest.fixture(autouse=True)
def impatient(server: Emulator, fake_time: Any) -> Iterator[Client]:
    """A client that sends everything once, current for the test."""
    with Client(server.api_key, base_url=server.url, retry=0, clock=fake_time.clock()) as made:
        yield made
        made.close()


def errand_of(server: Emulator, **values: Any) -> Errand:
    return Errand.get(server.world.add("conversation", **values))


def lose(server: Emulator, errand: Errand, fault: Callable[[], Fault] = Fault.cut_after) -> None:
    server.faults.add(fault())
    with pytest.raises(errors.OutcomeUnknownError):
        errand.save()
    server.requests.clear()


def stored(server: Emulator, errand: Errand) -> Any:
    return server.world.get("conversation", str(errand.id))["attributes"]


# -- what settles it -------------------------------------------------------------------------------

SILENT: dict[str, Callable[[], Fault]] = {
    "no body": lambda: Fault.empty(method="PATCH"),
    "broken": lambda: Fault.truncated_json(method="PATCH"),
    "partial": lambda: Fault.partial(["priority", "rev"], method="PATCH"),
    "masked": lambda: Fault.masked(["name"], method="PATCH"),
}


@pytest.mark.parametrize("fault", SILENT.values(), ids=SILENT)
def test_an_answer_that_says_nothing_of_a_doubtful_value_does_not_settle_it(
    server: Emulator, fault: Callable[[], Fault]
) -> None:
    """Pitfall 18: another successful call must not make it look clean."""
    errand = errand_of(server, name="a")
    errand.name = "b"
    lose(server, errand)

    errand.priority = 5
    server.faults.add(fault())
    errand.save(only=["priority"])
    assert errand.in_doubt

    errand.restore()
    errand.save()
    assert (stored(server, errand)["name"], errand.in_doubt) == ("a", False)


def test_an_answer_that_shows_a_doubtful_value_settles_it(server: Emulator) -> None:
    errand = errand_of(server, name="a")
    errand.name = "b"
    lose(server, errand)

    errand.priority = 5
    errand.save(only=["priority"])

    assert (errand.in_doubt, errand.is_dirty, errand.name) == (False, False, "b")


def test_a_refresh_that_discards_leaves_nothing_of_a_doubt(server: Emulator) -> None:
    """Pitfall 70."""
    errand = errand_of(server, name="a", tags=["x"])
    tags = errand.tags
    errand.name = "b"
    tags.append("y")
    lose(server, errand)

    errand.refresh("discard")

    assert (errand.in_doubt, errand.is_dirty, errand.name) == (False, False, "b")
    assert errand.tags is tags


def test_a_doubt_that_the_server_hides_is_discarded_all_the_same(server: Emulator) -> None:
    errand = errand_of(server, name="a")
    errand.name = "b"
    lose(server, errand)
    server.world.mask("conversation", "name")

    errand.refresh("discard")

    assert (errand.in_doubt, errand.is_dirty, repr(errand.name)) == (False, False, "<masked>")


def test_a_refresh_that_fails_discards_nothing(server: Emulator) -> None:
    """Pitfall 24."""
    errand = errand_of(server, name="a")
    errand.name = "b"
    server.faults.add(Fault.status(404))

    with pytest.raises(errors.NotFoundError):
        errand.refresh("discard")

    assert errand.changes["name"].new == "b"


def test_of_several_lost_lists_nothing_stays_that_was_taken_out(server: Emulator) -> None:
    """Pitfall 51: either list may have arrived."""
    errand = errand_of(server, tags=["t"])
    errand.tags.append("u")
    lose(server, errand, Fault.cut_before)
    errand.tags[-1] = "v"
    lose(server, errand, Fault.cut_after)

    errand.tags[-1] = "u"
    errand.save()

    ids = [server.world.tag_id(name) for name in ("t", "u")]
    assert stored(server, errand)["tags"] == ids


def test_a_doubtful_object_whose_original_cannot_be_sent_can_be_given_up(server: Emulator) -> None:
    """The API shows `satisfactionLevel` without the members that it demands."""
    errand = errand_of(server)
    level = errand.satisfaction_level
    assert level is not None
    errand.satisfaction_level = {"status": "rated", "createdAt": errand.created_at}
    lose(server, errand, Fault.cut_before)

    errand.restore()
    errand.name = "b"
    errand.save()

    assert [each.body for each in server.requests] == [{"name": "b"}]


def test_a_doubtful_object_in_hand_whose_original_cannot_be_sent_can_be_given_up(
    server: Emulator,
) -> None:
    errand = errand_of(server)
    level = errand.satisfaction_level
    assert level is not None
    level["status"], level["createdAt"] = "rated", errand.created_at
    lose(server, errand, Fault.cut_before)

    errand.restore()

    assert (errand.is_dirty, errand.satisfaction_level is level) == (False, True)


# -- creations -------------------------------------------------------------------------------------


def test_a_key_that_was_set_since_does_not_tell_whether_a_creation_was_lost(
    server: Emulator,
) -> None:
    """Pitfall 71."""
    errand = Errand(customer=server.world.add("customer"), name="a")
    lose(server, errand)

    errand.external_id = "A-1"
    with pytest.raises(errors.OutcomeUnknownError, match="no external_id"):
        errand.save()
    with pytest.raises(errors.OutcomeUnknownError, match="no external_id"):
        errand.save()

    assert server.requests == []
    assert len(server.world.ids("conversation")) == 1


def test_a_lost_creation_is_looked_up_by_the_key_that_was_sent(server: Emulator) -> None:
    """Pitfall 71."""
    errand = Errand(customer=server.world.add("customer"), external_id="A-1")
    server.faults.add(Fault.cut_after(method="POST"), Fault.status(503, method="GET"))
    with pytest.raises(errors.OutcomeUnknownError):
        errand.save()
    server.requests.clear()

    errand.external_id = "A-2"
    result = errand.save()

    assert [each.method for each in server.requests] == ["GET", "PATCH"]
    assert server.requests[0].path == "/v1/conversations/externalId=A-1"
    assert (result.created, stored(server, errand)["externalId"]) == (True, "A-2")
    assert len(server.world.ids("conversation")) == 1


def test_a_creation_that_is_found_counts_as_sent(server: Emulator) -> None:
    errand = Errand(customer=server.world.add("customer"), external_id="A-1")
    server.faults.add(Fault.cut_after(method="POST"))

    result = errand.save()

    assert bool(result)
    assert (result.created, result.confirmed) == (True, False)
    assert [request.method for request in result.requests] == ["POST"]
    assert result.sent["external_id"] == "A-1"


def test_a_creation_that_is_found_by_a_later_save_is_a_result_too(server: Emulator) -> None:
    errand = Errand(customer=server.world.add("customer"), external_id="A-1")
    server.faults.add(Fault.cut_after(method="POST"), Fault.status(503, method="GET"))
    with pytest.raises(errors.OutcomeUnknownError):
        errand.save()

    result = errand.save()

    assert (bool(result), result.created, result.request_made) == (True, True, False)


def test_what_did_not_arrive_is_forgotten(server: Emulator) -> None:
    """Our own second attempt must not be taken for somebody else's record."""
    errand = Errand(customer=server.world.add("customer"), external_id="A-1", name="a")
    server.faults.add(
        Fault.cut_before(method="POST"),
        Fault.status(404, method="GET"),
        Fault.status(400, method="POST"),
    )
    with pytest.raises(errors.BadRequestError):
        errand.save()
    errand.name = "b"
    server.faults.add(Fault.cut_after(method="POST"))

    errand.save()

    assert stored(server, errand)["name"] == "b"


def test_a_snapshot_keeps_the_doubt_of_a_value_that_was_taken_back(server: Emulator) -> None:
    errand = Errand(customer=server.world.add("customer"), external_id="A-1", name="Hi")
    server.faults.add(Fault.cut_after(method="POST"), Fault.status(403, method="GET"))
    with pytest.raises(errors.OutcomeUnknownError):
        errand.save()
    errand.name = None

    twin = Errand.from_snapshot(json.loads(json.dumps(errand.snapshot())))
    twin.save()

    assert stored(server, twin).get("name") is None


# -- others ----------------------------------------------------------------------------------------


def test_our_own_lost_write_is_not_taken_for_others(
    server: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    errand = errand_of(server, name="a")
    errand.name = "b"
    lose(server, errand)

    with caplog.at_level(logging.WARNING, logger="kustomer_orm"):
        errand.priority = 5
        result = errand.save(only=["priority"])

    warned = [each for each in caplog.records if each.levelno >= logging.WARNING]
    assert (result.others_wrote, dict(result.foreign), warned) == (None, {}, [])


def test_others_are_told_from_a_lost_write_of_ours_by_the_count(server: Emulator) -> None:
    errand = errand_of(server, name="a")
    errand.name = "b"
    lose(server, errand)
    for _ in range(2):
        server.world.edit("conversation", str(errand.id), direction="out")

    result = errand.save()

    assert (result.others_wrote, list(result.foreign)) == (True, ["direction"])


def test_once_settled_a_doubt_excuses_nobody(server: Emulator) -> None:
    errand = errand_of(server, name="a")
    errand.name = "b"
    lose(server, errand)
    errand.save()
    server.world.edit("conversation", str(errand.id), direction="out")

    errand.priority = 5

    assert errand.save().others_wrote is True
