"""Does an accepted version get its traffic? The rollout of one deployment, with its record in the registry."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from http import HTTPStatus
from typing import Any

from olorin_pipelines.delivery.decide import Limits
from olorin_pipelines.delivery.model import Backend, RolloutResult
from olorin_pipelines.delivery.pace import Shape
from olorin_pipelines.delivery.plan import plan
from olorin_pipelines.delivery.probe import probe
from olorin_pipelines.delivery.rollout import run_rollout
from olorin_pipelines.errors import LeaseHeld, RegistryError, StaleFence, UsageError
from olorin_pipelines.gate import Fact
from olorin_pipelines.pipeline.case import Case
from olorin_pipelines.pipeline.journal import DeploymentJournal
from olorin_pipelines.pipeline.lease import Pulse, claim
from olorin_pipelines.pipeline.means import metrics_of, router_of
from olorin_pipelines.pipeline.needs import unmet
from olorin_pipelines.pipeline.order import separate
from olorin_pipelines.pipeline.paced import shape_of
from olorin_pipelines.pipeline.rehearsal import rehearse
from olorin_pipelines.pipeline.revert import take_off, take_the_place_of
from olorin_pipelines.pipeline.sampling import sampled
from olorin_pipelines.pipeline.watched import watched_operations
from olorin_pipelines.registry import BY_HAND, DRY_RUN, RESTING, Lease
from olorin_pipelines.verdict import Verdict

__all__ = ["ReleaseReport", "release"]

_SPARE_SECONDS = 30.0
_LEASE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class ReleaseReport:
    """How a rollout ended; `steps` is a table for people.

    promoted, refused (0 %), aborted, superseded, not_routed, dry_run; paused and held_unsafe hold the weight;
    overtaken means that somebody else moves the traffic now, and records the end.

    `measured` is a table as well: of each step what the decision saw, the whole service first, then each operation.
    """

    outcome: str
    reason: str
    steps: tuple[Mapping[str, Fact], ...] = ()
    seconds: float = 0.0
    measured: tuple[Mapping[str, Fact], ...] = ()


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
    if case.place.registry.is_dry_run(deployment.id):
        told = rehearse(
            case,
            deployment,
            router=router_of(case.place.config, case.name),
            metrics=metrics_of(case.place.config, case.name),
            unfit=partial(_unfit, case),
            wait=wait,
        )
        return ReleaseReport(DRY_RUN, told.reason, told.steps, measured=told.measured)
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
    registry, deployment = case.place.registry, case.deployment
    if registry.serving(case.name) is None:
        return _not_routed(case, "nothing served in production yet, so there is no traffic to move")
    if gave_way := _gives_way(case):
        return gave_way
    rested = registry.rollout(deployment.id) is not None  # it has traffic, which only a rollback takes away
    if not rested and (kept_back := unmet(case, wait=wait)):
        registry.record(
            "kept_back", service=case.name, deployment_id=deployment.id, detail={"reason": kept_back.reason}
        )
        registry.end(deployment.id, kept_back.outcome)
        return ReleaseReport(kept_back.outcome, f"no traffic was moved: {kept_back.reason}")
    take_the_place_of(case.place, case.name, deployment)
    shape = shape_of(case)
    try:
        lease = claim(
            registry,
            case.name,
            who="run",
            kind="rollout",
            deployment_id=deployment.id,
            seconds=2 * len(shape.steps) * shape.step_deadline_seconds + _SPARE_SECONDS,
            work={},
            within=_LEASE_SECONDS,
            wait=wait,
        ).lease
    except LeaseHeld as error:
        if registry.rollout(deployment.id) is not None:  # it rested, and is being taken back
            return ReleaseReport("overtaken", error.message)
        registry.end(deployment.id, "paused")
        return ReleaseReport("paused", f"no traffic was moved: {error.message}")
    closed = registry.deployment(deployment.id).outcome
    if closed is not None:
        registry.release_lease(case.name, fence=lease.fence)
        return ReleaseReport("overtaken", f"no traffic was moved: it was closed meanwhile as {closed}")
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
        begun = _opened(case, lease, shape)
    except StaleFence as error:
        return _taken_over(error, ())
    result = _walked(case, Backend(version=serving.version, url=serving.url), begun, fence=lease.fence, wait=wait)
    return _ended(case, result, begun, fence=lease.fence)


def _gives_way(case: Case) -> ReleaseReport | None:
    """A newer deployment that is there before this one moved anything takes its place: the latest wins."""
    registry, deployment = case.place.registry, case.deployment
    newer = registry.newer_deployment(deployment.id, but=BY_HAND)
    if newer is None or registry.rollout(deployment.id) is not None:
        return None
    registry.end(deployment.id, "superseded")
    return ReleaseReport("superseded", f"no traffic was moved: {newer.version} ({newer.id}) is newer")


@dataclass(frozen=True, slots=True)
class _Begun:
    """What a run of a rollout starts from: the weight that is held, what is approved, the steps of earlier runs."""

    shape: Shape
    weight: int = 0
    approved: int = 0
    steps: tuple[Mapping[str, Fact], ...] = ()


def _opened(case: Case, lease: Lease, shape: Shape) -> _Begun:
    """Record that traffic is about to move, or that a rollout which rested goes on where it was."""
    registry, deployment = case.place.registry, case.deployment
    row = registry.rollout(deployment.id)
    if row is None or row.state not in RESTING:
        registry.open_rollout(deployment.id, fence=lease.fence, deadline=lease.deadline, held=True)
        DeploymentJournal(registry, deployment.id, case.name, fence=lease.fence).record(
            "rollout_shaped", shape.to_dict()
        )
        return _Begun(shape)
    approved = int(row.detail.get("approved", 0))
    begins = row.weight
    if row.detail.get("waits_for"):
        begins = int(row.detail["waits_for"])  # the step at the weight that is held has passed
        approved = begins if _is_approved(case) else approved
    registry.resume_rollout(deployment.id, fence=lease.fence, deadline=lease.deadline, approved=approved)
    return _Begun(shape, begins, approved, tuple(row.detail.get("steps", ())))


def _is_approved(case: Case) -> bool:
    return any(each.verb == "approve" for each in case.place.registry.waiting_commands(case.deployment.id))


def _walked(case: Case, stable: Backend, begun: _Begun, *, fence: int, wait: Callable[[float], None]) -> RolloutResult:
    registry, policy, deployment = case.place.registry, case.service.rollout, case.deployment
    pulse = Pulse(registry, case.name, fence, sleep=wait)
    config = case.place.config
    router = router_of(
        config, case.name, wait=pulse.wait, operations=watched_operations(case), pinned=policy.samples > 0
    )
    with sampled(case, metrics_of(config, case.name), router) as metrics:
        return run_rollout(
            Backend(version=deployment.version, url=deployment.url),
            service=case.name,
            stable=stable,
            router=router,
            metrics=metrics,
            plan=plan(
                begun.shape.steps,
                shown_weight=begun.weight,
                approve_before=policy.approve_before,
                approved=begun.approved,
            ),
            limits=Limits.of_policy(policy).paced(begun.shape),
            journal=DeploymentJournal(registry, deployment.id, case.name, fence=fence),
            wait=pulse.wait,
            fence=fence,
            rollout_id=deployment.id,
            unfit=partial(_unfit, case, stable),
        )


def _unfit(case: Case, stable: Backend) -> str:
    """Say why there would be no way back to stable, empty when there is one."""
    answer = probe(stable.url.rstrip("/") + case.service.health)
    fit = answer.status is not None and answer.status < HTTPStatus.INTERNAL_SERVER_ERROR
    return "" if fit else f"stable {stable.version} does not answer: {answer.status or answer.detail}"


def _ended(case: Case, result: RolloutResult, begun: _Begun, *, fence: int) -> ReleaseReport:
    """Record how the rollout ended, unless somebody took over: then its end is theirs to record.

    A route that somebody without the lease wrote ends it as aborted, so that it is taken back. An end that cannot be
    recorded leaves no user on the version, as nobody may hear of it.
    """
    registry, deployment = case.place.registry, case.deployment
    if result.outcome == "overtaken":
        result = replace(result, outcome="aborted")
    steps = (*begun.steps, *(asdict(step) for step in result.steps))
    detail = {
        "steps": steps,
        "seconds": result.seconds,
        "pace": begun.shape.pace,
        "approved": begun.approved,
        "waits_for": result.waits_for,
    }
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
        elif result.outcome in RESTING:
            registry.pause_rollout(
                deployment.id,
                fence=fence,
                state=result.outcome,
                reason=result.reason,
                detail=detail,
                seconds=case.service.rollout.pause_seconds,
            )
        else:
            registry.update_rollout(
                deployment.id, state=result.outcome, reason=result.reason, detail=detail, fence=fence
            )
    except StaleFence as error:
        return _taken_over(error, steps)
    except RegistryError as error:
        if result.outcome == "promoted" or result.outcome in RESTING:
            raise
        done = take_off(case.place, case.name, rollout=deployment.id, fence=fence)
        raise RegistryError(f"{error.message}; {done}", hint=error.hint) from error
    return _report(result.outcome, result.reason, steps, result.seconds)


def _taken_over(error: StaleFence, steps: tuple[Mapping[str, Fact], ...]) -> ReleaseReport:
    """Whoever took over records the end."""
    return _report("overtaken", f"somebody took over: {error.message}", steps)


def _not_routed(case: Case, why: str) -> ReleaseReport:
    case.place.registry.end(case.deployment.id, "not_routed")
    return ReleaseReport("not_routed", f"accepted; {why}")


def _report(outcome: str, reason: str, steps: Sequence[Mapping[str, Any]], seconds: float = 0.0) -> ReleaseReport:
    measured = [{"weight": step["weight"], **row} for step in steps for row in step.get("measured", ())]
    plain = [{name: value for name, value in step.items() if name != "measured"} for step in steps]
    return ReleaseReport(outcome, reason, tuple(plain), seconds, tuple(measured))
