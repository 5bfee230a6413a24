"""What sensors and the schedule ask Dagster for."""

from __future__ import annotations

import datetime as dt

import dagster as dg
import pytest

from olorin_pipelines.pipeline.worker import here
from olorin_pipelines.registry import BY_HAND
from resources import DEPLOYMENT_TAG, SERVICE_TAG, SERVICES, VERSION_TAG
from schedules.production_check import production_check
from sensors import deployments as deployments_module
from sensors import notifications as notifications_module
from sensors import rollback_requests as requests_module
from sensors import rollout_commands as commands_module
from sensors import stale_rollouts as stale_module
from sensors.deployments import deployments_sensor
from sensors.failed_runs import failed_runs
from sensors.notifications import notifications
from sensors.rollback_requests import rollback_requests
from sensors.rollout_commands import rollout_commands
from sensors.stale_rollouts import stale_rollouts
from sensors.version_poll import version_poll
from tests.notify.receivers import receiving
from tests.surface.conftest import SERVICE

NOWHERE = "http://127.0.0.1:9"
RUN = "0193b1d0-0000-7000-8000-000000000001"


@pytest.fixture
def world(surface, monkeypatch):
    monkeypatch.setattr(deployments_module, "_LONG_POLL_SECONDS", 0.0)
    monkeypatch.setattr(requests_module, "_LONG_POLL_SECONDS", 0.0)
    monkeypatch.setattr(commands_module, "_LONG_POLL_SECONDS", 0.0)
    return surface(NOWHERE)


def tick(sensor, world, *, cursor=None, instance=None) -> dg.SensorResult:
    with dg.build_sensor_context(instance=instance or world.instance, cursor=cursor) as context:
        return sensor(context, olorin=world.olorin)


def test_the_first_tick_adds_the_partitions(world):
    with dg.DagsterInstance.ephemeral() as empty:
        result = tick(deployments_sensor, world, instance=empty)
    assert [list(request.partition_keys) for request in result.dynamic_partitions_requests] == [[SERVICE]]
    assert (list(result.run_requests), result.cursor) == ([], "0")


def test_a_deployment_gets_one_run_with_its_tags_and_an_event(world):
    row = world.deployment(NOWHERE, "2.1.0")
    result = tick(deployments_sensor, world)
    (request,) = result.run_requests
    assert (request.run_key, request.partition_key) == (row.id, SERVICE)
    assert request.tags.items() >= {DEPLOYMENT_TAG: row.id, SERVICE_TAG: SERVICE, VERSION_TAG: "2.1.0"}.items()
    (event,) = result.asset_events
    assert (event.asset_key, event.partition) == (dg.AssetKey("deployments"), SERVICE)
    assert event.metadata["deployment_id"].value == row.id
    assert not result.dynamic_partitions_requests
    again = tick(deployments_sensor, world, cursor=result.cursor)
    assert (list(again.run_requests), again.cursor) == ([], result.cursor)


def test_what_is_verified_by_hand_closed_or_of_an_unknown_service_gets_none(world):
    registry = world.place.registry
    registry.announce(SERVICE, environment="canary", version="1", url=NOWHERE, run_id=BY_HAND)
    registry.announce("removed", environment="canary", version="1", url=NOWHERE)
    closed = world.deployment(NOWHERE, "0.9")
    registry.end(closed.id, "rolled_back")
    row = world.deployment(NOWHERE, "2.1.0")
    result = tick(deployments_sensor, world)
    assert [request.run_key for request in result.run_requests] == [row.id]
    assert result.cursor == str(row.sequence)


def test_a_registry_made_anew_is_read_from_its_beginning(world):
    row = world.deployment(NOWHERE, "2.1.0")
    result = tick(deployments_sensor, world, cursor="4711")
    assert tick(deployments_sensor, world, cursor="0").run_requests[0].run_key == row.id
    assert int(result.cursor) == row.sequence, "the next one is seen"
    newer = world.deployment(NOWHERE, "2.2.0")
    assert [r.run_key for r in tick(deployments_sensor, world, cursor=result.cursor).run_requests] == [newer.id]


