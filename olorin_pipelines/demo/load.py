"""User traffic: an open-loop load generator without retries. `python -m olorin_pipelines.demo.load --help`.

Open loop: a request is sent when its time has come, whether or not the ones before it were answered, so a slow
answer does not hide behind fewer requests. Each request is one line of the log: time, user, status, version. Every user
is a caller of its own, with a token of its own.

Threads with one kept connection each, on `http.client`: at this rate a fifth of what an async client costs, and the
machine belongs to what is measured.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import json
import queue
import signal
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

__all__ = ["generate", "main"]

_WORKERS = 24
_WAITING = 500
_COLLECTION = "/api/v1/investigations/"
_TIME_RANGE = {"start_time": "2026-01-01T00:00:00Z", "end_time": "2026-02-01T00:00:00Z"}

Record = Callable[[dict[str, Any]], None]


def generate(
    url: str,
    *,
    rate: float,
    seconds: float,
    tokens: Sequence[str],
    log: IO[bytes],
    stop: threading.Event,
    timeout: float = 10.0,
) -> int:
    """Send `rate` requests a second for `seconds` or until `stop`; returns how many were due.

    The users, one for each of `tokens`, take turns. One request in ten creates an investigation, the rest read the
    list. A request that finds `_WAITING` others waiting is logged as failed at once, so that the generator itself stays
    bounded.
    """
    due: queue.Queue[int | None] = queue.Queue(_WAITING)
    lock = threading.Lock()

    def record(entry: dict[str, Any]) -> None:
        with lock:
            log.write(json.dumps(entry).encode() + b"\n")

    address = urlsplit(url).netloc
    workers = [
        threading.Thread(target=_work, args=(due, address, tokens, timeout, record), daemon=True)
        for _ in range(_WORKERS)
    ]
    for worker in workers:
        worker.start()
    begin, sent = time.monotonic(), 0
    for number in itertools.count():
        if number / rate >= seconds or stop.wait(max(0.0, begin + number / rate - time.monotonic())):
            break
        try:
            due.put_nowait(number)
        except queue.Full:
            record({**_entry(number, len(tokens)), "status": 0, "error": "too many requests are waiting"})
        sent += 1
    for _ in workers:
        due.put(None)
    for worker in workers:
        worker.join(timeout)
    return sent


def _work(due: queue.Queue[int | None], address: str, tokens: Sequence[str], timeout: float, record: Record) -> None:
    connection = http.client.HTTPConnection(address, timeout=timeout)
    while (number := due.get()) is not None:
        record(_request(connection, number, tokens))
    connection.close()


def _request(connection: http.client.HTTPConnection, number: int, tokens: Sequence[str]) -> dict[str, Any]:
    entry = _entry(number, len(tokens))
    headers = {"Authorization": f"Bearer {tokens[number % len(tokens)]}"}
    started = time.perf_counter()
    try:
        if number % 10 == 0:
            # the optional field is sent, so that every release of the example can serve its users
            sent = {"entity_id": f"{entry['user']}@example.com", "entity_type": "email", "time_range": _TIME_RANGE}
            headers["Content-Type"] = "application/json"
            connection.request("POST", _COLLECTION, json.dumps(sent), headers)
        else:
            connection.request("GET", f"{_COLLECTION}?limit=5", headers=headers)
        response = connection.getresponse()
        response.read()
        entry |= {"status": response.status, "version": response.getheader("X-Service-Version", "")}
    except (OSError, http.client.HTTPException) as error:
        connection.close()
        entry |= {"status": 0, "error": f"{type(error).__name__}: {error}"}
    entry["ms"] = round((time.perf_counter() - started) * 1000, 2)
    return entry


def _entry(number: int, users: int) -> dict[str, Any]:
    return {"at": time.time(), "id": number, "user": f"user-{number % users:03d}"}


def main() -> None:
    """Parse the arguments and send traffic until the time is over or a signal comes."""
    parser = argparse.ArgumentParser(prog="python -m olorin_pipelines.demo.load", description=__doc__)
    parser.add_argument("--url", required=True, help="where users send their requests; loopback only")
    parser.add_argument("--rate", type=float, default=100.0, help="requests a second (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=3600.0, help="at most this long (default: %(default)s)")
    parser.add_argument(
        "--token-file", type=Path, required=True, help="file with a bearer token a line, one for each user"
    )
    parser.add_argument("--log", type=Path, required=True, help="one JSON object a line is appended here")
    arguments = parser.parse_args()
    if urlsplit(arguments.url).hostname not in ("127.0.0.1", "localhost", "::1"):
        parser.error("only a loopback address gets load")
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    tokens = arguments.token_file.read_text(encoding="utf-8").split()
    if not tokens:
        parser.error(f"{arguments.token_file} has no token")
    with arguments.log.open("ab", buffering=0) as log:
        generate(arguments.url, rate=arguments.rate, seconds=arguments.seconds, tokens=tokens, log=log, stop=stop)


if __name__ == "__main__":
    main()
