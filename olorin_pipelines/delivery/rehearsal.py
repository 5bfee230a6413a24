"""What would a rollout do? Its steps with their limits, and how long each would wait at today's traffic. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from olorin_pipelines.delivery.limits import Limits
from olorin_pipelines.delivery.model import Reading
from olorin_pipelines.delivery.plan import Step
from olorin_pipelines.gate import Fact

__all__ = ["rehearsed", "too_long"]


def rehearsed(plan: Sequence[Step], limits: Limits, *, stable: Reading | None) -> tuple[Mapping[str, Fact], ...]:
    """Return a row for each step, from what stable does now (None: not measured).

    `seconds` is how long the step would be watched: its own time, or longer until `min_requests` have come at its
    weight; None when nobody knows. `p95_limit_ms` is what stable's p95 makes of the limits, None without one.
    """
    return tuple(
        {
            "weight": step.weight,
            "seconds": _seconds(step, limits, stable),
            "deadline_seconds": limits.step_deadline_seconds,
            "min_requests": limits.min_requests,
            "error_limit": limits.error_rate,
            "p95_limit_ms": _p95_limit(limits, stable),
            "approval": step.approval,
        }
        for step in plan
    )


def too_long(rows: Sequence[Mapping[str, Fact]]) -> tuple[int, ...]:
    """Return the weights at which a step would end at its deadline, for want of requests."""
    return tuple(
        int(row["weight"] or 0)
        for row in rows
        if row["seconds"] is not None and float(row["seconds"]) > float(row["deadline_seconds"] or 0)
    )


def _seconds(step: Step, limits: Limits, stable: Reading | None) -> float | None:
    if stable is None or stable.seconds <= 0:
        return None
    a_second = stable.requests / stable.seconds * step.weight / 100
    if a_second <= 0:
        return None
    return round(max(limits.step_seconds, limits.min_requests / a_second), 1)


def _p95_limit(limits: Limits, stable: Reading | None) -> float | None:
    if stable is None or stable.p95_ms is None:
        return None
    return round(max(limits.latency_floor_ms, limits.latency_ratio * stable.p95_ms), 1)
