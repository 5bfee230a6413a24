"""Does the candidate do worse than it may, and worse than stable? The comparisons that decisions rest on. Pure."""

from __future__ import annotations

import math

from olorin_pipelines.delivery.limits import Limits
from olorin_pipelines.delivery.model import Reading

__all__ = ["comparable", "finite", "over_for_certain", "shared", "slower", "wilson"]

_Z = 1.959963984540054
"""Standard normal quantile of a two-sided 95 % interval."""

_GROSS = 5.0


def wilson(errors: int, requests: int, *, z: float = _Z) -> tuple[float, float]:
    """Return the Wilson score interval of a rate, of 95 % unless told; (0, 1) without requests."""
    if requests <= 0:
        return 0.0, 1.0
    rate = min(errors / requests, 1.0)
    spread = z * z / requests
    centre = (rate + spread / 2) / (1 + spread)
    half = z / (1 + spread) * math.sqrt(rate * (1 - rate) / requests + spread / (4 * requests))
    return max(0.0, centre - half), min(1.0, centre + half)


def over_for_certain(candidate: Reading, limits: Limits, *, z: float) -> bool:
    """Tell whether the error rate is over the limit, and that is no accident of where we looked."""
    enough = candidate.requests >= limits.min_requests
    bar = limits.error_rate if enough else min(_GROSS * limits.error_rate, (1.0 + limits.error_rate) / 2)
    lower, _ = wilson(candidate.errors, candidate.requests, z=z)
    return candidate.errors >= limits.min_errors and lower > bar


def finite(reading: Reading | None) -> bool:
    """Tell whether the numbers of a reading are numbers; none at all are."""
    numbers = (reading.p95_ms, reading.mean_ms, reading.seconds) if reading else ()
    return all(number is None or math.isfinite(number) for number in numbers)


def shared(candidate: Reading, stable: Reading | None, limits: Limits) -> bool:
    """Tell whether stable is over the limit as well, and the candidate is not clearly worse than it."""
    if stable is None or stable.requests < limits.min_errors or stable.errors < limits.min_errors:
        return False
    if stable.errors / stable.requests <= limits.error_rate:
        return False
    return wilson(candidate.errors, candidate.requests)[0] <= wilson(stable.errors, stable.requests)[1]


def comparable(stable: Reading | None, limits: Limits) -> bool:
    """Tell whether stable has enough requests to compare latencies with."""
    return (
        stable is not None
        and stable.users >= min(limits.min_requests, 20)
        and stable.p95_ms is not None
        and stable.mean_ms is not None
    )


def slower(candidate: Reading, stable: Reading | None, limits: Limits) -> str:
    """Say how much slower the candidate is, empty when it is not too much or cannot be compared."""
    if candidate.users < limits.min_requests or stable is None or not comparable(stable, limits):
        return ""
    if candidate.p95_ms is None or candidate.mean_ms is None:
        return ""
    p95, mean = stable.p95_ms or 0.0, stable.mean_ms or 0.0
    if candidate.p95_ms <= limits.latency_floor_ms:
        return ""
    if candidate.p95_ms <= limits.latency_ratio * p95 or candidate.mean_ms <= limits.latency_ratio * mean:
        return ""
    return (
        f"p95 {candidate.p95_ms:.0f} ms and mean {candidate.mean_ms:.0f} ms, stable's {p95:.0f} and {mean:.0f} ms, "
        f"limit {limits.latency_ratio:g} times"
    )
