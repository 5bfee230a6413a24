"""Everything but the guard is killed: how soon are users off the version? The real guard, in a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from datetime import datetime

import psutil
import pytest
from delivery_world import eventually
from fault_world import ROOT, FaultWorld

from olorin_pipelines.delivery.model import Backend

pytestmark = pytest.mark.slow


@pytest.fixture
def guard_of():
    started: list[subprocess.Popen[str]] = []

    def start(world: FaultWorld) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "olorin_pipelines", "guard", "--json"],
            cwd=ROOT,
            env={**os.environ, "OLORIN_CONFIG": str(world.file)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        assert "watching investigations" in process.stderr.readline()
        return process

    yield start
    for process in started:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        process.communicate()


def test_the_guard_takes_over_within_20_seconds(tmp_path, guard_of, release):
    """With a release of the example service as the version; the access log tells when the last user got it."""
    backend = Backend("2.2.0", release("stable", "--version", "2.2.0"))
    endless = "steps: [50, 100], step_seconds: 600, step_deadline_seconds: 600, min_requests: 3"
    with FaultWorld(tmp_path, rollout=endless, candidate=backend) as world:
        guard = guard_of(world)
        worker = world.worker()
        world.at(50)
        time_of_death = time.time()
        os.killpg(worker.pid, signal.SIGKILL)
        said = json.loads(guard.stdout.readline())
        assert said["outcome"] == "rolled_back", said
        world.taken_back()
        lines = world.log(time_of_death)
        last = max(
            datetime.fromisoformat(line["start_time"]).timestamp()
            for line in lines
            if line["service_version"] == "2.2.0"
        )
        assert last - time_of_death < 20
        assert world.rollbacks[0].detail["by"].startswith("guard@")
        assert psutil.Process(guard.pid).memory_info().rss < 90 * 2**20
        (tmp_path / "takeover").write_text(f"{last - time_of_death:.1f}")


def test_a_guard_that_is_told_to_end_ends(tmp_path, guard_of):
    with FaultWorld(tmp_path) as world:
        guard = guard_of(world)
        guard.send_signal(signal.SIGTERM)
        eventually(lambda: guard.poll() is not None, within=5)
        assert guard.returncode == -signal.SIGTERM
