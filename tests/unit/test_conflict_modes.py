"""Saving beside others: what each mode sends, merges, refuses and reports."""

from __future__ import annotations

import logging
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from kustomer_orm import Client, Conversation, User, custom, errors
from kustomer_orm.emulator import Emulator, Fault


class Errand(Conversation):
    note = custom.Txt()
    count = custom.Num()
    carrier = custom.Str(resolve="theirs")


def errand_of(server: Emulator, **values: Any) -> Errand:
    found = Errand.get(server.world.add("conversation", **{"name": "a", "priority": 1, **values}))
    server.requests.clear()
    return found


def others(server: Emulator, errand: Errand, **values: Any) -> None:
    """Somebody else writes."""
    server.world.edit("conversation", str(errand.id), **values)


def stored(server: Emulator, errand: Errand) -> Any:
    return server.world.get("conversation", str(errand.id))["attributes"]


def sent(server: Emulator) -> list[tuple[str, Any, int | None]]:
    return [(each.method, each.body, each.status) for each in server.requests]


MERGING = ("careful", "strict")


# -- what it costs ---------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["none", "verify", "careful", "strict"])
def test_a_clean_record_makes_no_request_in_any_mode(
    server: Emulator, client: Client, mode: str
) -> None:
    """Pitfall 31."""
    errand = errand_of(server)

    assert not errand.save(conflict=mode)

    assert server.requests == []


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("none", [("PATCH", {"name": "b"}, 200)]),
        ("verify", [("PATCH", {"name": "b"}, 200)]),
        ("careful", [("GET", None, 200), ("PATCH", {"name": "b"}, 200)]),
        ("strict", [("PUT", {"name": "b", "rev": 1}, 200)]),
    ],
)
def test_a_save_that_meets_nobody_costs_what_the_table_says(
    server: Emulator, client: Client, mode: str, expected: list[Any]
) -> None:
    errand = errand_of(server)
    errand.name = "b"

    result = errand.save(conflict=mode)

    assert sent(server) == expected
    assert (result.others_wrote, result.foreign) == (None if mode == "none" else False, {})


@pytest.mark.parametrize("mode", ["careful", "strict"])
def test_a_new_record_has_nobody_to_conflict_with(
    server: Emulator, client: Client, mode: str
) -> None:
    errand = Errand(customer=server.world.add("customer"), name="a")

    errand.save(conflict=mode)

    assert [each.method for each in server.requests] == ["POST"]


# -- merging ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", MERGING)
def test_what_others_changed_elsewhere_is_merged_and_named(
    server: Emulator, client: Client, mode: str
) -> None:
    """Pitfalls 49 and 51."""
    errand = errand_of(server, tags=["x"], custom={"noteTxt": "n"})
    errand.name = "mine"
    errand.tags.remove(errand.tags[0])
    errand.tags.append("m")
    errand.count = 2
    others(server, errand, tags=["x", "y"], priority=5, custom={"noteTxt": "theirs"})

    result = errand.save(conflict=mode)

    held = stored(server, errand)
    assert {server.world.tag_name(tag) for tag in held["tags"]} == {"m", "y"}
    assert (held["name"], held["priority"]) == ("mine", 5)
    assert held["custom"] == {"noteTxt": "theirs", "countNum": 2}
    assert (errand.priority, errand.note, errand.is_dirty) == (5, "theirs", False)
    assert {"priority", "note"} <= set(result.foreign)
    assert not set(result.foreign) & set(result.sent)
    assert (result.others_wrote, result.overwritten) == (True, ())


