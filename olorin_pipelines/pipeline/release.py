"""Does an accepted version get its traffic? The rollout of one deployment, with its record in the registry."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from olorin_pipelines.delivery.decide import Limits
from olorin_pipelines.delivery.model import Backend, RolloutResult
from olorin_pipelines.delivery.plan import plan
from olorin_pipelines.delivery.rollout import run_rollout
from olorin_pipelines.errors import LeaseHeld, StaleFence, UsageError
from olorin_pipelines.gate import Fact
from olorin_pipelines.pipeline.case import Case
from olorin_pipelines.pipeline.lease import Pulse, claim
from olorin_pipelines.pipeline.means import metrics_of, router_of
from olorin_pipelines.pipeline.order import separate
from olorin_pipelines.registry import Registry
from olorin_pipelines.verdict import Verdict

__all__ = ["DeploymentJournal", "ReleaseReport", "release"]

_SPARE_SECONDS = 30.0
_LEASE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class ReleaseReport:
    """How a rollout ended: promoted, refused (0 %), aborted, paused or not_routed; `steps` is a table for people."""

    outcome: str
    reason: str
    steps: tuple[Mapping[str, Fact], ...] = ()
    seconds: float = 0.0


class DeploymentJournal:
    """The journal of a rollout or rollback, kept as events of the deployment by whoever holds the lease of `fence`."""

    def __init__(self, registry: Registry, deployment_id: str, service: str, *, fence: int) -> None:
        self._registry, self._id, self._service, self._fence = registry, deployment_id, service, fence

    def record(self, kind: str, detail: Mapping[str, Any]) -> None:
        """Append one event, durable on return. Raises `StaleFence` when somebody else has taken over."""
        self._registry.record_held(
            kind, service=self._service, deployment_id=self._id or None, detail=detail, fence=self._fence
        )
        if kind == "apply_intent":
            self._registry.update_rollout(self._id, weight=int(detail["weight"]), fence=self._fence)

    def abort_requested(self) -> str | None:
        """Return the reason when somebody asked this rollout to stop."""
        row = self._registry.rollout(self._id) if self._id else None
        return row.abort_reason if row else None


def release(case: Case, *, wait: Callable[[float], None] = time.sleep) -> ReleaseReport:
    """Move traffic to the deployment when its verdict allows it.

    Raises `UsageError` when the deployment has no verdict yet or is closed already, `OlorinError` when the registry
    or the router refuse before anything was moved. A breach or a lost metric is an outcome, not an exception.
    """
    deployment = case.place.registry.deployment(case.deployment.id)
    if deployment.outcome is not None:
        raise UsageError(
            f"{deployment.service} {deployment.version} is closed already: {deployment.outcome}",
            hint="announce it again: olorin deploy",
        )
    if deployment.verdict is None:
        raise UsageError(
            f"{deployment.service} {deployment.version} has no verdict yet", hint="launch the job verify_deployment"
        )
    if deployment.verdict == Verdict.REJECTED.value:
        return ReleaseReport("refused", deployment.because or "")
    if deployment.verdict == Verdict.HELD.value:
        case.place.registry.end(deployment.id, "paused")
        return ReleaseReport("paused", deployment.because or "")
    if case.service.rollout.router == "none":
        case.place.registry.end(deployment.id, "not_routed")
        return ReleaseReport("not_routed", "accepted; no router is configured, so no traffic was moved")
    return _roll_out(case, wait)


def _roll_out(case: Case, wait: Callable[[float], None]) -> ReleaseReport:
    registry, policy, deployment = case.place.registry, case.service.rollout, case.deployment
    if registry.serving(case.name) is None:
        return _not_routed(case, "nothing served in production yet, so there is no traffic to move")
    longest = len(policy.steps) * policy.step_deadline_seconds + _SPARE_SECONDS
    try:
        lease = claim(
            registry,
            case.name,
            who="run",
            kind="rollout",
            deployment_id=deployment.id,
            seconds=longest,
            work={},
            within=_LEASE_SECONDS,
            wait=wait,
        ).lease
    except LeaseHeld as error:
        registry.end(deployment.id, "paused")
        return ReleaseReport("paused", f"no traffic was moved: {error.message}")
    closed = registry.deployment(deployment.id).outcome
    if closed is not None:
        registry.release_lease(case.name, fence=lease.fence)
        return ReleaseReport("paused", f"no traffic was moved: it was closed meanwhile as {closed}")
    serving = registry.serving(case.name)  # read again: who held the lease before may have promoted
    if serving is None or not separate(deployment, serving):
        registry.release_lease(case.name, fence=lease.fence)
        now = f"{serving.version} at {serving.url}" if serving else "unknown"
        return _not_routed(
            case,
            f"production is {now} already, so there is no traffic to move; "
            "a rebuild needs a version and an address of its own",
        )
    try:
        registry.open_rollout(deployment.id, fence=lease.fence, deadline=lease.deadline, held=True)
    except StaleFence as error:
        return _taken_over(error)
    pulse = Pulse(registry, case.name, lease.fence, sleep=wait)
    result = run_rollout(
        Backend(version=deployment.version, url=deployment.url),
        service=case.name,
        stable=Backend(version=serving.version, url=serving.url),
        router=router_of(case.place.config, case.name, wait=pulse.wait),
        metrics=metrics_of(case.place.config, case.name),
        plan=plan(policy.steps),
        limits=Limits.of_policy(policy),
        journal=DeploymentJournal(registry, deployment.id, case.name, fence=lease.fence),
        wait=pulse.wait,
        fence=lease.fence,
        rollout_id=deployment.id,
    )
    return _ended(case, result, fence=lease.fence)


def _ended(case: Case, result: RolloutResult, *, fence: int) -> ReleaseReport:
    """Record how the rollout ended, unless somebody took over: then its end is theirs to record.

    A route that somebody without the lease wrote ends it as aborted, so that it is taken back.
    """
    registry, deployment = case.place.registry, case.deployment
    if result.outcome == "paused":
        result = replace(result, outcome="aborted")
    detail = {"steps": [asdict(step) for step in result.steps], "seconds": result.seconds}
    try:
        if result.outcome == "promoted":
            registry.promote(
                case.name,
                version=deployment.version,
                url=deployment.url,
                deployment_id=deployment.id,
                fence=fence,
                reason=result.reason,
                detail=detail,
            )
        else:
            registry.update_rollout(
                deployment.id, state=result.outcome, reason=result.reason, detail=detail, fence=fence
            )
    except StaleFence as error:
        return _taken_over(error, result)
    return _report(result)


def _taken_over(error: StaleFence, result: RolloutResult | None = None) -> ReleaseReport:
    """Whoever took over records the end."""
    lived = result or RolloutResult(outcome="paused", reason="")
    return _report(replace(lived, outcome="paused", reason=f"somebody took over: {error.message}"))


def _not_routed(case: Case, why: str) -> ReleaseReport:
    case.place.registry.end(case.deployment.id, "not_routed")
    return ReleaseReport("not_routed", f"accepted; {why}")


def _report(result: RolloutResult) -> ReleaseReport:
    return ReleaseReport(result.outcome, result.reason, tuple(asdict(step) for step in result.steps), result.seconds)
