"""User traffic: an open-loop load generator without retries. `python -m olorin_pipelines.demo.load --help`.

Open loop: a request is sent when its time has come, whether or not the ones before it were answered, so a slow
answer does not hide behind fewer requests. Each request is one line of the log: time, identity, status, version.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import signal
import time
from pathlib import Path
from typing import IO, Any

import httpx
import orjson

__all__ = ["generate", "main"]

_IDENTITIES = 200
_IN_FLIGHT = 500
_COLLECTION = "/api/v1/investigations/"


async def generate(
    url: str, *, rate: float, seconds: float, token: str, log: IO[bytes], stop: asyncio.Event, timeout: float = 10.0
) -> int:
    """Send `rate` requests a second for `seconds` or until `stop`; returns how many were sent.

    One request in ten creates an investigation, the rest read the list. A request that finds `_IN_FLIGHT` others
    unanswered is logged as failed at once, so that the generator itself stays bounded.
    """
    limits = httpx.Limits(max_connections=64, max_keepalive_connections=64)
    async with httpx.AsyncClient(base_url=url, timeout=timeout, limits=limits, trust_env=False) as client:
        pending: set[asyncio.Task[None]] = set()
        begin = asyncio.get_running_loop().time()
        sent = 0
        for number in itertools.count():
            due = number / rate
            if due >= seconds:
                break
            if await _stopped(stop, begin + due - asyncio.get_running_loop().time()):
                break
            task = asyncio.create_task(_request(client, number, token, log, shed=len(pending) >= _IN_FLIGHT))
            pending.add(task)
            task.add_done_callback(pending.discard)
            sent += 1
        if pending:
            await asyncio.wait(pending, timeout=timeout)
        return sent


async def _stopped(stop: asyncio.Event, seconds: float) -> bool:
    if seconds <= 0:
        return stop.is_set()
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return False
    return True


async def _request(client: httpx.AsyncClient, number: int, token: str, log: IO[bytes], *, shed: bool) -> None:
    user = f"user-{number % _IDENTITIES:03d}"
    headers = {"Authorization": f"Bearer {token}", "X-User": user, "X-Request-Id": f"load-{number}"}
    entry: dict[str, Any] = {"at": time.time(), "id": f"load-{number}", "user": user}
    started = time.perf_counter()
    try:
        if shed:
            raise httpx.PoolTimeout("too many requests are unanswered")
        if number % 10 == 0:
            # the optional field is sent, so that every release of the example can serve its users
            body = {
                "entity_id": f"{user}@example.com",
                "entity_type": "email",
                "time_range": {"start_time": "2026-01-01T00:00:00Z", "end_time": "2026-02-01T00:00:00Z"},
            }
            response = await client.post(_COLLECTION, json=body, headers=headers)
        else:
            response = await client.get(_COLLECTION, params={"limit": 5}, headers=headers)
        entry |= {"status": response.status_code, "version": response.headers.get("x-service-version", "")}
    except httpx.HTTPError as error:
        entry |= {"status": 0, "error": f"{type(error).__name__}: {error}"}
    entry["ms"] = round((time.perf_counter() - started) * 1000, 2)
    log.write(orjson.dumps(entry) + b"\n")


async def _main(arguments: argparse.Namespace) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    token = arguments.token_file.read_text(encoding="utf-8").strip()
    with arguments.log.open("ab", buffering=0) as log:
        return await generate(
            arguments.url, rate=arguments.rate, seconds=arguments.seconds, token=token, log=log, stop=stop
        )


def main() -> None:
    """Parse the arguments and send traffic until the time is over or a signal comes."""
    parser = argparse.ArgumentParser(prog="python -m olorin_pipelines.demo.load", description=__doc__)
    parser.add_argument("--url", required=True, help="where users send their requests; loopback only")
    parser.add_argument("--rate", type=float, default=100.0, help="requests a second (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=3600.0, help="at most this long (default: %(default)s)")
    parser.add_argument("--token-file", type=Path, required=True, help="file with the bearer token")
    parser.add_argument("--log", type=Path, required=True, help="one JSON object a line is appended here")
    arguments = parser.parse_args()
    if httpx.URL(arguments.url).host not in ("127.0.0.1", "localhost", "::1"):
        parser.error("only a loopback address gets load")
    asyncio.run(_main(arguments))


if __name__ == "__main__":
    main()
