"""How does one request after another go over one kept connection? Written by us, and read by us where that is plain.

Between the two the caller is free: it judges the answer before, while the service works on the next one. Answers that
are not of the plainest kind (chunks, no length, a connection that ends, an odd head) are read by `http.client`.
"""

from __future__ import annotations

import contextlib
import http.client
import io
import re
import selectors
import socket
import ssl
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from olorin_pipelines.errors import UsageError

__all__ = ["LARGEST_BODY", "Answer", "Wire"]

LARGEST_BODY = 262_144
"""Bytes of an answer that are read; the connection is closed on one that is larger."""
_CHUNK = 65_536
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9a-z]+")
_STALE = (ConnectionResetError, BrokenPipeError, ConnectionAbortedError, http.client.RemoteDisconnected)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back. Names of headers are lower case; `whole` is False when the body was larger than is read.

    `status` is None when nothing came, and `fault` says why; `elapsed` is in seconds.
    """

    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    whole: bool = True
    elapsed: float = 0.0
    fault: str = ""


class Wire:
    """A connection to the address `url`, opened when it is needed and again when the service closed it.

    `timeout` bounds a request with its answer, in seconds. No proxy, no redirect, no cookie, nothing but what is given.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout: float,
        context: ssl.SSLContext | None = None,
        monotonic: Callable[[], float] = time.perf_counter,
    ) -> None:
        address = urlsplit(url)
        if address.scheme not in ("http", "https") or not address.hostname:
            raise UsageError(f"{url!r} is not an address")
        self._address, self._context = address, context
        self._timeout, self._monotonic = timeout, monotonic
        self._connection: http.client.HTTPConnection | None = None
        self._answered = 0
        self._request: tuple[str, str, tuple[tuple[str, str], ...], bytes] = ("", "", (), b"")
        self._started = 0.0
        self._fault = ""
        self._host = f"Host: {address.netloc.rpartition('@')[2]}"
        self.base = address.path.rstrip("/")
        self.site = f"{address.scheme}://{address.netloc.rpartition('@')[2]}"

    def send(self, method: str, target: str, headers: Iterable[tuple[str, str]], body: bytes) -> None:
        """Send a request; `target` is path and query. What goes wrong is told by `receive`."""
        self._request = (method, target, tuple(headers), body)
        self._started, self._fault = self._monotonic(), ""
        try:
            self._write()
        except _STALE:
            self._again()
        except (OSError, ValueError, http.client.HTTPException) as error:
            self._failed(error)

    def receive(self) -> Answer:
        """Return the answer to what was sent last. A service that closed the kept connection is asked once more."""
        if not self._fault:
            try:
                return self._read()
            except _STALE as error:
                self._again(error)
            except (OSError, ValueError, http.client.HTTPException) as error:
                self._failed(error)
        if not self._fault:
            try:
                return self._read()
            except (OSError, ValueError, http.client.HTTPException) as error:
                self._failed(error)
        return Answer(fault=self._fault, elapsed=self._monotonic() - self._started)

    def answers(self, *, within: float) -> bool:
        """Whether something has come to what was sent last, or will not, in so many seconds, the time-out at most."""
        if self._fault or self._connection is None or self._connection.sock is None:
            return True
        with selectors.DefaultSelector() as selector:
            selector.register(self._connection.sock, selectors.EVENT_READ)
            return bool(selector.select(min(within, self._timeout)))

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        if self._connection is not None:
            with contextlib.suppress(OSError):
                self._connection.close()
        self._connection, self._answered = None, 0

    def _write(self) -> None:
        """One buffer for head and body: `http.client` would send two, and the service wake up twice."""
        method, target, headers, body = self._request
        names = {name.lower() for name, _ in headers}
        lines = [f"{method} {target or '/'} HTTP/1.1"]
        if "host" not in names:
            lines.append(self._host)
        lines += [f"{name}: {value}" for name, value in headers]
        if (body or method in ("POST", "PUT", "PATCH")) and not names & {"content-length", "transfer-encoding"}:
            lines.append(f"Content-Length: {len(body)}")
        if " " in target or _CONTROL.search("".join(lines)):
            raise ValueError("the request holds a character that no request can carry")
        connection = self._opened()
        if connection.sock is None:
            connection.connect()
        connection.sock.sendall("\r\n".join([*lines, "", ""]).encode("latin-1") + body)

    def _read(self) -> Answer:
        assert self._connection is not None  # noqa: S101 - opened by _write
        sock = self._connection.sock
        begun = sock.recv(_CHUNK)
        if not begun:
            raise http.client.RemoteDisconnected("the connection was closed without an answer")
        took, head = self._monotonic() - self._started, plain_head(begun, self._request[0])
        if head is None or head.length > LARGEST_BODY:
            return self._read_anyhow(begun)
        parts, size = [begun[head.size :]], len(begun) - head.size
        while size < head.length:
            parts.append(part := sock.recv(_CHUNK))
            size += len(part)
            if not part:
                raise http.client.IncompleteRead(b"".join(parts), head.length - size)
            if self._monotonic() > self._started + self._timeout:
                raise TimeoutError("the answer did not end in time")
        self._answered += 1
        if size > head.length:  # what nobody asked for: it shall not be taken for the next answer
            self.close()
        return Answer(status=head.status, headers=head.headers, body=b"".join(parts)[: head.length], elapsed=took)

    def _read_anyhow(self, begun: bytes) -> Answer:
        """Read an answer, of which something has come, as the library does."""
        assert self._connection is not None  # noqa: S101 - opened by _write
        response = http.client.HTTPResponse(_Begun(begun, self._connection.sock), method=self._request[0])  # type: ignore[arg-type] # all it asks of a socket
        response.begin()
        took, until = self._monotonic() - self._started, self._started + self._timeout
        parts, size = [], 0
        while size <= LARGEST_BODY and (part := response.read1(_CHUNK)):
            parts.append(part)
            size += len(part)
            if self._monotonic() > until:
                raise TimeoutError("the answer did not end in time")
        response.close()
        self._answered += 1
        headers: dict[str, str] = {}
        for name, value in response.getheaders():
            key = name.lower()
            headers[key] = f"{headers[key]}, {value}" if key in headers else value
        if size > LARGEST_BODY or response.will_close:
            self.close()
        body = b"".join(parts)
        return Answer(
            status=response.status, headers=headers, body=body[:LARGEST_BODY], whole=size <= LARGEST_BODY, elapsed=took
        )

    def _opened(self) -> http.client.HTTPConnection:
        if self._connection is None:
            host, port = self._address.hostname or "", self._address.port
            self._connection = (
                http.client.HTTPSConnection(host, port, timeout=self._timeout, context=self._context)
                if self._address.scheme == "https"
                else http.client.HTTPConnection(host, port, timeout=self._timeout)
            )
        return self._connection

    def _again(self, error: Exception | None = None) -> None:
        """A kept connection may have been closed while nothing was asked: such a request was never read."""
        kept = self._answered > 0
        self.close()
        if not kept:
            self._failed(error or ConnectionResetError("the connection was closed"))
            return
        try:
            self._write()
        except (OSError, ValueError, http.client.HTTPException) as second:
            self._failed(second)

    def _failed(self, error: Exception) -> None:
        self.close()
        self._fault = str(error) or type(error).__name__


