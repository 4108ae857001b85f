"""The server itself: starting and stopping, connections, the log of requests, silence."""

import gc
import http.client
import json
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from kustomer_orm.emulator import Behaviour, Emulator, Exchange, Fault
from kustomer_orm.emulator import server as server_module

Send = Callable[..., requests.Response]


@pytest.fixture
def connection(server: Emulator) -> Iterator[http.client.HTTPConnection]:
    raw = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    yield raw
    raw.close()


def call(server: Emulator, connection: http.client.HTTPConnection, **headers: str) -> int:
    headers["Authorization"] = f"Bearer {server.api_key}"
    connection.request("GET", "/v1/users", headers=headers)
    answer = connection.getresponse()
    answer.read()
    return answer.status


def test_it_listens_on_a_free_port_of_loopback(server: Emulator) -> None:
    assert server.url == f"http://127.0.0.1:{server.port}"
    with socket.create_connection(("127.0.0.1", server.port), timeout=5):
        pass


def test_stopping_frees_the_port_and_leaves_nothing_behind() -> None:
    threads = threading.active_count()
    server = Emulator()
    server.start()
    port = server.port
    with requests.Session() as session:
        session.get(f"{server.url}/v1/users", timeout=5)
        server.stop()

        assert threading.active_count() == threads
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=5)
        gc.collect()


def test_starting_twice_and_stopping_twice_do_nothing() -> None:
    server = Emulator()
    server.stop()
    server.start()
    url = server.url
    server.start()
    assert server.url == url
    server.stop()
    server.stop()


def test_it_may_be_started_again_with_its_world() -> None:
    server = Emulator()
    with server:
        ident = server.world.add("conversation")
    with server:
        headers = {"Authorization": f"Bearer {server.api_key}"}
        answer = requests.get(f"{server.url}/v1/conversations/{ident}", headers=headers, timeout=5)

    assert answer.status_code == 200


def test_the_url_of_a_stopped_emulator_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="not running"):
        _ = Emulator().url


def test_a_taken_port_is_an_error_of_the_system(server: Emulator) -> None:
    other = Emulator(port=server.port)

    with pytest.raises(OSError, match="in use"):
        other.start()
    other.stop()


def test_stopping_does_not_wait_for_a_stalled_answer() -> None:
    event = threading.Event()
    with ThreadPoolExecutor() as pool:
        with Emulator() as server:
            server.faults.add(Fault.stall_before(event))
            pending = pool.submit(requests.get, f"{server.url}/v1/users", timeout=10)
            assert server.wait_for(1)
        with pytest.raises(requests.ConnectionError):
            pending.result(5)


def test_serving_for_ever_ends_when_it_is_stopped() -> None:
    server = Emulator()
    thread = threading.Thread(target=server.serve_forever)
    server.start()
    thread.start()

    requests.get(f"{server.url}/v1/domains/demo", timeout=5)
    server.stop()
    thread.join(5)

    assert not thread.is_alive()


def test_two_emulators_are_two_worlds_with_the_same_ids() -> None:
    with Emulator() as one, Emulator() as two, Emulator(seed=1) as three:
        idents = [server.world.add("conversation") for server in (one, two, three)]
        one.world.edit("conversation", idents[0], name="Mine")

    assert idents[0] == idents[1] != idents[2]
    assert all(len(ident) == 24 and int(ident, 16) for ident in idents)
    assert two.world.get("conversation", idents[1])["attributes"]["name"] == ""


def test_a_connection_is_kept_for_the_next_request(
    server: Emulator, connection: http.client.HTTPConnection
) -> None:
    assert call(server, connection) == 200
    kept = connection.sock
    assert [call(server, connection) for _ in range(3)] == [200] * 3
    assert connection.sock is kept


def test_a_refused_body_does_not_spoil_the_connection(
    server: Emulator, connection: http.client.HTTPConnection
) -> None:
    connection.request("POST", "/v1/conversations", body=b"x" * 150_000)
    answer = connection.getresponse()
    assert answer.status == 413
    answer.read()
    kept = connection.sock

    assert call(server, connection) == 200
    assert connection.sock is kept


def test_a_client_that_wants_to_close_is_let_go(
    server: Emulator, connection: http.client.HTTPConnection
) -> None:
    assert call(server, connection, Connection="close") == 200
    assert connection.sock is None or connection.sock.recv(1) == b""


def test_a_body_may_come_in_chunks(server: Emulator, send: Send) -> None:
    ident = server.world.add("conversation")
    chunks = iter([b'{"name": ', b'"x"}'])
    headers = {"Content-Type": "application/json"}

    answer = send("PATCH", f"conversations/{ident}", data=chunks, headers=headers)

    assert answer.json()["data"]["attributes"]["name"] == "x"


def test_a_client_that_waits_for_permission_gets_it(
    server: Emulator, connection: http.client.HTTPConnection
) -> None:
    headers = {"Authorization": f"Bearer {server.api_key}", "Expect": "100-continue"}
    headers["Content-Type"] = "application/json"

    connection.request("POST", "/v1/customers", body=b'{"name": "Nora"}', headers=headers)

    assert connection.getresponse().status == 201


def test_a_head_request_gets_no_body(
    server: Emulator, connection: http.client.HTTPConnection
) -> None:
    connection.request("HEAD", "/v1/users")
    assert connection.getresponse().read() == b""
    assert call(server, connection) == 200


