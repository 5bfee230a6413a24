"""How carefully does this deployment get its traffic? By what the gates found changed in its document."""

from __future__ import annotations

from olorin_pipelines.delivery.pace import Change, Shape, shaped
from olorin_pipelines.pipeline.case import Case

__all__ = ["change_of", "shape_of"]


def shape_of(case: Case) -> Shape:
    """Return the weights and times of the rollout of a deployment, and why they are so."""
    return shaped(case.service.rollout, change_of(case))


def change_of(case: Case) -> Change:
    """Return what changed against production, by the record: nothing, nothing that breaks, an approved break.

    What was not compared is unknown. A break that the policy only warns of, or that no consumer minds, is one too.
    """
    registry, deployment_id = case.place.registry, case.deployment.id
    candidate = registry.snapshot(deployment_id=deployment_id, role="candidate")
    baseline = registry.snapshot(deployment_id=deployment_id, role="baseline")
    found = registry.gates(deployment_id).get("schema_diff")
    if candidate is None or baseline is None or found is None:
        return "unknown"
    if candidate.digest == baseline.digest:
        return "none"
    return "breaking" if found.facts.get("breaking") or found.facts.get("approved") else "additive"
