"""How are the requests after the suite sent? One after the other, within their time and number."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from olorin_pipelines.contract.afterwards.plan import Ask
from olorin_pipelines.contract.request import Request
from olorin_pipelines.contract.sending import Sender

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
    """Sends what was planned, within `seconds` and `requests`, one after the other.

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
        self.left_out: dict[str, int] = {}

    def ask(self, asks: Iterable[Ask]) -> None:
        """Send each request. What no longer fits is counted in `left_out`."""
        for ask in asks:
            purpose, started = (ask.phase, ask.seed.operation), self._monotonic()
            spent = self._spent.get(purpose, 0.0)
            if self._left <= 0 or started >= self._until or spent > SECONDS_OF_ONE or self._sender.patience.lost:
                self.left_out[ask.phase] = self.left_out.get(ask.phase, 0) + 1
                continue
            self._left -= 1
            self._sender.send(_request(ask))
            self._spent[purpose] = spent + self._monotonic() - started
        self._sender.flush()


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
