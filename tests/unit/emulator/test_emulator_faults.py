"""Faults on demand: each kind, whom they strike, and what the server has done by then."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from kustomer_orm.emulator import Emulator, Exchange, Fault, strikes

Send = Callable[..., requests.Response]


@pytest.fixture
def ident(server: Emulator) -> str:
    return server.world.add("conversation", name="Before", custom={"aStr": "x"})


@pytest.fixture
def rename(send: Send, ident: str) -> Callable[[], requests.Response]:
    return lambda: send("PATCH", f"conversations/{ident}", json={"name": "After"})


def name_of(server: Emulator, ident: str) -> Any:
    return server.world.get("conversation", ident)["attributes"]["name"]


@pytest.mark.parametrize("status", [401, 403, 409, 429, 500, 502, 503, 504, 418])
def test_a_status_is_answered_without_acting(
    server: Emulator, ident: str, rename: Callable[[], requests.Response], status: int
) -> None:
    server.faults.add(Fault.status(status))

    answer = rename()

    assert answer.status_code == status
    assert answer.json()["errors"][0]["status"] == status
    assert name_of(server, ident) == "Before"
    assert rename().status_code == 200


def test_a_status_may_bring_its_own_body_and_headers(server: Emulator, send: Send) -> None:
    server.faults.add(Fault.status(429, body={"a": 1}, headers={"X-Ratelimit-Reset": "1"}))
    server.faults.add(Fault.status(503, body="busy"))
    server.faults.add(Fault.status(503, body=b"\xff"))

    first, second, third = (send("GET", "users") for _ in range(3))

    assert first.json() == {"a": 1}
    assert first.headers["X-Ratelimit-Reset"] == "1"
    assert second.text == "busy"
    assert second.headers["Content-Type"].startswith("text/plain")
    assert third.content == b"\xff"


def test_a_status_follows_the_error_shape(server: Emulator, send: Send) -> None:
    server.behaviour.error_shape = "newer"
    server.faults.add(Fault.status(500))

    assert set(send("GET", "users").json()["errors"][0]) == {"code", "message", "meta"}


def test_html_is_answered_as_a_gateway_does(
    server: Emulator, ident: str, rename: Callable[[], requests.Response]
) -> None:
    server.faults.add(Fault.html(), Fault.html(200), Fault.html(200, acts=True))

    answer = rename()
    assert answer.status_code == 502
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.text.startswith("<!DOCTYPE html>")
    assert rename().status_code == 200
    assert name_of(server, ident) == "Before"
    assert rename().text.startswith("<!DOCTYPE html>")
    assert name_of(server, ident) == "After"


def test_a_redirect_names_another_place(
    server: Emulator, ident: str, rename: Callable[[], requests.Response]
) -> None:
    server.faults.add(Fault.redirect("https://evil.example/v1"), Fault.redirect("/x", status=307))

    answer = rename()
    assert answer.status_code == 302
    assert answer.headers["Location"] == "https://evil.example/v1"
    assert rename().status_code == 307
    assert name_of(server, ident) == "Before"


def test_truncated_json_is_valid_http(
    server: Emulator, ident: str, rename: Callable[[], requests.Response]
) -> None:
    server.faults.add(Fault.truncated_json())

    answer = rename()

    assert answer.status_code == 200
    assert answer.text.startswith('{"data":')
    with pytest.raises(requests.JSONDecodeError):
        answer.json()
    assert name_of(server, ident) == "After"


def test_an_empty_answer_has_a_status_only(
    server: Emulator, ident: str, rename: Callable[[], requests.Response]
) -> None:
    server.faults.add(Fault.empty(), Fault.empty(status=204))

    assert (rename().status_code, rename().status_code) == (200, 204)
    assert [exchange.answer_raw for exchange in server.requests] == [b"", b""]
    assert name_of(server, ident) == "After"


def test_a_connection_cut_before_is_reset_and_nothing_is_done(
    server: Emulator, ident: str, rename: Callable[[], requests.Response]
) -> None:
    server.faults.add(Fault.cut_before())

    with pytest.raises(requests.ConnectionError, match="reset by peer"):
        rename()
    assert name_of(server, ident) == "Before"
    assert [exchange.status for exchange in server.requests] == [None]
    assert rename().status_code == 200


def test_a_connection_cut_after_is_reset_and_all_is_done(
    server: Emulator, ident: str, rename: Callable[[], requests.Response]
) -> None:
    server.faults.add(Fault.cut_after())

    with pytest.raises(requests.ConnectionError, match="reset by peer"):
        rename()
    assert name_of(server, ident) == "After"
    assert server.requests[0].status is None
    assert server.requests[0].body == {"name": "After"}


def test_a_connection_cut_inside_sends_less_than_it_promised(
    server: Emulator, ident: str, rename: Callable[[], requests.Response]
) -> None:
    server.faults.add(Fault.cut_inside())

    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="more expected"):
        rename()
    assert name_of(server, ident) == "After"
    assert server.requests[0].status == 200
    assert rename().status_code == 200


def test_a_cut_connection_is_not_used_again(
    server: Emulator, rename: Callable[[], requests.Response]
) -> None:
    server.faults.add(Fault.cut_inside(), Fault.cut_after(), Fault.cut_before())

    for _ in range(3):
        with pytest.raises(requests.RequestException):
            rename()

    assert rename().status_code == 200
    assert len(server.requests) == 4


def test_a_stalled_answer_waits_for_its_event(
    server: Emulator, ident: str, rename: Callable[[], requests.Response]
) -> None:
    event, acted = threading.Event(), threading.Event()
    server.faults.add(Fault.stall(event), Fault.after(lambda _: acted.set()))

    with ThreadPoolExecutor() as pool:
        pending = pool.submit(rename)
        assert acted.wait(5)
        assert name_of(server, ident) == "After"
        assert not pending.done()
        assert server.requests[0].status is None
        event.set()
        assert pending.result(5).status_code == 200
    assert server.requests[0].status == 200


def test_a_stalled_act_waits_for_its_event(
    server: Emulator, ident: str, rename: Callable[[], requests.Response]
) -> None:
    event = threading.Event()
    server.faults.add(Fault.stall_before(event))

    with ThreadPoolExecutor() as pool:
        pending = pool.submit(rename)
        assert server.wait_for(1)
        assert name_of(server, ident) == "Before"
        event.set()
        assert pending.result(5).status_code == 200
    assert name_of(server, ident) == "After"


def test_no_stall_lasts_for_ever(
    server: Emulator, rename: Callable[[], requests.Response], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert strikes.LONGEST_STALL == 30
    monkeypatch.setattr(strikes, "LONGEST_STALL", 0.01)
    server.faults.add(Fault.stall(threading.Event()))

    assert rename().status_code == 200


def test_a_partial_answer_holds_the_named_attributes_only(
    server: Emulator, ident: str, rename: Callable[[], requests.Response], send: Send
) -> None:
    server.faults.add(Fault.partial(["name", "rev", "absent"], times=2))

    assert rename().json()["data"]["attributes"] == {"name": "After", "rev": 2}
    assert send("GET", "conversations").json()["data"][0]["attributes"] == {
        "name": "After",
        "rev": 2,
    }
    assert "priority" in server.world.get("conversation", ident)["attributes"]


def test_a_masked_answer_hides_the_named_attributes(
    server: Emulator, ident: str, rename: Callable[[], requests.Response]
) -> None:
    masked = {"isMasked": True, "maskedPresentation": "********"}
    server.faults.add(Fault.masked(["name", "custom.aStr"]))

    attributes = rename().json()["data"]["attributes"]

    assert attributes["name"] == masked
    assert attributes["custom"] == {"aStr": masked}
    assert name_of(server, ident) == "After"


def test_headers_and_cookies_are_added(
    server: Emulator, rename: Callable[[], requests.Response]
) -> None:
    server.faults.add(
        Fault.headers({"X-Ratelimit-Remaining": "nonsense", "X-Own": "1"}),
        Fault.cookie("session", "secret"),
    )

    headers = rename().headers

    assert headers["X-Ratelimit-Remaining"] == "nonsense"
    assert headers["X-Own"] == "1"
    assert headers["Set-Cookie"] == "session=secret; Path=/"


def test_a_function_may_write_before_the_server_acts(
    server: Emulator, ident: str, rename: Callable[[], requests.Response]
) -> None:
    def meddle(exchange: Exchange) -> None:
        assert exchange.body == {"name": "After"}
        server.world.edit("conversation", ident, name="Theirs", priority=5)

    server.faults.add(Fault.before(meddle))

    attributes = rename().json()["data"]["attributes"]

    assert (attributes["name"], attributes["priority"], attributes["rev"]) == ("After", 5, 3)


def test_a_function_may_act_before_the_answer(
    server: Emulator, ident: str, rename: Callable[[], requests.Response]
) -> None:
    seen: list[Any] = []
    server.faults.add(Fault.after(lambda _: seen.append(name_of(server, ident))))

    rename()

    assert seen == ["After"]


def test_the_answer_may_be_changed(
    server: Emulator, rename: Callable[[], requests.Response]
) -> None:
    def change(document: dict[str, Any]) -> dict[str, Any]:
        document["data"]["attributes"]["rev"] = "many"
        return document

    server.faults.add(Fault.answer(change), Fault.answer(lambda _: []))

    assert rename().json()["data"]["attributes"]["rev"] == "many"
    assert rename().json() == []


def test_a_fault_strikes_the_requests_it_is_meant_for(server: Emulator, send: Send) -> None:
    ident = server.world.add("conversation")
    server.faults.add(Fault.status(503, method="patch", path="/v1/conversations/*"))

    assert send("GET", f"conversations/{ident}").status_code == 200
    assert send("PATCH", f"customers/{ident}", json={}).status_code == 404
    assert send("PATCH", f"conversations/{ident}", json={"name": "x"}).status_code == 503
    assert send("PATCH", f"conversations/{ident}", json={"name": "x"}).status_code == 200


def test_times_and_skip_count_matching_requests(server: Emulator, send: Send) -> None:
    server.faults.add(Fault.status(503, skip=1, times=2, path="/v1/users"))
    paths = ["users", "teams", "users", "teams", "users", "users"]

    assert [send("GET", path).status_code for path in paths] == [200, 200, 503, 200, 503, 200]
    assert len(server.faults) == 0


def test_a_fault_without_times_strikes_until_it_is_cleared(server: Emulator, send: Send) -> None:
    server.faults.add(Fault.status(503, times=None))

    assert {send("GET", "users").status_code for _ in range(5)} == {503}
    server.faults.clear()
    assert send("GET", "users").status_code == 200


def test_faults_of_one_kind_strike_one_after_the_other(server: Emulator, send: Send) -> None:
    seen: list[int] = []
    server.faults.add(Fault.after(lambda _: seen.append(1)), Fault.after(lambda _: seen.append(2)))
    server.faults.add(Fault.status(500), Fault.html(502), Fault.empty())

    assert [send("GET", "users").status_code for _ in range(4)] == [500, 502, 200, 200]
    assert seen == [1, 2]


def test_faults_of_several_kinds_strike_together(
    server: Emulator, ident: str, rename: Callable[[], requests.Response]
) -> None:
    server.faults.add(
        Fault.cut_after(),
        Fault.before(lambda _: server.world.edit("conversation", ident, priority=1)),
    )

    with pytest.raises(requests.ConnectionError):
        rename()

    attributes = server.world.get("conversation", ident)["attributes"]
    assert (attributes["priority"], attributes["name"]) == (1, "After")


def test_many_threads_use_up_a_fault_once(server: Emulator, send: Send) -> None:
    server.faults.add(Fault.status(503, times=3))
    headers = {"Authorization": f"Bearer {server.api_key}"}

    def get(_: int) -> int:
        return requests.get(f"{server.url}/v1/users", headers=headers, timeout=10).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(get, range(40)))

    assert statuses.count(503) == 3
    assert statuses.count(200) == 37


def test_what_a_faults_function_raises_is_raised_by_stop() -> None:
    def fail(exchange: Exchange) -> None:
        raise AssertionError(f"unexpected {exchange.method}")

    server = Emulator()
    server.start()
    server.faults.add(Fault.before(fail))

    with pytest.raises(requests.ConnectionError):
        requests.get(f"{server.url}/v1/users", timeout=5)
    with pytest.raises(AssertionError, match="unexpected GET"):
        server.stop()
    server.stop()


def test_what_a_faults_function_raises_ends_the_block() -> None:
    def fail(document: Any) -> Any:
        raise ValueError(f"unexpected {document['data']['type']}")

    def run() -> None:
        with Emulator() as server:
            server.faults.add(Fault.answer(fail))
            with pytest.raises(requests.ConnectionError):
                requests.get(f"{server.url}/v1/domains/demo", timeout=5)

    with pytest.raises(ValueError, match="unexpected domain"):
        run()


def test_the_error_of_the_block_hides_what_it_caused_in_the_server() -> None:
    def fail(exchange: Exchange) -> None:
        raise AssertionError(f"unexpected {exchange.method}")

    def run() -> None:
        with Emulator() as server:
            server.faults.add(Fault.after(fail))
            requests.get(f"{server.url}/v1/users", timeout=5)

    with pytest.raises(requests.ConnectionError):
        run()
