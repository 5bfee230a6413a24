"""The documents as they are served: `openapi_schema` by the candidate, `baseline_schema` by production."""

import dagster as dg

from assets.presentation import check_specs, materialise
from olorin_pipelines.pipeline.capture import BASELINE_CHECKS, CANDIDATE_CHECKS, capture_baseline, capture_candidate
from resources import SERVICES, Olorin

__all__ = ["baseline_schema", "openapi_schema"]


@dg.asset(
    partitions_def=SERVICES,
    deps=["deployments"],
    group_name="contract",
    kinds={"openapi"},
    check_specs=check_specs("openapi_schema", CANDIDATE_CHECKS),
)
def openapi_schema(context: dg.AssetExecutionContext, olorin: Olorin) -> dg.MaterializeResult:
    """The OpenAPI document the candidate really serves, validated and audited."""
    case = olorin.case(context)
    return materialise(case.ask("openapi_schema", capture_candidate, checks=CANDIDATE_CHECKS), case)


@dg.asset(
    partitions_def=SERVICES,
    deps=["deployments"],
    group_name="contract",
    kinds={"openapi"},
    check_specs=check_specs("baseline_schema", BASELINE_CHECKS),
)
def baseline_schema(context: dg.AssetExecutionContext, olorin: Olorin) -> dg.MaterializeResult:
    """The OpenAPI document production serves: observed, not claimed."""
    case = olorin.case(context)
    return materialise(case.ask("baseline_schema", capture_baseline, checks=BASELINE_CHECKS), case)
