"""What a body may hold: every writable attribute's type, limit and place, and the errors."""

from collections.abc import Callable
from typing import Any

import pytest
import requests

from kustomer_orm.emulator import Emulator
from kustomer_orm.emulator.kinds import KINDS
from kustomer_orm.emulator.rules import attributes, data

Send = Callable[..., requests.Response]
ID = "5f0000000000000000000abc"
TIME = "2026-03-01T10:00:00.000Z"

LEVEL = {"createdAt": TIME, "status": "rated"}
TAKEN_BY_UPDATE: dict[str, list[Any]] = {
    "externalId": ["", "x" * 256, None],
    "name": ["", "x" * 256, None],
    "status": ["open", "snoozed", "done"],
    "subStatus": [ID],
    "snooze": [{"status": "scheduled", "time": TIME}, {"status": "canceled"}],
    "priority": [1, 5],
    "direction": ["in", "out"],
    "replyChannel": ["email", "x" * 256, None],
    "tags": [[], ["a", "ÿ-b/<c>.d e", ID], [f"t{n}" for n in range(20)], ["x" * 64]],
    "suggestedTags": [[], [{"tag": "a", "confidence": 7}]],
    "suggestedShortcuts": [[], [{"shortcutId": "s", "confidence": -1}]],
    "assignedUsers": [[], [ID], [f"{n:024x}" for n in range(10)]],
    "assignedTeams": [[], [ID]],
    "custom": [{}, {"aStr": "x"}],
    "satisfaction": [-1, 0.5, 1, None],
    "satisfactionLevel": [LEVEL, {**LEVEL, "rating": 10, "score": 1, "sentByTeams": [ID]}],
    "sentiment": [{"polarity": -1, "confidence": 0.5}],
    "defaultLang": ["en_us", "x" * 100, None],
    "queue": [{"id": ID}, {"external": "amazon-connect"}, {"id": None}, {"external": None}],
    "deleted": [True, False, None],
    "ended": [True, False],
    "endedAt": [TIME, "2026-03-01T10:00:00+02:00"],
    "endedReason": ["", "x" * 128],
    "endedBy": [ID],
    "endedByType": ["user", "customer"],
    "locked": [True, False],
    "rev": [1],
}
REFUSED_BY_UPDATE: dict[str, list[Any]] = {
    "externalId": ["x" * 257, 5],
    "name": ["x" * 257, 5, ["x"]],
    "status": ["closed", None, "", 1],
    "subStatus": ["waiting", None, 5],
    "snooze": [{}, {"time": TIME}, {"status": "scheduled", "statusAt": TIME}, None, "scheduled"],
    "priority": [0, 6, 2.5, "3", True, None],
    "direction": ["up", None],
    "replyChannel": ["x" * 257],
    "tags": [None, "a", ["a", "a"], [f"t{n}" for n in range(21)], ["x" * 65], [""], ["a\n"], [1]],
    "suggestedTags": [None, [{"tag": "a"}], [{"confidence": 1}]],
    "suggestedShortcuts": [None, [{"shortcutId": "s", "confidence": 2}]],
    "assignedUsers": [None, ["ada"], [ID, ID], [f"{n:024x}" for n in range(11)]],
    "assignedTeams": [None, ["refunds"]],
    "custom": [None, [], {f"a{n}Num": n for n in range(101)}],
    "satisfaction": [-1.1, 2, "1", True],
    "satisfactionLevel": [None, {}, {"status": "rated"}, {**LEVEL, "answers": []}],
    "sentiment": [None, {}, {"polarity": 2, "confidence": 0}, {"polarity": 1}],
    "defaultLang": ["x" * 101, 1],
    "queue": [None, {}, {"name": "Billing"}, {"external": "other"}, ID],
    "deleted": ["true", 1],
    "ended": [None, 1],
    "endedAt": [None, "yesterday", "2026-03-01", "2026-13-01T00:00:00Z", 5],
    "endedReason": [None, "x" * 129],
    "endedBy": [None, "ada"],
    "endedByType": [None, "team"],
    "locked": [None, "no"],
    "rev": [None, "1", True],
}
TAKEN_BY_CREATE: dict[str, list[Any]] = {
    "id": [ID],
    "externalId": ["x" * 256],
    "name": ["x" * 256],
    "status": ["open", "done"],
    "priority": [1, 5],
    "direction": ["in", "out"],
    "replyChannel": ["email", None],
    "tags": [["a", "b"]],
    "assignedUsers": [[ID]],
    "assignedTeams": [[ID]],
    "custom": [{"aStr": "x"}],
    "defaultLang": ["en_us", None],
    "queue": [{"id": ID}, {"external": "amazon-connect"}],
    "createdAt": [TIME],
    "importedAt": [TIME],
}
REFUSED_BY_CREATE: dict[str, list[Any]] = {
    "id": ["mine", None],
    "externalId": [None],
    "name": [None],
    "status": ["snoozed"],
    "customer": [None, "nora"],
    "campaign": [ID],
    "createdAt": [None, "now"],
}


