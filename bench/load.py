"""A light open-loop load: asyncio's own protocols, one process. `python -m bench.load URL RATE`.

A request is sent when its time has come, on a connection that is free. At SIGTERM one JSON object is printed: how many
were sent, how many failed (no 2xx, or no answer), how many each version answered, when the first bad answer came
(seconds since 1970), and how late requests were sent at worst (ms): a load that is late measures itself.
"""

from __future__ import annotations

import asyncio
import json
import re
import signal
import sys
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import urlsplit

__all__ = ["main"]

_CONNECTIONS = 64
_HEAD = re.compile(rb"HTTP/1\.1 (\d+).*?\r\n\r\n", re.DOTALL)
_VERSION = re.compile(rb"x-service-version: ([^\r]*)", re.IGNORECASE)
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


@dataclass
class _Seen:
    """What users got."""

    sent: int = 0
    failed: int = 0
    first_bad: float | None = None
    late_ms: float = 0.0
    statuses: Counter[str] = field(default_factory=Counter)
    versions: Counter[str] = field(default_factory=Counter)

    def answer(self, status: str, version: str) -> None:
        """Count one answer; `0` is none."""
        self.statuses[status] += 1
        self.versions[version] += 1
        if not status.startswith("2"):
            self.failed += 1
            self.first_bad = self.first_bad or time.time()


class _Connection(asyncio.Protocol):
    def __init__(self, seen: _Seen, free: deque[_Connection]) -> None:
        self._seen, self._free, self._received, self._asked = seen, free, b"", False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._free.append(self)

    def ask(self, request: bytes) -> None:
        self._asked = True
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head = _HEAD.match(self._received)
        length = _LENGTH.search(self._received[: head.end()]) if head else None
        if head is None or len(self._received) < head.end() + int(length[1] if length else 0):
            return
        version = _VERSION.search(head[0])
        self._asked, self._received = False, b""
        self._seen.answer(head[1].decode(), version[1].decode() if version else "")
        self._free.append(self)

    def connection_lost(self, _error: Exception | None) -> None:
        if self._asked:
            self._seen.answer("0", "")
        elif self in self._free:
            self._free.remove(self)


async def _generate(url: str, rate: float, seen: _Seen) -> None:
    loop, free = asyncio.get_running_loop(), deque[_Connection]()
    host, port = str(urlsplit(url).hostname), int(urlsplit(url).port or 80)
    request = f"GET / HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode()
    stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)

    async def connect() -> None:
        await loop.create_connection(lambda: _Connection(seen, free), host, port)

    await asyncio.gather(*(connect() for _ in range(_CONNECTIONS)))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    begin = time.monotonic()
    while not stop.is_set():
        due = begin + seen.sent / rate
        now = time.monotonic()
        if now < due:
            await asyncio.sleep(due - now)
            continue
        seen.late_ms = max(seen.late_ms, (now - due) * 1000)
        seen.sent += 1
        if not free:
            await connect()
        free.popleft().ask(request)
    await asyncio.sleep(1.0)


def main() -> None:
    """Send requests until SIGTERM, then print what users got."""
    seen = _Seen()
    asyncio.run(_generate(sys.argv[1], float(sys.argv[2]), seen))
    report: dict[str, Any] = {
        "sent": seen.sent,
        "failed": seen.failed,
        "first_bad": seen.first_bad,
        "late_ms": round(seen.late_ms, 1),
        "statuses": dict(seen.statuses),
        "versions": dict(seen.versions),
    }
    sys.stdout.write(json.dumps(report) + "\n")


if __name__ == "__main__":
    main()
