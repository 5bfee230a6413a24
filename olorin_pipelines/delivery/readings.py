"""What happened between two scrapes? Cumulative counters become a reading of the window. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence

from olorin_pipelines.delivery.model import Counters, Reading

__all__ = ["difference", "quantile"]


def difference(before: Counters | None, after: Counters | None) -> Reading | None:
    """Return what happened between two scrapes, None when that cannot be told.

    It cannot when one is missing or when counting began again in between (something fell, or the counting process is
    younger than it was): never a negative number, never a guess.
    """
    if before is None or after is None or _began_again(before, after):
        return None
    start = Counters(at=before.at, requests=0, errors=0, uptime=before.uptime)  # of what was not counted until now
    operations = {
        name: difference(before.operations.get(name, start), counters) for name, counters in after.operations.items()
    }
    base = dict(before.buckets)
    buckets = [(bound, count - base.get(bound, 0)) for bound, count in after.buckets]
    measured = buckets[-1][1] if buckets else 0
    mean = (after.latency_sum_ms - before.latency_sum_ms) / measured if measured > 0 else None
    return Reading(
        requests=after.requests - before.requests,
        errors=min(after.errors - before.errors, after.requests - before.requests),
        p95_ms=quantile(0.95, buckets),
        mean_ms=mean,
        seconds=max(0.0, after.at - before.at),
        age=after.age,
        operations={name: reading for name, reading in operations.items() if reading is not None},
        query=after.query,
        samples=max(0, after.samples - before.samples),
    )


def quantile(share: float, buckets: Sequence[tuple[float, int]]) -> float | None:
    """Return a quantile in ms from cumulative buckets, linear inside a bucket; None when they are empty.

    What lies above the last finite bound is said to lie at that bound, as Prometheus does.
    """
    if not buckets or buckets[-1][1] <= 0:
        return None
    rank, low, below = share * buckets[-1][1], 0.0, 0
    for bound, count in buckets:
        if count >= rank and count > below:
            return low if math.isinf(bound) else low + (bound - low) * (rank - below) / (count - below)
        low, below = (low if math.isinf(bound) else bound), count
    return low


def _began_again(before: Counters, after: Counters) -> bool:
    if after.uptime < before.uptime or after.at < before.at:
        return True
    if after.requests < before.requests or after.errors < before.errors:
        return True
    base = dict(before.buckets)
    return after.latency_sum_ms < before.latency_sum_ms or any(
        count < base.get(bound, 0) for bound, count in after.buckets
    )
