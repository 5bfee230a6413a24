"""What happens to the traffic of a service right now? The records, and what the versions do since the step began."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from olorin_pipelines.config import RolloutPolicy
from olorin_pipelines.delivery.decide import Limits, decide
from olorin_pipelines.delivery.model import Counters, Reading
from olorin_pipelines.delivery.pace import Shape, shaped
from olorin_pipelines.delivery.ports import MetricsSource
from olorin_pipelines.delivery.readings import difference
from olorin_pipelines.delivery.states import Position, follow
from olorin_pipelines.errors import DeliveryError
from olorin_pipelines.pipeline.case import Workplace
from olorin_pipelines.pipeline.means import metrics_of
from olorin_pipelines.registry import Deployment, Event, Lease

__all__ = ["Measured", "Stage", "Watch", "Watched", "weights_of"]

_VOLATILE = ("at", "silent_seconds", "step_elapsed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One measurement of the step that runs: the candidate's value, stable's, and the limit it is held against.

    Values are None when nothing was measured; rates are shares, latencies milliseconds. `over` says that the limit is
    passed now, which is not yet a verdict.
    """

    name: str
    candidate: float | None
    stable: float | None
    limit: float
    over: bool


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of a rollback; `seconds` is None while it runs."""

    name: str
    seconds: float | None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """One look. Times are seconds since the epoch; `weights` are moments and the candidate's percent from then on.

    `state` is one of docs/states.md, "idle" without a deployment; `pace` and the steps are those of the plan in force.
    `decision` is the last thing that was decided or found, `because` why. `trouble` says why nothing is measured.
    """

    service: str
    at: float
    production: str
    retained: str
    deployment_id: str = ""
    version: str = ""
    state: str = "idle"
    verdict: str = ""
    outcome: str = ""
    weight: int = 0
    pace: str = ""
    steps: tuple[int, ...] = ()
    step_elapsed: float | None = None
    step_seconds: float = 0.0
    mover: str = ""
    silent_seconds: float | None = None
    measured: tuple[Measured, ...] = ()
    trouble: str = ""
    decision: str = ""
    because: str = ""
    weights: tuple[tuple[float, int], ...] = ()
    rollback: tuple[Stage, ...] = ()
    rolled_back: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the look as JSON-able values."""
        return asdict(self)

    def same_as(self, other: Watched | None) -> bool:
        """Whether nothing but the passing of time lies between them."""
        if other is None:
            return False
        mine, yours = asdict(self), asdict(other)
        return all(mine[key] == yours[key] for key in mine if key not in _VOLATILE)


@dataclass
class Watch:
    """Looks at one service again and again; `deployment_id` keeps it to one deployment, else the newest is shown.

    What is measured counts from the first look at a step: the decision of the rollout counts from its beginning.
    """

    place: Workplace
    service: str
    deployment_id: str = ""
    metrics: MetricsSource | None = None
    now: Callable[[], float] = time.time
    _step: tuple[str, int] = ("", 0)
    _base: dict[str, Counters] = field(default_factory=dict)
    _reference: Reading | None = None

    def look(self) -> Watched:
        """Return what is so now. Raises `UnknownName`, and `RegistryError` when the registry does not answer."""
        registry, config = self.place.registry, self.place.config.service(self.service)
        serving, lease = registry.serving(self.service), registry.lease(self.service)
        row = self._deployment(lease)
        shown: dict[str, Any] = {
            "service": self.service,
            "at": self.now(),
            "production": serving.version if serving else "",
            "retained": (serving.previous_version or "") if serving else "",
        }
        if lease is not None:
            shown |= {"mover": lease.holder, "silent_seconds": max(0.0, round(self.now() - lease.renewed_at, 1))}
        if row is None:
            return Watched(**shown)
        events = registry.events(row.id)
        shape = _shape(events, config.rollout)
        weights = weights_of(events, row.version)
        shown |= {
            "deployment_id": row.id,
            "version": row.version,
            "verdict": row.verdict or "",
            "outcome": row.outcome or "",
            "state": _position(events).state,
            "weights": weights,
            "weight": weights[-1][1] if weights else 0,
            "pace": shape.pace if weights else "",
            "steps": shape.steps if config.rollout.router != "none" else (),
            "rollback": _stages(events),
            "rolled_back": next((str(e.detail["outcome"]) for e in reversed(events) if e.kind == "rollback"), ""),
        }
        shown["decision"], shown["because"] = _last_decision(row, events)
        began = _step_began(events)
        moving = lease is not None and lease.deployment_id == row.id and lease.kind == "rollout"
        if moving and row.outcome is None and began is not None and serving is not None:
            shown |= {"step_elapsed": max(0.0, round(self.now() - began.at, 1))}
            shown |= {"step_seconds": shape.step_seconds}
            limits = Limits.of_policy(config.rollout).paced(shape)
            shown |= self._measure(began, (serving.version, row.version), limits)
        return Watched(**shown)

    def _deployment(self, lease: Lease | None) -> Deployment | None:
        registry = self.place.registry
        wanted = self.deployment_id or (lease.deployment_id if lease else None)
        if wanted:
            return registry.deployment(wanted)
        latest = registry.deployments(self.service, limit=1)
        return latest[0] if latest else None

    def _measure(self, began: Event, versions: tuple[str, str], limits: Limits) -> dict[str, Any]:
        source = self.metrics or metrics_of(self.place.config, self.service)
        try:
            found = dict(source.read(self.service, versions))
        except DeliveryError as error:
            return {"trouble": error.message}
        step = (str(began.deployment_id), began.sequence)
        if step != self._step:
            self._step, self._base = step, found
        stable, candidate = (difference(self._base.get(version), found.get(version)) for version in versions)
        if candidate is None:
            self._base |= found
            return {"trouble": "nothing is counted for the candidate yet"}
        if stable is not None and stable.requests >= limits.min_requests:
            self._reference = stable
        compared = stable if stable is not None and stable.requests else self._reference
        found_now = decide(candidate, compared, limits, elapsed=self.now() - began.at)
        return {
            "measured": _measurements(candidate, compared, limits),
            "decision": found_now.act.name.lower().replace("_", " "),
            "because": found_now.reason,
        }


