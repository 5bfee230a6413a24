"""`version_poll`: an environment that names a new version at its health endpoint is a deployment."""

import json

import dagster as dg

from olorin_pipelines.pipeline.poll import poll
from resources import Olorin

__all__ = ["version_poll"]


@dg.sensor(
    minimum_interval_seconds=15,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Asks the environments with `version_from` which version they run, and announces a new one.",
)
def version_poll(context: dg.SensorEvaluationContext, olorin: Olorin) -> dg.SensorResult:
    """The cursor is what the poll before saw; the deployments sensor starts the run."""
    told, seen = poll(olorin.place, json.loads(context.cursor or "{}"))
    for each in told:
        if each.trouble:
            context.log.warning(each.trouble)
        elif each.announced:
            context.log.info(f"{each.service} {each.version} was announced as {each.announced}")
    said = f"{len(told)} environments were asked" if told else "no environment has `version_from`: docs/intake.md"
    return dg.SensorResult(skip_reason=said, cursor=json.dumps(seen))
