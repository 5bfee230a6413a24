"""`production_contract`: the hourly look at what production serves and how it answers, read-only."""

from collections.abc import Iterator

import dagster as dg

from assets.presentation import check_result, frame_table, table
from assets.schemas import baseline_schema
from olorin_pipelines.pipeline.case import PRODUCTION
from olorin_pipelines.pipeline.production import PRODUCTION_CHECKS, check_production
from olorin_pipelines.registry.trend import history_rows, pass_rate, production_trend
from resources import SERVICES, Olorin, service_of

__all__ = ["production_contract"]

_SHOWN = 48


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
    service = service_of(context.partition_key)
    report = check_production(olorin.place, service)
    result = report.result
    if report.digest:
        yield dg.AssetMaterialization(
            baseline_schema.key,
            partition=context.partition_key,
            metadata={"digest": report.digest, "version": report.version, "source": "production_contract"},
        )
    runs = olorin.place.registry.contract_runs(
        service, environment=PRODUCTION, gate="production_contract", limit=_SHOWN
    )
    trend = production_trend(olorin.place.registry.production_checks(service, limit=_SHOWN))
    yield dg.MaterializeResult(
        metadata={
            "outcome": result.outcome.value,
            "summary": result.summary,
            "pass_rate_24_hours": pass_rate(trend),
            "trend": frame_table(trend),
            "version": report.version,
            "rollback_requested": report.rollback_requested,
            **({"table": table(result.rows)} if result.rows else {}),
            **{name: dg.MetadataValue.path(str(path)) for name, path in report.reports.items()},
            "table/history": table(history_rows(runs)),
            **{f"table/{name}": table(rows) for name, rows in result.tables.items() if rows},
            **{name: value for name, value in result.facts.items() if value is not None},
        },
        check_results=[check_result(check) for check in result.checks],
    )
