"""Is a rollback that was proved once still true? Asked of the data plane again, at any time; nothing is moved."""

from __future__ import annotations

from typing import Any

from olorin_pipelines.delivery.model import Backend, Proof, RouteState
from olorin_pipelines.delivery.ports import TrafficRouter
from olorin_pipelines.delivery.probe import probe
from olorin_pipelines.delivery.proofs import prove_all
from olorin_pipelines.errors import DeliveryError, UsageError
from olorin_pipelines.pipeline.case import Workplace
from olorin_pipelines.pipeline.means import router_of
from olorin_pipelines.registry import Rollback, Serving

__all__ = ["verify_rollback"]

_PROBES = 200
_OF_THE_LEFT = ("candidate_untouched", "candidate_idle")


def verify_rollback(
    place: Workplace, service: str, *, deployment_id: str = "", probes: int = _PROBES
) -> dict[str, Any]:
    """Prove the latest rollback of a service, or that of a deployment, again; returns and records what was found.

    `proved` says whether the version that was left gets nothing, and production everything. While another version is
    given traffic only the first is asked. Raises `UsageError` when there is no such rollback, or nothing to prove.
    """
    row = _rollback(place, service, deployment_id)
    serving = place.registry.serving(service)
    if serving is None or place.config.service(service).rollout.router == "none":
        raise UsageError(f"no traffic of {service} is moved by Olorin: there is nothing to prove")
    if serving.version == row.from_version:
        raise UsageError(f"{serving.version} was put into production again since: its rollback is history")
    lease = place.registry.lease(service)
    moving = lease is not None and lease.deployment_id not in (None, row.deployment_id)
    proofs = _proofs(place, service, row, serving, probes=probes, moving=moving)
    found = {
        "service": service,
        "deployment_id": row.deployment_id,
        "from_version": row.from_version,
        "to_version": serving.version,
        "rolled_back_at": row.started_at + row.seconds,
        "reason": row.reason,
        "proved": all(proof.passed for proof in proofs),
        "proofs": [proof.to_dict() for proof in proofs],
    }
    detail = {"proved": found["proved"], "proofs": found["proofs"]}
    place.registry.record("rollback_verified", service=service, deployment_id=row.deployment_id, detail=detail)
    return found


def _rollback(place: Workplace, service: str, deployment_id: str) -> Rollback:
    if deployment_id:
        place.registry.deployment(deployment_id)
    rows = [row for row in place.registry.rollbacks(service, limit=200) if row.outcome != "refused"]
    found = next((row for row in rows if deployment_id in ("", row.deployment_id)), None)
    if found is None:
        of = f"deployment {deployment_id}" if deployment_id else service
        raise UsageError(f"no rollback of {of} is recorded", hint=f"olorin status {service}")
    return found


def _proofs(
    place: Workplace, service: str, row: Rollback, serving: Serving, *, probes: int, moving: bool
) -> list[Proof]:
    router, health = router_of(place.config, service), place.config.service(service).health
    url = place.registry.deployment(row.deployment_id).url if row.deployment_id else serving.url
    target = RouteState(
        service=service,
        stable=Backend(serving.version, serving.url),
        candidate=Backend(row.from_version, url),
        rollout_id="verify",
    )
    proofs = prove_all(
        target,
        router=router,
        probe=probe,
        health_url=serving.url.rstrip("/") + health,
        healthy_below=500,
        probe_path=health,
        probes=probes,
    )
    if not moving:
        return list(proofs)
    return [_left(router, service, row.from_version), *(proof for proof in proofs if proof.name in _OF_THE_LEFT)]


def _left(router: TrafficRouter, service: str, version: str) -> Proof:
    """The route gives the version that was left nothing; another one may have its weight."""
    try:
        shown = router.read(service)
    except DeliveryError as error:
        return Proof("route_restored", False, error.message)
    weights = shown.weights if shown else {}
    said = ", ".join(f"{name} {weight} %" for name, weight in weights.items()) or "no route of ours"
    return Proof("route_restored", bool(weights) and not weights.get(version), f"the data plane shows {said}")
