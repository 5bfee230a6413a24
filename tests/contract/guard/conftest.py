"""A target that takes whatever arrives for a request, and writes it down byte for byte."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


@dataclass
class RawTarget:
    """A careless server: it never reads a body, so that each smuggled byte would be the next request.

    `lines` are the request lines that arrived, each with its time, `raw` all bytes. `answer` is sent to each request.
    `ever` keeps the methods that arrived over all tests.
    """

    url: str = ""
    port: int = 0
    answer: bytes = ANSWER
    lines: list[tuple[float, str]] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    raw: bytearray = field(default_factory=bytearray)
    open: set[Any] = field(default_factory=set)
    ever: set[str] = field(default_factory=set)

    def reset(self, answer: bytes = ANSWER) -> None:
        self.answer = answer
        self.lines.clear()
        self.heads.clear()
        self.raw.clear()

    @property
    def methods(self) -> set[str]:
        return {line.split(" ")[0] for _, line in self.lines}

    def serve(self, connection: socket.socket) -> None:
        self.open.add(connection)
        buffer = b""
        with contextlib.suppress(OSError), connection:
            while data := connection.recv(65_536):
                self.raw += data
                buffer += data
                while b"\n\r\n" in buffer or b"\n\n" in buffer:
                    ends = [buffer.find(end) + len(end) for end in (b"\n\r\n", b"\n\n") if end in buffer]
                    head, buffer = buffer[: min(ends)], buffer[min(ends) :]
                    self.heads.append(head.decode("latin-1"))
                    line = head.decode("latin-1").splitlines()[0]
                    self.ever.add(line.split(" ")[0])
                    self.lines.append((time.monotonic(), line))
                    connection.sendall(self.answer)
        self.open.discard(connection)


@pytest.fixture(scope="session")
def _raw_target() -> Iterator[RawTarget]:
    target = RawTarget()
    server = socket.create_server(("127.0.0.1", 0), backlog=128)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = server.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=target.serve, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    target.port = server.getsockname()[1]
    target.url = f"http://127.0.0.1:{target.port}/base"
    yield target
    server.close()
    for connection in list(target.open):
        connection.close()


@pytest.fixture
def target(_raw_target: RawTarget) -> RawTarget:
    """The raw target, with nothing in its log."""
    _raw_target.reset()
    return _raw_target