def test_requests_and_commands_of_a_registry_made_anew_are_seen(world):
    """The cursor of before is far ahead; the first look at the empty registry takes it back."""
    row = world.deployment(NOWHERE, "2.1.0")
    cursors = {sensor: tick(sensor, world, cursor="4711").cursor for sensor in (rollback_requests, rollout_commands)}
    world.place.registry.request_rollback(SERVICE, deployment_id=row.id, reason="it is slow")
    assert len(tick(rollback_requests, world, cursor=cursors[rollback_requests]).run_requests) == 1
    world.place.registry.ask_rollout(row.id, "resume", who="ada", reason="noon")
    assert tick(rollout_commands, world, cursor=cursors[rollout_commands]).cursor == "1", "it was looked at"


def test_a_rollback_that_was_asked_for_gets_its_run_once(world, defs):
    world.place.registry.request_rollback(SERVICE, deployment_id="d", reason="it is slow")
    world.place.registry.request_rollback("removed", deployment_id=None, reason="gone")
    result = tick(rollback_requests, world)
    (request,) = result.run_requests
    config = request.run_config["ops"]["rollback"]["ops"]["precheck"]["config"]
    assert config == {"reason": "it is slow", "deployment_id": "d"}
    assert request.tags[SERVICE_TAG] == SERVICE
    assert result.cursor == "2"
    assert not tick(rollback_requests, world, cursor=result.cursor).run_requests
    dg.validate_run_config(defs.resolve_job_def("rollback_service"), request.run_config)


def test_a_rollout_without_a_heartbeat_gets_a_rollback_that_waits_for_no_run(world, defs, monkeypatch):
    monkeypatch.setattr(stale_module, "_LONG_POLL_SECONDS", 0.0)
    registry, row = world.place.registry, world.deployment(NOWHERE, "2.1.0")
    registry.found_serving(SERVICE, version="2.0.0", url="http://127.0.0.1:19")
    registry.take_lease(SERVICE, holder="run@a", kind="rollout", deployment_id=row.id, seconds=60, work={})
    assert not tick(stale_rollouts, world).run_requests
    monkeypatch.setattr(stale_module, "_STALE_SECONDS", 0.0)
    (request,) = tick(stale_rollouts, world).run_requests
    assert request.run_key == tick(stale_rollouts, world).run_requests[0].run_key
    assert SERVICE_TAG not in request.tags
    config = request.run_config["ops"]["rollback"]["ops"]["precheck"]["config"]
    assert config["deployment_id"] == row.id
    assert "no heartbeat of run@a" in config["reason"]
    dg.validate_run_config(defs.resolve_job_def("rollback_service"), request.run_config)


@pytest.mark.parametrize(
    ("end", "after", "status"),
    [("rolled_back", 0.0, "FAILURE"), ("rolled_back", 99.0, "STARTED"), (None, 0.0, "STARTED")],
)
def test_a_run_that_died_with_its_code_server_no_longer_blocks_its_service(
    world, defs, monkeypatch, end, after, status
):
    monkeypatch.setattr(stale_module, "_LONG_POLL_SECONDS", 0.0)
    monkeypatch.setattr("olorin_pipelines.pipeline.rescue._AFTER_SECONDS", after)
    row = world.deployment(NOWHERE, "2.1.0")
    world.place.registry.started(row.id, RUN)
    job = defs.resolve_job_def("verify_deployment")
    world.instance.create_run_for_job(
        job, run_id=RUN, tags={DEPLOYMENT_TAG: row.id}, status=dg.DagsterRunStatus.STARTED
    )
    if end:
        world.place.registry.end(row.id, end)
    tick(stale_rollouts, world)
    assert world.instance.get_run_by_id(RUN).status.value == status


@pytest.mark.parametrize(("alive", "status"), [(False, "FAILURE"), (True, "STARTED")])
def test_a_run_whose_process_is_gone_before_it_had_a_lease_is_failed(world, defs, monkeypatch, alive, status):
    monkeypatch.setattr(stale_module, "_LONG_POLL_SECONDS", 0.0)
    row = world.deployment(NOWHERE, "2.1.0")
    worker = here() if alive else {**here(), "began": 1.0}
    world.place.registry.started(row.id, RUN, worker=worker)
    job = defs.resolve_job_def("verify_deployment")
    world.instance.create_run_for_job(
        job, run_id=RUN, tags={DEPLOYMENT_TAG: row.id}, status=dg.DagsterRunStatus.STARTED
    )
    tick(stale_rollouts, world)
    assert world.instance.get_run_by_id(RUN).status.value == status


