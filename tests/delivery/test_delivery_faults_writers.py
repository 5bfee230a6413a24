"""What if two write, or one that was taken for dead goes on? Real processes, real Envoy; Envoy is the judge."""

from __future__ import annotations

import os
import signal
import threading
from dataclasses import replace

import psutil
import pytest
from delivery_world import SERVICE, TinyBackend, eventually
from fault_world import FaultWorld, said

from olorin_pipelines.delivery.envoy import documents
from olorin_pipelines.delivery.envoy.files import EnvoyFiles
from olorin_pipelines.delivery.model import RouteState

pytestmark = pytest.mark.slow


@pytest.fixture
def world(tmp_path):
    with FaultWorld(tmp_path) as world:
        yield world


def stopped(worker) -> bool:
    return psutil.Process(worker.pid).status() == psutil.STATUS_STOPPED


def test_one_that_was_stopped_and_goes_on_writes_nothing(world):
    worker = world.worker("stop:after:apply_evidence")
    eventually(lambda: stopped(worker), within=30)
    world.guarded()
    world.taken_back()
    route, events = EnvoyFiles(world.envoy.directory).rds.stat(), len(world.registry.events(world.deployment))
    os.kill(worker.pid, signal.SIGCONT)
    assert worker.communicate(timeout=20)[0].split() == ["overtaken"]
    assert EnvoyFiles(world.envoy.directory).rds.stat() == route
    assert len(world.registry.events(world.deployment)) == events
    world.taken_back()


def test_a_revert_that_was_stopped_and_goes_on_records_nothing(world):
    """Somebody else finished it, and the version was deployed and promoted again since: that stays true."""
    assert said(world.worker()) == ["promoted"]
    worker = world.worker("stop:before:revert")
    eventually(lambda: stopped(worker), within=30)
    world.guarded(wait_for=lambda: world.outcome == "rolled_back")
    world.users_get("2.1.0")
    again = world.announce(replace(world.announced, version="2.2.0-1"))
    assert said(world.worker(deployment=again)) == ["promoted"]
    rollbacks, events = world.registry.rollbacks(SERVICE), len(world.registry.events(world.deployment))
    os.kill(worker.pid, signal.SIGCONT)
    worker.communicate(timeout=30)
    assert worker.returncode != 0
    assert world.registry.serving(SERVICE).version == "2.2.0-1"
    assert len(world.registry.rollbacks(SERVICE)) == len(rollbacks)
    assert len(world.registry.events(world.deployment)) == events
    assert world.weights() == {"2.2.0-1": 100}


def test_a_second_rollout_waits_for_the_first_and_is_paused(tmp_path, monkeypatch):
    """The first one stands still, and no guard looks: the second moves nothing, and gets its traffic later."""
    monkeypatch.setenv("FAULTS_LEASE_SECONDS", "2")
    newer = TinyBackend("2.3.0")
    steps = "steps: [25, 100], step_seconds: 0.5, step_deadline_seconds: 6, min_requests: 3"
    try:
        with FaultWorld(tmp_path, rollout=steps) as world:
            first = world.worker("stop:after:apply_evidence")
            eventually(lambda: stopped(first), within=30)
            assert world.weights() == {"2.1.0": 75, "2.2.0": 25}
            route, deployment = EnvoyFiles(world.envoy.directory).rds.stat(), world.announce(newer.backend)
            assert said(world.worker(deployment=deployment)) == ["paused"]
            assert EnvoyFiles(world.envoy.directory).rds.stat() == route
            assert newer.seen == 0
            assert world.registry.deployment(deployment).outcome == "paused"
            world.guarded()
            world.taken_back()
            again = world.announce(replace(newer.backend, version="2.3.0-1"))
            assert said(world.worker(deployment=again)) == ["promoted"]
            assert newer.seen > 0
    finally:
        newer.close()


@pytest.mark.parametrize("where", ["before:write:rds.json", "before:held#3", "after:held#3"])
def test_one_that_was_stopped_in_a_write_replaces_nothing(world, where):
    """Before its new file is made, before it looks whether the lock is still its own, and after that."""
    worker = world.worker(f"stop:{where}")
    eventually(lambda: stopped(worker), within=30)
    world.guarded()
    world.taken_back()
    route = EnvoyFiles(world.envoy.directory).rds.stat()
    os.kill(worker.pid, signal.SIGCONT)
    assert worker.communicate(timeout=30)[0].split() == ["overtaken"]
    assert EnvoyFiles(world.envoy.directory).rds.stat() == route
    world.taken_back()
    assert world.candidate.seen == 0


