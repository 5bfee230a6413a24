"""What must a step of a rollout not exceed? Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from statistics import NormalDist

from olorin_pipelines.config.model import RolloutPolicy
from olorin_pipelines.delivery.pace import Shape

__all__ = ["Limits"]

_FALSE_ABORTS = 0.01
_LOOK_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a step of a rollout needs and what it must not exceed; times in seconds, rates as shares.

    A step ends early when its error rate is over the limit for certain: by a Wilson lower bound that is so strict that,
    with a look a second until the deadline, a version that fails exactly as often as allowed is aborted in one step
    of a hundred, and one that fails half as often practically never. Fewer than `min_requests` requests have to show
    five times the limit. `min_errors` is how many failed requests it needs: one stray failure is not a verdict. A
    rate over the limit that is not certain holds the step. So does a candidate without a new request for
    `fresh_seconds`, or whose newest sample is so old.
    Latency is too much when p95 *and* mean are over `latency_ratio` times stable's, p95 is over `latency_floor_ms`,
    and the next evaluation says so again.

    The same holds for each operation, with a bound that is stricter by how many there are.
    """

    min_requests: int = 50
    error_rate: float = 0.02
    latency_ratio: float = 2.0
    latency_floor_ms: float = 25.0
    step_seconds: float = 20.0
    step_deadline_seconds: float = 60.0
    min_errors: int = 3
    fresh_seconds: float = 10.0

    @property
    def certainty(self) -> float:
        """The standard normal quantile of one look: all looks of a step together err once in a hundred."""
        return self.quantile(judged=1, looks=self._looks)

    def certainty_of_one_of(self, operations: int) -> float:
        """The same when so many operations are looked at: all looks at all of them together err once in a hundred."""
        return self.quantile(judged=operations, looks=self._looks)

    def quantile(self, *, judged: int, looks: int = 1) -> float:
        """Return the standard normal quantile with which `looks` at each of `judged` err once in a hundred together."""
        return NormalDist().inv_cdf(1.0 - _FALSE_ABORTS / (max(1, judged) * looks))

    @property
    def _looks(self) -> int:
        return max(1, math.ceil(self.step_deadline_seconds / _LOOK_SECONDS))

    def paced(self, shape: Shape) -> Limits:
        """Return them with the times of a rollout's shape."""
        return replace(self, step_seconds=shape.step_seconds, step_deadline_seconds=shape.step_deadline_seconds)

    @classmethod
    def of_policy(cls, policy: RolloutPolicy) -> Limits:
        """Take the limits from the configuration of a service."""
        return cls(
            min_requests=policy.min_requests,
            error_rate=policy.error_rate,
            latency_ratio=policy.latency_ratio,
            latency_floor_ms=policy.latency_floor_ms,
            step_seconds=policy.step_seconds,
            step_deadline_seconds=policy.step_deadline_seconds,
        )
