"""What this key may not see is a mask wherever it stands: around a key, in a list, in a link."""

from __future__ import annotations

from typing import Any

import pytest

from kustomer_orm import Conversation, custom, errors
from kustomer_orm._sentinels import Masked
from kustomer_orm.emulator import Emulator, Fault

pytestmark = pytest.mark.usefixtures("client")

MASK = {"isMasked": True, "maskedPresentation": "********"}


class Case(Conversation):
    note = custom.Txt()
    refund = custom.Num("refundAmountNum")


def bodies(server: Emulator) -> list[Any]:
    return [each.body for each in server.requests]


def with_masked_custom(server: Emulator, **values: Any) -> Any:
    id_ = server.world.add(
        "conversation", custom={"noteTxt": "n", "refundAmountNum": 1, "otherStr": "o"}, **values
    )
    server.world.mask("conversation", "custom")
    found = Case.get(id_)
    assert found.raw["attributes"]["custom"]["isMasked"] is True
    server.requests.clear()
    return found  # a type checker does not know of masks


# -- `custom` as a whole ---------------------------------------------------------------------------


def test_every_key_of_a_masked_custom_object_is_masked(server: Emulator) -> None:
    case = with_masked_custom(server)
    assert isinstance(case.note, Masked)
    assert isinstance(case.refund, Masked)
    assert isinstance(case.custom["noteTxt"], Masked)
    assert isinstance(case.custom["unheardOfStr"], Masked)


def test_the_words_of_a_mask_are_no_custom_keys(server: Emulator) -> None:
    case = with_masked_custom(server)
    assert (list(case.custom), len(case.custom)) == ([], 0)
    assert "isMasked" not in repr(case.custom)
    assert "custom" not in case.to_dict()
    assert isinstance(case.to_dict()["note"], Masked)


def test_reading_under_a_masked_custom_object_is_no_change(server: Emulator) -> None:
    case = with_masked_custom(server)
    _ = (case.note, case.refund, dict(case.custom), case.custom.get("otherStr"), case.to_dict())
    assert (case.is_dirty, case.changes) == (False, {})
    assert not case.save()
    assert server.requests == []


def test_a_key_that_is_written_under_a_masked_custom_object_goes_alone(server: Emulator) -> None:
    case = with_masked_custom(server)
    case.note = "m"

    result = case.save()

    assert bodies(server) == [{"custom": {"noteTxt": "m"}}]
    assert (case.note, result.adjusted, case.is_dirty) == ("m", {}, False)
    assert "isMasked" not in case.raw["attributes"]["custom"]
    stored = server.world.get("conversation", case.id)["attributes"]["custom"]
    assert stored == {"noteTxt": "m", "refundAmountNum": 1, "otherStr": "o"}


def test_a_mask_under_a_masked_custom_object_is_never_sent(server: Emulator) -> None:
    case = with_masked_custom(server)
    case.refund = case.refund
    case.note = "m"
    case.save()
    assert bodies(server) == [{"custom": {"noteTxt": "m"}}]
    with pytest.raises(errors.InvalidValueError):
        case.custom["otherStr"] = MASK


def test_a_null_under_a_masked_custom_object_is_sent(server: Emulator) -> None:
    case = with_masked_custom(server)
    case.note = None
    case.save()
    assert bodies(server) == [{"custom": {"noteTxt": None}}]


def test_a_custom_object_that_is_unmasked_by_an_answer_shows_all_and_no_mask(
    server: Emulator,
) -> None:
    case = with_masked_custom(server)
    server.world.unmask("conversation", "custom")
    case.name = "b"
    case.save()
    assert case.raw["attributes"]["custom"] == {
        "noteTxt": "n",
        "refundAmountNum": 1,
        "otherStr": "o",
    }
    assert (case.note, case.refund) == ("n", 1)


def test_a_custom_object_that_is_masked_by_an_answer_is_the_mask_alone(server: Emulator) -> None:
    found = Case.get(server.world.add("conversation", custom={"noteTxt": "n"}))
    case: Any = found
    server.faults.add(Fault.masked(["custom"], method="PATCH"))
    case.name = "b"
    case.save()
    assert case.raw["attributes"]["custom"] == MASK
    assert isinstance(case.note, Masked)


@pytest.mark.parametrize("masked", ["before", "after", "both"])
def test_what_is_masked_is_not_said_to_have_moved(server: Emulator, masked: str) -> None:
    id_ = server.world.add("conversation", name="a", custom={"noteTxt": "n"})
    if masked != "after":
        server.world.mask("conversation", "custom")
    case = Case.get(id_)
    server.world.edit("conversation", id_, priority=5, custom={"noteTxt": "theirs"})
    (server.world.unmask if masked == "before" else server.world.mask)("conversation", "custom")
    case.name = "b"
    result = case.save()
    assert (result.others_wrote, list(result.foreign)) == (True, ["priority"])


# -- the other end of a relation -------------------------------------------------------------------


def with_masked_queue(server: Emulator) -> Any:
    id_ = server.world.add("conversation", queue=server.world.add("queue", name="q"))

    def mask(document: Any) -> Any:
        document["data"]["relationships"]["queue"]["data"] = dict(MASK)
        return document

    server.faults.add(Fault.answer(mask))
    found = Case.get(id_)
    server.requests.clear()
    return found


def test_a_masked_relation_reads_as_masked_and_is_no_change(server: Emulator) -> None:
    case = with_masked_queue(server)
    assert isinstance(case.queue, Masked)
    assert isinstance(case.original("queue"), Masked)
    case.queue = case.queue
    assert (case.is_dirty, case.to_dict()["queue"]) == (False, case.queue)
    assert not case.save()
    assert server.requests == []


def test_a_masked_relation_that_is_cleared_is_cleared_on_the_server(server: Emulator) -> None:
    case = with_masked_queue(server)
    case.queue = None
    case.save()
    assert bodies(server) == [{"queue": {"id": None}}]


def test_a_masked_relation_cannot_be_sent_by_touch(server: Emulator) -> None:
    case = with_masked_queue(server)
    with pytest.raises(errors.InvalidValueError):
        case.touch("queue")
    assert not case.save()
    assert server.requests == []


# -- items of a list -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["tags", "skills", "suggested_tags", "assigned_users"])
def test_a_masked_item_that_is_handed_out_is_a_copy(server: Emulator, name: str) -> None:
    key = getattr(Case, name).key

    def mask(document: Any) -> Any:
        document["data"]["attributes"][key] = [dict(MASK)]
        return document

    id_ = server.world.add("conversation")
    server.faults.add(Fault.answer(mask))
    case: Any = Case.get(id_)
    raw = case.raw

    getattr(case, name)[0].clear()
    case.original(name)[0].clear()

    assert case.raw == raw
    assert raw["attributes"][key] == [MASK]


def test_a_list_with_a_masked_item_is_never_sent(server: Emulator) -> None:
    def mask(document: Any) -> Any:
        document["data"]["attributes"]["tags"].append(dict(MASK))
        return document

    id_ = server.world.add("conversation", tags=["t"])
    server.faults.add(Fault.answer(mask))
    case = Case.get(id_)
    server.requests.clear()
    assert len(case.tags) == 2
    assert not case.save()
    case.tags.append("u")
    with pytest.raises(errors.InvalidValueError, match="masked"):
        case.save()
    assert server.requests == []
