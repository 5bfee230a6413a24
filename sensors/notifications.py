"""`notifications`: what was decided is told to the channels of olorin.yaml. The guard does the same beside Dagster."""

import functools

import dagster as dg

from olorin_pipelines.pipeline.herald import Herald
from resources import Olorin

__all__ = ["notifications"]

_LONG_POLL_SECONDS = 25.0


@functools.cache
def _herald(config_path: str) -> Herald:
    return Herald(Olorin(config_path=config_path).place)


@dg.sensor(
    minimum_interval_seconds=1,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Tells people what was decided: Slack, PagerDuty, Alertmanager, e-mail. Starts no run.",
)
def notifications(context: dg.SensorEvaluationContext, olorin: Olorin) -> dg.SkipReason:
    """Each message goes once to each channel, whoever comes first; the registry holds what is still to be told."""
    if not olorin.place.config.notify.channels():
        return dg.SkipReason("olorin.yaml names no channel: docs/notifications.md")
    tried = _herald(olorin.config_path).tell_for(_LONG_POLL_SECONDS)
    for each in tried:
        context.log.info(f"{each.channel}: {each.title}: {each.trouble or 'sent'}")
    return dg.SkipReason(f"{len(tried)} messages were tried" if tried else "no news")