def weights_of(events: Sequence[Event], version: str) -> tuple[tuple[float, int], ...]:
    """Return when the data plane showed which percent for a version, from the events of its deployment."""
    found: list[tuple[float, int]] = []
    for event in events:
        weight: int | None = None
        if event.kind == "apply_evidence":
            weight = int(event.detail.get("weights", {}).get(version, 0))
        elif event.kind == "rollout_opened" or _confirmed_back(event):
            weight = 0
        if weight is not None and (not found or found[-1][1] != weight):
            found.append((event.at, weight))
    return tuple(found)


def _confirmed_back(event: Event) -> bool:
    note = event.detail.get("note")
    return event.kind == "rollback_confirm_evidence" and isinstance(note, dict) and "error" not in note


def _position(events: Sequence[Event]) -> Position:
    return follow((event.at, event.kind, event.detail) for event in events)


def _shape(events: Sequence[Event], policy: RolloutPolicy) -> Shape:
    """Return the shape that the rollout was given, by its record; before that, the one of an unknown change."""
    given = next((event.detail for event in reversed(events) if event.kind == "rollout_shaped"), None)
    return Shape.from_dict(given) if given else shaped(policy, "unknown")


def _step_began(events: Sequence[Event]) -> Event | None:
    return next((event for event in reversed(events) if event.kind == "step_intent"), None)


def _stages(events: Sequence[Event]) -> tuple[Stage, ...]:
    """The stages of the last rollback, in the order in which they began."""
    found: dict[str, Stage] = {}
    for event in events:
        name, _, end = event.kind.removeprefix("rollback_").rpartition("_")
        if not event.kind.startswith("rollback_") or end not in ("intent", "evidence"):
            continue
        if name == "precheck" and end == "intent":
            found = {}
        note = event.detail.get("note")
        said = str(note.get("error") or note.get("skipped") or "") if isinstance(note, dict) else ""
        found[name] = Stage(name, event.detail.get("seconds") if end == "evidence" else None, said)
    return tuple(found.values())


def _last_decision(row: Deployment, events: Sequence[Event]) -> tuple[str, str]:
    for event in reversed(events):
        detail = event.detail
        match event.kind:
            case "rollback":
                return str(detail["outcome"]), f"{detail['from']} → {detail['to']} in {detail['seconds']:.2f} s"
            case "rollout_state":
                return str(detail["state"]), str(detail["reason"])
            case "dry_run_ended":
                return f"dry run: would {detail['would'].replace('_', ' ')}", str(detail["reason"])
            case "step_ended":
                return f"{detail['weight']} %: {detail['outcome']}", str(detail["reason"])
            case "abort_requested":
                return "abort was asked for", str(detail["reason"])
    return row.verdict or "", row.because or ""


def _measurements(candidate: Reading, stable: Reading | None, limits: Limits) -> tuple[Measured, ...]:
    def latency(name: str, mine: float | None, theirs: float | None) -> Measured:
        limit = max(limits.latency_floor_ms, limits.latency_ratio * theirs) if theirs else limits.latency_floor_ms
        over = mine is not None and theirs is not None and mine > limit
        return Measured(name=name, candidate=mine, stable=theirs, limit=limit, over=over)

    rate = candidate.error_rate
    return (
        Measured(
            name="requests",
            candidate=candidate.requests,
            stable=stable.requests if stable else None,
            limit=limits.min_requests,
            over=False,
        ),
        Measured(
            name="error_rate",
            candidate=rate,
            stable=stable.error_rate if stable else None,
            limit=limits.error_rate,
            over=rate is not None and rate > limits.error_rate,
        ),
        latency("p95_ms", candidate.p95_ms, stable.p95_ms if stable else None),
        latency("mean_ms", candidate.mean_ms, stable.mean_ms if stable else None),
    )
