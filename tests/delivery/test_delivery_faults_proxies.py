"""What if one of several Envoys does not follow? Three real ones that read the same files; their admin is the judge."""

from __future__ import annotations

import json
import shutil
import time

import pytest
from delivery_world import SERVICE, Load, RunningEnvoy, eventually
from fault_world import FaultWorld

from olorin_pipelines.delivery.envoy.fleet import Fleet

pytestmark = pytest.mark.slow
UNHURRIED = "steps: [10, 50, 100], step_seconds: 4, step_deadline_seconds: 12, min_requests: 3"


def shows(envoy: RunningEnvoy) -> dict[str, int]:
    """The weights that are not 0 of one Envoy alone, by its own admin interface."""
    (shown,) = Fleet([envoy.admin_url]).shown(SERVICE)
    return {version: weight for version, weight in shown.state.weights.items() if weight} if shown.state else {}


def versions(envoy: RunningEnvoy, *, since: int) -> set[str]:
    """Who answered, by an Envoy's access log from a line on."""
    lines = envoy.access_log.read_text().splitlines()[since:]
    return {json.loads(line)["service_version"] for line in lines if line.endswith("}")}


def restarted(envoy: RunningEnvoy, folder) -> None:
    """Let an Envoy read another folder, whose route it has from then on."""
    envoy.kill()
    envoy.directory = folder
    envoy.start()


def test_one_of_three_proxies_that_keeps_the_old_route(tmp_path):
    with FaultWorld(tmp_path, rollout=UNHURRIED, more_envoys=2) as world:
        first, lagging = world.more_envoys
        worker = world.worker()
        eventually(lambda: all(shows(envoy).get("2.2.0") == 10 for envoy in (world.envoy, first, lagging)), within=30)
        kept = tmp_path / "kept"  # as with a file that is mounted alone: the move of a new one is never seen
        shutil.copytree(world.envoy.directory, kept)
        restarted(lagging, kept)
        with Load(lagging.url, threads=2, pause=0.01):
            out, err = worker.communicate(timeout=90)
            assert out.split() == ["aborted", "rollback_failed"], err
            assert [shows(envoy).get("2.2.0") for envoy in (world.envoy, first, lagging)] == [None, None, 10]
            assert world.outcome is None, "two of three are not proved"
            assert world.registry.lease(SERVICE) is not None, "nobody else begins"
            (failed,) = world.rollbacks
            assert f"the Envoy at {lagging.admin_url} shows 2.1.0 90 %, 2.2.0 10 %" in failed.detail["found"]
            since = len(lagging.access_log.read_text().splitlines())
            eventually(lambda: "2.2.0" in versions(lagging, since=since), within=20)
            restarted(lagging, world.envoy.directory)
            world.guarded(within=60)
            assert all(shows(envoy) == {"2.1.0": 100} for envoy in (world.envoy, first, lagging))
            since, until = len(lagging.access_log.read_text().splitlines()), time.monotonic() + 2
            eventually(lambda: time.monotonic() > until)
            eventually(lambda: versions(lagging, since=since) == {"2.1.0"}, within=20)
        world.users_get("2.1.0")
        assert world.outcome == "rolled_back"
        assert [row.outcome for row in world.rollbacks][:1] == ["rolled_back"]