@pytest.mark.parametrize("mode", MERGING)
def test_keys_of_one_object_are_merged_one_by_one(
    server: Emulator, client: Client, mode: str
) -> None:
    """Pitfall 47."""
    level = {"status": "offered", "createdAt": "2026-01-01T00:00:00.000Z"}
    errand = errand_of(server, satisfactionLevel=level)
    mine = errand.satisfaction_level
    assert mine is not None
    mine["rating"] = 5
    others(server, errand, satisfactionLevel={**level, "firstAnswer": "good"})

    errand.save(conflict=mode)

    held = stored(server, errand)["satisfactionLevel"]
    assert (held["rating"], held["firstAnswer"]) == (5, "good")
    assert errand.satisfaction_level is mine


@pytest.mark.parametrize("mode", MERGING)
def test_an_equal_change_of_both_is_no_conflict_and_is_not_sent(
    server: Emulator, client: Client, mode: str
) -> None:
    errand = errand_of(server)
    errand.name = "same"
    others(server, errand, name="same")

    result = errand.save(conflict=mode)

    assert [each.status for each in server.requests if each.status == 200][-1] == 200
    assert (result.requests, errand.is_dirty, errand.name) == ((), False, "same")


@pytest.mark.parametrize("mode", MERGING)
def test_a_relation_that_both_moved_is_a_conflict(
    server: Emulator, client: Client, mode: str
) -> None:
    queues = [server.world.add("queue", name=name) for name in "abc"]
    errand = errand_of(server, queue={"id": queues[0]})
    errand.assign(queue=queues[1])
    others(server, errand, queue={"id": queues[2]})

    with pytest.raises(errors.ConflictError) as raised:
        errand.save(conflict=mode)

    field = raised.value.fields["queue"]
    assert [each.id for each in field[:3]] == queues
    assert errand.to_dict()["queue"] == queues[1]


def test_lists_of_people_are_merged_as_sets(server: Emulator, client: Client) -> None:
    """Pitfall 51."""
    users = [server.world.add("user", name=name) for name in "abc"]
    errand = errand_of(server, assignedUsers=users[:1])
    errand.assigned_users.append(User(id=users[1]))
    others(server, errand, assignedUsers=[users[0], users[2]])

    errand.save(conflict="careful")

    assert set(stored(server, errand)["assignedUsers"]) == set(users)


# -- conflicts -------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", MERGING)
def test_an_open_conflict_writes_nothing_and_changes_nothing_here(
    server: Emulator, client: Client, mode: str
) -> None:
    """Pitfall 93: it raises again until somebody decides."""
    errand = errand_of(server)
    errand.name, errand.count = "mine", 2
    errand.tags.append("m")
    tags = errand.tags
    others(server, errand, name="theirs", tags=["t"])
    before, changes = errand.raw, errand.changes

    with pytest.raises(errors.ConflictError):
        errand.save(conflict=mode)
    with pytest.raises(errors.ConflictError) as raised:
        errand.save(conflict=mode)

    error = raised.value
    assert error.fields == {"name": errors.FieldConflict("a", "mine", "theirs", "name")}
    assert list(error.attributes) == ["name"]
    assert str(errand.id) in str(error)
    assert "theirs" not in repr(error.fields) + str(error).replace("'theirs'", "")
    assert (errand.raw, errand.changes, errand.tags is tags) == (before, changes, True)
    assert (stored(server, errand)["name"], errand.in_doubt) == ("theirs", False)


def test_a_conflict_in_what_is_not_saved_stops_nothing(server: Emulator, client: Client) -> None:
    errand = errand_of(server)
    errand.name, errand.count = "mine", 2
    others(server, errand, name="theirs")

    errand.save(only=["count"], conflict="careful")

    assert (stored(server, errand)["name"], list(errand.changes)) == ("theirs", ["name"])


def test_several_conflicts_in_what_is_not_saved_stop_nothing(
    server: Emulator, client: Client
) -> None:
    """Overlaps are told apart by their attributes, and `==` between attributes is no search."""
    errand = errand_of(server)
    errand.name, errand.priority, errand.count = "mine", 2, 2
    others(server, errand, name="theirs", priority=3)

    errand.save(only=["count"], conflict="careful")

    assert (stored(server, errand)["name"], stored(server, errand)["priority"]) == ("theirs", 3)
    assert list(errand.changes) == ["name", "priority"]


