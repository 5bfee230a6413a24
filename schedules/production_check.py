"""`production_check`: every hour, for every configured service."""

from collections.abc import Iterator

import dagster as dg

from jobs import check_production
from resources import SERVICE_TAG, SERVICES, Olorin

__all__ = ["production_check"]


@dg.schedule(
    job=check_production,
    cron_schedule="0 * * * *",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Check what production serves and how it answers, every hour.",
)
def production_check(context: dg.ScheduleEvaluationContext, olorin: Olorin) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """One run per service whose partition is known."""
    known = set(context.instance.get_dynamic_partitions(str(SERVICES.name)))
    names = [name for name in olorin.place.config.services if name in known]
    if not names:
        yield dg.SkipReason("no service is known yet; the deployments sensor adds them")
    for name in names:
        yield dg.RunRequest(
            run_key=f"{name}:{context.scheduled_execution_time.isoformat()}",
            partition_key=name,
            tags={SERVICE_TAG: name},
        )
