"""Who may pass: keys, regions, roles, sizes and rate limits."""

import base64
import json
from collections.abc import Callable
from typing import Any, Literal

import pytest
import requests

from kustomer_orm.emulator import Behaviour, Emulator

Send = Callable[..., requests.Response]


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer wrong", "bearer {}", "Bearer  {}"])
def test_another_key_is_unauthorized(server: Emulator, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header.format(server.api_key)}

    answer = requests.get(f"{server.url}/v1/conversations", headers=headers, timeout=5)

    assert answer.status_code == 401
    assert answer.json() == {
        "errors": [{"status": 401, "code": "unauthorized", "title": "Unauthorized"}]
    }
    assert answer.headers["X-Ratelimit-Remaining"] == "1000"


def test_the_key_looks_like_a_signed_token_of_a_machine_user(server: Emulator) -> None:
    header, claims, signature = (
        base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
        for part in server.api_key.split(".")
    )

    assert json.loads(header) == {"alg": "HS256", "typ": "JWT"}
    told = json.loads(claims)
    assert told["orgName"] == "demo"
    assert told["userType"] == "machine"
    assert told["user"] == server.world.machine_user
    assert told["roles"] == ["org"]
    assert len(signature) == 32


def test_a_key_may_be_chosen() -> None:
    with Emulator(api_key="my-key") as server:
        headers = {"Authorization": "Bearer my-key"}
        answer = requests.get(f"{server.url}/v1/users/current", headers=headers, timeout=5)

    assert answer.status_code == 200


def test_a_key_of_another_region_is_told_so(server: Emulator, send: Send) -> None:
    server.behaviour.token_pod = "prod2"

    answer = send("GET", "conversations")

    assert answer.status_code == 401
    assert answer.json()["errors"][0]["title"] == (
        "Auth token associated with pod prod2 but request is being handled by prod1"
    )
    server.behaviour.wrong_pod_status = 400
    assert send("GET", "conversations").status_code == 400


def test_the_pod_is_in_a_header_of_every_answer(server: Emulator, send: Send) -> None:
    server.behaviour.pod = server.behaviour.token_pod = "prod4"

    assert send("GET", "conversations").headers["X-Kustomer-Pod"] == "prod4"
    assert send("GET", "nothing").headers["X-Kustomer-Pod"] == "prod4"


READ, WRITE = "org.user.conversation.read", "org.user.conversation.write"
CREATE, UPDATE = "org.permission.conversation.create", "org.permission.conversation.update"
REMOVE, OLD_REMOVE = "org.permission.conversation.delete", "org.user.conversation.delete"


@pytest.mark.parametrize(
    ("method", "path", "enough"),
    [
        ("GET", "conversations", {READ, "org.permission.conversation.read"}),
        ("GET", "conversations/{c}", {READ, "org.permission.conversation.read"}),
        ("GET", "conversations/externalId=x", {READ, "org.permission.conversation.read"}),
        ("POST", "conversations", {WRITE, CREATE}),
        ("POST", "customers/{u}/conversations", {WRITE, CREATE}),
        ("PATCH", "conversations/{c}", {WRITE, UPDATE}),
        ("PUT", "conversations/{c}", {WRITE, UPDATE}),
        ("POST", "conversations/{c}/tags", {WRITE, UPDATE}),
        ("DELETE", "conversations/{c}/tags", {WRITE, REMOVE}),
        ("DELETE", "conversations/{c}", {OLD_REMOVE, REMOVE}),
        ("GET", "customers/{u}", {"org.user.customer.read", "org.permission.customer.read"}),
        ("PATCH", "customers/{u}", {"org.user.customer.write", "org.permission.customer.update"}),
        ("POST", "customers", {"org.user.customer.write", "org.permission.customer.create"}),
        ("GET", "conversations/{c}/messages", {"org.user.message.read"}),
    ],
)
def test_a_route_asks_for_its_roles(
    server: Emulator, send: Send, method: str, path: str, enough: set[str]
) -> None:
    conversation = server.world.add("conversation", externalId="x")
    owner = server.world.get("conversation", conversation)["relationships"]["customer"]
    where = path.format(c=conversation, u=owner["data"]["id"])
    every = {READ, WRITE, CREATE, UPDATE, REMOVE, OLD_REMOVE}

    for role in sorted(every - enough):
        server.behaviour.roles = {role}
        assert send(method, where, json={}).status_code == 401, role
    for role in sorted(enough):
        server.behaviour.roles = {role}
        # Past the roles, the body may be refused: that is another door.
        assert send(method, where, json={}).status_code != 401, role
        server.world.add("conversation", id=conversation, customer=owner["data"]["id"])


