"""`kustomer-orm doctor`: host, key, region, organisation, clock, budget and roles."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Callable
from email.utils import formatdate
from typing import Any

import pytest
from click.testing import Result

from kustomer_orm import Client, Clock
from kustomer_orm.cli import doctor, showing
from kustomer_orm.emulator import Emulator, Fault

ID = "58228e05d4e96711004eccb7"
WHOAMI = "/v1/auth/tokens/current"
Run = Callable[..., Result]


def examined(run: Run, *words: str, **environ: str) -> tuple[int, dict[str, Any]]:
    """Run it for a machine; the exit status, and the checks by name."""
    result = run("doctor", "--json", *words, **environ)
    document = json.loads(result.stdout)
    assert document["ok"] is (result.exit_code == 0)
    return result.exit_code, {each.pop("check"): each for each in document["checks"]}


def verdicts(checks: dict[str, Any]) -> dict[str, str]:
    return {name: check["verdict"] for name, check in checks.items()}


def token_of(**claims: Any) -> str:
    """A key that another organisation's server has signed."""
    parts = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
        for part in ({"alg": "HS256"}, claims)
    ]
    return ".".join([*parts, "c2lnbmVk"])


# -- all well --------------------------------------------------------------------------------------


def test_all_is_well_with_two_requests_and_a_table(server: Emulator, run: Run) -> None:
    result = run("doctor", KUSTOMER_ORG="demo")

    rows = [re.split(r"\s{2,}", line.strip()) for line in result.stdout.splitlines()]
    found = {row[0]: row[1:] for row in rows if len(row) > 2}
    assert result.exit_code == 0
    assert found["host"][0] == found["key"][0] == found["roles"][0] == "ok"
    assert found["key"][1] == "accepted: emulator"
    assert found["region"] == ["ok", "prod1"]
    assert found["organisation"][1] == "demo, as configured"
    assert [each.path for each in server.requests] == [WHOAMI, "/v1/orgs/current"]


def test_all_that_is_ok_is_ok_for_machines(server: Emulator, run: Run) -> None:
    status, checks = examined(run)
    assert (status, set(verdicts(checks).values())) == (0, {"ok"})
    assert checks["organisation"]["seen"] == "demo; KUSTOMER_ORG is not set"
    assert checks["rate limit"]["seen"] == "999 of 1000 requests left in this window"


def test_neither_the_key_nor_a_piece_of_it_is_printed(server: Emulator, run: Run) -> None:
    for words in (("doctor",), ("doctor", "--json"), ("-v", "doctor")):
        output = run(*words).output
        assert not any(part in output for part in server.api_key.split("."))


