"""`rollback_requests`: a rollback that the production check asked for is launched as a run of its own."""

import dagster as dg

from jobs import rollback_service
from resources import DEPLOYMENT_TAG, SERVICE_TAG, Olorin

__all__ = ["rollback_requests"]

_LONG_POLL_SECONDS = 10.0


@dg.sensor(
    job=rollback_service,
    minimum_interval_seconds=1,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Long-polls the registry for rollbacks that were asked for; starts one run for each.",
)
def rollback_requests(context: dg.SensorEvaluationContext, olorin: Olorin) -> dg.SensorResult:
    """The cursor is the sequence of the last request that got its run."""
    seen = int(context.cursor or 0)
    rows = olorin.place.registry.rollback_requests_after(seen, wait_seconds=_LONG_POLL_SECONDS)
    return dg.SensorResult(
        run_requests=[
            dg.RunRequest(
                run_key=f"rollback-{row.sequence}",
                partition_key=row.service,
                run_config=dg.RunConfig(
                    ops={
                        "rollback": {
                            "ops": {
                                "precheck": {"config": {"reason": row.reason, "deployment_id": row.deployment_id or ""}}
                            }
                        }
                    }
                ),
                tags={SERVICE_TAG: row.service, DEPLOYMENT_TAG: row.deployment_id or ""},
            )
            for row in rows
        ],
        cursor=str(max([seen, *(row.sequence for row in rows)])),
    )