def test_a_conflict_survives_pickle_without_customers_texts(
    server: Emulator, client: Client
) -> None:
    errand = errand_of(server)
    errand.name = "canary-mine"
    others(server, errand, name="canary-theirs")
    with pytest.raises(errors.ConflictError) as raised:
        errand.save(conflict="careful")

    pickled = pickle.dumps(raised.value)

    assert b"canary" not in pickled
    assert list(pickle.loads(pickled).attributes) == ["name"]


def test_what_was_written_without_being_read_conflicts_with_nothing(
    server: Emulator, client: Client
) -> None:
    """Pitfall 17."""
    errand = Errand(id=errand_of(server).id, name="mine")

    result = errand.save(conflict="strict")

    assert [each.method for each in server.requests] == ["GET", "PUT"]
    assert (stored(server, errand)["name"], list(result.sent)) == ("mine", ["name"])


# -- who decides -----------------------------------------------------------------------------------

DECISIONS: dict[str, tuple[Any, str]] = {
    "mine": ("mine", "m"),
    "theirs": ("theirs", "t"),
    "function": (lambda field: f"{field.base}{field.mine}{field.theirs}", "amt"),
}


@pytest.mark.parametrize("mode", MERGING)
@pytest.mark.parametrize(("resolve", "expected"), DECISIONS.values(), ids=DECISIONS)
def test_a_resolver_decides(
    server: Emulator, client: Client, mode: str, resolve: Any, expected: str
) -> None:
    errand = errand_of(server)
    errand.name, errand.count = "m", 2
    others(server, errand, name="t")

    errand.save(conflict=mode, resolve=resolve)

    assert (stored(server, errand)["name"], errand.name) == (expected, expected)
    assert (stored(server, errand)["custom"], errand.is_dirty) == ({"countNum": 2}, False)


def test_the_attribute_decides_before_the_client_and_the_save_before_both(
    server: Emulator, client: Client
) -> None:
    mine = Client(server.api_key, base_url=server.url, conflict="careful", resolve="mine")

    def saved(**options: Any) -> tuple[str, str]:
        id_ = server.world.add("conversation", name="a", custom={"carrierStr": "a"})
        errand = Errand.using(mine).get(id_)
        errand.name, errand.carrier = "m", "m"
        others(server, errand, name="t", custom={"carrierStr": "t"})
        errand.save(**options)
        held = stored(server, errand)
        return held["name"], held["custom"]["carrierStr"]

    assert saved() == ("m", "t")
    assert saved(resolve="mine") == ("m", "m")
    assert saved(resolve="theirs") == ("t", "t")


def test_a_function_may_leave_it_open(server: Emulator, client: Client) -> None:
    errand = errand_of(server)
    errand.name, errand.priority = "m", 2
    others(server, errand, name="t", priority=3)

    with pytest.raises(errors.ConflictError) as raised:
        errand.save(
            conflict="careful",
            resolve=lambda field: NotImplemented if field.name == "name" else field.mine,
        )

    assert list(raised.value.fields) == ["name"]
    assert errand.changes["priority"].old == 1


def test_a_value_that_a_function_gives_is_checked_before_anything_moves(
    server: Emulator, client: Client
) -> None:
    errand = errand_of(server)
    errand.priority = 2
    others(server, errand, priority=3)
    before = errand.raw

    with pytest.raises(errors.InvalidValueError, match="priority"):
        errand.save(conflict="careful", resolve=lambda _: 9)

    assert (errand.raw, errand.priority) == (before, 2)
    assert [each.method for each in server.requests] == ["GET"]