def test_it_runs_as_a_process(server: Emulator, spawn: Callable[..., Any]) -> None:
    done = spawn(
        *("-m", "kustomer_orm.cli", "doctor"),
        KUSTOMER_API_KEY=server.api_key,
        KUSTOMER_BASE_URL=server.url,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "accepted: emulator" in done.stdout


# -- the key ---------------------------------------------------------------------------------------


def test_a_key_that_is_no_token_is_refused_and_said_to_be_none(server: Emulator, run: Run) -> None:
    status, checks = examined(run, KUSTOMER_API_KEY="cut-off")
    key = checks["key"]
    assert (status, key["verdict"]) == (1, "fail")
    assert "refused with 401" in key["seen"]
    assert "no signed token of three parts" in key["seen"]
    assert checks["host"]["verdict"] == "ok"
    assert checks["may read"]["verdict"] == "unknown"
    assert [each.path for each in server.requests] == [WHOAMI]


def test_a_key_that_says_when_it_ended_is_said_to_have_expired(server: Emulator, run: Run) -> None:
    key = token_of(orgName="demo", exp=1_600_000_000)
    status, checks = examined(run, KUSTOMER_API_KEY=key)
    assert (status, checks["key"]["verdict"]) == (1, "fail")
    assert "it expired on 2020-09-13" in checks["key"]["seen"]
    assert checks["organisation"]["seen"].startswith("demo (says the key itself)")


def test_a_key_of_another_region_is_told_which_host_to_use(server: Emulator, run: Run) -> None:
    server.behaviour.token_pod = "prod2"
    status, checks = examined(run)
    region = checks["region"]
    assert (status, region["verdict"]) == (1, "fail")
    assert "associated with pod prod2" in region["seen"]
    assert "https://api.prod2.kustomerapp.com" in region["advice"]
    assert checks["key"]["verdict"] == "unknown"


@pytest.mark.parametrize("wrong", ["a word", "Bearer x", "line\nbreak"])
def test_a_key_that_cannot_be_one_is_bad_input(server: Emulator, run: Run, wrong: str) -> None:
    result = run("doctor", KUSTOMER_API_KEY=wrong)
    assert result.exit_code == 2
    assert server.requests == []


def test_what_the_server_says_of_the_key_is_escaped(server: Emulator, run: Run) -> None:
    def named(document: Any) -> Any:
        document["data"]["attributes"]["name"] = "\x1b[2J"
        document["data"]["attributes"]["lastAccessedAt"] = "2026-01-01T00:00:00.000Z"
        return document

    server.faults.add(Fault.answer(named, path=WHOAMI))
    printed = run("doctor").stdout
    assert r"accepted: \u001b[2J, last used" in printed
    assert "\x1b" not in printed


@pytest.mark.parametrize("status", [403, 404, 409, 418])
def test_a_question_for_the_key_that_is_refused_is_not_all_well(
    server: Emulator, run: Run, status: int
) -> None:
    server.faults.add(Fault.status(status, path=WHOAMI))
    code, checks = examined(run)
    assert (code, checks["key"]["verdict"]) == (1, "fail")
    assert f": {status}" in checks["key"]["seen"]
    assert checks["key"]["advice"]


def test_a_key_that_the_server_echoes_is_hidden_everywhere(server: Emulator, run: Run) -> None:
    key, last = server.api_key, server.api_key.split(".")[-1]

    def echo(document: Any) -> Any:
        document["data"]["attributes"] |= {"name": f"{key} of {last}", "lastAccessedAt": [key]}
        return document

    def org(document: Any) -> Any:
        document["data"]["attributes"]["name"] = key.upper()
        return document

    server.faults.add(
        Fault.answer(echo, path=WHOAMI, times=None),
        Fault.answer(org, path="/v1/orgs/current", times=None),
        Fault.headers({"X-Kustomer-Pod": key}, path=WHOAMI, times=None),
    )
    for words in (("doctor",), ("doctor", "--json"), ("-v", "doctor", "--json")):
        output = run(*words).output
        assert "accepted: … of …" in output
        assert not any(part.lower() in output.lower() for part in key.split("."))


def test_a_relation_that_is_named_like_the_key_is_hidden_too(server: Emulator, run: Run) -> None:
    server.seed_demo()

    def echo(document: Any) -> Any:
        document["data"]["relationships"][server.api_key] = {"data": {"type": "x", "id": "1"}}
        return document

    server.faults.add(Fault.answer(echo, method="GET", path="/v1/conversations/*", skip=1))
    output = run("doctor", "--json", "--check-rev", ID).output
    document = json.loads(output)
    assert document["revisions"]["differs"] == ["…"]
    assert server.api_key not in output


# -- the host --------------------------------------------------------------------------------------


def test_a_host_that_does_not_answer(run: Run) -> None:
    status, checks = examined(run, KUSTOMER_BASE_URL="http://127.0.0.1:9")
    assert status == 1
    assert "no answer (ConnectionRefused)" in checks["host"]["seen"]
    others = {verdict for name, verdict in verdicts(checks).items() if name != "host"}
    assert others <= {"unknown", "ok"}
    assert checks["key"]["verdict"] == "unknown"


@pytest.mark.parametrize("status", [200, 502])
def test_a_page_of_html_is_not_the_api(server: Emulator, run: Run, status: int) -> None:
    server.faults.add(Fault.html(status))
    code, checks = examined(run)
    assert (code, checks["host"]["verdict"], checks["key"]["verdict"]) == (1, "fail", "unknown")
    assert f"answers {status} with something that is not" in checks["host"]["seen"]


def test_an_answer_that_is_cut_is_not_taken_for_a_good_one(server: Emulator, run: Run) -> None:
    server.faults.add(Fault.cut_inside())
    assert examined(run)[1]["host"]["verdict"] == "fail"


@pytest.mark.parametrize(
    "fault", [Fault.status(500), Fault.status(200, body={})], ids=["500", "no resource"]
)
def test_a_server_that_is_unwell_is_named(server: Emulator, run: Run, fault: Fault) -> None:
    server.faults.add(Fault(fault.kind, options=fault.options))
    assert examined(run)[1]["host"]["verdict"] == "fail"


def test_a_redirect_to_another_host_is_not_followed(server: Emulator, run: Run) -> None:
    server.faults.add(Fault.redirect("https://example.com/"))
    checks = examined(run)[1]
    assert "refused to follow a redirect" in checks["host"]["seen"]


# -- the organisation ------------------------------------------------------------------------------


def test_another_organisation_than_configured_is_a_warning(server: Emulator, run: Run) -> None:
    status, checks = examined(run, KUSTOMER_ORG="acme")
    organisation = checks["organisation"]
    assert (status, organisation["verdict"]) == (0, "warn")
    assert organisation["seen"] == "the key is of demo, and acme is configured"


@pytest.mark.parametrize(
    "fault", [Fault.status(403), Fault.cut_before(), Fault.html(200)], ids=["403", "cut", "html"]
)
def test_where_the_api_does_not_name_it_the_key_does(
    server: Emulator, run: Run, fault: Fault
) -> None:
    server.faults.add(Fault(fault.kind, path="/v1/orgs/*", options=fault.options))
    seen = examined(run, KUSTOMER_ORG="Demo")[1]["organisation"]["seen"]
    assert seen == "demo (says the key itself), as configured"


# -- the clock -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("off", "verdict", "said"),
    [
        (-60, "warn", "ahead of the server's"),
        (60, "warn", "behind the server's"),
        (-2, "ok", "within 3 s"),
        (2, "ok", "within 3 s"),
    ],
)
def test_clocks_that_differ_are_a_warning(
    server: Emulator, run: Run, off: int, verdict: str, said: str
) -> None:
    date = formatdate(time.time() + off, usegmt=True)
    server.faults.add(Fault.headers({"Date": date}, path=WHOAMI))
    status, checks = examined(run)
    assert (status, checks["clock"]["verdict"]) == (0, verdict)
    assert said in checks["clock"]["seen"]