def test_garbage_is_refused_and_does_no_harm(server: Emulator, send: Send) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as raw:
        raw.sendall(b"\x00\xff nonsense\r\n\r\n")
        assert b"400" in raw.recv(1000)

    assert send("GET", "users").status_code == 200


def test_an_absurdly_long_body_is_not_even_read(server: Emulator, send: Send) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as raw:
        raw.sendall(b"POST /v1/customers HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n")
        assert raw.recv(1000) == b""

    assert server.requests == []
    assert send("GET", "users").status_code == 200


def test_a_client_that_leaves_early_does_no_harm(server: Emulator, send: Send) -> None:
    event = threading.Event()
    server.faults.add(Fault.stall(event))
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as raw:
        raw.sendall(b"GET /v1/domains/demo HTTP/1.1\r\nHost: x\r\n\r\n")
        assert server.wait_for(1)
    event.set()

    assert send("GET", "users").status_code == 200
    assert server.errors == []


def test_the_log_holds_what_crossed_the_wire(server: Emulator, send: Send) -> None:
    ident = server.world.add("conversation")
    path = f"conversations/{ident}%2C?replace=false&x=1&x=2"

    answer = send("PATCH", path, json={"name": "é"}, headers={"X-Own": "1"})

    assert len(server.requests) == 1
    exchange = server.requests[0]
    assert exchange.method == "PATCH"
    assert exchange.path == f"/v1/conversations/{ident}%2C"
    assert exchange.target == f"/v1/{path}"
    assert exchange.query == {"replace": "false", "x": "2"}
    assert exchange.headers["x-own"] == "1"
    assert exchange.headers["Content-Type"] == "application/json"
    assert exchange.body == {"name": "é"}
    assert json.loads(exchange.raw) == {"name": "é"}
    assert exchange.status == answer.status_code == 404
    assert exchange.answer == answer.json()
    assert exchange.answer_raw == answer.content
    assert exchange.answer_headers["X-Kustomer-Pod"] == "prod1"


def test_the_log_keeps_the_order_of_arrival(server: Emulator, send: Send) -> None:
    event = threading.Event()
    server.faults.add(Fault.stall_before(event, path="/v1/users"))

    with ThreadPoolExecutor() as pool:
        first = pool.submit(send, "GET", "users")
        assert server.wait_for(1)
        requests.get(f"{server.url}/v1/domains/demo", timeout=5)
        event.set()
        first.result(5)

    assert [(each.path, each.status) for each in server.requests] == [
        ("/v1/users", 200),
        ("/v1/domains/demo", 200),
    ]


def test_the_log_may_be_cleared_while_a_request_is_pending(server: Emulator, send: Send) -> None:
    server.faults.add(Fault.before(lambda _: server.requests.clear()))

    assert send("GET", "users").status_code == 200
    assert server.requests == []
    assert not server.wait_for(1, timeout=0)


def test_a_long_log_keeps_its_end(
    server: Emulator, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "LONGEST_LOG", 2)

    for path in ("users", "teams", "tags"):
        send("GET", path)

    assert [each.path for each in server.requests] == ["/v1/teams", "/v1/tags"]


def test_a_body_that_is_no_json_is_logged_as_bytes(server: Emulator, send: Send) -> None:
    send("POST", "conversations", data=b"\xff{")

    assert server.requests[0].body is None
    assert server.requests[0].raw == b"\xff{"


def test_observers_see_every_exchange_of_every_emulator(
    server: Emulator, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Exchange] = []
    monkeypatch.setattr(Emulator, "observers", [seen.append])

    send("GET", "users")
    with Emulator() as other:
        requests.get(f"{other.url}/v1/domains/demo", timeout=5)

    assert seen == [*server.requests, *other.requests]


def test_the_server_says_nothing(
    server: Emulator, send: Send, capfd: pytest.CaptureFixture[str]
) -> None:
    send("GET", "users")
    send("GET", "nothing")
    server.faults.add(Fault.cut_after(), Fault.cut_inside())
    for _ in range(2):
        with pytest.raises(requests.RequestException):
            send("GET", "users")

    assert capfd.readouterr() == ("", "")


def test_writes_from_many_threads_are_counted_one_by_one(server: Emulator) -> None:
    ident = server.world.add("conversation")
    headers = {"Authorization": f"Bearer {server.api_key}"}

    def write(number: int) -> Any:
        body = {"custom": {f"k{number}Num": number}}
        url = f"{server.url}/v1/conversations/{ident}"
        answer = requests.patch(url, json=body, headers=headers, timeout=10)
        return answer.json()["data"]["attributes"]["rev"]

    with ThreadPoolExecutor(8) as pool:
        revs = list(pool.map(write, range(40)))

    assert sorted(revs) == list(range(2, 42))
    custom = server.world.get("conversation", ident)["attributes"]["custom"]
    assert custom == {f"k{number}Num": number for number in range(40)}


def test_a_mistyped_switch_is_refused(server: Emulator) -> None:
    with pytest.raises(AttributeError, match="no switch 'stale_revs'; did you mean 'stale_rev'"):
        setattr(server.behaviour, "stale_revs", "ignore")  # noqa: B010 - a checker would see it
    with pytest.raises(ValueError, match="one of 'conflict', 'ignore', 'store'"):
        setattr(server.behaviour, "stale_rev", "ignored")  # noqa: B010
    with pytest.raises(ValueError, match="missing_role_status"):
        Behaviour(missing_role_status=404)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    assert server.behaviour.stale_rev == "conflict"
