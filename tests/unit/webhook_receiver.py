"""A receiver of webhooks on loopback: keeps what arrives, and answers as a test says."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self


@dataclass(frozen=True)
class Post:
    """One delivery that arrived."""

    body: bytes
    headers: Mapping[str, str]


class QuietServer(ThreadingHTTPServer):
    """A server that says nothing of connections that a test cuts."""

    daemon_threads = False

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing."""


class Receiver:
    """Takes POST requests. `statuses` are those of the next answers, 200 once they are used up.

    `act` is called with each delivery before it is answered, and may give the status.
    """

    def __init__(self) -> None:
        self.posts: list[Post] = []
        self.statuses: list[int] = []
        self.act: Callable[[Post], object] | None = None
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = receiver.take(Post(body, dict(self.headers.items())))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_request(self, code: object = "-", size: object = "-") -> None:
                pass

        self._server = QuietServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/kustomer?from=kustomer"

    def take(self, post: Post) -> int:
        """Keep a delivery; the status to answer."""
        self.posts.append(post)
        given = self.act(post) if self.act is not None else None
        if isinstance(given, int):
            return given
        return self.statuses.pop(0) if self.statuses else 200

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
