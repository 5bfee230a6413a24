"""How does all traffic get back to stable, and how is that proved? Six steps that can each be run again.

precheck → route → confirm → drain → scale → prove. Every step takes the state of the one before, a small JSON-able
dict that `begin` makes, and returns a new one; `result` reads the end. A step never raises for what it finds: it
notes a degradation or a failure, and the steps that need it do nothing. The candidate is stopped only once the data
plane has shown that it gets no traffic.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

from olorin_pipelines.delivery.model import Backend, Proof, Receipt, RollbackResult, RouteState
from olorin_pipelines.delivery.ports import Journal, Scaler, TrafficRouter
from olorin_pipelines.delivery.probe import Probe, probe
from olorin_pipelines.delivery.proofs import prove_all
from olorin_pipelines.errors import DeliveryError, NotShown, OlorinError, RouterUnreachable, StaleFence

__all__ = [
    "STEPS",
    "State",
    "Tools",
    "begin",
    "confirm",
    "drain",
    "precheck",
    "prove",
    "result",
    "roll_back",
    "route",
    "scale",
]

State: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What a rollback acts with. All times are seconds.

    `health_path` of stable is asked first; any status below `healthy_below` counts as an answer. `probe_path` is
    asked `probes` times through the router for the proof.
    """

    router: TrafficRouter
    scaler: Scaler
    journal: Journal
    probe: Probe = probe
    monotonic: Callable[[], float] = time.monotonic
    wait: Callable[[float], None] = time.sleep
    health_path: str = "/"
    healthy_below: int = 600
    probe_path: str = "/"
    probes: int = 20
    confirm_seconds: float = 10.0
    drain_seconds: float = 10.0


def begin(*, service: str, stable: Backend, candidate: Backend, rollout_id: str, fence: int, reason: str) -> State:
    """Return the state that a rollback starts from: all traffic from `candidate` to `stable`.

    `fence` is higher than that of the rollout that is taken back. Reverting production is the same: `stable` is the
    version before, `candidate` the one to leave.
    """
    target = RouteState(service=service, stable=stable, candidate=candidate, rollout_id=rollout_id, fence=fence)
    return {"target": target.to_dict(), "reason": reason, "seconds": {}, "notes": {}, "degraded": [], "failed": []}


def precheck(state: State, tools: Tools) -> State:
    """Ask whether stable answers, and what the route shows now. A stable that is down is noted; we go on."""
    return _timed("precheck", state, tools, _precheck)


def route(state: State, tools: Tools) -> State:
    """Give the candidate weight 0. A route that already shows it, with our fence or a newer one, is left alone."""
    return _timed("route", state, tools, lambda _, target, tools: _route(target, tools))


def confirm(state: State, tools: Tools) -> State:
    """Wait until the data plane shows all traffic on stable."""
    return _timed("confirm", state, tools, _confirm)


def drain(state: State, tools: Tools) -> State:
    """Wait until the candidate has no request in flight; one that takes too long is noted, and we go on."""
    return _timed("drain", state, tools, _drain)


def scale(state: State, tools: Tools) -> State:
    """Stop the candidate, unless the data plane still shows traffic for it."""
    return _timed("scale", state, tools, _scale)


def prove(state: State, tools: Tools) -> State:
    """Read the route back and send real requests through it: stable answers every one, the candidate none."""
    return _timed("prove", state, tools, _prove)


STEPS: tuple[Callable[[State, Tools], State], ...] = (precheck, route, confirm, drain, scale, prove)


def result(state: Mapping[str, Any]) -> RollbackResult:
    """Return how the rollback that ended in `state` went."""
    proofs = tuple(Proof(**proof) for proof in state.get("proofs", ()))
    lacking = [proof for proof in proofs if not proof.passed]
    wrong = (f"{p.name}: {p.detail}" for p in lacking if p.known and p.name in _DECIDING)
    failed = [*state["failed"], *wrong]
    degraded = [*state["degraded"], *(f"{p.name}: {'' if p.known else 'not proved: '}{p.detail}" for p in lacking)]
    if not proofs:
        failed.append("nothing was proved")
    outcome: Literal["rolled_back", "rolled_back_degraded", "rollback_failed"]
    if failed:
        outcome, reason = "rollback_failed", "; ".join(dict.fromkeys(failed))
    elif degraded:
        outcome, reason = "rolled_back_degraded", "; ".join(dict.fromkeys(degraded))
    else:
        outcome, reason = "rolled_back", state["reason"]
    seconds = dict(state["seconds"])
    return RollbackResult(
        outcome=outcome,
        reason=reason,
        proofs=proofs,
        seconds=round(sum(seconds.values()), 4),
        step_seconds=seconds,
    )


def roll_back(
    tools: Tools, *, service: str, stable: Backend, candidate: Backend, rollout_id: str, fence: int, reason: str
) -> RollbackResult:
    """Run all six steps."""
    state = begin(
        service=service, stable=stable, candidate=candidate, rollout_id=rollout_id, fence=fence, reason=reason
    )
    for step in STEPS:
        state = step(state, tools)
    return result(state)


_DECIDING = ("route_restored", "answered_by_stable", "candidate_untouched")
"""Proofs without which traffic is not back."""


