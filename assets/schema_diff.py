"""`schema_diff`: what changed between production's document and the candidate's, and what of it breaks."""

import dagster as dg

from assets.presentation import check_specs, materialise
from assets.schemas import baseline_schema, openapi_schema
from olorin_pipelines.pipeline.compare import DIFF_CHECKS, compare_documents, report_page
from resources import SERVICES, Olorin

__all__ = ["schema_diff"]


@dg.asset(
    partitions_def=SERVICES,
    deps=[baseline_schema, openapi_schema],
    group_name="contract",
    kinds={"openapi", "diff"},
    check_specs=check_specs("schema_diff", DIFF_CHECKS),
)
def schema_diff(context: dg.AssetExecutionContext, olorin: Olorin) -> dg.MaterializeResult:
    """The changes from production's document to the candidate's, judged by rules."""
    case = olorin.case(context)
    result = case.ask("schema_diff", compare_documents, checks=DIFF_CHECKS)
    page, report = report_page(case, result), result.evidence.get("markdown")
    extra: dict[str, dg.MetadataValue] = {"page": dg.MetadataValue.path(str(page))} if page else {}
    if report:
        extra["report"] = dg.MetadataValue.md(case.place.artifacts.get(report).decode())
    return materialise(result, case, extra=extra)
