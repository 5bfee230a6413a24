"""What is the whole record of one deployment? Verdict, gates, rollout, rollbacks and events, as JSON-able values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from olorin_pipelines.gate import Fact
from olorin_pipelines.pipeline.case import Workplace
from olorin_pipelines.pipeline.command import position
from olorin_pipelines.pipeline.decide import gate_table
from olorin_pipelines.registry import Event

__all__ = ["decision_record", "decision_rows"]


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
            "state": position(place, row.id).state,
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


def decision_rows(events: Sequence[Event]) -> list[Mapping[str, Fact]]:
    """Return what was decided and shown about a deployment, one row each, in order, for people."""
    rows: list[Mapping[str, Fact]] = []
    for event in events:
        said = _said(event)
        if said is not None:
            what, because = said
            at = datetime.fromtimestamp(event.at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
            rows.append({"at": at, "what": what, "because": because})
    return rows


def _said(event: Event) -> tuple[str, str] | None:
    """What an event says to people, None for what is only of use to machines."""
    detail = event.detail
    match event.kind:
        case "deployment_announced":
            return f"announced as {detail['version']}", str(detail["url"])
        case "verdict":
            return str(detail["verdict"]), str(detail["because"])
        case "kept_back":
            return "no traffic", str(detail["reason"])
        case "lease_taken":
            return f"{detail['kind']} with fence {detail['fence']}", f"{detail['holder']} {detail['why']}".strip()
        case "apply_evidence":
            shown = ", ".join(f"{version} {percent} %" for version, percent in detail["weights"].items())
            return (
                f"shown: {shown}",
                f"after {detail['seconds']:.3f} s, by {detail['proof'].get('source', 'the router')}",
            )
        case "step_ended":
            return f"step {detail['weight']} %: {detail['outcome']}", str(detail["reason"])
        case "dry_run_ended":
            return f"dry run: would {detail['would'].replace('_', ' ')}", str(detail["reason"])
        case "abort_requested":
            return "abort was asked for", str(detail["reason"])
        case "rollout_state":
            return f"rollout {detail['state']}", str(detail["reason"])
        case "rollback":
            return str(detail["outcome"]), f"{detail['from']} → {detail['to']} in {detail['seconds']:.2f} s"
        case "deployment_ended":
            return f"closed: {detail['outcome']}", ""
    return None