def _precheck(state: State, target: RouteState, tools: Tools) -> Any:
    answer = tools.probe(target.stable.url.rstrip("/") + tools.health_path)
    healthy = answer.status is not None and answer.status < tools.healthy_below
    if not healthy:
        state["degraded"].append(f"stable {target.stable.version} does not answer: {answer.detail or answer.status}")
    shown = tools.router.read(target.service)
    return {"stable_healthy": healthy, "shown": shown.to_dict() if shown else None}


def _route(target: RouteState, tools: Tools) -> Any:
    if _already(_shown_or_none(target, tools), target):
        return {"already": True}
    deadline = tools.monotonic() + tools.confirm_seconds
    while True:
        try:
            receipt = tools.router.apply(target)
            return {
                "already": False,
                "token": receipt.token,
                "rejected_before": receipt.rejected_before,
                "logged_before": receipt.logged_before,
            }
        except StaleFence:
            if _already(_shown_or_none(target, tools), target):
                return {"already": True}
            raise
        except DeliveryError:
            if tools.monotonic() >= deadline:
                raise
            tools.wait(0.2)


def _confirm(state: State, target: RouteState, tools: Tools) -> Any:
    note = state["notes"].get("route") or {}
    receipt = Receipt(
        desired=target,
        token=note.get("token", ""),
        rejected_before=note.get("rejected_before"),
        logged_before=note.get("logged_before", 0),
    )
    deadline = tools.monotonic() + tools.confirm_seconds
    while True:
        try:
            if not _already(tools.router.read(target.service), target):
                tools.router.confirm(receipt, within=max(0.0, deadline - tools.monotonic()))
            shown = tools.router.read(target.service)
            break
        except RouterUnreachable:
            if tools.monotonic() >= deadline:
                raise
            tools.wait(0.05)
    state["confirmed"] = True
    return {"shown": shown.to_dict() if shown else None}


def _drain(state: State, target: RouteState, tools: Tools) -> Any:
    if not state.get("confirmed"):
        return {"skipped": "the candidate may still get traffic"}
    candidate = target.backends[-1]
    deadline = tools.monotonic() + tools.drain_seconds
    while True:
        try:
            activity = tools.router.activity(target.service, candidate)
        except NotShown:
            tools.wait(tools.drain_seconds)
            state["degraded"].append(f"drain: nobody counts what is in flight; {tools.drain_seconds:g} s were waited")
            return {"active": None}
        active = activity.active if activity else 0
        if active == 0:
            return {"active": 0}
        if tools.monotonic() >= deadline:
            state["degraded"].append(f"drain: {active} requests in flight after {tools.drain_seconds:g} s")
            return {"active": active}
        tools.wait(0.02)


def _scale(state: State, target: RouteState, tools: Tools) -> Any:
    if not state.get("confirmed"):
        return {"skipped": "the candidate may still get traffic"}
    evidence = tools.scaler.stop(target.service, target.backends[-1])
    if evidence.managed and not evidence.stopped:
        state["degraded"].append(f"scale: {evidence.detail}")
    return asdict(evidence)


def _prove(state: State, target: RouteState, tools: Tools) -> Any:
    proofs = prove_all(
        target,
        router=tools.router,
        probe=tools.probe,
        health_url=target.stable.url.rstrip("/") + tools.health_path,
        healthy_below=tools.healthy_below,
        probe_path=tools.probe_path,
        probes=tools.probes,
    )
    state["proofs"] = [asdict(proof) for proof in proofs]
    return {"passed": sum(proof.passed for proof in proofs), "of": len(proofs)}


def _already(shown: RouteState | None, target: RouteState) -> bool:
    """The route sends everything to our stable and was written by us or by somebody newer."""
    return shown is not None and shown.stable == target.stable and shown.weight == 0 and shown.fence >= target.fence


def _shown_or_none(target: RouteState, tools: Tools) -> RouteState | None:
    try:
        return tools.router.read(target.service)
    except DeliveryError:
        return None


def _timed(name: str, state: State, tools: Tools, act: Callable[[State, RouteState, Tools], Any]) -> State:
    """Run a step on a copy of the state, between its intent and its evidence in the journal."""
    new = {key: _copied(value) for key, value in state.items()}
    target = RouteState.from_dict(state["target"])
    started = tools.monotonic()
    _record(new, tools, f"rollback_{name}_intent", {"target": new["target"], "reason": new["reason"]})
    try:
        note = act(new, target, tools)
    except OlorinError as error:
        note = {"error": f"{type(error).__name__}: {error.message}"}
        new["degraded" if name in _MAY_FAIL else "failed"].append(f"{name}: {error.message}")
    new["notes"][name] = note
    new["seconds"][name] = round(tools.monotonic() - started, 4)
    _record(new, tools, f"rollback_{name}_evidence", {"note": note, "seconds": new["seconds"][name]})
    return new


_MAY_FAIL = ("precheck", "drain", "scale")


def _record(state: State, tools: Tools, kind: str, detail: Mapping[str, Any]) -> None:
    """A rollback goes on without its record: users come first. The lack is noted."""
    try:
        tools.journal.record(kind, detail)
    except OlorinError as error:
        state["degraded"].append(f"the record could not be written: {error.message}")


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return dict(value)
    return list(value) if isinstance(value, list) else value