def cases(table: dict[str, list[Any]]) -> list[Any]:
    """One parameter set for every value of a table."""
    return [
        pytest.param(name, value, id=f"{name}-{number}")
        for name, values in table.items()
        for number, value in enumerate(values)
    ]


def test_the_tables_speak_of_every_writable_attribute() -> None:
    rules = attributes("conversation")
    update = {name for name, rule in rules.items() if rule["update"]} - {"customer"}
    create = {name for name, rule in rules.items() if rule["create"]} - {"customer", "campaign"}

    assert set(TAKEN_BY_UPDATE) == update
    assert set(REFUSED_BY_UPDATE) == update
    assert set(TAKEN_BY_CREATE) == create


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
@pytest.mark.parametrize(("name", "value"), cases(TAKEN_BY_UPDATE))
def test_an_update_takes_what_the_contract_allows(
    server: Emulator, send: Send, method: str, name: str, value: Any
) -> None:
    ident = server.world.add("conversation")

    answer = send(method, f"conversations/{ident}", json={name: value})

    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(("name", "value"), cases(REFUSED_BY_UPDATE))
def test_an_update_refuses_what_the_contract_forbids(
    server: Emulator, send: Send, name: str, value: Any
) -> None:
    ident = server.world.add("conversation")
    before = server.world.get("conversation", ident)
    innocent = {"ended" if name == "locked" else "locked": True}

    answer = send("PATCH", f"conversations/{ident}", json={name: value, **innocent})

    assert answer.status_code == 400, answer.text
    assert all(f"/properties/{name}" in each["detail"] for each in answer.json()["errors"][:1])
    assert server.world.get("conversation", ident) == before


@pytest.mark.parametrize(("name", "value"), cases(TAKEN_BY_CREATE))
def test_a_create_takes_what_the_contract_allows(
    server: Emulator, send: Send, name: str, value: Any
) -> None:
    customer = server.world.add("customer", name="Nora")

    answer = send("POST", "conversations", json={"customer": customer, name: value})
    below = send("POST", f"customers/{customer}/conversations", json={name: value})

    assert answer.status_code == 201, answer.text
    assert below.status_code == (409 if name in {"id", "externalId"} else 201), below.text


@pytest.mark.parametrize(("name", "value"), cases(REFUSED_BY_CREATE))
def test_a_create_refuses_what_the_contract_forbids(
    server: Emulator, send: Send, name: str, value: Any
) -> None:
    customer = server.world.add("customer", name="Nora")

    answer = send("POST", "conversations", json={"customer": customer} | {name: value})

    assert answer.status_code == 400, answer.text
    assert server.world.ids("conversation") == []


@pytest.mark.parametrize("name", sorted(set(TAKEN_BY_UPDATE) - set(TAKEN_BY_CREATE)))
def test_a_create_refuses_what_only_an_update_takes(
    server: Emulator, send: Send, name: str
) -> None:
    customer = server.world.add("customer", name="Nora")
    body = {"customer": customer, name: TAKEN_BY_UPDATE[name][0]}

    answer = send("POST", "conversations", json=body)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["source"] == {"parameter": name}


@pytest.mark.parametrize(
    "name", [*data("conversation")["read_only"], "id", "createdAt", "importedAt", "brand", "nmae"]
)
def test_a_read_only_or_unknown_key_spoils_the_whole_update(
    server: Emulator, send: Send, name: str
) -> None:
    ident = server.world.add("conversation", name="Before")

    answer = send("PATCH", f"conversations/{ident}", json={"name": "After", name: None})

    assert answer.status_code == 400
    assert answer.json() == {
        "errors": [
            {
                "status": 400,
                "source": {"parameter": name},
                "code": "badparam",
                "title": "Additional properties not allowed",
                "detail": "/additionalProperties",
            }
        ]
    }
    assert server.world.get("conversation", ident)["attributes"]["name"] == "Before"


def test_a_customer_is_required_to_create(send: Send) -> None:
    answer = send("POST", "conversations", json={"name": "x"})

    assert answer.status_code == 400
    assert answer.json()["errors"] == [
        {
            "status": 400,
            "source": {"parameter": "customer"},
            "code": "badparam",
            "title": "Missing required property",
            "detail": "/required",
        }
    ]


