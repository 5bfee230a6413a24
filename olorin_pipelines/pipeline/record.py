"""What is the whole record of one deployment? Verdict, gates, rollout, rollbacks and events, as JSON-able values."""

from __future__ import annotations

from typing import Any

from olorin_pipelines.pipeline.case import Workplace
from olorin_pipelines.pipeline.decide import gate_table

__all__ = ["decision_record"]


def decision_record(place: Workplace, deployment_id: str) -> dict[str, Any]:
    """Return all evidence of a deployment. Raises `UnknownName`."""
    registry = place.registry
    row = registry.deployment(deployment_id)
    rollout = registry.rollout(deployment_id)
    backs = [back for back in registry.rollbacks(row.service) if back.deployment_id == deployment_id]
    return {
        "deployment": {
            "id": row.id,
            "service": row.service,
            "environment": row.environment,
            "version": row.version,
            "revision": row.revision,
            "url": row.url,
            "created_at": row.created_at,
            "run_id": row.run_id,
            "verdict": row.verdict,
            "decided_by": row.decided_by,
            "because": row.because,
            "decided_at": row.decided_at,
            "outcome": row.outcome,
            "ended_at": row.ended_at,
        },
        "gates": gate_table(registry.gates(deployment_id)),
        "rollout": {"state": rollout.state, "weight": rollout.weight, "reason": rollout.reason, **rollout.detail}
        if rollout
        else None,
        "rollbacks": [
            {
                "from": back.from_version,
                "to": back.to_version,
                "reason": back.reason,
                "outcome": back.outcome,
                "seconds": back.seconds,
                **back.detail,
            }
            for back in backs
        ],
        "events": [{"at": event.at, "kind": event.kind, "detail": event.detail} for event in registry.events(row.id)],
    }
