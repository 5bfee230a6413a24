"""A bare version of a service: asyncio's own protocols, no framework. `python -m bench.upstream VERSION SHARE`.

Answers every GET with two bytes and its version; `SHARE` of the answers are 500, by a seeded chance. Prints its URL.
"""

from __future__ import annotations

import asyncio
import random
import sys
from typing import cast

__all__ = ["main"]


class _Answers(asyncio.Protocol):
    """HTTP/1.1 as far as Envoy needs it: requests without a body, connections that stay open."""

    def __init__(self, version: str, share: float) -> None:
        head = f"X-Service-Version: {version}\r\nContent-Length: 2\r\n\r\nok"
        self._good = f"HTTP/1.1 200 OK\r\n{head}".encode()
        self._bad = f"HTTP/1.1 500 Internal Server Error\r\n{head}".encode()
        self._share, self._chance = share, random.Random(7)  # noqa: S311 - a fault, not a secret
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where answers go."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Answer each request that has come to its end."""
        *requests, self._received = (self._received + data).split(b"\r\n\r\n")
        for _ in requests:
            self._transport.write(self._bad if self._chance.random() < self._share else self._good)


async def _serve(version: str, share: float) -> None:
    shared = random.Random(7)  # noqa: S311 - each connection begins elsewhere

    def connected() -> _Answers:
        answers = _Answers(version, share)
        answers._chance.seed(shared.random())
        return answers

    server = await asyncio.get_running_loop().create_server(connected, "127.0.0.1", 0)
    sys.stdout.write(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


def main() -> None:
    """Serve until the process is ended."""
    asyncio.run(_serve(sys.argv[1], float(sys.argv[2])))


if __name__ == "__main__":
    main()
