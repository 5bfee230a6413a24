"""`deployments_sensor`: one run per announced deployment, a moment after it was announced."""

import dagster as dg

from jobs import verify_deployment
from olorin_pipelines.registry import Deployment
from resources import DEPLOYMENT_TAG, SERVICE_TAG, SERVICES, VERSION_TAG, Olorin

__all__ = ["deployments", "deployments_sensor"]

_LONG_POLL_SECONDS = 25.0

deployments = dg.AssetSpec(
    "deployments",
    group_name="delivery",
    kinds={"deployment"},
    description="What was put where: the root of the lineage. The deployments sensor reports it.",
    partitions_def=SERVICES,
)


@dg.sensor(
    job=verify_deployment,
    minimum_interval_seconds=1,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Long-polls the registry; starts one run per deployment.",
)
def deployments_sensor(context: dg.SensorEvaluationContext, olorin: Olorin) -> dg.SensorResult:
    """The cursor is the sequence of the last deployment that got its run."""
    place = olorin.place
    known = set(context.instance.get_dynamic_partitions(str(SERVICES.name)))
    missing = [name for name in place.config.services if name not in known]
    newest = place.registry.deployments(limit=1)
    seen = min(int(context.cursor or 0), newest[0].sequence if newest else 0)  # less in a registry made anew
    rows = place.registry.deployments_after(seen, wait_seconds=0.0 if missing else _LONG_POLL_SECONDS)
    unseen = [row for row in rows if row.run_id is None and row.outcome is None]
    fresh = [row for row in unseen if row.service in place.config.services]
    return dg.SensorResult(
        run_requests=[_run_request(row) for row in fresh],
        dynamic_partitions_requests=[SERVICES.build_add_request(missing)] if missing else [],
        asset_events=[_materialisation(row) for row in fresh],
        cursor=str(max([seen, *(row.sequence for row in rows)])),
    )


def _run_request(row: Deployment) -> dg.RunRequest:
    return dg.RunRequest(
        run_key=row.id,
        partition_key=row.service,
        tags={DEPLOYMENT_TAG: row.id, SERVICE_TAG: row.service, VERSION_TAG: row.version},
    )


def _materialisation(row: Deployment) -> dg.AssetMaterialization:
    return dg.AssetMaterialization(
        "deployments",
        partition=row.service,
        metadata={
            "deployment_id": row.id,
            "version": row.version,
            "environment": row.environment,
            "url": row.url,
            "revision": row.revision,
        },
    )
