"""`kustomer-orm set`: what crosses the wire, and what is told."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import Result

from kustomer_orm.emulator import Emulator, Fault

ID = "58228e05d4e96711004eccb7"
PATH = f"/v1/conversations/{ID}"
Run = Callable[..., Result]


def sent(server: Emulator) -> list[tuple[str, str, Any]]:
    """The writes that crossed the wire."""
    return [(x.method, x.path, x.body) for x in server.requests if x.method != "GET"]


@pytest.mark.parametrize(
    ("word", "body"),
    [
        ("name=Refund for order 1234", {"name": "Refund for order 1234"}),
        ("name=12.50", {"name": "12.50"}),
        ("name=a=b+=c", {"name": "a=b+=c"}),
        ("name=", {"name": ""}),
        ("name=null", {"name": None}),
        ("status=done", {"status": "done"}),
        ("priority=3", {"priority": 3}),
        ("satisfaction=-0.5", {"satisfaction": -0.5}),
        ("locked=true", {"locked": True}),
        ("locked=True", {"locked": True}),
        ("ended_at=2026-01-31T17:00:00+01:00", {"endedAt": "2026-01-31T16:00:00.000Z"}),
        ('tags=["refund","vip"]', {"tags": ["refund", "vip"]}),
        (f'assigned_users=["{ID}"]', {"assignedUsers": [ID]}),
        (f"queue={ID}", {"queue": {"id": ID}}),
        (
            'sentiment={"polarity":1,"confidence":0.5}',
            {"sentiment": {"polarity": 1, "confidence": 0.5}},
        ),
        (
            'snooze={"status":"scheduled","time":"2026-12-24T08:00:00Z"}',
            {"snooze": {"status": "scheduled", "time": "2026-12-24T08:00:00.000Z"}},
        ),
        ("custom.refundNum=12.5", {"custom": {"refundNum": 12.5}}),
        ("custom.orderNumberStr=0012", {"custom": {"orderNumberStr": "0012"}}),
        ("custom.noteTxt=[urgent] call", {"custom": {"noteTxt": "[urgent] call"}}),
        ('custom.coloursStr=["red","blue"]', {"custom": {"coloursStr": ["red", "blue"]}}),
        ("custom.vipBool=FALSE", {"custom": {"vipBool": False}}),
        ("custom.dueAt=2026-01-31T17:00:00.5Z", {"custom": {"dueAt": "2026-01-31T17:00:00.500Z"}}),
        ("custom.siteUrl=https://example.com/a", {"custom": {"siteUrl": "https://example.com/a"}}),
        ("custom.reasonTree=null", {"custom": {"reasonTree": None}}),
        (
            "custom.orderId=5826ab180fcc2514008b2a95",
            {"custom": {"orderId": "5826ab180fcc2514008b2a95"}},
        ),
    ],
)
def test_a_value_goes_out_by_the_kind_of_its_attribute(
    seeded: Emulator, run: Run, word: str, body: Any
) -> None:
    document = json.loads(run("set", "conversation", ID, word, "--plan", "--json").stdout)
    assert [each["body"] for each in document["requests"]] == [body]


def test_only_what_differs_is_sent_in_one_request_for_each_kind_of_change(
    seeded: Emulator, run: Run
) -> None:
    words = ["name=Refund", "status=open", "custom.refundNum=12.5", "custom.vipBool=true"]
    result = run("set", "conversation", ID, *words, "tags+=refund")
    assert result.exit_code == 0
    assert sent(seeded) == [
        ("PATCH", PATH, {"name": "Refund", "custom": {"refundNum": 12.5}}),
        ("POST", f"{PATH}/tags", ["refund"]),
    ]
    assert "Saved. Revision 3." in result.stdout
    assert "Nobody else wrote meanwhile." in result.stdout
    assert "stored otherwise" in result.stdout  # the tag's name became an id


def test_a_plan_sends_nothing_but_the_get(seeded: Emulator, run: Run) -> None:
    result = run("set", "conversation", ID, "name=Refund", "tags+=refund", "--plan")
    assert result.exit_code == 0
    assert "nothing was sent but the GET" in result.stdout
    lines = [line.strip() for line in result.stdout.splitlines()]
    assert f"PATCH {PATH}" in lines
    assert '{"name": "Refund"}' in lines
    assert f"POST {PATH}/tags" in lines
    assert [each.method for each in seeded.requests] == ["GET"]


def test_equal_values_make_no_write(seeded: Emulator, run: Run) -> None:
    result = run("set", "conversation", ID, "name=Hi", "custom.refundAmountNum=9.50")
    assert result.exit_code == 0
    assert "Nothing to save" in result.stdout
    assert [each.method for each in seeded.requests] == ["GET"]


def test_an_item_is_taken_from_a_list(seeded: Emulator, run: Run) -> None:
    keep, gone = seeded.world.tag_id("damaged"), seeded.world.tag_id("late")
    seeded.world.add_tags("conversation", ID, ["late"])
    result = run("set", "conversation", ID, f"tags-={gone}", f"tags+={keep}")
    assert result.exit_code == 0
    assert sent(seeded) == [("PATCH", PATH, {"tags": [keep]})]


def test_related_records_are_added_and_taken_by_their_ids(seeded: Emulator, run: Run) -> None:
    before = seeded.world.get("conversation", ID)["attributes"]["assignedUsers"]
    other = next(id_ for id_ in seeded.world.ids("user") if id_ not in before)
    run("set", "conversation", ID, f"assigned_users-={before[0]}", f"assigned_users+={other}")
    assert sent(seeded) == [("PATCH", PATH, {"assignedUsers": [other]})]


def test_related_records_are_shown_by_their_ids(seeded: Emulator, run: Run) -> None:
    before = seeded.world.get("conversation", ID)["relationships"]["queue"]["data"]["id"]
    result = run("set", "conversation", ID, f"queue={ID}", "--plan")
    assert f"queue {before} {ID}" in " ".join(result.stdout.split())


def test_a_record_is_found_by_its_external_id(seeded: Emulator, run: Run) -> None:
    run("set", "conversation", "--external-id", "shop-1234", "name=Refund")
    assert sent(seeded) == [("PATCH", PATH, {"name": "Refund"})]


def test_every_bad_value_gets_a_line_and_nothing_is_sent(seeded: Emulator, run: Run) -> None:
    words = {
        "nmae=x": "did you mean 'name'?",
        "status=closed": "expected one of 'open', 'snoozed', 'done'",
        "message_count=3": "read-only",
        "priority=high": "expected a whole number from 1 to 5",
        "custom.dueAt=2026-01-31T17:00:00": "custom.dueAt: expected an instant with its zone",
        "ended_at=tomorrow": "ended_at: expected an instant with its zone",
        "custom.refundNum=12,50": "expected a number",
        "custom.colour=red": "expected a key that ends in one of Str",
        'snooze={"status":"scheduled","time":"2026-12-24"}': "snooze: expected an instant with",
        'sentiment={"polarity":': "expected a dict",
        "tags-=late": "it is read as ids",
        "name+=x": "expected a list, for +=",
    }
    result = run("set", "conversation", ID, "locked=true", *words)
    assert result.exit_code == 2
    lines = result.stderr.splitlines()
    assert len(lines) == len(words)
    for complaint in words.values():
        assert any(complaint in line for line in lines), complaint
    assert all(line.startswith("Error: ") for line in lines)
    assert sent(seeded) == []


def test_a_bad_item_of_a_list_is_refused_before_it_is_sent(seeded: Emulator, run: Run) -> None:
    result = run("set", "conversation", ID, "name=Refund", "tags+=#!", "--plan")
    assert result.exit_code == 2
    assert "Conversation.tags[…]" in result.stderr
    assert sent(seeded) == []


@pytest.mark.parametrize(
    ("words", "complaints"),
    [
        ([ID, "refund", "name"], ["'refund' is no assignment", "'name' is no assignment"]),
        ([ID, "name=a", "name=b"], ["name is assigned twice"]),
        ([ID], ["nothing to set"]),
        (["--external-id", "a", ID], ["is no assignment"]),
    ],
)
def test_a_misshapen_command_is_refused_without_a_request(
    server: Emulator, run: Run, words: list[str], complaints: list[str]
) -> None:
    result = run("set", "conversation", *words)
    assert result.exit_code == 2
    lines = result.stderr.splitlines()
    assert len(lines) == len(complaints)
    assert all(complaint in line for complaint, line in zip(complaints, lines, strict=True))
    assert server.requests == []


def test_others_who_wrote_meanwhile_are_reported(seeded: Emulator, run: Run) -> None:
    def colleague(_: Any) -> None:
        seeded.world.edit("conversation", ID, status="done")

    seeded.faults.add(Fault.before(colleague, method="PATCH"))
    result = run("set", "conversation", ID, "name=Refund")
    words = " ".join(result.stdout.split())
    assert result.exit_code == 0
    assert "Somebody else wrote since the record was loaded" in words
    assert "status open done" in words


def test_json_tells_what_the_save_has_done(seeded: Emulator, run: Run) -> None:
    result = run("set", "conversation", ID, "name=Refund", "--json")
    assert json.loads(result.stdout) == {
        "type": "conversation",
        "id": ID,
        "saved": True,
        "requests": [{"method": "PATCH", "path": PATH, "body": {"name": "Refund"}}],
        "changes": {"name": {"old": "Hi", "new": "Refund"}},
        "rev": 2,
        "confirmed": True,
        "others_wrote": False,
        "adjusted": {},
        "foreign": {},
    }


def test_an_answer_that_was_cut_short_is_said(seeded: Emulator, run: Run) -> None:
    seeded.faults.add(Fault.truncated_json(method="PATCH"))
    result = run("set", "conversation", ID, "name=Refund")
    assert result.exit_code == 0
    assert "Saved. Revision unknown." in result.stdout
    assert "The answer was cut short" in result.stdout
    assert "Whether somebody else wrote meanwhile cannot be told." in result.stdout


def test_a_save_that_fails_halfway_tells_what_was_saved(seeded: Emulator, run: Run) -> None:
    seeded.faults.add(Fault.status(403, method="POST"))
    result = run("set", "conversation", ID, "name=Refund", "priority=1", "tags+=refund")
    first, second = result.stderr.splitlines()
    assert result.exit_code == 1
    assert first.startswith(f"Error: POST {PATH}/tags: 403")
    assert second == "Error: saved before that: name, priority"
