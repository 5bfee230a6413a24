"""What is left when a process is killed at the edge of a state? Real processes, real Envoy; Envoy is the judge."""

from __future__ import annotations

import pytest
from delivery_world import SERVICE
from fault_world import FaultWorld

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