def test_a_coarse_role_holds_the_finer_ones(server: Emulator, send: Send) -> None:
    for role in ("org", "org.user", "org.user.conversation"):
        server.behaviour.roles = {role}
        assert send("GET", "conversations").status_code == 200
    server.behaviour.roles = {"org.user.conv"}
    assert send("GET", "conversations").status_code == 401


def test_the_status_of_a_missing_role_is_a_switch(server: Emulator, send: Send) -> None:
    server.behaviour.roles = {"org.user.customer.read"}
    server.behaviour.missing_role_status = 403

    answer = send("GET", "conversations")

    assert answer.status_code == 403
    assert answer.json()["errors"][0]["code"] == "forbidden"


@pytest.mark.parametrize("path", ["auth/tokens/current", "users/current", "orgs/current"])
def test_who_one_is_may_be_asked_whatever_the_roles(
    server: Emulator, send: Send, path: str
) -> None:
    server.behaviour.roles = {"org.tracking"}

    assert send("GET", path).status_code == 200


def test_the_token_tells_its_roles(server: Emulator, send: Send) -> None:
    server.behaviour.roles = {WRITE, READ}

    roles = send("GET", "auth/tokens/current").json()["data"]["attributes"]["roles"]

    assert roles == [READ, WRITE]


def test_a_body_over_the_limit_is_too_large(server: Emulator, send: Send) -> None:
    ident = server.world.add("conversation")
    headers = {"Content-Type": "application/json"}
    fitting = b'{"priority": 5}'.ljust(100_000)

    assert send("PATCH", f"conversations/{ident}", data=fitting, headers=headers).ok
    answer = send("PATCH", f"conversations/{ident}", data=fitting + b" ", headers=headers)
    assert answer.status_code == 413
    assert answer.json()["errors"][0]["code"] == "toolarge"


def test_an_address_over_the_limit_is_too_long(server: Emulator, send: Send) -> None:
    idents = ",".join([server.world.machine_user] * 400)

    assert send("GET", f"users/{idents[:8000]}").status_code == 200
    assert send("GET", f"users/{idents}").status_code == 414


def test_the_budget_counts_down_and_refills_with_the_window(
    server: Emulator, send: Send, clock: Any
) -> None:
    server.behaviour.rate_limit = 3

    left = [send("GET", "users").headers["X-Ratelimit-Remaining"] for _ in range(3)]
    assert left == ["2", "1", "0"]
    clock.tick(59)
    assert send("GET", "users").status_code == 429
    clock.tick(1)
    assert send("GET", "users").headers["X-Ratelimit-Remaining"] == "2"


def test_over_the_budget_nothing_is_done(server: Emulator, send: Send, clock: Any) -> None:
    server.behaviour.rate_limit = 0
    ident = server.world.add("conversation", name="Hi")

    answer = send("PATCH", f"conversations/{ident}", json={"name": "x"})

    assert answer.status_code == 429
    assert answer.json() == {
        "errors": [{"status": 429, "code": "ratelimit", "title": "Too Many Requests"}]
    }
    assert answer.headers["X-Ratelimit-Remaining"] == "0"
    assert answer.headers["X-Ratelimit-Reset"] == str(int(clock.now.timestamp()) + 60)
    assert "Retry-After" not in answer.headers
    assert server.world.get("conversation", ident)["attributes"]["name"] == "Hi"


