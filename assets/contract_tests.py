"""`contract_tests`: what the running candidate answers, against its own document and against production's."""

import dagster as dg

from assets.consumer_compatibility import consumer_compatibility
from assets.presentation import check_specs, materialise
from olorin_pipelines.pipeline.contract import CONTRACT_CHECKS, verify_contract
from resources import SERVICES, Olorin

__all__ = ["contract_tests"]


@dg.asset(
    partitions_def=SERVICES,
    deps=[consumer_compatibility],
    group_name="contract",
    kinds={"schemathesis"},
    check_specs=check_specs("contract_tests", CONTRACT_CHECKS),
)
def contract_tests(context: dg.AssetExecutionContext, olorin: Olorin) -> dg.MaterializeResult:
    """Schemathesis against the candidate's own URL; not run when a cheaper gate failed already."""
    case = olorin.case(context)
    return materialise(case.ask("contract_tests", verify_contract, checks=CONTRACT_CHECKS), case)
