"""How are requests of our own sent and written down, as the suite writes its own, and taken by the same judge?"""

from __future__ import annotations

import base64
import math
import re
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import quote

import orjson

from olorin_pipelines.access import Patience, asked_to_wait
from olorin_pipelines.contract.judge.exchange import Exchange
from olorin_pipelines.contract.lanes import Lanes, UnderWay
from olorin_pipelines.contract.recorded import UNRECORDED, UNRECORDED_ANSWER, Recorded
from olorin_pipelines.contract.redaction import FILTERED, is_secret
from olorin_pipelines.contract.request import Request
from olorin_pipelines.contract.wire import Answer

__all__ = ["Sender"]

TURNS = 3
"""How often a request is sent that the service refuses for now."""


@dataclass(slots=True)
class _Sent:
    """A request of which the answer was not taken yet, as it is written down."""

    name: str
    out: Request
    path: str
    shown: Mapping[str, str]
    under_way: UnderWay
    done: Callable[[Answer], None] | None


class Sender:
    """Sends requests to one address and hands what came to `take`, with its line for the report.

    Two requests that change nothing may be under way at once (`lanes`). What changes something comes alone, so that
    each request finds what it would find if all came one by one. Exchanges are handed on in the order in which they
    were sent, while the service works. A service that refuses for now is asked one by one.

    `headers` are those of the run, `query` the keys that go into a query where a record says that one was taken
    out of it. `patience` is lost when the service refuses whatever it is asked; nothing is waited for beyond `left()`
    seconds.
    """

    def __init__(
        self,
        lanes: Lanes,
        headers: Mapping[str, str],
        take: Callable[[bytes, Recorded], None],
        *,
        query: Mapping[str, str] | None = None,
        left: Callable[[], float] = lambda: math.inf,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._lanes, self._headers, self._take, self._query = lanes, headers, take, query or {}
        self.patience, self._left, self._sleep = Patience(), left, sleep
        self._number, self._own = 0, dict[tuple[str, ...], _Own]()
        self._sent: deque[_Sent] = deque()
        self._pending: tuple[_Sent, Answer] | None = None
        self.unanswered: dict[str, str] = {}

    def send(self, out: Request, done: Callable[[Answer], None] | None = None) -> None:
        """Send a request when what it may depend on was answered; `done` takes its answer, `settle` waits for it."""
        self._number += 1
        headers, shown = self._final(out)
        path, query = self._lanes.base + out.path, self._keyed(out.query)
        while not self._lanes.has_room(alone=out.changes):
            self._finish()
        under_way = self._lanes.send(
            out.method, f"{path}?{query}" if query else path, headers, out.body, alone=out.changes
        )
        self._sent.append(_Sent(f"{out.phase}-{self._number}", out, path, shown, under_way, done))
        self._hand_on()
        if self.patience.in_a_row:
            self.settle()

    def settle(self) -> None:
        """Wait for the answers to all that is under way."""
        while self._sent:
            self._finish()

    def flush(self) -> None:
        """Wait for all answers, and hand on what came."""
        self.settle()
        self._hand_on()

    def _finish(self) -> None:
        """Take the answer to what was sent first. A service that asks to come again later is waited for."""
        self._hand_on()
        sent = self._sent.popleft()
        for turn in range(TURNS):
            answer = self._lanes.again(sent.under_way) if turn else self._lanes.receive()
            asked = asked_to_wait(answer.status, answer.headers.get("retry-after"))
            wait = self.patience.take(sent.out.operation, asked, left=self._left())
            if wait is None:
                break
            self._lanes.read_all()
            self._sleep(wait)
        if answer.status is None:
            self.unanswered.setdefault(sent.out.operation, answer.fault)
        if sent.done is not None:
            sent.done(answer)
        self._pending = sent, answer

    def _hand_on(self) -> None:
        if self._pending is not None:
            (sent, answer), self._pending = self._pending, None
            lanes = self._lanes
            self._take(*_written(sent.name, sent.out, sent.path, sent.shown, answer, base=lanes.base, site=lanes.site))

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
