"""Does a version that has users, and that no run watches, still do well? One that rests, and one just promoted.

The same decision as in a step of a rollout, over windows of a step's deadline. What cannot be told takes nobody back
here: a rest has its end, and the time after a promotion too.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from olorin_pipelines.delivery.decide import Limits, decide
from olorin_pipelines.delivery.model import Counters, Reading
from olorin_pipelines.delivery.readings import difference
from olorin_pipelines.errors import DeliveryError
from olorin_pipelines.gate import Outcome
from olorin_pipelines.pipeline.case import Workplace
from olorin_pipelines.pipeline.command import position
from olorin_pipelines.pipeline.means import metrics_of, router_of
from olorin_pipelines.registry import PAUSED, Lease, Serving

__all__ = ["Failing", "Watch"]


@dataclass(frozen=True, slots=True)
class Failing:
    """A version with users that does not do well; `lease` is that of its rest, None after a promotion."""

    service: str
    deployment_id: str
    lease: Lease | None
    why: str


@dataclass(frozen=True, slots=True)
class _Held:
    """A version with users: `key` changes when it is held anew, `weight` is what it may have of the traffic."""

    service: str
    deployment_id: str
    version: str
    stable: str
    weight: int
    key: int
    lease: Lease | None


@dataclass(slots=True)
class _Window:
    key: int
    started: float
    base: dict[str, Counters]
    grown: float
    requests: int = 0
    slow: frozenset[str] = frozenset()


@dataclass(slots=True)
class Watch:
    """Looks at all services of a configuration, once at each call of `failing`."""

    place: Workplace
    monotonic: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    _windows: dict[str, _Window] = field(default_factory=dict)
    _over: set[str] = field(default_factory=set)
    _baking: dict[str, tuple[float, float, float]] = field(default_factory=dict)

    def failing(self) -> Iterator[Failing]:
        """Yield what has to be taken back now, and why."""
        for service, known in self.place.config.services.items():
            held = self._held(service) if known.rollout.router != "none" else None
            if held is None:
                self._windows.pop(service, None)
                continue
            why = self._moved(held) or self._breach(held)
            if why:
                yield Failing(service, held.deployment_id, held.lease, why)

    def _held(self, service: str) -> _Held | None:
        registry = self.place.registry
        lease, serving = registry.lease(service), registry.serving(service)
        if serving is None:
            return None
        if lease is not None:
            rollout = registry.rollout(lease.deployment_id) if lease.kind == PAUSED and lease.deployment_id else None
            if rollout is None or not rollout.weight:
                return None
            version = registry.deployment(rollout.deployment_id).version
            return _Held(service, rollout.deployment_id, version, serving.version, rollout.weight, lease.fence, lease)
        if serving.deployment_id is None or serving.previous_version is None:
            return None
        if self._age(serving) >= self.place.config.service(service).rollout.post_bake_seconds:
            self._end_of_bake(service, serving.deployment_id)
            return None
        return _Held(
            service, serving.deployment_id, serving.version, serving.previous_version, 100, serving.fence, None
        )

    def _age(self, serving: Serving) -> float:
        """Return for how long production is what it is: since the first look by the own clock, which does not jump."""
        now = self.monotonic()
        since, first, before = self._baking.get(serving.service, (0.0, 0.0, 0.0))
        if since != serving.since:
            first, before = now, max(0.0, self.wall() - serving.since)
            self._baking[serving.service] = (serving.since, first, before)
        return before + now - first

    def _end_of_bake(self, service: str, deployment_id: str) -> None:
        """Record, once, that a promoted version did well for its time."""
        if deployment_id in self._over:
            return
        self._over.add(deployment_id)
        if position(self.place, deployment_id).state == "post_bake":
            self.place.registry.record("post_bake_ended", service=service, deployment_id=deployment_id, detail={})

    def _moved(self, held: _Held) -> str:
        """Say when a version that rests gets more of the traffic than it rests with: somebody else wrote the route."""
        try:
            shown = router_of(self.place.config, held.service).read(held.service) if held.lease else None
        except DeliveryError:
            return ""
        more = shown is not None and shown.weights.get(held.version, 0) > held.weight
        return f"the route shows more than the {held.weight} % it rests with" if more else ""

    def _breach(self, held: _Held) -> str:
        limits, now = Limits.of_policy(self.place.config.service(held.service).rollout), self.monotonic()
        try:
            found = dict(metrics_of(self.place.config, held.service).read(held.service, [held.stable, held.version]))
        except DeliveryError:
            return ""
        window = self._windows.get(held.service)
        if window is None or window.key != held.key or now - window.started >= limits.step_deadline_seconds:
            self._windows[held.service] = _Window(held.key, now, found, now)
            return ""
        stable, candidate = (_reading(window, found, version) for version in (held.stable, held.version))
        if candidate is not None and candidate.requests != window.requests:
            window.requests, window.grown = candidate.requests, now
        decision = decide(
            candidate, stable, limits, elapsed=now - window.started, slow=window.slow, idle=now - window.grown
        )
        window.slow = decision.slow
        return decision.reason if decision.outcome is Outcome.FAIL else ""


def _reading(window: _Window, found: dict[str, Counters], version: str) -> Reading | None:
    """Return the reading of the window; counters that began again are a new start."""
    if version not in found:
        return None
    reading = difference(window.base.get(version), found[version])
    if reading is None:
        window.base[version] = found[version]
    return reading
