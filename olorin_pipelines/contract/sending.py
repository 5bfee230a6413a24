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
from olorin_pipelines.contract.recorded import UNRECORDED, UNRECORDED_ANSWER, Recorded
from olorin_pipelines.contract.redaction import FILTERED, is_secret
from olorin_pipelines.contract.request import Request
from olorin_pipelines.contract.wire import Answer, Wire

__all__ = ["Sender"]

TURNS = 3
"""How often a request is sent that the service refuses for now."""
SECOND_SECONDS = 1.0
"""How long a second connection may take for its first answer, before there is only one."""


@dataclass(slots=True)
class _Sent:
    """A request that is under way over `wire`; `answer` is there when it had to be read before its turn."""

    name: str
    out: Request
    path: str
    headers: Mapping[str, str]
    shown: Mapping[str, str]
    wire: Wire
    done: Callable[[Answer], None] | None
    answer: Answer | None = None


class Sender:
    """Sends requests to one address and hands what came to `take`, with its line for the report.

    With a `second` connection two requests that change nothing are under way at a time: the service has the next one
    already when it has answered. What changes something comes alone, so that each request finds what it would find if
    all came one by one. Exchanges are handed on in the order in which they were sent, while the service works. A
    service that serves no second connection beside the first, and one that refuses for now, is asked one by one.
    `headers` are those of the run, `query` the keys that go into a query where a record says that one was taken
    out of it. `patience` is lost when the service refuses whatever it is asked; nothing is waited for beyond `left()`
    seconds.
    """

    def __init__(
        self,
        wire: Wire,
        headers: Mapping[str, str],
        take: Callable[[bytes, Recorded], None],
        *,
        second: Wire | None = None,
        query: Mapping[str, str] | None = None,
        left: Callable[[], float] = lambda: math.inf,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._wires, self._second, self._base, self._site = [wire], second, wire.base, wire.site
        self._headers, self._take, self._query = headers, take, query or {}
        self.patience, self._left, self._sleep = Patience(), left, sleep
        self._number, self._own = 0, dict[tuple[str, ...], _Own]()
        self._under_way: deque[_Sent] = deque()
        self._pending: tuple[_Sent, Answer] | None = None
        self.unanswered: dict[str, str] = {}

    def send(self, out: Request, done: Callable[[Answer], None] | None = None) -> None:
        """Send a request when what it may depend on was answered; `done` takes its answer, `settle` waits for it."""
        self._number += 1
        headers, shown = self._final(out)
        wire = self._free(out)
        sent = _Sent(f"{out.phase}-{self._number}", out, self._base + out.path, headers, shown, wire, done)
        self._write(sent)
        self._under_way.append(sent)
        self._hand_on()
        if wire is self._second:
            self._prove(wire)
        if self.patience.in_a_row:
            self.settle()

    def settle(self) -> None:
        """Wait for the answers to all that is under way."""
        while self._under_way:
            self._finish()

    def flush(self) -> None:
        """Wait for all answers, and hand on what came."""
        self.settle()
        self._hand_on()

    def _free(self, out: Request) -> Wire:
        """A connection over which `out` can be sent now."""
        if self._second is not None and self._number > 1:
            self.settle()
            return self._second
        if out.changes or any(each.out.changes for each in self._under_way):
            self.settle()
        elif len(self._under_way) == len(self._wires):
            self._finish()
        busy = [each.wire for each in self._under_way]
        return next(wire for wire in self._wires if wire not in busy)

    def _prove(self, second: Wire) -> None:
        """A service with one thread answers nobody else while it waits on a connection: then the first is closed."""
        self._second = None
        if second.answers(within=SECOND_SECONDS):
            self._wires.append(second)
            return
        self._wires[0].close()
        self._wires = [second]

    def _write(self, sent: _Sent) -> None:
        query = self._keyed(sent.out.query)
        target = f"{sent.path}?{query}" if query else sent.path
        sent.wire.send(sent.out.method, target, sent.headers.items(), sent.out.body)

    def _finish(self) -> None:
        """Take the answer to what was sent first. A service that asks to come again later is waited for."""
        self._hand_on()
        sent = self._under_way.popleft()
        for turn in range(TURNS):
            if turn:
                self._write(sent)
            answer = sent.answer if sent.answer and not turn else sent.wire.receive()
            asked = asked_to_wait(answer.status, answer.headers.get("retry-after"))
            wait = self.patience.take(sent.out.operation, asked, left=self._left())
            if wait is None:
                break
            for other in self._under_way:  # it shall not seem to have taken as long as we wait
                other.answer = other.answer or other.wire.receive()
            self._sleep(wait)
        if answer.status is None:
            self.unanswered.setdefault(sent.out.operation, answer.fault)
        if sent.done is not None:
            sent.done(answer)
        self._pending = sent, answer

    def _hand_on(self) -> None:
        if self._pending is not None:
            (sent, answer), self._pending = self._pending, None
            said = _written(sent.name, sent.out, sent.path, sent.shown, answer, base=self._base, site=self._site)
            self._take(*said)

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
