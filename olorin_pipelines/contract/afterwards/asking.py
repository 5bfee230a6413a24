"""How are the requests after the suite sent? In their order, within their time and number."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from functools import partial

from olorin_pipelines.contract.afterwards.plan import Ask
from olorin_pipelines.contract.request import Request
from olorin_pipelines.contract.sending import Sender
from olorin_pipelines.contract.wire import Answer

__all__ = ["SECONDS_OF_ONE", "Asking"]

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
    """Sends what was planned, within `seconds` and `requests`, in its order.

    No operation gets more than `SECONDS_OF_ONE` for one purpose: a slow one would leave nothing for the others.
    """

    def __init__(
        self,
        sender: Sender,
        *,
        seconds: float,
        requests: int,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sender = sender
        self._monotonic, self._until, self._left = monotonic, monotonic() + seconds, requests
        self._spent: dict[tuple[str, str], float] = {}
        self._answered = 0.0
        self.left_out: dict[str, int] = {}

    def ask(self, asks: Iterable[Ask]) -> None:
        """Send each request. What no longer fits is counted in `left_out`."""
        for ask in asks:
            purpose, now = (ask.phase, ask.seed.operation), self._monotonic()
            spent = self._spent.get(purpose, 0.0)
            if self._left <= 0 or now >= self._until or spent > SECONDS_OF_ONE or self._sender.patience.lost:
                self.left_out[ask.phase] = self.left_out.get(ask.phase, 0) + 1
                continue
            self._left -= 1
            self._sender.send(_request(ask), partial(self._took, purpose, now))
        self._sender.flush()

    def _took(self, purpose: tuple[str, str], started: float, _: Answer) -> None:
        """Of two that were under way at once, each counts from where the other was answered."""
        now = self._monotonic()
        self._spent[purpose] = self._spent.get(purpose, 0.0) + now - max(started, self._answered)
        self._answered = now


def _request(ask: Ask) -> Request:
    hidden = ask.credential.lower()
    return Request(
        operation=ask.seed.operation,
        method=ask.seed.method,
        path=ask.path,
        query=ask.query,
        headers={name: value for name, value in ask.seed.headers.items() if name not in _NOT_SENT and name != hidden},
        body=ask.body,
        phase=ask.phase,
        valid=ask.valid,
        probe=ask.probe,
        without=(hidden,) if hidden else (),
        token=ask.token.value if ask.token else None,
    )
