"""The weights and times of a rollout by what changed in the contract."""

from __future__ import annotations

import pytest

from olorin_pipelines.config.model import Pace, RolloutPolicy
from olorin_pipelines.delivery.pace import shaped

POLICY = RolloutPolicy(steps=(10, 50, 100), step_seconds=20, step_deadline_seconds=60)


@pytest.mark.parametrize(
    ("change", "pace", "seconds", "deadline"),
    [
        ("none", "fast", 10, 60),
        ("additive", "normal", 20, 60),
        ("breaking", "slow", 40, 120),
        ("unknown", "normal", 20, 60),
    ],
)
def test_the_pace_follows_the_change(change, pace, seconds, deadline):
    shape = shaped(POLICY, change)
    assert (shape.pace, shape.steps) == (pace, (10, 50, 100))
    assert (shape.step_seconds, shape.step_deadline_seconds) == (seconds, deadline)
    assert shape.why


def test_a_pace_may_have_its_own_weights_and_seconds():
    policy = POLICY.model_copy(
        update={"fast": Pace(steps=(50, 100)), "slow": Pace(steps=(1, 5, 100), step_seconds=100)}
    )
    assert shaped(policy, "none").steps == (50, 100)
    slow = shaped(policy, "breaking")
    assert (slow.steps, slow.step_seconds, slow.step_deadline_seconds) == ((1, 5, 100), 100, 300)
    assert shaped(policy, "additive").steps == (10, 50, 100)


def test_weights_of_a_pace_rise_to_100():
    with pytest.raises(ValueError, match="rise"):
        Pace(steps=(50, 10))