@pytest.mark.parametrize(("off", "said"), [(-3600, "behind"), (3600, "ahead of")])
def test_the_clock_that_is_compared_is_the_one_that_is_given(
    server: Emulator, capsys: pytest.CaptureFixture[str], off: int, said: str
) -> None:
    clock = Clock(now=lambda: time.time() + off)
    with Client(server.api_key, base_url=server.url) as client:
        doctor.run(showing.screen(), client, check_rev=None, as_json=True, clock=clock)
    checks = {each["check"]: each for each in json.loads(capsys.readouterr().out)["checks"]}
    assert re.match(rf"(359\d|3600) s {said} the server's", checks["clock"]["seen"])


@pytest.mark.parametrize("date", ["", "yesterday", "Thu, 99 Jan 2026 00:00:00 GMT"])
def test_a_date_that_is_none_says_nothing(server: Emulator, run: Run, date: str) -> None:
    server.faults.add(Fault.headers({"Date": date}, path=WHOAMI))
    assert examined(run)[1]["clock"]["verdict"] == "unknown"


# -- the budget ------------------------------------------------------------------------------------


def test_a_budget_that_is_spent_fails_and_says_when_to_try_again(
    server: Emulator, run: Run
) -> None:
    server.behaviour.retry_after = True
    server.limits.spend(1000)
    status, checks = examined(run, KUSTOMER_RETRY="4")
    budget = checks["rate limit"]
    assert (status, budget["verdict"]) == (1, "fail")
    assert "0 of 1000" in budget["seen"]
    assert re.match(r"try again in \d+ s", budget["advice"])
    assert checks["key"]["verdict"] == "unknown"
    assert len(server.requests) == 1  # it says what it saw, and does not wait


def test_a_budget_that_is_nearly_spent_is_a_warning(server: Emulator, run: Run) -> None:
    server.limits.spend(950)
    status, checks = examined(run)
    assert (status, checks["rate limit"]["verdict"]) == (0, "warn")


