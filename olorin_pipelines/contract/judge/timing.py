"""Which operation is far slower than the others of the same run?"""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median

from olorin_pipelines.contract.judge.exchange import Exchange, Violation

__all__ = ["Timing"]

FEWEST = 3
"""Answers that an operation must have given before it is called slow."""


class Timing:
    """Keeps how long successful answers took. `slow_ms` and `times_slower` must both be exceeded."""

    def __init__(self, *, slow_ms: float = 500.0, times_slower: float = 10.0) -> None:
        self._slow_ms, self._times_slower = slow_ms, times_slower
        self._took: dict[str, list[float]] = {}

    def take(self, exchange: Exchange) -> None:
        """Take the next exchange."""
        if exchange.good:
            self._took.setdefault(exchange.operation, []).append(exchange.elapsed_ms)

    @property
    def operations(self) -> int:
        """How many operations can be compared."""
        return sum(len(took) >= FEWEST for took in self._took.values())

    def slow(self) -> list[Violation]:
        """Return an advisory violation for each operation that is slow, alone and beside the others."""
        middle = {key: median(took) for key, took in self._took.items() if len(took) >= FEWEST}
        return [
            Violation(
                check="response_time",
                operation=key,
                message=f"half of its answers took over {took:.0f} ms, those of the other operations {usual:.0f} ms",
                advisory=True,
            )
            for key, took in middle.items()
            for usual in [_usual(middle, key)]
            if usual is not None and took > self._slow_ms and took > usual * self._times_slower
        ]


def _usual(middle: Mapping[str, float], key: str) -> float | None:
    others = [took for other, took in middle.items() if other != key]
    return median(others) if others else None
