"""What people want of a rollout, from Dagster: the launchpad asks, the sensor starts the run that is needed."""

from __future__ import annotations

import pytest

from olorin_pipelines.registry import PAUSED
from resources import DEPLOYMENT_TAG, SERVICE_TAG
from sensors import rollout_commands as commands_module
from sensors.rollout_commands import rollout_commands
from tests.surface.conftest import SERVICE
from tests.surface.test_surface_sensors import NOWHERE, tick


@pytest.fixture
def world(surface, monkeypatch):
    monkeypatch.setattr(commands_module, "_LONG_POLL_SECONDS", 0.0)
    return surface(NOWHERE)


def paused(world):
    """A deployment whose rollout rests at 25 %."""
    registry = world.place.registry
    registry.found_serving(SERVICE, version="2.0.0", url=NOWHERE)
    row = world.deployment("http://127.0.0.1:19", "2.1.0")
    registry.decide(row.id, verdict="accepted", decided_by="", because="")
    lease = registry.take_lease(SERVICE, holder="run", kind="rollout", deployment_id=row.id, seconds=60.0, work={})
    registry.open_rollout(row.id, fence=lease.fence, deadline=lease.deadline, held=True)
    registry.update_rollout(row.id, weight=25, fence=lease.fence)
    registry.pause_rollout(row.id, fence=lease.fence, state="paused", reason="asked for", detail={}, seconds=60.0)
    assert registry.lease(SERVICE).kind == PAUSED
    return row


def ask(world, verb, **config):
    ops = {"ask": {"config": {"target": SERVICE, "verb": verb, "reason": "noon is over", **config}}}
    return world.defs.resolve_job_def("command_rollout").execute_in_process(
        run_config={"ops": ops},
        instance=world.instance,
        resources={"olorin": world.olorin},
        raise_on_error=False,
    )


def test_the_launchpad_asks_and_the_sensor_starts_one_run(world):
    row = paused(world)
    assert ask(world, "resume").success
    (asked,) = world.place.registry.waiting_commands(row.id)
    assert (asked.verb, asked.who, asked.reason) == ("resume", "Dagster launchpad", "noon is over")
    result = tick(rollout_commands, world)
    (request,) = result.run_requests
    assert (request.partition_key, request.tags[DEPLOYMENT_TAG], request.tags[SERVICE_TAG]) == (
        SERVICE,
        row.id,
        SERVICE,
    )
    again = tick(rollout_commands, world, cursor=result.cursor)
    assert (list(again.run_requests), again.cursor) == ([], result.cursor)


def test_what_a_running_rollout_hears_by_itself_needs_no_run(world):
    row = paused(world)
    assert ask(world, "abort", who="ada").success
    assert list(tick(rollout_commands, world).run_requests) == []
    (request,) = world.place.registry.rollback_requests_after(0)
    assert (request.deployment_id, request.reason) == (row.id, "abort was asked for by ada: noon is over")


def test_what_is_not_possible_fails_with_the_reason(world):
    result = ask(world, "resume")
    assert not result.success
    failure = next(event for event in result.all_events if event.is_step_failure).step_failure_data
    assert "no deployment of investigations was announced yet" in failure.user_failure_data.description
