"""A write that broke under way may have arrived; one that met the wrong host never did."""

from __future__ import annotations

import os
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kustomer_orm import Client, Conversation, errors
from kustomer_orm.emulator import Emulator

ID = "5f0000000000000000000001"

# Made for this file alone: for 127.0.0.1, from 2000 to 2099, signed by itself.
CERTIFICATE = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgsTSEJCH9Kcwy6LLA
NL+vTz/x07uFs0Mm6VMUau/CoS6hRANCAASkzj+Av/qtorVIZ283yb10JND4yc6g
NQUXkpYV6hJQgJX2QfzWEUYblCPa0b10cot3Chs8XCvORHzaPFlOU3Hg
-----END PRIVATE KEY-----
-----BEGIN CERTIFICATE-----
MIIBazCCARKgAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlsb2NhbGhv
c3QwIBcNMDAwMTAxMDAwMDAwWhgPMjA5OTEyMzEyMzU5NTlaMBQxEjAQBgNVBAMM
CWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABKTOP4C/+q2itUhn
bzfJvXQk0PjJzqA1BReSlhXqElCAlfZB/NYRRhuUI9rRvXRyi3cKGzxcK85EfNo8
WU5TceCjUzBRMA8GA1UdEwEB/wQFMAMBAf8wDgYDVR0PAQH/BAQDAgKEMB0GA1Ud
DgQWBBRGkob/lipLzDOQU4QfmePiugIFNjAPBgNVHREECDAGhwR/AAABMAoGCCqG
SM49BAMCA0cAMEQCIBs+LfbcBbTaYVHfvVOxgIffmpDF31Yhj33knpvfSCpXAiBV
AWKxGS3xUn+qJzAqr2w299xbEQwOqL8NwOwj/hSfpw==
-----END CERTIFICATE-----
"""


class BrokenServer:
    """Takes one TLS connection after another, reads a request and answers with what is no TLS."""

    def __init__(self, pem: Path) -> None:
        self.arrived: list[bytes] = []
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(pem)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:  # stopped
                return
            connection.settimeout(10)
            with connection:
                self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        try:
            secured = self._context.wrap_socket(connection, server_side=True)
        except OSError:  # the client does not trust us
            return
        with secured:
            request = b""
            while b'{"name":"Ho"}' not in request:
                request += secured.recv(65536)
            self.arrived.append(request)
            os.write(secured.fileno(), b"this is no TLS record" * 10)

    def stop(self) -> None:
        """Close the port, and end the thread."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(10)


@pytest.fixture
def pem(tmp_path: Path) -> Path:
    found = tmp_path / "server.pem"
    found.write_text(CERTIFICATE)
    return found


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def broken(pem: Path) -> Iterator[BrokenServer]:
    made = BrokenServer(pem)
    yield made
    made.stop()


def conversation_at(url: str, fake_time: Any, **settings: Any) -> Conversation:
    client = Client("a-key", base_url=url, clock=fake_time.clock(), **settings)
    conversation = Conversation.using(client).hydrate(
        {"type": "conversation", "id": ID, "attributes": {"name": "Hi"}}
    )
    conversation.name = "Ho"
    return conversation


def assert_never_sent(conversation: Conversation, fake_time: Any) -> None:
    """It is an error of the network, nothing is in doubt, and trying again was no use."""
    with pytest.raises(errors.ConnectionFailedError, match="nothing was done") as raised:
        conversation.save()
    assert raised.value.attempts == 1
    assert fake_time.slept == []
    assert not conversation.in_doubt
    assert conversation.changes == {"name": ("Hi", "Ho")}


def test_a_tls_connection_that_breaks_after_the_write_leaves_it_in_doubt(
    broken: BrokenServer, pem: Path, monkeypatch: pytest.MonkeyPatch, fake_time: Any
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(pem))
    conversation = conversation_at(broken.url, fake_time, retry=1)

    with pytest.raises(errors.OutcomeUnknownError, match="SSLError") as raised:
        conversation.save()

    assert len(broken.arrived) == raised.value.attempts == 2
    assert b"PATCH /v1/conversations/" in broken.arrived[0]
    assert conversation.in_doubt


def test_a_certificate_that_is_not_trusted_means_that_nothing_was_sent(
    broken: BrokenServer, fake_time: Any
) -> None:
    assert_never_sent(conversation_at(broken.url, fake_time), fake_time)
    assert broken.arrived == []


def test_a_certificate_of_another_host_means_that_nothing_was_sent(
    broken: BrokenServer, pem: Path, monkeypatch: pytest.MonkeyPatch, fake_time: Any
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(pem))
    elsewhere = broken.url.replace("127.0.0.1", "localhost")
    assert_never_sent(conversation_at(elsewhere, fake_time), fake_time)
    assert broken.arrived == []


def test_a_proxy_that_refuses_means_that_nothing_was_sent(
    monkeypatch: pytest.MonkeyPatch, fake_time: Any
) -> None:
    with Emulator() as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        assert_never_sent(conversation_at("https://example.invalid", fake_time), fake_time)
        assert [each.method for each in proxy.requests] == ["CONNECT"]


@pytest.mark.parametrize("address", ["http:///nowhere", "socks9://127.0.0.1:1"])
def test_a_proxy_that_is_no_address_means_that_nothing_was_sent(
    monkeypatch: pytest.MonkeyPatch, fake_time: Any, address: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", address)
    assert_never_sent(conversation_at("https://example.invalid", fake_time), fake_time)


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_bundle_of_certificates_that_is_not_there_is_said_when_the_client_is_made(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str
) -> None:
    monkeypatch.setenv(variable, str(tmp_path / "gone.pem"))
    with pytest.raises(errors.ConfigurationError, match=r"REQUESTS_CA_BUNDLE.*names no file"):
        Client("a-key", base_url="https://example.invalid")


def test_a_bundle_may_be_a_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path))
    assert Client("a-key", base_url="https://example.invalid").org == "example.invalid"
