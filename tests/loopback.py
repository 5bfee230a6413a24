"""Loopback servers that ask for TLS, for a certificate, or that are a proxy; each remembers what it was asked."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Secure", "version": "1"},
    "paths": {
        "/things/{thing_id}": {
            "get": {
                "parameters": [
                    {"name": "thing_id", "in": "path", "required": True, "schema": {"type": "string"}},
                    {"name": "kind", "in": "query", "required": True, "schema": {"type": "string"}},
                ],
                "responses": {
                    "200": {"description": "", "content": {"application/json": {"schema": {"type": "object"}}}},
                    "400": {"description": "", "content": {"application/json": {"schema": {"type": "object"}}}},
                    "401": {"description": "", "content": {"application/json": {"schema": {"type": "object"}}}},
                },
            }
        }
    },
}


@dataclass
class Secure:
    """A running service: `url`, what it was asked, and `allowed`, which tells whether a request is let in."""

    url: str = ""
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    allowed: Callable[[str, dict[str, str]], bool] = lambda path, headers: True


@contextlib.contextmanager
def serving(context: ssl.SSLContext | None = None, *, host: str = "127.0.0.1") -> Iterator[Secure]:
    """Serve the document and answer every other path with an object, over TLS when there is a context."""
    service = Secure()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, *_: Any) -> None:
            pass

        def __getattr__(self, name: str) -> Any:
            if name.startswith("do_"):
                return self._serve
            raise AttributeError(name)

        def _serve(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            service.asked.append((self.command, self.path, headers))
            known = urlsplit(self.path).path == "/openapi.json"  # a proxy of ours leaves a whole address as it is
            let_in = service.allowed(self.path, headers)
            status = 401 if not let_in else 200 if self.command in ("GET", "HEAD") else 405
            if status == 200 and not known and "/things/" in self.path and "kind=" not in self.path:
                status = 400
            data = json.dumps(DOCUMENT if known and let_in else {}).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            if status == 405:
                self.send_header("Allow", "GET")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign] # a refused handshake is no news
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    service.url = f"http{'s' if context else ''}://{host}:{server.server_address[1]}"
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()


@dataclass
class Proxy:
    """A running HTTP proxy: `url`, and the request lines it got."""

    url: str = ""
    lines: list[str] = field(default_factory=list)


@contextlib.contextmanager
def proxying(port: int) -> Iterator[Proxy]:
    """An HTTP proxy that knows one server: whatever is asked for is led to this port of the machine."""
    proxy = Proxy()
    server = socket.create_server(("127.0.0.1", 0))
    proxy.url = f"http://127.0.0.1:{server.getsockname()[1]}"

    def pump(source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    def serve(client: socket.socket) -> None:
        with contextlib.suppress(OSError), client, socket.create_connection(("127.0.0.1", port)) as upstream:
            head = b""
            while b"\r\n\r\n" not in head:
                if not (data := client.recv(65_536)):
                    return
                head += data
            line = head.partition(b"\r\n")[0].decode()
            proxy.lines.append(line)
            if line.startswith("CONNECT"):
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                upstream.sendall(head)
            threading.Thread(target=pump, args=(client, upstream), daemon=True).start()
            pump(upstream, client)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield proxy
    finally:
        server.close()
