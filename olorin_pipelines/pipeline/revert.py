"""How is a version taken back? The rollback of `delivery` with its order, its fence and its record in the registry.

Each step takes and returns a baton, a JSON-able dict, because Dagster hands it from op to op.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any, TypeAlias, cast

from olorin_pipelines.delivery import rollback
from olorin_pipelines.delivery.model import Backend
from olorin_pipelines.delivery.probe import Answer, probe
from olorin_pipelines.errors import DeliveryError, RegistryError, UsageError
from olorin_pipelines.pipeline.case import Workplace
from olorin_pipelines.pipeline.journal import DeploymentJournal
from olorin_pipelines.pipeline.lease import Claim, Pulse, Silence, claim, holder
from olorin_pipelines.pipeline.means import router_of, scaler_of
from olorin_pipelines.pipeline.order import Order, order_rollback
from olorin_pipelines.registry import BY_HAND, DRY_RUN, PAUSED, RESTING, Deployment
from olorin_pipelines.registry.identity import uuid7

__all__ = [
    "ROLLBACK_SECONDS",
    "Baton",
    "begin",
    "confirm",
    "drain",
    "finish",
    "latest",
    "precheck",
    "prove",
    "roll_back_now",
    "route",
    "scale",
    "shown_fence",
    "take_off",
    "take_the_place_of",
]

Baton: TypeAlias = dict[str, Any]

ROLLBACK_SECONDS = 90.0
"""How long a rollback may take before somebody else takes it over."""

_LEASE_SECONDS = 120.0
_PATIENCE_SECONDS = 3.0
_POLL_SECONDS = 0.2
_CONFIRM_SECONDS = 5.0


def precheck(
    place: Workplace,
    service: str,
    *,
    deployment_id: str,
    reason: str,
    who: str = "run",
    silence: Silence | None = None,
    within: float = _LEASE_SECONDS,
    wait: Callable[[float], None] = time.sleep,
) -> Baton | None:
    """Decide what goes back to where, take the lease and its fence, and look at stable and the route.

    Returns None when nothing has to go back, also when somebody else did it while we waited for the lease. What was
    left unfinished by a rollback that died is finished instead: it is in the lease. Raises `UsageError` when there is
    nothing that could be rolled back, `UnknownName` for an unknown deployment, `LeaseHeld` after `within` seconds.
    """
    registry = place.registry
    held = registry.lease(service)
    unfinished = held.work.get("order") if held is not None and held.kind == "rollback" else None
    order = cast("Order", unfinished) if unfinished else _order(place, service, deployment_id, reason)
    if order is None:
        return None
    if order["production"]:
        _end_rest(place, service, but=order["deployment_id"], reason=f"production goes back: {order['reason']}")
    if order["stable"] is None or place.config.service(service).rollout.router == "none":
        return {"order": dict(order), "state": None, "started_at": time.time(), "fence": None, "by": holder(who)}
    taken = claim(
        registry,
        service,
        who=who,
        kind="rollback",
        deployment_id=deployment_id or order["deployment_id"],
        seconds=ROLLBACK_SECONDS,
        work={"reason": reason},
        within=within,
        silence=silence,
        above=shown_fence(place, service),
        wait=wait,
    )
    return begin(place, taken, reason=reason, who=who)


def begin(place: Workplace, taken: Claim, *, reason: str, who: str) -> Baton | None:
    """Return the first baton of a rollback whose lease was taken; None, and the lease is free, when it has no work.

    Raises like `precheck`; the lease is free then as well.
    """
    registry, lease, before = place.registry, taken.lease, taken.before
    work = lease.work
    started_at = time.time()
    try:
        if work.get("order"):
            order, started_at = cast("Order", work["order"]), float(work["started_at"])
        else:
            found = _order(place, lease.service, lease.deployment_id or "", work.get("reason") or reason)
            if found is None or found["stable"] is None:
                registry.release_lease(lease.service, fence=lease.fence)
                return None
            order = found
    except UsageError:
        registry.release_lease(lease.service, fence=lease.fence)
        raise
    work = {"order": dict(order), "started_at": started_at, "reason": order["reason"]}
    registry.keep_work(lease.service, fence=lease.fence, work=work)
    state = rollback.begin(
        service=lease.service,
        stable=Backend.from_dict(order["stable"] or {}),
        candidate=Backend.from_dict(order["leaving"]),
        rollout_id=f"rollback-{uuid7()}",
        fence=lease.fence,
        reason=order["reason"],
    )
    took_over = before.holder if before is not None and before.holder != lease.holder else ""
    baton: Baton = {
        "order": dict(order),
        "state": state,
        "started_at": started_at,
        "fence": lease.fence,
        "by": holder(who),
        "took_over": took_over,
    }
    return _step(rollback.precheck, place, baton)


def _order(place: Workplace, service: str, deployment_id: str, reason: str) -> Order | None:
    registry = place.registry
    deployment = registry.deployment(deployment_id) if deployment_id else None
    if deployment is not None and deployment.service != service:
        raise UsageError(f"deployment {deployment_id} is one of {deployment.service}, not of {service}")
    if deployment is not None and registry.is_dry_run(deployment.id):
        registry.end(deployment.id, DRY_RUN)
        return None  # nothing was moved for it, and nothing is
    rollout = registry.rollout(deployment_id) if deployment_id else None
    if rollout is not None and rollout.state in RESTING and not reason:
        return None  # its weight is held until it goes on, or somebody says why it has to go back
    stopped = rollout is not None and rollout.state in ("aborted", "superseded")
    because = rollout.reason if rollout is not None and stopped else (deployment.because or "" if deployment else "")
    order = order_rollback(
        service, deployment=deployment, serving=registry.serving(service), reason=reason, because=because
    )
    if order is not None and rollout is not None and rollout.state == "superseded":
        order["closes"] = "superseded"
    return order


def shown_fence(place: Workplace, service: str) -> int:
    """Return the fence in the route, 0 when it cannot be read: above ours when the registry was made anew."""
    try:
        shown = router_of(place.config, service).read(service)
    except DeliveryError:
        return 0
    return shown.fence if shown else 0


def take_off(place: Workplace, service: str, *, rollout: str, fence: int) -> str:
    """Put the weight of a rollout to 0 where nothing can be recorded; returns what was done, for people.

    Only the route that the rollout called `rollout` wrote, with at most `fence`, is touched. Whoever takes over once
    the registry answers proves it and records it.
    """
    router = router_of(place.config, service)
    try:
        shown = router.read(service)
        if shown is None or not shown.weight or shown.rollout_id != rollout or shown.fence > fence:
            return "the route was left as it is"
        router.confirm(router.apply(replace(shown, weight=0, fence=fence + 1)), within=_CONFIRM_SECONDS)
    except DeliveryError as error:
        return f"the weight could not be put to 0: {error.message}"
    return "the weight was put to 0"


def route(place: Workplace, baton: Baton) -> Baton:
    """Ask the router for all traffic on stable."""
    return _step(rollback.route, place, baton)


def confirm(place: Workplace, baton: Baton) -> Baton:
    """Wait until the data plane shows it; production is the version it goes back to from then on."""
    moved = _step(rollback.confirm, place, baton)
    if moved["order"]["production"] and moved["state"] and moved["state"].get("confirmed"):
        order = moved["order"]
        place.registry.revert(order["service"], leaving=order["leaving"]["url"], fence=moved["fence"])
    return moved


def drain(place: Workplace, baton: Baton) -> Baton:
    """Wait until no request is left on the version."""
    return _step(rollback.drain, place, baton)


def scale(place: Workplace, baton: Baton) -> Baton:
    """Stop the version, unless its order lets it run on."""
    return _step(rollback.scale, place, baton) if baton["order"].get("stops", True) else baton


def prove(place: Workplace, baton: Baton) -> Baton:
    """Prove it at the data plane, record it, and close the deployment when it worked.

    Returns outcome, reason, versions, proofs, seconds and seconds by step. A rollback that failed leaves the
    deployment open and keeps the lease: it is tried again, and nobody else begins. Without a router the outcome is
    `refused`: no traffic was ever moved. Raises `StaleFence` when somebody has taken over.
    """
    proved = _step(rollback.prove, place, baton)
    order, state = proved["order"], proved["state"]
    summary = _summary(order, state)
    good = order.get("closes", "rolled_back")
    closes = {"refused": "refused", "rollback_failed": None}.get(summary["outcome"], good)
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
            "asked_for": order["asked_for"] or closes == "superseded",
            "by": proved["by"],
            "took_over": proved.get("took_over", ""),
            "found": summary["reason"],
            "proofs": summary["proofs"],
            "step_seconds": summary["step_seconds"],
        },
        closes=closes,
        fence=proved["fence"],
    )
    return summary


def finish(place: Workplace, baton: Baton) -> Baton:
    """Run the steps after precheck; returns what `prove` returns."""
    for step in (route, confirm, drain, scale, prove):
        baton = step(place, baton)
    return baton


def roll_back_now(
    place: Workplace, service: str, *, deployment_id: str, reason: str, wait: Callable[[float], None] = time.sleep
) -> Baton:
    """Roll back in this process, without Dagster; returns what `prove` returns.

    A rollout that is open is told to stop first. As long as its run lives it rolls back by itself, and is waited for;
    one without a heartbeat for `_PATIENCE_SECONDS` is taken over. Raises like `precheck`.
    """
    registry = place.registry
    silence = Silence(stale_seconds=_PATIENCE_SECONDS, observe_seconds=_PATIENCE_SECONDS)
    opened = [row for row in registry.open_rollouts(service) if deployment_id in ("", row.deployment_id)]
    if opened and registry.request_abort(opened[0].deployment_id, reason):
        deployment_id = opened[0].deployment_id
        until = time.monotonic() + _LEASE_SECONDS
        while registry.deployment(deployment_id).outcome is None and time.monotonic() < until:
            lease = registry.lease(service)
            if lease is None or silence.why(lease):
                break
            wait(_POLL_SECONDS)
        outcome = registry.deployment(deployment_id).outcome
        if outcome not in (None, "promoted"):  # promoted a moment before it was told to stop: production goes back
            return _recorded(place, service, deployment_id)
    if not deployment_id:
        rows = registry.deployments(service)
        unfinished = [row for row in rows if row.outcome is None and row.run_id != BY_HAND]
        deployment_id = next((row.id for row in unfinished if not registry.is_dry_run(row.id)), "")
    baton = precheck(
        place, service, deployment_id=deployment_id, reason=reason, who="olorin rollback", silence=silence, wait=wait
    )
    if baton is None:
        raise UsageError(f"deployment {deployment_id} is closed: there is nothing to roll back")
    return finish(place, baton)


def take_the_place_of(place: Workplace, service: str, deployment: Deployment) -> None:
    """Take back, and prove it, what rests on traffic of the service in favour of a newer deployment."""
    reason = f"superseded by {deployment.version}: deployment {deployment.id} is newer"
    _end_rest(place, service, but=deployment.id, reason=reason, state="superseded")


def _end_rest(place: Workplace, service: str, *, but: str | None, reason: str, state: str = "aborted") -> None:
    """Take back another deployment than `but` that rests on traffic, so that the route is free; prove it as ever."""
    lease = place.registry.lease(service)
    old = lease.deployment_id if lease is not None and lease.kind == PAUSED else None
    if old is None or old == but:
        return
    place.registry.update_rollout(old, state=state, reason=reason)
    baton = precheck(place, service, deployment_id=old, reason="")
    if baton is not None:
        finish(place, baton)


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
    """Take one step while the lease is ours. Raises `StaleFence` when it is not: the other one does the work."""
    if baton["state"] is None:
        return baton
    service, fence = baton["order"]["service"], baton["fence"]
    with suppress(RegistryError):  # users come first: a rollback goes on without its record
        place.registry.renew_lease(service, fence=fence)
    return {**baton, "state": act(baton["state"], _tools(place, baton))}


def _tools(place: Workplace, baton: Baton) -> rollback.Tools:
    order, fence = baton["order"], baton["fence"]
    service = place.config.service(order["service"])
    pulse = Pulse(place.registry, order["service"], fence, users_first=True)

    def probe_alive(url: str) -> Answer:
        pulse.beat()
        return probe(url)

    return rollback.Tools(
        router=router_of(place.config, order["service"], wait=pulse.wait),
        scaler=scaler_of(place.config, order["service"], wait=pulse.wait),
        journal=DeploymentJournal(place.registry, order["deployment_id"] or "", order["service"], fence=fence),
        probe=probe_alive,
        wait=pulse.wait,
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
        "proofs": [proof.to_dict() for proof in found.proofs],
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
