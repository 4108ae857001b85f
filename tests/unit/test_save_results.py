"""What a save tells is a copy: whatever is done to it, the record stays as the server has it."""

from __future__ import annotations

from typing import Any

import pytest

from kustomer_orm import Client, Conversation, custom, errors
from kustomer_orm.emulator import Emulator, Fault

pytestmark = pytest.mark.usefixtures("client")

SUGGESTED = [{"tag": "a", "confidence": 0.1}]


class Case(Conversation):
    note = custom.Txt()


def case_of(server: Emulator, **values: Any) -> Case:
    found = Case.get(server.world.add("conversation", **values))
    server.requests.clear()
    return found


def bodies(server: Emulator) -> list[Any]:
    return [each.body for each in server.requests]


def assert_clean(server: Emulator, case: Case, raw: Any) -> None:
    """The baseline is untouched, and a save sends nothing."""
    count = len(server.requests)
    assert (case.raw, case.is_dirty) == (raw, False)
    assert not case.save()
    assert len(server.requests) == count


# -- copies ----------------------------------------------------------------------------------------


def test_emptying_what_was_sent_changes_nothing_in_the_record(server: Emulator) -> None:
    case = case_of(server, suggestedTags=SUGGESTED)
    case.suggested_tags[0]["confidence"] = 0.5
    server.faults.add(Fault.truncated_json(method="PATCH"))
    result = case.save()
    raw = case.raw
    assert raw["attributes"]["suggestedTags"] == [{"tag": "a", "confidence": 0.5}]

    result.sent["suggested_tags"][0].clear()
    result.sent["suggested_tags"].clear()

    assert_clean(server, case, raw)


def test_emptying_an_adjustment_changes_nothing_in_the_record(server: Emulator) -> None:
    case = case_of(server)
    case.tags.append("refund")
    adjusted = case.save().adjusted["tags"]
    raw = case.raw

    adjusted.sent.clear()
    adjusted.stored.clear()

    assert_clean(server, case, raw)


def test_what_was_sent_and_what_was_adjusted_are_apart(server: Emulator) -> None:
    case = case_of(server)
    case.tags.append("refund")
    result = case.save()
    result.adjusted["tags"].sent.clear()
    assert result.sent["tags"] == ["refund"]


def test_emptying_what_others_moved_changes_nothing_in_the_record(server: Emulator) -> None:
    id_ = server.world.add("conversation", name="a", tags=["t"])
    server.world.put_raw("conversation", id_, undeclaredThing=[1])
    case = Case.get(id_)
    server.world.put_raw("conversation", id_, undeclaredThing=[1, {"a": [2]}])
    server.world.edit("conversation", id_, skills=[{"name": "x"}])
    case.name = "b"
    foreign = case.save().foreign
    raw = case.raw
    assert sorted(foreign) == ["skills", "undeclaredThing"]

    for change in foreign.values():
        change.new[-1].clear()
        change.new.clear()

    assert_clean(server, case, raw)


def test_emptying_a_value_that_does_not_read_changes_nothing_in_the_record(
    server: Emulator,
) -> None:
    id_ = server.world.add("conversation", name="a")
    server.world.put_raw("conversation", id_, tags={"odd": [1]})
    case = Case.get(id_)
    raw = case.raw
    shown: Any = case.original("tags")

    shown["odd"].clear()
    shown.clear()

    assert_clean(server, case, raw)


# -- what the last save changed --------------------------------------------------------------------


def test_the_previous_changes_are_those_of_every_request_of_a_save(server: Emulator) -> None:
    case = case_of(server, name="a")
    case.name = "b"
    case.save()
    other = server.world.add("customer")
    case.note, case.customer = "n", other
    case.tags.append("vip")

    assert len(case.save().requests) == 3

    assert sorted(case.previous_changes) == ["customer", "note", "tags"]
    assert case.previous_changes["note"] == (None, "n")


@pytest.mark.parametrize(
    "fault", [Fault.status(400), Fault.html(200), Fault.cut_after(times=None)], ids=str
)
def test_a_save_that_fails_keeps_the_previous_changes(server: Emulator, fault: Fault) -> None:
    case = case_of(server, name="a")
    case.name = "b"
    case.save()
    case.name = "c"
    server.faults.add(Fault(fault.kind, "PATCH", times=fault.times, options=fault.options))
    with pytest.raises(errors.APIError):
        case.save()
    assert case.previous_changes == {"name": ("a", "b")}


def test_a_save_that_fails_half_way_tells_what_it_did_change(server: Emulator) -> None:
    case = case_of(server, name="a", priority=3)
    case.priority = 5
    case.save()
    case.name = "b"
    case.tags.append("vip")
    server.faults.add(Fault.status(403, path="*/tags"))
    with pytest.raises(errors.PermissionDeniedError):
        case.save()
    assert case.previous_changes == {"name": ("a", "b")}


# -- a page of somebody else's ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        Fault.html(200, path="*/tags"),
        Fault.html(201, acts=True, path="*/tags"),
        Fault.status(200, body="Please sign in", path="*/tags"),
    ],
    ids=["page", "page after acting", "plain text"],
)
def test_a_page_in_the_place_of_an_answer_to_added_tags_is_no_success(
    server: Emulator, fault: Fault
) -> None:
    case = case_of(server, name="a")
    case.name = "b"
    case.tags.append("vip")
    server.faults.add(fault)

    with pytest.raises(errors.OutcomeUnknownError, match=r"not the API's.*in doubt") as raised:
        case.save()

    error = raised.value
    assert (error.method, error.path) == ("POST", f"/v1/conversations/{case.id}/tags")
    assert error.result is not None
    assert list(error.result.sent) == ["name"]
    assert (case.in_doubt, list(case.changes)) == (True, ["tags"])
    server.requests.clear()
    case.save()
    assert bodies(server) == [["vip"]]
    assert not case.in_doubt


def test_a_page_as_the_answer_to_a_creation_is_followed_by_a_look_up(
    server: Emulator, client: Client
) -> None:
    customer = server.world.add("customer")
    server.faults.add(Fault.html(200, acts=True, method="POST"))
    case = Case.create(customer=customer, external_id="A-1")
    assert [each.method for each in server.requests] == ["POST", "GET"]
    assert server.world.ids("conversation") == [case.id]
