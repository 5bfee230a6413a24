"""Is all traffic on stable? Asked of the data plane, and of real requests sent through it."""

from __future__ import annotations

from collections import Counter
from http import HTTPStatus
from typing import TypeAlias

from olorin_pipelines.delivery.model import Activity, Backend, Proof, RouteState
from olorin_pipelines.delivery.ports import TrafficRouter
from olorin_pipelines.delivery.probe import Answer, Probe
from olorin_pipelines.errors import DeliveryError, NotShown

__all__ = ["prove_all"]

_Counted: TypeAlias = dict[str, Activity | None] | NotShown | None


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
    before = _activities(target, router)
    entry = router.entry(target.service)
    answers = [probe(entry.rstrip("/") + probe_path) for _ in range(probes)] if entry else []
    after = _activities(target, router)
    healthy = probe(health_url)
    return (
        _restored(target, router),
        _answered(stable.version, answers, _growth(before, after, stable)),
        *_left_alone(candidate, before, after),
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
    if shown.believed and good:
        return Proof("route_restored", False, "the router was told so; nothing can be read back", known=False)
    weights = ", ".join(f"{version} {weight} %" for version, weight in shown.weights.items())
    return Proof("route_restored", good, f"the data plane shows {weights}, fence {shown.fence}")


def _answered(version: str, answers: list[Answer], grown: int | None) -> Proof:
    """Every answer names stable; one that names nobody counts when stable's own counter grew by it.

    An unnamed 5xx never counts: the router itself answers so for a backend that is down, and counts that as well.
    """
    name = "answered_by_stable"
    if not answers:
        return Proof(name, False, "no request could be sent: the router has no entry", known=False)
    by = Counter(answer.version or _unnamed(answer.status) for answer in answers)
    said = f"{len(answers)} requests, answered by " + ", ".join(f"{who} {count}" for who, count in by.items())
    if by[version] == len(answers):
        return Proof(name, True, said)
    if grown is None and not set(by) - {version, "unnamed"}:
        return Proof(name, False, f"{said}; nobody counts them, and they do not name their version", known=False)
    counted = grown is not None and grown >= len(answers) and not set(by) - {version, "unnamed"}
    return Proof(name, counted, said + (f"; stable counted {grown}" if grown is not None else ""))


def _unnamed(status: int | None) -> str:
    if status is None:
        return "none"
    return "unnamed" if status < HTTPStatus.INTERNAL_SERVER_ERROR else f"unnamed {status}"


def _left_alone(candidate: Backend, before: _Counted, after: _Counted) -> tuple[Proof, Proof]:
    """The candidate got nothing meanwhile and has nothing in flight. One that has no cluster can get nothing."""
    version = candidate.version
    if isinstance(after, NotShown):
        untouched = Proof("candidate_untouched", False, after.message, known=False)
        return untouched, Proof("candidate_idle", False, after.message, known=False)
    if before is None or after is None or isinstance(before, NotShown):
        unread = "the data plane's counters could not be read"
        return Proof("candidate_untouched", False, unread), Proof("candidate_idle", False, unread)
    now = after[version]
    if now is None:
        unknown = f"{version} is not known to the data plane"
        return Proof("candidate_untouched", True, unknown), Proof("candidate_idle", True, unknown)
    grown = _growth(before, after, candidate)
    return (
        Proof("candidate_untouched", grown == 0, f"{version} got {grown} requests meanwhile"),
        Proof("candidate_idle", now.active == 0, f"{version} has {now.active} requests in flight"),
    )


def _growth(before: _Counted, after: _Counted, backend: Backend) -> int | None:
    if not isinstance(before, dict) or not isinstance(after, dict):
        return None
    first, last = before.get(backend.version), after.get(backend.version)
    return last.total - first.total if first and last else None


def _activities(target: RouteState, router: TrafficRouter) -> _Counted:
    """Return what is counted; None when it could not be read, and the error where nobody counts."""
    try:
        return {backend.version: router.activity(target.service, backend) for backend in target.backends}
    except NotShown as error:
        return error
    except DeliveryError:
        return None
