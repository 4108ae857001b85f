"""No value becomes another on its way: null, empty, absent, masked, nested, half an answer."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, Literal

import pytest

from kustomer_orm import Client, Conversation, Masked, custom, errors
from kustomer_orm.emulator import Emulator, Fault


class Case(Conversation):
    note = custom.Txt()
    paid = custom.Bool()
    refund = custom.Num()


def bodies(server: Emulator) -> list[Any]:
    return [exchange.body for exchange in server.requests if exchange.method != "GET"]


def stored(server: Emulator, id_: str) -> Any:
    return server.world.get("conversation", id_)["attributes"]


def test_absent_null_and_a_value_are_three_things_when_a_record_is_made(
    server: Emulator, client: Client
) -> None:
    """Pitfall 62."""
    customer = server.world.add("customer")
    Case.create(customer=customer)
    Case.create(customer=customer, note=None, default_lang=None)
    Case.create(customer=customer, note="", default_lang="en_us")
    assert bodies(server) == [
        {"customer": customer},
        {"customer": customer, "custom": {"noteTxt": None}, "defaultLang": None},
        {"customer": customer, "custom": {"noteTxt": ""}, "defaultLang": "en_us"},
    ]


@pytest.mark.parametrize("cleared", ["absent", "null"])
def test_a_value_can_be_cleared_and_stays_cleared(
    server: Emulator, client: Client, cleared: Any
) -> None:
    """Pitfall 62."""
    server.behaviour.cleared_custom = server.behaviour.cleared_attribute = cleared
    case = Case.get(server.world.add("conversation", externalId="E-1", custom={"noteTxt": "x"}))
    case.external_id = None
    case.note = None
    case.save()
    assert bodies(server) == [{"externalId": None, "custom": {"noteTxt": None}}]
    assert (case.external_id, case.note) == (None, None)
    case.external_id = None
    case.note = None
    assert not case.save()


def test_a_null_is_sent_for_a_record_of_which_only_the_id_is_known(
    server: Emulator, client: Client
) -> None:
    """Pitfall 62."""
    id_ = server.world.add("conversation", externalId="E-1", custom={"noteTxt": "x"})
    Case(id=id_, external_id=None, note=None).save()
    assert bodies(server) == [{"externalId": None, "custom": {"noteTxt": None}}]


def test_containers_are_plain_ones_whose_methods_give_what_python_says(
    server: Emulator, client: Client
) -> None:
    """Pitfall 63."""
    case = Case.get(server.world.add("conversation", tags=["a", "b"], custom={"noteTxt": "x"}))
    case.snooze = {"status": "scheduled", "time": datetime(2026, 1, 1, tzinfo=UTC)}
    last = case.tags[-1]
    assert type(case.tags) is list
    assert type(case.snooze) is dict
    assert case.tags.pop() == last
    assert case.snooze.pop("time") == datetime(2026, 1, 1, tzinfo=UTC)
    assert case.snooze.setdefault("status", "elapsed") == "scheduled"
    assert case.custom.pop("noteTxt") == "x"
    assert case.custom.setdefault("refundNum", 3) == 3
    assert case.custom.pop("missingStr", "nothing") == "nothing"


def test_an_empty_string_is_a_value(server: Emulator, client: Client) -> None:
    """Pitfall 64."""
    id_ = server.world.add("conversation", name="Hi", custom={"noteTxt": "x", "otherStr": "y"})
    case = Case.get(id_)
    case.name = ""
    case.note = ""
    case.custom.update({"otherStr": ""})
    case.save()
    assert bodies(server) == [{"name": "", "custom": {"noteTxt": "", "otherStr": ""}}]
    after = stored(server, id_)
    assert (after["name"], after["custom"]) == ("", {"noteTxt": "", "otherStr": ""})


def test_a_nested_edit_sends_its_attribute_once_and_whole(server: Emulator, client: Client) -> None:
    """Pitfall 65."""
    snooze = {"status": "scheduled", "time": "2026-01-01T00:00:00.000Z"}
    id_ = server.world.add("conversation", snooze=snooze)
    case = Case.get(id_)
    assert case.snooze is not None
    case.snooze["status"] = "canceled"
    case.snooze = dict(case.snooze)
    case.snooze["status"] = "elapsed"
    case.save()
    assert bodies(server) == [{"snooze": {**snooze, "status": "elapsed"}}]


def test_an_edit_after_items_moved_writes_the_list_as_it_is_seen(
    server: Emulator, client: Client
) -> None:
    """Pitfall 66."""
    tags = [{"tag": f"t{n}", "confidence": n / 10} for n in range(4)]
    id_ = server.world.add("conversation", suggestedTags=tags)
    case = Case.get(id_)
    held = case.suggested_tags[2]
    del case.suggested_tags[0]
    case.suggested_tags.insert(1, {"tag": "new", "confidence": 1})
    held["confidence"] = 0.9
    case.suggested_tags[1:2] = []
    case.save()

    expected = [tags[1], {"tag": "t2", "confidence": 0.9}, tags[3]]
    assert bodies(server) == [{"suggestedTags": expected}]
    assert case.suggested_tags == expected
    held["confidence"] = 0.8
    case.save()
    assert bodies(server)[1]["suggestedTags"][1] == {"tag": "t2", "confidence": 0.8}


def test_a_masked_value_is_no_change_and_is_never_written_back(
    server: Emulator, client: Client
) -> None:
    """Pitfall 67."""
    id_ = server.world.add("conversation", name="Jane", custom={"noteTxt": "private"})
    server.world.mask("conversation", "custom.noteTxt")
    server.world.mask("conversation", "name")
    case: Any = Case.get(id_)  # a type checker does not know of masks
    assert isinstance(case.note, Masked)
    assert isinstance(case.name, Masked)
    assert "*" not in repr(case.note)

    case.note = case.note
    case.assign(name=case.name)
    case.custom["noteTxt"] = case.custom["noteTxt"]
    assert not case.is_dirty
    case.refund = 1
    case.save()
    assert bodies(server) == [{"custom": {"refundNum": 1}}]
    assert stored(server, id_)["custom"]["noteTxt"] == "private"

    case.note = "public"
    case.save()
    assert bodies(server)[1:] == [{"custom": {"noteTxt": "public"}}]


def test_the_mask_of_one_record_cannot_be_assigned_to_another(
    server: Emulator, client: Client
) -> None:
    """Pitfall 67."""
    ids = [server.world.add("conversation", custom={"noteTxt": "private"}) for _ in range(2)]
    open_ = Case.get(ids[0])
    server.world.mask("conversation", "custom.noteTxt")
    masked = Case.get(ids[1])
    with pytest.raises(errors.InvalidValueError):
        open_.note = masked.note
    with pytest.raises(errors.InvalidValueError):
        open_.custom["noteTxt"] = masked.raw["attributes"]["custom"]["noteTxt"]
    assert not open_.is_dirty


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("paid", "yes"),
        ("paid", "no"),
        ("paid", 1),
        ("paid", 0),
        ("priority", 3.7),
        ("priority", "3"),
        ("priority", True),
        ("refund", "12,50"),
        ("refund", "12"),
        ("refund", True),
        ("name", 5),
        ("name", b"bytes"),
        ("tags", "vip"),
        ("tags", {"vip": 1}),
        ("ended_at", "2026-01-01T00:00:00Z"),
        ("snooze", [("status", "scheduled")]),
    ],
)
def test_a_value_of_another_type_is_refused_and_never_coerced(
    server: Emulator, client: Client, name: str, value: object
) -> None:
    """Pitfall 68."""
    id_ = server.world.add("conversation", name="Hi", custom={"paidBool": True})
    case = Case.get(id_)
    server.requests.clear()
    with pytest.raises(errors.InvalidValueError, match=name):
        setattr(case, name, value)
    assert not case.is_dirty
    assert not case.save()
    assert server.requests == []


def test_what_an_answer_leaves_out_stays_in_the_record(server: Emulator, client: Client) -> None:
    """Pitfall 69."""
    custom_values = {"noteTxt": "x", "refundNum": 1}
    id_ = server.world.add("conversation", name="Hi", externalId="E-1", custom=custom_values)
    case = Case.get(id_)
    server.faults.add(Fault.partial(["rev"], method="PATCH"))
    case.refund = 2

    result = case.save()

    assert result.confirmed
    assert (case.name, case.external_id, case.note, case.refund) == ("Hi", "E-1", "x", 2)
    assert case.customer is not None
    assert not case.is_dirty
    assert result.foreign == {}


def test_an_answer_that_names_other_custom_keys_keeps_the_ones_it_leaves_out(
    server: Emulator, client: Client
) -> None:
    """Pitfall 69."""
    id_ = server.world.add("conversation", custom={"noteTxt": "x", "refundNum": 1})
    case = Case.get(id_)

    def shorten(document: Any) -> Any:
        document["data"]["attributes"]["custom"] = {"refundNum": 2}
        document["data"].pop("relationships")
        return document

    server.faults.add(Fault.answer(shorten, method="PATCH"))
    case.refund = 2
    case.save()
    assert dict(case.custom) == {"noteTxt": "x", "refundNum": 2}
    stored_customer = server.world.get("conversation", id_)["relationships"]["customer"]
    assert case.customer is not None
    assert case.customer.id == stored_customer["data"]["id"]


def test_refreshing_a_changed_record_keeps_discards_or_raises_as_it_is_told(
    server: Emulator, client: Client
) -> None:
    """Pitfall 70."""
    id_ = server.world.add("conversation", name="Hi", priority=1, tags=["vip"])
    case = Case.get(id_)
    case.name = "Mine"
    case.tags.append("mine")
    server.world.edit("conversation", id_, priority=5)
    server.requests.clear()

    with pytest.raises(errors.UnsavedChangesError, match="name, tags"):
        case.refresh(local="raise")
    assert server.requests == []
    assert (case.name, case.priority) == ("Mine", 1)

    assert case.refresh() == {}
    assert (case.name, case.priority) == ("Mine", 5)
    assert "mine" in case.tags
    assert set(case.changes) == {"name", "tags"}

    case.refresh(local="discard")
    assert (case.name, case.priority, len(case.tags)) == ("Hi", 5, 1)
    assert not case.is_dirty


def test_a_refresh_that_fails_throws_nothing_away(server: Emulator, client: Client) -> None:
    """Pitfall 70."""
    id_ = server.world.add("conversation", name="Hi", tags=["vip"])
    local: Literal["keep", "discard"]
    for local in ("keep", "discard"):
        case = Case.get(id_)
        tags = case.tags
        case.name = "Mine"
        tags.append("mine")
        server.faults.add(Fault.status(403, method="GET"))
        with pytest.raises(errors.PermissionDeniedError):
            case.refresh(local=local)
        assert set(case.changes) == {"name", "tags"}
        assert case.tags[-1] == "mine"
        assert json.dumps(case.to_dict()["tags"])


def test_a_refresh_names_the_edits_that_somebody_else_made_too(
    server: Emulator, client: Client
) -> None:
    """Pitfall 70."""
    id_ = server.world.add("conversation", name="Hi")
    case = Case.get(id_)
    case.name = "Mine"
    server.world.edit("conversation", id_, name="Theirs")
    assert case.refresh() == {"name": ("Mine", "Theirs")}
    assert case.changes == {"name": ("Theirs", "Mine")}
