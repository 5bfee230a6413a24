"""What is the verdict? The recorded gates are judged by the policy of the service, and the decision is recorded."""

from __future__ import annotations

from dataclasses import replace

from olorin_pipelines.errors import UsageError
from olorin_pipelines.gate import GateResult
from olorin_pipelines.pipeline.case import Case
from olorin_pipelines.verdict import GATES, Decision, judge

__all__ = ["decide", "gate_table"]


def decide(case: Case) -> Decision:
    """Judge the gates of this deployment and record the verdict. Raises `UsageError` when it is closed already."""
    outcome = case.place.registry.deployment(case.deployment.id).outcome
    if outcome is not None:
        raise UsageError(
            f"{case.name} {case.deployment.version} is closed already: {outcome}; its verdict stands",
            hint="announce it again: olorin deploy",
        )
    results = case.place.registry.gates(case.deployment.id)
    decision = judge(
        [results[name] for name in GATES if name in results],
        on_unknown=case.policy.on_unknown,
        enforce=case.policy.mode == "enforce",
        report_only=case.policy.report_only,
    )
    decision = replace(decision, because=decision.because + _claimed(results.get("baseline_schema")))
    case.place.registry.decide(
        case.deployment.id,
        verdict=decision.verdict.value,
        decided_by=decision.decided_by,
        because=decision.because,
    )
    return decision


def _claimed(baseline: GateResult | None) -> str:
    """Say of a baseline that nobody saw production serve where it was taken from."""
    said = baseline.facts.get("baseline_said") if baseline is not None else None
    return f"; the baseline was not asked of production: {said}" if said else ""


def gate_table(results: dict[str, GateResult]) -> list[dict[str, str | float]]:
    """Return one row per gate, in deciding order, for people."""
    return [
        {
            "gate": name,
            "outcome": results[name].outcome.value if name in results else "no_data",
            "seconds": results[name].seconds if name in results else 0.0,
            "summary": results[name].summary if name in results else "no result was recorded",
        }
        for name in GATES
    ]
