"""What is left when a process is killed at the edge of a state? Real processes, real Envoy; Envoy is the judge."""

from __future__ import annotations

import signal
import threading

import pytest
from delivery_world import SERVICE, eventually
from fault_world import FaultWorld
from sqlalchemy import update

from olorin_pipelines.pipeline.guard import Guard, await_dead
from olorin_pipelines.registry import Lease

pytestmark = pytest.mark.slow


@pytest.fixture
def world(tmp_path):
    with FaultWorld(tmp_path) as world:
        yield world


DEATHS = {
    "killed-before-intent": "before:step_intent",
    "killed-after-intent": "after:apply_intent",
    "killed-after-route": "after:write:rds.json",
    "killed-while-watching": "after:apply_evidence",
    "killed-between-steps": "after:step_ended#1",
    "killed-before-promotion": "before:promote",
}


@pytest.mark.parametrize("row", DEATHS)
def test_a_rollout_that_died_is_taken_back(world, row):
    world.dies(DEATHS[row])
    done = world.guarded()
    assert [rescue.outcome for rescue in done] == ["rolled_back"]
    world.taken_back()
    (back,) = world.rollbacks
    assert back.detail["by"].startswith("guard@")
    assert back.detail["took_over"].startswith("run@")
    assert "no heartbeat of run@" in back.reason
    if row in ("killed-before-intent", "killed-after-intent"):
        assert world.candidate.seen == 0


def test_a_promotion_that_was_recorded_stays(world):
    world.dies("after:promote")
    assert world.outcome == "promoted"
    world.guarded(wait_for=lambda: world.registry.lease(SERVICE) is None)
    world.users_get("2.2.0")
    assert world.rollbacks == []
    assert world.registry.serving(SERVICE).version == "2.2.0"
    assert world.registry.rollout(world.deployment).state == "promoted"


ROLLBACK_DEATHS = {
    "killed-in-rollback-precheck": "step:precheck",
    "killed-in-rollback-route": "after:write:rds.json#2",
    "killed-in-rollback-confirm": "step:confirm",
    "killed-in-rollback-drain": "step:drain",
    "killed-in-rollback-scale": "step:scale",
}


@pytest.mark.parametrize("row", ROLLBACK_DEATHS)
def test_a_rollback_that_died_is_finished(world, row):
    world.candidate.status = 500
    world.dies(ROLLBACK_DEATHS[row])
    world.guarded()
    world.taken_back()
    (back,) = world.rollbacks
    assert "error rate" in back.reason, "the reason of the one that died"
    assert back.detail["by"].startswith("guard@")


def promoted(world):
    worker = world.worker()
    assert worker.communicate(timeout=60)[0].split() == ["promoted"], world.registry.rollout(world.deployment).reason
    world.users_get("2.2.0")


def test_taking_back_production_is_finished_and_not_done_twice(world):
    promoted(world)
    world.dies("step:confirm")
    assert world.registry.serving(SERVICE).version == "2.1.0"
    world.guarded(wait_for=lambda: world.outcome == "rolled_back")
    world.users_get("2.1.0")
    (back,) = world.rollbacks
    assert (back.outcome, back.reason, back.from_version) == ("rolled_back", "production is bad", "2.2.0")
    assert world.registry.serving(SERVICE).version == "2.1.0"


def test_what_was_asked_for_and_not_begun_is_done(world):
    promoted(world)
    world.registry.request_rollback(SERVICE, deployment_id=world.deployment, reason="it is slow")
    world.guarded(wait_for=lambda: world.outcome == "rolled_back")
    world.users_get("2.1.0")
    (back,) = world.rollbacks
    assert back.reason == "it is slow (asked for, and not begun)"
    assert list(Guard(world.place, stale_seconds=0.0).look()) == []


def test_a_guard_that_died_in_its_rollback_is_followed_by_another(world):
    world.dies("after:apply_evidence")
    guard = world.worker("before:rollback_drain_intent", deployment="guard")
    guard.communicate(timeout=60)
    assert guard.returncode == -signal.SIGKILL
    assert world.outcome is None
    world.guarded()
    world.taken_back()
    assert world.rollbacks[0].detail["took_over"].startswith("guard@")


def test_several_guards_do_one_rollback(world):
    world.dies("after:apply_evidence")
    eventually(lambda: await_dead(world.place, stale_seconds=2.0, wait_seconds=0.0), within=10)
    guards = [Guard(world.place, stale_seconds=2.0, observe_seconds=0.0) for _ in range(3)]
    done: list = []
    threads = [threading.Thread(target=lambda guard=guard: done.extend(guard.look())) for guard in guards]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted({rescue.outcome for rescue in done} - {"nothing_to_do"}) == ["rolled_back"]
    world.taken_back()
    assert await_dead(world.place, stale_seconds=0.0, wait_seconds=0.0) == []


def test_a_living_rollout_is_left_alone(tmp_path):
    slow = "steps: [10, 100], step_seconds: 5, step_deadline_seconds: 20, min_requests: 3"
    with FaultWorld(tmp_path, rollout=slow) as world:
        worker = world.worker()
        assert world.guarded(stale_seconds=3.0, within=60) == []
        assert worker.communicate(timeout=20)[0].split() == ["promoted"]
        world.users_get("2.2.0")


def test_a_rollout_is_taken_back_at_its_deadline_and_its_writer_stops(tmp_path):
    endless = "steps: [10, 100], step_seconds: 600, step_deadline_seconds: 600, min_requests: 3"
    with FaultWorld(tmp_path, rollout=endless) as world:
        worker = world.worker()
        world.at(10)
        with world.registry.writing() as session:
            session.execute(update(Lease).values(deadline=Lease.taken_at + 4))
        done = world.guarded()
        assert "did not end within 4 s" in done[0].reason
        world.taken_back()
        assert worker.communicate(timeout=20)[0].split() == ["overtaken"]
