"""What is true after each outcome of a save: the table of the design (18, 24, 43, 69)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from kustomer_orm import Adjustment, Client, Conversation, custom
from kustomer_orm.emulator import Emulator, Fault
from kustomer_orm.errors import (
    APIError,
    BadRequestError,
    ConflictError,
    NotFoundError,
    OutcomeUnknownError,
    PermissionDeniedError,
)

pytestmark = pytest.mark.usefixtures("client")


class ShopConversation(Conversation):
    order_number = custom.Str()
    note = custom.Txt()
    refund = custom.Num("refundAmountNum")


@pytest.fixture
def impatient(server: Emulator, fake_time: Any) -> Iterator[Client]:
    """A client that sends everything once."""
    with Client(server.api_key, base_url=server.url, retry=0, clock=fake_time.clock()) as made:
        yield made
        made.close()


def conversation_of(server: Emulator, **values: Any) -> ShopConversation:
    id_ = server.world.add("conversation", **values)
    found = ShopConversation.get(id_)
    server.requests.clear()
    return found


def bodies(server: Emulator) -> list[Any]:
    return [each.body for each in server.requests]


def stored(server: Emulator, found: Conversation) -> dict[str, Any]:
    attributes: dict[str, Any] = server.world.get("conversation", str(found.id))["attributes"]
    return attributes


def dirty(found: Conversation) -> bool:
    return found.is_dirty


# -- nothing to send -------------------------------------------------------------------------------


def test_saving_a_clean_record_makes_no_request(server: Emulator) -> None:
    """Pitfall 33."""
    found = conversation_of(server, name="a")

    result = found.save()

    assert (result.requests, bool(result), result.rev) == ((), False, 1)
    assert server.requests == []


# -- refused: 4xx ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, BadRequestError),
        (403, PermissionDeniedError),
        (404, NotFoundError),
        (409, ConflictError),
        (422, BadRequestError),
    ],
)
def test_a_refused_save_leaves_every_change_and_the_base(
    server: Emulator, status: int, error: type[APIError]
) -> None:
    """Pitfalls 18 and 24."""
    found = conversation_of(server, name="a", tags=["t"])
    before = found.raw
    server.faults.add(Fault.status(status, method="PATCH"))
    found.name = "b"
    found.tags.append("u")

    with pytest.raises(error) as caught:
        found.save()

    assert list(found.changes) == ["name", "tags"]
    assert found.raw == before
    assert not found.in_doubt
    assert caught.value.result is not None
    assert not caught.value.result
    found.save()
    assert bodies(server)[-2:] == [{"name": "b"}, ["u"]]
    assert not dirty(found)


def test_a_get_of_another_record_after_a_failed_save_cleans_nothing(server: Emulator) -> None:
    """Pitfall 18."""
    found = conversation_of(server, name="a")
    server.faults.add(Fault.status(400, method="PATCH"))
    found.name = "b"
    with pytest.raises(BadRequestError):
        found.save()

    other = ShopConversation.get(str(found.id))
    again = conversation_of(server, name="x")

    assert (other.name, again.name) == ("a", "x")
    assert found.changes == {"name": ("a", "b")}
    found.save()
    assert bodies(server) == [{"name": "b"}]
    assert stored(server, found)["name"] == "b"


def test_a_refresh_after_a_failed_save_keeps_the_change(server: Emulator) -> None:
    """Pitfall 18."""
    found = conversation_of(server, name="a", custom={"noteTxt": "n"})
    server.faults.add(Fault.status(400, method="PATCH"))
    found.name = "b"
    with pytest.raises(BadRequestError):
        found.save()
    server.world.edit("conversation", str(found.id), custom={"noteTxt": "theirs"})

    assert found.refresh() == {}
    assert found.note == "theirs"
    found.save()

    assert bodies(server) == [{"name": "b"}, None, {"name": "b"}]


def test_an_error_of_the_server_names_the_attribute(server: Emulator) -> None:
    """The table of the design: mapped to attributes through `source`."""
    found = conversation_of(server)
    server.faults.add(
        Fault.status(
            400,
            body={
                "errors": [
                    {"status": 400, "title": "Too long", "source": {"parameter": "orderNumberStr"}}
                ]
            },
        )
    )
    found.order_number = "A-1"

    with pytest.raises(BadRequestError) as caught:
        found.save()

    assert list(caught.value.attributes) == ["order_number"]


@pytest.mark.parametrize("broken", [1, 2])
def test_what_went_before_a_failure_is_clean_and_the_rest_stays_dirty(
    server: Emulator, broken: int
) -> None:
    """Pitfall 24: one save of several requests, each accepted by itself."""
    found = conversation_of(server, name="a", tags=["t"])
    customer = server.world.add("customer")
    path = ("*/tags", None)[broken - 1]
    server.faults.add(Fault.status(400, path=path, skip=(0, 2)[broken - 1]))
    found.name, found.customer = "b", customer
    found.tags.append("u")
    assert len(found.plan().requests) == 3

    with pytest.raises(BadRequestError) as caught:
        found.save()

    result = caught.value.result
    assert result is not None
    assert list(result.sent) == ["name", "tags"][:broken]
    assert len(result.requests) == broken
    assert sorted(found.changes) == (["customer", "tags"] if broken == 1 else ["customer"])
    server.requests.clear()
    found.save()
    assert bodies(server) == [["u"], {"customer": customer}][broken - 1 :]
    assert not dirty(found)


# -- 2xx with a body -------------------------------------------------------------------------------


def test_a_key_absent_from_a_partial_answer_keeps_its_value(server: Emulator) -> None:
    """Pitfall 69, and the table: base with what was sent and the answer."""
    found = conversation_of(server, name="a", externalId="E", custom={"noteTxt": "n"})
    server.faults.add(Fault.partial(["rev", "updatedAt"], method="PATCH"))
    found.name = "b"
    found.refund = 1

    result = found.save()

    assert (found.name, found.external_id, found.note, found.refund) == ("b", "E", "n", 1)
    assert (result.confirmed, result.rev, found.rev) == (True, 2, 2)
    assert not dirty(found)


def test_relationships_absent_from_an_answer_keep_their_values(server: Emulator) -> None:
    """The table of the design: by name, the answer wins, an absent one keeps its value."""
    queue = server.world.add("queue", name="q")
    found = conversation_of(server, name="a", queue=queue)

    def without(document: Any) -> Any:
        relations = document["data"]["relationships"]
        document["data"]["relationships"] = {"modifiedBy": relations["modifiedBy"]}
        return document

    server.faults.add(Fault.answer(without, method="PATCH"))
    found.name = "b"

    found.save()

    assert found.queue is not None
    assert found.queue.id == queue
    assert found.customer is not None


def test_a_value_that_the_server_normalised_is_adopted_and_reported(server: Emulator) -> None:
    """Pitfall 43."""
    found = conversation_of(server, name="a", tags=["t"])

    def shout(document: Any) -> Any:
        document["data"]["attributes"]["name"] = "B"
        return document

    server.faults.add(Fault.answer(shout, method="PATCH"))
    found.name = "b"

    result = found.save()

    assert found.name == "B"
    assert result.adjusted == {"name": Adjustment("b", "B")}
    assert found.previous_changes == {"name": ("a", "B")}
    assert not found.save()
    assert bodies(server) == [{"name": "b"}]


def test_a_list_that_the_server_normalised_is_adopted_in_place(server: Emulator) -> None:
    """Pitfall 43, for tags, which go out as names and come back as ids."""
    found = conversation_of(server)
    tags = found.tags
    tags.append("refund")

    result = found.save()

    assert tags == [server.world.tag_id("refund")]
    assert result.adjusted == {"tags": (["refund"], tags)}
    assert not found.save()


def test_a_masked_answer_keeps_what_was_sent(server: Emulator) -> None:
    """The table of the design: a masked key keeps what was sent."""
    found = conversation_of(server, custom={"noteTxt": "n"})
    server.faults.add(Fault.masked(["custom.noteTxt"], method="PATCH"))
    found.note = "m"

    result = found.save()

    assert found.note == "m"
    assert (result.adjusted, result.confirmed, dirty(found)) == ({}, True, False)


def test_what_others_moved_is_reported_as_foreign(server: Emulator) -> None:
    """The table of the design."""
    found = conversation_of(server, name="a", priority=3, custom={"noteTxt": "n"})
    server.world.edit("conversation", str(found.id), priority=5, custom={"noteTxt": "theirs"})
    found.name = "b"

    result = found.save()

    assert result.foreign == {"note": ("n", "theirs"), "priority": (3, 5)}
    assert result.others_wrote is True
    assert (found.priority, found.note) == (5, "theirs")
    assert not dirty(found)


def test_a_local_edit_whose_value_moved_in_an_answer_is_an_overlap(server: Emulator) -> None:
    """The table of the design: of what was not sent, a local edit is rebased."""
    found = conversation_of(server, name="a", priority=3, tags=["t"])
    server.world.edit("conversation", str(found.id), priority=5)
    server.world.add_tags("conversation", str(found.id), ["theirs"])
    found.name, found.priority = "b", 1
    found.tags.append("mine")

    result = found.save(only=["name"])

    assert result.overlaps == {"priority": (1, 5)}
    assert found.changes["priority"] == (5, 1)
    server.requests.clear()
    found.save()
    assert bodies(server) == [{"priority": 1}, ["mine"]]
    names = sorted(server.world.tag_name(id_) for id_ in stored(server, found)["tags"])
    assert names == ["mine", "t", "theirs"]


# -- 2xx seen, body missing, broken or cut short ---------------------------------------------------


@pytest.mark.parametrize("fault", [Fault.truncated_json, Fault.empty, Fault.cut_inside])
def test_a_success_without_a_readable_body_is_believed_but_not_confirmed(
    server: Emulator, fault: Any
) -> None:
    """The table of the design: base with what was sent, `rev` unknown."""
    found = conversation_of(server, name="a", custom={"noteTxt": "n"})
    server.faults.add(fault(method="PATCH"))
    found.name = "b"

    result = found.save()

    assert (result.confirmed, result.rev, found.rev) == (False, None, None)
    assert (found.name, found.note, dirty(found), found.in_doubt) == ("b", "n", False, False)
    assert result.others_wrote is None
    assert [each.method for each in server.requests] == ["PATCH"]
    found.note = "m"
    assert found.save().confirmed
    assert bodies(server) == [{"name": "b"}, {"custom": {"noteTxt": "m"}}]
    assert found.rev == 3


# -- outcome unknown -------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [Fault.cut_after, Fault.cut_before])
def test_a_save_without_an_answer_is_in_doubt_and_keeps_every_change(
    server: Emulator, impatient: Client, fault: Any
) -> None:
    """Pitfalls 18 and 24: no answer, no new base."""
    id_ = server.world.add("conversation", name="a", tags=["t"])
    found = ShopConversation.using(impatient).get(id_)
    server.requests.clear()
    server.faults.add(fault(method="PATCH"))
    found.name = "b"
    before = found.raw

    with pytest.raises(OutcomeUnknownError):
        found.save()

    assert (found.in_doubt, found.changes) == (True, {"name": ("a", "b")})
    assert found.raw == before
    found.save()
    assert (found.in_doubt, dirty(found)) == (False, False)
    assert bodies(server) == [{"name": "b"}, {"name": "b"}]
    assert stored(server, found)["name"] == "b"


def test_5xx_to_a_write_leaves_the_record_in_doubt(server: Emulator, impatient: Client) -> None:
    """The table of the design."""
    found = ShopConversation.using(impatient).get(server.world.add("conversation", name="a"))
    server.requests.clear()
    server.faults.add(Fault.status(503, method="PATCH"))
    found.name = "b"

    with pytest.raises(OutcomeUnknownError):
        found.save()

    assert (found.in_doubt, found.changes) == (True, {"name": ("a", "b")})
    found.refresh()
    assert (found.in_doubt, found.changes) == (False, {"name": ("a", "b")})


def test_a_retry_sends_the_same_bytes(server: Emulator) -> None:
    """Pitfall 20: the payload is frozen once, whatever is edited meanwhile."""
    found = conversation_of(server, suggestedTags=[{"tag": "a", "confidence": 0.1}])
    server.faults.add(
        Fault.before(lambda _: found.suggested_tags.clear()), Fault.cut_after(method="PATCH")
    )
    found.suggested_tags[0]["confidence"] = 0.5

    found.save()

    first, second = server.requests
    assert first.raw == second.raw == b'{"suggestedTags":[{"tag":"a","confidence":0.5}]}'
    assert found.suggested_tags == []
    found.save()
    assert bodies(server)[2] == {"suggestedTags": []}
