"""A dry run in a living embedded world, asked for in each of its three ways: nothing is moved, and all of it is told.

Envoy's admin interface and its access log say that nothing was moved, and Dagster itself what became of the runs.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from urllib.parse import urlsplit

import httpx
import pytest

from olorin_pipelines.demo.outside import read_routed
from olorin_pipelines.demo.story import Release
from tests.demo.living_world import ROOT, SERVICE, TAG, eventually, living_world, weights

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

VERSION = "2.1.0"
OLORIN = [sys.executable, "-m", "olorin_pipelines"]


@pytest.fixture
def world(tmp_path, monkeypatch):
    with living_world(tmp_path, monkeypatch) as world:
        yield world


def by_command(_world, url: str) -> str:
    asked = [*OLORIN, "deploy", SERVICE, VERSION, "--url", url, "--dry-run", "--wait", "--json"]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    said = json.loads(done.stdout)
    assert done.returncode == 0, said
    assert [step["weight"] for step in said["rehearsal"]["steps"]] == [10, 25, 50, 100]
    return said["deployment_id"]


def by_intake(_world, url: str) -> str:
    process = subprocess.Popen(
        [*OLORIN, "serve", "--port", "0"], cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    try:
        intake = process.stderr.readline().split()[2].rstrip(";")
        words = {"id": "build-4711", "service": SERVICE, "version": VERSION, "url": url, "dry_run": True}
        with httpx.Client(base_url=intake, trust_env=False, timeout=30) as client:
            assert client.post("/deployments", json=words).status_code == 201

            def told() -> dict | None:
                found = client.get("/deployments/build-4711").json()
                return found if found["rehearsal"] else None

            said = eventually(told, within=300)
    finally:
        process.terminate()
        process.communicate(timeout=20)
    assert (said["verdict"], said["rehearsal"]["would"], said["rollout"]) == ("accepted", "roll_out", None)
    assert said["rehearsal"]["weights"] == [10, 25, 50, 100]
    return said["id"]


def by_launchpad(world, _url: str) -> str:
    key = {"ops": {"rollout": {"config": {"dry_run": True}}}}
    run_id = world.dagster.launch("verify_deployment", partition=SERVICE, config=key)
    eventually(lambda: world.dagster.run(run_id).finished, within=300)
    return world.dagster.run(run_id).tags[TAG]


def test_nothing_is_moved_and_all_is_told(world):
    candidate = world.start_service(Release(name=VERSION, release="additive", version=VERSION))
    ways: tuple[Callable[..., str], ...] = (by_command, by_intake, by_launchpad)
    told = [way(world, candidate.url) for way in ways]
    assert len(set(told)) == len(ways), "each is a deployment of its own"
    for deployment_id in told:
        eventually(lambda one=deployment_id: all(run.finished for run in world.dagster.runs({TAG: one})), within=60)
        (run,) = world.dagster.runs({TAG: deployment_id})
        assert (run.job, run.status) == ("verify_deployment", "SUCCESS")
        found = world.dagster.run(run.run_id)
        assert found.materialization("rollout").metadata["outcome"] == "dry_run"
        assert found.materialization("rollback") is None
        assert world.place.registry.deployment(deployment_id).outcome == "dry_run"
    assert weights(world) == {"2.0.0": 100}
    led = {entry.host for entry in read_routed(world.demo_folder / "access.log")}
    assert urlsplit(candidate.url).netloc not in led
    assert len(led) == 1
    assert world.place.registry.leases() == []
    assert world.place.registry.rollbacks(SERVICE) == []