def test_a_rollback_request_waits_for_the_partition(world):
    world.place.registry.request_rollback(SERVICE, deployment_id="d", reason="it is slow")
    with dg.DagsterInstance.ephemeral() as empty:
        result = tick(rollback_requests, world, instance=empty)
    assert (list(result.run_requests or ()), result.cursor) == ([], "0")
    assert "not known yet" in result.skip_reason.skip_message


@pytest.mark.parametrize(
    ("end", "said", "asked"),
    [("rolled_back", "nothing to do", 0), ("promoted", "nothing to do", 0), (None, "asked for a rollback", 1)],
)
def test_a_failed_run_is_rescued_only_when_its_deployment_is_open(world, defs, end, said, asked):
    row = world.deployment(NOWHERE, "2.1.0")
    world.place.registry.started(row.id, RUN)
    if end:
        world.place.registry.end(row.id, end)
    result = fail(world, defs, {DEPLOYMENT_TAG: row.id}, run_id=RUN)
    assert said in result
    assert len(world.place.registry.rollback_requests_after(0)) == asked


def test_a_failed_run_without_a_deployment_is_left_alone(world, defs):
    assert "no deployment" in fail(world, defs, {}, run_id=RUN)


def fail(world, defs, tags, *, run_id) -> str:
    """Evaluate the sensor for a run with these tags that failed."""
    job = defs.resolve_job_def("verify_deployment")
    with dg.DagsterInstance.ephemeral() as instance:
        run = instance.create_run_for_job(job, run_id=run_id, tags=tags, status=dg.DagsterRunStatus.FAILURE)
        event = dg.DagsterEvent(event_type_value="PIPELINE_FAILURE", job_name=job.name, message="died")
        context = dg.build_run_status_sensor_context(
            sensor_name="failed_runs", dagster_event=event, dagster_instance=instance, dagster_run=run
        ).for_run_failure()
        return failed_runs(context, olorin=world.olorin).skip_message


def test_the_schedule_checks_every_known_service(world, tmp_path):
    at = dt.datetime(2026, 1, 1, 10, tzinfo=dt.UTC)
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        (skip,) = scheduled(world, instance, at)
        instance.add_dynamic_partitions(str(SERVICES.name), [SERVICE])
        (request,) = scheduled(world, instance, at)
    assert "no service is known yet" in skip.skip_message
    assert (request.partition_key, request.tags[SERVICE_TAG]) == (SERVICE, SERVICE)
    assert request.run_key.startswith(f"{SERVICE}:2026-01-01T10")


def scheduled(world, instance, at):
    with dg.build_schedule_context(instance=instance, scheduled_execution_time=at) as context:
        return list(production_check(context, olorin=world.olorin))


def test_news_is_told_by_the_sensor_and_no_run_is_started(surface, monkeypatch):
    monkeypatch.setattr(notifications_module, "_LONG_POLL_SECONDS", 0.0)
    with receiving() as receiver:
        world = surface(NOWHERE, extra=f'notify: {{slack: {{team: {{url: "{receiver.url}"}}}}}}\n')
        row = world.deployment(NOWHERE, "2.1.0")
        world.place.registry.decide(row.id, verdict="rejected", decided_by="schema_diff", because="1 breaking change")
        said = tick(notifications, world)
        assert "1 messages" in said.skip_message
        assert "no news" in tick(notifications, world).skip_message
    assert [body["text"] for _, _, body in receiver.came] == [f"{SERVICE} 2.1.0 was rejected"]


def test_without_a_channel_the_sensor_says_so(world):
    assert "no channel" in tick(notifications, world).skip_message


def test_the_version_poll_starts_no_run_by_itself(world):
    result = tick(version_poll, world)
    assert "no environment" in result.skip_reason.skip_message
    assert (list(result.run_requests or ()), result.cursor) == ([], "{}")
