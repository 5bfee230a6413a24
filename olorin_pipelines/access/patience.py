"""When may a service that asked to be left alone be called again? After 429, and 503 with Retry-After (RFC 9110)."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime

__all__ = ["IN_A_ROW", "Patience", "asked_to_wait"]

UNSAID = 1.0
"""Seconds to wait after a 429 that names none."""
IN_A_ROW = 10
"""Refusals, one after the other, of more than one operation, after which a service is no longer asked."""


def asked_to_wait(status: int | None, retry_after: str | None, *, now: float | None = None) -> float | None:
    """Return for how many seconds an answer asks to wait, None when it does not.

    `retry_after` is the header, seconds or a date; `now` is in seconds since the epoch. A 429 need not carry it, and a
    503 without it is a fault like others.
    """
    if status != 429 and not (status == 503 and retry_after):
        return None
    said = (retry_after or "").strip()
    if said.isascii() and said.isdigit():
        return float(said[:9])
    try:
        return max(0.0, parsedate_to_datetime(said).timestamp() - (time.time() if now is None else now))
    except (ValueError, OverflowError):
        return UNSAID


@dataclass(slots=True)
class Patience:
    """Counts the refusals of one service. `seconds` is what the last of them asked for.

    An operation may have a limit of its own, as a log-in has: as long as others answer, the service is asked.
    """

    in_a_row: int = 0
    seconds: float = 0.0
    _operations: set[str] = field(default_factory=set)

    @property
    def lost(self) -> bool:
        """Whether the service refused so often that it is to be left alone."""
        return self.in_a_row >= IN_A_ROW and len(self._operations) > 1

    def take(self, operation: str, wait: float | None, *, left: float) -> float | None:
        """Take for how long an answer asks to wait. Return how long to wait before the next request, below `left`.

        None: there is nothing to wait for, because it was an answer, or because the wait would be too long.
        """
        if wait is None:
            self.in_a_row = 0
            self._operations.clear()
            return None
        self._operations.add(operation)
        self.in_a_row, self.seconds = self.in_a_row + 1, wait
        return wait if wait < left and not self.lost else None
