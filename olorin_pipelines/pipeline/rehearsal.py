"""What would become of a deployment? A dry run: its gates were asked, its rollout is told, and nothing is moved."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from olorin_pipelines.delivery import by_operation
from olorin_pipelines.delivery.decide import Limits
from olorin_pipelines.delivery.model import Backend, Reading
from olorin_pipelines.delivery.pace import Shape
from olorin_pipelines.delivery.plan import plan
from olorin_pipelines.delivery.ports import MetricsSource, TrafficRouter
from olorin_pipelines.delivery.readings import difference
from olorin_pipelines.delivery.rehearsal import rehearsed, too_long
from olorin_pipelines.errors import DeliveryError, RegistryError
from olorin_pipelines.gate import Fact
from olorin_pipelines.pipeline.case import Case, Workplace
from olorin_pipelines.pipeline.order import separate
from olorin_pipelines.pipeline.paced import shape_of
from olorin_pipelines.registry import DRY_RUN, Deployment
from olorin_pipelines.verdict import Verdict

__all__ = ["Rehearsal", "rehearsal_of", "rehearse"]

_EVENT = "dry_run_ended"
_LOOK_SECONDS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """What `would` happen: roll_out, refuse, hold, not_route; `trouble` is what stands in the way today.

    `steps` and `measured` are tables: the weights with their limits, and what stable does now.
    """

    would: str
    reason: str
    pace: str = ""
    steps: tuple[Mapping[str, Fact], ...] = ()
    measured: tuple[Mapping[str, Fact], ...] = ()
    trouble: tuple[str, ...] = ()


def rehearse(
    case: Case,
    deployment: Deployment,
    *,
    router: TrafficRouter,
    metrics: MetricsSource,
    unfit: Callable[[Backend], str],
    wait: Callable[[float], None],
) -> Rehearsal:
    """Tell what a rollout of a deployment with a verdict would do, record that, and close it.

    Only reads: the route, the counters of stable for two seconds, and by `unfit` whether there would be a way back.
    """
    found = _refused(deployment) or _not_routed(case, deployment) or _walk(case, router, metrics, unfit, wait)
    case.place.registry.record(_EVENT, service=case.name, deployment_id=deployment.id, detail=asdict(found))
    case.place.registry.end(deployment.id, DRY_RUN)
    return found


def rehearsal_of(place: Workplace, deployment_id: str) -> dict[str, Any] | None:
    """Return what the record of a deployment has of its rehearsal, None when there is none (yet)."""
    events = place.registry.events(deployment_id)
    return next((event.detail for event in reversed(events) if event.kind == _EVENT), None)


def _refused(deployment: Deployment) -> Rehearsal | None:
    because = deployment.because or ""
    if deployment.verdict == Verdict.REJECTED.value:
        return Rehearsal(would="refuse", reason=f"dry run: would be rejected and stopped; {because}")
    if deployment.verdict == Verdict.HELD.value:
        return Rehearsal(would="hold", reason=f"dry run: would be held without traffic; {because}")
    return None


def _not_routed(case: Case, deployment: Deployment) -> Rehearsal | None:
    serving = case.place.registry.serving(case.name)
    if case.service.rollout.router == "none":
        why = "no router is configured"
    elif serving is None:
        why = "nothing is known to serve production"
    elif not separate(deployment, serving):
        why = f"production is {serving.version} at {serving.url} already"
    else:
        return None
    return Rehearsal(would="not_route", reason=f"dry run: accepted; {why}, so no traffic would be moved")


def _walk(
    case: Case,
    router: TrafficRouter,
    metrics: MetricsSource,
    unfit: Callable[[Backend], str],
    wait: Callable[[float], None],
) -> Rehearsal:
    policy, serving, shape = case.service.rollout, case.place.registry.serving(case.name), shape_of(case)
    if serving is None:  # `_not_routed` has said so
        raise RegistryError(f"what serves {case.name} was forgotten meanwhile")
    stable = Backend(version=serving.version, url=serving.url)
    limits = Limits.of_policy(policy).paced(shape)
    reading, trouble = _look(case.name, stable, router, metrics, wait)
    rows = rehearsed(plan(shape.steps, approve_before=policy.approve_before), limits, stable=reading)
    trouble = [each for each in (unfit(stable), *trouble) if each]
    if late := too_long(rows):
        weights = ", ".join(f"{weight} %" for weight in late)
        trouble.append(f"at {weights} fewer than {limits.min_requests} requests would come before the deadline")
    return Rehearsal(
        would="roll_out",
        reason=_said(shape, trouble),
        pace=shape.pace,
        steps=rows,
        measured=by_operation.rows(reading, None, limits),
        trouble=tuple(trouble),
    )


def _look(
    service: str, stable: Backend, router: TrafficRouter, metrics: MetricsSource, wait: Callable[[float], None]
) -> tuple[Reading | None, list[str]]:
    """Return what stable does just now, and what could not be read."""
    trouble: list[str] = []
    try:
        if router.read(service) is None:
            trouble.append("the data plane shows no route of ours")
    except DeliveryError as error:
        trouble.append(error.message)
    try:
        before = metrics.read(service, [stable.version]).get(stable.version)
        wait(_LOOK_SECONDS)
        reading = difference(before, metrics.read(service, [stable.version]).get(stable.version))
    except DeliveryError as error:
        return None, [*trouble, error.message]
    if reading is None:
        trouble.append(f"{stable.version} is not counted")
    elif not reading.requests:
        trouble.append(f"{stable.version} got no request in {_LOOK_SECONDS:g} s")
    return reading, trouble


def _said(shape: Shape, trouble: Sequence[str]) -> str:
    walk = " → ".join(str(weight) for weight in shape.steps)
    more = f"; today {'; '.join(trouble)}" if trouble else ""
    return f"dry run: accepted; would walk {walk} % ({shape.pace}: {shape.why}){more}"