def test_a_list_in_hand_takes_what_was_decided(server: Emulator, client: Client) -> None:
    """Pitfall 30."""
    errand = errand_of(server, suggestedTags=[{"tag": "a", "confidence": 0.1}])
    held = errand.suggested_tags
    held[0]["confidence"] = 0.5
    others(server, errand, suggestedTags=[{"tag": "b", "confidence": 0.2}])

    errand.save(conflict="careful", resolve="theirs")

    assert errand.suggested_tags is held
    assert held == [{"tag": "b", "confidence": 0.2}]


def test_theirs_keeps_what_only_mine_changed_in_an_object(server: Emulator, client: Client) -> None:
    level = {"status": "offered", "createdAt": "2026-01-01T00:00:00.000Z"}
    errand = errand_of(server, satisfactionLevel=level)
    mine = errand.satisfaction_level
    assert mine is not None
    mine["rating"], mine["firstAnswer"] = 5, "mine"
    others(server, errand, satisfactionLevel={**level, "firstAnswer": "theirs"})

    errand.save(conflict="careful", resolve="theirs")

    held = stored(server, errand)["satisfactionLevel"]
    assert (held["rating"], held["firstAnswer"]) == (5, "theirs")


def test_theirs_may_be_what_the_api_would_not_take_from_us(
    server: Emulator, client: Client
) -> None:
    errand = errand_of(server)
    errand.status = "done"
    server.world.put_raw("conversation", str(errand.id), status="waiting")

    errand.save(conflict="careful", resolve="theirs")

    assert (errand.status, errand.is_dirty) == ("waiting", False)


@pytest.mark.parametrize("resolve", ["ours", 1, ["mine"]])
def test_what_cannot_decide_is_refused(server: Emulator, client: Client, resolve: Any) -> None:
    errand = errand_of(server)
    errand.name = "m"
    with pytest.raises(errors.ConfigurationError, match="resolve must be"):
        errand.save(resolve=resolve)
    with pytest.raises(errors.DeclarationError, match="resolve is"):
        custom.Str(resolve=resolve)
    assert server.requests == []


def test_a_function_is_told_which_attribute_it_decides(server: Emulator, client: Client) -> None:
    errand = errand_of(server)
    errand.name, errand.carrier = "m", "m"
    others(server, errand, name="t", custom={"carrierStr": "t"})
    asked: list[errors.FieldConflict] = []

    def decide(field: errors.FieldConflict) -> Any:
        asked.append(field)
        return field.mine

    errand.save(conflict="careful", resolve=decide)

    assert [(field.name, field.mine, field.theirs) for field in asked] == [
        ("name", "m", "t"),
        ("carrier", "m", "t"),
    ]
    assert repr(asked[0]) == "<FieldConflict name>"


def test_the_part_that_is_saved_may_be_named_by_the_wire(server: Emulator, client: Client) -> None:
    errand = errand_of(server)
    errand.count = 2
    others(server, errand, custom={"countNum": 3})

    with pytest.raises(errors.ConflictError):
        errand.save(only=["custom.countNum"], conflict="careful")


# -- false alarms ----------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["verify", "careful", "strict"])
@pytest.mark.parametrize(
    "fault",
    [
        lambda: Fault.empty(method="PATCH"),
        lambda: Fault.partial(["name"], method="PATCH"),
    ],
    ids=["empty", "without rev"],
)
def test_our_own_write_without_a_revision_is_not_taken_for_others(
    server: Emulator, client: Client, mode: str, fault: Callable[[], Fault]
) -> None:
    errand = errand_of(server)
    errand.name = "b"
    errand.tags.append("t")
    if mode == "strict":
        server.faults.add(Fault.empty(method="PUT"))
    else:
        server.faults.add(fault())

    first = errand.save(conflict=mode)
    errand.priority = 5
    second = errand.save(conflict="verify")

    assert (first.others_wrote, first.overwritten, dict(first.foreign)) == (None, (), {})
    assert (second.others_wrote, second.overwritten) == (False, ())