def test_no_budget_is_waited_for(server: Emulator, capsys: pytest.CaptureFixture[str]) -> None:
    server.limits.spend(995)
    waits: list[float] = []
    with Client(server.api_key, base_url=server.url) as client:
        doctor.run(
            showing.screen(), client, check_rev=None, as_json=True, clock=Clock(sleep=waits.append)
        )
    checks = {each["check"]: each for each in json.loads(capsys.readouterr().out)["checks"]}
    assert (waits, checks["rate limit"]["verdict"]) == ([], "warn")
    assert checks["organisation"]["seen"] == "demo; KUSTOMER_ORG is not set"


@pytest.mark.parametrize("garbage", ["9" * 5000, "-1", "many", "²", "1e400", "nan", "0"])
def test_a_limit_that_is_garbage_says_nothing(server: Emulator, run: Run, garbage: str) -> None:
    server.faults.add(Fault.headers({"X-Ratelimit-Limit": garbage}, path=WHOAMI))
    status, checks = examined(run)
    assert (status, checks["rate limit"]["verdict"]) == (0, "unknown")


def test_a_server_that_tells_no_budget(server: Emulator, run: Run) -> None:
    server.behaviour.rate_limit = None
    assert examined(run)[1]["rate limit"]["verdict"] == "unknown"


# -- the roles -------------------------------------------------------------------------------------


def test_each_right_names_its_role_and_what_is_inferred(server: Emulator, run: Run) -> None:
    server.behaviour.roles = ["org.permission.conversation", "org.user.search.read"]
    status, checks = examined(run)
    assert status == 0
    inferred = "by org.permission.conversation (inferred: it is above the fine one)"
    assert checks["may update, add tags"]["seen"] == inferred
    assert checks["may search"]["seen"] == "by org.user.search.read"
    assert checks["may follow bulk"]["verdict"] == "warn"


def test_what_a_reading_key_cannot_do_is_a_warning_each(server: Emulator, run: Run) -> None:
    server.behaviour.roles = ["org.permission.conversation.read"]
    status, checks = examined(run)
    assert status == 0
    assert verdicts(checks)["may read"] == "ok"
    for name in ("may create", "may update, add tags", "may delete", "may search"):
        assert checks[name]["verdict"] == "warn"
        assert "refused" in checks[name]["seen"]
        assert "org.permission." in checks[name]["advice"]
    assert checks["may remove tags"]["verdict"] == "ok"  # the library sends the list


def test_a_key_that_cannot_read_fails(server: Emulator, run: Run) -> None:
    server.behaviour.roles = ["org.tracking"]  # a chat key
    status, checks = examined(run)
    assert (status, checks["may read"]["verdict"]) == (1, "fail")


def test_roles_that_are_not_told_are_unknown(server: Emulator, run: Run) -> None:
    def without(document: Any) -> Any:
        del document["data"]["attributes"]["roles"]
        return document

    server.faults.add(Fault.answer(without, path=WHOAMI))
    status, checks = examined(run)
    assert (status, checks["may read"]["verdict"]) == (0, "unknown")


@pytest.mark.parametrize(
    ("roles", "row"),
    [
        (
            ["org"],
            "ok by org (inferred: it is above the fine one): read, create, update, add tags,",
        ),
        (None, "unknown the roles of the key are not known: read, create, update, add tags,"),
    ],
)
def test_rights_that_all_have_one_reason_are_one_row(
    server: Emulator, run: Run, roles: list[str] | None, row: str
) -> None:
    def told(document: Any) -> Any:
        document["data"]["attributes"]["roles"] = roles
        return document

    server.faults.add(Fault.answer(told, path=WHOAMI))
    printed = " ".join(run("doctor").stdout.split())
    assert f"roles {row}" in printed
    assert "may " not in printed
    assert printed.count("(inferred") == (roles is not None)


def test_rights_with_several_reasons_keep_their_rows(server: Emulator, run: Run) -> None:
    server.behaviour.roles = ["org.permission.conversation"]
    printed = run("doctor").stdout
    assert "may read" in printed
    assert "may follow bulk" in printed