class Head(NamedTuple):
    """The head of an answer: its own size and that of the body, in bytes. Names of headers are lower case."""

    status: int
    headers: dict[str, str]
    size: int
    length: int


def plain_head(begun: bytes, method: str) -> Head | None:
    """Read the head of an answer to `method` if it is whole and leaves no doubt about where the answer ends.

    None for all others: without exactly one length, in chunks, before the final answer (1xx), on a connection that is
    not kept, with a name or a line that is not as it should be.
    """
    end = begun.find(b"\r\n\r\n")
    if end < 0 or not begun.startswith(b"HTTP/1.1 "):
        return None
    first, *lines = begun[:end].decode("latin-1").split("\r\n")
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        key, value = name.lower(), value.strip(" \t")
        if not colon or not _NAME.fullmatch(key) or _CONTROL.search(value) or key == "transfer-encoding":
            return None
        if key == "connection" and value.lower() != "keep-alive":
            return None
        headers[key] = f"{headers[key]}, {value}" if key in headers else value
    status, said = first[9:12], headers.get("content-length", "")
    if not (status.isascii() and status.isdigit() and status >= "200") or first[12:13] not in ("", " "):
        return None
    without = method == "HEAD" or status in ("204", "304")
    if not (said.isascii() and said.isdigit() and len(said) < 16) and not (without and not said):
        return None
    return Head(int(status), headers, end + 4, 0 if without else int(said))


class _Begun:
    """A socket of which something was already read."""

    def __init__(self, begun: bytes, sock: socket.socket) -> None:
        self._begun, self._sock = begun, sock

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Rest(self._begun, self._sock.makefile("rb", buffering=0)))


class _Rest(io.RawIOBase):
    def __init__(self, begun: bytes, raw: socket.SocketIO) -> None:
        self._begun, self._raw = begun, raw

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int | None:
        if not self._begun:
            return self._raw.readinto(into)
        part, self._begun = self._begun[: len(into)], self._begun[len(into) :]
        into[: len(part)] = part
        return len(part)

    def close(self) -> None:
        self._raw.close()
        super().close()
