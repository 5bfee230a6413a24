"""`contract_tests`: what the running candidate answers, against its own document and against production's."""

from dataclasses import replace

import dagster as dg

from assets.consumer_compatibility import consumer_compatibility
from assets.presentation import check_specs, logged, materialise, table
from olorin_pipelines.pipeline.contract import CONTRACT_CHECKS, verify_contract
from olorin_pipelines.pipeline.presented import contract_pages
from olorin_pipelines.registry.trend import history_rows
from resources import SERVICES, Olorin

__all__ = ["contract_tests"]

_SHOWN = 20


@dg.asset(
    partitions_def=SERVICES,
    deps=[consumer_compatibility],
    group_name="contract",
    kinds={"schemathesis"},
    check_specs=check_specs("contract_tests", CONTRACT_CHECKS),
)
def contract_tests(context: dg.AssetExecutionContext, olorin: Olorin) -> dg.MaterializeResult:
    """Schemathesis against the candidate's own URL; not run when a cheaper gate failed already."""
    case = replace(olorin.case(context), progress=logged(context.log.info))
    result = case.ask("contract_tests", verify_contract, checks=CONTRACT_CHECKS)
    pages = {name: dg.MetadataValue.path(str(path)) for name, path in contract_pages(case, result).items()}
    runs = case.place.registry.contract_runs(
        case.name, environment=case.deployment.environment, gate="contract_tests", limit=_SHOWN
    )
    return materialise(result, case, extra={**pages, "table/history": table(history_rows(runs))})
