"""The contract check itself: a doctored exchange is caught, and what is let pass is let pass."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kustomer_orm import Conversation, custom
from kustomer_orm.emulator import Emulator, Exchange, Fault

pytest.importorskip("openapi_core", reason="the contract check needs openapi-core")

from tests.contract.openapi_check import Judge
from tests.contract.openapi_corrections import KnownFault, Refusal, put
from tests.contract.openapi_faults import KNOWN_FAULTS

ROOT = Path(__file__).parents[2]
OPENAPI = os.environ.get("KUSTOMER_OPENAPI", "")


def _schema(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _content(schema: dict[str, Any]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


def _answer(**attributes: Any) -> dict[str, Any]:
    resource = {"type": "object", "properties": {"attributes": {"properties": attributes}}}
    return {"description": "", **_content({"type": "object", "properties": {"data": resource}})}


BODY = _schema(name={"type": "string", "maxLength": 5}, custom=_schema())
CONTRACT = json.dumps(
    {
        "openapi": "3.0.0",
        "info": {"title": "A small one", "version": "1"},
        "servers": [{"url": "https://api.kustomerapp.com/v1"}],
        "paths": {
            "/conversations/{id}": {
                "get": {"responses": {"200": _answer(name={"type": "string"})}},
                "put": {
                    "requestBody": _content(BODY),
                    "responses": {"200": _answer(name={"type": "string"})},
                },
            }
        },
    }
)
PATH = "/v1/conversations/58228e05d4e96711004eccb7"
ERROR = {"errors": [{"status": 400, "code": "badparam", "title": "No"}]}


def exchange(
    body: Any = None,
    *,
    status: int = 200,
    answer: Any = None,
    path: str = PATH,
    faults: tuple[str, ...] = (),
) -> Exchange:
    document = {"data": {"attributes": {"name": "Hi"}}} if answer is None else answer
    made = Exchange("PUT" if body is not None else "GET", path, faults=faults, status=status)
    made.headers["Content-Type"] = made.answer_headers["Content-Type"] = "application/json"
    raw = b"" if body is None else json.dumps(body).encode()
    return replace(made, raw=raw, answer_raw=json.dumps(document).encode())


def test_an_exchange_as_published_is_fine() -> None:
    assert Judge(CONTRACT, []).problems(exchange({"name": "Hi"})) == []


@pytest.mark.parametrize(
    ("doctored", "said"),
    [
        (exchange({"name": "Hi", "nmae": "x"}), "'nmae' was unexpected"),
        (exchange({"name": "too long"}), "'too long' is too long"),
        (exchange({"name": None}), "None is not of type 'string'"),
        (exchange({"custom": {"aStr": "x"}}), "'aStr' was unexpected"),
        (exchange({"name": "Hi"}, answer={"data": {"attributes": {"name": 5}}}), "5 is not of"),
        (exchange(path="/v1/unheard/of"), "PathNotFound"),
        (exchange({"name": "Hi"}, status=202), "202"),
        (exchange({"name": "Hi"}, status=409, answer=ERROR), "409"),
        (exchange({"name": "Hi"}, status=400, answer=ERROR), "takes what the server refused"),
        (exchange({"nmae": "Hi"}, faults=("cut_after",)), "'nmae' was unexpected"),
        (exchange({"nmae": "Hi"}, status=503, faults=("status",)), "'nmae' was unexpected"),
        (exchange({"name": "Hi"}, status=200, answer=[], faults=("cookie",)), "[] is not of type"),
    ],
)
def test_a_doctored_exchange_is_caught(doctored: Exchange, said: str) -> None:
    problems = Judge(CONTRACT, []).problems(doctored)

    assert said in "\n".join(problems)


@pytest.mark.parametrize(
    "let_pass",
    [
        exchange(path="/v1/unheard/of", status=404, answer=ERROR),
        exchange({"name": "Hi"}, status=200, answer="<html>", faults=("html",)),
        exchange({"name": "Hi"}, status=503, answer=ERROR, faults=("status",)),
        exchange({"name": "Hi"}, answer={"data": {"attributes": {"name": 5}}}, faults=("put_raw",)),
    ],
)
def test_what_a_fault_wrote_and_what_both_refuse_is_let_pass(let_pass: Exchange) -> None:
    assert Judge(CONTRACT, []).problems(let_pass) == []


def test_the_same_mistake_is_told_each_time_it_is_made() -> None:
    judge = Judge(CONTRACT, [])
    doctored = exchange({"nmae": "x"})

    assert judge.problems(doctored) == judge.problems(doctored) != []


def test_exchanges_that_differ_in_more_than_ids_and_times_are_each_judged() -> None:
    judge = Judge(CONTRACT, [])
    other = PATH.replace("58228e05", "aaaaaaaa")

    assert judge.problems(exchange({"name": "Hi"})) == []
    assert judge.problems(exchange({"name": "Hi"}, path=other)) == []
    assert len(judge.seen) == 1
    assert judge.problems(exchange({"name": 5})) != []


def test_a_row_of_the_table_corrects_its_place_and_nothing_else() -> None:
    place = "requestBody > content > application/json > schema > properties > name"
    row = KnownFault("PUT /conversations/{id}", place, put({"type": "number"}), "a test")
    judge = Judge(CONTRACT, [row])

    assert judge.unused(set()) == [row.name]
    assert judge.problems(exchange({"name": 5})) == []
    assert judge.unused(set()) == []
    assert judge.problems(exchange({"name": "x"})) != []


def test_a_row_that_no_exchange_needs_is_named() -> None:
    place = "requestBody > content > application/json > schema > properties > name"
    row = KnownFault("PUT /conversations/{id}", place, put({"type": "string"}), "needless")
    judge = Judge(CONTRACT, [row])
    judge.problems(exchange({"name": "Hi"}))

    assert judge.unused(set()) == [row.name]
    assert judge.unused({row.name}) == []


def test_a_known_refusal_is_known_by_its_words() -> None:
    row = KnownFault("PUT /conversations/{id}", "400", Refusal("title.*No"), "a test")
    judge = Judge(CONTRACT, [row])
    other = {"errors": [{"status": 400, "code": "badparam", "title": "Other"}]}
    printed = json.loads(CONTRACT)
    printed["paths"]["/conversations/{id}"]["put"]["responses"]["400"] = {"description": ""}
    judge = Judge(json.dumps(printed), [row])

    assert judge.problems(exchange({"name": "Hi"}, status=400, answer=ERROR)) == []
    assert judge.problems(exchange({"name": "Hi"}, status=400, answer=other)) != []
    assert judge.unused(set()) == []


def test_each_row_of_the_table_is_there_once_and_says_why() -> None:
    names = [row.name for row in KNOWN_FAULTS]

    assert len(set(names)) == len(names)
    assert all(len(row.reason) > 20 for row in KNOWN_FAULTS)


# -- the pytest side ---------------------------------------------------------------------------

SUITE = """
import requests
from kustomer_orm.emulator import Emulator, Fault