def test_a_customer_in_the_path_must_not_be_in_the_body(server: Emulator, send: Send) -> None:
    customer = server.world.add("customer", name="Nora")
    path = f"customers/{customer}/conversations"

    assert send("POST", path, json={"customer": customer}).status_code == 400
    assert send("POST", path, json={"campaign": ID}).status_code == 201


CUSTOM_TAKEN: dict[str, list[Any]] = {
    "aStr": ["", "x" * 1024, None],
    "aTxt": ["line\nline", "x" * 1024, None],
    "aNum": [0, -1.5, 102701236227, 1e300, None],
    "anAt": [TIME, "2016-11-06T13:54:29-05:00", "2026-03-01t10:00:00.123456z", None],
    "aBool": [True, False, None],
    "aUrl": ["https://example.com/a?b=c#d", "mailto:a@example.com", None],
    "anId": [ID, [ID], [], None],
    "aTree": ["incidents.late", "x" * 2000, None],
    "@odd name.Num": [1],
}
CUSTOM_REFUSED: dict[str, list[Any]] = {
    "aStr": ["x" * 1025, 1, True, ["x"], {"isMasked": True, "maskedPresentation": "*"}],
    "aTxt": ["x" * 1025, 1, ["x"]],
    "aNum": ["1", True, [1], {}],
    "anAt": ["tomorrow", "2026-03-01", "2026-03-01T10:00:00", "2026-02-30T10:00:00Z", 5],
    "aBool": ["yes", 1, 0],
    "aUrl": ["no uri", "example.com", "http://a b", "http://[", 1],
    "anId": ["abc", ["abc"], 5],
    "aTree": [1, ["a"]],
}


@pytest.mark.parametrize(("name", "value"), cases(CUSTOM_TAKEN))
def test_a_custom_value_of_its_suffix_is_taken(
    server: Emulator, send: Send, name: str, value: Any
) -> None:
    ident = server.world.add("conversation")

    answer = send("PATCH", f"conversations/{ident}", json={"custom": {name: value}})

    assert answer.status_code == 200, answer.text
    assert answer.json()["data"]["attributes"]["custom"].get(name) == value


@pytest.mark.parametrize(("name", "value"), cases(CUSTOM_REFUSED))
def test_a_custom_value_of_another_type_is_refused(
    server: Emulator, send: Send, name: str, value: Any
) -> None:
    ident = server.world.add("conversation")

    answer = send("PATCH", f"conversations/{ident}", json={"custom": {name: value}})

    assert answer.status_code == 400, answer.text
    assert answer.json()["errors"][0]["source"] == {"parameter": name}


@pytest.mark.parametrize(
    "name", ["notAnActualAttribute", "orderStrs", "str", "aIds", "aObj", "aStr\n"]
)
def test_a_custom_name_without_a_known_suffix_gets_the_recorded_error(
    server: Emulator, send: Send, name: str
) -> None:
    ident = server.world.add("conversation")

    answer = send("PATCH", f"conversations/{ident}", json={"custom": {name: "x", "bStr": "y"}})

    assert answer.status_code == 400
    assert answer.json() == {
        "errors": [
            {
                "status": 400,
                "source": {"parameter": name},
                "code": "badparam",
                "title": "Additional properties not allowed",
                "detail": "/properties/custom/additionalProperties",
            }
        ]
    }


def test_lists_of_text_are_a_switch(server: Emulator, send: Send) -> None:
    ident = server.world.add("conversation")
    body = {"custom": {"aStr": ["x", "y"]}}

    assert send("PATCH", f"conversations/{ident}", json=body).status_code == 400
    server.behaviour.text_lists = True
    assert send("PATCH", f"conversations/{ident}", json=body).status_code == 200
    too_long = {"custom": {"aStr": ["x" * 1025]}}
    assert send("PATCH", f"conversations/{ident}", json=too_long).status_code == 400


def test_rules_and_kinds_agree_on_where_a_value_reads() -> None:
    for kind in ("conversation", "customer"):
        relations = KINDS[kind].relations
        for name, rule in attributes(kind).items():
            how, _, target = rule.get("reads", "").partition(":")
            if how == "relationship":
                assert relations[name] == target
            else:
                assert name not in relations or name == how


def test_no_attribute_is_both_writable_and_read_only() -> None:
    for kind in ("conversation", "customer", "user"):
        writable = {name for name, rule in attributes(kind).items() if rule["update"]}
        assert writable.isdisjoint(data(kind)["read_only"])
