"""A redis-server of a test's own, on a free port, that can be killed and started again."""

from __future__ import annotations

import socket
import subprocess
import threading
import time
from pathlib import Path
from shutil import which

import pytest

PROGRAM = which("redis-server")
needs_redis = pytest.mark.skipif(
    PROGRAM is None, reason="redis-server is not installed: apt-get install redis-server"
)


class RedisProcess:
    """Runs without files; `kill` is SIGKILL, and `start` uses the same port again."""

    def __init__(self, folder: Path, password: str = "") -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.port: int = listener.getsockname()[1]
        self._folder = folder
        self._password = password
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        secret = f":{self._password}@" if self._password else ""
        return f"redis://{secret}127.0.0.1:{self.port}/0"

    def start(self) -> None:
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        options += ["--dir", str(self._folder)]
        options += ["--requirepass", self._password] if self._password else []
        self._process = subprocess.Popen(
            [PROGRAM or "redis-server", *options], stdout=subprocess.DEVNULL
        )
        end = time.monotonic() + 10
        while not self._listens():
            assert time.monotonic() < end, "redis-server does not answer"
            threading.Event().wait(0.01)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _listens(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(1) in {b"+", b"-"}  # `-` asks for the password
        except OSError:
            return False
