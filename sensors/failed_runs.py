"""`failed_runs`: a run that died while its rollout was open is finished by a rollback; no other is.

It also fires on every run that ends red on purpose, so the registry is asked, not the run's status.
"""

import dagster as dg

from jobs import continue_rollout, verify_deployment
from olorin_pipelines.pipeline.rescue import rescue
from resources import DEPLOYMENT_TAG, Olorin

__all__ = ["failed_runs"]


@dg.run_failure_sensor(
    monitored_jobs=[verify_deployment, continue_rollout],
    minimum_interval_seconds=1,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Asks for a rollback when a run died while it moved traffic.",
)
def failed_runs(context: dg.RunFailureSensorContext, olorin: Olorin) -> dg.SkipReason:
    """A no-op unless the registry says that the deployment is still open."""
    deployment_id = context.dagster_run.tags.get(DEPLOYMENT_TAG)
    if deployment_id is None:
        return dg.SkipReason("the run had no deployment")
    return dg.SkipReason(rescue(olorin.place, deployment_id, run_id=context.dagster_run.run_id))
