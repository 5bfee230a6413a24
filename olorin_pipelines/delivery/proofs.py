"""Is all traffic on stable? Asked of the data plane, and of real requests sent through it."""

from __future__ import annotations

from collections import Counter

from olorin_pipelines.delivery.model import Activity, Backend, Proof, RouteState
from olorin_pipelines.delivery.ports import TrafficRouter
from olorin_pipelines.delivery.probe import Answer, Probe
from olorin_pipelines.errors import DeliveryError

__all__ = ["prove_all"]


def prove_all(
    target: RouteState,
    *,
    router: TrafficRouter,
    probe: Probe,
    health_url: str,
    healthy_below: int,
    probe_path: str,
    probes: int,
) -> tuple[Proof, ...]:
    """Return the proofs that everything of `target` is served by its stable backend."""
    stable, candidate = target.stable, target.backends[-1]
    before = {backend.version: _activity(router, target.service, backend) for backend in target.backends}
    entry = router.entry(target.service)
    answers = [probe(entry.rstrip("/") + probe_path) for _ in range(probes)] if entry else []
    after = {backend.version: _activity(router, target.service, backend) for backend in target.backends}
    healthy = probe(health_url)
    return (
        _restored(target, router),
        _answered(stable.version, answers, _growth(before[stable.version], after[stable.version])),
        _untouched(candidate.version, _growth(before[candidate.version], after[candidate.version])),
        _idle(candidate.version, after[candidate.version]),
        Proof(
            "stable_healthy",
            healthy.status is not None and healthy.status < healthy_below,
            f"{health_url} answers {healthy.status or healthy.detail}",
        ),
    )


def _restored(target: RouteState, router: TrafficRouter) -> Proof:
    try:
        shown = router.read(target.service)
    except DeliveryError as error:
        return Proof("route_restored", False, error.message)
    if shown is None:
        return Proof("route_restored", False, "the data plane shows no route of ours")
    good = shown.stable == target.stable and shown.weight == 0 and shown.fence >= target.fence
    weights = ", ".join(f"{version} {weight} %" for version, weight in shown.weights.items())
    return Proof("route_restored", good, f"the data plane shows {weights}, fence {shown.fence}")


def _answered(version: str, answers: list[Answer], grown: int | None) -> Proof:
    """Every answer names stable; answers that name nobody count when stable's own counter grew by them."""
    name = "answered_by_stable"
    if not answers:
        return Proof(name, False, "no request could be sent: the router has no entry")
    by = Counter(answer.version or ("unnamed" if answer.status else "none") for answer in answers)
    said = f"{len(answers)} requests, answered by " + ", ".join(f"{who} {count}" for who, count in by.items())
    if by[version] == len(answers):
        return Proof(name, True, said)
    counted = grown is not None and grown >= len(answers) and not set(by) - {version, "unnamed"}
    return Proof(name, counted, said + (f"; stable counted {grown}" if grown is not None else ""))


def _untouched(version: str, grown: int | None) -> Proof:
    said = "is not known to the data plane" if grown is None else f"got {grown} requests meanwhile"
    return Proof("candidate_untouched", not grown, f"{version} {said}")


def _idle(version: str, activity: Activity | None) -> Proof:
    active = activity.active if activity else 0
    return Proof("candidate_idle", active == 0, f"{version} has {active} requests in flight")


def _growth(before: Activity | None, after: Activity | None) -> int | None:
    return after.total - before.total if before and after else None


def _activity(router: TrafficRouter, service: str, backend: Backend) -> Activity | None:
    try:
        return router.activity(service, backend)
    except DeliveryError:
        return None
