"""What if Envoy, a version or the database goes away? Real parts; Envoy is the judge."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from delivery_world import eventually
from fault_world import FaultWorld, said

from olorin_pipelines.delivery.model import Backend

pytestmark = pytest.mark.slow


@pytest.fixture
def world(tmp_path):
    with FaultWorld(tmp_path) as world:
        yield world


def test_a_rollout_goes_on_when_envoy_comes_back_in_time(tmp_path):
    patient = "steps: [10, 100], step_seconds: 1, step_deadline_seconds: 20, min_requests: 3"
    with FaultWorld(tmp_path, rollout=patient) as world:
        worker = world.worker()
        world.at(10)
        world.envoy.kill()
        down = time.monotonic()
        eventually(lambda: time.monotonic() - down > 5, within=6)
        world.envoy.start()
        assert said(worker) == ["promoted"]
        world.users_get("2.2.0")


def test_envoy_that_stays_away_comes_back_without_the_version(world):
    """The rollback fails as long as Envoy is down, is tried again, and is proved when it is back."""
    worker = world.worker()
    world.at(10)
    world.envoy.kill()
    assert said(worker) == ["aborted", "rollback_failed"]
    world.guarded(wait_for=lambda: len(world.rollbacks) == 2, within=40)
    assert world.outcome is None
    seen = world.candidate.seen
    world.envoy.start()
    world.guarded(within=40)
    world.users_get("2.1.0")
    assert world.candidate.seen == seen
    assert world.outcome == "rolled_back"
    assert [row.outcome for row in world.rollbacks] == ["rolled_back", "rollback_failed", "rollback_failed"]


def test_a_stable_that_is_unfit_gets_the_traffic_back_and_it_is_said(world):
    worker = world.worker()
    world.at(10)  # before that a stable that is not fit would hold the rollout
    world.stable.status, world.candidate.status = 503, 500
    assert said(worker) == ["aborted", "rolled_back_degraded"]
    assert world.weights() == {"2.1.0": 100}
    seen, since = world.candidate.seen, time.time()
    lines = eventually(lambda: (found := world.log(since)) and len(found) > 20 and found, within=20)
    assert {line["service_version"] for line in lines} == {"2.1.0"}
    assert world.candidate.seen == seen
    assert "stable 2.1.0 does not answer" in world.rollbacks[0].detail["found"]


def test_a_candidate_that_never_gets_ready_is_taken_back(world):
    world.candidate.close()
    assert said(world.worker()) == ["aborted", "rolled_back"]
    world.taken_back()
    assert "error rate" in world.rollbacks[0].reason


def test_a_candidate_that_dies_at_half_of_the_traffic_is_taken_back(tmp_path):
    command = [sys.executable, str(Path(__file__).parent / "fault_backend.py"), "2.2.0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        backend = Backend("2.2.0", process.stdout.readline().strip())
        unhurried = "steps: [10, 50, 100], step_seconds: 3, step_deadline_seconds: 9, min_requests: 3"
        with FaultWorld(tmp_path, rollout=unhurried, candidate=backend) as world:
            worker = world.worker()
            world.at(50)
            process.kill()
            assert said(worker) == ["aborted", "rolled_back"]
            world.taken_back()
            assert "at 50 %: error rate" in world.rollbacks[0].reason
