"""Does one operation break while the whole looks well? Each is judged as the service is. Pure.

With many operations some are always over the limit by accident. So what is not certain never ends a step here and
does not hold it either, unless a single look would call it certain: then the step waits, and its deadline decides.
An operation that fails on stable as well is no news of the candidate; what the whole service shares, the whole tells.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from olorin_pipelines.delivery.comparison import finite, over_for_certain, shared, slower, wilson
from olorin_pipelines.delivery.limits import Limits
from olorin_pipelines.delivery.model import Reading
from olorin_pipelines.gate import Fact

__all__ = ["Judgement", "judge", "rows"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What operations say: why the step fails, or why it waits (empty: neither), and which were `slow` this time."""

    failed: str = ""
    waits: str = ""
    slow: frozenset[str] = frozenset()


def judge(
    candidate: Reading, stable: Reading | None, limits: Limits, *, slow: frozenset[str], overdue: bool
) -> Judgement:
    """Judge every operation of the candidate; `slow` are those that were too slow at the look before."""
    seen = len(candidate.operations)
    often, once = limits.certainty_of_one_of(seen), limits.quantile(judged=seen)
    failed: list[str] = []
    waits: list[str] = []
    now_slow: set[str] = set()
    for name, reading in sorted(candidate.operations.items()):
        other = stable.operations.get(name) if stable else None
        if reading.requests <= 0 or not finite(reading) or not finite(other):
            continue
        if over_for_certain(reading, limits, z=once) and not shared(reading, other, limits):
            certain = overdue or over_for_certain(reading, limits, z=often)
            (failed if certain else waits).append(f"{name}: {_rate(reading, limits)}")
        late = slower(reading, other, limits)
        if late:
            now_slow.add(name)
            (failed if name in slow else waits).append(f"{name}: {late}")
    return Judgement(failed=_first(failed), waits=_first(waits), slow=frozenset(now_slow))


def rows(candidate: Reading | None, stable: Reading | None, limits: Limits) -> tuple[Mapping[str, Fact], ...]:
    """Return what was measured as a table: the whole service first, then each operation, with its limits."""
    if candidate is None:
        return ()
    whole = [("all", candidate, stable)]
    each = [
        (name, reading, stable.operations.get(name) if stable else None)
        for name, reading in sorted(candidate.operations.items())
        if reading.requests
    ]
    z = limits.certainty_of_one_of(len(candidate.operations))
    return tuple(
        {
            "operation": name,
            "requests": reading.requests,
            "samples": reading.samples,
            "errors": reading.errors,
            "error_rate": reading.error_rate,
            "error_rate_at_least": round(
                wilson(reading.errors, reading.requests, z=limits.certainty if name == "all" else z)[0], 4
            ),
            "error_limit": limits.error_rate,
            "p95_ms": reading.p95_ms,
            "mean_ms": reading.mean_ms,
            "stable_requests": other.requests if other else 0,
            "stable_error_rate": other.error_rate if other else None,
            "stable_p95_ms": other.p95_ms if other else None,
            "stable_mean_ms": other.mean_ms if other else None,
            "latency_limit": limits.latency_ratio,
            "seconds": round(reading.seconds, 1),
        }
        for name, reading, other in [*whole, *each]
    )


def _rate(reading: Reading, limits: Limits) -> str:
    return (
        f"error rate {reading.errors / reading.requests:.2%} over {reading.requests} requests, "
        f"limit {limits.error_rate:.2%}"
    )


def _first(found: list[str]) -> str:
    if len(found) < 2:
        return "".join(found)
    return f"{found[0]} (and {len(found) - 1} more)"