def test_tags_that_are_added_write_over_nothing(server: Emulator, client: Client) -> None:
    errand = errand_of(server)
    errand.tags.append("t")
    others(server, errand, priority=5)

    result = errand.save()

    assert (result.others_wrote, result.overwritten) == (True, ())


@pytest.mark.parametrize("mode", MERGING)
def test_our_own_lost_write_is_nothing_foreign(server: Emulator, fake_time: Any, mode: str) -> None:
    with Client(server.api_key, base_url=server.url, retry=0, clock=fake_time.clock()):
        errand = errand_of(server)
        errand.name = "b"
        server.faults.add(Fault.cut_after())
        with pytest.raises(errors.OutcomeUnknownError):
            errand.save()
        errand.name = "c"

        result = errand.save(conflict=mode)

    assert (stored(server, errand)["name"], dict(result.foreign)) == ("c", {})


# -- strict ----------------------------------------------------------------------------------------


def test_strict_merges_and_repeats_after_a_refusal(
    server: Emulator, client: Client, fake_time: Any
) -> None:
    """Pitfalls 74 and 92."""
    errand = errand_of(server)
    errand.name = "m"
    others(server, errand, priority=5)

    errand.save(conflict="strict")
    errand.name = "n"
    errand.save(conflict="strict")

    assert sent(server) == [
        ("PUT", {"name": "m", "rev": 1}, 409),
        ("GET", None, 200),
        ("PUT", {"name": "m", "rev": 2}, 200),
        ("PUT", {"name": "n", "rev": 3}, 200),
    ]
    assert len(fake_time.slept) == 1


def test_strict_gives_up_where_others_write_faster(server: Emulator, client: Client) -> None:
    """Pitfall 73: in an error, never in overwriting."""
    errand = errand_of(server)
    errand.name = "m"
    swing = iter(range(100))
    server.faults.add(
        Fault.before(
            lambda _: others(server, errand, priority=1 + next(swing) % 5),
            method="PUT",
            times=None,
        )
    )

    with pytest.raises(errors.ConflictError) as raised:
        errand.save(conflict="strict")

    assert [each.method for each in server.requests].count("PUT") == 6
    assert "given up after 5 merges" in raised.value.__notes__[0]
    assert (stored(server, errand)["name"], list(errand.changes)) == ("a", ["name"])


def test_a_conflict_about_something_else_is_not_merged(server: Emulator, client: Client) -> None:
    server.world.add("conversation", externalId="taken")
    errand = errand_of(server)
    errand.external_id = "taken"

    with pytest.raises(errors.ConflictError) as raised:
        errand.save(conflict="strict")

    assert [each.method for each in server.requests] == ["PUT", "GET"]
    assert (raised.value.status, raised.value.fields) == (409, {})
    assert list(errand.changes) == ["external_id"]


def test_our_own_lost_write_does_not_conflict_with_us(server: Emulator, client: Client) -> None:
    """Pitfall 92: the repetition carries a revision that the first attempt made stale."""
    errand = errand_of(server)
    errand.name = "m"
    server.faults.add(Fault.cut_after(method="PUT"))

    result = errand.save(conflict="strict")

    assert [each.method for each in server.requests] == ["PUT", "PUT", "GET"]
    assert (stored(server, errand)["name"], errand.is_dirty) == ("m", False)
    assert (result.confirmed, errand.in_doubt) == (False, False)


def test_each_request_of_a_strict_save_carries_the_revision_of_the_one_before(
    server: Emulator, client: Client
) -> None:
    errand = errand_of(server)
    errand.name = "m"
    errand.tags.append("t")
    customer = server.world.add("customer")
    errand.assign(customer=customer)

    errand.save(conflict="strict")

    assert [(each.method, each.body) for each in server.requests] == [
        ("GET", None),  # the move takes no revision, so the record is read first
        ("PUT", {"name": "m", "rev": 1}),
        ("POST", ["t"]),
        ("PATCH", {"customer": customer}),
    ]


