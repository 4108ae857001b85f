"""A conflict is found however the record came to it: in doubt, saved in part, in several steps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from kustomer_orm import Client, Conversation, custom, errors
from kustomer_orm.emulator import Emulator, Fault


class Case(Conversation):
    refund = custom.Num("refundAmountNum")


MERGING = pytest.mark.parametrize("mode", ["careful", "strict"])


@pytest.fixture(autouse=True)
def impatient(server: Emulator, fake_time: Any) -> Iterator[Client]:
    """A client that sends everything once, current for the test."""
    with Client(server.api_key, base_url=server.url, retry=0, clock=fake_time.clock()) as made:
        yield made
        made.close()


def case_of(server: Emulator, **values: Any) -> Case:
    return Case.get(server.world.add("conversation", **{"name": "A", **values}))


def others(server: Emulator, case: Case, **values: Any) -> None:
    server.world.edit("conversation", str(case.id), **values)


def stored(server: Emulator, case: Case) -> Any:
    return server.world.get("conversation", str(case.id))["attributes"]


def lose(server: Emulator, case: Case, fault: Any = Fault.cut_before) -> None:
    server.faults.add(fault())
    with pytest.raises(errors.OutcomeUnknownError):
        case.save()
    server.requests.clear()


# -- in doubt --------------------------------------------------------------------------------------


@MERGING
def test_what_others_wrote_over_a_doubt_is_a_conflict(server: Emulator, mode: str) -> None:
    case = case_of(server)
    case.name = "X"
    lose(server, case)
    case.name = "Y"
    others(server, case, name="Z")

    with pytest.raises(errors.ConflictError) as raised:
        case.save(conflict=mode)

    assert raised.value.fields["name"] == errors.FieldConflict("A", "Y", "Z", "name")
    assert stored(server, case)["name"] == "Z"
    assert list(case.refresh()) == ["name"]


@MERGING
def test_a_doubt_that_was_taken_back_gives_way_to_others(server: Emulator, mode: str) -> None:
    case = case_of(server)
    case.name = "X"
    lose(server, case)
    case.restore("name")
    others(server, case, name="Z")

    case.save(conflict=mode)

    assert (stored(server, case)["name"], case.name, case.is_dirty) == ("Z", "Z", False)


@pytest.mark.parametrize("fault", [Fault.cut_before, Fault.cut_after])
@MERGING
def test_a_doubt_that_nobody_wrote_over_is_no_conflict(
    server: Emulator, mode: str, fault: Any
) -> None:
    case = case_of(server)
    case.name = "X"
    lose(server, case, fault)
    case.name = "Y"

    case.save(conflict=mode)

    assert stored(server, case)["name"] == "Y"


@MERGING
def test_tags_in_doubt_are_merged_and_never_a_conflict(server: Emulator, mode: str) -> None:
    case = case_of(server, tags=["x"])
    case.tags.append("new")
    lose(server, case, Fault.cut_after)
    case.tags.remove("new")
    others(server, case, tags=[*stored(server, case)["tags"], "other"])

    case.save(conflict=mode)

    names = [server.world.tag_name(tag) for tag in stored(server, case)["tags"]]
    assert {"x", "other"} <= set(names)


@pytest.mark.parametrize("status", [400, 403, 404])
def test_a_refusal_after_a_lost_attempt_leaves_the_doubt(
    server: Emulator, fake_time: Any, status: int
) -> None:
    """Pitfall 18: the first attempt was carried out."""
    with Client(server.api_key, base_url=server.url, retry=2, clock=fake_time.clock()):
        case = case_of(server)
        case.name = "X"
        server.faults.add(Fault.cut_after(method="PATCH"), Fault.status(status, method="PATCH"))
        with pytest.raises(errors.APIError) as raised:
            case.save()

        assert (raised.value.uncertain, case.in_doubt) == (True, True)
        case.restore()
        case.save()

    assert (stored(server, case)["name"], case.is_dirty) == ("A", False)


def test_a_lost_strict_write_is_counted_as_sent(server: Emulator, fake_time: Any) -> None:
    with Client(server.api_key, base_url=server.url, retry=2, clock=fake_time.clock()):
        case = case_of(server)
        case.name = "X"
        case.tags.append("q")
        server.faults.add(Fault.cut_after(method="PUT"))

        result = case.save(conflict="strict")

    assert set(result.sent) == {"name", "tags"}
    assert (result.confirmed, dict(result.foreign)) == (False, {})


# -- in part ---------------------------------------------------------------------------------------


@MERGING
def test_a_save_of_another_part_does_not_use_up_a_conflict(server: Emulator, mode: str) -> None:
    case = case_of(server)
    case.name, case.priority = "mine", 5
    others(server, case, name="theirs")

    result = case.save(only=["priority"], conflict=mode)
    assert list(result.overlaps) == ["name"]
    assert tuple(result.overlaps["name"]) == ("mine", "theirs")

    with pytest.raises(errors.ConflictError) as raised:
        case.save(conflict="careful")
    assert raised.value.fields["name"].base == "A"
    assert stored(server, case)["name"] == "theirs"


def test_what_moves_between_the_read_and_the_write_is_not_used_up_either(server: Emulator) -> None:
    case = case_of(server)
    case.name, case.priority = "mine", 5
    server.faults.add(Fault.before(lambda _: others(server, case, name="late"), method="PATCH"))

    result = case.save(only=["priority"], conflict="careful")

    assert list(result.overlaps) == ["name"]
    with pytest.raises(errors.ConflictError):
        case.save(conflict="careful")


# -- several steps ---------------------------------------------------------------------------------


@MERGING
def test_a_later_step_stops_at_what_an_earlier_answer_shows(server: Emulator, mode: str) -> None:
    mine, theirs = server.world.add("customer"), server.world.add("customer")
    case = case_of(server)
    case.tags.append("t")
    case.assign(customer=mine)
    server.faults.add(Fault.before(lambda _: others(server, case, customer=theirs), method="POST"))

    with pytest.raises(errors.ConflictError) as raised:
        case.save(conflict=mode)

    assert list(raised.value.fields) == ["customer"]
    assert list(raised.value.result.sent) == ["tags"]
    relationships = server.world.get("conversation", str(case.id))["relationships"]
    assert relationships["customer"]["data"]["id"] == theirs
    assert list(case.changes) == ["customer"]


def test_a_later_step_may_be_decided(server: Emulator) -> None:
    mine, theirs = server.world.add("customer"), server.world.add("customer")
    case = case_of(server)
    case.name = "B"
    case.assign(customer=mine)
    server.faults.add(Fault.before(lambda _: others(server, case, customer=theirs), method="PATCH"))

    case.save(conflict="careful", resolve="mine")

    relationships = server.world.get("conversation", str(case.id))["relationships"]
    assert relationships["customer"]["data"]["id"] == mine


# -- written without having been read --------------------------------------------------------------


@pytest.mark.parametrize("tags", [[], ["b"]])
@pytest.mark.parametrize("mode", ["none", "verify", "careful", "strict"])
def test_a_list_that_was_assigned_unread_is_sent_whole(
    server: Emulator, mode: str, tags: list[str]
) -> None:
    """Pitfalls 17 and 50."""
    case = Case(id=case_of(server, tags=["x", "y"]).id)
    case.tags = list(tags)

    case.save(conflict=mode)

    assert [server.world.tag_name(tag) for tag in stored(server, case)["tags"]] == tags


def test_a_list_that_was_assigned_unread_survives_a_refresh(server: Emulator) -> None:
    case = Case(id=case_of(server, tags=["x", "y"]).id)
    case.tags = []

    assert list(case.refresh()) == ["tags"]

    assert (case.tags, case.is_dirty) == ([], True)


def test_an_object_that_was_assigned_unread_is_sent_whole(server: Emulator) -> None:
    snooze = {"status": "scheduled", "time": "2026-05-01T12:00:00.000Z"}
    case = Case(id=case_of(server, snooze=snooze).id)
    case.snooze = {"status": "canceled"}

    case.save(conflict="careful")

    assert server.requests[-1].body == {"snooze": {"status": "canceled"}}


# -- what is reported ------------------------------------------------------------------------------


@MERGING
def test_others_wrote_counts_from_the_load(server: Emulator, mode: str) -> None:
    case = case_of(server)
    case.name = "X"
    others(server, case, priority=4)

    result = case.save(conflict=mode)

    assert (result.others_wrote, list(result.foreign), result.overwritten) == (
        True,
        ["priority"],
        (),
    )


def test_foreign_is_compared_once_with_what_was_loaded(server: Emulator) -> None:
    case = case_of(server, defaultLang="l0")
    case.name = "X"
    langs = iter(["l1", "l2"])
    others(server, case, priority=2)
    server.faults.add(
        Fault.before(lambda _: others(server, case, defaultLang=next(langs)), method="PUT", times=2)
    )

    result = case.save(conflict="strict")

    assert result.foreign["default_lang"] == ("l0", "l2")


def test_what_came_back_is_not_foreign(server: Emulator) -> None:
    case = case_of(server, defaultLang="l0")
    case.name = "X"
    langs = iter(["l1", "l0"])
    others(server, case, priority=2)
    server.faults.add(
        Fault.before(lambda _: others(server, case, defaultLang=next(langs)), method="PUT", times=2)
    )

    assert list(case.save(conflict="strict").foreign) == ["priority"]


@MERGING
def test_an_equal_object_is_no_conflict_whatever_the_server_shows_beside_it(
    server: Emulator, mode: str
) -> None:
    case = case_of(server, snooze={"status": "scheduled"})
    others(server, case, snooze={"status": "elapsed"})
    case.refresh()
    assert case.snooze is not None
    assert "statusAt" in case.snooze
    case.snooze = {"status": "canceled"}
    server.world.put_raw(
        "conversation",
        str(case.id),
        snooze={"status": "canceled", "statusAt": "2026-02-02T00:00:00.000Z"},
        rev=9,
    )

    case.save(conflict=mode)

    assert (case.is_dirty, stored(server, case)["snooze"]["status"]) == (False, "canceled")


@pytest.mark.parametrize("touch", ["save", "edit"])
def test_a_function_that_touches_the_record_is_refused(server: Emulator, touch: str) -> None:
    case = case_of(server)
    case.name = "mine"
    others(server, case, name="theirs")

    def decide(field: errors.FieldConflict) -> Any:
        if touch == "save":
            case.save(conflict="none")
        else:
            case.priority = 5
        return field.mine

    with pytest.raises(errors.ConfigurationError, match="must not touch or save"):
        case.save(conflict="careful", resolve=decide)
