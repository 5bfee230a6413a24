"""A pause ends its run, and `resume` starts one: in a living embedded world, with Dagster's own sensor and queue."""

from __future__ import annotations

import time

import pytest

from olorin_pipelines.pipeline.command import command, position
from tests.demo.living_world import (
    SERVICE,
    TAG,
    at_ten_percent,
    eventually,
    happened,
    last_on,
    living_world,
    outcome,
    weights,
)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture
def world(tmp_path, monkeypatch):
    with living_world(tmp_path, monkeypatch) as world:
        yield world


def test_a_rollout_rests_without_a_run_and_goes_on_in_one_of_its_own(world):
    row, backend = at_ten_percent(world, "2.1.0")

    def ask(verb: str) -> None:
        command(world.place, SERVICE, verb, who="ada", reason="noon")

    def runs() -> list[tuple[str, str]]:
        return [(run.job, run.status) for run in reversed(world.dagster.runs({TAG: row.id}))]

    def state() -> str:
        return position(world.place, row.id).state

    ask("pause")
    eventually(lambda: runs() == [("verify_deployment", "SUCCESS")], within=60, told=runs)
    assert (state(), outcome(world, row)) == ("paused", None)
    (ended,) = world.dagster.runs({TAG: row.id})
    told = world.dagster.run(ended.run_id).materialization("rollout")
    assert told.metadata["outcome"] == "paused"
    rested = time.time()
    eventually(lambda: last_on(world, backend) > rested, within=30)
    assert weights(world) == {"2.0.0": 90, "2.1.0": 10}, "the weight is held without a run"

    ask("resume")
    eventually(lambda: state() == "baking", within=90, told=lambda: happened(world, row))
    assert runs() == [("verify_deployment", "SUCCESS"), ("continue_rollout", "STARTED")]
    assert weights(world) == {"2.0.0": 90, "2.1.0": 10}

    ask("abort")
    eventually(lambda: outcome(world, row) == "rolled_back", within=60, told=lambda: happened(world, row))
    assert weights(world) == {"2.0.0": 100}
    eventually(lambda: "STARTED" not in {status for _, status in runs()}, within=60, told=runs)
    assert [job for job, _ in runs()] == ["verify_deployment", "continue_rollout"], "nothing is started twice"
    assert position(world.place, row.id).strange == ()
