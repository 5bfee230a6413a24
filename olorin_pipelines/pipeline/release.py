"""Does an accepted version get its traffic? The rollout of one deployment, with its record in the registry."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from olorin_pipelines.delivery.decide import Limits
from olorin_pipelines.delivery.model import Backend, RolloutResult
from olorin_pipelines.delivery.plan import plan
from olorin_pipelines.delivery.rollout import run_rollout
from olorin_pipelines.errors import UsageError
from olorin_pipelines.gate import Fact
from olorin_pipelines.pipeline.case import Case
from olorin_pipelines.pipeline.means import metrics_of, router_of
from olorin_pipelines.pipeline.order import separate
from olorin_pipelines.registry import Registry
from olorin_pipelines.verdict import Verdict

__all__ = ["DeploymentJournal", "ReleaseReport", "release"]

_SPARE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class ReleaseReport:
    """How a rollout ended: promoted, refused (0 %), aborted, paused or not_routed; `steps` is a table for people."""

    outcome: str
    reason: str
    steps: tuple[Mapping[str, Fact], ...] = ()
    seconds: float = 0.0


class DeploymentJournal:
    """The journal of a rollout, kept as events of the deployment."""

    def __init__(self, registry: Registry, deployment_id: str, service: str) -> None:
        self._registry, self._id, self._service = registry, deployment_id, service

    def record(self, kind: str, detail: Mapping[str, Any]) -> None:
        """Append one event, durable on return."""
        self._registry.record(kind, service=self._service, deployment_id=self._id or None, detail=detail)
        if kind == "apply_intent":
            self._registry.update_rollout(self._id, weight=int(detail["weight"]))

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
    serving = registry.serving(case.name)
    if serving is None:
        registry.end(deployment.id, "not_routed")
        return ReleaseReport("not_routed", "accepted; nothing served in production yet, so there is no traffic to move")
    if not separate(deployment, serving):
        registry.end(deployment.id, "not_routed")
        return ReleaseReport(
            "not_routed",
            f"accepted; production is {serving.version} at {serving.url} already, so there is no traffic to move; "
            "a rebuild needs a version and an address of its own",
        )
    steps = plan(policy.steps)
    fence = registry.next_fence(case.name)
    longest = len(steps) * policy.step_deadline_seconds + _SPARE_SECONDS
    registry.open_rollout(deployment.id, fence=fence, deadline=time.time() + longest)
    result = run_rollout(
        Backend(version=deployment.version, url=deployment.url),
        service=case.name,
        stable=Backend(version=serving.version, url=serving.url),
        router=router_of(case.place.config, case.name),
        metrics=metrics_of(case.place.config, case.name),
        plan=steps,
        limits=Limits.of_policy(policy),
        journal=DeploymentJournal(registry, deployment.id, case.name),
        wait=wait,
        fence=fence,
        rollout_id=deployment.id,
    )
    detail = {"steps": [asdict(step) for step in result.steps], "seconds": result.seconds}
    registry.update_rollout(deployment.id, state=result.outcome, reason=result.reason, detail=detail)
    if result.outcome == "promoted":
        registry.promote(case.name, version=deployment.version, url=deployment.url, deployment_id=deployment.id)
        registry.end(deployment.id, "promoted")
    elif result.outcome == "paused":
        registry.end(deployment.id, "paused")
    return _report(result)


def _report(result: RolloutResult) -> ReleaseReport:
    return ReleaseReport(result.outcome, result.reason, tuple(asdict(step) for step in result.steps), result.seconds)
