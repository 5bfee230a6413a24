"""`generated_types`: the TypeScript types consumers compile against."""

import dagster as dg

from assets.presentation import check_specs, code_block, materialise
from assets.schemas import baseline_schema, openapi_schema
from olorin_pipelines.pipeline.types import TYPES_CHECKS, generate_types
from resources import SERVICES, Olorin

__all__ = ["generated_types"]

_SCHEMAS = (
    b"export interface components"  # what a person looks for; paths come before, and say "never" most of the time
)


@dg.asset(
    partitions_def=SERVICES,
    deps=[baseline_schema, openapi_schema],
    group_name="contract",
    kinds={"typescript"},
    check_specs=check_specs("generated_types", TYPES_CHECKS),
)
def generated_types(context: dg.AssetExecutionContext, olorin: Olorin) -> dg.MaterializeResult:
    """TypeScript types generated from the candidate's document, compiled on their own."""
    case = olorin.case(context)
    result = case.ask("generated_types", generate_types, checks=TYPES_CHECKS)
    types = result.evidence.get("types")
    preview = {"preview": code_block(case.place.artifacts.get(types), "ts", begin=_SCHEMAS)} if types else None
    return materialise(result, case, extra=preview)
