"""How are the requests after the suite sent, and written down as the suite writes its own?"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import httpx
import orjson

from olorin_pipelines.contract.afterwards.plan import Ask
from olorin_pipelines.contract.redaction import FILTERED

__all__ = ["Asking"]

LARGEST_BODY = 262_144
"""Bytes of an answer that are read."""
SECONDS_OF_ONE = 5.0
_NOT_SENT = {
    "host",
    "content-length",
    "connection",
    "accept-encoding",
    "transfer-encoding",
    "user-agent",
    "accept",
    "cookie",
}


class Asking:
    """Sends what was planned to one address, within `seconds` and `requests`, one after the other.

    No operation gets more than `SECONDS_OF_ONE` for one purpose: a slow one would leave nothing for the others.
    """

    def __init__(
        self,
        url: str,
        headers: Mapping[str, str],
        *,
        timeout: float,
        seconds: float,
        requests: int,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url, self._headers, self._timeout = httpx.URL(url), headers, timeout
        self._monotonic, self._until, self._left = monotonic, monotonic() + seconds, requests
        self._spent: dict[tuple[str, str], float] = {}
        self.left_out: dict[str, int] = {}

    def lines(self, asks: Iterable[Ask]) -> Iterable[bytes]:
        """Send each request and yield its line of the report. What no longer fits is counted in `left_out`."""
        with httpx.Client(trust_env=False, timeout=self._timeout, follow_redirects=False) as client:
            for number, ask in enumerate(asks):
                purpose, started = (ask.phase, ask.seed.operation), self._monotonic()
                spent = self._spent.get(purpose, 0.0)
                if self._left <= 0 or started >= self._until or spent > SECONDS_OF_ONE:
                    self.left_out[ask.phase] = self.left_out.get(ask.phase, 0) + 1
                    continue
                self._left -= 1
                client.cookies.clear()
                yield _line(f"{ask.phase}-{number}", ask, *self._send(client, ask))
                self._spent[purpose] = spent + self._monotonic() - started

    def _send(self, client: httpx.Client, ask: Ask) -> tuple[dict[str, Any], dict[str, Any] | None]:
        hidden = ask.credential.lower()
        own = {name: value for name, value in self._headers.items() if name.lower() != hidden}
        replaced = _NOT_SENT | {hidden} | {name.lower() for name in own}
        headers = {name: value for name, value in ask.seed.headers.items() if name not in replaced} | own
        if ask.token is not None and ask.token.value is not None:
            headers[hidden] = ask.token.value
        target = self._url.path.rstrip("/") + ask.path + (f"?{ask.query}" if ask.query else "")
        address = self._url.copy_with(raw_path=target.encode("ascii", "replace"))
        shown = {name: [FILTERED if name == hidden else value] for name, value in headers.items()}
        request = {
            "method": ask.seed.method,
            "uri": str(address),
            "headers": shown,
            "body": {"$base64": base64.b64encode(ask.body).decode()} if ask.body else None,
        }
        started = time.perf_counter()
        try:
            with client.stream(ask.seed.method, address, headers=headers, content=ask.body or None) as response:
                body = b""
                for chunk in response.iter_bytes():
                    body += chunk
                    if len(body) > LARGEST_BODY:
                        break
        except httpx.HTTPError:
            return request, None
        answer = {
            "status_code": response.status_code,
            "headers": {name: [value] for name, value in response.headers.items()},
            "content": {"$base64": base64.b64encode(body[:LARGEST_BODY]).decode()},
            "elapsed": time.perf_counter() - started,
            **({"content_size": len(body)} if len(body) > LARGEST_BODY else {}),
        }
        return request, answer


def _line(name: str, ask: Ask, request: dict[str, Any], answer: dict[str, Any] | None) -> bytes:
    method, _, path = ask.seed.operation.partition(" ")
    mode = {True: "positive", False: "negative", None: None}[ask.valid]
    case = {"method": method, "path": path, "probe": ask.probe, "meta": {"generation": {"mode": mode}}}
    recorder = {
        "label": ask.seed.operation,
        "cases": {name: {"value": case}},
        "interactions": {name: {"request": request, "response": answer}},
        "checks": {},
    }
    return orjson.dumps({"ScenarioFinished": {"phase": ask.phase, "recorder": recorder}}) + b"\n"
