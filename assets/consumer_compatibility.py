"""`consumer_compatibility`: which registered consumer a change breaks, at which line, or why that cannot be told."""

import dagster as dg

from assets.generated_types import generated_types
from assets.presentation import check_specs, materialise
from assets.schema_diff import schema_diff
from olorin_pipelines.pipeline.consumers import CONSUMER_CHECKS, prove_consumers
from resources import SERVICES, Olorin

__all__ = ["consumer_compatibility"]


@dg.asset(
    partitions_def=SERVICES,
    deps=[schema_diff, generated_types],
    group_name="contract",
    kinds={"typescript"},
    check_specs=check_specs("consumer_compatibility", CONSUMER_CHECKS),
)
def consumer_compatibility(context: dg.AssetExecutionContext, olorin: Olorin) -> dg.MaterializeResult:
    """Every registered consumer compiled against production's types, then against the candidate's."""
    case = olorin.case(context)
    return materialise(case.ask("consumer_compatibility", prove_consumers, checks=CONSUMER_CHECKS), case)
