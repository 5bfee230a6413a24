"""The living embedded world of the tests that let Dagster itself run: real Dagster, Envoy, users and guard.

Envoy's admin interface and its access log are the judges; Dagster's own GraphQL tells what became of the runs.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from olorin_pipelines.delivery.model import Backend
from olorin_pipelines.demo.outside import read_routed
from olorin_pipelines.demo.story import Release
from olorin_pipelines.demo.world import World, embedded
from olorin_pipelines.pipeline.means import router_of
from olorin_pipelines.registry import Deployment

ROOT = Path(__file__).parent.parent.parent
SERVICE, TAG = "investigations", "olorin/deployment_id"
SETTINGS = {
    "POLICY__CONTRACT_INCLUDE": '["GET /health/*"]',
    "ROLLOUT__STEP_SECONDS": "600",
    "ROLLOUT__STEP_DEADLINE_SECONDS": "900",
    "ROLLOUT__MIN_REQUESTS": "5",
}


def eventually(condition: Callable[[], Any], *, within: float, told: Callable[[], object] = lambda: "") -> Any:
    until = time.monotonic() + within
    while not (found := condition()):
        assert time.monotonic() < until, f"not within {within} s: {told()}"
        time.sleep(0.05)
    return found


@contextmanager
def living_world(tmp_path, monkeypatch) -> Iterator[World]:
    """2.0.0 is production, users send requests, Dagster and the guard run; a step lasts ten minutes."""
    monkeypatch.setenv("OLORIN_CONFIG", str(ROOT / "olorin.yaml"))
    monkeypatch.setenv("OLORIN__HOME", str(tmp_path / "var"))
    for port in ("UI", "ENVOY", "ADMIN", "FIRST_SERVICE"):
        monkeypatch.setenv(f"OLORIN__PORTS__{port}", "0")
    for key, value in SETTINGS.items():
        monkeypatch.setenv(f"OLORIN__SERVICES__INVESTIGATIONS__{key}", value)
    (tmp_path / "var").mkdir()
    with embedded(service=SERVICE, say=lambda _: None, fresh=True) as world:
        stable = world.start_service(Release(name="stable", version="2.0.0"))
        world.start_dagster()
        world.start_envoy(stable)
        world.start_guard()
        world.start_load(40.0)
        world.await_dagster()
        yield world


def at_ten_percent(world: World, version: str) -> tuple[Deployment, Backend]:
    """Announce a release without breaks, and wait until Envoy sends it a share of the users."""
    backend = world.start_service(Release(name=version, release="additive", version=version))
    row, _ = world.place.registry.announce(SERVICE, environment="canary", version=version, url=backend.url)
    eventually(lambda: weights(world).get(version) == 10, within=300, told=lambda: happened(world, row))
    return row, backend


def happened(world: World, row: Deployment) -> list[tuple[str, Any]]:
    """What is recorded of a deployment: it tells why it did not come so far."""
    return [(event.kind, event.detail) for event in world.place.registry.events(row.id)]


def weights(world: World) -> dict[str, int]:
    """What Envoy weighs now, by its admin interface."""
    shown = router_of(world.config, SERVICE).read(SERVICE)
    return {version: weight for version, weight in shown.weights.items() if weight} if shown else {}


def last_on(world: World, backend: Backend) -> float:
    """When the last user was led to a version, by Envoy's access log."""
    host = urlsplit(backend.url).netloc
    return max(entry.at for entry in read_routed(world.demo_folder / "access.log") if entry.host == host)


def outcome(world: World, row: Deployment) -> str | None:
    return world.place.registry.deployment(row.id).outcome


def backs(world: World, row: Deployment) -> list[Any]:
    return [back for back in world.place.registry.rollbacks(SERVICE) if back.deployment_id == row.id]
