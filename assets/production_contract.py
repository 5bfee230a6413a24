"""`production_contract`: the hourly look at what production serves and how it answers, read-only."""

from collections.abc import Iterator

import dagster as dg

from assets.presentation import check_result, table
from assets.schemas import baseline_schema
from olorin_pipelines.pipeline.production import PRODUCTION_CHECKS, check_production
from resources import SERVICES, Olorin, service_of

__all__ = ["production_contract"]


@dg.asset(
    partitions_def=SERVICES,
    group_name="monitoring",
    kinds={"openapi"},
    check_specs=[dg.AssetCheckSpec(name, asset="production_contract", blocking=True) for name in PRODUCTION_CHECKS],
)
def production_contract(
    context: dg.AssetExecutionContext, olorin: Olorin
) -> Iterator[dg.AssetMaterialization | dg.MaterializeResult]:
    """Captures what production serves, compares it with what was promoted, and calls documented GETs."""
    report = check_production(olorin.place, service_of(context.partition_key))
    result = report.result
    if report.digest:
        yield dg.AssetMaterialization(
            baseline_schema.key,
            partition=context.partition_key,
            metadata={"digest": report.digest, "version": report.version, "source": "production_contract"},
        )
    yield dg.MaterializeResult(
        metadata={
            "outcome": result.outcome.value,
            "summary": result.summary,
            "version": report.version,
            "rollback_requested": report.rollback_requested,
            **({"table": table(result.rows)} if result.rows else {}),
            **{name: value for name, value in result.facts.items() if value is not None},
        },
        check_results=[check_result(check) for check in result.checks],
    )
