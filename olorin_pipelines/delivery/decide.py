"""May the candidate get more traffic? Pure: readings and limits in, a decision out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from statistics import NormalDist

from olorin_pipelines.config.model import RolloutPolicy
from olorin_pipelines.delivery.model import Reading
from olorin_pipelines.gate import Fact, Outcome

__all__ = ["Act", "Decision", "Limits", "decide", "wilson"]

_Z = 1.959963984540054
"""Standard normal quantile of a two-sided 95 % interval."""

_FALSE_ABORTS = 0.01
_LOOK_SECONDS = 1.0
_GROSS = 5.0


class Act(IntEnum):
    """What to do with the weight, in order of severity."""

    ADVANCE = 0
    HOLD = 1
    ROLL_BACK = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a step of a rollout needs and what it must not exceed; times in seconds, rates as shares.

    A step ends early when its error rate is over the limit for certain: by a Wilson lower bound that is so strict that,
    with a look a second until the deadline, a version that fails exactly as often as allowed is aborted in one step
    of a hundred, and one that fails half as often practically never. Fewer than `min_requests` requests have to show
    five times the limit. `min_errors` is how many failed requests it needs: one stray failure is not a verdict. A
    rate over the limit that is not certain holds the step. So does a candidate without a new request for
    `fresh_seconds`.
    Latency is too much when p95 *and* mean are over `latency_ratio` times stable's, p95 is over `latency_floor_ms`,
    and the next evaluation says so again.
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
        looks = max(1, math.ceil(self.step_deadline_seconds / _LOOK_SECONDS))
        return NormalDist().inv_cdf(1.0 - _FALSE_ABORTS / looks)

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What to do and why. `slow` counts the evaluations in a row that found latency too high: pass it to the next."""

    act: Act
    outcome: Outcome
    reason: str
    values: Mapping[str, Fact] = field(default_factory=dict)
    slow: int = 0


def wilson(errors: int, requests: int, *, z: float = _Z) -> tuple[float, float]:
    """Return the Wilson score interval of a rate, of 95 % unless told; (0, 1) without requests."""
    if requests <= 0:
        return 0.0, 1.0
    rate = min(errors / requests, 1.0)
    spread = z * z / requests
    centre = (rate + spread / 2) / (1 + spread)
    half = z / (1 + spread) * math.sqrt(rate * (1 - rate) / requests + spread / (4 * requests))
    return max(0.0, centre - half), min(1.0, centre + half)


def decide(
    candidate: Reading | None,
    stable: Reading | None,
    limits: Limits,
    *,
    elapsed: float,
    slow: int = 0,
    idle: float = 0.0,
    trouble: str = "",
) -> Decision:
    """Judge a step after `elapsed` seconds from what its window shows.

    `stable` is the same window on stable, or an earlier one when stable gets no traffic any more. `slow` is that of
    the decision before, `idle` for how many seconds the candidate got no new request. `trouble` says why there is no
    reading when something failed (the outcome is then ERROR).
    """
    values = _values(candidate, stable, elapsed)
    overdue = elapsed >= limits.step_deadline_seconds

    def hold(outcome: Outcome, reason: str, slow: int = 0) -> Decision:
        act = Act.ROLL_BACK if overdue else Act.HOLD
        late = f", for {limits.step_deadline_seconds:g} s" if overdue else ""
        return Decision(act=act, outcome=outcome, reason=reason + late, values=values, slow=slow)

    def fail(reason: str) -> Decision:
        return Decision(act=Act.ROLL_BACK, outcome=Outcome.FAIL, reason=reason, values=values)

    if trouble:
        return hold(Outcome.ERROR, trouble, slow)
    if not all(_finite(reading) for reading in (candidate, stable)):
        return hold(Outcome.ERROR, "a reading is not a number", slow)
    if candidate is None or candidate.requests <= 0:
        return hold(Outcome.NO_DATA, "no request on the candidate", slow)
    rate = candidate.errors / candidate.requests
    ended = elapsed >= limits.step_seconds and candidate.requests >= limits.min_requests
    over = rate > limits.error_rate
    if over and (_certain(candidate, limits) or ended):
        said = f"error rate {rate:.2%} over {candidate.requests} requests, limit {limits.error_rate:.2%}"
        if _shared(candidate, stable, limits):
            return hold(Outcome.NO_DATA, f"{said}; stable fails alike, so it is not the candidate alone")
        if _certain(candidate, limits) or overdue:
            return fail(said)
        return hold(Outcome.NO_DATA, f"{said}; too few to be certain")
    slower = _slower(candidate, stable, limits)
    if slower and candidate.requests >= limits.min_requests:
        return fail(slower) if slow else hold(Outcome.NO_DATA, f"{slower}; to be seen twice", 1)
    if not ended:
        return hold(Outcome.NO_DATA, f"{candidate.requests} of {limits.min_requests} requests after {elapsed:.0f} s")
    if idle >= limits.fresh_seconds:
        return hold(Outcome.NO_DATA, f"no new request on the candidate for {idle:.0f} s")
    compared = "" if _comparable(stable, limits) else "; latency not compared, stable has no reading"
    reason = f"error rate {rate:.2%} over {candidate.requests} requests{compared}"
    return Decision(act=Act.ADVANCE, outcome=Outcome.PASS, reason=reason, values=values)


def _certain(candidate: Reading, limits: Limits) -> bool:
    """The error rate is over the limit, and that is no accident of where we looked."""
    enough = candidate.requests >= limits.min_requests
    bar = limits.error_rate if enough else min(_GROSS * limits.error_rate, (1.0 + limits.error_rate) / 2)
    lower, _ = wilson(candidate.errors, candidate.requests, z=limits.certainty)
    return candidate.errors >= limits.min_errors and lower > bar


def _finite(reading: Reading | None) -> bool:
    numbers = (reading.p95_ms, reading.mean_ms, reading.seconds) if reading else ()
    return all(number is None or math.isfinite(number) for number in numbers)


def _shared(candidate: Reading, stable: Reading | None, limits: Limits) -> bool:
    """Stable is over the limit as well, and the candidate is not clearly worse than it."""
    if stable is None or stable.requests < limits.min_errors or stable.errors < limits.min_errors:
        return False
    if stable.errors / stable.requests <= limits.error_rate:
        return False
    return wilson(candidate.errors, candidate.requests)[0] <= wilson(stable.errors, stable.requests)[1]


def _comparable(stable: Reading | None, limits: Limits) -> bool:
    return (
        stable is not None
        and stable.requests >= min(limits.min_requests, 20)
        and stable.p95_ms is not None
        and stable.mean_ms is not None
    )


def _slower(candidate: Reading, stable: Reading | None, limits: Limits) -> str:
    """Say how much slower the candidate is, empty when it is not too much or cannot be compared."""
    if stable is None or not _comparable(stable, limits) or candidate.p95_ms is None or candidate.mean_ms is None:
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


def _values(candidate: Reading | None, stable: Reading | None, elapsed: float) -> dict[str, Fact]:
    values: dict[str, Fact] = {"elapsed": round(elapsed, 3)}
    for prefix, reading in (("", candidate), ("stable_", stable)):
        if reading is not None:
            values[f"{prefix}requests"] = reading.requests
            values[f"{prefix}errors"] = reading.errors
            values[f"{prefix}error_rate"] = reading.error_rate
            values[f"{prefix}p95_ms"] = reading.p95_ms
            values[f"{prefix}mean_ms"] = reading.mean_ms
    return values
