"""In which states can a delivery be, and what leads from one to the next? One table, read by code, tests and docs.

The record of a deployment is its events. `follow` walks them along `EDGES`: the state is never stored beside them, so
that the two cannot disagree. What no edge allows is returned as well; a sound record has none of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

__all__ = ["COMMANDS", "EDGES", "HEARS", "STATES", "Edge", "Position", "State", "follow", "label"]

Group: TypeAlias = Literal["before", "forward", "aside", "back", "end"]


@dataclass(frozen=True, slots=True)
class State:
    """A state of a delivery. `users` says what users get in it."""

    name: str
    group: Group
    meaning: str
    users: str


@dataclass(frozen=True, slots=True)
class Edge:
    """`event`, a label of the record, leads from each of `sources` to `target`."""

    event: str
    sources: tuple[str, ...]
    target: str
    why: str


@dataclass(frozen=True, slots=True)
class Position:
    """Where the record ends: the state, since when (seconds since 1970), and events that no edge allows."""

    state: str
    since: float
    strange: tuple[str, ...] = ()


STATES = (
    State("captured", "before", "announced; its gates are asked", "stable"),
    State("gated", "before", "accepted; it waits for the traffic of its service", "stable"),
    State("rejected", "before", "a gate rejected it, or nothing could be told; it waits for its rollback", "stable"),
    State("opened", "forward", "it has the lease of its service", "stable, or the weight it rested with"),
    State("shifting", "forward", "a weight was written down, and is asked of the router", "the last weight or the new"),
    State("baking", "forward", "the data plane shows the weight; it is watched", "the weight"),
    State("promoting", "forward", "all steps are done; the promotion is being recorded", "the candidate"),
    State("paused", "aside", "a person, or a gate that needs one, stopped it; the weight is held", "the weight held"),
    State("held_unsafe", "aside", "stable is not fit, so there is no way back; the weight is held", "the weight held"),
    State("abort_requested", "back", "it is to be taken back: asked for, breached, lost or superseded", "the weight"),
    State("precheck", "back", "stable and the route are looked at", "the weight"),
    State("routing", "back", "weight 0 is asked of the router", "the weight or stable"),
    State("confirming", "back", "waits until the data plane shows it", "the weight or stable"),
    State("draining", "back", "waits until no request is left on the version", "stable"),
    State("scaling", "back", "the version is stopped", "stable"),
    State("verifying", "back", "it is proved with real requests", "stable"),
    State("rollback_failed", "back", "not proved: it is tried again and again, and nobody else begins", "unknown"),
    State("post_bake", "end", "production, watched; the version before is retained", "the candidate"),
    State("succeeded", "end", "production; the version before is retained until the next promotion", "the candidate"),
    State("rolled_back", "end", "proved on stable", "stable"),
    State("rolled_back_degraded", "end", "proved on stable, and something else is not as it should be", "stable"),
    State("superseded", "end", "taken back for a newer deployment, and proved; or it never began", "stable"),
    State(
        "unmoved",
        "end",
        "closed without moving traffic: no router, refused, verified by hand, held, a dry run",
        "stable",
    ),
)


def _of(*groups: Group) -> tuple[str, ...]:
    return tuple(state.name for state in STATES if state.group in groups)


_BEFORE, _MOVING, _ASIDE, _BACK = _of("before"), _of("forward"), _of("aside"), _of("back")
_STAYS = ("post_bake", "succeeded")

EDGES = (
    Edge("verdict accepted", ("captured", "gated", "rejected"), "gated", "all gates are good, or the policy warns"),
    Edge("verdict rejected", ("captured", "gated", "rejected"), "rejected", "a gate FAILED or could not tell"),
    Edge("verdict held", ("captured", "gated", "rejected"), "gated", "a gate could not tell, and the policy holds"),
    Edge("opened", (*_BEFORE, *_MOVING, *_ASIDE, "abort_requested"), "opened", "the lease was taken; also to go on"),
    Edge("intent", ("opened", "shifting", "baking"), "shifting", "a weight is written down before it is asked for"),
    Edge("shown", ("shifting",), "baking", "the data plane shows the weight"),
    Edge("steps done", ("opened", "shifting", "baking"), "promoting", "the last step passed, or a person said promote"),
    Edge("rollout promoted", ("promoting",), "post_bake", "production, rollout, deployment and lease in one write"),
    Edge("post-bake ended", ("post_bake",), "succeeded", "it did well for the time of the policy"),
    Edge("rollout paused", ("opened", "shifting", "baking"), "paused", "pause, or a step that needs an approval"),
    Edge("rollout held_unsafe", ("opened", "shifting", "baking"), "held_unsafe", "stable did not get fit in time"),
    Edge("rollout aborted", (*_MOVING, *_ASIDE, "abort_requested"), "abort_requested", "a breach, or it was asked for"),
    Edge("rollout superseded", (*_MOVING, *_ASIDE, "abort_requested"), "abort_requested", "a newer one is there"),
    Edge("abort", (*_BEFORE, *_MOVING, *_ASIDE, *_STAYS, "abort_requested"), "abort_requested", "a person, a sensor"),
    Edge("precheck", (*_BEFORE, *_MOVING, *_ASIDE, *_BACK, *_STAYS), "precheck", "a rollback begins, or begins again"),
    Edge("route", ("precheck",), "routing", ""),
    Edge("confirm", ("routing",), "confirming", ""),
    Edge("drain", ("confirming",), "draining", ""),
    Edge("scale", ("draining",), "scaling", ""),
    Edge("prove", ("scaling",), "verifying", ""),
    Edge("proved", ("verifying",), "rolled_back", "every proof holds"),
    Edge("proved, degraded", ("verifying",), "rolled_back_degraded", "traffic is proved on stable, not all else"),
    Edge("not proved", ("verifying",), "rollback_failed", "traffic is not proved on stable"),
    Edge("closed superseded", (*_BEFORE, "rolled_back", "rolled_back_degraded"), "superseded", "a newer one was there"),
    Edge("closed unmoved", (*_BEFORE, *_MOVING, "abort_requested"), "unmoved", "no traffic was moved"),
)

COMMANDS: Mapping[str, tuple[str, ...]] = {
    "pause": (*_BEFORE, "opened", "shifting", "baking"),
    "resume": _ASIDE,
    "approve": ("paused",),
    "promote": ("opened", "shifting", "baking", *_ASIDE),
    "abort": (*_BEFORE, *_MOVING, *_ASIDE, *_BACK, *_STAYS),
    "retry": ("rolled_back", "rolled_back_degraded", "superseded", "unmoved"),
}
"""In which states a command of a person is legal."""

HEARS = (*_MOVING, *_BACK)
"""States in which a process moves traffic and looks for commands, or does already what an abort asks for."""

_MOVES = {(source, edge.event): edge.target for edge in EDGES for source in edge.sources}

_KINDS = {
    "rollout_opened": "opened",
    "step_intent": "intent",
    "apply_intent": "intent",
    "apply_evidence": "shown",
    "abort_requested": "abort",
    "rollback_requested": "abort",
    "post_bake_ended": "post-bake ended",
    **{f"rollback_{step}_intent": step for step in ("precheck", "route", "confirm", "drain", "scale", "prove")},
}
_ROLLBACKS = {"rolled_back": "proved", "rolled_back_degraded": "proved, degraded", "rollback_failed": "not proved"}
_ECHOES = ("abort", "rollout aborted", "rollout superseded")
"""What may also be asked or noted when it happens already, or has happened."""

_UNMOVED = ("not_routed", "refused", "verified", "paused", "dry_run")


def label(kind: str, detail: Mapping[str, Any]) -> str:
    """Return which edge an event of the record is, empty for one that moves nothing."""
    if kind == "verdict":
        return f"verdict {detail['verdict']}"
    if kind == "rollout_state":
        return f"rollout {detail['state']}"
    if kind == "rollout_ended":
        return "steps done" if detail["outcome"] == "promoted" else ""
    if kind == "rollback":
        return _ROLLBACKS.get(detail["outcome"], "")
    if kind == "deployment_ended":
        outcome = detail["outcome"]
        return "closed superseded" if outcome == "superseded" else "closed unmoved" if outcome in _UNMOVED else ""
    if kind == "command_asked":
        return "abort" if detail["verb"] == "abort" else ""
    return _KINDS.get(kind, "")


def follow(events: Iterable[tuple[float, str, Mapping[str, Any]]]) -> Position:
    """Walk the events of a deployment, (at, kind, detail) oldest first, from its announcement."""
    state, since, strange = "captured", 0.0, []
    for at, kind, detail in events:
        event = label(kind, detail)
        if kind == "deployment_announced":
            since = at
        if not event:
            continue
        target = _MOVES.get((state, event))
        if target is None and event in _ECHOES:
            continue
        if target is None:
            strange.append(f"{event} in {state}")
        elif target != state:
            state, since = target, at
    return Position(state, since, tuple(strange))
