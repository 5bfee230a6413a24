"""Counters in memory, for tests and dry runs."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from olorin_pipelines.delivery.model import Counters
from olorin_pipelines.errors import MetricsUnreachable

__all__ = ["MemoryMetrics"]


class MemoryMetrics:
    """Counts what tests `add`; tests set `unreachable`."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._counters: dict[tuple[str, str], Counters] = {}
        self.unreachable = False

    def read(self, service: str, versions: Sequence[str]) -> Mapping[str, Counters]:
        """Return the counters of the versions that were added."""
        if self.unreachable:
            raise MetricsUnreachable("the metrics in memory were told to be unreachable")
        now = self._monotonic()
        found = {version: self._counters.get((service, version)) for version in versions}
        return {version: replace(counters, at=now) for version, counters in found.items() if counters}

    def add(self, service: str, version: str, *, requests: int, errors: int = 0, milliseconds: float = 5.0) -> None:
        """Count requests that took `milliseconds` each; none makes the version known."""
        bounds = [*(round(1.2**power, 3) for power in range(60)), math.inf]
        old = self._counters.get((service, version)) or Counters(
            at=0.0, requests=0, errors=0, buckets=tuple((bound, 0) for bound in bounds)
        )
        buckets = tuple((bound, count + requests * (milliseconds <= bound)) for bound, count in old.buckets)
        self._counters[service, version] = replace(
            old,
            requests=old.requests + requests,
            errors=old.errors + errors,
            latency_sum_ms=old.latency_sum_ms + requests * milliseconds,
            buckets=buckets,
        )

    def restart(self) -> None:
        """Forget everything, as a restarted process does."""
        known, self._counters = list(self._counters), {}
        for service, version in known:
            self.add(service, version, requests=0)
