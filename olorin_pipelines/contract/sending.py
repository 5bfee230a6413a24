"""How are requests of our own sent and written down, as the suite writes its own, and taken by the same judge?"""

from __future__ import annotations

import base64
import math
import re
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

import orjson

from olorin_pipelines.access import Patience, asked_to_wait
from olorin_pipelines.contract.judge.exchange import Exchange
from olorin_pipelines.contract.recorded import UNRECORDED, UNRECORDED_ANSWER, Recorded
from olorin_pipelines.contract.redaction import FILTERED, is_secret
from olorin_pipelines.contract.request import Request
from olorin_pipelines.contract.wire import Answer, Wire

__all__ = ["Sender"]

TURNS = 3
"""How often a request is sent that the service refuses for now."""


class Sender:
    """Sends requests to one address and hands what came to `take`, with its line for the report.

    An exchange is handed on while the service works on the next request. `headers` are those of the run, `query` the
    keys that go into a query where a record says that one was taken out of it. `patience` is lost when the service
    refuses whatever it is asked; nothing is waited for beyond `left()` seconds.
    """

    def __init__(
        self,
        wire: Wire,
        headers: Mapping[str, str],
        take: Callable[[bytes, Recorded], None],
        *,
        query: Mapping[str, str] | None = None,
        left: Callable[[], float] = lambda: math.inf,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._wire, self._headers, self._take, self._query = wire, headers, take, query or {}
        self.patience, self._left, self._sleep = Patience(), left, sleep
        self._number, self._own = 0, dict[tuple[str, ...], _Own]()
        self._pending: tuple[str, Request, str, Mapping[str, str], Answer] | None = None
        self.unanswered: dict[str, str] = {}

    def send(self, out: Request) -> Answer:
        """Send a request and return its answer; it is handed on with the next one, or by `flush`."""
        headers, shown = self._final(out)
        path = self._wire.base + out.path
        answer = self._answered(out, path, headers)
        if answer.status is None:
            self.unanswered.setdefault(out.operation, answer.fault)
        self._number += 1
        self._pending = (f"{out.phase}-{self._number}", out, path, shown, answer)
        return answer

    def flush(self) -> None:
        """Hand on what came last."""
        if self._pending is not None:
            pending, self._pending = self._pending, None
            self._take(*_written(*pending, base=self._wire.base, site=self._wire.site))

    def _answered(self, out: Request, path: str, headers: Mapping[str, str]) -> Answer:
        """The answer. A service that asks to come again later is waited for, and asked again."""
        query = self._keyed(out.query)
        for _ in range(TURNS):
            self._wire.send(out.method, f"{path}?{query}" if query else path, headers.items(), out.body)
            self.flush()
            answer = self._wire.receive()
            asked = asked_to_wait(answer.status, answer.headers.get("retry-after"))
            wait = self.patience.take(out.operation, asked, left=self._left())
            if wait is None:
                break
            self._sleep(wait)
        return answer

    def _keyed(self, query: str) -> str:
        for name, key in self._query.items():
            taken_out = (
                rf"(?<![^&]){re.escape(quote(name, safe=''))}=(?:{re.escape(FILTERED)}|{quote(FILTERED)})(?![^&])"
            )
            query = re.sub(taken_out, f"{quote(name, safe='')}={key}", query)
        return query

    def _final(self, out: Request) -> tuple[dict[str, str], dict[str, str]]:
        """The headers as they are sent, and as they are written down."""
        own = self._own.get(out.without)
        if own is None:
            own = self._own[out.without] = _own(self._headers, out.without)
        final: dict[str, str] = {}
        shown: dict[str, str] = {}
        for name, value in out.headers.items():
            if (plain := name.lower()) not in own.names:
                final[name], shown[name] = value, FILTERED if plain in own.secret else value
        final |= own.sent
        shown |= own.shown
        if out.token is not None and out.without:
            final[out.without[0]], shown[out.without[0]] = out.token, FILTERED
        return final, shown


class _Own(NamedTuple):
    """What a run adds to a request; `names` and `secret` are lower case."""

    sent: Mapping[str, str]
    shown: Mapping[str, str]
    names: frozenset[str]
    secret: frozenset[str]


def _own(headers: Mapping[str, str], without: tuple[str, ...]) -> _Own:
    sent = {name: value for name, value in headers.items() if name.lower() not in without}
    secret = frozenset({name.lower() for name in headers if is_secret(name)} | set(without))
    shown = {name: FILTERED if name.lower() in secret else value for name, value in sent.items()}
    return _Own(sent, shown, frozenset(map(str.lower, sent)), secret)


def _written(
    name: str, out: Request, path: str, headers: Mapping[str, str], answer: Answer, *, base: str, site: str
) -> tuple[bytes, Recorded]:
    """The line of the report, and what it says."""
    request: dict[str, Any] = {
        "method": out.method,
        "uri": f"{site}{path}" + (f"?{out.query}" if out.query else ""),
        "headers": {name: [value] for name, value in headers.items()},
        "body": {"$base64": base64.b64encode(out.body).decode()} if out.body else None,
    }
    response = None
    if answer.status is not None:
        response = {
            "status_code": answer.status,
            "headers": {name: [value] for name, value in answer.headers.items()},
            "content": {"$base64": base64.b64encode(answer.body).decode()},
            "elapsed": answer.elapsed,
            **({} if answer.whole else {"content_size": len(answer.body) + 1}),
        }
    interaction = {"request": request, "response": response}
    method, _, template = out.operation.partition(" ")
    mode = {True: "positive", False: "negative", None: None}[out.valid]
    case = {"method": method, "path": template, "probe": out.probe, "meta": {"generation": {"mode": mode}}}
    recorder = {
        "label": out.operation,
        "cases": {name: {"value": case}},
        "interactions": {name: interaction},
        "checks": {},
    }
    line = orjson.dumps({"ScenarioFinished": {"phase": out.phase, "recorder": recorder}}) + b"\n"
    exchange = Exchange(
        operation=out.operation,
        method=out.method,
        path=path.removeprefix(base),
        query=out.query,
        headers=UNRECORDED | {name.lower(): value for name, value in headers.items()},
        body=out.body,
        status=answer.status,
        answer_headers=UNRECORDED_ANSWER | answer.headers,
        answer=answer.body,
        whole=answer.whole,
        elapsed_ms=1000 * answer.elapsed,
        phase=out.phase,
        valid=out.valid,
        probe=out.probe,
    )
    return line, Recorded(exchange, interaction, [])