class Foreign:
    """Writes a route over and over, each time after `every` seconds, as somebody who knows nothing of leases."""

    def __init__(self, world: FaultWorld, weight: int, *, every: float = 0.03) -> None:
        self._files, self._stop = EnvoyFiles(world.envoy.directory), threading.Event()
        self.every, self.writes = every, 0
        self._route = RouteState(
            service=SERVICE,
            stable=world.stable.backend,
            candidate=world.candidate.backend,
            weight=weight,
            rollout_id="foreign",
            fence=0,
        )
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        while not self._stop.wait(self.every):
            self.writes += 1
            route = replace(self._route, rollout_id=f"foreign-{self.writes}")
            self._files.write(self._files.rds, documents.routes(route, route.rollout_id, timeout=5))

    def __enter__(self) -> Foreign:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(5)


def test_a_foreign_writer_that_sends_all_to_the_candidate(world):
    worker = world.worker()
    world.at(10)
    with Foreign(world, 100):
        outcomes = worker.communicate(timeout=60)[0].split()
        assert outcomes == ["aborted", "rollback_failed"]
        assert world.outcome is None
        assert world.registry.lease(SERVICE) is not None, "nobody else begins"
    world.guarded(within=40)
    world.users_get("2.1.0")
    assert world.outcome == "rolled_back"
    assert [row.outcome for row in world.rollbacks] == ["rolled_back", "rollback_failed"]


def test_a_foreign_writer_that_sends_all_to_stable(world):
    worker = world.worker()
    world.at(10)
    with Foreign(world, 0):
        eventually(lambda: world.weights() == {"2.1.0": 100})
        eventually(lambda: world.registry.rollout(world.deployment).state == "aborted", within=20)
    worker.communicate(timeout=60)
    if world.outcome is None:
        world.guarded(within=40)
    world.users_get("2.1.0")
    assert world.outcome == "rolled_back"
    assert world.registry.serving(SERVICE).version == "2.1.0"


@pytest.mark.parametrize("weight", [100, 0], ids=["up", "down"])
def test_a_foreign_writer_every_5_seconds(tmp_path, weight):
    """Nothing is promoted, and the version is taken back; again, whenever the foreign one writes."""
    unhurried = "steps: [10, 100], step_seconds: 8, step_deadline_seconds: 12, min_requests: 3"
    with FaultWorld(tmp_path, rollout=unhurried) as world:
        worker = world.worker()
        world.at(10)
        with Foreign(world, weight, every=5) as foreign:
            outcome, back = worker.communicate(timeout=120)[0].split()
            assert outcome == "aborted"
            if back == "rollback_failed":  # it wrote into the very proof
                world.guarded(within=40)
            written = foreign.writes
            world.guarded(wait_for=lambda: foreign.writes > written and world.weights() == {"2.1.0": 100}, within=40)
        world.guarded(wait_for=lambda: world.weights() == {"2.1.0": 100} and not world.registry.leases(), within=40)
        world.users_get("2.1.0")
        assert world.outcome == "rolled_back"
        assert world.registry.serving(SERVICE).version == "2.1.0"


def test_a_foreign_writer_after_a_proved_rollback_is_found_and_put_right(world):
    world.candidate.status = 500
    assert world.worker().communicate(timeout=60)[0].split() == ["aborted", "rolled_back"]
    world.taken_back()
    world.candidate.status = 200
    assert world.guarded(wait_for=lambda: True) == [], "the route is right"
    with Foreign(world, 100):
        world.at(100)
    done = world.guarded(wait_for=lambda: world.weights() == {"2.1.0": 100})
    world.users_get("2.1.0")
    assert [rescue.outcome for rescue in done] == ["rolled_back"]
    assert "nobody moves traffic, and the route shows 2.1.0 0 %, 2.2.0 100 %" in done[0].reason
    back, _ = world.registry.rollbacks(SERVICE)
    assert (back.deployment_id, back.outcome, back.reason) == (None, "rolled_back", done[0].reason)
    assert all(proof["passed"] for proof in back.detail["proofs"])
    assert world.registry.lease(SERVICE) is None


def test_a_newer_deployment_supersedes_through_0_percent(tmp_path):
    """No request reaches the old one once the newer one has its first; in between stable alone answers."""
    slow = "steps: [10, 25, 100], step_seconds: 2, step_deadline_seconds: 20, min_requests: 3"
    newer = TinyBackend("2.3.0")
    try:
        with FaultWorld(tmp_path, rollout=slow) as world:
            worker = world.worker()
            world.at(25)
            deployment = world.announce(newer.backend)
            assert worker.communicate(timeout=60)[0].split() == ["superseded", "rolled_back"]
            world.users_get("2.1.0")
            assert world.outcome == "superseded"
            (row,) = world.rollbacks
            assert all(proof["passed"] for proof in row.detail["proofs"])
            second = world.worker(deployment=deployment)
            assert second.communicate(timeout=60)[0].split() == ["promoted"]
            versions = [line["service_version"] for line in world.log()]
            first = versions.index("2.3.0")
            last = len(versions) - 1 - versions[::-1].index("2.2.0")
            assert last < first
            assert set(versions[last + 1 : first]) == {"2.1.0"}
            assert world.registry.serving(SERVICE).version == "2.3.0"
    finally:
        newer.close()