@pytest.mark.parametrize(
    ("mode", "before", "after"),
    [("when_exceeded", False, True), ("always", True, True), ("never", False, False)],
)
def test_when_the_reset_is_told_is_a_switch(
    server: Emulator,
    send: Send,
    mode: Literal["when_exceeded", "always", "never"],
    before: bool,  # noqa: FBT001 - a column of the table
    after: bool,  # noqa: FBT001 - a column of the table
) -> None:
    server.behaviour.ratelimit_reset = mode
    server.behaviour.rate_limit = 1

    first, second = send("GET", "users"), send("GET", "users")

    assert ("X-Ratelimit-Reset" in first.headers) is before
    assert ("X-Ratelimit-Reset" in second.headers) is after
    assert second.status_code == 429


def test_retry_after_is_a_switch(server: Emulator, send: Send, clock: Any) -> None:
    server.behaviour.retry_after = True
    server.behaviour.rate_limit = 1
    send("GET", "users")
    clock.tick(18.5)

    assert send("GET", "users").headers["Retry-After"] == "42"


def test_others_spend_from_the_same_budget(server: Emulator, send: Send) -> None:
    server.limits.spend(998)

    assert send("GET", "users").headers["X-Ratelimit-Remaining"] == "1"


def test_without_a_limit_there_are_no_headers_of_it(server: Emulator, send: Send) -> None:
    server.behaviour.rate_limit = server.behaviour.object_limit = None
    ident = server.world.add("conversation")

    answer = send("PATCH", f"conversations/{ident}", json={"name": "x"})

    assert not [name for name in answer.headers if name.lower().startswith("x-ratelimit")]


def test_a_refused_key_costs_nothing(server: Emulator, send: Send) -> None:
    requests.get(f"{server.url}/v1/users", timeout=5)

    assert send("GET", "users").headers["X-Ratelimit-Remaining"] == "999"


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_an_update_tells_the_budget_of_its_record(
    server: Emulator, send: Send, method: str
) -> None:
    ident = server.world.add("conversation")

    send("PATCH", f"conversations/{ident}", json={"name": "x"})
    headers = send(method, f"conversations/{ident}", json={"name": "y"}).headers

    assert headers["X-Ratelimit-Object-Limit"] == "600"
    assert headers["X-Ratelimit-Object-Remaining"] == "598"


def test_the_budget_of_a_record_is_its_own(server: Emulator, send: Send, clock: Any) -> None:
    server.behaviour.object_limit = 2
    one, other = server.world.add("conversation"), server.world.add("conversation")

    assert send("PATCH", f"conversations/{one}", json={"name": "x"}).status_code == 200
    assert send("POST", f"conversations/{one}/tags", json=["red"]).status_code == 200
    refused = send("PATCH", f"conversations/{one}", json={"name": "y"})
    assert refused.status_code == 429
    assert refused.headers["X-Ratelimit-Remaining"] == "997"
    assert send("GET", f"conversations/{one}").status_code == 200
    assert send("PATCH", f"conversations/{other}", json={"name": "y"}).status_code == 200
    clock.tick(60)
    assert send("PATCH", f"conversations/{one}", json={"name": "y"}).status_code == 200


def test_new_conversations_are_limited_per_customer(server: Emulator, send: Send) -> None:
    server.behaviour.creation_limit = 1
    nora, felix = (server.world.add("customer", name=name) for name in ("Nora", "Felix"))

    assert send("POST", "conversations", json={"customer": nora}).status_code == 201
    assert send("POST", f"customers/{nora}/conversations", json={}).status_code == 429
    assert send("POST", "conversations", json={"customer": felix}).status_code == 201
    imported = {"customer": nora, "importedAt": "2020-01-01T00:00:00Z"}
    assert send("POST", "conversations", json=imported).status_code == 201
    server.behaviour.creation_limit = None
    assert send("POST", "conversations", json={"customer": nora}).status_code == 201


def test_switches_may_be_given_at_the_start() -> None:
    behaviour = Behaviour(rate_limit=7, roles={"org.user"})

    with Emulator(behaviour=behaviour) as server:
        headers = {"Authorization": f"Bearer {server.api_key}"}
        answer = requests.get(f"{server.url}/v1/conversations", headers=headers, timeout=5)

    assert answer.headers["X-Ratelimit-Limit"] == "7"
    assert server.behaviour is behaviour