def send(body, *faults):
    with Emulator() as server, requests.Session() as session:
        session.trust_env = False
        id_ = server.world.add("conversation", name="Hi")
        server.faults.add(*faults)
        session.put(
            f"{server.url}/v1/conversations/{id_}", json=body, timeout=10,
            headers={"Authorization": f"Bearer {server.api_key}"},
        )

def test_right():
    send({"name": "x"})

def test_wrong():
    send({"nmae": "x"}, Fault.status(503))
"""
CONFTEST = """
from pathlib import Path
from tests.contract.openapi_plugin import ContractPlugin

def pytest_configure(config):
    config.pluginmanager.register(ContractPlugin(Path("contract.json")))
"""


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_the_test_that_made_the_exchange_fails_and_unused_rows_are_named(
    tmp_path: Path, workers: tuple[str, ...]
) -> None:
    (tmp_path / "test_made_up.py").write_text(SUITE)
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "contract.json").write_text(CONTRACT)

    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *workers]
    ran = subprocess.run(
        command,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert "not as the published contract says" in ran.stdout
    assert "'nmae' was unexpected" in ran.stdout
    assert "test_made_up.py::test_wrong" in ran.stdout
    assert "known faults of the contract that no exchange needed" in ran.stdout
    assert ran.returncode == 1


# -- the published file itself -------------------------------------------------------------------

published = pytest.mark.skipif(
    not Path(OPENAPI).is_file(), reason="KUSTOMER_OPENAPI names no file: no contract to judge by"
)


class SupportConversation(Conversation):
    refund = custom.Num("refundAmountNum")


def saved(server: Emulator) -> Exchange:
    id_ = server.world.add("conversation", name="Hi")
    conversation = SupportConversation.get(id_)
    conversation.name, conversation.refund = "Refund", 12.5
    conversation.save()
    return server.requests[-1]


def with_body(made: Exchange, body: Any) -> Exchange:
    return replace(made, raw=json.dumps(body).encode())


@published
@pytest.mark.usefixtures("client")
def test_a_save_of_the_library_is_as_published(server: Emulator) -> None:
    judge = Judge(Path(OPENAPI).read_text("utf-8"))

    assert judge.problems(saved(server)) == []


@published
@pytest.mark.usefixtures("client")
@pytest.mark.parametrize(
    "body",
    [
        {"name": "Refund", "custom": {"refundAmountNum": 12.5}, "messageCount": 3},
        {"name": "Refund", "custom": {"refundAmountNum": "12.5"}},
        {"name": "Refund", "custom": {"refund": 12.5}},
        {"name": "Refund", "customer": "58228e05d4e96711004eccb7"},
        {"name": "Refund", "queue": "58228e05d4e96711004eccb7"},
        {"name": "x" * 257},
        {"status": None},
        {"assignedUsers": ["nobody"]},
        {"tags": ["a", "a"]},
        {"data": {"attributes": {"name": "Refund"}}},
        {},
        [],
    ],
)
def test_a_doctored_save_is_caught_by_the_published_file(server: Emulator, body: Any) -> None:
    judge = Judge(Path(OPENAPI).read_text("utf-8"))

    assert judge.problems(with_body(saved(server), body)) != []


@published
@pytest.mark.usefixtures("client")
def test_a_doctored_answer_is_caught_by_the_published_file(server: Emulator) -> None:
    judge = Judge(Path(OPENAPI).read_text("utf-8"))
    made = saved(server)
    answer = json.loads(made.answer_raw)
    answer["data"]["attributes"]["rev"] = "seven"

    assert judge.problems(replace(made, answer_raw=json.dumps(answer).encode())) != []


def test_an_exchange_knows_which_faults_struck_it(server: Emulator, client: Any) -> None:
    id_ = server.world.add("conversation", name="Hi")
    server.faults.add(Fault.cookie("a", "b"), Fault.partial(["name"]))
    Conversation.get(id_)
    Conversation.get(id_)
    server.world.put_raw("conversation", id_, name="Hello")
    Conversation.get(id_)

    assert [set(made.faults) for made in server.requests] == [
        {"cookie", "partial"},
        set(),
        {"put_raw"},
    ]
