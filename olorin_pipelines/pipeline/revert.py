"""How is a version taken back? The rollback of `delivery` with its order, its fence and its record in the registry.

Each step takes and returns a baton, a JSON-able dict, because Dagster hands it from op to op.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, TypeAlias

from olorin_pipelines.delivery import rollback
from olorin_pipelines.delivery.model import Backend
from olorin_pipelines.errors import RegistryError, UsageError
from olorin_pipelines.pipeline.case import Workplace
from olorin_pipelines.pipeline.means import router_of, scaler_of
from olorin_pipelines.pipeline.order import order_rollback
from olorin_pipelines.pipeline.release import DeploymentJournal
from olorin_pipelines.registry import BY_HAND
from olorin_pipelines.registry.identity import uuid7

__all__ = ["Baton", "confirm", "drain", "latest", "precheck", "prove", "roll_back_now", "route", "scale"]

Baton: TypeAlias = dict[str, Any]

_GOOD = ("rolled_back", "rolled_back_degraded")
_OPEN_ROLLOUT_SECONDS = 20.0
_POLL_SECONDS = 0.2


def precheck(place: Workplace, service: str, *, deployment_id: str, reason: str) -> Baton | None:
    """Decide what goes back to where, take a fence, and look at stable and the route; None when nothing has to.

    Raises `UsageError` when there is nothing that could be rolled back, `UnknownName` for an unknown deployment.
    """
    registry = place.registry
    deployment = registry.deployment(deployment_id) if deployment_id else None
    if deployment is not None and deployment.service != service:
        raise UsageError(f"deployment {deployment_id} is one of {deployment.service}, not of {service}")
    rollout = registry.rollout(deployment_id) if deployment_id else None
    stopped = rollout is not None and rollout.state == "aborted"
    because = rollout.reason if rollout is not None and stopped else (deployment.because or "" if deployment else "")
    order = order_rollback(
        service, deployment=deployment, serving=registry.serving(service), reason=reason, because=because
    )
    if order is None:
        return None
    baton: Baton = {"order": dict(order), "state": None, "started_at": time.time()}
    if order["stable"] is None or place.config.service(service).rollout.router == "none":
        return baton
    state = rollback.begin(
        service=service,
        stable=Backend.from_dict(order["stable"]),
        candidate=Backend.from_dict(order["leaving"]),
        rollout_id=f"rollback-{uuid7()}",
        fence=registry.next_fence(service),
        reason=order["reason"],
    )
    return _step(rollback.precheck, place, {**baton, "state": state})


def route(place: Workplace, baton: Baton) -> Baton:
    """Ask the router for all traffic on stable."""
    return _step(rollback.route, place, baton)


def confirm(place: Workplace, baton: Baton) -> Baton:
    """Wait until the data plane shows it; production is the version it goes back to from then on."""
    moved = _step(rollback.confirm, place, baton)
    if moved["order"]["production"] and moved["state"] and moved["state"].get("confirmed"):
        place.registry.revert(moved["order"]["service"], leaving=moved["order"]["leaving"]["url"])
    return moved


def drain(place: Workplace, baton: Baton) -> Baton:
    """Wait until no request is left on the version."""
    return _step(rollback.drain, place, baton)


def scale(place: Workplace, baton: Baton) -> Baton:
    """Stop the version."""
    return _step(rollback.scale, place, baton)


def prove(place: Workplace, baton: Baton) -> Baton:
    """Prove it at the data plane, record it, and close the deployment when it worked.

    Returns outcome, reason, versions, proofs, seconds and seconds by step. A rollback that failed leaves the
    deployment open. Without a router the outcome is `refused`: no traffic was ever moved.
    """
    proved = _step(rollback.prove, place, baton)
    order, state = proved["order"], proved["state"]
    summary = _summary(order, state)
    place.registry.record_rollback(
        order["service"],
        deployment_id=order["deployment_id"],
        from_version=summary["from_version"],
        to_version=summary["to_version"],
        reason=order["reason"],
        outcome=summary["outcome"],
        started_at=proved["started_at"],
        seconds=summary["seconds"],
        detail={
            "asked_for": order["asked_for"],
            "found": summary["reason"],
            "proofs": summary["proofs"],
            "step_seconds": summary["step_seconds"],
        },
    )
    if order["deployment_id"] and summary["outcome"] in (*_GOOD, "refused"):
        closed = "refused" if summary["outcome"] == "refused" else "rolled_back"
        place.registry.end(order["deployment_id"], closed)
    return summary


def roll_back_now(
    place: Workplace, service: str, *, deployment_id: str, reason: str, wait: Callable[[float], None] = time.sleep
) -> Baton:
    """Roll back in this process, without Dagster; returns what `prove` returns.

    A rollout that is open is told to stop first, and its run is given `_OPEN_ROLLOUT_SECONDS` to roll back by itself:
    two writers would only fence each other out. Raises like `precheck`.
    """
    registry = place.registry
    opened = [row for row in registry.open_rollouts(service) if deployment_id in ("", row.deployment_id)]
    if opened and registry.request_abort(opened[0].deployment_id, reason):
        deployment_id = opened[0].deployment_id
        until = time.monotonic() + _OPEN_ROLLOUT_SECONDS
        while registry.deployment(deployment_id).outcome is None and time.monotonic() < until:
            wait(_POLL_SECONDS)
        outcome = registry.deployment(deployment_id).outcome
        if outcome not in (None, "promoted"):  # promoted a moment before it was told to stop: production goes back
            return _recorded(place, service, deployment_id)
    if not deployment_id:
        rows = registry.deployments(service)
        unfinished = [row for row in rows if row.outcome is None and row.run_id != BY_HAND]
        deployment_id = unfinished[0].id if unfinished else ""
    baton = precheck(place, service, deployment_id=deployment_id, reason=reason)
    if baton is None:
        raise UsageError(f"deployment {deployment_id} is closed: there is nothing to roll back")
    for step in (route, confirm, drain, scale, prove):
        baton = step(place, baton)
    return baton


def latest(place: Workplace, service: str) -> dict[str, Any]:
    """Return outcome, reason, summary and `asked_for` of the latest rollback. Raises `RegistryError` without one."""
    rows = place.registry.rollbacks(service, limit=1)
    if not rows:
        raise RegistryError(f"no rollback of {service} is recorded")
    row = rows[0]
    return {
        "outcome": row.outcome,
        "reason": row.reason,
        "asked_for": bool(row.detail.get("asked_for")),
        "summary": f"{row.from_version} → {row.to_version} in {row.seconds:.2f} s: {row.detail.get('found', '')}",
    }


def _step(act: Callable[[rollback.State, rollback.Tools], rollback.State], place: Workplace, baton: Baton) -> Baton:
    if baton["state"] is None:
        return baton
    return {**baton, "state": act(baton["state"], _tools(place, baton))}


def _tools(place: Workplace, baton: Baton) -> rollback.Tools:
    order = baton["order"]
    service = place.config.service(order["service"])
    return rollback.Tools(
        router=router_of(place.config, order["service"]),
        scaler=scaler_of(place.config, order["service"]),
        journal=DeploymentJournal(place.registry, order["deployment_id"] or "", order["service"]),
        health_path=service.health,
        healthy_below=500,
        probe_path=service.health,
    )


def _summary(order: dict[str, Any], state: rollback.State | None) -> Baton:
    versions = {
        "deployment_id": order["deployment_id"],
        "from_version": order["leaving"]["version"],
        "to_version": order["stable"]["version"] if order["stable"] else "",
    }
    if state is None:
        reason = f"no traffic was moved by Olorin: {order['reason']}"
        return {**versions, "outcome": "refused", "reason": reason, "proofs": [], "seconds": 0.0, "step_seconds": {}}
    found = rollback.result(state)
    return {
        **versions,
        "outcome": found.outcome,
        "reason": found.reason,
        "proofs": [asdict(proof) for proof in found.proofs],
        "seconds": found.seconds,
        "step_seconds": dict(found.step_seconds),
    }


def _recorded(place: Workplace, service: str, deployment_id: str) -> Baton:
    """What the run of the rollout did after it was told to stop."""
    rows = [row for row in place.registry.rollbacks(service) if row.deployment_id == deployment_id]
    if not rows:
        outcome = place.registry.deployment(deployment_id).outcome
        raise UsageError(f"the rollout ended before it could be stopped: {outcome}", hint="olorin status")
    return {
        "deployment_id": deployment_id,
        "from_version": rows[0].from_version,
        "to_version": rows[0].to_version,
        "outcome": rows[0].outcome,
        "reason": rows[0].reason,
        "proofs": rows[0].detail.get("proofs", []),
        "seconds": rows[0].seconds,
        "step_seconds": rows[0].detail.get("step_seconds", {}),
    }
