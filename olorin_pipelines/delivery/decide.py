"""May the candidate get more traffic? Pure: readings and limits in, a decision out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from olorin_pipelines.delivery import by_operation
from olorin_pipelines.delivery.comparison import comparable, finite, over_for_certain, shared, slower
from olorin_pipelines.delivery.limits import Limits
from olorin_pipelines.delivery.model import Reading
from olorin_pipelines.gate import Fact, Outcome

__all__ = ["Act", "Decision", "Limits", "decide"]

_WHOLE = ""


class Act(IntEnum):
    """What to do with the weight, in order of severity."""

    ADVANCE = 0
    HOLD = 1
    ROLL_BACK = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What to do and why. `slow` names what was too slow this time, the whole as "": pass it to the next decision."""

    act: Act
    outcome: Outcome
    reason: str
    values: Mapping[str, Fact] = field(default_factory=dict)
    slow: frozenset[str] = frozenset()


def decide(
    candidate: Reading | None,
    stable: Reading | None,
    limits: Limits,
    *,
    elapsed: float,
    slow: frozenset[str] = frozenset(),
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

    def hold(outcome: Outcome, reason: str, slow: frozenset[str] = frozenset()) -> Decision:
        act = Act.ROLL_BACK if overdue else Act.HOLD
        late = f", for {limits.step_deadline_seconds:g} s" if overdue else ""
        return Decision(act=act, outcome=outcome, reason=reason + late, values=values, slow=slow)

    if trouble:
        return hold(Outcome.ERROR, trouble, slow)
    if not all(finite(reading) for reading in (candidate, stable)):
        return hold(Outcome.ERROR, "a reading is not a number", slow)
    if candidate is None:
        return hold(Outcome.NO_DATA, "the candidate is not counted")
    if candidate.requests <= 0:
        return hold(Outcome.NO_DATA, "no request on the candidate")
    rate = candidate.errors / candidate.requests
    samples = f" ({candidate.samples} of them samples)" if candidate.samples else ""
    said = f"error rate {rate:.2%} over {candidate.requests} requests{samples}"
    limited = f"{said}, limit {limits.error_rate:.2%}"
    ended = elapsed >= limits.step_seconds and candidate.requests >= limits.min_requests
    certain = over_for_certain(candidate, limits, z=limits.certainty)
    over = rate > limits.error_rate and (certain or ended)
    if over and shared(candidate, stable, limits):
        return hold(Outcome.NO_DATA, f"{limited}; stable fails alike, so it is not the candidate alone")
    late = slower(candidate, stable, limits)
    each = by_operation.judge(candidate, stable, limits, slow=slow, overdue=overdue)
    failed = (limited if over and (certain or overdue) else "") or (late if _WHOLE in slow else "") or each.failed
    if failed:
        return Decision(act=Act.ROLL_BACK, outcome=Outcome.FAIL, reason=failed, values=values)
    still = max(idle, candidate.age)
    waits = [
        (over, f"{limited}; too few to be certain"),
        (late, f"{late}; to be seen twice"),
        (not ended, f"{candidate.requests} of {limits.min_requests} requests after {elapsed:.0f} s"),
        (each.waits, f"{each.waits}; not certain yet"),
        (still >= limits.fresh_seconds, f"no new request on the candidate for {still:.0f} s"),
    ]
    for holds, reason in waits:
        if holds:
            return hold(Outcome.NO_DATA, reason, each.slow | ({_WHOLE} if late else frozenset()))
    compared = "" if comparable(stable, limits) else "; latency not compared, stable has no reading"
    return Decision(act=Act.ADVANCE, outcome=Outcome.PASS, reason=said + compared, values=values)


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
