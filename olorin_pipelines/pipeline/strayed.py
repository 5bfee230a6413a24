"""Does the route still send all traffic to production while nobody moves it? What somebody else wrote is put right.

A rollback that was proved says nothing of the hour after: a script, a person or another tool may write the route again.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from olorin_pipelines.delivery.model import Backend, RouteState
from olorin_pipelines.errors import RouterUnreachable
from olorin_pipelines.pipeline import revert
from olorin_pipelines.pipeline.case import Workplace
from olorin_pipelines.pipeline.lease import claim
from olorin_pipelines.pipeline.means import router_of
from olorin_pipelines.pipeline.order import Order
from olorin_pipelines.registry import Serving

__all__ = ["Stray", "put_right", "strayed"]

_ALL = 100


@dataclass(frozen=True, slots=True)
class Stray:
    """A route that does not lead to `production`, although no rollout and no rollback is at work."""

    service: str
    production: Backend
    other: Backend
    shown: RouteState | None

    @property
    def why(self) -> str:
        """What is wrong, for the record."""
        if self.shown is None:
            found = "no route of ours"
        else:
            weights = ", ".join(f"{version} {weight} %" for version, weight in self.shown.weights.items())
            found = f"{weights} (fence {self.shown.fence}, {self.shown.rollout_id})"
        return f"nobody moves traffic, and the route shows {found}; production is {self.production.version}"


def strayed(place: Workplace, service: str) -> Stray | None:
    """Return the stray of a service. None when the route is right, cannot be read, or is somebody's to move."""
    registry = place.registry
    serving = registry.serving(service)
    if serving is None or not serving.fence or place.config.service(service).rollout.router != "envoy":
        return None
    production = Backend(serving.version, serving.url)
    try:
        shown = router_of(place.config, service).read(service)
    except RouterUnreachable:
        return None
    if shown is not None and _all_to(production, shown):
        return None
    other = _other(place, serving, shown)
    now = registry.serving(service)
    moved = registry.lease(service) is not None or now is None or now.fence != serving.fence
    return Stray(service, production, other, shown) if other is not None and not moved else None


def put_right(place: Workplace, stray: Stray, *, who: str) -> revert.Baton:
    """Send all traffic to production again, and prove it; returns what `revert.prove` returns. Nothing is stopped.

    Raises `LeaseHeld` when somebody moves traffic meanwhile.
    """
    order = Order(
        service=stray.service,
        deployment_id=None,
        leaving=stray.other.to_dict(),
        stable=stray.production.to_dict(),
        production=False,
        asked_for=False,
        reason=stray.why,
        stops=False,
    )
    taken = claim(
        place.registry,
        stray.service,
        who=who,
        kind="rollback",
        deployment_id=None,
        seconds=revert.ROLLBACK_SECONDS,
        work={"order": dict(order), "started_at": time.time(), "reason": stray.why},
        within=0.0,
        above=stray.shown.fence if stray.shown else 0,
    )
    baton = revert.begin(place, taken, reason=stray.why, who=who)
    assert baton is not None  # noqa: S101 - it has its order
    return revert.finish(place, baton)


def _all_to(production: Backend, shown: RouteState) -> bool:
    urls = {backend.version: backend.url.rstrip("/") for backend in shown.backends}
    there = urls.get(production.version) == production.url.rstrip("/")
    return there and shown.weights[production.version] == _ALL


def _other(place: Workplace, serving: Serving, shown: RouteState | None) -> Backend | None:
    """The version that traffic is taken from: one that the route shows, else the retained or the latest one."""
    seen = [backend for backend in shown.backends if backend.version != serving.version] if shown else []
    if seen:
        return seen[-1]
    if serving.previous_version and serving.previous_url:
        return Backend(serving.previous_version, serving.previous_url)
    rows = [row for row in place.registry.deployments(serving.service) if row.version != serving.version]
    return Backend(rows[0].version, rows[0].url) if rows else None
