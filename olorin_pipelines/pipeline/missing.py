"""What does a gate answer when a document it needs is not there?"""

from __future__ import annotations

from olorin_pipelines.gate import GateResult, Outcome
from olorin_pipelines.pipeline.case import Case

__all__ = ["no_baseline", "no_candidate"]


def no_candidate(gate: str) -> GateResult:
    """The candidate's document was never captured, so the gate could not ask its question."""
    return GateResult(
        gate=gate, outcome=Outcome.NO_DATA, summary="the candidate's document was not captured; see openapi_schema"
    )


def no_baseline(case: Case, gate: str) -> GateResult:
    """There is no baseline: NOT_APPLICABLE if there never was one, NO_DATA if it could not be captured this time."""
    captured = case.place.registry.gates(case.deployment.id).get("baseline_schema")
    if captured is not None and captured.outcome is Outcome.NOT_APPLICABLE:
        return GateResult(gate=gate, outcome=Outcome.NOT_APPLICABLE, summary="the first deployment: no baseline yet")
    why = captured.summary if captured else "it was not asked for"
    return GateResult(gate=gate, outcome=Outcome.NO_DATA, summary=f"the baseline was not captured: {why}")
