"""Which recorded requests succeeded, to be asked again with one thing changed?"""

from __future__ import annotations

from olorin_pipelines.contract.judge import Exchange

__all__ = ["Seeds"]


class Seeds:
    """Keeps the latest successful valid request of each operation: what it asks for is the likeliest still there."""

    def __init__(self) -> None:
        self._kept: dict[str, Exchange] = {}

    def take(self, exchange: Exchange) -> None:
        """Take an exchange."""
        if exchange.good and exchange.valid and exchange.operation.startswith(f"{exchange.method} "):
            self._kept[exchange.operation] = exchange

    def all(self) -> dict[str, Exchange]:
        """Return the requests by operation."""
        return dict(self._kept)
