"""`rollout_commands`: a rollout that rests goes on, in a run of its own, when somebody says so."""

import dagster as dg

from jobs import continue_rollout
from olorin_pipelines.pipeline.command import runs_wanted
from resources import DEPLOYMENT_TAG, SERVICE_TAG, Olorin

__all__ = ["rollout_commands"]

_LONG_POLL_SECONDS = 25.0


@dg.sensor(
    job=continue_rollout,
    minimum_interval_seconds=1,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Long-polls the registry for resume, approve and promote of paused rollouts; starts one run for each.",
)
def rollout_commands(context: dg.SensorEvaluationContext, olorin: Olorin) -> dg.SensorResult:
    """The cursor is the sequence of the last command that was looked at."""
    rows, last = runs_wanted(olorin.place, after=int(context.cursor or 0), wait_seconds=_LONG_POLL_SECONDS)
    return dg.SensorResult(
        run_requests=[
            dg.RunRequest(
                run_key=f"command-{row.sequence}-{row.asked_at:.3f}",
                partition_key=row.service,
                tags={SERVICE_TAG: row.service, DEPLOYMENT_TAG: row.deployment_id},
            )
            for row in rows
        ],
        cursor=str(last),
    )
