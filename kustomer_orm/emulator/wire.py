"""The socket side: one thread per connection, keep-alive, whole answers, cuts on demand."""

import contextlib
import selectors
import socket
import struct
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from http.client import responses
from typing import Any, Literal, cast

from werkzeug.datastructures import Headers
from werkzeug.exceptions import NotFound
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler
from werkzeug.wrappers import Request

from kustomer_orm.emulator.exchange import Exchange

# Bodies beyond this are not even read.
LARGEST_READ = 50_000_000


@dataclass(frozen=True)
class Reply:
    """What goes over the wire: bytes, and whether the connection is cut instead or halfway."""

    status: int
    headers: Headers
    body: bytes
    cut: Literal["whole", "inside"] | None = None


class Handler(WSGIRequestHandler):
    """Reads whole requests and writes whole answers, in one piece and without logging."""

    protocol_version = "HTTP/1.1"
    # Without this a small answer waits for the acknowledgement of the one before.
    disable_nagle_algorithm = True

    def run_wsgi(self) -> None:
        """Answer one request."""
        exchange = self._read()
        if exchange is None:
            self.close_connection = True
            return
        self._write(cast("Server", self.server).respond(exchange))

    def log(self, type: str, message: str, *args: Any) -> None:
        """Say nothing: the emulator keeps its own log."""

    def _read(self) -> Exchange | None:
        self.environ = self.make_environ()
        request = Request(self.environ)
        if (request.content_length or 0) > LARGEST_READ:
            return None
        raw = request.get_data(cache=False)
        path, _, _ = self.path.partition("?")
        return Exchange(
            method=self.command,
            path=path,
            target=self.path,
            query={name: request.args.getlist(name)[-1] for name in request.args},
            headers=Headers(request.headers),
            raw=raw,
        )

    def _write(self, reply: Reply) -> None:
        if reply.cut == "whole":
            self._reset()
            return
        bodiless = reply.status in {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}
        headers = [("Server", "kustomer-orm emulator"), *reply.headers]
        if "Date" not in reply.headers:  # a fault may have set another clock's
            headers.append(("Date", self.date_time_string()))
        if not bodiless:
            headers.append(("Content-Length", str(len(reply.body))))
        lines = [f"HTTP/1.1 {reply.status} {responses.get(reply.status, 'Unknown')}"]
        lines += [f"{name}: {value}" for name, value in headers]
        head = "\r\n".join([*lines, "", ""]).encode("latin-1")
        body = b"" if bodiless or self.command == "HEAD" else reply.body
        if reply.cut == "inside":
            self.close_connection = True
            body = body[: len(body) // 2]
        self.wfile.write(head + body)

    def _reset(self) -> None:
        """Close at once with a reset, so that the client sees no orderly end."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.rfile.close()
        self.connection.close()


class Server(ThreadedWSGIServer):
    """A threaded server that stops at once and leaves no thread and no socket behind."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        respond: Callable[[Exchange], Reply],
        failed: Callable[[BaseException], None],
    ) -> None:
        # Binding here spares werkzeug's exit when the port is taken, and its name look-up.
        listener = socket.create_server((host, port), backlog=128)
        try:
            # The handler answers by itself; the application is never called.
            super().__init__(host, port, NotFound(), Handler, fd=listener.fileno())
        finally:
            listener.close()
        self.respond = respond
        self._failed = failed
        self._lock = threading.Lock()
        self._open: dict[threading.Thread, socket.socket] = {}
        self._waker, self._woken = socket.socketpair()

    def serve(self) -> None:
        """Accept connections until `close` is called; sleeps in the kernel meanwhile."""
        with selectors.DefaultSelector() as selector:
            selector.register(self.socket, selectors.EVENT_READ)
            selector.register(self._woken, selectors.EVENT_READ)
            while all(key.fileobj is not self._woken for key, _ in selector.select()):
                self.handle_request()

    def wake(self) -> None:
        """Make `serve` return."""
        self._waker.send(b"x")

    def close(self) -> None:
        """Close every connection and wait for its thread; `serve` must have returned."""
        self.server_close()
        self._waker.close()
        self._woken.close()
        with self._lock:
            still_open = list(self._open.items())
        for _, connection in still_open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread, _ in still_open:
            thread.join()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve one connection in a thread of its own."""
        thread = threading.Thread(
            target=self.process_request_thread,
            args=(request, client_address),
            name="kustomer emulator connection",
            daemon=True,
        )
        with self._lock:
            self._open[thread] = request
        thread.start()

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve one connection; it is forgotten when it ends."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._lock:
                del self._open[threading.current_thread()]

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002
        """Keep the error for whoever stops the emulator, instead of printing it."""
        error = sys.exception()
        if error is not None:
            self._failed(error)
