"""`kustomer-orm doctor --check-rev`: each server is named rightly, the record left as it was."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import Result

from kustomer_orm.emulator import Emulator, Fault

Run = Callable[..., Result]

SERVERS = {
    "conflict": ("refused", "refused", "strict enforces", "ok"),
    "conflict_on_put": ("ignored", "refused", "strict only by PUT", "ok"),
    "ignore": ("ignored", "ignored", "strict does not enforce", "warn"),
    "store": ("stored", "stored", "strict does not enforce", "warn"),
}
MOVE_BY_THEMSELVES = {"rev", "updatedAt", "modifiedAt", "modificationHistory"}


def kept(server: Emulator, id_: str) -> dict[str, Any]:
    """All that a person sees of a record."""
    resource = server.world.get("conversation", id_)
    attributes = resource["attributes"]
    seen = {name: attributes[name] for name in attributes.keys() - MOVE_BY_THEMSELVES}
    related = {k: v for k, v in resource["relationships"].items() if k != "modifiedBy"}
    return seen | related


def examined(run: Run, id_: str, **environ: str) -> tuple[int, dict[str, Any], dict[str, Any]]:
    """Run it for a machine; the exit status, the facts, and the checks by name."""
    result = run("doctor", "--json", "--check-rev", id_, **environ)
    document = json.loads(result.stdout)
    checks = {each.pop("check"): each for each in document["checks"]}
    return result.exit_code, document["revisions"], checks


def about(server: Emulator, id_: str) -> list[tuple[str, Any]]:
    path = f"/v1/conversations/{id_}"
    return [(each.method, each.body) for each in server.requests if each.path == path]


def conversation(server: Emulator, **values: Any) -> str:
    return server.world.add("conversation", **{"name": "Secret", "priority": 5, **values})


# -- the four servers ------------------------------------------------------------------------------


@pytest.mark.parametrize("rev", [0, 1, 2, 60])
@pytest.mark.parametrize("bumps", [True, False], ids=["noop adds", "noop adds nothing"])
@pytest.mark.parametrize("stale_rev", SERVERS)
def test_each_server_is_named_rightly_and_nothing_is_left_behind(
    server: Emulator, run: Run, stale_rev: Any, *, bumps: bool, rev: int
) -> None:
    server.behaviour.stale_rev = stale_rev
    server.behaviour.noop_bumps_rev = bumps
    id_ = conversation(server, tags=["vip"], custom={"noteTxt": "n"})
    server.world.put_raw("conversation", id_, rev=rev)
    before = kept(server, id_)

    status, facts, checks = examined(run, id_)

    by_patch, by_put, strict, verdict = SERVERS[stale_rev]
    assert facts == {
        "attribute": "priority",
        "noop_adds": int(bumps),
        "save_adds": 1,
        "takes_current": True,
        "stale_by_patch": by_patch,
        "stale_by_put": by_put,
        "strict": strict,
        "problem": None,
        "differs": [],
        "maybe_overwritten": [],
    }
    assert (status, checks["conflict modes"]["verdict"]) == (0, verdict)
    assert checks["conflict modes"]["seen"].startswith(strict)
    assert checks["the record afterwards"]["verdict"] == "ok"
    assert "of 600 updates" in checks["object limit"]["seen"]
    assert kept(server, id_) == before
    assert server.world.get("conversation", id_)["attributes"]["rev"] > rev
    assert 6 <= len(about(server, id_)) <= 13  # as the reference says


def test_where_a_write_that_changes_nothing_counts_no_value_is_changed(
    server: Emulator, run: Run
) -> None:
    id_ = conversation(server)
    server.world.put_raw("conversation", id_, rev=7)
    result = run("doctor", "--check-rev", id_)
    assert about(server, id_) == [
        ("GET", None),
        ("PATCH", {"priority": 5}),
        ("PUT", {"priority": 5, "rev": 8}),
        ("PATCH", {"priority": 5, "rev": 7}),
        ("PUT", {"priority": 5, "rev": 7}),
        ("GET", None),
    ]
    assert result.stderr == ""
    assert "Secret" not in result.output


def test_a_value_that_has_to_be_changed_is_announced_and_put_back(
    server: Emulator, run: Run
) -> None:
    server.behaviour.noop_bumps_rev = False
    id_ = conversation(server, priority=2)
    result = run("doctor", "--check-rev", id_)
    assert "the priority 2 of the conversation is changed to 3 and put back" in result.stderr
    sent = [body["priority"] for _, body in about(server, id_) if body]
    assert set(sent) == {2, 3}
    assert kept(server, id_)["priority"] == 2


def test_where_strict_is_configured_a_server_that_does_not_enforce_is_a_failure(
    server: Emulator, run: Run
) -> None:
    server.behaviour.stale_rev = "ignore"
    status, _, checks = examined(run, conversation(server), KUSTOMER_CONFLICT="strict")
    assert (status, checks["conflict modes"]["verdict"]) == (1, "fail")


def test_what_a_server_that_stores_makes_of_strict_is_said(server: Emulator, run: Run) -> None:
    server.behaviour.stale_rev = "store"
    checks = examined(run, conversation(server))[2]
    assert "sets the revision back" in checks["conflict modes"]["seen"]
    assert "do not use it" in checks["conflict modes"]["advice"]


@pytest.mark.parametrize(("status", "verdict"), [(409, "ok"), (412, "warn"), (400, "warn")])
def test_a_refusal_with_another_status_is_none_that_strict_understands(
    server: Emulator, run: Run, status: int, verdict: str
) -> None:
    id_ = conversation(server)
    server.world.put_raw("conversation", id_, rev=7)
    server.faults.add(
        Fault.status(status, method="PATCH", skip=1), Fault.status(status, method="PUT", skip=1)
    )
    _, facts, checks = examined(run, id_)
    assert (facts["stale_by_patch"], facts["stale_by_put"]) == ("refused", "refused")
    assert checks["stale rev by PUT"]["seen"] == f"refused with {status}"
    assert checks["conflict modes"]["verdict"] == verdict


def test_a_server_that_refuses_even_the_current_revision(server: Emulator, run: Run) -> None:
    id_ = conversation(server)
    server.faults.add(Fault.status(400, method="PUT", times=None))
    status, facts, checks = examined(run, id_)
    assert (facts["takes_current"], facts["strict"]) == (False, "strict cannot save")
    assert "even the current revision is refused with 400" in checks["conflict modes"]["seen"]
    assert (status, facts["save_adds"]) == (1, 1)


# -- others write meanwhile ------------------------------------------------------------------------


@pytest.mark.parametrize("bumps", [True, False])
@pytest.mark.parametrize("stale_rev", SERVERS)
@pytest.mark.parametrize("at", [0, 1, 2, 3, 4, 5, 7])
def test_what_others_write_meanwhile_is_never_taken_for_the_servers_doing(
    server: Emulator, run: Run, stale_rev: Any, *, bumps: bool, at: int
) -> None:
    """It says to try again, or comes to the right verdict all the same."""
    server.behaviour.stale_rev = stale_rev
    server.behaviour.noop_bumps_rev = bumps
    id_ = conversation(server)
    server.world.put_raw("conversation", id_, rev=7)
    server.faults.add(
        Fault.before(
            lambda _: server.world.edit("conversation", id_, name="theirs"),
            path=f"/v1/conversations/{id_}",
            skip=at,
        )
    )

    status, facts, checks = examined(run, id_)

    if facts["problem"]:
        assert status == 1
        assert "somebody wrote meanwhile" in checks["conflict modes"]["seen"]
        assert checks["conflict modes"]["verdict"] == "unknown"
    else:
        by_patch, by_put, strict, _ = SERVERS[stale_rev]
        assert (facts["stale_by_patch"], facts["stale_by_put"]) == (by_patch, by_put)
        assert (facts["noop_adds"], facts["strict"]) == (int(bumps), strict)
    assert kept(server, id_)["priority"] == 5
    if server.faults:  # it came to its end before
        assert at > 5
    elif at > 0:
        assert kept(server, id_)["name"] == "theirs"


def test_what_others_have_changed_is_named_and_left_alone(server: Emulator, run: Run) -> None:
    id_ = conversation(server)
    edit = server.world.edit
    server.faults.add(
        Fault.before(lambda _: edit("conversation", id_, name="theirs"), method="PUT")
    )
    status, facts, checks = examined(run, id_)
    assert (status, facts["differs"]) == (1, ["name"])
    assert "others may have done that" in checks["the record afterwards"]["seen"]
    assert "theirs" not in json.dumps(checks)


@pytest.mark.parametrize("bumps", [True, False])
@pytest.mark.parametrize("stale_rev", SERVERS)
@pytest.mark.parametrize("at", [1, 2, 3, 4])
def test_a_value_of_others_that_may_have_been_overwritten_is_named(
    server: Emulator, run: Run, stale_rev: Any, *, bumps: bool, at: int
) -> None:
    server.behaviour.stale_rev = stale_rev
    server.behaviour.noop_bumps_rev = bumps
    id_ = conversation(server)
    server.world.put_raw("conversation", id_, rev=7)
    server.faults.add(
        Fault.before(
            lambda _: server.world.edit("conversation", id_, priority=1),
            path=f"/v1/conversations/{id_}",
            skip=at,
        )
    )

    status, facts, checks = examined(run, id_)

    after = checks["the record afterwards"]
    if kept(server, id_)["priority"] == 1:  # not written over: then it differs
        assert (status, facts["differs"]) == (1, ["priority"])
    elif facts["problem"]:
        assert (status, facts["maybe_overwritten"]) == (1, ["priority"])
        assert after["verdict"] == "warn"
        assert "somebody's new priority may have been overwritten with the 5" in after["seen"]
        assert "every value is as it was" not in after["seen"]
    else:  # the revision that was stored hides the one that the other write made
        assert stale_rev == "store"
        assert "whether somebody wrote meanwhile cannot be told" in after["seen"]


# -- what goes wrong half-way ----------------------------------------------------------------------


@pytest.mark.parametrize("fault", [Fault.cut_before, Fault.cut_after, Fault.cut_inside, Fault.html])
@pytest.mark.parametrize("at", [0, 2, 3, 4])
@pytest.mark.parametrize("stale_rev", ["conflict", "store"])
def test_a_write_that_goes_wrong_ends_it_and_the_record_is_put_back(
    server: Emulator, run: Run, fault: Any, at: int, stale_rev: Any
) -> None:
    server.behaviour.stale_rev = stale_rev
    server.behaviour.noop_bumps_rev = False
    id_ = conversation(server)
    server.world.put_raw("conversation", id_, rev=7)
    before = kept(server, id_)
    server.faults.add(fault(path=f"/v1/conversations/{id_}", skip=at))

    status, facts, checks = examined(run, id_)

    if stale_rev == "conflict" and (at, fault) == (4, Fault.cut_inside):
        assert facts["strict"] == "strict enforces"  # the status of a refusal says all
    else:
        assert (status, facts["strict"]) == (1, None)
        assert facts["problem"]
        assert checks["conflict modes"]["verdict"] == "unknown"
    assert checks["the record afterwards"]["verdict"] == "ok"
    assert kept(server, id_) == before


@pytest.mark.parametrize("at", range(6))
def test_an_interrupt_puts_the_record_back_and_says_so(server: Emulator, run: Run, at: int) -> None:
    server.behaviour.noop_bumps_rev = False
    id_ = conversation(server)
    server.world.put_raw("conversation", id_, rev=7)
    before = kept(server, id_)
    main = threading.main_thread().ident
    assert main is not None
    server.faults.add(
        Fault.after(
            lambda _: signal.pthread_kill(main, signal.SIGINT),
            path=f"/v1/conversations/{id_}",
            skip=at,
        )
    )

    status, facts, checks = examined(run, id_)

    assert (status, facts["problem"]) == (1, "interrupted")
    written = "nothing was written" if at == 0 else "every value is as it was"
    assert written in checks["the record afterwards"]["seen"]
    assert kept(server, id_) == before


def test_a_record_that_cannot_be_put_back_is_named(server: Emulator, run: Run) -> None:
    server.behaviour.noop_bumps_rev = False
    id_ = conversation(server)
    server.faults.add(Fault.status(403, method="PATCH", skip=2, times=None))
    status, facts, checks = examined(run, id_)
    after = checks["the record afterwards"]
    assert (status, after["verdict"], after["advice"]) == (1, "fail", "set its priority to 5")
    assert "403" in facts["problem"]


@pytest.mark.parametrize("status", [401, 403])
def test_a_missing_role_is_told_from_a_bad_key(server: Emulator, run: Run, status: Any) -> None:
    server.behaviour.roles = ["org.permission.conversation.read"]
    server.behaviour.missing_role_status = status
    code, facts, checks = examined(run, conversation(server))
    assert (code, checks["key"]["verdict"]) == (1, "ok")
    assert "role" in facts["problem"]
    assert checks["the record afterwards"]["verdict"] == "ok"


def test_a_spent_budget_ends_it_and_the_record_is_looked_at(server: Emulator, run: Run) -> None:
    id_ = conversation(server)
    server.faults.add(Fault.status(429, method="PUT"))
    status, facts, _ = examined(run, id_)
    assert (status, "429" in facts["problem"]) == (1, True)


# -- what cannot be examined -----------------------------------------------------------------------


def test_a_masked_priority_is_not_sent_and_another_attribute_is(server: Emulator, run: Run) -> None:
    server.world.mask("conversation", "priority")
    id_ = conversation(server)
    status, facts, _ = examined(run, id_)
    assert (status, facts["attribute"], facts["strict"]) == (0, "direction", "strict enforces")
    assert all(set(body) <= {"direction", "rev"} for _, body in about(server, id_) if body)


@pytest.mark.parametrize("cleared", ["absent", "null"])
def test_a_cleared_attribute_stays_as_it_is(server: Emulator, run: Run, cleared: Any) -> None:
    server.behaviour.cleared_attribute = cleared
    id_ = conversation(server, externalId="A-1")
    server.world.edit("conversation", id_, externalId=None)
    before = kept(server, id_)
    assert examined(run, id_)[0] == 0
    assert kept(server, id_) == before


@pytest.mark.parametrize("masks", [("priority", "direction"), ("rev",)])
def test_a_record_that_shows_too_little_is_not_written_to(
    server: Emulator, run: Run, masks: tuple[str, ...]
) -> None:
    for name in masks:
        server.world.mask("conversation", name)
    id_ = conversation(server)
    status, facts, checks = examined(run, id_)
    assert (status, facts["strict"]) == (1, None)
    assert checks["the record afterwards"]["seen"] == "nothing was written to it"
    assert [method for method, _ in about(server, id_)] == ["GET"]


def test_a_direction_is_never_changed(server: Emulator, run: Run) -> None:
    server.behaviour.noop_bumps_rev = False
    server.world.mask("conversation", "priority")
    id_ = conversation(server)
    assert "take another one" in examined(run, id_)[1]["problem"]
    assert [body for _, body in about(server, id_) if body] == [{"direction": "in"}]


def test_a_conversation_that_is_not_there_is_one_row(server: Emulator, run: Run) -> None:
    status, facts, checks = examined(run, "5f00000000000000000000aa")
    assert (status, "404" in facts["problem"]) == (1, True)
    assert checks["conversation"] == {
        "verdict": "fail",
        "seen": "no such conversation",
        "advice": "give the id of one that this key can read",
    }
    assert not checks.keys() & {"conflict modes", "stale rev by PUT", "the record afterwards"}
    assert "404" not in json.dumps(checks)


@pytest.mark.parametrize("rev", [-400, -1, 2**53 + 1, 10**300, 1e300, 7.5, True])
def test_a_revision_that_is_no_count_is_not_examined(server: Emulator, run: Run, rev: Any) -> None:
    id_ = conversation(server)

    def odd(document: Any) -> Any:
        document["data"]["attributes"]["rev"] = rev
        return document

    server.faults.add(Fault.answer(odd, path=f"/v1/conversations/{id_}", times=None))
    status, facts, checks = examined(run, id_)
    assert (status, facts["strict"]) == (1, None)
    assert checks["conflict modes"]["verdict"] == "unknown"
    assert checks["the record afterwards"]["seen"] == "nothing was written to it"
    assert [method for method, _ in about(server, id_)] == ["GET"]


def test_what_is_no_id_is_bad_input_and_nothing_is_sent(server: Emulator, run: Run) -> None:
    result = run("doctor", "--check-rev", "../x")
    assert result.exit_code == 2
    assert server.requests == []


def test_without_a_good_key_the_record_is_left_alone(server: Emulator, run: Run) -> None:
    status, facts, _ = examined(run, conversation(server), KUSTOMER_API_KEY="wrong")
    assert (status, facts["problem"]) == (1, "not looked at: the key was not accepted")
    assert len(server.requests) == 1
