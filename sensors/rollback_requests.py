"""`rollback_requests`: a rollback that the production check asked for is launched as a run of its own."""

import dagster as dg

from jobs import rollback_config, rollback_service
from resources import DEPLOYMENT_TAG, SERVICE_TAG, SERVICES, Olorin

__all__ = ["rollback_requests"]

_LONG_POLL_SECONDS = 25.0


@dg.sensor(
    job=rollback_service,
    minimum_interval_seconds=1,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Long-polls the registry for rollbacks that were asked for; starts one run for each.",
)
def rollback_requests(context: dg.SensorEvaluationContext, olorin: Olorin) -> dg.SensorResult:
    """The cursor is the sequence of the last request that got its run."""
    place = olorin.place
    seen = place.registry.seen_requests(int(context.cursor or 0))
    rows = place.registry.rollback_requests_after(seen, wait_seconds=_LONG_POLL_SECONDS)
    wanted = [row for row in rows if row.service in place.config.services]
    if {row.service for row in wanted} - set(context.instance.get_dynamic_partitions(str(SERVICES.name))):
        return dg.SensorResult(
            skip_reason="a service is not known yet; the deployments sensor adds it", cursor=str(seen)
        )
    return dg.SensorResult(
        run_requests=[
            dg.RunRequest(
                run_key=f"rollback-{row.sequence}-{row.requested_at:.3f}",
                partition_key=row.service,
                run_config=rollback_config(reason=row.reason, deployment_id=row.deployment_id or ""),
                tags={SERVICE_TAG: row.service, DEPLOYMENT_TAG: row.deployment_id or ""},
            )
            for row in wanted
        ],
        cursor=str(max([seen, *(row.sequence for row in rows)])),
    )
