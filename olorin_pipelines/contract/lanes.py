"""How many requests are under way at once? Two, over a connection each, as long as the service bears that.

It then has the next request already when it has answered, and does not wait for us in between.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from olorin_pipelines.contract.wire import Answer, Wire

__all__ = ["SECOND_SECONDS", "Lanes", "UnderWay"]

SECOND_SECONDS = 3.0
"""How long a second connection may take for its first answer, before there is only one."""


@dataclass(slots=True, eq=False)
class UnderWay:
    """A request that was sent over `wire`; `answer` is there when it had to be read before its turn."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    alone: bool
    wire: Wire
    answer: Answer | None = None


class Lanes:
    """Sends requests over `first`, and beside it over `second`, and gives their answers in the order of the requests.

    The second connection has to prove itself by its first answer: a service with one thread answers nobody else while
    it waits on a kept connection. If that does not come, the request is sent over the first one, as all others are.
    """

    def __init__(self, first: Wire, second: Wire | None = None) -> None:
        self._wires = [first] if second is None else [first, second]
        self._proven = second is None
        self._under_way: deque[UnderWay] = deque()
        self.base, self.site = first.base, first.site

    def has_room(self, *, alone: bool = False) -> bool:
        """Whether a request can be sent now; one that has to be `alone` waits for all others, and they for it."""
        busy = self._under_way
        if alone or any(each.alone for each in busy):
            return not busy
        return len(busy) < len(self._wires)

    def send(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes, *, alone: bool = False
    ) -> UnderWay:
        """Send a request, for which there must be room."""
        busy = [each.wire for each in self._under_way]
        wire = next(wire for wire in self._wires if wire not in busy)
        sent = UnderWay(method, target, headers, body, alone, wire)
        _write(sent)
        self._under_way.append(sent)
        if not self._proven and wire is self._wires[-1]:
            self._prove(sent)
        return sent

    def receive(self) -> Answer:
        """Wait for the answer to what was sent first of all that is under way."""
        sent = self._under_way.popleft()
        return sent.answer or sent.wire.receive()

    def again(self, sent: UnderWay) -> Answer:
        """Send once more what was answered last, and wait for its answer."""
        _write(sent)
        return sent.wire.receive()

    def read_all(self) -> None:
        """Read what else is under way before a pause, so that the pause is not counted to it."""
        for each in self._under_way:
            each.answer = each.answer or each.wire.receive()

    def close(self) -> None:
        """Close the connections; the next request opens them again."""
        self._under_way.clear()
        for wire in self._wires:
            wire.close()

    def _prove(self, sent: UnderWay) -> None:
        self._proven = True
        if sent.wire.answers(within=SECOND_SECONDS):
            sent.answer = sent.wire.receive()
            if sent.answer.status is not None:
                return
        self._wires.remove(sent.wire)
        sent.wire.close()
        other = self._under_way[0]
        other.answer = other.answer or other.wire.receive()
        sent.wire, sent.answer = other.wire, None
        _write(sent)


def _write(sent: UnderWay) -> None:
    sent.wire.send(sent.method, sent.target, sent.headers.items(), sent.body)
