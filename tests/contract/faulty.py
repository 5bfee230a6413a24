"""A server of raw sockets that breaks in one named way."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

__all__ = ["FAULTS", "breaking"]

_MEGABYTE = b" " * 1_048_576


def _answer(status: str, body: bytes, *headers: str, length: int | None = None) -> bytes:
    lines = [f"HTTP/1.1 {status}", "Content-Type: application/json", *headers]
    lines += [f"Content-Length: {len(body) if length is None else length}", "", ""]
    return "\r\n".join(lines).encode() + body


GOOD = _answer("200 OK", b'{"id": 1}')
BUSY_SECONDS = 1.0
"""How long `busy` refuses from its first refusal on."""
FAULTS = {
    "dies in the middle": b"",
    "hangs": b"",
    "too many requests": _answer("429 Too Many Requests", b"{}", "Retry-After: 3600"),
    "a body of 100 MB": b"",
    "no UTF-8": _answer("200 OK", b'{"id": "\xff\xfe"}'),
    "a redirect loop": _answer("302 Found", b"", "Location: /things"),
    "closes in the middle of an answer": _answer("200 OK", b'{"id": ', length=100),
    "closes without an answer": b"",
    "no HTTP": b"\x00\x01rubbish\r\n\r\n",
}
BUSY = ("429 Too Many Requests", "503 Service Unavailable")
"""Faults that pass: refused for a second, with Retry-After."""


@contextlib.contextmanager
def breaking(fault: str, *, after: int = 3) -> Iterator[str]:
    """Serve `GOOD` for `after` requests, then break; yields the address."""
    server = socket.create_server(("127.0.0.1", 0), backlog=128)
    served, lock, stop, connections = [0], threading.Lock(), threading.Event(), set()
    free_from: list[float] = []

    def one(connection: socket.socket) -> bool:
        """Answer one request; False ends the connection."""
        with lock:
            served[0] += 1
            good = served[0] <= after
        if not good and fault in BUSY:
            free_from[:] = free_from or [time.monotonic() + BUSY_SECONDS]
            good = time.monotonic() > free_from[0]
        if good:
            connection.sendall(GOOD)
            return True
        if fault in BUSY:
            connection.sendall(_answer(fault, b"{}", "Retry-After: 1"))
            return True
        if fault == "dies in the middle":
            with contextlib.suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)
            server.close()
            for other in list(connections):
                with contextlib.suppress(OSError):
                    other.shutdown(socket.SHUT_RDWR)
            return False
        if fault == "hangs":
            stop.wait(120)
            return False
        if fault == "a body of 100 MB":
            head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 104857600\r\n\r\n"
            connection.sendall(head)
            for _ in range(100):
                connection.sendall(_MEGABYTE)
            return True
        connection.sendall(FAULTS[fault])
        return not fault.startswith("closes")

    def serve(connection: socket.socket) -> None:
        connections.add(connection)
        with contextlib.suppress(OSError), connection:
            buffer = b""
            while data := connection.recv(65_536):
                buffer += data
                while b"\r\n\r\n" in buffer:
                    head, _, buffer = buffer.partition(b"\r\n\r\n")
                    for line in head.lower().split(b"\r\n"):
                        if line.startswith(b"content-length:"):
                            missing = int(line.partition(b":")[2]) - len(buffer)
                            while missing > 0:
                                more = connection.recv(65_536)
                                missing -= len(more) or missing
                            buffer = b""
                    if not one(connection):
                        return
        connections.discard(connection)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()

    url = f"http://127.0.0.1:{server.getsockname()[1]}"
    threading.Thread(target=accept, daemon=True).start()
    try:
        yield url
    finally:
        stop.set()
        with contextlib.suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)
        server.close()
