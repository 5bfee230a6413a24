"""`stale_rollouts`: a rollout or rollback without a heartbeat is taken back by a run, before `olorin guard` has to.

A run that dies with its code server is marked as failed by nobody, so `failed_runs` never hears of it. For the same
reason these runs do not carry the tag by which runs of a service wait for each other: the dead one would be waited
for. The lease sees to it that there is one writer.

The dead run itself is reported as failed here, because the next deployment waits for it: once its process is gone from
this machine (before it had a lease nobody else would hear of it), or somebody else has closed its deployment.
"""

import dagster as dg

from jobs import rollback_config, rollback_service, verify_deployment
from olorin_pipelines.pipeline.guard import await_dead
from olorin_pipelines.pipeline.rescue import is_left_behind
from resources import DEPLOYMENT_TAG, SERVICES, Olorin

__all__ = ["stale_rollouts"]

_LONG_POLL_SECONDS = 25.0
_STALE_SECONDS = 8.0  # a run takes about four seconds to begin, and waits for the 15 s itself


@dg.sensor(
    job=rollback_service,
    minimum_interval_seconds=1,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Long-polls the leases; starts a run for each rollout or rollback whose heartbeat has stopped.",
)
def stale_rollouts(context: dg.SensorEvaluationContext, olorin: Olorin) -> dg.SensorResult:
    """The run key names the very heartbeat that was the last: it is rescued once."""
    dead = await_dead(olorin.place, stale_seconds=_STALE_SECONDS, wait_seconds=_LONG_POLL_SECONDS)
    running = dg.RunsFilter(job_name=verify_deployment.name, statuses=[dg.DagsterRunStatus.STARTED])
    for run in context.instance.get_runs(running):
        dead_run = is_left_behind(olorin.place, run.tags.get(DEPLOYMENT_TAG, ""), run_id=run.run_id)
        now = context.instance.get_run_by_id(run.run_id)  # one that ended meanwhile has said so itself
        if dead_run and now is not None and not now.is_finished:
            context.instance.report_run_failed(run, "its process is gone, or its deployment was closed without it")
    known = set(context.instance.get_dynamic_partitions(str(SERVICES.name)))
    return dg.SensorResult(
        run_requests=[
            dg.RunRequest(
                run_key=found.key,
                partition_key=found.service,
                run_config=rollback_config(reason=found.reason, deployment_id=found.deployment_id),
                tags={DEPLOYMENT_TAG: found.deployment_id},
            )
            for found in dead
            if found.service in known
        ]
    )
