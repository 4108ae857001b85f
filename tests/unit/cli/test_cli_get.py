"""`kustomer-orm get`."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from click.testing import Result

from kustomer_orm.emulator import Emulator, Fault

ID = "58228e05d4e96711004eccb7"
Run = Callable[..., Result]


def cells(result: Result) -> dict[str, str]:
    """The rows of the table: attribute and value."""
    rows = [line.strip().split("  ", 1) for line in result.stdout.splitlines() if "  " in line]
    return {row[0]: row[1].strip() for row in rows if len(row) == 2}


def test_a_conversation_is_shown_with_relations_as_ids_and_custom_keys(
    seeded: Emulator, run: Run
) -> None:
    result = run("get", "conversation", ID)
    stored = seeded.world.get("conversation", ID)
    shown = cells(result)
    assert result.exit_code == 0
    assert shown["name"] == "Hi"
    assert shown["customer"] == stored["relationships"]["customer"]["data"]["id"]
    assert shown["custom.refundAmountNum"] == "9.5"
    assert shown["custom.vipBool"] == "true"
    assert shown["custom.dueAt"] == "2026-12-01T17:00:00+00:00"
    assert [each.method for each in seeded.requests] == ["GET"]


@pytest.mark.parametrize("kind", ["customer", "user"])
def test_other_types_are_shown_too(server: Emulator, run: Run, kind: str) -> None:
    id_ = server.world.add(kind, name="Nora Whitfield")
    assert cells(run("get", kind, id_))["name"] == "Nora Whitfield"


def test_json_holds_values_and_iso_instants(seeded: Emulator, run: Run) -> None:
    found = json.loads(run("get", "conversation", ID, "--json").stdout)
    stored = seeded.world.get("conversation", ID)["attributes"]
    assert found["id"] == ID
    assert found["tags"] == stored["tags"]
    assert found["custom"]["dueAt"] == "2026-12-01T17:00:00+00:00"
    assert found["custom"]["complaintTxt"] == stored["custom"]["complaintTxt"]


def test_a_record_is_found_by_its_external_id(seeded: Emulator, run: Run) -> None:
    result = run("get", "conversation", "--external-id", "shop-1234", "--json")
    assert json.loads(result.stdout)["id"] == ID
    assert [each.path for each in seeded.requests] == ["/v1/conversations/externalId=shop-1234"]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["conversation"], "give the record's id, or --external-id VALUE"),
        (["conversation", ID, "--external-id", "a"], "give the record's id, or --external-id"),
        (["user", "--external-id", "a"], "a user cannot be looked up by an external id"),
        (["conversation", "../x"], "Conversation.id: expected an id"),
        (["kangaroo", "a"], "is not one of 'conversation', 'customer', 'user'"),
    ],
)
def test_a_wrong_place_is_refused_without_a_request(
    server: Emulator, run: Run, words: list[str], complaint: str
) -> None:
    result = run("get", *words)
    assert result.exit_code == 2
    assert complaint in result.stderr
    assert server.requests == []


def test_an_api_error_is_one_line_and_exit_1(server: Emulator, run: Run) -> None:
    result = run("get", "conversation", ID)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"Error: GET /v1/conversations/{ID}: 404")
    assert len(result.stderr.splitlines()) == 1
    assert result.stdout == ""
    assert len(server.requests) == 1


def test_a_wrong_key_is_an_error_that_does_not_show_it(server: Emulator, run: Run) -> None:
    result = run("get", "conversation", ID, KUSTOMER_API_KEY="secret-of-another")
    assert result.exit_code == 1
    assert "401" in result.stderr
    assert "secret-of-another" not in result.output


def test_what_could_steer_a_terminal_is_escaped(server: Emulator, run: Run) -> None:
    id_ = server.world.add("conversation", name="\x1b[2J[red]gone[/red]\x9b1m")
    assert cells(run("get", "conversation", id_))["name"] == r"\u001b[2J[red]gone[/red]\u009b1m"
    as_json = run("get", "conversation", id_, "--json").stdout
    assert "\x9b" not in as_json
    assert json.loads(as_json)["name"] == "\x1b[2J[red]gone[/red]\x9b1m"


def test_what_the_server_says_is_escaped_too(server: Emulator, run: Run) -> None:
    body = {"errors": [{"status": 400, "code": "badparam", "title": "\x1b[2J"}]}
    server.faults.add(Fault.status(400, body=body))
    result = run("get", "conversation", ID)
    assert result.exit_code == 1
    assert r"badparam, \u001b[2J" in result.stderr


def test_masked_and_unreadable_values_do_not_hide_the_others(seeded: Emulator, run: Run) -> None:
    seeded.world.mask("conversation", "name")
    seeded.world.put_raw("conversation", ID, custom={"refundAmountNum": "a lot"})
    shown = cells(run("get", "conversation", ID))
    assert shown["name"] == "(masked)"
    assert shown["custom.refundAmountNum"] == "a lot"
    assert shown["custom.orderNumberStr"] == "1234"
    found = json.loads(run("get", "conversation", ID, "--json").stdout)
    assert found["name"] == {"isMasked": True, "maskedPresentation": "********"}
