"""How does one request after another go over one kept connection? Written by us, and read by `http.client`.

Between the two the caller is free: it judges the answer before, while the service works on the next one.
"""

from __future__ import annotations

import contextlib
import http.client
import re
import ssl
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from olorin_pipelines.errors import UsageError

__all__ = ["LARGEST_BODY", "Answer", "Wire"]

LARGEST_BODY = 262_144
"""Bytes of an answer that are read; the connection is closed on one that is larger."""
_CHUNK = 65_536
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
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
            lines.append(f"Host: {self._address.netloc.rpartition('@')[2]}")
        lines += [f"{name}: {value}" for name, value in headers]
        if (body or method in ("POST", "PUT", "PATCH")) and not names & {"content-length", "transfer-encoding"}:
            lines.append(f"Content-Length: {len(body)}")
        if " " in target or any(_CONTROL.search(line) for line in lines):
            raise ValueError("the request holds a character that no request can carry")
        connection = self._opened()
        if connection.sock is None:
            connection.connect()
        connection.sock.sendall("\r\n".join([*lines, "", ""]).encode("latin-1") + body)

    def _read(self) -> Answer:
        assert self._connection is not None  # noqa: S101 - opened by _write
        response = http.client.HTTPResponse(self._connection.sock, method=self._request[0])
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