ENFORCED = {"conflict": True, "conflict_on_put": True, "ignore": False, "store": False}


@pytest.mark.parametrize("stale_rev", ENFORCED)
def test_strict_against_each_server_either_merges_or_reports(
    server: Emulator, client: Client, stale_rev: Any
) -> None:
    """Where a stale revision is not refused, the save still tells that others wrote."""
    reported = not ENFORCED[stale_rev]
    server.behaviour.stale_rev = stale_rev
    errand = errand_of(server)
    errand.count = 2
    for priority in (2, 3):
        others(server, errand, priority=priority)

    result = errand.save(conflict="strict")

    assert (stored(server, errand)["priority"], errand.priority) == (3, 3)
    assert result.others_wrote is True
    assert result.foreign["priority"].new == 3
    assert result.overwritten == (("count",) if reported else ())


@pytest.mark.parametrize("mode", MERGING)
def test_what_is_merged_is_the_servers_and_never_the_caches(server: Emulator, mode: str) -> None:
    """Pitfall 81."""
    keeping = Client(server.api_key, base_url=server.url, cache=60, conflict=mode)
    id_ = server.world.add("conversation", name="a", priority=1)
    stale = Errand.using(keeping).get(id_)
    others(server, stale, priority=5)
    errand = Errand.using(keeping).get(id_)
    assert errand.priority == 1

    errand.name = "m"
    errand.save()

    assert (errand.priority, stored(server, errand)["priority"]) == (5, 5)
    assert Errand.using(keeping).get(id_).priority == 5


# -- verify ----------------------------------------------------------------------------------------


def test_verify_names_what_may_hide_a_newer_value(
    server: Emulator, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    errand = errand_of(server)
    errand.name = "m"
    others(server, errand, name="t", priority=2)

    with caplog.at_level(logging.WARNING, logger="kustomer_orm"):
        result = errand.save()

    assert (result.others_wrote, result.overwritten) == (True, ("name",))
    assert list(result.foreign) == ["priority"]
    assert "moved: priority; a newer value may have been overwritten: name" in caplog.text


def test_times_of_change_prove_others_where_the_revision_is_silent(
    server: Emulator, client: Client
) -> None:
    errand = errand_of(server)
    errand.name = "m"
    server.world.put_raw("conversation", str(errand.id), rev=None)
    errand.refresh()
    others(server, errand, priority=2)
    others(server, errand, priority=1)

    result = errand.save()

    assert (result.others_wrote, dict(result.foreign)) == (True, {})


def test_what_was_sent_though_it_was_equal_hides_nothing(server: Emulator, client: Client) -> None:
    """The times of change say that nobody has touched it since."""
    errand = errand_of(server)
    errand.touch("name")
    others(server, errand, priority=2)

    result = errand.save()

    assert (result.others_wrote, result.overwritten) == (True, ())


@pytest.mark.parametrize("mode", ["Careful", "safe", ""])
def test_an_unknown_mode_is_refused(server: Emulator, client: Client, mode: str) -> None:
    errand = errand_of(server)
    errand.name = "m"
    save: Callable[..., Any] = errand.save
    with pytest.raises(errors.ConfigurationError, match="conflict must be one of"):
        save(conflict=mode)


@pytest.mark.parametrize("mode", ["none", "verify", "careful", "strict"])
@pytest.mark.parametrize("rev", [1e300, -5, 2**53 + 1])
def test_a_revision_that_is_no_count_is_never_sent(
    server: Emulator, client: Client, mode: str, rev: Any
) -> None:
    errand = errand_of(server)
    server.world.put_raw("conversation", str(errand.id), rev=rev)
    errand.refresh()
    server.requests.clear()
    errand.name = "b"

    assert errand.save(conflict=mode)

    assert errand.rev is None or errand.rev >= 0
    assert stored(server, errand)["name"] == "b"
    assert all("rev" not in (body or {}) for _, body, _ in sent(server))
