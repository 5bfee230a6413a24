"""Dagster is killed under a rollout, in a living embedded world: who takes the traffic back, how soon, how often?

Before it had traffic: who closes the deployment?
"""

from __future__ import annotations

import contextlib
import time

import psutil
import pytest

from olorin_pipelines.delivery.scalers import children
from olorin_pipelines.demo.story import Release
from olorin_pipelines.demo.world import World
from tests.demo.living_world import (
    SERVICE,
    TAG,
    at_ten_percent,
    backs,
    eventually,
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


def dagster(world: World) -> list[psutil.Process]:
    """Everything of Dagster: web server, daemon, code servers, run workers."""
    root = next(child.pid for child in children.load(world.processes.record) if child.name == "dagster")
    return [psutil.Process(root), *psutil.Process(root).children(recursive=True)]


def guard(world: World) -> int:
    return next(child.pid for child in children.load(world.processes.record) if child.name == "guard")


def kill_guard(world: World) -> None:
    """Kill it with -9, and wait until the supervisor, which looks now, has started another one."""
    first = guard(world)
    killed([psutil.Process(first)])

    def another() -> bool:
        world.alive_or_raise("dagster", "envoy")
        return guard(world) != first

    eventually(another, within=30)


def killed(processes: list[psutil.Process]) -> float:
    """Kill -9 all of them; returns when (seconds since 1970)."""
    at = time.time()
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(processes, timeout=10)
    return at


def test_a_killed_worker_and_then_all_of_dagster_and_its_restart(world, tmp_path):
    """The worker alone: its run is failed, and `failed_runs` asks once. All of it: the guard, within 20 s, alone.

    That guard is a second one: the first was killed while the version had its 10 %, which changed nothing.
    """
    first, backend = at_ten_percent(world, "2.1.0")
    worker = psutil.Process(int(world.place.registry.lease(SERVICE).holder.split(":")[1]))
    assert worker in dagster(world), "the process that has the lease is Dagster's run worker"
    at = killed([worker])
    eventually(lambda: weights(world) == {"2.0.0": 100}, within=20)
    alone = last_on(world, backend) - at
    eventually(lambda: outcome(world, first) == "rolled_back", within=60)
    eventually(lambda: [run.status for run in world.dagster.runs({TAG: first.id})].count("FAILURE") >= 1, within=60)
    requests = [event for event in world.place.registry.events(first.id) if event.kind == "rollback_requested"]
    assert len(requests) <= 1, "asked for once"
    assert [back.outcome for back in backs(world, first)] == ["rolled_back"]

    second, backend = at_ten_percent(world, "2.2.0")
    kill_guard(world)
    assert (weights(world), backs(world, second)) == ({"2.0.0": 90, "2.2.0": 10}, [])
    at = killed(dagster(world))
    eventually(lambda: weights(world) == {"2.0.0": 100}, within=20)
    eventually(lambda: outcome(world, second) == "rolled_back", within=30)
    seconds = last_on(world, backend) - at
    (tmp_path / "takeover").write_text(f"worker alone {alone:.1f} s, all of Dagster {seconds:.1f} s")
    assert seconds < 20
    (back,) = backs(world, second)
    assert back.detail["by"].startswith("guard@")
    assert all(proof["passed"] for proof in back.detail["proofs"])

    world.processes.stop("dagster")
    world.start_dagster()
    world.await_dagster()
    third, _ = at_ten_percent(world, "2.3.0")
    assert [len(backs(world, row)) for row in (first, second, third)] == [1, 1, 0], "nothing is done twice"
    assert weights(world) == {"2.0.0": 90, "2.3.0": 10}


def test_all_of_dagster_is_killed_while_gates_are_asked(world):
    """No lease, so no heartbeat that could be missed: the next Dagster finds that the process of the run is gone."""
    backend = world.start_service(Release(name="2.1.0", release="additive", version="2.1.0"))
    row, _ = world.place.registry.announce(SERVICE, environment="canary", version="2.1.0", url=backend.url)
    eventually(lambda: world.place.registry.deployment(row.id).run_id, within=120)
    killed(dagster(world))
    assert world.place.registry.lease(SERVICE) is None

    world.processes.stop("dagster")
    world.start_dagster()
    world.await_dagster()
    eventually(lambda: "FAILURE" in {run.status for run in world.dagster.runs({TAG: row.id})}, within=90)
    eventually(lambda: outcome(world, row) == "rolled_back", within=60)
    at_ten_percent(world, "2.2.0")
